"""`shortcomings` names what a Business Central lacks and what our login may not read, and what to do."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.erp.business_central_bench import Bench
from tests.erp.business_central_setup import SECRET, Recorder
from tests.erp.chart import COST_CENTRES
from tools.erp.business_central import sandbox
from tools.erp.business_central.metadata import entity_fields
from tools.erp.business_central.sandbox_metadata import metadata
from tools.erp.business_central.sandbox_schema import entities
from tools.erp.errors import ErpRejected, ErpUnavailable
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults


class Older(httpx.AsyncBaseTransport):
    """A Business Central whose description of itself is another one."""

    def __init__(self, inner: httpx.AsyncBaseTransport, change: Callable[[bytes], bytes]) -> None:
        self._inner = inner
        self._change = change

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if not request.url.path.endswith("$metadata"):
            return answer
        return httpx.Response(200, content=self._change(await answer.aread()))


@pytest.fixture
def bench(company: Company, faults: Faults) -> Bench:
    return Bench(company, faults)


async def test_nothing_is_missing_where_all_is_there_and_readable(bench: Bench) -> None:
    assert await bench.erp.shortcomings() == []
    asked = [request for request in bench.recorder.requests if request.url.path.endswith("$metadata")]
    assert [request.headers["accept"] for request in asked] == ["application/xml"]


async def test_a_field_an_older_version_has_not_is_named_with_its_entity(bench: Bench) -> None:
    gone = b'<Property Name="shortcutDimension1Code" Type="Edm.String"/>'
    erp = bench.through(Older(bench.recorder, lambda edmx: edmx.replace(gone, b"")))
    assert await erp.shortcomings() == [
        f"{name} has no shortcutDimension1Code in this Business Central; update it"
        for name in ("generalLedgerSetup", "purchaseCreditMemos", "purchaseInvoices")
    ]


async def test_an_entity_that_is_not_there_is_named_and_not_asked_for(bench: Bench) -> None:
    erp = bench.through(Older(bench.recorder, lambda edmx: edmx.replace(b'Name="taxGroups"', b'Name="x"')))
    (told,) = await erp.shortcomings()
    assert "has no taxGroups" in told
    assert not [request for request in bench.recorder.requests if "taxGroups" in request.url.path]


async def test_a_table_that_the_login_may_not_read_is_named_with_where_to_grant_it(company: Company) -> None:
    bench = Bench(company, Faults())
    app = sandbox.app(company, client_secret=SECRET, hidden=frozenset({"vendors", "purchaseReceipts"}))
    erp = bench.through(Recorder(app))
    told = await erp.shortcomings()
    assert [sentence.partition(" (")[0] for sentence in told] == [
        "our login may not read vendors",
        "our login may not read purchaseReceipts",
    ]
    assert all("grant a permission set" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _: b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "declares entities"),
        (lambda _: b"{}", "not readable XML"),
    ],
)
async def test_a_description_that_is_none_is_refused(
    bench: Bench, change: Callable[[bytes], bytes], words: str
) -> None:
    with pytest.raises(ErpRejected, match=words):
        await bench.through(Older(bench.recorder, change)).shortcomings()


async def test_an_erp_that_is_away_is_unavailable_and_not_short_of_anything(bench: Bench) -> None:
    bench.faults.plan("*", FaultKind.CONNECTION_REFUSED, times=None)
    with pytest.raises(ErpUnavailable):
        await bench.erp.shortcomings()


def test_the_sandbox_describes_exactly_what_it_serves() -> None:
    assert entity_fields(metadata()) == {
        name: frozenset(entity.fields) for name, entity in entities().items()
    }


async def test_only_values_of_the_first_shortcut_dimension_are_cost_centres(bench: Bench) -> None:
    read = await bench.erp.cost_centres()
    assert [centre.code for centre in read] == [centre.code for centre in COST_CENTRES]


async def test_a_company_without_that_dimension_has_no_cost_centres_and_is_asked_no_more(
    bench: Bench, company: Company
) -> None:
    company.books.cost_centres = ()
    assert await bench.erp.cost_centres() == []
    assert not [request for request in bench.recorder.requests if "dimension" in request.url.path]
