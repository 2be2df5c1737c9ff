"""All checks through the one entry."""

from __future__ import annotations

import time
from typing import Any

from tests.builders import (
    ORDER,
    OTHER_IBAN,
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
from tools.domain.documents import Problem, ProblemSeverity
from tools.domain.findings import MatchDepth, MatchResult, Severity
from tools.domain.identifiers import OrderNumber, masked
from tools.domain.policy import MatchPolicy
from tools.matching.engine import assess
from tools.matching.facts import Facts

ITEM = "1896-S"


def facts(**changes: Any) -> Facts:
    line = an_invoice_line(buyer_item_id=ITEM)
    values: dict[str, Any] = {
        "invoice": an_invoice(lines=(line,)),
        "supplier": a_supplier(),
        "profile": a_profile(),
        "today": TODAY,
        "orders": (an_order(),),
        **changes,
    }
    return Facts(**values)


def rules(result: MatchResult) -> list[str]:
    return [found.rule for found in result.discrepancies]


def test_a_plain_invoice_passes_every_check() -> None:
    result = assess(facts())
    assert result.discrepancies == () and result.is_clean
    assert result.depth is MatchDepth.THREE_WAY


def test_every_kind_of_check_is_run() -> None:
    line = an_invoice_line(buyer_item_id=ITEM, price="99.00")
    result = assess(
        facts(
            invoice=an_invoice(lines=(line,), ibans=(OTHER_IBAN,), tax_total=eur("1.00"), currency="EUR"),
            postings=(a_posting(),),
            problems=(Problem(code="text_gives_orders", severity=ProblemSeverity.WARNING, message="m"),),
            first_open=TODAY,
        )
    )
    expected = {
        "duplicate.number",
        "bank.iban.unverified",
        "tax.total",
        "price.unit.upper_percent",
        "reading.text_gives_orders",
        "period.closed",
    }
    assert expected <= set(rules(result))


def test_blocks_come_first_in_the_order_of_the_decision_table() -> None:
    result = assess(facts(postings=(a_posting(),), first_open=TODAY, orders=()))
    severities = [found.severity for found in result.discrepancies]
    assert severities == sorted(severities, key=list(Severity).index)
    assert rules(result)[:2] == ["order.unknown", "duplicate.number"]


def test_an_order_named_by_a_person_replaces_the_one_on_the_document() -> None:
    line = an_invoice_line(buyer_item_id=ITEM, order_number="WRONG")
    invoice = an_invoice(lines=(line,), order_number="WRONG")
    assert "order.unknown" in rules(assess(facts(invoice=invoice)))
    assert assess(facts(invoice=invoice, order_given=ORDER)).discrepancies == ()


def test_an_order_line_chosen_by_a_person_settles_the_question() -> None:
    order = an_order(
        an_order_line("1", description="Audio device", item_number=None),
        an_order_line("2", description="Cursor controller", item_number=None),
    )
    invoice = an_invoice(lines=(an_invoice_line("Soundbar"),))
    assert "alignment.margin" in rules(assess(facts(invoice=invoice, orders=(order,))))
    settled = assess(facts(invoice=invoice, orders=(order,), lines_given={0: (ORDER, "1")}))
    assert settled.discrepancies == ()


def test_an_invoice_without_order_of_an_exempt_supplier_is_clean_with_an_account() -> None:
    policy = MatchPolicy(po_exempt_suppliers=frozenset({"10042"}))
    changes = {"invoice": an_invoice("121.00", order_number=None), "orders": (), "policy": policy}
    assert rules(assess(facts(**changes))) == ["account.unknown"]
    coded = assess(facts(**changes, account_given="7000"))
    assert coded.discrepancies == () and coded.depth is MatchDepth.NON_PO


def test_a_cleared_duplicate_does_not_come_back() -> None:
    assert assess(facts(postings=(a_posting(),), cleared=frozenset({"posting:id-PI-77"}))).is_clean


def test_a_total_the_reader_has_told_of_is_not_told_twice() -> None:
    line = an_invoice_line(buyer_item_id=ITEM)
    invoice = an_invoice(
        lines=(line,), net_total=eur("90.00"), tax_total=eur("21.00"), gross_total=eur("111.00")
    )
    assert rules(assess(facts(invoice=invoice))) == ["total.lines"]
    problem = Problem(code="net_total_wrong", severity=ProblemSeverity.ERROR, message="m")
    told = assess(facts(invoice=invoice, problems=(problem, problem)))
    assert rules(told) == ["reading.net_total_wrong"]


def a_problem(code: str, severity: ProblemSeverity, message: str = "look") -> Problem:
    return Problem(code=code, severity=severity, message=message)


def test_a_warning_about_the_pages_does_not_hide_that_the_lines_miss_the_total() -> None:
    warning = a_problem("pdf_differs", ProblemSeverity.WARNING)
    invoice = an_invoice(lines=(an_invoice_line(buyer_item_id=ITEM),), net_total=eur("90.00"))
    told = rules(assess(facts(invoice=invoice, problems=(warning,))))
    assert {"total.lines", "reading.pdf_differs"} <= set(told)


def test_a_pro_forma_is_told_once_and_blocks_with_or_without_the_reader() -> None:
    pro_forma = an_invoice(lines=(an_invoice_line(buyer_item_id=ITEM),), type_code="325")
    error = a_problem("pro_forma", ProblemSeverity.ERROR)
    assert rules(assess(facts(invoice=pro_forma, problems=(error,)))) == ["document.pro_forma"]
    assert rules(assess(facts(invoice=pro_forma))) == ["document.pro_forma"]
    assert rules(assess(facts(problems=(error,)))) == ["reading.pro_forma"]


def test_wrong_check_digits_of_an_account_are_told_once() -> None:
    wrong = "NL91ABNA0417164301"
    warning = a_problem("iban_check_digits", ProblemSeverity.WARNING, f"{masked(wrong)} is no valid IBAN.")
    line = an_invoice_line(buyer_item_id=ITEM)
    unverified = facts(invoice=an_invoice(lines=(line,), ibans=(wrong,)), problems=(warning,))
    assert [rule.removesuffix(".none_on_file") for rule in rules(assess(unverified))] == [
        "bank.iban.unverified"
    ]
    assert rules(assess(facts(problems=(warning,)))) == ["reading.iban_check_digits"]


def test_a_credit_note_for_a_posted_invoice_is_clean() -> None:
    line = an_invoice_line(buyer_item_id=ITEM)
    note = a_credit_note(None, (line,), preceding_invoice="INV-3411")
    order = an_order(an_order_line(invoiced="10"))
    result = assess(facts(invoice=note, orders=(order,), preceding=(a_posting(gross=eur("121.00")),)))
    assert result.discrepancies == ()


def test_an_invoice_for_three_orders_is_matched_line_by_line() -> None:
    numbers = [OrderNumber(f"PO-{number}") for number in (3, 1, 2)]
    lines = tuple(an_invoice_line(order_number=number, buyer_item_id=ITEM) for number in numbers)
    orders = tuple(an_order(number=number) for number in numbers)
    result = assess(facts(invoice=an_invoice(lines=lines, order_number=None), orders=orders))
    assert result.discrepancies == ()
    assert [row.order_number for row in result.lines] == numbers
    backwards = assess(facts(invoice=an_invoice(lines=lines, order_number=None), orders=orders[::-1]))
    assert backwards == result


def test_two_hundred_lines_with_item_numbers_are_assessed_in_a_moment() -> None:
    """Generous, because coverage slows it down; it catches a square of the lines, not a percent."""
    lines = tuple(an_invoice_line(line_id=str(n), buyer_item_id=f"I{n}") for n in range(200))
    order = an_order(*(an_order_line(str(n), item_number=f"I{n}") for n in range(200)))
    given = facts(invoice=an_invoice(lines=lines), orders=(order,))
    started = time.process_time()
    result = assess(given)
    assert result.discrepancies == ()
    assert time.process_time() - started < 1


def test_absurd_figures_are_findings_and_not_failures() -> None:
    line = an_invoice_line(quantity=f"1{'0' * 30}", price="3.00", buyer_item_id=ITEM)
    assert {"quantity.ordered.upper", "quantity.received.upper"} <= set(
        rules(assess(facts(invoice=an_invoice(lines=(line,), taxes=()))))
    )
