"""Bodies of `$batch` (OData V2): many reads in one call, each answered with its own status."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.erp.answers import Answer
from tools.erp.errors import ErpUnavailable

BOUNDARY = "batch_erp_agent"
CONTENT_TYPE = f"multipart/mixed; boundary={BOUNDARY}"
_BOUNDARY = re.compile(r"boundary=\"?([^\";]+)\"?")
_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})[^\r\n]*\r?\n")
_BLANK = re.compile(rb"\r?\n\r?\n")


def reads(paths: Sequence[str]) -> bytes:
    """One body for reads of these addresses, relative to the service."""
    lines: list[str] = []
    for path in paths:
        lines += [
            f"--{BOUNDARY}",
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            "",
            f"GET {path} HTTP/1.1",
            "Accept: application/json",
            "",
            "",
        ]
    return "\r\n".join([*lines, f"--{BOUNDARY}--", ""]).encode()


def answers(answer: Answer, wanted: int) -> list[Answer]:
    """The answers in the order of the reads. Raises ErpUnavailable when there are not as many."""
    match = _BOUNDARY.search(answer.headers.get("content-type", ""))
    found = []
    if match is not None:
        pieces = answer.content.split(f"--{match[1]}".encode())
        found = [_one(piece) for piece in pieces[1:-1]]
    if len(found) != wanted:
        raise ErpUnavailable(
            "SAP's answer to many reads cannot be read", detail=f"{len(found)} answers to {wanted} reads"
        )
    return found


def _one(piece: bytes) -> Answer:
    """Headers of the part, then an HTTP answer: status line, headers, body."""
    inner = _after_blank(piece)
    match = _STATUS.match(inner)
    if match is None:
        return Answer(503, {}, b"")
    head, body = _split(inner[match.end() :])
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.decode("latin-1").splitlines())
    }
    length = headers.get("content-length", "")
    return Answer(int(match[1]), headers, body[: int(length)] if length.isdigit() else body.strip())


def _after_blank(piece: bytes) -> bytes:
    return _split(piece.lstrip(b"\r\n"))[1]


def _split(text: bytes) -> tuple[bytes, bytes]:
    match = _BLANK.search(text)
    return (text, b"") if match is None else (text[: match.start()], text[match.end() :])
