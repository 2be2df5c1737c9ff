"""Refresh tokens that work once: one renewal for all, kept before it is used, and clear words when lost."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import httpx
import pytest

from tests.erp.exact_login import LoginBench
from tests.erp.exact_setup import SECRET
from tools.erp.errors import ErpAccessDenied, ErpUnavailable
from tools.erp.sandbox.faults import FaultKind
from tools.erp.sandbox.gate import InProcess
from tools.erp.state_file import StateFile, StateUnusable
from tools.erp.token_store import StoredTokens, TokenStore


@pytest.fixture
async def bench(tmp_path: Path) -> LoginBench:
    found = LoginBench(tmp_path)
    await found.consent()
    return found


async def test_without_a_consent_the_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(ErpAccessDenied, match="erp-agent connect exact"):
        await LoginBench(tmp_path).another().header()


async def test_fifty_parallel_calls_at_the_end_of_a_token_make_one_renewal(bench: LoginBench) -> None:
    login = bench.another()
    before, issued = await login.header(), bench.service.issued
    bench.clock.pass_by(600)
    headers = await asyncio.gather(*(login.header() for _ in range(50)))
    assert len(set(headers)) == 1
    assert headers[0] != before
    assert bench.service.issued == issued + 1


async def test_ten_logins_of_one_machine_make_one_renewal(bench: LoginBench) -> None:
    issued = bench.service.issued
    bench.clock.pass_by(600)
    headers = await asyncio.gather(*(bench.another().header() for _ in range(10)))
    assert len(set(headers)) == 1
    assert bench.service.issued == issued + 1


async def test_nothing_is_asked_before_a_renewal_is_allowed(bench: LoginBench) -> None:
    login = bench.another()
    first, asked = await login.header(), bench.asked
    bench.clock.pass_by(570)
    assert await login.header() == first
    assert bench.asked == asked
    bench.clock.pass_by(1)
    assert await login.header() != first


async def test_the_new_pair_is_on_the_disk_before_it_is_used(bench: LoginBench) -> None:
    seen = []

    async def look(request: httpx.Request) -> httpx.Response:
        answer = await InProcess(bench.app).handle_async_request(request)
        seen.append((bench.kept().renewal_sent_at, bench.kept().refresh_token))
        return answer

    bench.transport = httpx.MockTransport(look)
    login, old = bench.another(), bench.kept().refresh_token
    bench.clock.pass_by(600)
    header = await login.header()
    assert seen == [(bench.now(), old)], "that a renewal goes out is noted before"
    assert bench.kept().header == header
    assert bench.kept().refresh_token != old
    assert bench.kept().renewal_sent_at is None


async def test_a_renewal_goes_on_when_who_waits_for_it_is_cancelled(bench: LoginBench) -> None:
    arrived, issued = asyncio.Event(), bench.service.issued

    async def told(request: httpx.Request) -> httpx.Response:
        arrived.set()
        await asyncio.sleep(0)
        return await InProcess(bench.app).handle_async_request(request)

    bench.transport = httpx.MockTransport(told)
    login = bench.another()
    bench.clock.pass_by(600)
    waiting = asyncio.create_task(login.header())
    await arrived.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await login.close()
    assert bench.service.issued == issued + 1
    assert bench.kept().renewal_sent_at is None
    assert await bench.another().header() == bench.kept().header


async def test_a_lost_answer_is_told_with_the_way_out(bench: LoginBench) -> None:
    login = bench.another()
    bench.clock.pass_by(600)
    bench.faults.plan("token", FaultKind.REPLY_LOST)
    with pytest.raises(ErpUnavailable, match=r"no answer came.*erp-agent connect exact"):
        await login.header()
    with pytest.raises(ErpAccessDenied) as told:
        await login.header()
    assert "Old refresh token used" in str(told.value)
    assert "erp-agent connect exact" in str(told.value)
    assert "never arrived" in str(told.value)
    asked = bench.asked
    with pytest.raises(ErpAccessDenied, match="Old refresh token used"):
        await bench.another().header()
    assert bench.asked == asked, "what is refused for ever is not asked again"


@pytest.mark.parametrize(
    "kind", [FaultKind.REQUEST_LOST, FaultKind.CONNECTION_REFUSED, FaultKind.ERROR_BEFORE, FaultKind.TOO_MANY]
)
async def test_a_renewal_that_never_arrived_is_made_by_the_next_call(
    bench: LoginBench, kind: FaultKind
) -> None:
    login, before = bench.another(), bench.kept().header
    bench.clock.pass_by(600)
    bench.faults.plan("token", kind)
    with pytest.raises(ErpUnavailable):
        await login.header()
    assert await login.header() == bench.kept().header != before


async def test_a_new_consent_heals_a_lost_answer(bench: LoginBench) -> None:
    bench.clock.pass_by(600)
    bench.faults.plan("token", FaultKind.REPLY_LOST)
    with pytest.raises(ErpUnavailable):
        await bench.another().header()
    await bench.consent()
    assert await bench.another().header() == bench.kept().header


async def test_a_service_that_finds_it_too_early_leaves_the_token_in_use(bench: LoginBench) -> None:
    """Our clock is ahead of the vendor's."""
    early = bench.another(ahead=40)
    first = bench.kept().header
    bench.clock.pass_by(540)
    assert await early.header() == first
    assert bench.kept().refused is None
    bench.clock.pass_by(60)
    assert await early.header() != first


async def test_a_new_refresh_token_in_a_refusal_is_kept(bench: LoginBench) -> None:
    body = {"error": "access_denied", "error_description": "Rate limit exceeded", "refresh_token": "new-one"}
    bench.transport = httpx.MockTransport(lambda request: httpx.Response(400, json=body))
    bench.clock.pass_by(580)
    await bench.another().header()
    assert bench.kept().refresh_token == "new-one"


async def test_a_wrong_client_secret_does_not_spoil_the_tokens(bench: LoginBench) -> None:
    kept = bench.kept()
    body = {"error": "invalid_client", "error_description": "Client identification failed."}
    real, bench.transport = (
        bench.transport,
        httpx.MockTransport(lambda request: httpx.Response(400, json=body)),
    )
    bench.clock.pass_by(600)
    with pytest.raises(ErpAccessDenied, match="check client_id and client_secret"):
        await bench.another().header()
    assert bench.kept() == kept
    bench.transport = real
    assert await bench.another().header() == bench.kept().header


async def test_a_refused_token_that_is_young_is_not_renewed(bench: LoginBench) -> None:
    login = bench.another()
    header, asked = await login.header(), bench.asked
    assert not await login.renew(header)
    assert bench.asked == asked


async def test_a_refused_token_that_another_process_replaced_is_taken_from_the_store(
    bench: LoginBench,
) -> None:
    slow = bench.another()
    old = await slow.header()
    bench.clock.pass_by(571)
    new = await bench.another().header()
    asked = bench.asked
    assert await slow.renew(old)
    assert await slow.header() == new
    assert bench.asked == asked


async def test_a_token_from_the_future_is_not_believed(bench: LoginBench) -> None:
    """The clock was set back by a day: it would else live for a day."""
    bench.store.keep(StoredTokens("ancient", bench.kept().refresh_token, bench.now() + 86_400, 600))
    bench.clock.pass_by(600)
    assert await bench.another().header() != "Bearer ancient"


class FullOnce(TokenStore):
    """Has no room when a new pair is kept for the first time."""

    full = True

    def keep(self, tokens: StoredTokens) -> None:
        if self.full and tokens.renewal_sent_at is None:
            self.full = False
            raise StateUnusable("no space left on device")
        super().keep(tokens)


async def test_a_pair_that_cannot_be_written_is_held_until_there_is_room(bench: LoginBench) -> None:
    store = FullOnce(bench.settings.folder, "exact", login_url="http://127.0.0.1", client_id="sandbox-client")
    login, issued = bench.another(store), bench.service.issued
    bench.clock.pass_by(600)
    with pytest.raises(ErpUnavailable, match="no space left"):
        await login.header()
    assert await login.header() == bench.kept().header
    assert bench.service.issued == issued + 1


def test_tokens_are_for_the_owner_alone_and_in_no_print(bench: LoginBench) -> None:
    assert stat.S_IMODE(bench.store.path.stat().st_mode) == 0o600
    assert bench.kept().refresh_token not in repr(bench.kept())
    assert bench.kept().access_token not in repr(bench.kept())


async def test_no_error_tells_a_token_or_the_secret(bench: LoginBench) -> None:
    told = []
    for kind in (FaultKind.REPLY_LOST, FaultKind.ERROR_AFTER, FaultKind.EXPIRED_TOKEN):
        refresh = bench.kept().refresh_token
        bench.clock.pass_by(600)
        bench.faults.plan("token", kind)
        with pytest.raises((ErpUnavailable, ErpAccessDenied)) as error:
            await bench.another().header()
        told += [str(error.value), error.value.detail, repr(error.value.__cause__)]
        assert not any(refresh in text or SECRET in text for text in told)
        await bench.consent()


@pytest.mark.parametrize("text", ["", "[]", '{"access_token": "x"}', "{"])
def test_a_damaged_store_is_named(tmp_path: Path, text: str) -> None:
    store = TokenStore(tmp_path, "exact", login_url="u", client_id="c")
    store.path.write_text(text)
    with pytest.raises(StateUnusable, match="damaged"):
        store.read()


async def test_a_lock_is_free_again_when_who_waited_for_it_is_cancelled(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.json")
    async with file.held_across_calls():
        waiting = asyncio.create_task(StateFile(file.path).held_across_calls().__aenter__())
        await asyncio.sleep(0.03)
        waiting.cancel()
    async with StateFile(file.path).held_across_calls():
        file.write({"a": 1})
    assert file.read() == {"a": 1}
