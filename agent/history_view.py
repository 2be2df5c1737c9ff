"""A record of the audit log as one line for people. What a model said is told as a model's."""

from __future__ import annotations

from collections.abc import Mapping

from tools.domain import audit
from tools.domain.audit import AuditRecord

# Identifiers that only machines need; `audit export` has them.
_HIDDEN = frozenset(
    "kind proposal findings posting versions document_id digest reading_digest question_id options path key "
    "problems decided_at policy sender message_id suggestion draft".split()
)
_EMPTY: tuple[object, ...] = (None, "", [], {}, False)


def event_line(record: AuditRecord) -> str:
    """When, who, what, and its words."""
    said = record.event.model_dump(mode="json", exclude=set(_HIDDEN))
    told = {**said, **_of_a_model(record.event)}
    words = ", ".join(
        f"{key.replace('_', ' ')} {value}" for key, value in told.items() if value not in _EMPTY
    )
    what = record.event.kind.replace("_", " ")
    return f"{record.at:%Y-%m-%d %H:%M:%S} {record.actor.id}: {what}{': ' if words else ''}{words}"


def _of_a_model(event: audit.AuditEvent) -> Mapping[str, str]:
    """What stands of a suggestion or a draft in the history; `show` has the rest beside the question."""
    if isinstance(event, audit.SuggestionMade):
        found = event.suggestion
        return {"id": found.suggestion_id, "choice": found.option or found.kind.value, "model": found.model}
    if isinstance(event, audit.MessageDrafted):
        return {"to": event.draft.to.value, "subject": event.draft.subject, "model": event.draft.model}
    if isinstance(event, audit.SecondReadingDone):
        taken = (f"{name.replace('_', ' ')} {value}" for name, value in event.taken.items())
        return {"taken": "; ".join(taken), "dropped": " ".join(event.dropped)}
    return {}
