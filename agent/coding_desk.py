"""Earlier codings, as screens use them: a list is taken over by a named clerk and stands in the log."""

from __future__ import annotations

import hashlib
from pathlib import Path

from agent.service import Refused
from agent.state import Deps
from agent.wrong_usage import WrongUsage, file_given
from tools.coding_list import codings_in
from tools.domain import audit
from tools.domain.csv_tables import CsvFault
from tools.domain.identifiers import PersonId
from tools.erp.codes import ledger_codes
from tools.intake.files import text_of


class CodingDesk:
    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def import_list(self, file: Path, person: PersonId) -> str:
        """Take over a CSV of earlier codings, all of it or nothing; the same content again changes nothing,
        whatever the file is called. Raises Refused for a person who may not answer questions, WrongUsage
        for a list with faults, ErpError when its codes cannot be compared with the ERP's."""
        deps = self._deps
        reason = deps.approval_policy.answer_refusal(person)
        if reason is not None:
            raise Refused(reason)
        content, name = file_given(file), text_of(file.name)
        suppliers = frozenset(supplier.supplier_id for supplier in deps.mirror.all())
        if not suppliers:
            raise Refused("no supplier is known yet; run `erp-agent suppliers sync`, then import again")
        digest = hashlib.sha256(content).hexdigest()
        codes = await ledger_codes(deps.erp)
        try:
            lines = codings_in(content, name, digest, suppliers, codes, deps.today())
        except CsvFault as fault:
            raise WrongUsage(f"nothing was taken over: {fault}") from None
        event = audit.CodingImported(file=name, lines=len(lines), sha256=digest)
        if not deps.coding_history.take_over(lines, event, person, deps.log):
            return f"{name} was taken over before; nothing changed"
        return f"{len(lines)} earlier codings from {name}"
