"""Text that others wrote, made safe to stand in a prompt: between marks that it can neither close nor forge.

What stands between the marks is shown to a model as data. It holds no angle bracket of any kind, so no mark,
no turn of a conversation and no control token of a model can be written in it; no line break, so no line can
pretend to be somebody else's; nothing invisible; no bank account and no card number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from tools.account_numbers import without_numbers

LIMIT = 600
"""Characters of one text, unless the caller says otherwise."""
_MOST_READ = 20_000
"""Longer texts are cut before they are looked at; the last characters of such a cut are dropped, so that no
half of an account number stands at its end."""
_LONGEST_NUMBER = 80
_LONGEST_SOURCE = 60
_OPEN = "<＜﹤〈⟨〈《⟪❮❰❬ᐸ˂≺⋖⪡≪≤⩽⧼𝈶"
_CLOSE = ">＞﹥〉⟩〉》⟫❯❱❭ᐳ˃≻⋗⪢≫≥⩾⧽𝈷"
_BRACKETS = {**{ord(sign): "(" for sign in _OPEN}, **{ord(sign): ")" for sign in _CLOSE}}
_QUOTES = dict.fromkeys(map(ord, "«»‹›"), '"')
_BARS = dict.fromkeys(map(ord, "|｜¦∣❘❙❚⏐￨"), "/")
"""`<|im_end|>` and its like are taken apart twice."""
_SIGNS = _BRACKETS | _QUOTES | _BARS
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_MARKS_AT_ONCE = 2
_BREAK = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
_BLANKS = re.compile(r"\s+")
_CONTROL_WORD = re.compile(r"\[(/?[A-Z][A-Z_ ]{2,})\]")
"""`[INST]`, `[TOOL_CALLS]`: tokens of their own for some models."""
_LINK = re.compile(r"!?\[([^\[\]]*)\]\(")
_NOT_IN_SOURCE = re.compile(r"[^\w .:#/-]+")


class MarkedText(str):
    """Text between marks. Never marked twice, never cut: the end mark would be lost."""

    __slots__ = ()


_MARKED = re.compile(r"<data([^<>]*)>([^<>]*)</data>")
_HIDDEN = re.compile(r' hidden="(\d+)"')
_STRAIGHT = dict.fromkeys(map(ord, "“”„‟❝❞〝〞＂"), '"') | dict.fromkeys(map(ord, "‘’‚‛"), "'")
_IN_A_NUMBER = re.compile(r"\d[\d.,]*\Z")


def marked(text: str, source: str = "", limit: int = LIMIT, accounts: Collection[str] = ()) -> MarkedText:
    """`<data source="invoice note">…</data>`. `source` says in our words where it comes from; `accounts` are
    known account numbers that have no form by which they could be told.

    What was taken out is told in the mark: `hidden="3"` invisible signs, `cut="1200"` characters left out.
    """
    shown, hidden, cut = _tidied(text, limit, accounts)
    told = [("source", _NOT_IN_SOURCE.sub(" ", source).strip()[:_LONGEST_SOURCE])]
    told += [("hidden", str(hidden))] if hidden else []
    told += [("cut", str(cut))] if cut else []
    words = "".join(f' {name}="{value}"' for name, value in told if value)
    return MarkedText(f"<data{words}>{shown}</data>")


def in_quotes(text: str) -> str:
    """Text with marks as a person reads it: what others wrote stands in quotation marks that it cannot close,
    with an ellipsis where it was cut."""
    return _MARKED.sub(_quotation, text)


def broken_off(words: str) -> str:
    """The beginning of a text as a person is shown it: half of a figure would be another figure."""
    return _IN_A_NUMBER.sub("", words) + "…"


def _quotation(found: re.Match[str]) -> str:
    told, words = found[1], found[2].translate(_STRAIGHT)
    if ' cut="' in told:
        words = broken_off(words)
    hidden = _HIDDEN.search(told)
    return f"“{words}”" + (f" (hidden signs: {hidden[1]})" if hidden else "")


def tidied(text: str, limit: int = LIMIT, accounts: Collection[str] = ()) -> str:
    """What would stand between the marks; for screens and comparisons."""
    return _tidied(text, limit, accounts)[0]


def _tidied(text: str, limit: int, accounts: Collection[str]) -> tuple[str, int, int]:
    """The text, how many invisible signs were taken out, how many characters were left out."""
    read = text[:_MOST_READ]
    seen = "".join(sign for sign in read if not is_hidden(sign))
    flat = _BLANKS.sub(" ", _BREAK.sub(" / ", _with_few_marks(seen))).strip()
    plain = "".join(map(_plain, flat)).translate(_SIGNS)
    safe = _without_links(_CONTROL_WORD.sub(r"(\1)", without_numbers(plain, accounts)))
    whole = safe[:-_LONGEST_NUMBER] if len(text) > _MOST_READ else safe
    shown = whole[: max(limit, 0)]
    left_out = len(safe) - len(shown) + len(text) - len(read)
    return shown, len(read) - len(seen), left_out


def is_hidden(sign: str) -> bool:
    """Zero-width, direction, tag, control and private signs, variation selectors, blank letters."""
    if sign.isascii():
        return not (sign.isprintable() or sign in "\n\r\t\v\f")
    if sign in _BLANK_LETTERS or 0xFE00 <= ord(sign) <= 0xFE0F or 0xE0100 <= ord(sign) <= 0xE01EF:
        return True
    return unicodedata.category(sign) in _INVISIBLE and sign != "\x85"


def _plain(sign: str) -> str:
    """Letters, digits and signs in another dress (full width, bold, circled) as plain ones; powers stay."""
    if sign.isascii():
        return sign
    form = unicodedata.decomposition(sign)
    if form.startswith(("<super>", "<sub>", "<fraction>")):
        return sign
    normal = unicodedata.normalize("NFKC", sign)
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    return normal if normal.isascii() and normal.isprintable() and normal else sign


def _with_few_marks(text: str) -> str:
    """No more than two combining marks on one letter: towers of them hide what stands below."""
    if text.isascii():
        return text
    kept: list[str] = []
    height = 0
    for sign in text:
        height = height + 1 if unicodedata.category(sign) in ("Mn", "Me") else 0
        if height <= _MARKS_AT_ONCE:
            kept.append(sign)
    return "".join(kept)


def _without_links(text: str) -> str:
    """A screen that draws Markdown loads no picture and offers no link that a document wrote."""
    return _LINK.sub(r"\1 (", text)
