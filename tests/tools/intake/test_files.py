"""Names that are no text, closed folders, pipes and devices: each is named, none stops the others."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.intake.samples import ubl
from tools.domain.documents import ReadingState
from tools.intake.files import NotAFile, is_missing, read_file, text_of
from tools.intake.folder import Found, collect
from tools.intake.limits import Limits

NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others may enter, seen by a person without the rights of root."""
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o777)
        if root:
            os.seteuid(NOBODY)
        try:
            yield path
        finally:
            if root:
                os.seteuid(0)
            for closed in path.rglob("*"):
                if closed.is_dir() and not closed.is_symlink():
                    closed.chmod(0o777)


def told(found: Found) -> tuple[str, str | None]:
    return found.document.name, found.reading.reason if found.reading else None


def laid(path: Path, content: bytes | None = None) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(ubl() if content is None else content)
    return path


def test_a_name_that_is_no_utf8_is_written_with_its_bytes(tmp_path: Path) -> None:
    laid(tmp_path / os.fsdecode(b"b\xff.xml"))
    (found,) = collect([tmp_path])
    assert found.document.name == r"b\xff.xml"
    assert found.document.path == f"{tmp_path}/b\\xff.xml" == found.group
    found.model_dump_json()


def test_a_file_without_access_whose_name_is_no_utf8_is_named(folder: Path) -> None:
    laid(folder / os.fsdecode(b"b\xff.xml")).chmod(0)
    (found,) = collect([folder])
    assert told(found) == (r"b\xff.xml", "no_access")


def test_a_folder_without_access_is_named_and_the_next_one_is_read(folder: Path) -> None:
    laid(folder / "a" / "good.xml")
    laid(folder / "b" / "hidden.xml").parent.chmod(0)
    laid(folder / "c" / "new.xml")
    found = list(collect([folder]))
    assert [told(each) for each in found] == [("good.xml", None), ("b", "no_access"), ("new.xml", None)]
    assert found[1].reading is not None
    assert found[1].reading.state is ReadingState.UNREADABLE
    assert "folder cannot be opened" in (found[1].reading.message or "")


def test_files_that_may_be_listed_but_not_looked_at_are_named_one_by_one(folder: Path) -> None:
    laid(folder / "b" / "x.xml")
    laid(folder / "b" / "y.xml").parent.chmod(0o444)
    assert [told(each) for each in collect([folder])] == [("x.xml", "no_access"), ("y.xml", "no_access")]


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "to-share.pdf").symlink_to("/no/such/share.pdf")
    (tmp_path / "loop.pdf").symlink_to(tmp_path / "loop.pdf")
    assert [told(each) for each in collect([tmp_path])] == [
        ("loop.pdf", "no_access"),
        ("to-share.pdf", "no_access"),
    ]


def test_a_pipe_or_a_device_is_no_document_and_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    laid(tmp_path / "good.xml")
    assert [told(each) for each in collect([tmp_path])] == [("good.xml", None)]
    named = [told(each) for each in collect([tmp_path / "pipe", tmp_path / "zero"])]
    assert named == [("pipe", "not_a_file"), ("zero", "not_a_file")]


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    laid(tmp_path / "elsewhere" / "a.xml")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.xml").symlink_to(tmp_path / "elsewhere" / "a.xml")
    assert [told(each) for each in collect([tmp_path / "in"])] == [("b.xml", None)]


def test_a_file_whose_size_is_not_told_is_read_to_the_limit() -> None:
    # The kernel says 0 bytes of it.
    (found,) = collect([Path("/proc/self/status")], Limits(max_bytes=100))
    assert told(found) == ("status", "too_large")


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(NotAFile):
            read_file(path, 100)


@pytest.mark.parametrize("name", ["none", "none/below", "file/below"])
def test_what_is_not_there_is_missing(tmp_path: Path, name: str) -> None:
    laid(tmp_path / "file")
    assert is_missing(tmp_path / name)


@pytest.mark.parametrize("name", ["file", "dangling", "long"])
def test_what_cannot_be_looked_at_is_not_missing(tmp_path: Path, name: str) -> None:
    laid(tmp_path / "file")
    (tmp_path / "dangling").symlink_to("/no/such")
    assert not is_missing(tmp_path / name.replace("long", 300 * "x"))


def test_a_name_too_long_for_any_file_has_a_reading(tmp_path: Path) -> None:
    (found,) = collect([tmp_path / (300 * "x")])
    assert told(found)[1] == "no_access"


def test_names_are_told_as_they_are_where_they_are_text() -> None:
    assert text_of("Überweisung é.pdf") == "Überweisung é.pdf"


def test_bytes_beyond_ascii_in_a_mails_headers_become_text(tmp_path: Path) -> None:
    head = b"From: <b\xff@a.example>\r\nSubject: \xc3\x9cbersicht \xff\r\nMessage-ID: <\xff@a.example>\r\n"
    part = (
        b'Content-Type: application/xml\r\nContent-Disposition: attachment; filename="\xfe.xml"\r\n\r\n<a/>'
    )
    body = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n%b\r\n--B--\r\n" % part
    )
    (found,) = collect([laid(tmp_path / "m.eml", head + body)])
    document = found.document
    assert (document.sender, document.subject) == ("b\ufffd@a.example", "Übersicht \ufffd")
    found.model_dump_json()
