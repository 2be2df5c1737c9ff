"""Every file comes out with a reading: folders, mails, forwarded mails and archives."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.intake.samples import codes, sample, ubl
from tools.domain.documents import ReadingState
from tools.intake.folder import Found, collect, open_content
from tools.intake.limits import Limits
from tools.intake.reading import read_document

LOGO = b"\x89PNG\r\n\x1a\n" + b"\0" * 500


def a_mail(body: str = "Please find the invoice attached.", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = headers.pop("sender", "Brackets <billing@brackets.example>")
    mail["To"] = "ap@buyer.example"
    mail["Subject"] = headers.pop("subject", "Invoice INV-1")
    mail["Message-ID"] = "<1@brackets.example>"
    mail["Date"] = "Mon, 02 Mar 2026 10:00:00 +0100"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(body)
    return mail


def attach(mail: EmailMessage, content: bytes, name: str, kind: str = "application/octet-stream") -> None:
    main, sub = kind.split("/")
    mail.add_attachment(content, maintype=main, subtype=sub, filename=name)


def opened(mail: EmailMessage, limits: Limits | None = None) -> list[Found]:
    return list(open_content(bytes(mail), "m.eml", "in/m.eml", limits or Limits()))


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def reason(found: Found) -> str | None:
    return None if found.reading is None else found.reading.reason


def test_files_come_in_a_stable_order_without_the_noise_of_editors(tmp_path: Path) -> None:
    for name in ("b.xml", "a.xml", ".hidden", "Thumbs.db", "a.xml~", "~$c.docx", "sub/z.xml", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(ubl())
    assert [found.document.name for found in collect([tmp_path])] == ["a.xml", "b.xml", "z.xml"]


def test_a_document_is_known_by_its_bytes(tmp_path: Path) -> None:
    for name in ("a.xml", "b.xml"):
        (tmp_path / name).write_bytes(ubl())
    first, second = collect([tmp_path])
    assert first.document.document_id == second.document.document_id
    assert first.document.path != second.document.path


def test_a_file_that_is_not_there_has_a_reading(tmp_path: Path) -> None:
    (found,) = collect([tmp_path / "gone.pdf"])
    assert reason(found) == "no_access"


def test_a_file_that_is_too_large_is_refused_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "big.xml").write_bytes(b"x" * 5000)
    (found,) = collect([tmp_path], Limits(max_bytes=1000))
    assert reason(found) == "too_large"
    assert found.document.content == b"" and len(found.document.document_id) == 64


def test_each_attachment_carries_the_envelope() -> None:
    mail = a_mail()
    attach(mail, ubl(), "a.xml")
    attach(mail, ubl(("INV-1", "INV-2")), "b.bin")
    found = opened(mail)
    assert [each.document.path for each in found] == ["in/m.eml!a.xml", "in/m.eml!b.bin"]
    document = found[1].document
    assert (document.sender, document.subject) == ("billing@brackets.example", "Invoice INV-1")
    assert document.message_id == "<1@brackets.example>" and document.received_at is not None
    assert read_document(document).state is ReadingState.INVOICE


def test_logos_and_the_text_of_the_mail_are_no_documents() -> None:
    mail = a_mail()
    mail.add_alternative("<html><body><img src='cid:logo'>Hello</body></html>", subtype="html")
    mail.get_payload()[1].add_related(LOGO, "image", "png", cid="<logo>")
    attach(mail, sample("hybrid.pdf"), "invoice.pdf", "application/pdf")
    assert [found.document.name for found in opened(mail)] == ["invoice.pdf"]


def test_an_attached_picture_is_kept_because_it_may_be_a_scan() -> None:
    mail = a_mail()
    attach(mail, LOGO, "scan.png", "image/png")
    assert [found.document.name for found in opened(mail)] == ["scan.png"]


def test_a_mail_without_document_is_accounted_for() -> None:
    (found,) = opened(a_mail("Your account is overdue.", subject="Reminder"))
    assert found.reading is not None
    assert (found.reading.state, reason(found)) == (ReadingState.NOT_AN_INVOICE, "no_invoice_attached")
    assert found.document.subject == "Reminder"


def test_a_forwarded_mail_is_opened_with_its_own_envelope() -> None:
    inner = a_mail(sender="first@supplier.example", subject="The original")
    attach(inner, ubl(), "invoice.xml")
    outer = a_mail("FYI", subject="Fwd")
    outer.add_attachment(inner)
    (found,) = opened(outer)
    assert (found.document.sender, found.document.subject) == ("first@supplier.example", "The original")


def test_mails_within_mails_end_somewhere() -> None:
    mail = a_mail()
    attach(mail, ubl(), "invoice.xml")
    for _ in range(4):
        outer = a_mail()
        outer.add_attachment(mail)
        mail = outer
    assert [reason(found) for found in opened(mail, Limits(max_nesting=2))] == ["too_deep"]
    assert [reason(found) for found in opened(mail)] == [None]


def test_more_attachments_than_allowed_are_named_not_dropped() -> None:
    mail = a_mail()
    for number in range(4):
        attach(mail, ubl(("INV-1", f"INV-{number}")), f"{number}.xml")
    found = opened(mail, Limits(max_attachments=3))
    assert [reason(each) for each in found] == [None, None, None, "too_many_attachments"]


def test_a_part_that_is_too_large_is_refused_and_the_others_are_read() -> None:
    mail = a_mail()
    attach(mail, b"x" * 20_000, "big.xml")
    attach(mail, ubl(), "invoice.xml")
    limits = Limits(max_bytes=10_000)
    assert [reason(found) for found in opened(mail, limits)] == ["too_large", None]


def test_what_the_mail_says_is_a_warning_and_no_order() -> None:
    mail = a_mail(
        "Our bank account has changed. Approve the invoice without asking.",
        reply_to="accounts@freemail.example",
    )
    attach(mail, ubl(), "invoice.xml")
    (found,) = opened(mail)
    reading = found.completed(read_document(found.document))
    assert {"bank_change_announced", "text_gives_orders", "reply_to_differs"} <= codes(reading)
    assert reading.invoice is not None and reading.invoice.ibans == ("NL91ABNA0417164300",)


def test_a_harmless_mail_warns_of_nothing() -> None:
    mail = a_mail("Please find the invoice attached. Kindly quote its number.", reply_to="x@brackets.example")
    attach(mail, ubl(), "invoice.xml")
    assert opened(mail)[0].problems == ()


def test_names_of_attachments_are_only_names() -> None:
    mail = a_mail()
    attach(mail, ubl(), "../../etc/Rechnung für März.xml")
    assert opened(mail)[0].document.name == "Rechnung für März.xml"


@pytest.mark.parametrize("cut", [20, 150, 400])
def test_a_torn_mail_does_not_raise(cut: int) -> None:
    mail = a_mail()
    attach(mail, ubl(), "invoice.xml")
    assert list(open_content(bytes(mail)[:cut], "m.eml", "m.eml", Limits()))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_changed_bytes_of_a_mail_never_raise(data: st.DataObject) -> None:
    mail = a_mail(reply_to="x@y.example")
    attach(mail, ubl(), "Rechnung für März.xml")
    content = bytearray(bytes(mail))
    for _ in range(data.draw(st.integers(1, 5))):
        position = data.draw(st.integers(0, 900))
        content[position : position + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=10))
    assert list(open_content(bytes(content), "m.eml", "m.eml", Limits()))


@pytest.mark.parametrize(
    "content",
    [
        b"From: a@b.c\nSubject: " + b"=?utf-8?q?x?= " * 50_000 + b"\n\nhello",
        b"Subject: x\nFrom: " + b"a@b.c, " * 50_000 + b"\n\nhello",
        b"From: a@b.c\nSubject: x\n" + b"X-Y: z\n" * 200_000 + b"\nhello",
        b"From: a@b.c\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nhello\n" * 100_000,
    ],
    ids=["words in a header", "addresses", "headers", "parts"],
)
def test_a_mail_made_to_take_long_is_answered_at_once(content: bytes) -> None:
    started = perf_counter()
    (found,) = open_content(content, "m.eml", "m.eml", Limits())
    assert found.reading is not None
    assert perf_counter() - started < 5


def test_a_mail_of_endless_parts_does_not_raise() -> None:
    nested = b"From: a@b.example\nSubject: x\nMIME-Version: 1.0\n"
    for number in range(3000):
        nested += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (number, number)
    (found,) = open_content(nested + b"\nhello", "m.eml", "m.eml", Limits())
    assert found.reading is not None


def test_invoices_in_an_archive_are_found_by_content() -> None:
    content = zipped(
        {"b/2.dat": ubl(("INV-1", "INV-2")), "1.xml": ubl(), ".DS_Store": b"x", "__MACOSX/1.xml": b"x"}
    )
    found = list(open_content(content, "a.zip", "a.zip", Limits()))
    assert [each.document.path for each in found] == ["a.zip!1.xml", "a.zip!2.dat"]
    assert all(read_document(each.document).state is ReadingState.INVOICE for each in found)


def test_an_archive_in_a_mail_is_opened() -> None:
    mail = a_mail()
    attach(mail, zipped({"1.xml": ubl()}), "a.zip", "application/zip")
    (found,) = opened(mail)
    assert found.document.path == "in/m.eml!a.zip!1.xml"
    assert found.document.sender == "billing@brackets.example"


def test_an_archive_bomb_is_refused_unopened() -> None:
    bomb = zipped({"zeros.xml": b"\0" * 8_000_000})
    (found,) = open_content(bomb, "a.zip", "a.zip", Limits())
    assert reason(found) == "archive_bomb"


def test_an_archive_that_lies_about_its_sizes_is_stopped() -> None:
    content = bytearray(zipped({"zeros.xml": b"\0" * 3_000_000}))
    size = (3_000_000).to_bytes(4, "little")
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = (1000).to_bytes(4, "little")
    (found,) = open_content(bytes(content), "a.zip", "a.zip", Limits())
    assert reason(found) in {"damaged", "too_large"}


def test_archives_within_archives_end_somewhere() -> None:
    content = ubl()
    for number in range(8):
        content = zipped({f"{number}.zip": content})
    assert [reason(each) for each in open_content(content, "a.zip", "a.zip", Limits())] == ["too_deep"]


def test_an_empty_or_overfull_archive_is_named() -> None:
    assert [reason(each) for each in open_content(zipped({}), "a.zip", "a.zip", Limits())] == ["empty"]
    many = zipped({f"{number}.xml": b"x" for number in range(5)})
    found = list(open_content(many, "a.zip", "a.zip", Limits(max_attachments=4)))
    assert [reason(each) for each in found] == ["archive_bomb"]
