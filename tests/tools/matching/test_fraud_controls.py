"""The fraud controls: who is judged by what, and what is left alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.builders import OTHER_IBAN, SUPPLIER_IBAN, a_supplier, an_invoice, eur
from tools.domain.authority import ApprovalPolicy, Approver, Preset
from tools.domain.call_backs import CallBack, CallResult, NumberSource, result_refusal, time_refusal
from tools.domain.findings import Severity
from tools.domain.fraud_policy import FirstInvoice, FraudPolicy
from tools.domain.identifiers import PersonId, SupplierId
from tools.domain.mail import MailFacts, carried
from tools.domain.supplier import BankAccount
from tools.domain.telephone import telephone_numbers
from tools.matching.bank import check_bank
from tools.matching.fraud import check_fraud
from tools.matching.fraud_accounts import DENIED, EMPLOYEE
from tools.matching.fraud_amounts import check_sequence, check_split, limits, order_numbers
from tools.matching.fraud_authentication import Verdict, authentication
from tools.matching.fraud_domains import is_one_slip, likeness, registered, same_sender
from tools.matching.fraud_facts import AccountHolder, EarlierInvoice, FraudFacts, OtherDomain
from tools.matching.fraud_index import DomainIndex
from tools.matching.fraud_sender import check_sender
from tools.matching.resolutions import allowed

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
MONDAY, SATURDAY = date(2026, 3, 16), date(2026, 3, 14)
OURS = BankAccount(iban=OTHER_IBAN)


def facts(**values: Any) -> FraudFacts:
    return FraudFacts(**{"now": NOW, "known_before": True, **values})


def a_call(result: CallResult = CallResult.CONFIRMED, **values: Any) -> CallBack:
    said: dict[str, Any] = {
        "id": 1,
        "supplier_id": SupplierId("V1"),
        "account": OTHER_IBAN,
        "caller": PersonId("anna"),
        "number": "+49 431 5550100",
        "number_from": NumberSource.CONTRACT,
        "spoken_with": "Ms Nord",
        "called_at": NOW,
        "result": result,
        "recorded_at": NOW,
    }
    return CallBack(**{**said, **values})


def rules(found: list[Any]) -> list[tuple[str, str]]:
    return [(entry.rule, entry.severity.value) for entry in found]


def of(invoice: Any, known: FraudFacts | None, today: date = MONDAY, **policy: Any) -> list[tuple[str, str]]:
    """Rules that speak about an invoice dated and processed on Mondays, unless said otherwise."""
    return rules(check_fraud(invoice, a_supplier(), known, FraudPolicy(**policy), today=today))


def an_ordinary_invoice(**values: Any) -> Any:
    return an_invoice(**{"issue_date": MONDAY, **values})


def test_nothing_gathered_says_nothing() -> None:
    assert of(an_ordinary_invoice(issue_date=SATURDAY), None) == []


def test_an_ordinary_invoice_of_a_known_supplier_is_nothing_to_look_at() -> None:
    assert of(an_ordinary_invoice(), facts()) == []


@pytest.mark.parametrize(
    ("which", "has_order", "told"),
    [
        (FirstInvoice.ALWAYS, True, True),
        (FirstInvoice.WITHOUT_ORDER, True, False),
        (FirstInvoice.WITHOUT_ORDER, False, True),
        (FirstInvoice.NEVER, False, False),
    ],
)
def test_the_first_invoice_is_told_as_the_policy_says(
    which: FirstInvoice, has_order: bool, told: bool
) -> None:
    policy = FraudPolicy(first_invoice=which)
    found = check_fraud(
        an_ordinary_invoice(),
        a_supplier(),
        facts(known_before=False),
        policy,
        today=MONDAY,
        has_order=has_order,
    )
    assert bool(found) is told


@pytest.mark.parametrize(("issued", "today"), [(SATURDAY, MONDAY), (MONDAY, SATURDAY)])
def test_a_day_without_work_is_told_once(issued: date, today: date) -> None:
    invoice = an_ordinary_invoice(issue_date=issued)
    assert of(invoice, facts(), today) == [("fraud.date.weekend", "warn")]
    assert of(invoice, facts(), today, weekend_days=[]) == []


def test_amounts_are_judged_on_invoices_with_a_total() -> None:
    near = facts(limits=(eur("100.00"),))
    assert ("fraud.amount.near_limit", "warn") in of(
        an_ordinary_invoice(gross_total=eur("99.00"), net_total=eur("83.19")), near
    )
    assert of(an_ordinary_invoice(gross_total=None), near) == []


def test_limits_are_those_of_people_the_matrix_and_the_second_approver() -> None:
    anna = Approver(person=PersonId("anna"), name="Anna", limit=eur("500"))
    plain = ApprovalPolicy(approvers=(anna,), four_eyes_above="5000")
    assert [limit.amount for limit in limits(plain)] == [500, 5000]
    assert 250_000 in [limit.amount for limit in limits(ApprovalPolicy(preset=Preset.ILLUSTRATIVE))]


def test_a_split_needs_a_date_and_a_total() -> None:
    for invoice in (an_invoice(issue_date=None), an_invoice(gross_total=None)):
        assert list(check_split(invoice, [], [eur("1")], FraudPolicy())) == []
    undated = EarlierInvoice(case_id="C-1", number="1", gross=eur("60.00"))
    assert list(check_split(an_invoice(), [undated], [eur("1000")], FraudPolicy())) == []
    assert order_numbers(an_invoice()) == order_numbers(an_invoice())


def test_numbers_without_a_running_part_make_no_row() -> None:
    assert list(check_sequence(an_ordinary_invoice(number="ABC"), [], FraudPolicy())) == []
    assert list(check_sequence(an_ordinary_invoice(number=None), [], FraudPolicy())) == []
    assert list(check_sequence(an_ordinary_invoice(), [], FraudPolicy(sequential_count=0))) == []


def bank(known: FraudFacts, *verified: BankAccount, **policy: Any) -> list[tuple[str, str]]:
    invoice = an_invoice(ibans=(OTHER_IBAN,))
    return rules(check_bank(invoice, a_supplier(), verified, known, FraudPolicy(**policy)))


def test_a_changed_account_blocks_until_another_person_activates_it() -> None:
    assert bank(facts()) == [("bank.iban.unverified", "block")]
    assert bank(facts(call_backs=(a_call(),))) == [("bank.iban.unverified", "block")]
    missed = a_call(CallResult.NOT_REACHED, spoken_with="")
    assert bank(facts(call_backs=(missed,))) == [("bank.iban.unverified", "block")]
    (found,) = check_bank(an_invoice(ibans=(OTHER_IBAN,)), a_supplier(), (), facts(call_backs=(a_call(),)))
    assert "second person" in found.message


def test_a_denied_account_leaves_only_rejecting_and_reporting() -> None:
    known = facts(call_backs=(a_call(CallResult.DENIED),))
    found = check_bank(an_invoice(ibans=(OTHER_IBAN,)), a_supplier(), (), known)
    assert rules(found) == [(DENIED, "block")]
    assert {way.id for way in allowed(found)} == {"report_fraud"}


def test_a_denial_after_the_activation_blocks_the_account_again_beside_a_good_one() -> None:
    done = a_call(activated_by=PersonId("bert"), activated_at=NOW - timedelta(days=90))
    known = facts(call_backs=(done, a_call(CallResult.DENIED, id=2)))
    invoice = an_invoice(ibans=(SUPPLIER_IBAN, OTHER_IBAN))
    found = check_bank(invoice, a_supplier(), (OURS,), known)
    assert rules(found) == [(DENIED, "block")]
    assert {way.id for way in allowed(found)} == {"report_fraud"}


def test_a_denied_local_number_blocks_beside_the_verified_account_that_ends_with_it() -> None:
    local = OTHER_IBAN[-9:]
    known = facts(call_backs=(a_call(CallResult.DENIED, account=local),))
    invoice = an_invoice(ibans=(OTHER_IBAN,), other_accounts=(local,))
    assert rules(check_bank(invoice, a_supplier(), (OURS,), known)) == [(DENIED, "block")]


def test_an_employees_account_blocks_even_when_it_is_verified() -> None:
    found = bank(facts(), OURS, employee_accounts=[" NL91 ABNA 0417 1643 00 "])
    assert found == [(EMPLOYEE, "block")]


def test_an_activated_account_waits_and_is_pointed_out_for_a_month() -> None:
    done = a_call(activated_by=PersonId("bert"), activated_at=NOW - timedelta(days=1))
    known = facts(call_backs=(done,))
    assert bank(known, OURS) == [("bank.account.new", "warn")]
    assert bank(known, OURS, cooling_off=timedelta(days=2)) == [("bank.cooling_off", "block")]
    assert bank(known, OURS, cooling_off=timedelta(days=1)) == [("bank.account.new", "warn")]
    assert bank(known, OURS, new_account=timedelta(hours=1)) == []
    assert bank(facts(call_backs=(a_call(),)), OURS) == []


def test_an_account_of_two_suppliers_is_told() -> None:
    other = AccountHolder(account=OTHER_IBAN, supplier_id=SupplierId("V2"), supplier_name="Factor")
    assert bank(facts(holders=(other,)), OURS) == [("bank.account.shared", "warn")]
    assert bank(facts(holders=(other.model_copy(update={"account": SUPPLIER_IBAN}),)), OURS) == []


def test_a_mail_without_addresses_is_nothing_to_compare() -> None:
    assert check_sender(facts(mail=MailFacts()), a_supplier(), FraudPolicy()) == []
    assert check_sender(facts(), a_supplier(), FraudPolicy()) == []


@pytest.mark.parametrize("results", [(), ("mx; spf=none",), ("other.example; dmarc=pass",)])
@pytest.mark.parametrize(
    ("sender", "rule"),
    [
        ("a@nord.example", "unauthenticated"),
        ("a@werk.example", "own_domain"),
        ("a@x.werk.example", "own_domain"),
    ],
)
def test_what_our_server_did_not_establish_is_a_warning_whoever_is_named(
    sender: str, rule: str, results: tuple[str, ...]
) -> None:
    policy = FraudPolicy(own_domains=["werk.example"], trusted_authserv=["mx"])
    known = facts(mail=MailFacts(sender=sender, authentication=results))
    (found,) = check_sender(known, a_supplier(), policy)
    assert (found.rule, found.severity) == (f"fraud.sender.{rule}", Severity.WARN)


def test_a_colleagues_mail_is_clean_where_our_server_confirmed_it_or_says_nothing_ever() -> None:
    mail = MailFacts(sender="a@werk.example", authentication=("mx; dmarc=pass",))
    policy = FraudPolicy(own_domains=["werk.example"], trusted_authserv=["mx"])
    assert check_sender(facts(mail=mail), a_supplier(), policy) == []
    unchecked = facts(mail=mail.model_copy(update={"authentication": ()}))
    assert check_sender(unchecked, a_supplier(), FraudPolicy(own_domains=["werk.example"])) == []


def test_results_that_are_no_results_leave_it_open() -> None:
    mail = MailFacts(sender="a@nord.example", authentication=("", "mx; spf=temperror; x=y; arc=pass"))
    assert authentication(mail, {"mx"}).verdict is Verdict.UNSURE


def test_a_mail_inside_another_never_becomes_the_outermost() -> None:
    inner, outer = MailFacts(sender="a@x.example"), MailFacts(sender="b@y.example")
    again = MailFacts(sender="c@z.example")
    found = carried(carried(inner, outer), again)
    assert found is not None and found.carrier is not None
    assert found.carrier.sender == "b@y.example" and found.carrier.carrier == again
    assert carried(None, outer) == outer and carried(inner, None) == inner


def test_the_index_finds_what_the_rules_call_alike_and_nothing_else() -> None:
    names = ("nordberg.de", "suedtal-papier.de", "kernmetall.de", "abcd.de", "glasbau.co.uk")
    owners = {
        name: OtherDomain(domain=name, supplier_id=SupplierId(name), supplier_name=name) for name in names
    }
    index = DomainIndex(owners)
    for domain in (
        "nordburg.de",
        "suedtalpapier.de",
        "kernrnetall.de",
        "nordberg.pay.com",
        "glasbau.com",
        "nordberg-billing.de",
        "rechnungnordberg.de",
        "mail.nordberg.de",
        "suedtal-papier-kiel.de",
    ):
        assert len(index.near(domain)) == 1, domain
    assert index.near("abce.de") == index.near("anything.de") == ()


def test_a_name_that_is_no_international_one_is_compared_as_it_stands() -> None:
    assert likeness("xn--\u00fc.de", "nordberg.de") is None
    assert not is_one_slip("same", "same") and not is_one_slip("ab", "abcd")


def test_numbers_in_texts_are_found_and_amounts_do_not_hide_them() -> None:
    assert telephone_numbers("Tel. +49 (0)431 / 555-0100, invoice 12") == ("494315550100",)
    assert telephone_numbers("no number, 1.00 EUR") == ()


def test_a_call_has_a_time_and_somebody_who_answered() -> None:
    assert time_refusal(NOW + timedelta(hours=1), None, NOW)
    assert time_refusal(NOW - timedelta(days=1), NOW, NOW)
    assert time_refusal(NOW, NOW, NOW) is None
    assert result_refusal(CallResult.CONFIRMED, " ") and result_refusal(CallResult.NOT_REACHED, "") is None


def test_a_policy_has_a_label() -> None:
    assert FraudPolicy(name="f", version="2").label == "f v2"


def test_a_name_that_ends_like_a_second_level_is_registered_itself() -> None:
    assert registered("mail.nordco.uk") == "nordco.uk" and registered("mail.nord.co.uk") == "nord.co.uk"
    assert same_sender("mail.nordco.uk", "nordco.uk") and not same_sender("a.co.uk", "b.co.uk")
