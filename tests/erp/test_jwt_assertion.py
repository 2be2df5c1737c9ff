"""The JWT bearer grant and basic authentication: what is sent, and what never is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from tests.erp.clocks import StillClock
from tools.erp.basic_login import BasicLogin
from tools.erp.errors import ErpAccessDenied, ErpUnavailable
from tools.erp.jwt_assertion import GRANT, Assertion, JwtBearer
from tools.erp.oauth import OAuthLogin, basic_header

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
AUDIENCE = "https://identity.oraclecloud.com/"
URL = "https://login.example/oauth2/v1/token"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey) -> SecretStr:
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SecretStr(text.decode())


def an_assertion(key: rsa.RSAPrivateKey, **values: Any) -> Assertion:
    return Assertion(
        issuer="client-1", subject="AP_AGENT", audience=AUDIENCE, key=pem(key), key_id="cert-1", **values
    )


class Endpoint:
    """A token endpoint that keeps what it was asked and checks the signature as a server does."""

    def __init__(self, key: rsa.RSAPrivateKey, answer: httpx.Response | None = None) -> None:
        self._public = key.public_key()
        self._answer = answer
        self.claims: list[dict[str, Any]] = []
        self.headers: list[dict[str, Any]] = []
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self._answer is not None:
            return self._answer
        form = dict(parse_qsl(request.content.decode()))
        assert form["grant_type"] == GRANT
        # The statement is dated by the test's clock, so its dates are compared below and not here.
        checks = {"verify_exp": False, "verify_iat": False}
        token = form["assertion"]
        self.claims.append(
            jwt.decode(token, self._public, algorithms=["RS256"], audience=AUDIENCE, options=checks)  # type: ignore[arg-type]
        )
        self.headers.append(jwt.get_unverified_header(token))
        return httpx.Response(200, json={"access_token": "abc", "token_type": "Bearer", "expires_in": 3600})


def a_flow(endpoint: Endpoint, assertion: Assertion, **values: Any) -> JwtBearer:
    transport = httpx.MockTransport(endpoint)
    return JwtBearer(URL, assertion, now=lambda: NOW, transport=transport, clock=StillClock(), **values)


async def test_a_signed_statement_names_client_user_and_audience(key: rsa.RSAPrivateKey) -> None:
    endpoint = Endpoint(key)
    token = await a_flow(endpoint, an_assertion(key), scope="urn:opc:resource:consumer::all").fetch()
    assert token.value == "abc"
    (claims,) = endpoint.claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("client-1", "AP_AGENT", AUDIENCE)
    assert claims["exp"] - claims["iat"] == 300
    assert claims["iat"] == int(NOW.timestamp())
    assert endpoint.headers[0] | {"typ": "JWT"} == {"alg": "RS256", "kid": "cert-1", "typ": "JWT"}
    form = dict(parse_qsl(endpoint.requests[0].content.decode()))
    assert form["scope"] == "urn:opc:resource:consumer::all"
    assert form["client_id"] == "client-1"
    assert "authorization" not in endpoint.requests[0].headers


async def test_with_a_secret_the_client_names_itself_in_the_header(key: rsa.RSAPrivateKey) -> None:
    endpoint = Endpoint(key)
    await a_flow(endpoint, an_assertion(key), client_secret=SecretStr("s3cret")).fetch()
    assert endpoint.requests[0].headers["authorization"] == basic_header("client-1", "s3cret")
    assert b"client_id" not in endpoint.requests[0].content
    assert b"s3cret" not in endpoint.requests[0].content


async def test_no_statement_is_used_twice(key: rsa.RSAPrivateKey) -> None:
    endpoint = Endpoint(key)
    login = OAuthLogin(a_flow(endpoint, an_assertion(key)), clock=StillClock())
    await login.renew(await login.header())
    assert len({claims["jti"] for claims in endpoint.claims}) == 2


async def test_a_lost_answer_is_asked_for_again_with_a_new_statement(key: rsa.RSAPrivateKey) -> None:
    endpoint, lost = Endpoint(key), [True, True]

    def answer(request: httpx.Request) -> httpx.Response:
        told = endpoint(request)
        if lost:
            lost.pop()
            raise httpx.ReadError("lost", request=request)
        return told

    clock = StillClock()
    transport = httpx.MockTransport(answer)
    flow = JwtBearer(URL, an_assertion(key), now=lambda: NOW, transport=transport, clock=clock)
    assert (await flow.fetch()).value == "abc"
    assert len({claims["jti"] for claims in endpoint.claims}) == 3
    assert len(clock.slept) == 2


async def test_a_login_service_that_is_away_is_given_up_in_the_end(key: rsa.RSAPrivateKey) -> None:
    flow = a_flow(Endpoint(key, httpx.Response(503)), an_assertion(key))
    with pytest.raises(ErpUnavailable):
        await flow.fetch()


async def test_the_life_of_a_statement_can_be_shorter(key: rsa.RSAPrivateKey) -> None:
    endpoint = Endpoint(key)
    await a_flow(endpoint, an_assertion(key, life=timedelta(seconds=60))).fetch()
    assert endpoint.claims[0]["exp"] - endpoint.claims[0]["iat"] == 60


async def test_a_refusal_is_told_in_the_servers_words_without_a_secret(key: rsa.RSAPrivateKey) -> None:
    told = {"error": "invalid_grant", "error_description": "no user AP_AGENT, s3cret\nTrace: 1"}
    flow = a_flow(
        Endpoint(key, httpx.Response(400, json=told)), an_assertion(key), client_secret=SecretStr("s3cret")
    )
    with pytest.raises(ErpAccessDenied, match="no user AP_AGENT") as error:
        await flow.fetch()
    assert "s3cret" not in str(error.value)
    assert "PRIVATE KEY" not in str(error.value) + error.value.detail


async def test_a_key_that_cannot_sign_is_for_the_administrator_and_is_not_shown() -> None:
    wrong = Assertion(issuer="c", subject="u", audience="a", key=SecretStr("-----BEGIN NOTHING"))
    with pytest.raises(ErpAccessDenied, match="RSA key in PEM") as error:
        wrong.signed(NOW)
    assert "NOTHING" not in str(error.value)


async def test_basic_authentication_sends_user_and_password_and_renews_nothing() -> None:
    login = BasicLogin("AP_AGENT", SecretStr("pässword"))
    header = await login.header()
    assert header == basic_header("AP_AGENT", "pässword")
    assert not await login.renew(header)
    assert "pässword" in login.secrets()
    assert header.removeprefix("Basic ") in login.secrets()
