"""A model's suggestions and drafts as a screen shows them, and entries in the ERP as people read them before
they approve: plain texts, ready to print."""

from __future__ import annotations

from collections.abc import Iterable

from agent.state import Question
from agent.suggestions import drafts, option_of
from tools.domain.audit import AuditRecord
from tools.domain.decision import (
    Action,
    AmendOrderLine,
    CreateGoodsReceipt,
    HoldInvoice,
    ReleaseHold,
)
from tools.domain.record import Record
from tools.domain.suggestion import DraftMessage, Suggestion


class SuggestionView(Record):
    """What a model suggests for the question. Its words count for nothing; taking it is a person's answer."""

    id: str
    option: str
    """Id of the question's option that taking it chooses."""
    label: str
    needs: tuple[str, ...] = ()
    """Values that the person gives, as for the option."""
    refers_to: tuple[str, ...]
    reason: str
    evidence: tuple[str, ...]
    struck: tuple[str, ...]
    """Claims of the model that no record supports."""
    flagged: tuple[str, ...] = ()
    """Words of it that stand and need a doubt."""
    model: str
    prompt: str


class DraftView(Record):
    """A letter that nobody sent."""

    case: str
    to: str
    language: str
    subject: str
    body: str
    struck: tuple[str, ...]
    flagged: tuple[str, ...] = ()
    model: str
    prompt: str


def suggestion_views(found: Iterable[Suggestion], question: Question | None) -> tuple[SuggestionView, ...]:
    """Those that can be taken now: an option of the question stands behind each."""
    options = {option.id: option for option in question.options} if question else {}
    return tuple(
        SuggestionView(
            id=suggestion.suggestion_id,
            option=option_of(suggestion),
            label=options[option_of(suggestion)].label,
            needs=options[option_of(suggestion)].inputs,
            refers_to=tuple(f"{name} {value}" for name, value in sorted(suggestion.references.items())),
            reason=suggestion.reason,
            evidence=suggestion.evidence,
            struck=suggestion.struck,
            flagged=suggestion.flagged,
            model=suggestion.model,
            prompt=suggestion.prompt,
        )
        for suggestion in found
        if option_of(suggestion) in options
    )


def draft_views(records: Iterable[AuditRecord]) -> tuple[DraftView, ...]:
    """All drafts among these records, the earliest first."""
    return tuple(map(_draft, drafts(records)))


def _draft(draft: DraftMessage) -> DraftView:
    said = draft.model_dump(mode="json", exclude={"case_id"})
    return DraftView(case=draft.case_id, **said)


class EntryWords(Record):
    """An entry beside the document, in the places that a proposal has."""

    supplier: str = ""
    number: str = ""
    dates: str = ""
    amounts: str = ""
    lines: tuple[str, ...] = ()


def entry_words(action: Action) -> EntryWords:
    """Everything the action holds, in words."""
    company = f"company {action.company}"
    match action:
        case CreateGoodsReceipt():
            return EntryWords(
                supplier=company,
                number=f"{action.delivery_note} on order {action.order_number}",
                dates=f"received on {action.received_on}",
                amounts=_value(action),
                lines=tuple(
                    f"line {line.order_line_id}: {line.quantity:f} received" for line in action.lines
                ),
            )
        case AmendOrderLine():
            return EntryWords(
                supplier=company,
                number=f"{action.order_number}/{action.order_line_id}",
                amounts=_value(action),
                lines=_amended(action),
            )
        case HoldInvoice() | ReleaseHold():
            released = isinstance(action, ReleaseHold)
            return EntryWords(
                supplier=f"{action.supplier_id}, {company}",
                number=action.posted_number,
                amounts=f"{action.value or 'all of it'} is paid when due" if released else "nothing is paid",
                lines=(f"reason code {action.reason_code}",),
            )
        case _:
            return EntryWords(supplier=company, lines=(action.model_dump_json(),))


def _value(action: CreateGoodsReceipt | AmendOrderLine) -> str:
    return "" if action.value is None else f"value {action.value} at the order's prices"


def _amended(action: AmendOrderLine) -> tuple[str, ...]:
    ordered = [] if action.quantity is None else [f"ordered becomes {action.quantity:f}"]
    price = [] if action.unit_price is None else [f"unit price becomes {action.unit_price}"]
    return (*ordered, *price)
