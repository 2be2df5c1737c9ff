"""The digest is the same for the same proposal, however it was stored, and another for any other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.builders import ORDER, SUPPLIER, a_post_invoice, eur
from tests.tools.posting.office import a_proposal, billing
from tools.domain.decision import ParkInvoice, Proposal
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity

FULL = a_proposal(
    billing(due_date=date(2026, 4, 15), preceding_invoice="PI-1"),
    versions={f"order:{ORDER}": "7", f"supplier:{SUPPLIER}": "3", f"billing:{ORDER}": "-"},
).model_copy(
    update={
        "reasons": ("prices agree", "all received"),
        "resolution": "accept",
        "policies": ("default v1",),
        "findings": (
            Discrepancy(
                kind=DiscrepancyKind.PRICE_OVER,
                severity=Severity.BLOCK,
                rule="price.unit",
                message="too dear",
                figures={"invoice": "10.60 EUR"},
            ),
        ),
    }
)
PLAIN = FULL.model_dump(mode="json")
Path = tuple[str | int, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path


def others(value: Any) -> Iterator[Any]:
    """Values of the same form that mean something else; the model refuses those that do not fit."""
    if value is None:
        yield from ("x", 1, "2026-01-01", None)
    elif isinstance(value, int):
        yield value + 1
    else:
        yield from (_next_day(value), _plus_a_cent(value), f"{value}x", "USD", "info", "tax_wrong")
        yield f"{value} "


def _next_day(text: str) -> str:
    try:
        return (date.fromisoformat(text) + timedelta(days=1)).isoformat()
    except ValueError:
        return f"{text}-"


def _plus_a_cent(text: str) -> str:
    try:
        return str(Decimal(text) + Decimal("0.01"))
    except InvalidOperation:
        return text.swapcase()


def replaced(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = replaced(copied[path[0]], path[1:], new)
    return copied


def variants(path: Path) -> Iterator[Proposal]:
    value: Any = PLAIN
    for key in path:
        value = value[key]
    for new in others(value):
        try:
            changed = Proposal.model_validate(replaced(PLAIN, path, new))
        except ValidationError:
            continue
        if changed != FULL:
            yield changed


def test_every_single_value_counts() -> None:
    fixed = {("action", "kind")}
    for path in leaves(PLAIN):
        changed = list(variants(path))
        assert changed or path in fixed, f"no other value fits {path}"
        assert all(other.digest != FULL.digest for other in changed), path


def test_what_is_added_left_out_or_put_in_another_order_counts() -> None:
    line = FULL.action.lines[0]  # type: ignore[union-attr]
    two = FULL.action.model_copy(update={"lines": (line, line.model_copy(update={"quantity": Decimal(9)}))})
    turned = two.model_copy(update={"lines": two.lines[::-1]})  # type: ignore[union-attr]
    none = FULL.action.model_copy(update={"lines": ()})
    actions = [FULL.action, two, turned, none]
    proposals = [FULL.model_copy(update={"action": action}) for action in actions]
    proposals += [
        FULL.model_copy(update={"reasons": FULL.reasons[::-1]}),
        FULL.model_copy(update={"reasons": ("prices agree", "all received", "")}),
        FULL.model_copy(update={"reasons": ("prices agreeall received",)}),
        FULL.model_copy(update={"findings": FULL.findings * 2}),
        FULL.model_copy(update={"versions": {**FULL.versions, "order:PO-2": "1"}}),
    ]
    assert len({proposal.digest for proposal in proposals}) == len(proposals)


def test_the_kind_of_action_counts_when_all_values_are_the_same() -> None:
    parked = ParkInvoice(**{**dict(FULL.action), "kind": "park_invoice"})
    assert FULL.model_copy(update={"action": parked}).digest != FULL.digest


def test_the_same_amount_written_otherwise_is_the_same_proposal() -> None:
    digests = {
        a_proposal(a_post_invoice(gross=eur(text))).digest for text in ("121", "121.0", "121.00", "1.21E+2")
    }
    assert len(digests) == 1
    zeros = {a_proposal(a_post_invoice(tax=eur(text))).digest for text in ("0", "0.00", "-0", "0E+3")}
    assert len(zeros) == 1


def test_the_order_of_keys_in_a_mapping_does_not_count() -> None:
    turned = FULL.model_copy(update={"versions": dict(reversed(FULL.versions.items()))})
    assert turned.digest == FULL.digest


AMOUNT = st.decimals(min_value=-(10**12), max_value=10**12, places=6)
TEXT = st.text(max_size=20)


@settings(max_examples=60, deadline=None)
@given(net=AMOUNT, price=AMOUNT, number=TEXT, reasons=st.lists(TEXT), versions=st.dictionaries(TEXT, TEXT))
def test_a_proposal_read_back_from_the_log_has_its_digest(
    net: Decimal, price: Decimal, number: str, reasons: list[str], versions: dict[str, str]
) -> None:
    line = FULL.action.lines[0].model_copy(update={"unit_price": price})  # type: ignore[union-attr]
    action = a_post_invoice(net=eur(net), number=number, lines=(line,))
    proposal = a_proposal(action, versions=versions).model_copy(update={"reasons": tuple(reasons)})
    again = Proposal.model_validate_json(proposal.model_dump_json())
    assert again == proposal
    assert again.digest == proposal.digest
