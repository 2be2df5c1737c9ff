"""Proof against forged requests as SAP Gateway asks for it: a token that is good only with its cookies.

A GET with `X-CSRF-Token: Fetch` answers with a token and the cookies of a new session. Every request that is
not a GET or HEAD carries both. A 403 with `x-csrf-token: Required` is given before the request is looked at,
so nothing happened: a new pair is fetched and the request is sent exactly once more. Cookies are sent with
their own token and with nothing else, so no parallel call can put another session under it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tools.erp.answers import Answer
from tools.erp.errors import ErpAccessDenied

if TYPE_CHECKING:
    from tools.erp.http import Failure, Request

TOKEN = "X-CSRF-Token"  # noqa: S105 - the name of a header
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Session:
    """A token with the cookies it is bound to, as one `Cookie` header."""

    token: str
    cookies: str

    @property
    def headers(self) -> Mapping[str, str]:
        return {TOKEN: self.token, "Cookie": self.cookies} if self.cookies else {TOKEN: self.token}


class CsrfGuard:
    """Puts the session before every request that may change something. `fetch` is the GET that gives one."""

    def __init__(self, fetch: Request) -> None:
        self._fetch = replace(fetch, headers={**(fetch.headers or {}), TOKEN: "Fetch"})
        self._fetching = asyncio.Lock()
        self._session: Session | None = None

    async def send(
        self,
        request: Request,
        deliver: Callable[[Request], Awaitable[Answer | Failure]],
        read: Callable[[Request], Awaitable[Answer]],
    ) -> Answer | Failure:
        """`deliver` sends once, `read` asks as often as reads may. Raises what fetching a session raises:
        then `request` was not sent."""
        if request.method in _SAFE:
            return await deliver(request)
        session = await self._current(read)
        result = await deliver(_with(request, session))
        if not _is_required(result):
            return result
        self._drop(session)
        return await deliver(_with(request, await self._current(read)))

    def secrets(self) -> tuple[str, ...]:
        """Token and cookie values, to be blotted out of every text."""
        if self._session is None:
            return ()
        cookies = (part.partition("=")[2].strip() for part in self._session.cookies.split(";"))
        # A short value such as a client number is no secret and may stand in any text.
        return tuple(value for value in (self._session.token, *cookies) if len(value) > 7)

    async def _current(self, read: Callable[[Request], Awaitable[Answer]]) -> Session:
        async with self._fetching:
            if self._session is None:
                self._session = _session_of(await read(self._fetch))
            return self._session

    def _drop(self, refused: Session) -> None:
        """A session that another call has replaced already stays."""
        if self._session is refused:
            self._session = None


def _with(request: Request, session: Session) -> Request:
    return replace(request, headers={**(request.headers or {}), **session.headers})


def _is_required(result: Answer | Failure) -> bool:
    if not isinstance(result, Answer) or result.status != 403:
        return False
    return result.headers.get(TOKEN.lower(), "").strip().lower() == "required"


def _session_of(answer: Answer) -> Session:
    token = answer.headers.get(TOKEN.lower(), "").strip()
    if not token or token.lower() in ("required", "fetch"):
        raise ErpAccessDenied(
            "the ERP gave no token for changes; a gateway between may take away the header x-csrf-token",
            detail=f"HTTP {answer.status} without {TOKEN}",
        )
    return Session(token, "; ".join(f"{name}={value}" for name, value in _cookies(answer).items()))


def _cookies(answer: Answer) -> dict[str, str]:
    """The cookies an answer sets; several `Set-Cookie` headers arrive apart. They are sent back as they came:
    what a browser would make of their characters does not count here."""
    many = getattr(answer.headers, "get_list", None)
    lines = many("set-cookie") if many is not None else [answer.headers.get("set-cookie", "")]
    pairs = (line.partition(";")[0].partition("=") for line in lines)
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() and value.strip()}
