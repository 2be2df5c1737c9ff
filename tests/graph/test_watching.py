"""A real server on this machine: the ERP's messages move waiting cases; forged and repeated ones do not."""

from __future__ import annotations

import asyncio
import hmac
import json
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from agent.triggers.event_endpoint import LONGEST_BODY
from agent.triggers.watching import listening
from agent.wrong_usage import WrongUsage
from tests.graph.office import Office
from tests.graph.papers import AWAITED
from tests.graph.running_watch import SECRET, Running, a_held_case, running
from tools.erp.errors import ErpUnavailable
from tools.erp.event_checks import signature


async def test_a_receipt_and_a_signed_message_move_the_waiting_case_by_itself(office: Office) -> None:
    case = await a_held_case(office)
    async with running(office) as watch:
        assert office.case(case).stage == "on_hold"
        office.receive_goods(AWAITED, "20")
        assert await watch.signed("event-1") == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
    assert office.case(case).stage == "waiting_for_approval"
    assert [news["stage"] for news in watch.news.told if news.get("case") == case] == ["waiting_for_approval"]
    assert office.posted() == []
    office.verified()


async def test_a_message_that_lies_about_what_happened_changes_nothing(plain_office: Office) -> None:
    office = plain_office
    case = await a_held_case(office)
    before = office.case(case)
    lie = json.dumps({"order": AWAITED, "received": 20, "approve": True, "case": case}).encode()
    async with running(office) as watch:
        assert await watch.signed("event-1", lie) == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
    assert office.case(case) == before


FORGED: dict[str, dict[str, Any]] = {
    "another secret": {"secret": "t" * 40},
    "no signature": {"webhook_signature": ""},
    "a signature of another message": {"webhook_id": "event-2"},
    "an old one": {"webhook_timestamp": "1767225600"},
    "a later one": {"webhook_timestamp": "1893456000"},
    "no time": {"webhook_timestamp": "now"},
    "a long id": {"webhook_id": "x" * 201},
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
async def test_a_forged_message_is_refused_and_nothing_is_looked_at(
    plain_office: Office, change: dict[str, Any]
) -> None:
    async with running(plain_office) as watch:
        office_calls = plain_office.line.calls.total()
        assert await watch.signed("event-1", **change) == 401
        assert plain_office.app.changes.asked() is None
        assert (watch.news.looks(), plain_office.line.calls.total()) == (1, office_calls)


async def test_a_replayed_message_is_answered_like_the_first_and_does_nothing(plain_office: Office) -> None:
    async with running(plain_office) as watch:
        assert await watch.signed("event-1") == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
        for _ in range(3):
            assert await watch.signed("event-1") == 200
        assert plain_office.app.changes.asked() is None
        assert watch.news.looks() == 2
    async with running(plain_office) as again:
        assert await again.signed("event-1") == 200, "a restart does not forget"
        assert plain_office.app.changes.asked() is None
        assert again.news.looks() == 1


async def test_a_secret_may_be_changed_while_both_are_signed_with(plain_office: Office) -> None:
    moment = str(int(plain_office.clock.now.timestamp()))
    both = f"{signature('e', moment, b'{}', 'old' * 20)} {signature('e', moment, b'{}', SECRET)}"
    async with running(plain_office) as watch:
        assert await watch.signed("e", webhook_signature=both) == 200


def test_a_secret_of_the_standards_form_is_the_key_it_encodes() -> None:
    encoded = "whsec_" + b64encode(SECRET.encode()).decode()
    assert signature("e", "1", b"{}", encoded) == signature("e", "1", b"{}", SECRET)


async def test_what_is_no_message_is_refused(plain_office: Office) -> None:
    async with running(plain_office) as watch:
        assert (await watch.post("nobody", b"{}")).status_code == 404
        assert (await watch.post("business_central", b"{}")).status_code == 404, "this ERP is another kind"
        assert (await watch.http.get(f"{watch.address}/signed")).status_code == 405
        assert (await watch.http.get(f"{watch.address}/signed?validationToken=x")).status_code == 405
        assert (await watch.post("signed", b"x" * (LONGEST_BODY + 1))).status_code == 413
        assert (await watch.post("signed", b"\xff\xfe")).status_code == 401
        assert (await watch.post("signed", b"")).text == "", "nobody is told why"


EXACT = '{"Topic":"PurchaseOrders","Action":"Update","Key":"3f2504e0-4f89-11d3-9a0c-0305e82c3301"}'


async def test_exact_tries_the_address_without_a_body_and_its_signed_messages_move_the_case(
    plain_office: Office,
) -> None:
    office = plain_office
    case = await a_held_case(office)
    line: Any = office.line
    line.kind = "exact"
    vendors = "given by the vendor"
    async with running(office, vendor_secret=vendors) as watch:
        assert (await watch.post("exact", b"")).status_code == 200
        assert (await watch.http.get(f"{watch.address}/exact")).status_code == 200
        wrong = hmac.new(SECRET.encode(), EXACT.encode(), sha256).hexdigest()
        assert (
            await watch.post("exact", f'{{"Content":{EXACT},"HashCode":"{wrong}"}}'.encode())
        ).status_code == 401
        assert watch.news.looks() == 1
        office.receive_goods(AWAITED, "20")
        right = hmac.new(vendors.encode(), EXACT.encode(), sha256).hexdigest().upper()
        assert (
            await watch.post("exact", f'{{"Content":{EXACT},"HashCode":"{right}"}}'.encode())
        ).status_code == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
    assert office.case(case).stage == "waiting_for_approval"
    async with running(office) as without:
        assert (await without.post("exact", b"")).status_code == 404, "no secret, no address"


async def test_a_message_that_came_right_before_the_end_is_followed_after_the_restart(office: Office) -> None:
    case = await a_held_case(office)
    async with running(office):
        pass
    office.receive_goods(AWAITED, "20")
    assert office.app.changes.take("signed", "event-1", office.clock.now)
    async with running(office):
        assert office.case(case).stage == "waiting_for_approval"
    assert office.app.changes.asked() is None


async def test_a_look_that_fails_is_told_and_made_again_for_the_next_message(plain_office: Office) -> None:
    office = plain_office
    case = await a_held_case(office)
    async with running(office) as watch:
        office.receive_goods(AWAITED, "20")

        def away() -> None:
            office.line.before.clear()
            raise ErpUnavailable("the ERP is away")

        office.line.before["orders_changed_since"] = away
        assert await watch.signed("event-1") == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
        assert "the ERP could not be asked: the ERP is away" in {news["message"] for news in watch.news.told}
        assert office.case(case).stage == "on_hold"
        assert await watch.signed("event-2") == 200
        await watch.news.until(lambda: watch.news.looks() == 3)
    assert office.case(case).stage == "waiting_for_approval"


async def test_without_listening_it_asks_at_intervals(plain_office: Office) -> None:
    case = await a_held_case(plain_office)
    found = Running(plain_office, listen=None, secret=None)
    plain_office.receive_goods(AWAITED, "20")
    task = asyncio.create_task(found.watching.run())
    await found.news.until(lambda: found.news.looks() == 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await found.http.aclose()
    assert plain_office.case(case).stage == "waiting_for_approval"


async def test_a_port_that_is_taken_is_named(plain_office: Office) -> None:
    with listening("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        found = Running(plain_office, listen=f"127.0.0.1:{port}")
        with pytest.raises(WrongUsage, match=f"{port} cannot be used"):
            await found.watching.run()
        await found.http.aclose()
