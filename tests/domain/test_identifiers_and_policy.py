"""Check digits, masks, who may approve and which day to post on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from tests.builders import OTHER_IBAN, SUPPLIER_IBAN, a_profile, an_invoice, eur
from tools.domain.authority import ApprovalPolicy, Approver
from tools.domain.authority_facts import ApprovalFacts
from tools.domain.authority_verdict import judge
from tools.domain.company import posting_date
from tools.domain.documents import DocumentType, Record
from tools.domain.findings import Discrepancy, DiscrepancyKind, MatchDepth, MatchResult, Severity
from tools.domain.identifiers import PersonId, compact, is_iban, is_vat_id, looks_like_iban, masked
from tools.domain.money import Money
from tools.domain.policy import Limit, MatchPolicy

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ANNA, BOB, CARL = PersonId("anna"), PersonId("bob"), PersonId("carl")
POLICY = ApprovalPolicy(
    approvers=(Approver(person=ANNA, name="Anna", limit=eur("1000.00")),),
    clerks=frozenset({BOB}),
    group_rates={"USD": Decimal("0.90")},
)


def test_account_numbers_are_checked_by_their_digits() -> None:
    assert is_iban("de89 3704 0044 0532 0130 00") and is_iban(OTHER_IBAN)
    assert not is_iban("DE00370400440532013000") and looks_like_iban("DE00370400440532013000")
    assert not looks_like_iban("invoice 12")


def test_vat_ids_are_checked_by_their_digits() -> None:
    assert is_vat_id("DE 136695976") and not is_vat_id("DE136695977")


def test_identifiers_are_masked_for_people_who_need_not_know_them() -> None:
    assert masked(SUPPLIER_IBAN) == "DE…3000" and masked("1234") == "…"
    assert compact("ab-1.2/3 x") == "AB123X"
    assert compact("DE89\u00a03704\u20110044\u200b 0532  0130/00") == SUPPLIER_IBAN


def test_a_typing_error_in_a_field_is_refused_and_records_do_not_change() -> None:
    with pytest.raises(ValidationError):
        MatchPolicy.model_validate({"unit_prise": {}})
    with pytest.raises(ValidationError):
        an_invoice().number = "x"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Limit(percent=Decimal(-1))


@pytest.mark.parametrize(
    ("person", "amount", "words"),
    [
        (ANNA, eur("1000.00"), None),
        (ANNA, eur("-1000.00"), None),
        (ANNA, eur("1000.01"), "above the limit of Anna"),
        (ANNA, Money.of("1111.11", "USD"), None),
        (ANNA, Money.of("1111.12", "USD"), "above the limit"),
        (ANNA, Money.of("1.00", "GBP"), "has no rate for GBP"),
        (ANNA, None, None),
        (CARL, eur("1.00"), "carl is not an approver"),
        (BOB, None, "bob is not an approver"),
    ],
)
def test_approvers_approve_up_to_their_limit(
    person: PersonId, amount: Money | None, words: str | None
) -> None:
    verdict = judge(POLICY, ApprovalFacts(gross=amount), (), person, NOW)
    assert verdict.allowed is (words is None)
    assert (words or "anna: approver") in verdict.reason


def test_clerks_and_approvers_answer_questions_and_nobody_else() -> None:
    assert POLICY.answer_refusal(ANNA) is None and POLICY.answer_refusal(BOB) is None
    assert "carl is neither clerk nor approver in policy default v1" in (POLICY.answer_refusal(CARL) or "")


def test_a_policy_is_named_with_its_version() -> None:
    assert MatchPolicy(name="strict", version="3").label == "strict v3"


def test_tax_codes_are_found_by_category_and_rate() -> None:
    profile = a_profile()
    assert profile.tax_code("S", Decimal("21.00")) == "H21"
    assert profile.tax_code(None, Decimal(21)) == "H21"
    assert profile.tax_code("AE", None) == "RC"
    assert profile.tax_code("S", Decimal(7)) is None


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, date(2026, 3, 16)),
        (date(2026, 3, 1), date(2026, 3, 31), date(2026, 3, 16)),
        (date(2026, 4, 1), None, date(2026, 4, 1)),
        (None, date(2026, 3, 15), None),
    ],
)
def test_a_closed_period_moves_the_posting_forward_and_never_back(
    first: date | None, last: date | None, expected: date | None
) -> None:
    assert posting_date(date(2026, 3, 16), first, last) == expected


def test_only_blocks_make_a_result_unclean() -> None:
    def result(severity: Severity) -> MatchResult:
        found = Discrepancy(kind=DiscrepancyKind.NO_PO, severity=severity, rule="r", message="m")
        return MatchResult(depth=MatchDepth.NON_PO, discrepancies=(found,), policy="p v1")

    assert [result(severity).is_clean for severity in Severity] == [False, True, True]


def test_a_credit_note_knows_that_it_is_one() -> None:
    assert not an_invoice().is_credit_note
    assert an_invoice(document_type=DocumentType.CREDIT_NOTE).is_credit_note
    assert issubclass(MatchResult, Record)
