"""Errors block an app at Exact Online: parallel calls and other processes together stay below the tenth."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.erp.exact_bench import Changed, ExactBench
from tests.erp.orders import an_invoice, approved
from tests.erp.world import CENTS, MANY
from tools.domain.identifiers import SupplierId
from tools.erp.errors import ErpAccessDenied, ErpUnavailable, OutcomeUnknown
from tools.erp.exact.error_budget import resource_of
from tools.erp.sandbox.company import Company


@pytest.fixture
async def bench(company: Company, tmp_path: Path) -> ExactBench:
    found = ExactBench(company, tmp_path)
    await found.consent()
    return found


def forbidden(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    return httpx.Response(403, json={"error": {"message": {"value": "Forbidden"}}})


async def test_forty_calls_beside_each_other_make_at_most_eight_errors(bench: ExactBench) -> None:
    erp = bench.changing(forbidden)
    told = await asyncio.gather(*(erp.orders([CENTS]) for _ in range(40)), return_exceptions=True)
    assert len(bench.sent("GET", "PurchaseOrders")) == 8
    kinds = [type(each) for each in told]
    assert (kinds.count(ErpAccessDenied), kinds.count(ErpUnavailable)) == (8, 32)


async def test_two_processes_share_the_eight(bench: ExactBench) -> None:
    both = [bench.changing(forbidden), bench.changing(forbidden)]
    await asyncio.gather(*(erp.orders([CENTS]) for erp in both for _ in range(10)), return_exceptions=True)
    assert len(bench.sent("GET", "PurchaseOrders")) == 8


async def test_a_bulk_read_stops_with_its_first_refusals(bench: ExactBench) -> None:
    with pytest.raises(ErpAccessDenied):
        await bench.changing(forbidden).suppliers_by_id([SupplierId(str(20000 + at)) for at in range(1500)])
    assert len(bench.sent("GET", "crm/Accounts")) <= 4


async def test_a_bulk_read_without_failures_reads_everything(bench: ExactBench) -> None:
    wanted = [*MANY, *(str(900_000 + at) for at in range(500))]
    assert set(await bench.connect().orders(wanted)) == set(MANY)  # type: ignore[arg-type]


async def test_a_401_that_a_new_token_cures_counts(bench: ExactBench) -> None:
    ended = False

    def once(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        nonlocal ended
        if ended:
            return answer
        ended = True
        bench.clock.pass_by(600)
        return httpx.Response(401)

    assert set(await bench.connect(Changed(bench.recorder, once)).orders([CENTS])) == {CENTS}
    (kept,) = bench.folder.glob("*errors.json")
    assert kept.read_text().count("17") == 1


async def test_an_entry_that_was_sent_is_told_although_it_cannot_be_counted(bench: ExactBench) -> None:
    """Else a posting would be taken for one that was never sent."""

    def full(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.method == "POST":
            (kept,) = bench.folder.glob("*errors.json")
            kept.write_text("damaged")
        return answer

    with pytest.raises(OutcomeUnknown, match="was entered in Exact Online and could not be read back"):
        await bench.changing(full).write(approved(an_invoice()))


async def test_calls_that_do_not_fail_are_not_held_up(bench: ExactBench) -> None:
    erp = bench.connect()
    found = await asyncio.gather(*(erp.orders([CENTS]) for _ in range(30)))
    assert all(set(each) == {CENTS} for each in found)


@pytest.mark.parametrize(
    ("url", "resource"),
    [
        ("api/v1/7/purchaseentry/PurchaseEntries(guid'x')", "purchaseentry/PurchaseEntries"),
        ("https://x/api/v1/7/crm/Accounts?$select=ID", "crm/Accounts"),
        ("api/v1/current/Me?$select=CurrentDivision", "current/Me"),
        ("api/v1/7/bulk/Cashflow/Payments?$select=ID", "bulk/Cashflow/Payments"),
    ],
)
def test_errors_are_counted_for_a_resource_whatever_is_asked_of_it(url: str, resource: str) -> None:
    assert resource_of(url) == resource
