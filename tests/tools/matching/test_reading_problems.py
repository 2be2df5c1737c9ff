"""What the reader could not settle, and what of it an approver sees."""

from __future__ import annotations

import pytest

from tools.domain.documents import Problem, ProblemSeverity
from tools.domain.findings import DiscrepancyKind, Severity
from tools.matching.reading import check_reading


def a_problem(code: str, field: str | None = None) -> Problem:
    return Problem(code=code, severity=ProblemSeverity.ERROR, message="look", field=field)


def a_warning(code: str, field: str | None = None) -> Problem:
    return Problem(code=code, severity=ProblemSeverity.WARNING, message="look", field=field)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("missing_issue_date", DiscrepancyKind.MISSING_FIELD),
        ("line_amount_wrong", DiscrepancyKind.TOTAL_MISMATCH),
        ("totals_disagree", DiscrepancyKind.TOTAL_MISMATCH),
        ("unreadable_value", DiscrepancyKind.UNREADABLE_VALUE),
        ("pro_forma", DiscrepancyKind.UNREADABLE_VALUE),
        ("vat_id_check_digits", DiscrepancyKind.UNREADABLE_VALUE),
        ("never_heard_of", DiscrepancyKind.UNREADABLE_VALUE),
    ],
)
def test_an_error_of_reading_blocks_whatever_its_code(code: str, kind: DiscrepancyKind) -> None:
    (found,) = check_reading([a_problem(code)])
    assert (found.kind, found.severity) == (kind, Severity.BLOCK)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("text_gives_orders", DiscrepancyKind.TEXT_GIVES_ORDERS),
        ("bank_change_announced", DiscrepancyKind.BANK_CHANGE),
        ("reply_to_differs", DiscrepancyKind.BANK_CHANGE),
        ("iban_check_digits", DiscrepancyKind.BANK_CHANGE),
        ("pdf_differs", DiscrepancyKind.TOTAL_MISMATCH),
        ("editions_differ", DiscrepancyKind.TOTAL_MISMATCH),
        ("tax_base_differs", DiscrepancyKind.TAX_WRONG),
        ("due_date_far", DiscrepancyKind.DATE_IMPLAUSIBLE),
        ("third_party_amounts", DiscrepancyKind.UNREADABLE_VALUE),
        ("never_heard_of", DiscrepancyKind.UNREADABLE_VALUE),
    ],
)
def test_a_warning_of_reading_is_shown_with_the_reader_s_words(code: str, kind: DiscrepancyKind) -> None:
    (found,) = check_reading([a_warning(code)])
    assert (found.kind, found.severity, found.message) == (kind, Severity.WARN, "look")
    assert found.rule == f"reading.{code}"


@pytest.mark.parametrize(
    "code",
    ["vat_id_check_digits", "issue_date_in_future", "issue_date_too_old", "due_before_issue"]
    + ["line_amount_rounding", "tax_row_rounding", "payable_rounding"],
)
def test_a_warning_that_another_check_judges_is_not_repeated(code: str) -> None:
    assert check_reading([a_warning(code)]) == []


def test_thin_evidence_is_one_finding_that_names_the_fields() -> None:
    names = ("supplier_name", "issue_date", "supplier_name", None)
    (found,) = check_reading([a_warning("weak_evidence", name) for name in names])
    assert (found.kind, found.severity) == (DiscrepancyKind.UNREADABLE_VALUE, Severity.WARN)
    assert found.message.endswith(": supplier name, issue date, document.")
