"""Entries in the ERP by reference: what they can be about, and which action comes of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import (
    COMPANY,
    ORDER,
    TODAY,
    a_credit_note,
    a_posting,
    a_profile,
    a_supplier,
    an_invoice,
    an_invoice_line,
    an_order,
    an_order_line,
    eur,
)
from tools.domain.decision import (
    Action,
    AmendOrderLine,
    CreateGoodsReceipt,
    HoldInvoice,
    PostingState,
    ReleaseHold,
)
from tools.domain.documents import DocumentType, Invoice, InvoiceLine, OrderLine
from tools.domain.findings import DiscrepancyKind
from tools.domain.suggestion import SuggestionKind
from tools.matching.engine import assess
from tools.matching.entry_actions import Fault, action_by_reference, refers
from tools.matching.entry_targets import Subject, targets
from tools.matching.erp_entries import EntryRow, entry_for, entry_rows
from tools.matching.facts import Facts

RECEIVE, AMEND, HOLD, RELEASE = entry_rows()
NOTE = {"delivery_note": "LS-7"}


def subject(
    *lines: OrderLine,
    billed: tuple[InvoiceLine, ...] = (),
    invoice: Invoice | None = None,
    held: tuple[tuple[str, str], ...] = (),
    past: tuple[tuple[str, str, str], ...] = (),
    **more: Any,
) -> Subject:
    """One invoice over one order, matched by the rules."""
    facts = Facts(
        invoice=invoice or an_invoice(lines=billed or (an_invoice_line(buyer_item_id="1896-S"),)),
        supplier=a_supplier(),
        profile=a_profile(),
        today=TODAY,
        **{"orders": (an_order(*lines),), **more},
    )
    placed = past or tuple(("hold_invoice", number, code) for number, code in held)
    return Subject(facts=facts, match=assess(facts, None), erp="sandbox", company=COMPANY, past=placed)


def entered(row: EntryRow, about: Subject, **given: str) -> Action:
    """The action; the test fails with the fault's words when there is none."""
    found = action_by_reference(row, given, about)
    assert not isinstance(found, Fault), found.reason
    return found


def fault(row: EntryRow, about: Subject, **given: str) -> str:
    found = action_by_reference(row, given, about)
    assert isinstance(found, Fault)
    return found.reason


def two_missing() -> Subject:
    lines = (
        an_order_line("1", received="4"),
        an_order_line("2", "5", "2.00", received="0", item_number="B-2", description="Bolt"),
    )
    billed = (
        an_invoice_line(buyer_item_id="1896-S"),
        an_invoice_line("Bolt", "5", "2.00", buyer_item_id="B-2"),
    )
    return subject(*lines, billed=billed)


def test_every_kind_of_entry_has_its_row_and_its_capability() -> None:
    kinds = {row.action for row in entry_rows()}
    assert kinds == {kind.value for kind in SuggestionKind} - {"resolution"}
    assert entry_for(SuggestionKind.RESOLUTION) is None
    assert entry_for(SuggestionKind.CREATE_GOODS_RECEIPT) == RECEIVE


def test_what_is_billed_and_not_received_is_what_a_receipt_enters() -> None:
    found = entered(RECEIVE, subject(an_order_line(received="4")), **NOTE)
    assert isinstance(found, CreateGoodsReceipt)
    assert [(line.order_line_id, line.quantity) for line in found.lines] == [("1", Decimal(6))]
    assert (found.received_on, found.value, found.order_number) == (TODAY, eur("60.00"), ORDER)


def test_what_was_billed_before_must_have_come_too() -> None:
    about = subject(an_order_line("1", "20", received="5", invoiced="10"))
    found = entered(RECEIVE, about, **NOTE)
    assert isinstance(found, CreateGoodsReceipt) and found.lines[0].quantity == Decimal(15)


def test_several_lines_are_entered_together_or_by_name() -> None:
    about = two_missing()
    both = entered(RECEIVE, about, **NOTE)
    one = entered(RECEIVE, about, order_line=f"{ORDER}/2", quantity="2.5", **NOTE)
    assert isinstance(both, CreateGoodsReceipt) and isinstance(one, CreateGoodsReceipt)
    assert [line.quantity for line in both.lines] == [Decimal(6), Decimal(5)]
    assert [(line.order_line_id, line.quantity) for line in one.lines] == [("2", Decimal("2.5"))]
    assert (both.value, one.value) == (eur("70.00"), eur("5.00"))
    assert entered(RECEIVE, about, order_line=f"{ORDER}/1, {ORDER}/2", **NOTE) == both


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "delivery_note takes"),
        ({"delivery_note": "x" * 36}, "delivery_note takes"),
        ({"delivery_note": "a\u202eb"}, "delivery_note takes"),
        ({**NOTE, "received_on": "16.3.2026"}, "YYYY-MM-DD"),
        ({**NOTE, "received_on": "2026-03-21"}, "in the future"),
        ({**NOTE, "received_on": "2026-02-28"}, "no open period"),
        ({**NOTE, "quantity": "3"}, "one order line"),
        ({**NOTE, "quantity": "1,5", "order_line": f"{ORDER}/1"}, "positive number"),
        ({**NOTE, "quantity": "0", "order_line": f"{ORDER}/1"}, "positive number"),
        ({**NOTE, "order_line": "PO-9/1"}, "PO-9/1 is not among"),
        ({**NOTE, "posting": "PI-77"}, "PI-77 is not among"),
    ],
)
def test_what_makes_no_receipt_is_told(given: dict[str, str], words: str) -> None:
    about = two_missing()
    opened = about.facts.model_copy(update={"first_open": date(2026, 3, 1)})
    assert words in fault(RECEIVE, about.model_copy(update={"facts": opened}), **given)


def test_lines_of_two_orders_are_no_single_receipt() -> None:
    other = an_order_line("7", "5", "2.00", received="0", item_number="B-2", description="Bolt")
    billed = (
        an_invoice_line(buyer_item_id="1896-S", order_number=ORDER),
        an_invoice_line("Bolt", "5", "2.00", buyer_item_id="B-2", order_number="PO-2002"),
    )
    orders = (an_order(an_order_line(received="0")), an_order(other, number="PO-2002"))
    about = subject(billed=billed, orders=orders)
    assert fault(RECEIVE, about, **NOTE).startswith(f"say which one: {ORDER}/1: 10 H87 Bracket; PO-2002/7")
    assert isinstance(entered(RECEIVE, about, order_line="PO-2002/7", **NOTE), CreateGoodsReceipt)


def test_a_line_that_came_is_not_entered_again() -> None:
    lines = (an_order_line(received="0"), an_order_line("2", item_number="B-2", description="Bolt"))
    billed = (
        an_invoice_line(buyer_item_id="1896-S"),
        an_invoice_line("Bolt", buyer_item_id="B-2"),
    )
    found = targets(RECEIVE, subject(*lines, billed=billed))
    assert [one.references for one in found] == [{"order_line": f"{ORDER}/1"}]


def test_nothing_is_received_on_a_cancelled_line_or_for_a_credit_note() -> None:
    assert targets(RECEIVE, subject(an_order_line(received="0", cancelled=True))) == ()
    about = subject(an_order_line(received="0"))
    facts = about.facts.model_copy(update={"invoice": a_credit_note()})
    assert targets(RECEIVE, about) and not targets(RECEIVE, about.model_copy(update={"facts": facts}))
    assert "nothing of this case calls for it" in fault(RECEIVE, subject(an_order_line()), **NOTE)


def test_goods_priced_by_weight_are_worth_their_share_or_unknown() -> None:
    weighed = an_order_line(received="0", price_unit="KGM", price_quantity=Decimal(40), price="2.00")
    unknown = an_order_line(received="0", price_unit="KGM", price="2.00")
    worth = []
    for line in (weighed, unknown):
        about = subject(an_order_line(received="0"))
        facts = about.facts.model_copy(update={"orders": (an_order(line),)})
        found = entered(RECEIVE, about.model_copy(update={"facts": facts}), **NOTE)
        assert isinstance(found, CreateGoodsReceipt)
        worth.append(found.value)
    assert worth == [eur("80.00"), None]


def test_an_order_line_gets_the_billed_price_in_its_own_terms() -> None:
    line = an_order_line(price="1000.00", price_base=Decimal(100), discount_percent=Decimal(20))
    about = subject(line, billed=(an_invoice_line(price="10.00", buyer_item_id="1896-S"),))
    found = entered(AMEND, about)
    assert isinstance(found, AmendOrderLine)
    assert (found.unit_price, found.quantity) == (eur("1250"), None)
    assert found.value == eur("100.00")


def test_an_order_line_gets_the_billed_quantity() -> None:
    about = subject(an_order_line(invoiced="2"), billed=(an_invoice_line(buyer_item_id="1896-S"),))
    found = entered(AMEND, about, order_line=f"{ORDER}/1")
    assert isinstance(found, AmendOrderLine)
    assert (found.quantity, found.unit_price, found.value) == (Decimal(12), None, eur("120.00"))


def test_a_price_that_does_not_come_out_even_is_not_taken_over() -> None:
    dear = (an_invoice_line(price="10.90", buyer_item_id="1896-S"),)
    for discount in (Decimal(3), Decimal(100)):
        assert targets(AMEND, subject(an_order_line(discount_percent=discount), billed=dear)) == ()


def test_two_prices_on_one_order_line_name_none() -> None:
    billed = (
        an_invoice_line(quantity="5", price="11.00", buyer_item_id="1896-S"),
        an_invoice_line(quantity="5", price="12.00", buyer_item_id="1896-S"),
    )
    assert targets(AMEND, subject(an_order_line(), billed=billed)) == ()


def posted_dear(**more: Any) -> Subject:
    """An invoice above the order's price that stands in the ERP already and is counted there."""
    billed = (an_invoice_line(price="12.00", buyer_item_id="1896-S"),)
    more = {"postings": (a_posting(),), **more}
    return subject(an_order_line(invoiced="10"), billed=billed, **more)


def test_a_posted_invoice_is_held_for_its_cause_and_not_for_having_been_posted() -> None:
    about = posted_dear()
    kinds = {found.kind for found in about.blocking}
    assert {DiscrepancyKind.PRICE_OVER, DiscrepancyKind.PO_EXHAUSTED} <= kinds
    found = entered(HOLD, about, posting="PI-77")
    assert found == HoldInvoice(
        company=COMPANY,
        supplier_id=a_supplier().supplier_id,
        posted_number="PI-77",
        reason_code="PRICE",
        value=eur("0"),
    )
    assert [one.words for one in targets(HOLD, about)] == ["PI-77: PRICE"]


@pytest.mark.parametrize(
    "posting",
    [
        a_posting(state=PostingState.DRAFT),
        a_posting(document_type=DocumentType.CREDIT_NOTE),
        a_posting(invoice_date=date(2025, 3, 16)),
    ],
)
def test_what_is_not_this_invoice_posted_is_not_held(posting: Any) -> None:
    assert targets(HOLD, posted_dear(postings=(posting,))) == ()


def test_what_is_above_the_order_even_so_is_a_cause() -> None:
    billed = (an_invoice_line(buyer_item_id="1896-S", quantity="12"),)
    about = subject(an_order_line(invoiced="12"), billed=billed, postings=(a_posting(),))
    assert {one.code for one in targets(HOLD, about)} >= {"QUANTITY"}


def test_no_hold_is_released_while_its_cause_stands_nor_placed_twice() -> None:
    about = posted_dear(held=(("PI-77", "PRICE"), ("PI-77", "MANUAL")))
    assert targets(HOLD, about) == ()
    assert [one.references for one in targets(RELEASE, about)] == [{"posting": "PI-77", "code": "MANUAL"}]
    found = entered(RELEASE, about)
    assert isinstance(found, ReleaseHold)
    assert (found.reason_code, found.value) == ("MANUAL", eur("121.00"))
    assert "PRICE" in fault(RELEASE, about, code="PRICE")


def test_of_several_holds_one_is_named() -> None:
    about = subject(an_order_line(), held=(("PI-77", "PRICE"), ("PI-77", "QUANTITY")))
    assert fault(RELEASE, about) == "say which one: PI-77: PRICE; PI-77: QUANTITY"
    assert isinstance(entered(RELEASE, about, code="QUANTITY"), ReleaseHold)


def test_a_reference_means_something_or_nothing_at_all() -> None:
    found = targets(RECEIVE, two_missing())
    assert refers(found, {}) and refers(found, {"order_line": f"{ORDER}/1,{ORDER}/2"})
    assert not refers(found, {"order_line": f"{ORDER}/3"})
    assert not refers(found, {"account": "4400"})


def test_what_is_held_again_after_its_release_is_an_entry_of_its_own() -> None:
    once = posted_dear()
    past = (("amend_order_line", ORDER, "1"), ("hold_invoice", "PI-77", "PRICE"))
    again = posted_dear(past=(*past, ("release_hold", "PI-77", "PRICE")))
    first, second = entered(HOLD, once), entered(HOLD, again)
    assert first.key != second.key and second.key == f"{first.key}|1"
    amended = subject(
        an_order_line(),
        billed=(an_invoice_line(price="12.00", buyer_item_id="1896-S"),),
        past=(("amend_order_line", ORDER, "1"),),
    )
    change = entered(AMEND, amended)
    assert isinstance(change, AmendOrderLine) and change.before == 1 and change.key.endswith("|1")
