"""Messages about changes prove where they come from; what they say is never kept."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from tools.erp.event_checks import (
    EventRefused,
    business_central,
    derived_secret,
    exact,
    signature,
    signed,
)

SECRET = "k" * 40
NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
CONTENT = (
    '{"Topic":"PurchaseOrders","ClientId":"a","Division":123,"Action":"Update",'
    '"Key":"3f2504e0-4f89-11d3-9a0c-0305e82c3301","ExactOnlineEndpoint":"https://start.exactonline.nl/x"}'
)


def by_exact(
    content: str = CONTENT, secret: str = SECRET, shape: str = '{{"Content":{0},"HashCode":"{1}"}}'
) -> bytes:
    digest = hmac.new(secret.encode(), content.encode(), sha256).hexdigest().upper()
    return shape.format(content, digest).encode()


@pytest.mark.parametrize(
    "body",
    [
        by_exact(),
        by_exact(CONTENT.replace(",", " , ").replace('"a"', '"ü \\" }"')),
        by_exact(shape=' {{ "Content" : {0} ,\n "HashCode" : "{1}" }} '),
    ],
)
def test_a_message_of_exact_is_signed_over_its_content_as_it_was_sent(body: bytes) -> None:
    assert exact({}, body, SECRET, NOW) == [""], "two changes of one record look alike: none has an identity"


@pytest.mark.parametrize(
    "body",
    [
        by_exact(secret="other" * 8),
        by_exact().replace(b'"Update"', b'"Delete"'),
        by_exact().replace(b'"HashCode"', b'"Other":1,"HashCode"'),
        json.dumps({"HashCode": "0" * 64, "Content": json.loads(CONTENT)}).encode(),
        by_exact() + b"x",
        b'{"Content":',
        b'{"Content":' + b"[" * 100_000,
        b'{"Content":{}}',
        b"\xff",
        b"",
    ],
)
def test_any_other_message_is_none_of_exacts(body: bytes) -> None:
    with pytest.raises(EventRefused):
        exact({}, body, SECRET, NOW)


def a_notification(**values: Any) -> dict[str, Any]:
    told = {
        "subscriptionId": "1",
        "clientState": derived_secret(SECRET, "business_central"),
        "resource": "/api/v2.0/companies(x)/vendors(y)",
        "changeType": "updated",
        "lastModifiedDateTime": "2026-03-16T09:00:00Z",
    }
    return {**told, **values}


def test_each_notification_of_business_central_has_an_identity_of_its_own() -> None:
    told = [a_notification(), a_notification(changeType="deleted"), a_notification(resource="z")]
    found = business_central({}, json.dumps({"value": told}).encode(), SECRET, NOW)
    assert len(set(found)) == 3
    assert found == business_central({}, json.dumps({"value": told}).encode(), SECRET, NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"value":{}}',
        b'{"value":["x"]}',
        b"[" * 100_000,
        b'{"value":[{"clientState":"\xff"}]}',
    ],
)
def test_what_is_no_list_of_notifications_is_refused(body: bytes) -> None:
    with pytest.raises(EventRefused):
        business_central({}, body, SECRET, NOW)


@pytest.mark.parametrize("state", [SECRET, "", None, 5, "é", derived_secret(SECRET, "exact")])
def test_a_notification_without_our_client_state_is_refused(state: Any) -> None:
    with pytest.raises(EventRefused, match="clientState"):
        business_central({}, json.dumps({"value": [a_notification(clientState=state)]}).encode(), SECRET, NOW)


def headers(
    event_id: str = "msg_1", *, sent: datetime = NOW, body: bytes = b"{}", **change: str
) -> dict[str, str]:
    moment = str(int(sent.timestamp()))
    told = {
        "webhook-id": event_id,
        "webhook-timestamp": moment,
        "webhook-signature": signature(event_id, moment, body, SECRET),
    }
    return told | change


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_signed_message_within_the_window_is_taken(seconds: int) -> None:
    check = signed(timedelta(seconds=300))
    assert check(headers(sent=NOW + timedelta(seconds=seconds)), b"{}", SECRET, NOW) == ["msg_1"]


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_signed_message_outside_of_it_is_not(seconds: int) -> None:
    with pytest.raises(EventRefused, match="301 seconds"):
        signed(timedelta(seconds=300))(headers(sent=NOW + timedelta(seconds=seconds)), b"{}", SECRET, NOW)


@pytest.mark.parametrize(
    "told",
    [
        headers(body=b"{ }"),
        headers(**{"webhook-id": "msg_2"}),
        headers(**{"webhook-timestamp": str(int(NOW.timestamp()) + 1)}),
        headers(**{"webhook-signature": "v1,"}),
        headers(**{"webhook-signature": "v1,é"}),
        headers(**{"webhook-timestamp": "-5"}),
        {},
    ],
)
def test_a_signature_covers_id_time_and_body(told: dict[str, str]) -> None:
    with pytest.raises(EventRefused):
        signed(timedelta(seconds=300))(told, b"{}", SECRET, NOW)


def test_the_published_example_of_the_standard_is_signed_as_it_says() -> None:
    """The vector of github.com/standard-webhooks/standard-webhooks (MIT), its own tests."""
    body = b'{"test": 2432232314}'
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert (
        signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body, secret)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_secret_that_only_looks_like_the_standards_is_refused() -> None:
    with pytest.raises(EventRefused, match="base64"):
        signature("msg_1", "1", b"", "whsec_???")
