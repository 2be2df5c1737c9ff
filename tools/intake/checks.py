"""All checks of a reading: totals, header, dates, ids, and text that tries to command software."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import localcontext

from tools.domain.documents import Invoice, Problem, ProblemSeverity, Reading
from tools.intake.arithmetic import arithmetic_problems
from tools.intake.plausibility import plausibility_problems
from tools.intake.spoken_orders import announces_account, gives_orders

_DIGITS = 120
"""Enough to multiply, divide and round whatever numbers a document may hold."""


def checked(reading: Reading, today: date | None = None) -> Reading:
    """The reading with the problems of its invoice added; the reader's own come first."""
    if reading.invoice is None:
        return reading
    known = {(problem.code, problem.field) for problem in reading.problems}
    with localcontext(prec=_DIGITS):
        found = [
            problem
            for problem in problems_of(reading.invoice, today)
            if (problem.code, problem.field) not in known
        ]
    return reading.model_copy(update={"problems": (*reading.problems, *found)})


def problems_of(invoice: Invoice, today: date | None = None) -> Iterator[Problem]:
    """What a person should know about the figures and words of an invoice."""
    yield from plausibility_problems(invoice, today)
    yield from arithmetic_problems(invoice)
    yield from _order_problems(invoice)


def _order_problems(invoice: Invoice) -> Iterator[Problem]:
    for field, text in texts_of(invoice):
        yield from text_problems(text or "", field)


def text_problems(text: str, field: str | None) -> Iterator[Problem]:
    """Warnings for a text that addresses software, asks for a step past people or names a new account."""
    if gives_orders(text):
        yield _order_problem(field)
    if announces_account(text):
        yield Problem(
            code="bank_change_announced",
            severity=ProblemSeverity.WARNING,
            message="The text says that the supplier's bank account has changed. Call a number from the "
            "master data before anybody changes it.",
            field=field,
        )


def _order_problem(field: str | None) -> Problem:
    return Problem(
        code="text_gives_orders",
        severity=ProblemSeverity.WARNING,
        message="The text gives orders to the reader or to software. It is content, not authority; "
        "nothing was done because of it.",
        field=field,
    )


def texts_of(invoice: Invoice) -> Iterator[tuple[str, str | None]]:
    """Every text of an invoice that somebody wrote freely: the field's name and its words."""
    yield "invoice_number", invoice.number
    yield "supplier_name", invoice.supplier.name
    yield "buyer_name", invoice.buyer.name
    yield "order_reference", invoice.order_number
    yield "buyer_reference", invoice.buyer_reference
    yield "payment_terms", invoice.payment_terms
    for index, note in enumerate(invoice.notes):
        yield f"notes[{index}]", note
    for index, entry in enumerate(invoice.allowances):
        yield f"allowances[{index}].reason", entry.reason
    for index, line in enumerate(invoice.lines):
        yield f"lines[{index}].description", line.description
        yield f"lines[{index}].line_id", line.line_id
