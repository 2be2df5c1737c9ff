"""A person's consent: the code comes back to this machine or is pasted, and only with our own state."""

from __future__ import annotations

import asyncio
from socket import socket
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tools.erp.consent import Consent, ConsentDeclined, ConsentRefused, caught


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def a_consent(redirect: str = "https://office.example/back") -> Consent:
    return Consent("https://start.example/api/oauth2/auth", "client-7", redirect, (("force_login", "0"),))


@pytest.fixture
def here() -> Consent:
    return a_consent(f"http://127.0.0.1:{free_port()}/consent")


def test_the_address_asks_for_a_code_with_a_state_of_its_own() -> None:
    first, second = a_consent(), a_consent()
    query = parse_qs(urlsplit(first.address).query)
    assert query["response_type"] == ["code"]
    assert query["client_id"] == ["client-7"]
    assert query["redirect_uri"] == ["https://office.example/back"]
    assert query["force_login"] == ["0"]
    assert query["state"] == [first.state]
    assert first.state != second.state
    assert first.state not in repr(first)


def test_the_code_of_our_own_attempt_is_taken() -> None:
    consent = a_consent()
    assert consent.code_of(f" https://office.example/back?code=a%21b&state={consent.state}\n") == "a!b"


@pytest.mark.parametrize("returned", ["https://x/?code=a&state=other", "https://x/?code=a", "a", ""])
def test_a_code_of_another_attempt_is_refused(returned: str) -> None:
    with pytest.raises(ConsentRefused, match="state"):
        a_consent().code_of(returned)


def test_a_refusal_is_told_in_the_services_words() -> None:
    consent = a_consent()
    with pytest.raises(ConsentDeclined, match="the user said no"):
        consent.code_of(
            f"https://x/?error=access_denied&error_description=the+user+said+no&state={consent.state}"
        )


@pytest.mark.parametrize(
    ("redirect", "expected"),
    [
        ("http://127.0.0.1:8019/consent", True),
        ("http://[::1]:8019/", True),
        ("http://127.0.0.1/consent", False),
        ("https://127.0.0.1:8019/consent", False),
        ("http://office.example:8019/", False),
        ("https://office.example/back", False),
    ],
)
def test_only_a_port_of_this_machine_is_listened_on(redirect: str, expected: bool) -> None:
    assert a_consent(redirect).comes_back_here is expected


async def test_the_browser_brings_the_code(here: Consent) -> None:
    async with caught(here) as came_back, httpx.AsyncClient() as browser:
        answer = await browser.get(f"{here.redirect_uri}?code=c-1&state={here.state}")
        assert (answer.status_code, await came_back()) == (200, "c-1")
        assert "no-store" in answer.headers["cache-control"]
        assert here.state not in answer.text


async def test_other_requests_are_answered_and_forgotten(here: Consent) -> None:
    base = here.redirect_uri
    async with caught(here) as came_back, httpx.AsyncClient() as browser:
        foreign = await browser.get(f"{base}?code=evil&state=other")
        icon = await browser.get(base.replace("/consent", "/favicon.ico"))
        posted = await browser.post(base, content=b"x")
        assert (foreign.status_code, icon.status_code, posted.status_code) == (400, 404, 404)
        await browser.get(f"{base}?code=c-2&state={here.state}")
        assert await came_back() == "c-2"


async def test_a_refusal_in_the_browser_ends_the_wait(here: Consent) -> None:
    async with caught(here) as came_back, httpx.AsyncClient() as browser:
        await browser.get(f"{here.redirect_uri}?error=access_denied&state={here.state}")
        with pytest.raises(ConsentDeclined, match="access_denied"):
            await came_back()


async def test_a_browser_that_hangs_up_disturbs_nobody(here: Consent) -> None:
    target = urlsplit(here.redirect_uri)
    async with caught(here) as came_back:
        _, writer = await asyncio.open_connection(target.hostname, target.port)
        writer.write(b"GET /con")
        writer.close()
        async with httpx.AsyncClient() as browser:
            await browser.get(f"{here.redirect_uri}?code=c-3&state={here.state}")
        assert await came_back() == "c-3"


async def test_a_port_in_use_is_told(here: Consent) -> None:
    async with caught(here):
        with pytest.raises(ConsentRefused, match="cannot be listened on"):
            async with caught(here):
                pass
