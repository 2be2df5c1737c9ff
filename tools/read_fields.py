"""One field as a second reader says it: the printed value, or why it cannot be this field's."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from tools.account_numbers import without_numbers
from tools.domain.documents import Invoice, Problem, ProblemSeverity
from tools.domain.identifiers import compact, is_vat_id
from tools.intake.spoken_orders import gives_orders
from tools.printed_values import PrintedValues
from tools.untrusted_text import tidied

FIELDS = (
    "currency",
    "invoice_number",
    "issue_date",
    "due_date",
    "supplier_name",
    "buyer_name",
    "order_reference",
)
"""In the order in which they are judged: a later one may not repeat an earlier one."""
_DAYS = ("issue_date", "due_date")
_NAMES = ("supplier_name", "buyer_name")
_LONGEST_NUMBER = 40
_FEWEST_LETTERS = 2


def said_value(
    name: str, said: str, printed: PrintedValues, invoice: Invoice, telephones: Collection[str]
) -> str | date | Problem:
    """The value of a field; a Problem with the reason where it is not taken."""
    if name in _DAYS:
        return _day(name, said, printed, invoice)
    if name == "currency":
        return said if said in printed.currencies else _refused(name, said, "it is not the text's currency")
    words = printed.words(said, whole=name not in _NAMES)
    if words is None:
        return _refused(name, said, "it does not stand so in the document")
    if without_numbers(words) != words:
        return _refused(name, "(hidden)", "it holds the number of an account")
    fault = _name_fault(words, invoice, name) if name in _NAMES else None
    fault = fault or (_number_fault(words, printed, invoice, telephones) if name not in _NAMES else None)
    return words if fault is None else _refused(name, said, fault)


def _day(name: str, said: str, printed: PrintedValues, invoice: Invoice) -> date | Problem:
    day = printed.day(said)
    if day is None:
        return _refused(name, said, "no such date stands in the document, or it can be read in two ways")
    issued = invoice.issue_date
    if name == "due_date" and issued is not None and day < issued:
        return _refused(name, said, "it is before the date of the invoice")
    return day


def _number_fault(
    words: str, printed: PrintedValues, invoice: Invoice, telephones: Collection[str]
) -> str | None:
    digits = re.sub(r"\D", "", words)
    if not digits or len(words) > _LONGEST_NUMBER:
        return "it has no form of a number"
    if words in printed.amounts or words in printed.dates or printed.day(words) is not None:
        return "it is an amount or a date"
    if is_vat_id(compact(words)) or (len(digits) > 6 and digits in telephones):
        return "it is a tax id or a telephone number"
    if words in (invoice.number, invoice.order_number):
        return "it is another number of the document"
    return None


def _name_fault(words: str, invoice: Invoice, name: str) -> str | None:
    if sum(sign.isalpha() for sign in words) < _FEWEST_LETTERS or "@" in words:
        return "it is no name"
    if gives_orders(words):
        return "it gives orders"
    other = invoice.supplier if name == "buyer_name" else invoice.buyer
    return "it is the other side's name" if words == other.name else None


def _refused(name: str, said: str, why: str) -> Problem:
    words = f"{name.replace('_', ' ').capitalize()} {tidied(said, 60)!r}: {why}."
    return Problem(code="not_taken", severity=ProblemSeverity.WARNING, message=words, field=name)
