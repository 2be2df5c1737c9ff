"""What the books refuse of orders and receipts, and that a refusal changes nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.erp.books import DAY, ORDER, a_billing, a_company, a_draft, an_order, posted, refuses
from tests.erp.world import ALL_BLOCKED, BULK, TOOLS, an_order_line
from tools.domain.documents import DocumentType, OrderState
from tools.domain.money import Money
from tools.erp.sandbox.refusal import Refusal

CREDIT = DocumentType.CREDIT_NOTE


def test_more_than_ordered_is_neither_received_nor_billed() -> None:
    company = a_company()
    company.purchasing.receive(ORDER, {"10": Decimal(8)}, DAY)
    purchasing, payables = company.purchasing, company.payables
    refuses(company, Refusal.OVER_RECEIPT, lambda: purchasing.receive(ORDER, {"10": Decimal(3)}, DAY))
    draft = a_draft(company, a_billing("6"), a_billing("5"))
    refuses(company, Refusal.OVER_BILLING, lambda: payables.post(draft.document_id))


def test_a_refused_receipt_leaves_no_gap_in_the_numbers() -> None:
    company = a_company()
    company.master.block_account("1300")
    receive = company.purchasing.receive
    refuses(company, Refusal.ACCOUNT_BLOCKED, lambda: receive(ORDER, {"10": Decimal(1)}, DAY))
    company.master.block_account("1300", blocked=False)
    assert receive(ORDER, {"10": Decimal(1)}, DAY).number == "50700001"


def test_nothing_is_received_from_a_supplier_blocked_for_all() -> None:
    company = a_company(an_order(supplier_id=ALL_BLOCKED))
    receive = company.purchasing.receive
    refuses(company, Refusal.SUPPLIER_BLOCKED, lambda: receive(ORDER, {"10": Decimal(1)}, DAY))


def test_a_delivery_within_the_companys_tolerance_is_received() -> None:
    world = a_company().settings.model_copy(update={"receipt_tolerance": Decimal(10)})
    company = a_company(settings=world)
    company.purchasing.receive(ORDER, {"10": Decimal(11)}, DAY)
    assert company.purchasing.line(ORDER, "10").received == 11


def test_more_than_was_billed_is_not_credited() -> None:
    company = a_company()
    draft = a_draft(company, a_billing("1"), kind=CREDIT)
    refuses(company, Refusal.OVER_BILLING, lambda: company.payables.post(draft.document_id))


@pytest.mark.parametrize("state", [OrderState.DRAFT, OrderState.CLOSED, OrderState.CANCELLED])
def test_an_order_that_is_not_open_is_neither_received_nor_billed(state: OrderState) -> None:
    company = a_company()
    company.purchasing.change_state(ORDER, state)
    purchasing = company.purchasing
    draft = a_draft(company, a_billing("1"))
    refuses(company, Refusal.ORDER_NOT_OPEN, lambda: purchasing.receive(ORDER, {"10": Decimal(1)}, DAY))
    refuses(company, Refusal.ORDER_NOT_OPEN, lambda: company.payables.post(draft.document_id))


def test_a_cancelled_line_is_not_received() -> None:
    company = a_company(an_order(an_order_line("10", "Bracket", "10", "5.00", cancelled=True)))
    purchasing = company.purchasing
    refuses(company, Refusal.ORDER_NOT_OPEN, lambda: purchasing.receive(ORDER, {"10": Decimal(1)}, DAY))


@pytest.mark.parametrize(("lines", "code"), [({}, "nothing_to_post"), ({"10": Decimal(0)}, "invalid_value")])
def test_a_receipt_of_nothing_is_refused(lines: dict[str, Decimal], code: str) -> None:
    company = a_company()
    refuses(company, Refusal(code), lambda: company.purchasing.receive(ORDER, lines, DAY))


def test_another_suppliers_order_or_another_currency_is_not_billed() -> None:
    company = a_company()
    foreign = a_draft(company, a_billing("1"), supplier_id=TOOLS)
    dollars = a_draft(company, a_billing("1"), currency="USD")
    payables = company.payables
    refuses(company, Refusal.ORDER_OF_OTHER_SUPPLIER, lambda: payables.post(foreign.document_id))
    refuses(company, Refusal.CURRENCY_DIFFERS, lambda: payables.post(dollars.document_id))


def test_every_change_of_an_order_is_another_version() -> None:
    company = a_company()
    versions = [company.purchasing.order(ORDER).version]
    company.purchasing.receive(ORDER, {"10": Decimal(1)}, DAY)
    versions.append(company.purchasing.order(ORDER).version)
    company.purchasing.amend_line(ORDER, "10", quantity=Decimal(9))
    versions.append(company.purchasing.order(ORDER).version)
    posted(company, a_billing("1"))
    versions.append(company.purchasing.order(ORDER).version)
    company.purchasing.change_state(ORDER, OrderState.CLOSED)
    versions.append(company.purchasing.order(ORDER).version)
    assert len(set(versions)) == 5


def test_an_order_line_is_not_cut_below_what_happened_on_it() -> None:
    company = a_company()
    company.purchasing.receive(ORDER, {"10": Decimal(4)}, DAY)
    amend = company.purchasing.amend_line
    refuses(company, Refusal.BELOW_FULFILLED, lambda: amend(ORDER, "10", quantity=Decimal(3)))
    posted(company, a_billing("6"))
    refuses(company, Refusal.BELOW_FULFILLED, lambda: amend(ORDER, "10", quantity=Decimal(5)))
    dollars = Money.of("1.00", "USD")
    refuses(company, Refusal.CURRENCY_DIFFERS, lambda: amend(ORDER, "10", unit_price=dollars))
    negative = Money.of("-1.00", "EUR")
    refuses(company, Refusal.INVALID_VALUE, lambda: amend(ORDER, "10", unit_price=negative))
    assert amend(ORDER, "10", quantity=Decimal(6)).lines[0].ordered == 6


def test_a_finished_order_is_not_amended() -> None:
    company = a_company()
    company.purchasing.change_state(ORDER, OrderState.CLOSED)
    amend = company.purchasing.amend_line
    refuses(company, Refusal.ORDER_NOT_OPEN, lambda: amend(ORDER, "10", quantity=Decimal(11)))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"unit": "XYZ"}, Refusal.UNKNOWN_UNIT),
        ({"item_number": "NOTHING"}, Refusal.UNKNOWN_ITEM),
        ({"account": "4000"}, Refusal.ACCOUNT_NOT_DIRECT),
        ({"account": None}, Refusal.VALUE_MISSING),
        ({"tax_code": "S99"}, Refusal.UNKNOWN_TAX_CODE),
        ({"currency": "USD"}, Refusal.CURRENCY_DIFFERS),
    ],
)
def test_a_new_order_names_only_what_exists(values: dict[str, str], code: Refusal) -> None:
    company = a_company()
    line = an_order_line("10", "Bracket", "1", "5.00", **values)
    refuses(company, code, lambda: company.purchasing.create_order(BULK, "EUR", [line]))


def test_a_new_order_is_a_draft_until_a_buyer_releases_it() -> None:
    company = a_company()
    line = an_order_line("10", "Bracket", "1", "5.00")
    create = company.purchasing.create_order
    refuses(company, Refusal.NOTHING_TO_POST, lambda: create(BULK, "EUR", []))
    refuses(company, Refusal.SUPPLIER_BLOCKED, lambda: create(ALL_BLOCKED, "EUR", [line]))
    free = line.model_copy(update={"ordered": Decimal(0)})
    refuses(company, Refusal.INVALID_VALUE, lambda: create(BULK, "EUR", [free]))
    card = create(BULK, "EUR", [line], reference="CASE-1")
    assert (card.order.number, card.order.state) == ("45900001", OrderState.DRAFT)
