"""Accounts on an invoice against verified accounts."""

from __future__ import annotations

from tests.builders import OTHER_IBAN, SUPPLIER_IBAN, a_credit_note, a_supplier, an_invoice, eur
from tools.domain.findings import Severity
from tools.domain.supplier import BankAccount
from tools.matching.bank import check_bank


def test_a_verified_account_is_nothing_to_tell() -> None:
    assert check_bank(an_invoice(), a_supplier()) == []
    assert check_bank(an_invoice(ibans=("de89 3704 0044 0532 0130 00",)), a_supplier()) == []


def test_an_account_that_is_not_verified_blocks_and_is_masked() -> None:
    (found,) = check_bank(an_invoice(ibans=(OTHER_IBAN,)), a_supplier())
    assert found.kind == "bank_change" and found.severity is Severity.BLOCK
    assert OTHER_IBAN not in found.message and SUPPLIER_IBAN not in found.message
    assert found.figures == {"invoice": "NL…4300", "verified": "DE…3000"}
    assert "never from the document" in found.message


def test_one_unknown_account_beside_a_verified_one_blocks() -> None:
    found = check_bank(an_invoice(ibans=(SUPPLIER_IBAN, OTHER_IBAN, OTHER_IBAN)), a_supplier())
    assert len(found) == 1


def test_our_own_verification_counts() -> None:
    invoice = an_invoice(ibans=(OTHER_IBAN,))
    assert check_bank(invoice, a_supplier(), [BankAccount(iban=OTHER_IBAN)]) == []


def test_without_any_verified_account_the_message_says_so() -> None:
    (found,) = check_bank(an_invoice(), a_supplier(bank_accounts=()))
    assert found.rule == "bank.iban.none_on_file" and "no verified account is on file" in found.message


def test_wrong_check_digits_are_told() -> None:
    (found,) = check_bank(an_invoice(ibans=("DE00370400440532013000",)), a_supplier())
    assert "check digits are wrong" in found.message


def test_nothing_is_asked_where_nothing_is_to_be_paid() -> None:
    unknown = (OTHER_IBAN,)
    assert check_bank(an_invoice(ibans=()), a_supplier()) == []
    assert check_bank(a_credit_note(ibans=unknown), a_supplier()) == []
    assert check_bank(an_invoice(ibans=unknown, payable=eur("0.00")), a_supplier()) == []
    assert check_bank(an_invoice(ibans=unknown, payable=None), a_supplier()) != []


def test_another_payee_is_a_warning_even_where_the_account_is_verified() -> None:
    (found,) = check_bank(an_invoice(payee_name="Factor Bank"), a_supplier())
    assert (found.rule, found.severity) == ("bank.payee", Severity.WARN)
    assert check_bank(an_invoice(payee_name=a_supplier().name.upper()), a_supplier()) == []
    (found,) = check_bank(an_invoice(payee_name="Factor Bank", ibans=()), a_supplier())
    assert (found.rule, found.severity) == ("bank.payee", Severity.WARN)
    assert len(check_bank(an_invoice(payee_name="Factor Bank", ibans=(OTHER_IBAN,)), a_supplier())) == 2


def test_an_account_in_another_form_blocks_until_it_is_verified() -> None:
    invoice = an_invoice(other_accounts=("1234-5678 90",))
    (found,) = check_bank(invoice, a_supplier())
    assert (found.kind, found.severity) == ("bank_change", Severity.BLOCK)
    assert "345678" not in found.message and "check digits" not in found.message
    assert check_bank(invoice, a_supplier(), [BankAccount(iban="1234567890")]) == []


def test_the_local_number_inside_a_verified_iban_of_the_document_is_the_same_account() -> None:
    local = ("0532013000",)
    assert check_bank(an_invoice(other_accounts=local), a_supplier()) == []
    assert len(check_bank(an_invoice(ibans=(), other_accounts=local), a_supplier())) == 1
    assert len(check_bank(an_invoice(other_accounts=("013000",)), a_supplier())) == 1
