"""What the Exact Online connector remembers, and for how long; what it asks for all records with."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.erp.exact_bench import ExactBench
from tests.erp.orders import an_invoice, approved
from tools.erp.errors import ErpRejected
from tools.erp.sandbox.company import Company


@pytest.fixture
async def bench(company: Company, tmp_path: Path) -> ExactBench:
    found = ExactBench(company, tmp_path)
    await found.consent()
    return found


async def test_an_account_blocked_since_yesterday_is_seen_by_a_connector_that_lives_on(
    bench: ExactBench, company: Company
) -> None:
    erp = bench.connect()
    await erp.write(approved(an_invoice()))
    assert not {account.number: account for account in await erp.accounts()}["4100"].blocked
    books = company.books
    books.accounts["4100"] = books.accounts["4100"].model_copy(update={"blocked": True})
    bench.clock.pass_by(timedelta(days=1).total_seconds())
    with pytest.raises(ErpRejected, match="G/L account 4100 is blocked"):
        await erp.write(approved(an_invoice(number="VD-90002")))
    assert len(bench.sent("GET", "financial/FinancialPeriods")) == 2


async def test_within_a_day_nothing_is_read_twice(bench: ExactBench) -> None:
    erp = bench.connect()
    for number in ("VD-90001", "VD-90002"):
        await erp.write(approved(an_invoice(number=number)))
    for name in ("financial/GLAccounts", "vat/VATCodes", "financial/Journals", "financial/FinancialPeriods"):
        assert len(bench.sent("GET", name)) == 1


async def test_all_records_of_what_has_a_sync_endpoint_are_asked_for_with_a_filter(bench: ExactBench) -> None:
    erp = bench.connect()
    await erp.accounts()
    assert [posting async for posting in erp.posted_since(None)]
    assert await erp.shortcomings() == []
    synced = (
        "GLAccounts",
        "Payments",
        "PurchaseEntries",
        "PurchaseInvoices",
        "PurchaseOrders",
        "crm/Accounts",
    )
    asked = [each for each in bench.sent("GET") if each.url.path.endswith(synced)]
    assert asked
    assert all("$filter" in each.url.params for each in asked)
