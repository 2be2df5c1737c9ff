"""PDF files written by hand: words at places, in Helvetica, with whatever an adversary hides in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WIDTH, HEIGHT = 595, 842
_NARROW, _DIGIT, _OTHER = 0.278, 0.556, 0.57
"""Advance widths of Helvetica in em: punctuation, digits; letters on average (enough to align by)."""


@dataclass(frozen=True)
class Text:
    """`x` is the left edge, or the right edge when `right` is set; `y` counts down from the top."""

    x: float
    y: float
    text: str
    size: float = 10
    right: bool = False
    invisible: bool = False
    white: bool = False


def right(x: float, y: float, text: str, size: float = 10) -> Text:
    return Text(x, y, text, size, right=True)


def table_row(y: float, *columns: tuple[float, str]) -> list[Text]:
    """Cells of one line: negative `x` means right-aligned at that place."""
    return [Text(abs(x), y, text, right=x < 0) for x, text in columns]


def a_pdf(*pages: Iterable[Text], rotate: int = 0, turned: bool = False) -> bytes:
    """A file with one page for each argument. `rotate` is the page's own turn, clockwise in degrees;
    `turned` draws the text so that it is upright on a page rotated by 90."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects.append(font)
    kids = []
    for texts in pages:
        stream = "\n".join(_shown(text, turned) for text in texts).encode("cp1252")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Rotate %d /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (WIDTH, HEIGHT, rotate, len(objects))
        )
        kids.append(len(objects))
    listed = " ".join(f"{kid} 0 R" for kid in kids).encode()
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (listed, len(kids))
    return _file(objects)


def _file(objects: list[bytes]) -> bytes:
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    return (
        body
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    )


def _shown(text: Text, turned: bool) -> str:
    x = text.x - _width(text.text) * text.size if text.right else text.x
    escaped = text.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    mode = "3 Tr" if text.invisible else "0 Tr"
    colour = "1 g" if text.white else "0 g"
    place = f"0 1 -1 0 {text.y:.2f} {x:.2f}" if turned else f"1 0 0 1 {x:.2f} {HEIGHT - text.y:.2f}"
    return f"BT {colour} {mode} /F1 {text.size} Tf {place} Tm ({escaped}) Tj ET"


def _width(text: str) -> float:
    return sum(_NARROW if c in " .,:'-" else _DIGIT if c.isdigit() else _OTHER for c in text)
