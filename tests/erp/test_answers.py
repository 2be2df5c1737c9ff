"""What an ERP's answer leaves in an error: no bank account, whole or halved, wherever the body has one."""

from __future__ import annotations

import pytest

from tools.erp.answers import Answer, Explanation, Redaction, failure
from tools.erp.errors import ErpUnavailable

IBAN = "NL64ABNA0417164301"
CUT = b'{"d":{"results":[{"BankAccount":"%s","Name":"x"}' % IBAN.encode()


def test_an_answer_that_cannot_be_read_shows_no_account() -> None:
    with pytest.raises(ErpUnavailable) as told:
        Answer(200, {}, CUT).json()
    assert "0417164301" not in told.value.detail
    assert told.value.detail.startswith('HTTP 200: {"d":{"results"')


@pytest.mark.parametrize(
    "written", [IBAN, "NL64 ABNA 0417 1643 01", "NL65ABNA0417164301", "account: 0417164301"]
)
def test_a_refusals_detail_shows_no_account_however_it_is_written(written: str) -> None:
    answer = Answer(400, {}, f'{{"error":"bad {written} here"}}'.encode())
    error = failure(answer, Explanation(), "The ERP", Redaction(), changes=True)
    assert "0417164301" not in error.detail.replace(" ", "")
    assert "here" in error.detail


def test_the_erps_own_words_mask_an_iban() -> None:
    explained = Explanation(message=f"Invalid: Bank account {IBAN}")
    error = failure(Answer(500, {}, b""), explained, "The ERP", Redaction(), changes=False)
    assert "0417164301" not in str(error)
    assert "Invalid: Bank account" in str(error)


def test_a_ledger_accounts_number_stays_in_the_erps_own_words() -> None:
    explained = Explanation(message="Account 1610000 is blocked")
    error = failure(Answer(400, {}, b""), explained, "The ERP", Redaction(), changes=False)
    assert str(error) == "Account 1610000 is blocked"


@pytest.mark.parametrize("before", range(1960, 2000, 3))
def test_the_end_of_what_is_kept_halves_no_account(before: int) -> None:
    """Cut first, the front part of a number has no form by which it is known."""
    detail = Redaction().detail(Answer(200, {}, b"x" * before + b" " + IBAN.encode() + b" end").summary)
    assert "ABNA" not in detail
    assert len(detail) <= 2000


def test_secrets_are_blotted_out_before_accounts() -> None:
    redaction = Redaction((IBAN,))
    assert redaction.detail(f"token {IBAN}") == "token ***"
