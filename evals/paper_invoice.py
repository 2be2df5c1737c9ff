"""A made-up invoice as a PDF with text, with a text in its foot, and with one on it that nobody sees."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WIDTH, _HEIGHT = 595, 842
_CHARS = 90
"""Of one row of small print."""


def paper(document: str, hidden: str, foot: str = "", buyer: str = "Made-up company") -> bytes:
    """The UBL `document` printed on one page, billed to `buyer`; `foot` stands at its lower end in small
    print, `hidden` in white, two points high. What Latin letters cannot write is left out."""
    rows = [_at(40, 720 + 9 * at, part, 7) for at, part in enumerate(_parts(foot))]
    rows += [
        f"1 1 1 rg BT /F1 2 Tf 40 {30 - 3 * at} Td ({part}) Tj ET"
        for at, part in enumerate(map(_escaped, _parts(hidden)))
    ]
    return _file("\n".join((*_printed(document, buyer), *rows)).encode("cp1252", "ignore"))


def _parts(text: str) -> Iterable[str]:
    flat = " ".join(text.split())
    return [flat[at : at + _CHARS] for at in range(0, len(flat), _CHARS)]


def _printed(document: str, buyer: str) -> Iterable[str]:
    """Head, one row for each line, totals, account."""

    def said(before: str) -> str:
        return document.partition(before)[2].partition("<")[0]

    yield _at(40, 60, said("<cbc:RegistrationName>"), 14)
    yield _at(40, 78, f"VAT ID {said('<cac:PartyTaxScheme><cbc:CompanyID>')}")
    yield _at(40, 110, f"Bill to: {buyer}")
    yield _at(40, 150, "INVOICE", 16)
    yield _at(40, 175, f"Invoice number: {said('<cbc:ID>')}")
    yield _at(40, 190, f"Invoice date: {said('<cbc:IssueDate>')}")
    order = said("<cac:OrderReference><cbc:ID>")
    if order:
        yield _at(40, 205, f"Order number: {order}")
    for x, title in (
        (40, "Item"),
        (140, "Description"),
        (300, "Quantity"),
        (380, "Unit price"),
        (480, "Amount"),
    ):
        yield _at(x, 250, title)
    y = 250
    for row in document.split("<cac:InvoiceLine>")[1:]:
        y += 18
        cells = ("BuyersItemIdentification><cbc:ID", "cbc:Name", 'InvoicedQuantity unitCode="H87"')
        money = ('PriceAmount currencyID="EUR"', 'LineExtensionAmount currencyID="EUR"')
        for x, tag in zip((40, 140, 300, 380, 480), (*cells, *money), strict=True):
            yield _at(x, y, row.partition(f"{tag}>")[2].partition("<")[0])
    named = (
        ("Net total", "TaxExclusiveAmount"),
        ("VAT 19 %", "TaxAmount"),
        ("Total EUR", "TaxInclusiveAmount"),
    )
    for name, tag in named:
        y += 20
        yield _at(300, y, name)
        yield _at(480, y, said(f'<cbc:{tag} currencyID="EUR">'))
    account = said("<cac:PayeeFinancialAccount><cbc:ID>")
    if account:
        yield _at(40, y + 40, f"IBAN: {account}")


def _at(x: int, down: int, text: str, size: int = 10) -> str:
    return f"0 0 0 rg BT /F1 {size} Tf {x} {_HEIGHT - down} Td ({_escaped(text)}) Tj ET"


def _escaped(text: str) -> str:
    return re.sub(r"([\\()])", r"\\\1", text)


def _file(stream: bytes) -> bytes:
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R "
        b"/Resources << /Font << /F1 3 0 R >> >> >>" % (_WIDTH, _HEIGHT),
    )
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 6\n0000000000 65535 f \n" + table + end
