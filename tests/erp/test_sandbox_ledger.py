"""The ledger entries behind purchasing, with the figures of the reference table."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.erp.books import DAY, ORDER, a_billing, a_company, a_draft, an_expense, an_order, last_rows, posted
from tests.erp.world import DOLLARS, YEN, an_order_line
from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.domain.money import Money
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.entries import LedgerRow
from tools.erp.sandbox.ledger import Voucher, row
from tools.erp.sandbox.refusal import Refusal, Refused

GR_IR = "Goods received, not invoiced"


def receive(company: Company, quantity: str = "10", line_id: str = "10") -> None:
    company.purchasing.receive(ORDER, {line_id: Decimal(quantity)}, DAY)


def test_a_receipt_moves_goods_to_inventory_against_clearing() -> None:
    company = a_company()
    receive(company)
    assert last_rows(company) == [("Inventory", "50.00", "0"), (GR_IR, "0", "50.00")]


def test_a_receipt_of_a_line_without_item_is_an_expense() -> None:
    company = a_company(an_order(an_order_line("10", "Repair", "10", "5.00", account="4200")))
    receive(company)
    assert last_rows(company)[0] == ("Services", "50.00", "0")


def test_a_matched_invoice_clears_what_was_received() -> None:
    company = a_company()
    receive(company)
    posted(company, a_billing())
    assert last_rows(company) == [
        (GR_IR, "50.00", "0"),
        ("Input VAT", "10.50", "0"),
        ("Suppliers", "0", "60.50"),
    ]
    assert company.ledger.balance("1610") == 0


def test_a_price_above_the_order_is_a_price_difference() -> None:
    company = a_company()
    receive(company)
    posted(company, a_billing(price="5.20"))
    assert last_rows(company) == [
        (GR_IR, "50.00", "0"),
        ("Price differences", "2.00", "0"),
        ("Input VAT", "10.92", "0"),
        ("Suppliers", "0", "62.92"),
    ]


def test_a_price_below_the_order_is_a_price_difference_in_our_favour() -> None:
    company = a_company()
    receive(company)
    posted(company, a_billing(price="4.90"))
    assert ("Price differences", "0", "1.00") in last_rows(company)
    assert company.ledger.balance("1610") == 0


def test_an_invoice_without_an_order_is_an_expense() -> None:
    company = a_company()
    posted(company)
    assert last_rows(company) == [
        ("Office costs", "100.00", "0"),
        ("Input VAT", "21.00", "0"),
        ("Suppliers", "0", "121.00"),
    ]


def test_reverse_charge_is_owed_and_deducted_and_not_paid_to_the_supplier() -> None:
    company = a_company()
    document = posted(company, an_expense(tax_code="AE21"))
    assert last_rows(company) == [
        ("Office costs", "100.00", "0"),
        ("Input VAT", "21.00", "0"),
        ("Output VAT, reverse charge", "0", "21.00"),
        ("Suppliers", "0", "100.00"),
    ]
    assert (document.totals.tax, document.totals.gross) == (Decimal(0), Decimal("100.00"))


def test_a_credit_note_on_an_account_turns_the_entry_round() -> None:
    company = a_company()
    posted(company, an_expense("20.00"), kind=DocumentType.CREDIT_NOTE)
    assert last_rows(company) == [
        ("Suppliers", "24.20", "0"),
        ("Office costs", "0", "20.00"),
        ("Input VAT", "0", "4.20"),
    ]
    assert company.open_items("10010")[0].amount == Money.of("-24.20", "EUR")


def test_a_credit_note_for_an_order_line_gives_back_to_clearing() -> None:
    company = a_company()
    receive(company)
    posted(company, a_billing())
    posted(company, a_billing("4"), kind=DocumentType.CREDIT_NOTE, supplier_number="C-1")
    assert last_rows(company) == [
        ("Suppliers", "24.20", "0"),
        (GR_IR, "0", "20.00"),
        ("Input VAT", "0", "4.20"),
    ]
    assert company.purchasing.line(ORDER, "10").invoiced == 6


def test_a_payment_with_discount_corrects_the_input_tax() -> None:
    company = a_company()
    document = posted(company)
    paid = company.payables.pay(document.document_id, DAY, discount_percent=Decimal(2))
    assert last_rows(company) == [
        ("Suppliers", "121.00", "0"),
        ("Bank", "0", "118.58"),
        ("Input VAT", "0", "0.42"),
        ("Discounts received", "0", "2.00"),
    ]
    assert paid.state is PostingState.PAID
    assert company.open_items("10010") == []


def test_an_invoice_before_the_goods_leaves_clearing_in_debit_until_they_come() -> None:
    company = a_company()
    posted(company, a_billing())
    assert company.ledger.balance("1610") == Decimal("50.00")
    receive(company)
    assert company.ledger.balance("1610") == 0


def test_thirds_of_a_cent_leave_nothing_on_clearing() -> None:
    company = a_company(an_order(an_order_line("10", "Cable", "3", "33.335")))
    for _ in range(3):
        receive(company, "1")
    posted(company, a_billing("2", "33.335"))
    posted(company, a_billing("1", "33.335"), supplier_number="A-2")
    assert company.ledger.balance("1610") == 0


def test_a_changed_order_price_does_not_leave_a_rest_on_clearing() -> None:
    company = a_company()
    receive(company)
    company.purchasing.amend_line(ORDER, "10", unit_price=Money.of("6.00", "EUR"))
    posted(company, a_billing(price="6.00"))
    assert company.ledger.balance("1610") == 0
    assert company.ledger.balance("4910") == Decimal("10.00")


def test_a_line_that_needs_no_receipt_goes_straight_to_its_account() -> None:
    service = an_order_line("10", "Rent", "12", "250.00", account="4200", receipt_required=False)
    company = a_company(an_order(service))
    posted(company, a_billing("1", "260.00"))
    assert last_rows(company)[0] == ("Services", "260.00", "0")
    assert company.ledger.balance("1610") == 0


def test_tax_is_rounded_once_for_each_code_and_half_up() -> None:
    company = a_company()
    lines = [an_expense("0.50") for _ in range(5)]
    document = posted(company, *lines, an_expense("1.50", tax_code="S9"))
    assert [(tax.tax_code, tax.base, tax.amount) for tax in document.totals.taxes] == [
        ("S21", Decimal("2.50"), Decimal("0.53")),
        ("S9", Decimal("1.50"), Decimal("0.14")),
    ]


def test_the_suppliers_own_rounding_of_the_tax_is_taken_over() -> None:
    company = a_company()
    document = posted(company, stated_tax=Decimal("21.02"), stated_gross=Decimal("121.02"))
    assert document.totals.gross == Decimal("121.02")
    assert ("Input VAT", "21.02", "0") in last_rows(company)


def test_a_foreign_document_is_kept_in_both_currencies() -> None:
    company = a_company()
    lines = (an_expense("10.01", tax_code="S0"), an_expense("20.03", tax_code="S0"))
    posted(company, *lines, supplier_id=DOLLARS)
    entry = company.books.entries[-1]
    assert entry.rate == Decimal("0.92")
    assert [(kept.debit - kept.credit, kept.foreign) for kept in entry.rows] == [
        (Decimal("9.21"), Money.of("10.01", "USD")),
        (Decimal("18.43"), Money.of("20.03", "USD")),
        (Decimal("-27.64"), Money.of("-30.04", "USD")),
    ]


def test_yen_have_no_decimals() -> None:
    company = a_company()
    document = posted(company, an_expense("1001", tax_code="S9"), supplier_id=YEN)
    assert document.totals.tax == Decimal(90)
    assert company.ledger.payables() == Decimal("6.66")


def test_a_reversal_mirrors_the_entry_and_frees_order_and_number() -> None:
    company = a_company()
    receive(company)
    document = posted(company, a_billing(price="5.20"))
    reversed_document = company.payables.reverse(document.document_id, DAY, "wrong supplier")
    assert last_rows(company) == [
        ("Suppliers", "62.92", "0"),
        (GR_IR, "0", "50.00"),
        ("Price differences", "0", "2.00"),
        ("Input VAT", "0", "10.92"),
    ]
    assert reversed_document.state is PostingState.CANCELLED
    assert company.purchasing.line(ORDER, "10").invoiced == 0
    assert company.ledger.subledger() == {}
    assert posted(company, a_billing()).state is PostingState.POSTED
    assert company.ledger.balance("1610") == 0


def test_a_reversal_after_the_price_changed_leaves_nothing_on_clearing() -> None:
    company = a_company()
    first = posted(company, a_billing("2"))
    company.purchasing.amend_line(ORDER, "10", unit_price=Money.of("6.00", "EUR"))
    posted(company, a_billing("2", "6.00"), supplier_number="A-2")
    receive(company, "2")
    company.payables.reverse(first.document_id, DAY, "wrong supplier")
    assert company.ledger.balance("1610") == 0
    assert company.ledger.balance("4910") == Decimal("1.00")


def test_the_trial_balance_adds_up_and_the_suppliers_equal_their_account(company: Company) -> None:
    assert sum(entry.balance for entry in company.ledger.trial_balance()) == 0
    assert company.ledger.payables() == sum(company.ledger.subledger().values()) == Decimal("1070.53")


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        ([row("4100", Decimal(1)), row("1600", Decimal("-0.99"))], Refusal.UNBALANCED),
        ([row("4100", Decimal(0))], Refusal.NOTHING_TO_POST),
        ([row("9999", Decimal(1)), row("1600", Decimal(-1))], Refusal.UNKNOWN_ACCOUNT),
        ([row("4000", Decimal(1)), row("1600", Decimal(-1))], Refusal.ACCOUNT_NOT_DIRECT),
        ([row("4500", Decimal(1)), row("1600", Decimal(-1))], Refusal.ACCOUNT_BLOCKED),
    ],
)
def test_the_ledger_keeps_nothing_that_is_wrong(kept: list[LedgerRow], code: Refusal) -> None:
    company = a_company()
    with pytest.raises(Refused) as refused:
        company.ledger.enter(Voucher("invoice", DAY, "X", kept))
    assert refused.value.code is code
    assert company.books.entries == []


def test_a_refused_posting_leaves_no_gap_in_the_numbers() -> None:
    company = a_company()
    company.master.block_account("1520")
    draft = a_draft(company)
    with pytest.raises(Refused):
        company.payables.post(draft.document_id)
    company.master.block_account("1520", blocked=False)
    assert company.payables.post(draft.document_id).number == "51108001"
