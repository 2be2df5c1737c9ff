"""What the books refuse of documents, and that a refusal changes nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.erp.books import DAY, ORDER, a_billing, a_company, a_draft, an_expense, an_order, posted, refuses
from tests.erp.world import ALL_BLOCKED, DOLLARS, OFFICE, PAYMENT_BLOCKED, TOOLS, an_order_line
from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.domain.supplier import SupplierBlock
from tools.erp.contract import PostingWindow
from tools.erp.sandbox.books import DocumentLine
from tools.erp.sandbox.refusal import Refusal

CREDIT = DocumentType.CREDIT_NOTE


def test_a_supplier_blocked_for_all_is_refused_and_one_blocked_for_payment_is_not() -> None:
    company = a_company()
    draft = a_draft(company, supplier_id=ALL_BLOCKED)
    refuses(company, Refusal.SUPPLIER_BLOCKED, lambda: company.payables.post(draft.document_id))
    assert posted(company, supplier_id=PAYMENT_BLOCKED).state is PostingState.POSTED


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2026, 4, 1)])
def test_a_day_outside_the_window_is_refused_for_everything_that_posts(day: date) -> None:
    company = a_company()
    draft, document = a_draft(company, posting_date=day), posted(company, supplier_number="A-2")
    purchasing, payables = company.purchasing, company.payables
    refuses(company, Refusal.PERIOD_CLOSED, lambda: payables.post(draft.document_id))
    refuses(company, Refusal.PERIOD_CLOSED, lambda: purchasing.receive(ORDER, {"10": Decimal(1)}, day))
    refuses(company, Refusal.PERIOD_CLOSED, lambda: payables.reverse(document.document_id, day, "wrong"))


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2026, 3, 31)])
def test_the_first_and_the_last_open_day_are_open(day: date) -> None:
    assert posted(a_company(), posting_date=day).posting_date == day


def test_a_period_that_the_controller_closes_is_closed_at_once() -> None:
    company = a_company()
    draft = a_draft(company)
    company.master.set_window(PostingWindow(first_open=date(2026, 4, 1)))
    refuses(company, Refusal.PERIOD_CLOSED, lambda: company.payables.post(draft.document_id))


def test_a_suppliers_number_is_posted_once_whatever_its_letter_case() -> None:
    company = a_company()
    posted(company, supplier_number="Re-77")
    again = a_draft(company, supplier_number=" rE-77 ", invoice_date=date(2026, 3, 11))
    refusal = refuses(company, Refusal.DUPLICATE_NUMBER, lambda: company.payables.post(again.document_id))
    assert "already exists" in refusal.message
    assert posted(company, supplier_number="Re-77", supplier_id=TOOLS).state is PostingState.POSTED
    assert posted(company, supplier_number="Re-77", kind=CREDIT).state is PostingState.POSTED


def test_a_paid_invoice_still_holds_its_number() -> None:
    company = a_company()
    company.payables.pay(posted(company).document_id, DAY)
    draft = a_draft(company)
    refuses(company, Refusal.DUPLICATE_NUMBER, lambda: company.payables.post(draft.document_id))


@pytest.mark.parametrize("number", [None, "  "])
def test_a_document_without_the_suppliers_number_is_not_posted(number: str | None) -> None:
    company = a_company()
    draft = a_draft(company, supplier_number=number)
    refuses(company, Refusal.NUMBER_MISSING, lambda: company.payables.post(draft.document_id))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (an_expense(account="9999"), Refusal.UNKNOWN_ACCOUNT),
        (an_expense(tax_code="S99"), Refusal.UNKNOWN_TAX_CODE),
        (an_expense(unit="XYZ"), Refusal.UNKNOWN_UNIT),
        (an_expense(account=None, item_number="NOTHING"), Refusal.UNKNOWN_ITEM),
        (an_expense(net_amount=Decimal("1.005")), Refusal.INVALID_VALUE),
        (a_billing(order_number="PO-9"), Refusal.UNKNOWN_ORDER),
        (a_billing(line_id="99"), Refusal.UNKNOWN_ORDER_LINE),
    ],
)
def test_a_draft_may_only_name_what_exists(line: DocumentLine, code: Refusal) -> None:
    company = a_company()
    draft = a_draft(company)
    refuses(company, code, lambda: company.documents.add_line(draft.document_id, line))


def test_an_unknown_supplier_or_currency_is_refused() -> None:
    company = a_company()
    refuses(company, Refusal.UNKNOWN_SUPPLIER, lambda: a_draft(company, supplier_id="1"))
    refuses(company, Refusal.UNKNOWN_CURRENCY, lambda: a_draft(company, currency="CHF"))


def test_a_currency_without_a_rate_on_the_day_is_refused() -> None:
    company = a_company(posting_window=PostingWindow())
    draft = a_draft(company, an_expense(tax_code="S0"), supplier_id=DOLLARS, posting_date=date(2025, 12, 31))
    refuses(company, Refusal.NO_RATE, lambda: company.payables.post(draft.document_id))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (an_expense(account="4000"), Refusal.ACCOUNT_NOT_DIRECT),
        (an_expense(account="1600"), Refusal.ACCOUNT_NOT_DIRECT),
        (an_expense(account="4500"), Refusal.ACCOUNT_BLOCKED),
        (an_expense(account=None), Refusal.VALUE_MISSING),
        (an_expense(tax_code=None), Refusal.VALUE_MISSING),
        (an_expense("0.00"), Refusal.NOTHING_TO_POST),
        (an_expense("-5.00"), Refusal.NEGATIVE_TOTAL),
    ],
)
def test_a_line_that_cannot_be_posted_is_refused_at_posting(line: DocumentLine, code: Refusal) -> None:
    company = a_company()
    draft = a_draft(company, line)
    refuses(company, code, lambda: company.payables.post(draft.document_id))


def test_an_empty_document_and_one_without_a_date_are_refused() -> None:
    company = a_company()
    empty = company.documents.create(DocumentType.INVOICE, OFFICE, supplier_number="E", invoice_date=DAY)
    undated = a_draft(company, invoice_date=None)
    refuses(company, Refusal.NOTHING_TO_POST, lambda: company.payables.post(empty.document_id))
    refuses(company, Refusal.VALUE_MISSING, lambda: company.payables.post(undated.document_id))


def test_a_blocked_item_is_refused() -> None:
    company = a_company()
    company.books.items["BRACKET"] = company.master.item("BRACKET").model_copy(update={"blocked": True})
    draft = a_draft(company, an_expense(account=None, item_number="BRACKET"))
    refuses(company, Refusal.ITEM_BLOCKED, lambda: company.payables.post(draft.document_id))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"stated_tax": Decimal("21.06")}, Refusal.TAX_DIFFERENCE),
        ({"stated_gross": Decimal("121.01")}, Refusal.TOTAL_DIFFERS),
        ({"preceding": "PI-999"}, Refusal.UNKNOWN_DOCUMENT),
    ],
)
def test_a_header_that_does_not_fit_is_refused(header: dict[str, object], code: Refusal) -> None:
    company = a_company()
    draft = a_draft(company, **header)
    refuses(company, code, lambda: company.payables.post(draft.document_id))


def test_tax_stated_on_reverse_charge_is_refused() -> None:
    company = a_company()
    draft = a_draft(company, an_expense(tax_code="AE21"), stated_tax=Decimal("0.01"))
    refuses(company, Refusal.TAX_DIFFERENCE, lambda: company.payables.post(draft.document_id))


def test_a_credit_note_cannot_refer_to_another_suppliers_invoice() -> None:
    company = a_company()
    theirs = posted(company, supplier_id=TOOLS)
    draft = a_draft(company, kind=CREDIT, preceding=theirs.number)
    refuses(company, Refusal.UNKNOWN_DOCUMENT, lambda: company.payables.post(draft.document_id))


def test_a_posted_document_is_never_changed_or_posted_again() -> None:
    company = a_company()
    document = posted(company)
    number, documents = document.document_id, company.documents
    for attempt in (
        lambda: documents.change(number, due_date=DAY),
        lambda: documents.add_line(number, an_expense()),
        lambda: documents.change_line(number, document.lines[0]),
        lambda: documents.delete_line(number, document.lines[0].line_id),
        lambda: documents.delete(number),
    ):
        refuses(company, Refusal.POSTED_UNCHANGEABLE, attempt)
    refuses(company, Refusal.NOT_A_DRAFT, lambda: company.payables.post(number))


def test_a_document_keeps_its_id_and_changes_its_number_when_posted() -> None:
    company = a_company()
    draft = a_draft(company)
    document = company.payables.post(draft.document_id)
    assert document.document_id == draft.document_id
    assert (draft.number, document.number, document.draft_number) == ("531001", "51108001", "531001")


def test_who_read_an_old_version_is_refused() -> None:
    company = a_company()
    draft = a_draft(company)
    changed = company.documents.change(draft.document_id, version=draft.version, due_date=DAY)
    assert changed.version != draft.version
    payables, purchasing = company.payables, company.purchasing
    old = draft.version
    refuses(company, Refusal.STALE_VERSION, lambda: payables.post(draft.document_id, version=old))
    refuses(company, Refusal.STALE_VERSION, lambda: company.documents.change(draft.document_id, version=old))
    one = purchasing.order(ORDER).version
    purchasing.receive(ORDER, {"10": Decimal(1)}, DAY, version=one)
    two = purchasing.order(ORDER).version
    assert two != one
    refuses(
        company,
        Refusal.STALE_VERSION,
        lambda: purchasing.receive(ORDER, {"10": Decimal(1)}, DAY, version=one),
    )
    refuses(
        company,
        Refusal.STALE_VERSION,
        lambda: purchasing.amend_line(ORDER, "10", quantity=Decimal(9), version=one),
    )


def test_a_hold_needs_a_known_reason_and_stops_the_payment() -> None:
    company = a_company()
    draft, document = a_draft(company, supplier_number="A-2"), posted(company)
    payables, number = company.payables, document.document_id
    refuses(company, Refusal.NOT_POSTED, lambda: payables.hold(draft.document_id, "PRICE"))
    refuses(company, Refusal.UNKNOWN_HOLD_REASON, lambda: payables.hold(number, "WEATHER"))
    refuses(company, Refusal.HOLD_MISSING, lambda: payables.release(number, "PRICE"))
    assert payables.hold(number, "PRICE").holds == ("PRICE",)
    refuses(company, Refusal.HOLD_EXISTS, lambda: payables.hold(number, "PRICE"))
    refuses(company, Refusal.HOLD_EXISTS, lambda: payables.pay(number, DAY))
    assert payables.release(number, "PRICE").holds == ()
    assert payables.pay(number, DAY).state is PostingState.PAID


def test_what_is_paid_or_reversed_is_not_reversed() -> None:
    company = a_company()
    paid, gone = posted(company), posted(company, supplier_number="A-2")
    company.payables.pay(paid.document_id, DAY)
    company.payables.reverse(gone.document_id, DAY, "wrong")
    reverse = company.payables.reverse
    refuses(company, Refusal.ALREADY_PAID, lambda: reverse(paid.document_id, DAY, "wrong"))
    refuses(company, Refusal.ALREADY_REVERSED, lambda: reverse(gone.document_id, DAY, "wrong"))


def test_an_invoice_that_was_credited_and_a_credit_that_was_billed_again_are_not_reversed() -> None:
    company = a_company()
    invoice = posted(company, a_billing())
    credit = posted(company, a_billing("4"), kind=CREDIT, supplier_number="C-1")
    reverse = company.payables.reverse
    refuses(company, Refusal.OVER_BILLING, lambda: reverse(invoice.document_id, DAY, "wrong"))
    posted(company, a_billing("4"), supplier_number="A-2")
    refuses(company, Refusal.OVER_BILLING, lambda: reverse(credit.document_id, DAY, "wrong"))


def test_a_changed_supplier_is_another_version() -> None:
    company = a_company()
    before = company.master.supplier(OFFICE).supplier
    company.master.block_supplier(OFFICE, SupplierBlock.ALL)
    after = company.master.supplier(OFFICE).supplier
    assert (before.version, after.version, after.block) == ("1", "2", SupplierBlock.ALL)


def test_a_line_takes_its_tax_code_from_order_item_supplier_or_company_in_this_order() -> None:
    company = a_company(
        an_order(an_order_line("10", "Paper", "1", "5.00", item_number="PAPER", tax_code=None))
    )
    draft = a_draft(
        company,
        a_billing("1"),
        DocumentLine(item_number="BRACKET", unit_price=Decimal(1)),
        an_expense("1.00", tax_code=None),
    )
    codes = [company.documents.tax_code_of(draft, line) for line in draft.lines]
    assert codes == ["S9", "S21", None]


def test_an_unknown_header_field_is_a_mistake_of_the_caller() -> None:
    company = a_company()
    with pytest.raises(TypeError, match="not a header field"):
        company.documents.create(DocumentType.INVOICE, OFFICE, iban="NL00")
