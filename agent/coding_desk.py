"""Earlier codings, as screens use them: a list is taken over by a named clerk and stands in the log."""

from __future__ import annotations

import hashlib
from pathlib import Path

from agent.service import Refused
from agent.state import Deps
from tools.coding_history import ImportFault
from tools.domain import audit
from tools.domain.identifiers import PersonId


class CodingDesk:
    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    def import_list(self, file: Path, person: PersonId) -> str:
        """Take over a CSV of earlier codings; the same file again replaces itself. Raises Refused for a
        person who may not answer questions and for a faulty list, of which nothing is then kept."""
        reason = self._deps.approval_policy.answer_refusal(person)
        if reason is not None:
            raise Refused(reason)
        try:
            count = self._deps.coding_history.import_csv(file)
        except ImportFault as fault:
            raise Refused(str(fault)) from None
        event = audit.CodingImported(
            file=file.name, lines=count, sha256=hashlib.sha256(file.read_bytes()).hexdigest()
        )
        self._deps.log.append(None, audit.person(person), event)
        return f"{count} earlier codings from {file.name}"
