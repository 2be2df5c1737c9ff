"""Accounts that stand only in a text of the document or its mail are no less new."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from tests.builders import OTHER_IBAN, SUPPLIER_IBAN, a_credit_note, a_supplier, an_invoice
from tools.domain.call_backs import CallBack, CallResult, NumberSource
from tools.domain.findings import Severity
from tools.domain.ibans import ibans_in
from tools.domain.identifiers import PersonId, SupplierId
from tools.domain.mail import MailFacts
from tools.domain.supplier import BankAccount
from tools.intake.mail_facts import mail_facts
from tools.matching.bank import check_bank
from tools.matching.fraud_facts import FraudFacts

NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)
SPACED = "NL91 ABNA 0417 1643 00"


def test_an_account_in_a_note_blocks_beside_the_verified_one_and_is_masked() -> None:
    (found,) = check_bank(an_invoice(notes=(f"Please pay to {SPACED} from now on.",)), a_supplier())
    assert (found.kind, found.severity, found.rule) == ("bank_change", Severity.BLOCK, "bank.account.told")
    assert found.figures == {"invoice": "NL…4300"} and SPACED not in found.message
    assert "A note names" in found.message and "never from the document" in found.message


@pytest.mark.parametrize("field", ["payment_terms", "notes"])
def test_every_text_is_looked_at_and_each_account_told_once(field: str) -> None:
    text = f"Account {SPACED}, that is {OTHER_IBAN}"
    texts: dict[str, Any] = {field: text if field == "payment_terms" else (text, text)}
    invoice = an_invoice(**texts)
    assert len(check_bank(invoice, a_supplier())) == 1


def test_accounts_that_are_verified_or_printed_in_their_field_are_told_no_second_time() -> None:
    assert check_bank(an_invoice(notes=(f"IBAN {SUPPLIER_IBAN}",)), a_supplier()) == []
    known = [BankAccount(iban=OTHER_IBAN)]
    assert check_bank(an_invoice(notes=(SPACED,)), a_supplier(), known) == []
    (found,) = check_bank(an_invoice(ibans=(OTHER_IBAN,), notes=(SPACED,)), a_supplier())
    assert found.rule == "bank.iban.unverified"


def test_direct_debit_from_an_account_is_shown_and_does_not_stop() -> None:
    note = f"Der Betrag wird per Lastschrift von {SPACED} eingezogen."
    (found,) = check_bank(an_invoice(notes=(note,)), a_supplier())
    assert (found.rule, found.severity) == ("bank.account.debited", Severity.WARN)


def test_a_credit_note_asks_for_no_money() -> None:
    assert check_bank(a_credit_note(notes=(SPACED,)), a_supplier()) == []


def test_an_account_in_the_mail_or_in_the_mail_around_it_blocks() -> None:
    mail = MailFacts(carrier=MailFacts(accounts=(OTHER_IBAN,)))
    (found,) = check_bank(an_invoice(), a_supplier(), facts=FraudFacts(now=NOW, mail=mail))
    assert (found.rule, found.severity) == ("bank.account.told", Severity.BLOCK)
    assert found.message.startswith("The mail names")


def test_a_denied_account_stays_denied_whatever_the_note_says() -> None:
    call = CallBack(
        id=1,
        supplier_id=SupplierId("10001"),
        account=OTHER_IBAN,
        caller=PersonId("carl"),
        number="+49401",
        number_from=NumberSource.MASTER_DATA,
        spoken_with="Ms Nord",
        called_at=NOW,
        result=CallResult.DENIED,
        recorded_at=NOW,
    )
    facts = FraudFacts(now=NOW, call_backs=(call,))
    (found,) = check_bank(an_invoice(notes=(f"Direct debit: {SPACED}",)), a_supplier(), facts=facts)
    assert (found.rule, found.severity) == ("bank.call_back.denied", Severity.BLOCK)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pay NL91ABNA0417164300 now", ("NL91ABNA0417164300",)),
        ("N L 9 1 A B N A 0 4 1 7 1 6 4 3 0 0", ("NL91ABNA0417164300",)),
        ("NL91 АВNА 0417 1643 00", ("NL91ABNA0417164300",)),
        ("NL91ABNA0417164301 is mistyped", ()),
        ("order RE4123123162018, delivery 8812 of 2026-03-11", ()),
    ],
)
def test_an_account_is_known_by_its_check_digits_and_its_country(text: str, found: tuple[str, ...]) -> None:
    assert ibans_in(text) == found


def test_a_mail_tells_the_accounts_of_its_text() -> None:
    message = EmailMessage()
    message["From"] = "billing@nord.example"
    assert mail_facts(message, f"Our account: {SPACED}", None).accounts == (OTHER_IBAN,)
