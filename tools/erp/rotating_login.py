"""A login whose refresh token works once: authorization code (RFC 6749 4.1) and rotation (RFC 6749 6).

All tasks of a process and all processes of a machine renew one after the other under the store's lock; who
comes second finds the new pair in the store. The new pair is on the disk before the new access token is
used. A renewal under way is not cancelled with the task that waits for it.

What cannot be avoided: the connection breaks, or the process dies, after the renewal was sent and before its
answer is kept. Nobody knows then whether the old refresh token still works. Trying it again loses nothing,
so that is done, and when it is refused the cause and the way out are told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from pydantic import SecretStr

from tools.erp.address import place
from tools.erp.answers import Answer, NotJson, from_json
from tools.erp.errors import ErpAccessDenied, ErpError, ErpUnavailable, OutcomeUnknown
from tools.erp.http import HttpClient, Request
from tools.erp.oauth import NOWHERE, explain_refusal
from tools.erp.state_file import StateUnusable
from tools.erp.token_store import StoredTokens, TokenStore

_REFUSALS = frozenset({400, 401, 403})
_SET_BACK = 60.0
"""Seconds: a token that comes from further in the future was received before the clock was set back."""


@dataclass(frozen=True)
class App:
    """Our registration at the login service. `name` is how people call the ERP, `connect` the command by
    which a person consents."""

    name: str
    client_id: str
    client_secret: SecretStr
    token_url: str
    redirect_uri: str
    connect: str
    earliest_renewal: float = 0.0
    """Seconds of a token's life before which the service refuses to renew it."""
    margin: float = 30.0
    """Seconds before a token's end at which it is renewed."""


class RotatingLogin:
    """A `Login` (see `tools.erp.http`) over a durable store. `now` gives seconds since 1970."""

    def __init__(self, app: App, store: TokenStore, http: HttpClient, now: Callable[[], float]) -> None:
        """`http` is a client of the login service alone."""
        self._app = app
        self._store = store
        self._http = http
        self._now = now
        self._tokens: StoredTokens | None = None
        self._unsaved: StoredTokens | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._not_before = 0.0

    async def header(self) -> str:
        """`Bearer …`. Raises ErpAccessDenied when a person has to consent (again), ErpUnavailable when the
        login service cannot be reached or the tokens cannot be kept."""
        if not self._is_fresh(self._tokens):
            await self._renewed()
        if self._tokens is None:
            raise ErpAccessDenied(f"{self._app.name}: no token; run `{self._app.connect}`")
        return self._tokens.header

    async def renew(self, refused: str) -> bool:
        """After a 401: True when there is another token than the refused one."""
        if not self._has_other(refused):
            await self._renewed()
        return self._has_other(refused)

    def secrets(self) -> tuple[str, ...]:
        pairs = [pair for pair in (self._tokens, self._unsaved) if pair is not None]
        tokens = [token for pair in pairs for token in (pair.access_token, pair.refresh_token)]
        return (*tokens, self._app.client_secret.get_secret_value())

    async def close(self) -> None:
        """Waits for a renewal under way: its answer must reach the disk."""
        if self._renewing is not None:
            await asyncio.wait([self._renewing])
        await self._http.close()

    async def exchange(self, code: str) -> None:
        """Trade the code of a person's consent for the first pair and keep it. Raises ErpAccessDenied for a
        code that is refused, ErpUnavailable, StateUnusable."""
        async with self._store.held():
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._app.redirect_uri}
            answer = await self._ask(form, "the code was sent and no answer came: consent once more")
            pair = self._pair(answer, None)
            if pair is None:
                raise self._denied(answer, "consent once more, a code works only once and for a few minutes")
            self._store.keep(pair)
            self._tokens = pair

    def _has_other(self, refused: str) -> bool:
        return self._is_fresh(self._tokens) and self._tokens is not None and self._tokens.header != refused

    def _is_fresh(self, tokens: StoredTokens | None) -> bool:
        if tokens is None or tokens.refused is not None or self._now() < tokens.received_at - _SET_BACK:
            return False
        # The second is for clocks that do not tick alike.
        renew_at = max(self._app.earliest_renewal + 1.0, tokens.life - self._app.margin)
        return self._now() < max(tokens.received_at + renew_at, self._not_before)

    async def _renewed(self) -> None:
        """One renewal for all who ask; it goes on when one of them is cancelled."""
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew_once())
            self._renewing.add_done_callback(self._done)
        await asyncio.shield(self._renewing)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._renewing = None
        if not task.cancelled():
            task.exception()  # marks it as seen: everybody who waited may have been cancelled

    async def _renew_once(self) -> None:
        try:
            async with self._store.held():
                await self._renew_held()
        except StateUnusable as error:
            raise ErpUnavailable(f"{self._app.name}: the tokens cannot be kept: {error}") from error

    async def _renew_held(self) -> None:
        if self._unsaved is not None:
            self._store.keep(self._unsaved)
            self._tokens, self._unsaved = self._unsaved, None
        held = self._store.read()
        if held is None:
            told = f"nobody has consented yet at {place(self._app.token_url)}; run `{self._app.connect}`"
            # Consents are kept for each address: one for another country's site does not count here.
            raise ErpAccessDenied(f"{self._app.name}: {told}, or check base_url")
        if held.refused is not None:
            raise ErpAccessDenied(held.refused)
        if self._is_fresh(held):
            self._tokens = held
            return
        self._store.note_sent(held, self._now())
        self._take(held, await self._ask_renewal(held))

    async def _ask_renewal(self, held: StoredTokens) -> Answer:
        form = {"grant_type": "refresh_token", "refresh_token": held.refresh_token}
        lost = (
            "the renewal of the login was sent and no answer came, so its new token may be lost; the next "
            f"call tries the old one once more, and if that is refused run `{self._app.connect}`"
        )
        try:
            return await self._ask(form, lost)
        except OutcomeUnknown as error:
            raise ErpUnavailable(str(error), detail=error.detail) from error
        except ErpError:
            self._store.keep(held)  # nothing was sent: the mark goes
            raise

    async def _ask(self, form: dict[str, str], lost: str) -> Answer:
        """Sent once. Raises OutcomeUnknown with the text `lost`."""
        secret = self._app.client_secret.get_secret_value()
        form = {**form, "client_id": self._app.client_id, "client_secret": secret}
        request = Request("POST", self._app.token_url, "token", form=form)
        try:
            answer = await self._http.write(request, allow=_REFUSALS | NOWHERE)
            if answer.status in NOWHERE:
                raise self._http.nothing_there(answer)
            return answer
        except OutcomeUnknown as error:
            cause, hidden = error.detail, form.get("refresh_token") or form.get("code") or secret
        raise OutcomeUnknown(f"{self._app.name}: {lost}", detail=cause.replace(hidden, "***"))

    def _take(self, held: StoredTokens, answer: Answer) -> None:
        """Keep what came, then use it."""
        if not answer.ok:
            self._refused(held, answer)
            return
        pair = self._pair(answer, held.refresh_token)
        if pair is None:
            raise ErpUnavailable(
                f"{self._app.name}: the login service gave no usable token; the next call asks again, and if "
                f"that is refused run `{self._app.connect}`"
            )
        try:
            self._store.keep(pair)
        except StateUnusable:
            self._unsaved = pair  # kept by this process until there is room
            raise
        self._tokens = pair

    def _refused(self, held: StoredTokens, answer: Answer) -> None:
        """A refusal because it is too early leaves the refresh token as it is, or brings a new one (seen by
        users of Exact Online); every other one is final."""
        told = (explain_refusal(answer).message or "").casefold()
        brought = _body(answer).get("refresh_token")
        if isinstance(brought, str) and brought:
            held = replace(held, refresh_token=brought, renewal_sent_at=None)
        elif "not expired" not in told and "rate limit" not in told:
            self._give_up(held, answer)
        self._store.keep(held)
        if self._now() >= held.received_at + held.life:
            raise ErpUnavailable(f"{self._app.name}: the login service will not renew the login yet: {told}")
        self._not_before = self._now() + 10.0
        self._tokens = held

    def _give_up(self, held: StoredTokens, answer: Answer) -> NoReturn:
        """A refusal that names the grant is for ever and is kept, so that nobody asks again; another one (a
        wrong client secret, a proxy) leaves the tokens as they are."""
        if not _names_the_grant(answer):
            self._store.keep(held)
            raise self._denied(answer, "check client_id and client_secret")
        denied = self._denied(answer, f"run `{self._app.connect}`")
        told = str(denied)
        if held.renewal_sent_at is not None:
            told += f" (the answer to the renewal sent on {_day(held.renewal_sent_at)} never arrived)"
        self._store.keep(replace(held, refused=told))
        self._tokens = None
        raise ErpAccessDenied(told, detail=denied.detail)

    def _pair(self, answer: Answer, refresh: str | None) -> StoredTokens | None:
        """The pair that an answer brings; `refresh` stays where it brings no new one (RFC 6749 6)."""
        body = _body(answer)
        access, brought = body.get("access_token"), body.get("refresh_token") or refresh
        if not answer.ok or not (isinstance(access, str) and access and isinstance(brought, str)):
            return None
        return StoredTokens(access, brought, self._now(), _life(body.get("expires_in")))

    def _denied(self, answer: Answer, remedy: str) -> ErpAccessDenied:
        told = explain_refusal(answer).message or f"status {answer.status}"
        shown = told.replace(self._app.client_secret.get_secret_value(), "***")
        return ErpAccessDenied(
            f"{self._app.name} does not renew our login: {shown}; {remedy}",
            detail=f"HTTP {answer.status} from the token endpoint",
        )


def _body(answer: Answer) -> dict[str, Any]:
    try:
        body = from_json(answer.content)
    except NotJson:
        return {}
    return body if isinstance(body, dict) else {}


def _names_the_grant(answer: Answer) -> bool:
    """RFC 6749 5.2; Exact Online says `unauthorized_client` with "Old refresh token used."."""
    body = _body(answer)
    code, told = str(body.get("error", "")), str(body.get("error_description", ""))
    return code == "invalid_grant" or "refresh token" in told.casefold()


def _life(told: Any) -> float:
    """Seconds; a number or, from some services, a text of digits."""
    try:
        life = float(Decimal(str(told)))
    except ArithmeticError:
        return 300.0
    return life if 0 < life < 10.0**9 else 300.0


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"
