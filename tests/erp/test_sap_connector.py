"""Reading SAP and the other writes: logins, pages, quantities that are added up, receipts, orders, files."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from tests.erp.clocks import StillClock
from tests.erp.orders import an_action, an_invoice, approved, billing_lines
from tests.erp.sap_bench import Bench, CutOff
from tests.erp.sap_setup import ADDRESS, Recorder
from tests.erp.under_test import ClockOnTheWall
from tests.erp.world import BULK, CENTS, LONG, MANY, OFFICE, PARTLY_RECEIVED, TODAY, TOOLS, key_of
from tools.domain.decision import (
    AmendOrderLine,
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    DraftOrderLine,
    PostingOrder,
    ReceivedLine,
)
from tools.domain.documents import OrderState
from tools.domain.identifiers import SupplierId
from tools.domain.money import Money
from tools.erp.answers import from_json
from tools.erp.contract import Capability
from tools.erp.errors import ErpAccessDenied, ErpChanged, ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.http import counted_calls
from tools.erp.sandbox.company import Company
from tools.erp.sap import connector, sandbox


def amendment(**values: Any) -> PostingOrder:
    told = {"company": "NZT", "order_number": LONG, "order_line_id": "20000", **values}
    return approved(AmendOrderLine(**told))


def receipt(note: str = "LS-90001", quantity: str = "5", line: str = "30000") -> PostingOrder:
    return approved(
        CreateGoodsReceipt(
            company="NZT",
            order_number=PARTLY_RECEIVED,
            delivery_note=note,
            received_on=date(2026, 3, 10),
            lines=(ReceivedLine(order_line_id=line, quantity=Decimal(quantity)),),
        )
    )


async def test_user_and_password_open_an_on_premises_system_with_its_client(company: Company) -> None:
    recorder = Recorder(sandbox.app(company, client="100"))
    told = connector.Settings(
        company="NZT",
        base_url=ADDRESS,
        client="100",
        user="APAGENT",
        password=SecretStr("sandbox-password"),
        tax_codes=sandbox.login(company, ADDRESS)["tax_codes"],
    )
    erp = connector.connect(told, transport=recorder, clock=StillClock())
    assert set(await erp.orders(MANY)) == set(MANY)
    await erp.write(approved(an_invoice()))
    assert all(request.url.params["sap-client"] == "100" for request in recorder.requests)
    await erp.close()


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"user": "A"},
        {"user": "A", "password": "b", "token_url": "https://x", "client_id": "c", "client_secret": "d"},
        {"user": "A", "password": "b", "client": "1OO"},
    ],
)
def test_settings_name_exactly_one_login(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        connector.Settings(company="NZT", base_url=ADDRESS, **values)


async def test_a_company_code_that_the_login_does_not_see_is_for_the_administrator(company: Company) -> None:
    bench = Bench(company, login={"company_code": "ZZZZ"})
    with pytest.raises(ErpAccessDenied, match="no company code ZZZZ"):
        await bench.erp.orders([CENTS])


async def test_a_service_that_may_not_be_started_is_for_the_administrator(company: Company) -> None:
    bench = Bench(company, hidden=frozenset({"API_BUSINESS_PARTNER"}))
    with pytest.raises(ErpAccessDenied, match="No authorization to start service 'API_BUSINESS_PARTNER'"):
        await bench.erp.suppliers_by_id([OFFICE])


async def test_pages_that_the_server_cuts_are_followed_inside_a_batch_too(company: Company) -> None:
    bench = Bench(company, page_size=7)
    found = await bench.erp.orders(MANY)
    assert set(found) == set(MANY)
    assert len([supplier async for supplier in bench.erp.suppliers()]) == 7


async def test_a_read_that_fails_inside_a_batch_is_told_in_saps_words(company: Company) -> None:
    class Broken(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("$batch"):
                request = httpx.Request(
                    request.method,
                    request.url,
                    headers=request.headers,
                    content=request.content.replace(b"CompanyCode%20eq", b"NoSuchThing%20eq"),
                )
                request.headers["content-length"] = str(len(request.content))
            return await bench.recorder.handle_async_request(request)

    bench = Bench(company)
    keys = [key_of(OFFICE, f"A-REFERENCE-{number}", TODAY) for number in range(60)]
    with pytest.raises(ErpRejected, match="NoSuchThing"):
        await bench.through(Broken()).invoices(keys)


async def test_quantities_are_added_up_from_receipts_and_invoices(company: Company) -> None:
    bench = Bench(company)
    await bench.write(approved(an_invoice("50.00", "10.50", lines=billing_lines({"10000": ("5", "10.00")}))))
    (line, *_) = (await bench.erp.orders([PARTLY_RECEIVED]))[PARTLY_RECEIVED].lines
    assert (line.received, line.invoiced) == (25, 5)
    document = bench.documents()[0]
    company.payables.reverse(document.document_id, TODAY, "wrong")
    (line, *_) = (await bench.erp.orders([PARTLY_RECEIVED]))[PARTLY_RECEIVED].lines
    assert line.invoiced == 0


async def test_a_frame_orders_limit_days_and_fixed_rate_come_from_its_published_fields(
    company: Company,
) -> None:
    card = company.books.orders[LONG]
    told: dict[str, Any] = {
        "value_limit": Money.of("5000.01", card.order.currency),
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
        "exchange_rate": Decimal("0.85"),
    }
    frame = card.order.model_copy(update=told)
    company.books.orders[LONG] = card.model_copy(update={"order": frame})
    order = (await Bench(company).erp.orders([LONG]))[LONG]
    assert {name: getattr(order, name) for name in told} == told


async def test_a_parked_invoice_is_not_yet_invoiced(company: Company) -> None:
    bench = Bench(company)
    action = an_action(Capability.PARK_INVOICE, company)
    lines = billing_lines({"10000": ("5", "10.00")})
    changes = {"lines": lines, "net": Money.of("50.00", "EUR"), "tax": Money.of("10.50", "EUR")}
    parked = action.model_copy(update={**changes, "gross": Money.of("60.50", "EUR")})
    await bench.write(approved(parked))
    assert (await bench.erp.orders([PARTLY_RECEIVED]))[PARTLY_RECEIVED].lines[0].invoiced == 0


async def test_fifty_orders_with_their_quantities_cost_four_calls(company: Company) -> None:
    bench = Bench(company)
    await bench.erp.orders([CENTS])
    with counted_calls() as calls:
        await bench.erp.orders(MANY)
    assert calls.total() <= 4


async def test_a_receipt_does_not_change_the_order_and_still_names_it(
    company: Company, clock: ClockOnTheWall
) -> None:
    bench = Bench(company)
    clock.now += timedelta(minutes=5)
    moment = clock.now
    clock.now += timedelta(minutes=5)
    company.purchasing.receive(LONG, {"20000": Decimal(2)}, TODAY)
    rows = [row for row in bench.server.services.orders.orders() if row["PurchaseOrder"] == LONG]
    assert rows[0]["LastChangeDateTime"] <= moment
    assert await bench.erp.orders_changed_since(moment) == {LONG}


async def test_the_systems_own_time_zone_counts_for_receipts(company: Company, clock: ClockOnTheWall) -> None:
    """A document noted at 12:00 by a system in New York was made after 15:00 UTC, which is 11:00 there."""
    bench = Bench(company, login={"time_zone": "America/New_York"})
    clock.now = datetime(2026, 3, 16, 12, 0, tzinfo=UTC)
    company.purchasing.receive(LONG, {"20000": Decimal(2)}, TODAY)
    moment = clock.now + timedelta(hours=3)
    assert LONG in await bench.erp.orders_changed_since(moment)
    assert LONG not in await Bench(company).erp.orders_changed_since(moment)


async def test_a_movement_names_its_order_as_reference(company: Company) -> None:
    bench = Bench(company)
    posting = await bench.write(receipt())
    sent = from_json(bench.changes()[0].content)
    (item,) = sent["to_MaterialDocumentItem"]
    assert (sent["GoodsMovementCode"], item["GoodsMovementRefDocType"]) == ("01", "B")
    assert (item["GoodsMovementType"], item["Material"], item["EntryUnit"]) == ("101", "BRACKET", "PC")
    assert posting.reference == "LS-90001"
    assert (await bench.erp.find(receipt())) == posting


async def test_a_long_delivery_note_is_found_again(company: Company) -> None:
    bench = Bench(company)
    note = "LIEFERSCHEIN-2026-000017"
    posting = await bench.write(receipt(note))
    found = await bench.erp.find(receipt(note))
    assert found is not None
    assert found.erp_id == posting.erp_id
    assert await bench.erp.find(receipt(note + "8")) is None


async def test_a_line_that_the_order_has_not_is_refused(company: Company) -> None:
    bench = Bench(company)
    with pytest.raises(ErpRejected, match="shows no item 70"):
        await bench.write(receipt(line="70"))
    assert not bench.changes()


async def test_an_order_that_somebody_has_open_is_for_later(company: Company) -> None:
    bench = Bench(company)
    bench.server.services.locked.add(PARTLY_RECEIVED)
    with pytest.raises(ErpUnavailable, match="already processing"):
        await bench.write(receipt())
    bench.server.services.locked.clear()
    await bench.write(receipt())


async def test_a_receipt_that_cannot_be_read_back_is_unknown(company: Company) -> None:
    bench = Bench(company)
    with pytest.raises(OutcomeUnknown, match="could not be read back"):
        await bench.through(CutOff(bench.recorder)).write(receipt())
    assert await bench.erp.find(receipt()) is not None


async def test_a_change_carries_the_version_it_rests_on(company: Company) -> None:
    class SomebodyElse(httpx.AsyncBaseTransport):
        """Changes the order between our reading it and our changing it."""

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PATCH":
                company.purchasing.amend_line(LONG, "20000", quantity=Decimal(9))
            return await bench.recorder.handle_async_request(request)

    bench = Bench(company)
    with pytest.raises(ErpChanged):
        await bench.through(SomebodyElse()).write(amendment(quantity=Decimal(7)))
    assert company.purchasing.line(LONG, "20000").ordered == 9


async def test_a_price_finer_than_the_currency_counts_for_more_units(company: Company) -> None:
    bench = Bench(company)
    await bench.write(amendment(unit_price=Money.of("2.5125", "EUR")))
    assert from_json(bench.changes()[0].content) == {"NetPriceAmount": "251.25", "NetPriceQuantity": "100"}
    assert company.purchasing.line(LONG, "20000").unit_price == Money.of("2.5125", "EUR")


async def test_a_price_with_a_discount_is_left_to_saps_screen(company: Company) -> None:
    bench = Bench(company)
    told = {"order_number": CENTS, "order_line_id": "40000", "unit_price": Money.of("30.00", "EUR")}
    with pytest.raises(ErpRejected, match="has a discount"):
        await bench.write(amendment(**told))
    assert not bench.changes()


async def test_a_new_order_waits_for_a_buyer(company: Company) -> None:
    bench = Bench(company)
    action = an_action(Capability.CREATE_PURCHASE_ORDER, company)
    posting = await bench.write(approved(action))
    (order,) = (await bench.erp.orders([posting.number])).values()  # type: ignore[list-item]
    assert order.state is OrderState.DRAFT


async def test_a_new_order_without_what_sap_wants_names_the_settings(company: Company) -> None:
    bench = Bench(company, login={"plant": None, "purchasing_group": None})
    with pytest.raises(ErpRejected, match="set purchasing_group, plant in the settings"):
        await bench.write(approved(an_action(Capability.CREATE_PURCHASE_ORDER, company)))


async def test_a_line_without_material_needs_a_cost_centre(company: Company) -> None:
    line = DraftOrderLine(
        account="4100",
        description="Paint",
        quantity=Decimal(1),
        unit="H87",
        unit_price=Money.of("9.00", "EUR"),
    )
    action = CreatePurchaseOrder(
        company="NZT", supplier_id=BULK, currency="EUR", reference="CASE-1", lines=(line,)
    )
    with pytest.raises(ErpRejected, match="material_group and cost_center"):
        await Bench(company).write(approved(action))
    more = {"material_group": "M001", "cost_center": "WORKS"}
    posting = await Bench(company, login=more).write(approved(action))
    assert company.purchasing.order(posting.number).lines[0].account == "4100"


async def test_a_long_reference_of_an_order_is_found_again(company: Company) -> None:
    bench = Bench(company)
    action = an_action(Capability.CREATE_PURCHASE_ORDER, company).model_copy(
        update={"reference": "CASE-2026-03-16-000017"}
    )
    posting = await bench.write(approved(action))
    found = await bench.erp.find(approved(action))
    assert found is not None
    assert (found.number, found.reference) == (posting.number, "CASE-2026-03-16-000017")


async def test_an_account_that_ends_is_not_told(company: Company) -> None:
    class Ending(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await bench.recorder.handle_async_request(request)
            content = (await answer.aread()).replace(b"/Date(253402214400000)/", b"/Date(1770000000000)/", 1)
            return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    bench = Bench(company)
    before = (await bench.erp.suppliers_by_id([OFFICE]))[OFFICE].bank_accounts
    after = (await bench.through(Ending()).suppliers_by_id([OFFICE]))[OFFICE].bank_accounts
    assert (len(before), len(after)) == (2, 1)


async def test_a_file_name_with_other_letters_arrives(company: Company) -> None:
    bench = Bench(company)
    key = key_of(TOOLS, "RE-2026/017", date(2026, 2, 2))
    (posting,) = (await bench.erp.invoices([key]))[key]
    await bench.erp.attach(posting, "Rechnung Müller 発注.pdf", b"%PDF-1.7")
    (kept,) = await bench.erp.attachments(posting)
    assert (kept.name, kept.size) == ("Rechnung Müller 発注.pdf", 8)


async def test_what_a_release_lacks_is_named_with_what_to_do(company: Company) -> None:
    lacking = {"Post", "A_SupplierInvoice.PaymentBlockingReason", "A_PurOrdPricingElement"}
    hidden = frozenset({"API_MATERIAL_DOCUMENT_SRV"})
    told = await Bench(company, without=frozenset(lacking), hidden=hidden).erp.shortcomings()
    assert len(told) == 5
    wanted = (
        "SAP_COM_0108",
        "A_SupplierInvoice in service API_SUPPLIERINVOICE_PROCESS_SRV has no PaymentBlockingReason",
        "no function Post",
        "has no A_PurOrdPricingElement",
        "has no to_PurchaseOrderPricingElement",
    )
    for part in wanted:
        assert [sentence for sentence in told if part in sentence], part


async def test_suppliers_of_other_company_codes_are_blocked_for_ours(company: Company) -> None:
    bench = Bench(company)
    row = next(iter(bench.server.services.masters.partners()))
    assert row["to_Supplier"]["to_SupplierCompany"][0]["CompanyCode"] == "NZT"
    found = await bench.erp.suppliers_by_id([SupplierId("10010"), SupplierId("12345678901")])
    assert set(found) == {OFFICE}
