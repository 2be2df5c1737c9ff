"""What leaves a call for a log or a trace holds no key, no account, and no endless text."""

from __future__ import annotations

import pytest

from agent.llm.redaction import HIDDEN, LONGEST, redacted, told


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Authorization: Bearer abcdef123456", "abcdef123456"),
        ("Incorrect API key provided: sk-proj-1234567890abcdef", "1234567890abcdef"),
        ('{"api_key": "plain-value-7"}', "plain-value-7"),
        ("password=hunter22;", "hunter22"),
        ("token: abcd-efgh", "abcd-efgh"),
        ("lsv2_pt_0123456789abcdef", "0123456789abcdef"),
        ("pay to DE89 3704 0044 0532 0130 00 today", "0532 0130"),
    ],
)
def test_keys_and_accounts_are_masked_wherever_they_stand(text: str, hidden: str) -> None:
    assert hidden not in redacted(text)


def test_a_known_secret_of_any_form_is_masked_the_longest_first() -> None:
    assert redacted("a weird secret: qwertz-longer", ("qwertz", "qwertz-longer")).endswith(HIDDEN)


@pytest.mark.parametrize(
    "text",
    ["The price is 8.0 percent above the order.", "106 tokens in, 20 out", "max_tokens is too large: 900"],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


def test_somebody_elses_words_are_one_line_of_bounded_length() -> None:
    shown = told("first\nsecond " + "x" * 1000)
    assert shown.startswith("first second")
    assert "\n" not in shown
    assert len(shown) == LONGEST + 1


def test_a_foreign_key_that_begins_like_ours_is_hidden_whole() -> None:
    text = "wrong key sk-LEAKLEAK1234567890abcdef, not sk-SECRETSECRET0123456789abcdef"
    assert redacted(text, ("sk-SECRETSECRET0123456789abcdef",)) == f"wrong key {HIDDEN}, not {HIDDEN}"
