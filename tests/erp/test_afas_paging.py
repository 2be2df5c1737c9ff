"""Pages of AFAS: rows that come and go while they are read leave nothing out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.erp.afas_client import Bench
from tests.erp.orders import an_invoice, approved
from tests.erp.world import OFFICE
from tools.domain.supplier import Supplier
from tools.erp.errors import ErpUnavailable
from tools.erp.sandbox.company import Company


class Meanwhile(httpx.AsyncBaseTransport):
    """Something happens in the ERP after each page of the named connector, as often as `times`."""

    def __init__(self, inner: httpx.AsyncBaseTransport, what: Callable[[], Any], times: int) -> None:
        self._inner = inner
        self._what = what
        self._times = times
        self.pages = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if request.url.path.endswith(("/Profit_Creditor", "/ErpAgent_Invoices")):
            self.pages += 1
            if self.pages <= self._times:
                self._what()
        return answer


async def numbers(erp: Any) -> list[str]:
    return [supplier.supplier_id async for supplier in erp.suppliers()]


def a_supplier(company: Company, number: str) -> None:
    """Somebody makes a supplier whose number sorts before all others."""
    card = company.books.suppliers[OFFICE]
    fields = {**card.supplier.model_dump(), "supplier_id": number}
    new = card.model_copy(update={"supplier": Supplier.model_validate(fields)})
    company.books.suppliers = {number: new, **company.books.suppliers}


@pytest.mark.parametrize("page_size", [2, 3, 4, 7, 8])
async def test_every_row_comes_once_whatever_the_size_of_a_page(company: Company, page_size: int) -> None:
    read = await numbers(Bench(company, page_size=page_size).erp)
    assert read == sorted(company.books.suppliers)


async def test_a_row_that_came_before_the_others_neither_repeats_nor_hides_one(company: Company) -> None:
    bench = Bench(company)
    names = iter(["10001", "10002"])
    busy = Meanwhile(bench.recorder, lambda: a_supplier(company, next(names)), times=2)
    read = await numbers(bench.through(busy))
    assert len(read) == len(set(read))
    assert set(read) == set(company.books.suppliers)


async def test_a_row_that_went_hides_no_other(company: Company) -> None:
    bench = Bench(company)
    gone = iter(["10010"])
    busy = Meanwhile(bench.recorder, lambda: company.books.suppliers.pop(next(gone)), times=1)
    read = await numbers(bench.through(busy))
    assert set(read) >= set(company.books.suppliers)
    assert len(read) == len(set(read))


async def test_an_entry_that_was_deleted_while_the_history_is_read_hides_no_other(company: Company) -> None:
    bench = Bench(company)
    made = [await bench.erp.write(approved(an_invoice(number=f"VD-9{number}"))) for number in range(6)]
    document = company.documents.by_number("510001")
    day = document.posting_date

    def deleted() -> None:
        if day is not None:
            company.payables.reverse(document.document_id, day.replace(month=3), "wrong")

    busy = Meanwhile(bench.recorder, deleted, times=1)
    read = [posting.number async for posting in bench.through(busy).posted_since(None)]
    assert {posting.number for posting in made} <= set(read)
    assert len(read) == len(set(read))


async def test_rows_that_never_stop_moving_are_told(company: Company) -> None:
    bench = Bench(company)
    names = (str(number) for number in range(9999, 9000, -1))
    busy = Meanwhile(bench.recorder, lambda: a_supplier(company, f"0{next(names)}"), times=1000)
    with pytest.raises(ErpUnavailable, match="Profit_Creditor keep moving"):
        await numbers(bench.through(busy))
    assert busy.pages < 20
