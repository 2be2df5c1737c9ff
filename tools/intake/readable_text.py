"""What a person can read in a file, as lines: for a second reader where the rules leave something open."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import EmailMessage
from html.parser import HTMLParser

from tools.domain.documents import ReadableText
from tools.intake.pdf_identifiers import ibans
from tools.intake.pdf_kind import kind_of
from tools.intake.pdf_lines import Layout, folded
from tools.intake.pdf_title_words import TITLES
from tools.intake.pdf_values import Located
from tools.intake.text_layout import text_layout

MOST_SIGNS = 3_600
"""Of the text that is kept: some 1,500 tokens, which a small model reads in 20 seconds on two cores."""
_HEAD_SHARE = 0.6
"""Number, date and names stand at the top, totals at the end; a long table in between is left out."""
_LONGEST_LINE = 400
_MOST_READ = 40_000
"""Signs of a letter that are looked at, of its beginning and its end."""
_LONGEST_MARKUP = 500_000
_AMOUNT = re.compile(r"\d[.,]\d{2}(?!\d)")
_SHORTEST_TITLE = 6
"""Shorter words (`bill`, `avoir`) say nothing in a letter."""
_INVOICE_WORDS = tuple(
    word
    for kind in ("invoice", "credit_note")
    for title in TITLES[kind].split("/")
    if len(word := folded(title)) >= _SHORTEST_TITLE and " " not in word
)
_BLOCKS = frozenset("p div br tr li table h1 h2 h3 h4 h5 h6 hr ul ol blockquote section article".split())
_CELLS = frozenset(("td", "th"))
_NOT_SHOWN = frozenset(("script", "style", "head", "title", "template", "noscript", "svg"))
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_DEEPEST = 500
_HIDING = re.compile(
    r"display:none|visibility:hidden|opacity:0(?![.\d])|font-size:[01](?:\.\d+)?(?:px|pt|em)?(?![\d.])|"
    r"max-height:0|(?<![-\w])color:(?:#fff(?:fff)?|white|transparent)(?![0-9a-f])"
)


def may_be_invoice(text: str) -> bool:
    """Whether a letter names an invoice or a credit note, in one of twelve languages, and an amount. What
    does not is shown to no model."""
    words = folded(text[: 2 * _MOST_READ]).split()
    return _AMOUNT.search(text) is not None and any(word.startswith(_INVOICE_WORDS) for word in words)


def of_letter(text: str) -> ReadableText | None:
    """Of a mail's body or a text file; None for what speaks of no invoice, or calls itself something else."""
    text = _tidy(text)
    left_out = text[_MOST_READ // 2 : -_MOST_READ // 2] if len(text) > _MOST_READ else ""
    if left_out:
        text = f"{text[: _MOST_READ // 2]}\n{text[-_MOST_READ // 2 :]}"
    if not may_be_invoice(text):
        return None
    layout = text_layout(text)
    if kind_of(layout).reason is not None:
        return None
    kept = _kept(text, ibans(layout))
    return kept.model_copy(update={"lines_left_out": kept.lines_left_out + left_out.count("\n")})


def of_pages(layout: Layout, accounts: Iterable[Located]) -> ReadableText:
    """Of the visible words of a PDF; `accounts` are those found in it."""
    text, page = "", layout.lines[0].page if layout.lines else 1
    for line in layout.lines:
        text += "" if not text else "\n" if line.page == page else "\f"
        text, page = text + line.text[:_LONGEST_LINE], line.page
    return _kept(text, accounts)


def _kept(text: str, accounts: Iterable[Located]) -> ReadableText:
    numbers = tuple(one.text for one in accounts)
    if len(text) <= MOST_SIGNS:
        return ReadableText(text=text, ibans=numbers)
    lines = re.split(r"(?<=[\n\f])", text)
    head = _within(lines, int(MOST_SIGNS * _HEAD_SHARE))
    used = sum(map(len, lines[:head]))
    tail = _within(lines[head:][::-1], MOST_SIGNS - used)
    shown = "".join(lines[:head]) + "".join(lines[len(lines) - tail :])
    return ReadableText(text=shown, lines_left_out=len(lines) - head - tail, ibans=numbers)


def _within(lines: list[str], room: int) -> int:
    """How many of the lines fit."""
    count = 0
    for line in lines:
        room -= len(line)
        if room < 0:
            break
        count += 1
    return count


def _tidy(text: str) -> str:
    """Short lines without blanks at their end, and no runs of empty ones."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\xa0", " ")
    lines = "\n".join(line.rstrip()[:_LONGEST_LINE] for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def mail_text(message: EmailMessage) -> str:
    """Subject and body; the plain body where there are two."""
    subject = " ".join(str(message.get("subject") or "").split())
    body = message.get_body(preferencelist=("plain", "html"))
    if not isinstance(body, EmailMessage) or body.is_multipart():
        return subject
    payload = body.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    text = _decoded(content, body.get_content_charset())
    return f"{subject}\n\n{html_text(text) if body.get_content_subtype() == 'html' else text}"


def _decoded(content: bytes, charset: str | None) -> str:
    try:
        return content.decode(charset or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def html_text(markup: str) -> str:
    """The text of a web page, without what its own marks say is not shown."""
    page = _Page()
    page.feed(markup[:_LONGEST_MARKUP])
    page.close()
    lines = "".join(page.pieces).split("\n")
    return "\n".join(re.sub(r" *\0[ \0]*", "  ", line).strip() for line in lines)


class _Page(HTMLParser):
    """Gathers text; a zero byte stands between the cells of a row."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden: list[str] = []
        """Tags that are open, from the one that hides. Deeper than any page goes, all that follows is left
        out."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self._part(tag)
        elif self._hidden or tag in _NOT_SHOWN or _hides(attrs):
            self._hidden += [tag] if len(self._hidden) < _DEEPEST else []
        else:
            self._part(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._hidden:
            self._part(tag)
        elif len(self._hidden) < _DEEPEST and tag in self._hidden:
            while self._hidden.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(re.sub(r"\s+", " ", data.replace("\0", "")))

    def _part(self, tag: str) -> None:
        if tag in _BLOCKS and not self._hidden:
            self.pieces.append("\n")
        elif tag in _CELLS and not self._hidden:
            self.pieces.append("\0")


def _hides(attrs: list[tuple[str, str | None]]) -> bool:
    given = dict(attrs)
    style = re.sub(r"\s+", "", given.get("style") or "").casefold()
    return "hidden" in given or _HIDING.search(style) is not None
