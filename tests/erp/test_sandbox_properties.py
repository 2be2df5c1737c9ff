"""Whatever people do in whatever order: the books balance, and a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.erp.books import DAY, ORDER, a_billing, a_company, a_draft, an_expense, an_order
from tests.erp.world import DOLLARS, OFFICE, an_order_line
from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.refusal import Refused

USD_ORDER = "PO-2"
quantities = st.sampled_from([Decimal(text) for text in ("-1", "0.5", "1", "1.25", "2", "3", "12")])
prices = st.decimals("0", "40", places=3)
days = st.integers(0, 31).map(lambda day: date(2026, 3, day) if day else date(2026, 2, 28))
kinds = st.sampled_from(DocumentType)
codes = st.sampled_from(["S21", "S9", "S0", "AE21"])
orders = st.sampled_from([(ORDER, OFFICE), (USD_ORDER, DOLLARS)])
numbers = st.integers(0, 99).map(lambda number: f"A-{number}" if number else None)
indexes = st.integers(0, 30)

Step = Callable[[Company], object]


def receive(order: tuple[str, str], quantity: Decimal, day: date) -> Step:
    return lambda company: company.purchasing.receive(order[0], {"10": quantity}, day)


def amend(order: tuple[str, str], quantity: Decimal | None, price: Decimal | None) -> Step:
    currency = "EUR" if order[0] == ORDER else "USD"
    return lambda company: company.purchasing.amend_line(
        order[0],
        "10",
        quantity=quantity,
        unit_price=None if price is None else Money.of(price, currency),
    )


def bill(
    order: tuple[str, str], quantity: Decimal, price: Decimal, code: str, header: tuple[Any, Any, Any]
) -> Step:
    kind, number, day = header
    line = a_billing(str(quantity), str(price), order_number=order[0], tax_code=code)
    return lambda company: company.payables.post(
        a_draft(
            company, line, kind=kind, supplier_id=order[1], supplier_number=number, posting_date=day
        ).document_id
    )


def expense(net: Decimal, code: str, header: tuple[Any, Any, Any], supplier: str) -> Step:
    kind, number, day = header
    lines = (an_expense(str(net), tax_code=code), an_expense("1.004", tax_code="S9"))
    return lambda company: a_draft(
        company, *lines, kind=kind, supplier_id=supplier, supplier_number=number, posting_date=day
    )


def _with_document(index: int, act: Callable[[Company, str], object]) -> Step:
    def step(company: Company) -> object:
        known = [kept for kept in company.books.documents.values() if kept.state is PostingState.POSTED]
        return act(company, known[index % len(known)].document_id) if known else None

    return step


def reverse(index: int, day: date) -> Step:
    return _with_document(index, lambda company, number: company.payables.reverse(number, day, "wrong"))


def pay(index: int, day: date, discount: int) -> Step:
    return _with_document(
        index,
        lambda company, number: company.payables.pay(number, day, discount_percent=Decimal(discount)),
    )


def hold(index: int) -> Step:
    return _with_document(index, lambda company, number: company.payables.hold(number, "PRICE"))


def block(kind: SupplierBlock) -> Step:
    return lambda company: company.master.block_supplier(OFFICE, kind)


headers = st.tuples(kinds, numbers, days)
received = st.builds(receive, orders, quantities, days)
billed = st.builds(bill, orders, quantities, prices, codes, headers)
steps = st.one_of(
    received,
    received,
    billed,
    billed,
    st.builds(amend, orders, st.none() | quantities, st.none() | prices),
    st.builds(expense, prices, codes, headers, st.sampled_from([OFFICE, DOLLARS])),
    st.builds(reverse, indexes, days),
    st.builds(pay, indexes, days, st.integers(0, 3)),
    st.builds(hold, indexes),
    st.builds(block, st.sampled_from([SupplierBlock.NONE, SupplierBlock.PAYMENT, SupplierBlock.ALL])),
)


def a_small_company() -> Company:
    euros = an_order(an_order_line("10", "Bracket", "12", "3.335"))
    dollar_line = an_order_line("10", "Part", "9", "7.77", currency="USD", tax_code="S0")
    company = a_company(euros, an_order(dollar_line, number=USD_ORDER, supplier_id=DOLLARS))
    for order in ((ORDER, OFFICE), (USD_ORDER, DOLLARS)):
        receive(order, Decimal("3.5"), DAY)(company)
        bill(order, Decimal(2), Decimal("7.775"), "S9", (DocumentType.INVOICE, "B-1", DAY))(company)
    return company


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, min_size=10, max_size=40))
def test_the_books_balance_after_any_sequence_of_operations(sequence: list[Step]) -> None:
    company = a_small_company()
    for step in sequence:
        before = booked(company)
        try:
            step(company)
        except Refused as refused:
            event(f"refused {refused.code}")
            assert booked(company) == before
        check(company)
    for entry in company.books.entries:
        event(f"entered {entry.kind}")


def booked(company: Company) -> tuple[object, ...]:
    """All that a refused step must leave alone; a refused posting leaves its draft."""
    books = company.books
    return (
        list(books.entries),
        list(books.supplier_entries),
        dict(books.orders),
        dict(books.receipts),
        dict(books.suppliers),
        [kept for kept in books.documents.values() if kept.state is not PostingState.DRAFT],
    )


def check(company: Company) -> None:
    assert sum(entry.balance for entry in company.ledger.trial_balance()) == 0
    for entry in company.books.entries:
        assert sum(row.debit - row.credit for row in entry.rows) == 0
        assert all((row.debit == 0) != (row.credit == 0) for row in entry.rows)
    assert company.ledger.payables() == sum(company.ledger.subledger().values())
    clearing = [kept for card in company.books.orders.values() for kept in card.clearing.values()]
    assert -company.ledger.balance("1610") == sum(kept.value for kept in clearing)
    assert all(kept.value == 0 for kept in clearing if kept.quantity == 0)
    for card in company.books.orders.values():
        for line in card.order.lines:
            assert 0 <= line.invoiced <= line.ordered
            assert 0 <= line.received <= line.ordered
            moved = card.clearing.get(line.line_id)
            assert (moved.quantity if moved else 0) == line.received - line.invoiced
