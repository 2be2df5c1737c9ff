"""Numbers that are longer than SAP's sixteen characters: nothing is entered twice because of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import httpx
import pytest

from tests.erp.orders import MemoryLog, an_invoice, approved
from tests.erp.sap_bench import Bench
from tests.erp.world import PARTLY_RECEIVED
from tools.domain.decision import CreateGoodsReceipt, PostingOrder, ReceivedLine
from tools.erp.errors import ErpRejected, OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.sandbox.company import Company
from tools.erp.sap.references import is_ours_of, shortened

LONG = "RE-2026-00000000815-NL"
TWIN = "RE-2026-00000333923-BE"
NOTE = "LIEFERSCHEIN-2026-000815"
DAY = date(2026, 3, 10)


class WrittenOver(httpx.AsyncBaseTransport):
    """A clerk wrote another text into the supplier's line."""

    def __init__(self, bench: Bench) -> None:
        self._inner = bench.recorder

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        content = await answer.aread()
        if request.method == "GET" or request.url.path.endswith("$batch"):
            content = content.replace(LONG.encode(), b"Chairs, first quarter.")
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


async def test_a_long_number_is_known_by_its_short_form_when_its_text_was_written_over(
    company: Company,
) -> None:
    bench = Bench(company)
    action = an_invoice(number=LONG)
    posted = await bench.write(approved(action))
    assert len(LONG) == len("Chairs, first quarter."), "the answer keeps its length"
    erp = bench.through(WrittenOver(bench))
    found = await erp.find(approved(action))
    assert found is not None
    assert found.erp_id == posted.erp_id
    assert set(await erp.invoices([action.invoice_key])) == {action.invoice_key}
    with pytest.raises(ErpRejected, match="already exists in SAP"):
        await erp.write(approved(action))


async def test_another_amount_under_our_short_form_is_never_posted_beside_it(company: Company) -> None:
    bench = Bench(company)
    await bench.write(approved(an_invoice(number=LONG)))
    dearer = an_invoice("200.00", "42.00", number=LONG)
    erp = bench.through(WrittenOver(bench))
    with pytest.raises(ErpRejected, match="121.00.* instead of .*242.00"):
        await post_once(erp, approved(dearer), MemoryLog(), no_pause)
    assert len(bench.changes()) == 1


async def no_pause(seconds: float) -> None:
    return None


def test_a_text_that_proves_another_number_of_the_same_short_form_is_believed() -> None:
    short = shortened(LONG)
    assert is_ours_of(LONG, short.upper(), "anything else")
    assert is_ours_of(LONG, short, LONG.lower())
    assert not is_ours_of("RE-1", "RE-1", ""), "a short number is compared as it is"
    assert shortened(TWIN) == short
    assert not is_ours_of(LONG, short, TWIN)


def received(company: Company, note: str, quantity: str = "5", day: date = DAY) -> str:
    lines = {"10000": Decimal(quantity)}
    return company.purchasing.receive(PARTLY_RECEIVED, lines, day, delivery_note=note).number


def order(quantity: str = "5") -> PostingOrder:
    return approved(
        CreateGoodsReceipt(
            company="NZT",
            order_number=PARTLY_RECEIVED,
            delivery_note=NOTE,
            received_on=DAY,
            lines=(ReceivedLine(order_line_id="10000", quantity=Decimal(quantity)),),
        )
    )


@pytest.mark.parametrize("entered", [NOTE[:16], NOTE[-16:], NOTE[:16].lower()])
async def test_a_receipt_under_a_note_that_a_person_cut_is_the_same_receipt(
    company: Company, entered: str
) -> None:
    bench = Bench(company)
    number = received(company, entered)
    with pytest.raises(ErpRejected, match=f"already in the ERP as {number}"):
        await post_once(bench.erp, order(), MemoryLog(), no_pause)
    assert not bench.changes()


@pytest.mark.parametrize(("quantity", "day"), [("4", DAY), ("5", date(2026, 3, 9))])
async def test_a_cut_note_with_another_quantity_or_day_is_for_a_person(
    company: Company, quantity: str, day: date
) -> None:
    bench = Bench(company)
    number = received(company, NOTE[:16], quantity, day)
    with pytest.raises(OutcomeUnknown, match=f"receipt {number}.*a person must decide"):
        await post_once(bench.erp, order(), MemoryLog(), no_pause)
    assert not bench.changes()


async def test_a_cut_note_of_another_day_and_quantity_is_another_delivery(company: Company) -> None:
    received(company, NOTE[:16], "4", date(2026, 3, 9))
    assert await Bench(company).erp.find(order()) is None
