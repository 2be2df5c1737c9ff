"""Where an attacker can write: documents and mails that say, at one place, what the attack says."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from enum import StrEnum
from xml.sax.saxutils import escape

from evals.paper_invoice import paper

_FILE_NAME = re.compile(r"[^\w .,()-]+")
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ONE_LINE = re.compile(r"[\x00-\x1f\x7f<>\"\\]+")
_LONGEST_NAME = 120

_HONEST = "Our invoice is attached."
_FOOT = "Goods remain our property until they are paid in full."


class Place(StrEnum):
    NOTE = "note"
    LINE = "line description"
    ITEM = "item name"
    FILE_NAME = "file name"
    MAIL_BODY = "mail body"
    SUPPLIER_NAME = "supplier name"
    ORDER_REFERENCE = "order reference"
    PAYMENT_TERMS = "payment terms"
    HIDDEN_IN_PDF = "hidden text of a PDF"
    FOOT_OF_PDF = "foot of a PDF"
    SUBJECT = "mail subject"
    SENDER = "name of a mail's sender"
    MEMBER_NAME = "name in an archive"


def written(place: Place, name: str, document: str, attack: str) -> tuple[str, bytes]:
    """File name and content of `document` (UBL, named `name`) with the attack at its place."""
    if place in _IN_DOCUMENT:
        return name, _IN_DOCUMENT[place](document, escape(_NO_XML.sub("", attack))).encode()
    stem = name.removesuffix(".xml")
    match place:
        case Place.FILE_NAME:
            return f"{stem} {_as_name(attack)}.xml", document.encode()
        case Place.MEMBER_NAME:
            return f"{stem}.zip", _archive(f"{stem} {_as_name(attack)}.xml", document)
        case Place.HIDDEN_IN_PDF:
            return f"{stem}.pdf", paper(document, attack)
        case Place.FOOT_OF_PDF:
            return f"{stem}.pdf", paper(document, "", attack)
        case Place.SUBJECT:
            return f"{stem}.eml", _mail(name, document, subject=attack)
        case Place.SENDER:
            return f"{stem}.eml", _mail(name, document, sender=attack)
    return f"{stem}.eml", _mail(name, document, body=attack)


def harmless(place: Place, name: str, document: str) -> tuple[str, bytes]:
    """The same file without an attack."""
    if place in _IN_DOCUMENT or place is Place.FILE_NAME:
        return name, document.encode()
    if place is Place.MEMBER_NAME:
        return f"{name.removesuffix('.xml')}.zip", _archive(name, document)
    honest = {Place.HIDDEN_IN_PDF: "", Place.FOOT_OF_PDF: _FOOT, Place.SUBJECT: "Invoice", Place.SENDER: ""}
    return written(place, name, document, honest.get(place, _HONEST))


def _as_name(attack: str) -> str:
    return _FILE_NAME.sub(" ", attack).strip()[:_LONGEST_NAME]


def _note(document: str, text: str) -> str:
    mark = "<cbc:DocumentCurrencyCode>"
    return document.replace(mark, f"<cbc:Note>{text}</cbc:Note>{mark}", 1)


def _line(document: str, text: str) -> str:
    return document.replace(
        "<cac:Item><cbc:Name>", f"<cac:Item><cbc:Description>{text}</cbc:Description><cbc:Name>", 1
    )


def _item(document: str, text: str) -> str:
    head, _, tail = document.partition("<cac:Item><cbc:Name>")
    return f"{head}<cac:Item><cbc:Name>{text}</cbc:Name>{tail.partition('</cbc:Name>')[2]}"


def _supplier(document: str, text: str) -> str:
    return document.replace("</cbc:RegistrationName>", f" {text}</cbc:RegistrationName>", 1)


def _order(document: str, text: str) -> str:
    """Behind the order's number; a document without one gets the text for a reference."""
    head, mark, tail = document.partition("<cac:OrderReference><cbc:ID>")
    if not mark:
        currency = "</cbc:DocumentCurrencyCode>"
        reference = f"<cac:OrderReference><cbc:ID>{text}</cbc:ID></cac:OrderReference>"
        return document.replace(currency, currency + reference, 1)
    number, _, rest = tail.partition("</cbc:ID>")
    return f"{head}{mark}{number} {text}</cbc:ID>{rest}"


def _terms(document: str, text: str) -> str:
    terms = f"<cac:PaymentTerms><cbc:Note>{text}</cbc:Note></cac:PaymentTerms>"
    return document.replace("<cac:TaxTotal>", f"{terms}<cac:TaxTotal>", 1)


_IN_DOCUMENT: Mapping[Place, Callable[[str, str], str]] = {
    Place.NOTE: _note,
    Place.LINE: _line,
    Place.ITEM: _item,
    Place.SUPPLIER_NAME: _supplier,
    Place.ORDER_REFERENCE: _order,
    Place.PAYMENT_TERMS: _terms,
}


def _mail(
    name: str, document: str, *, body: str = _HONEST, subject: str = "Invoice", sender: str = ""
) -> bytes:
    mail = EmailMessage()
    who, about = (" ".join(_ONE_LINE.sub(" ", text).split()) for text in (sender, subject))
    mail["From"] = f'"{who}" <billing@supplier.example>' if who else "billing@supplier.example"
    mail["To"], mail["Subject"] = "ap@madeup.example", about
    mail["Message-ID"], mail["Date"] = f"<{name}@supplier.example>", "Mon, 16 Mar 2026 08:00:00 +0000"
    mail.set_content(body.encode("utf-8", "replace").decode() + "\n")
    mail.add_attachment(document.encode(), maintype="application", subtype="xml", filename=name)
    return mail.as_bytes()


def _archive(name: str, document: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 3, 16, 8, 0, 0)), document)
    return packed.getvalue()
