"""A supplier's statement against our books."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.money import Money, total
from tools.domain.statement import (
    EntryKind,
    LedgerEntry,
    LedgerState,
    LineClass,
    Reconciliation,
    Statement,
    StatementLine,
)
from tools.matching.statement import reconcile

DAY = date(2026, 3, 10)
INVOICE, CREDIT, PAYMENT = EntryKind.INVOICE, EntryKind.CREDIT_NOTE, EntryKind.PAYMENT
C = LineClass


def eur(value: str | Decimal) -> Money:
    return Money.of(value, "EUR")


def ours(number: str | None, amount: str, state: str = "open", **values: Any) -> LedgerEntry:
    kind = CREDIT if amount.startswith("-") else INVOICE
    base = {"kind": kind, "number": number, "booked": DAY, "amount": eur(amount), "state": state}
    return LedgerEntry.model_validate({**base, "reference": f"PI-{number}", **values})


def statement(
    *rows: tuple[EntryKind, str | None, str], opening: str | None = None, **values: Any
) -> Statement:
    lines = tuple(
        StatementLine(position=at, kind=kind, number=number, booked=DAY, amount=eur(amount))
        for at, (kind, number, amount) in enumerate(rows, start=1)
    )
    start = eur(opening) if opening else eur("0")
    closing = total((start, *(line.amount for line in lines)), "EUR")
    base = {"currency": "EUR", "closing": closing, "closing_is_printed": True, "lines": lines}
    return Statement.model_validate({**base, "opening": eur(opening) if opening else None, **values})


def classes(found: Reconciliation) -> list[LineClass]:
    return [line.found for line in found.lines]


def test_documents_with_the_same_number_and_amount_are_matched() -> None:
    found = reconcile(statement((INVOICE, "RE-0017", "100.00")), [ours("17", "100.00")])
    assert classes(found) == [C.MATCHED]
    assert (found.remainder, found.is_done) == (eur("0.00"), True)


def test_the_same_number_with_another_amount_is_a_difference() -> None:
    found = reconcile(statement((INVOICE, "17", "110.00")), [ours("17", "100.00")])
    assert (classes(found), found.lines[0].effect) == ([C.AMOUNT_DIFFERENCE], eur("10.00"))
    assert found.is_done


def test_among_equal_numbers_the_equal_amount_is_taken() -> None:
    found = reconcile(
        statement((INVOICE, "17", "110.00"), (INVOICE, "17", "90.00")),
        [ours("17", "90.00"), ours("17", "110.00")],
    )
    assert classes(found) == [C.MATCHED, C.MATCHED]


@pytest.mark.parametrize(
    ("state", "found"),
    [("in_process", C.IN_PROCESS), ("rejected", C.REJECTED_HERE), ("paid", C.PAID_IN_TRANSIT)],
)
def test_a_document_that_is_not_open_here_says_where_it_stands(state: str, found: LineClass) -> None:
    result = reconcile(statement((INVOICE, "17", "100.00")), [ours("17", "100.00", state, reference="C-7")])
    assert classes(result) == [found] and "C-7" in result.lines[0].remark
    assert (result.ledger, result.is_done) == (eur("0"), True)


def test_what_is_unknown_here_is_asked_for() -> None:
    found = reconcile(statement((INVOICE, "17", "100.00"), (CREDIT, "18", "-20.00")), [])
    assert classes(found) == [C.MISSING_INVOICE, C.CREDIT_NOT_RECEIVED]
    assert found.is_done


def test_what_they_do_not_show_is_told_too() -> None:
    late = ours("19", "5.00", booked=DAY + timedelta(days=30))
    found = reconcile(statement(as_of=DAY), [ours("17", "100.00"), ours("18", "-20.00"), late])
    assert [(line.found, line.effect) for line in found.lines] == [
        (C.CREDIT_NOT_TAKEN, eur("20.00")),
        (C.NOT_BOOKED_BY_THEM, eur("-100.00")),
        (C.NOT_BOOKED_BY_THEM, eur("-5.00")),
    ]
    assert "after the statement's date" in found.lines[2].remark
    assert found.is_done


def test_a_line_shown_twice_is_their_duplicate() -> None:
    found = reconcile(statement((INVOICE, "17", "100.00"), (INVOICE, "17", "100.00")), [ours("17", "100.00")])
    assert classes(found) == [C.MATCHED, C.DUPLICATE_AT_SUPPLIER]
    assert found.is_done


def test_a_payment_settles_the_documents_that_add_up_to_it() -> None:
    rows = (
        (INVOICE, "1", "60.00"),
        (INVOICE, "2", "40.00"),
        (INVOICE, "3", "9.00"),
        (PAYMENT, "T1", "-100.00"),
    )
    paid = [ours("1", "60.00", "paid"), ours("2", "40.00", "paid"), ours("3", "9.00", "paid")]
    found = reconcile(statement(*rows), paid)
    assert classes(found) == [C.PAYMENT_BOOKED, C.PAYMENT_BOOKED, C.PAID_IN_TRANSIT, C.PAYMENT_BOOKED]
    assert found.lines[-1].remark == "settles 1, 2"
    assert found.is_done


def test_a_payment_that_nothing_adds_up_to_is_unknown() -> None:
    found = reconcile(statement((PAYMENT, "T1", "-33.00")), [ours("1", "60.00", "paid")])
    assert classes(found) == [C.UNKNOWN_PAYMENT]
    assert found.is_done


def test_a_line_without_a_number_is_found_by_amount_and_date_only_when_just_one_fits() -> None:
    row = (INVOICE, None, "100.00")
    assert classes(reconcile(statement(row), [ours("17", "100.00")])) == [C.MATCHED]
    far = ours("17", "100.00", booked=DAY + timedelta(days=6))
    assert C.MISSING_INVOICE in classes(reconcile(statement(row), [far]))
    undated = ours("17", "100.00", booked=None)
    assert C.MISSING_INVOICE in classes(reconcile(statement(row), [undated]))
    twice = [ours("17", "100.00"), ours("18", "100.00")]
    assert C.MISSING_INVOICE in classes(reconcile(statement(row), twice))
    assert classes(reconcile(statement(row, row), [ours("17", "100.00")])).count(C.MISSING_INVOICE) == 2


def test_two_numbers_are_two_documents_however_alike() -> None:
    found = reconcile(statement((INVOICE, "17", "100.00")), [ours("18", "100.00")])
    assert classes(found) == [C.MISSING_INVOICE, C.NOT_BOOKED_BY_THEM]


def test_the_opening_balance_stands_for_our_older_documents() -> None:
    old = ours("7", "250.00", booked=DAY - timedelta(days=40))
    found = reconcile(statement((INVOICE, "17", "100.00"), opening="250.00"), [old, ours("17", "100.00")])
    assert classes(found) == [C.MATCHED, C.BROUGHT_FORWARD, C.BROUGHT_FORWARD]
    assert "differ" not in found.lines[-1].remark
    assert found.is_done
    more = reconcile(statement((INVOICE, "17", "100.00"), opening="260.00"), [old, ours("17", "100.00")])
    assert "10.00 EUR differ" in more.lines[-1].remark
    assert (more.remainder, more.is_done) == (eur("10.00"), False)


def test_an_opening_balance_that_nothing_of_ours_explains_is_left_over() -> None:
    found = reconcile(statement((INVOICE, "17", "100.00"), opening="1000.00"), [ours("17", "100.00")])
    assert "1000.00 EUR differ" in found.lines[-1].remark
    assert (found.remainder, found.is_done) == (eur("1000.00"), False)


def test_an_opening_balance_of_nothing_holds_none_of_our_older_documents() -> None:
    old = [ours(number, "50.00", booked=DAY - timedelta(days=40)) for number in ("2", "3")]
    found = reconcile(statement((INVOICE, "17", "100.00"), opening="0.00"), [*old, ours("17", "100.00")])
    assert classes(found) == [C.MATCHED, C.NOT_BOOKED_BY_THEM, C.NOT_BOOKED_BY_THEM, C.BROUGHT_FORWARD]
    assert found.is_done


def test_an_opening_balance_holds_those_of_our_older_documents_that_come_to_it() -> None:
    old = [
        ours(number, amount, booked=DAY - timedelta(days=40)) for number, amount in (("2", "50"), ("3", "70"))
    ]
    found = reconcile(statement(opening="70.00"), old)
    told = {line.entry.number: line.found for line in found.lines if line.entry}
    assert told == {"2": C.NOT_BOOKED_BY_THEM, "3": C.BROUGHT_FORWARD} and found.is_done
    twice = [ours(number, "50.00", booked=DAY - timedelta(days=40)) for number in ("2", "3")]
    assert reconcile(statement(opening="50.00"), twice).remainder == eur("-50.00")


def test_a_payment_of_what_was_brought_forward_explains_it() -> None:
    found = reconcile(statement((PAYMENT, "Z", "-1000.00"), opening="1000.00"), [])
    assert "with their payments of 1000.00 EUR is the same" in found.lines[-1].remark and found.is_done
    part = reconcile(statement((PAYMENT, "Z", "-900.00"), opening="1000.00"), [])
    assert (part.remainder, part.is_done) == (eur("1000.00"), False)


def test_a_statement_written_from_our_side_is_asked_about_without_any_words() -> None:
    lines = [(CREDIT, f"RE-{number}", "-119.00") for number in (1, 2, 3)]
    found = reconcile(statement(*lines), [ours(f"RE-{number}", "119.00") for number in (1, 2, 3)])
    assert not found.is_done and len(found.unread) == 1
    assert "row 1 (RE-1), row 2 (RE-2), row 3 (RE-3): these stand" in found.unread[0]
    assert "--mirrored" in found.unread[0]
    one = reconcile(
        statement((INVOICE, "RE-1", "119.00"), (CREDIT, "RE-2", "-50.00")),
        [ours("RE-1", "119.00"), ours("RE-2", "50.00")],
    )
    assert "row 2 (RE-2): this stands" in one.unread[0]


def test_without_numbers_opposite_amounts_are_asked_about_where_nothing_agrees() -> None:
    found = reconcile(statement((CREDIT, None, "-119.00")), [ours("RE-1", "119.00")])
    assert "--mirrored" in found.unread[0]
    refund = statement((INVOICE, "RE-7", "80.00"), (CREDIT, None, "-119.00"))
    assert not reconcile(refund, [ours("RE-7", "80.00"), ours("RE-1", "119.00")]).unread


def test_a_credit_that_takes_back_an_invoice_under_its_own_number_raises_no_question() -> None:
    shown = statement((INVOICE, "RE-1", "119.00"), (CREDIT, "RE-1", "-119.00"))
    assert not reconcile(shown, [ours("RE-1", "119.00")]).unread


def test_a_statement_that_does_not_add_up_leaves_a_remainder() -> None:
    found = reconcile(statement((INVOICE, "17", "100.00"), closing=eur("130.00")), [ours("17", "100.00")])
    assert (found.remainder, found.is_done) == (eur("30.00"), False)


def test_a_row_that_was_not_understood_keeps_it_open() -> None:
    found = reconcile(statement((INVOICE, "17", "100.00"), unread=("row 9: ?",)), [ours("17", "100.00")])
    assert found.remainder == eur("0.00") and not found.is_done


documents = st.lists(
    st.tuples(
        st.sampled_from([INVOICE, CREDIT, PAYMENT]),
        st.none() | st.integers(1, 9).map(str),
        st.decimals("0.01", "500", places=2),
    ),
    max_size=9,
)
entries = st.lists(
    st.tuples(
        st.booleans(),
        st.none() | st.integers(1, 9).map(str),
        st.decimals("0.01", "500", places=2),
        st.sampled_from(list(LedgerState)),
        st.integers(-60, 60),
    ),
    max_size=9,
)


@given(documents, entries, st.none() | st.decimals("0.01", "500", places=2))
def test_a_statement_that_adds_up_is_always_explained_to_the_cent(
    rows: list[tuple[EntryKind, str | None, Decimal]],
    held: list[tuple[bool, str | None, Decimal, LedgerState, int]],
    opening: Decimal | None,
) -> None:
    shown = statement(
        *((kind, number, str(amount if kind is INVOICE else -amount)) for kind, number, amount in rows),
        opening=str(opening) if opening else None,
    )
    ledger = [
        ours(number, str(-amount if credit else amount), state.value, booked=DAY + timedelta(days=days))
        for credit, number, amount, state, days in held
    ]
    found = reconcile(shown, ledger)
    brought = next((line for line in found.lines if not line.line and not line.entry), None)
    left = shown.opening - brought.effect if shown.opening and brought else eur("0.00")
    assert found.remainder == left
    assert (left.amount != 0) == (brought is not None and "differ" in brought.remark)
    explained = total((line.effect for line in found.lines), "EUR")
    assert found.statement == found.ledger + explained + found.remainder
    told = [line.line.position for line in found.lines if line.line]
    assert sorted(told) == list(range(1, len(rows) + 1))
    open_ones = [line.entry for line in found.lines if line.entry and line.entry.state is LedgerState.OPEN]
    assert len(open_ones) == sum(state is LedgerState.OPEN for *_, state, _ in held)
