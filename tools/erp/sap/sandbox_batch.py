"""Multipart bodies of `$batch` on the server's side: reads one after the other, no change sets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from tools.erp.sap.sandbox_schema import bad_request

_BOUNDARY = re.compile(r"multipart/mixed\s*;\s*boundary=\"?([^\";]+)\"?")
_LINE = re.compile(r"(?P<method>[A-Z]+) (?P<url>\S+) HTTP/1\.1")


@dataclass(frozen=True)
class Part:
    path: str
    query: str


def read_parts(content_type: str, content: bytes) -> list[Part]:
    """The reads of a batch. Raises ODataError for anything that is not a plain GET."""
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise bad_request("The batch needs a boundary.")
    marks = f"--{match[1]}".encode()
    pieces = content.split(marks)
    if len(pieces) < 3 or pieces[-1].strip() != b"--":
        raise bad_request("The batch is not closed.")
    return [_part(piece.decode("utf-8")) for piece in pieces[1:-1]]


def _part(text: str) -> Part:
    head, _, rest = text.partition("\r\n\r\n")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.split("\r\n") if line)
    }
    if headers.get("content-type") != "application/http":
        raise bad_request("This sandbox takes no change sets.")
    if headers.get("content-transfer-encoding") != "binary":
        raise bad_request("A part of a batch needs Content-Transfer-Encoding: binary.")
    match = _LINE.match(rest)
    if match is None or match["method"] != "GET":
        raise bad_request("A part outside a change set is a GET.")
    if "accept: application/json" not in rest.lower():
        raise bad_request("This sandbox answers in JSON only.")
    path, _, query = match["url"].partition("?")
    if path.startswith("/"):
        raise bad_request("The addresses of a batch are relative to the service.")
    return Part(unquote(path), query)


def write_parts(answers: Sequence[tuple[int, bytes]], boundary: str) -> bytes:
    """Status and body of each read as one multipart body."""
    parts = []
    for status, body in answers:
        inner = (
            f"HTTP/1.1 {status} {'OK' if status < 400 else 'Error'}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\ndataserviceversion: 2.0\r\n\r\n"
        ).encode() + body
        head = (
            f"--{boundary}\r\nContent-Type: application/http\r\nContent-Length: {len(inner)}\r\n"
            "content-transfer-encoding: binary\r\n\r\n"
        )
        parts.append(head.encode() + inner + b"\r\n")
    return b"".join([*parts, f"--{boundary}--\r\n".encode()])
