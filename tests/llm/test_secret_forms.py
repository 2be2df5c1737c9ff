"""Whatever an endpoint makes of our key or of an account: nothing of it is told, kept or asked again."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Callable
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.llm.contract import ModelTrouble
from agent.llm.redaction import HIDDEN, redacted, scrubbed, scrubbed_stream, told
from tests.llm.desk import ACCEPT, CASE, PROMPT, SCHEMA, asking
from tests.llm.endpoint import KEY, Endpoint, called, failed, said
from tests.llm.test_telemetry import Kept, attributes

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2066\U000e0041\ufe0f"
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
KEYS = st.builds(
    lambda head, body: head + body,
    st.sampled_from(["", "sk-proj-", "gsk_"]),
    st.text(alphabet=_SIGNS, min_size=20, max_size=60),
)
BYTES = st.binary(max_size=5)


def json_escaped(key: str) -> str:
    return "".join(f"\\u{ord(sign):04x}" for sign in key)


def html_escaped(key: str) -> str:
    return "".join(f"&#{ord(sign)};" for sign in key)


def per_cent(key: str) -> str:
    return "".join(f"%{ord(sign):02X}" for sign in key)


WRITINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "with blanks": " ".join,
    "percent-encoded": per_cent,
    "percent-encoded twice": lambda key: quote(per_cent(key)),
    "as escapes of JSON": json_escaped,
    "as signs of HTML": html_escaped,
    "in hexadecimal": lambda key: key.encode().hex(),
    "in full width": lambda key: "".join(chr(ord(sign) + 0xFEE0) for sign in key),
}


def pieces(key: str, length: int) -> set[str]:
    """Runs of the key that no word could be."""
    runs = {key[at : at + length] for at in range(len(key) - length + 1)}
    return {run.casefold() for run in runs if re.search(r"\d", run)}


def in_the_open(text: str) -> str:
    """What anybody can make of a text: decoded twice, in plain letters, without blanks."""
    text = re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), unquote(unquote(text)))
    text = re.sub(r"&#(\d+);", lambda code: chr(int(code[1])), text)
    plain = (chr(ord(sign) - 0xFEE0) if 0xFF01 <= ord(sign) <= 0xFF5E else sign for sign in text)
    visible = "".join(sign for sign in plain if sign not in INVISIBLE and not sign.isspace())
    found = [visible]
    for run in re.findall(r"[0-9a-fA-F]{8,}", text):
        found.append(bytes.fromhex(run[: len(run) // 2 * 2]).decode("latin-1"))
    return "".join(found).casefold()


@given(KEYS, st.sampled_from(sorted(WRITINGS)), st.text(max_size=20), st.text(max_size=20))
def test_no_piece_of_a_known_key_is_left_however_it_is_written(
    key: str, writing: str, before: str, after: str
) -> None:
    text = f"{before} {WRITINGS[writing](key)} {after}"
    for shown in (redacted(text, (key,)), scrubbed(text, (key,)), told(text, (key,))):
        assert not [piece for piece in pieces(key, 8) if piece in in_the_open(shown)]


@settings(max_examples=40)
@given(KEYS, st.data())
def test_invisible_signs_within_a_key_do_not_save_it(key: str, data: st.DataObject) -> None:
    between = [data.draw(st.text(alphabet=INVISIBLE, max_size=2)) for _ in key]
    split = "".join(sign + gap for sign, gap in zip(key, between, strict=True))
    for shown in (redacted(f"key {split}.", (key,)), scrubbed(f"key {split}.", (key,))):
        assert HIDDEN in shown
        assert not [piece for piece in pieces(key, 6) if piece in in_the_open(shown)]


@given(KEYS, BYTES, BYTES, st.booleans())
def test_a_key_inside_of_base64_is_found_at_every_place(
    key: str, before: bytes, after: bytes, is_for_addresses: bool
) -> None:
    encode = base64.urlsafe_b64encode if is_for_addresses else base64.b64encode
    encoded = encode(before + key.encode() + after).decode()
    for shown in (redacted(f"got Basic: {encoded} !", (key,)), scrubbed(f"got {encoded} !", (key,))):
        assert encoded[8:16] not in shown
        assert HIDDEN in shown and shown.startswith("got") and shown.endswith("!")


@given(KEYS, st.integers(6, 19))
def test_a_piece_of_a_key_is_hidden_in_what_an_endpoint_says(key: str, length: int) -> None:
    for piece in (key[:length], key[-length:], key[2 : 2 + length]):
        shown = redacted(f"the value {piece} is refused", (key,))
        assert not [part for part in pieces(piece, 6) if part in shown.casefold()]


@given(KEYS, st.integers(4, 8))
def test_the_last_signs_of_a_key_are_hidden_as_a_word(key: str, length: int) -> None:
    assert redacted(f"It was the one … {key[-length:]}!", (key,)) == f"It was the one … {HIDDEN}!"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Incorrect API key provided ends with wxyz.", "wxyz"),
        ("Your key ending in: 'wxyz' has expired", "wxyz"),
        ("the last four characters of the key are wxyz", "wxyz"),
        ("Incorrect API key provided: sk-proj-************wxyz", "wxyz"),
        ("key abc***wxyz", "wxyz"),
        ("Der Schlüssel endet auf wxyz", "wxyz"),
        ("De sleutel eindigt op wxyz", "wxyz"),
        ("La clé se termine par wxyz", "wxyz"),
        ("The last 4 digits of this card: 4242", "4242"),
        ("Das Konto endet auf 3000", "3000"),
        ("your card …4242", "4242"),
        ("konto 532013000", "532013000"),
        ("rekening 532.013.000 is unknown", "532.013.000"),
        ("account number 532013000", "532013000"),
        ("account no. 532\u200b013\u200b000", "013"),
        ("compte n° 532 013 000", "013"),
        ("BLZ 37040044", "37040044"),
        ("s\u200bk-proj-1234\u200b567890abcdef", "567890"),
    ],
)
def test_tails_and_accounts_are_hidden_even_when_nobody_knows_them(text: str, hidden: str) -> None:
    assert hidden not in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "The price is 8.0 percent above the order.",
        "This is ***important*** and ends with a word.",
        "maximum context length is 4096 tokens, however you requested 5012 tokens",
        "order PO-77 of 2026-03-01, 3 lines, 120.00 EUR",
        "the key `response_format` is not known",
        "the start of the answer is no JSON: the key `reason` is missing at the end",
        "the last key of the object is not expected at the end of the answer",
        "Rate limit reached for requests per min: limit 3, used 3",
    ],
)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert redacted(text, ("not-needed", KEY)) == text


@given(KEYS, st.text(max_size=60))
def test_an_answer_without_a_key_stays_sign_for_sign(key: str, text: str) -> None:
    plain = text.encode("utf-8", "replace").decode()
    runs = (key[at : at + 12].casefold() for at in range(len(key) - 11))
    if not any(run in in_the_open(plain) for run in runs):
        assert scrubbed(plain, (key,)) == plain


@settings(max_examples=40)
@given(KEYS, st.sampled_from(["as it is", "percent-encoded", "in hexadecimal"]), st.integers(1, 9))
async def test_a_key_that_comes_in_pieces_is_not_passed_on(key: str, writing: str, size: int) -> None:
    text = f"You sent\n{WRITINGS[writing](key)} to me."

    async def parts() -> AsyncIterator[str]:
        for at in range(0, len(text), size):
            yield text[at : at + size]

    shown = "".join([part async for part in scrubbed_stream(parts(), (key,))])
    assert shown.replace(f"{HIDDEN}", "") == "You sent\n to me."


ECHOES = {
    "ends": f"no such key …, it ends with {KEY[-4:]}",
    "split": "no: " + "\u200b".join(KEY),
    "per cent": f"no: {per_cent(KEY)}",
    "base64": f"no: {base64.b64encode(('me:' + KEY).encode()).decode()}",
    "konto": "Zahlung von Konto 532013000 fehlt",
    "rekening": "rekening 532013000 onbekend",
}


def leaks(text: str) -> list[str]:
    seen = in_the_open(text)
    words = [*(KEY[at : at + 7] for at in range(len(KEY) - 6)), f"with {KEY[-4:]}", "532013000"]
    encoded = base64.b64encode(("me:" + KEY).encode()).decode()[8:16]
    return [word for word in words if word.replace(" ", "") in seen] + [encoded] * (encoded in text)


@pytest.mark.parametrize("echo", sorted(ECHOES))
@pytest.mark.parametrize("status", [400, 401, 429, 503])
async def test_what_an_endpoint_repeats_reaches_no_error_no_log_and_no_trace(
    echo: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    kept, endpoint = Kept((KEY,)), Endpoint(*[failed(status, ECHOES[echo]) for _ in range(4)])
    async with asking(endpoint, traces=kept.traces) as desk:
        with pytest.raises(ModelTrouble) as trouble:
            await desk.choose(PROMPT, SCHEMA, case_id=CASE)
        texts = [str(trouble.value), repr(trouble.value), *desk.outcomes, caplog.text]
    texts += [json.dumps(attributes(span), ensure_ascii=False) for span in kept.spans]
    assert not leaks("\n".join(texts))
    assert trouble.value.__cause__ is None and trouble.value.__suppress_context__


@pytest.mark.parametrize("echo", sorted(ECHOES))
async def test_an_unusable_answer_is_shown_to_the_model_again_without_them(echo: str) -> None:
    kept, endpoint = Kept((KEY,)), Endpoint(said(ECHOES[echo]), said(ACCEPT))
    async with asking(endpoint, traces=kept.traces) as desk:
        await desk.choose(PROMPT, SCHEMA, case_id=CASE)
        assert not leaks(json.dumps(endpoint.requests[1:], ensure_ascii=False))
        assert not leaks("\n".join(desk.outcomes))
    assert not leaks("\n".join(json.dumps(attributes(span), ensure_ascii=False) for span in kept.spans))


async def test_an_endpoint_that_calls_itself_by_our_key_leaves_none_in_a_trace() -> None:
    reply = {**called(ACCEPT), "id": KEY, "model": KEY}
    kept = Kept()
    async with asking(Endpoint(reply), traces=kept.traces, structured="tools") as desk:
        await desk.choose(PROMPT, SCHEMA, case_id=CASE)
    assert not leaks(json.dumps(attributes(kept.spans[0])))
