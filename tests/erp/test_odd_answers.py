"""What a vendor, or a proxy before it, may put into headers and bodies beyond all reason."""

from __future__ import annotations

import httpx
import pytest

from tests.erp.clocks import StillClock
from tests.erp.test_http import READ, Script, a_client
from tools.erp.answers import Answer, Redaction
from tools.erp.errors import ErpUnavailable
from tools.erp.pacing import retry_after

ANSWERED = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    "value",
    ["²", "٣", "-1", "1.5", "", "Wed, 21 Oct 2026 07:28:30 +99999999999", "Wed, 21 Oct 9" + "9" * 30],
)
def test_a_retry_after_that_is_no_number_and_no_date_is_as_if_it_were_not_there(value: str) -> None:
    assert retry_after(value, ANSWERED) is None
    assert retry_after(ANSWERED, value) is None


def test_the_longest_number_of_seconds_is_longer_than_any_wait() -> None:
    asked = retry_after("9" * 400, None)
    assert asked is not None
    assert asked > 10**9


async def test_an_odd_retry_after_is_waited_for_as_without_one() -> None:
    clock = StillClock()
    odd = httpx.Response(429, headers=[(b"Retry-After", b"\xb2")])
    script = Script(*[odd] * 9)
    with pytest.raises(ErpUnavailable):
        await a_client(script, clock=clock).read(READ)
    assert clock.slept


@pytest.mark.parametrize("before", range(1900, 2001, 7))
def test_a_secret_across_the_cut_of_a_long_body_is_not_told_by_its_beginning(before: int) -> None:
    secret = "C0FFEE" + "1" * 58
    answer = Answer(500, {}, b"x" * before + secret.encode() + b"y" * 5000)
    told = Redaction((secret,)).text(answer.summary)
    assert "C0F" not in told
    assert len(told) <= 2000
