"""A person's consent in the browser: the address to open, and the code that comes back (RFC 6749 4.1).

The code comes back to an address of this machine (RFC 8252 7.3), where `caught` waits for it, or the person
pastes the address their browser was sent to. Either way its `state` must be the one we sent, so that nobody
slips in the consent of another account.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import parse_qs, urlencode, urlsplit

_LONGEST_LINE = 8000
_PAGE = (
    "<!doctype html><meta charset=utf-8><title>erp-agent</title>"
    "<p>{text} You may close this window and go back to the terminal.</p>"
)


class ConsentRefused(Exception):
    """What came back cannot be used; the text says why, for people."""


class ConsentDeclined(ConsentRefused):
    """The person or the login service said no to this attempt; the text says which."""


@dataclass(frozen=True)
class Consent:
    """One attempt to get a person's consent. `state` is a new secret each time."""

    authorize_url: str
    client_id: str
    redirect_uri: str
    more: tuple[tuple[str, str], ...] = ()
    """Further parameters that the service wants."""
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def address(self) -> str:
        """What the person opens."""
        query = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "state": self.state,
            **dict(self.more),
        }
        return f"{self.authorize_url}?{urlencode(query)}"

    @property
    def comes_back_here(self) -> bool:
        """Whether the browser is sent to a port of this machine, without TLS."""
        target = urlsplit(self.redirect_uri)
        if target.scheme != "http" or target.port is None or target.hostname is None:
            return False
        try:
            return ip_address(target.hostname).is_loopback
        except ValueError:
            return False

    def code_of(self, returned: str) -> str:
        """The code in the address that the browser was sent to. Raises ConsentRefused for a refusal, a
        missing code and a foreign state."""
        values = parse_qs(urlsplit(returned.strip()).query)
        state, code = values.get("state", [""])[0], values.get("code", [""])[0]
        if not hmac.compare_digest(state.encode(), self.state.encode()):
            raise ConsentRefused(
                "the address does not belong to this attempt (its `state` is another one); paste the whole "
                "address that the browser shows after your consent"
            )
        if not code:
            told = values.get("error_description") or values.get("error") or ["it carries no code"]
            raise ConsentDeclined(f"the login service did not consent: {told[0]}")
        return code


@asynccontextmanager
async def caught(consent: Consent) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Listens where the browser comes back, on this machine only; gives a function that waits for the code.
    Requests with a foreign `state` are answered and forgotten. Raises ConsentRefused where the port is not
    free."""
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    target = urlsplit(consent.redirect_uri)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            path = await _path(reader)
            status, text = _received(consent, target.path or "/", path, found)
            writer.write(_response(status, text))
            await writer.drain()
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass  # a browser that hung up, or no browser: the next request counts
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(answer, target.hostname, target.port, limit=_LONGEST_LINE)
    except OSError as error:
        raise ConsentRefused(f"{consent.redirect_uri} cannot be listened on: {error.strerror}") from None
    async with server:
        yield lambda: found


async def _path(reader: asyncio.StreamReader) -> str:
    line = (await reader.readuntil(b"\n")).decode("ascii", "replace").split()
    while (await reader.readuntil(b"\n")).strip():
        pass  # a browser takes an answer for broken that comes before it has sent its headers
    return line[1] if len(line) > 1 and line[0] == "GET" else ""


def _received(consent: Consent, wanted: str, path: str, found: asyncio.Future[str]) -> tuple[str, str]:
    if urlsplit(path).path != wanted:
        return "404 Not Found", "There is nothing here."
    try:
        code = consent.code_of(path)
    except ConsentDeclined as declined:
        if not found.done():
            found.set_exception(declined)
        return "400 Bad Request", "There is no consent."
    except ConsentRefused:
        return "400 Bad Request", "This does not belong to the attempt under way."
    if not found.done():
        found.set_result(code)
    return "200 OK", "The consent has arrived."


def _response(status: str, text: str) -> bytes:
    body = _PAGE.format(text=text).encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
