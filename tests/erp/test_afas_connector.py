"""The AFAS connector's reads: pages, questions by key, moments, what it makes of Profit's rows."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from tests.erp.afas_client import Bench, a_client
from tests.erp.afas_setup import settings
from tests.erp.world import BULK, DOLLARS, MANY, OFFICE, ORDERS, SERVICE, TODAY, TOOLS, key_of
from tools.domain.documents import DocumentType, OrderState
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.money import Money
from tools.erp.afas import connector, mapping, wire
from tools.erp.afas.addresses import country_code, country_name, postcode_and_city
from tools.erp.afas.creditors import suppliers
from tools.erp.afas.filters import LONGEST_QUERY, Condition, Is, Query, any_of, changed_after
from tools.erp.afas.login import AfasToken
from tools.erp.answers import from_json, to_json
from tools.erp.errors import ErpAccessDenied, ErpRejected, ErpUnavailable
from tools.erp.sandbox.books import DocumentLine
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults


async def test_every_question_names_an_order_and_no_address_is_too_long(company: Company) -> None:
    bench = Bench(company)
    [supplier async for supplier in bench.erp.suppliers()]
    await bench.erp.orders(list(ORDERS))
    await bench.erp.orders_of([OFFICE, TOOLS, BULK])
    await bench.erp.receipts(list(ORDERS))
    await bench.erp.open_items([OFFICE, TOOLS])
    await bench.erp.invoices([key_of(OFFICE, f"VD-{number}", TODAY) for number in range(200)])
    await bench.erp.accounts()
    asked = [request.url for request in bench.recorder.requests]
    assert all(parse_qs(url.query.decode()).get("orderbyfieldids") for url in asked)
    assert max(len(url.query) + 1 for url in asked) <= LONGEST_QUERY


async def test_many_orders_arrive_whole_although_each_answer_is_a_short_page(company: Company) -> None:
    bench = Bench(company, rows_per_answer=7)
    read = await bench.erp.orders(list(ORDERS))
    assert {number: len(order.lines) for number, order in read.items()} == {
        number: len(order.lines) for number, order in ORDERS.items()
    }


async def test_five_hundred_order_numbers_cost_a_handful_of_calls(company: Company) -> None:
    bench = Bench(company)
    await bench.erp.orders([])
    numbers = [OrderNumber(f"46{number:04}") for number in range(500)]
    await bench.erp.orders([*numbers, MANY[0]])
    assert len(bench.asked("ErpAgent_Orders")) <= 6


@pytest.mark.parametrize("number", ["A,1", "A;1", 'A"1', "A\\1", " A1 ", "ß/é&?#1", "'; DROP--"])
async def test_a_number_with_any_sign_is_asked_for_as_it_is(company: Company, number: str) -> None:
    line = DocumentLine(account="4100", unit_price=Decimal(10), net_amount=Decimal(10), tax_code="S21")
    header: dict[str, Any] = {"supplier_number": number.strip(), "invoice_date": TODAY, "posting_date": TODAY}
    draft = company.documents.create(DocumentType.INVOICE, OFFICE, lines=[line], **header)
    company.payables.post(draft.document_id)
    key = key_of(OFFICE, number, TODAY)
    read = await Bench(company).erp.invoices([key, key_of(OFFICE, "OTHER", TODAY)])
    assert [posting.supplier_number for posting in read[key]] == [number.strip()]
    assert len(read) == 1


async def test_a_mixture_of_joints_is_asked_in_json(company: Company) -> None:
    bench = Bench(company)
    await bench.erp.orders_of([OFFICE, TOOLS])
    (url,) = bench.asked("ErpAgent_Orders")
    told = json.loads(parse_qs(url.query.decode())["filterjson"][0])
    assert [
        [(each["@FieldId"], each["@OperatorType"], each["#text"]) for each in group["Field"]]
        for group in told["Filters"]["Filter"]
    ] == [[("CrId", "1", creditor), ("Done", "1", "false")] for creditor in (OFFICE, TOOLS)]


def test_conditions_are_dealt_out_until_each_question_fits() -> None:
    groups = [(Condition("Fref", Is.EQUAL, f"RE-2026-{number:024}"),) for number in range(300)]
    queries = any_of("ErpAgent_Invoices", ("EnNo",), groups)
    assert [group for query in queries for group in query.groups] == groups
    assert all(query.fits for query in queries)
    assert len(queries) < 20
    endless = (Condition("Fref", Is.EQUAL, "9" * 3000),)
    assert any_of("ErpAgent_Invoices", ("EnNo",), [endless]) == []


@pytest.mark.parametrize(
    ("moment", "operator", "asked"),
    [
        (datetime(2026, 7, 1, 10, tzinfo=UTC), Is.AFTER, "2026-07-01T12:00:00"),
        (datetime(2026, 1, 5, 10, tzinfo=UTC), Is.AFTER, "2026-01-05T11:00:00"),
        (datetime(2026, 1, 5, 10, 0, 0, 999, tzinfo=UTC), Is.NOT_BEFORE, "2026-01-05T11:00:00"),
        (datetime(2026, 1, 5, 10, tzinfo=timezone(timedelta(hours=5))), Is.AFTER, "2026-01-05T06:00:00"),
        # 02:30 comes twice on 25 October 2026; a change at the second 02:10 is later than the first 02:30.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), Is.AFTER, "2026-10-25T01:30:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), Is.AFTER, "2026-10-25T02:30:00"),
    ],
)
def test_a_moment_is_asked_on_the_clock_of_amsterdam(moment: datetime, operator: Is, asked: str) -> None:
    assert changed_after("Modi", moment) == Condition("Modi", operator, asked)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        changed_after("Modi", datetime(2026, 1, 5))  # noqa: DTZ001 - that is what is refused


async def test_a_change_in_the_hour_that_comes_twice_is_not_missed(company: Company, clock: Any) -> None:
    clock.now = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    company.purchasing.amend_line(MANY[0], "10000", quantity=Decimal(3))
    read = await Bench(company).erp.orders_changed_since(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert read == {MANY[0]}


async def test_rows_of_another_administration_are_not_ours(company: Company) -> None:
    erp = Bench(company, administration=2).erp
    assert await erp.orders(list(ORDERS)) == {}
    assert await erp.receipts(list(ORDERS)) == {}
    assert await erp.open_items([OFFICE]) == {}
    assert [posting async for posting in erp.posted_since(None)] == []


async def test_costs_and_work_need_no_receipt_and_name_an_account(company: Company) -> None:
    (line,) = (await Bench(company).erp.orders([SERVICE]))[SERVICE].lines
    assert (line.item_number, line.account, line.receipt_required) == (None, "4200", False)


async def test_without_a_number_a_line_is_named_by_its_guid_in_orders_and_receipts(company: Company) -> None:
    hidden = frozenset({"ErpAgent_Orders.LiNr", "ErpAgent_Receipts.SoLn"})
    erp = Bench(company, protocol={"hidden": hidden}).erp
    number = OrderNumber("451001")
    lines = (await erp.orders([number]))[number].lines
    assert all(line.line_id.startswith("{") for line in lines)
    received = {
        row.order_line_id for receipt in (await erp.receipts([number]))[number] for row in receipt.lines
    }
    assert received <= {line.line_id for line in lines}
    assert len(received) == 2


async def test_tax_and_units_come_from_the_settings(company: Company) -> None:
    erp = Bench(company, vat_groups={}, units={}).erp
    (line,) = (await erp.orders([MANY[0]]))[MANY[0]].lines
    assert (line.tax_code, line.tax_rate, line.unit) == (None, None, "H87")
    paper = (await erp.orders([OrderNumber("451001")]))[OrderNumber("451001")].lines[1]
    assert paper.unit == "XCT", "the word alone is taken for a carton"


async def test_open_items_tell_what_is_left_in_their_currency(company: Company) -> None:
    (item,) = (await Bench(company).erp.open_items([DOLLARS]))[DOLLARS]
    assert (item.amount, item.remaining) == (Money.of("480.50", "USD"), Money.of("480.50", "USD"))
    assert item.due_date == date(2026, 3, 13)


def test_the_window_is_the_last_stretch_of_open_periods() -> None:
    def period(month: int, blocked: bool) -> wire.Period:
        first = date(2026, month, 1)
        told = {"Unit": 1, "Year": 2026, "Period": month, "Blocked": blocked}
        last = date(2026, month + 1, 1) - timedelta(days=1)
        return wire.Period.model_validate({**told, "DateFrom": first, "DateTo": last})

    window = mapping.posting_window([period(1, False), period(2, True), period(4, False), period(3, False)])
    assert (window.first_open, window.last_open) == (date(2026, 3, 1), date(2026, 4, 30))
    closed = mapping.posting_window([period(1, True)])
    assert closed.first_open is not None
    assert closed.last_open is not None
    assert closed.first_open > closed.last_open, "no day may be posted on"


def test_a_closing_period_of_one_day_is_not_taken_for_the_month() -> None:
    told = {"Unit": 1, "Year": 2026, "Blocked": False}
    month = {**told, "Period": 12, "DateFrom": date(2026, 12, 1), "DateTo": date(2026, 12, 31)}
    closing = {**told, "Period": 13, "DateFrom": date(2026, 12, 31), "DateTo": date(2026, 12, 31)}
    opening = {**told, "Period": 0, "DateFrom": None, "DateTo": None}
    periods = [wire.Period.model_validate(each) for each in (opening, closing, month)]
    assert mapping.posting_window(periods).first_open == date(2026, 12, 1)
    found = mapping.period_of(periods, date(2026, 12, 31))
    assert found is not None
    assert found.period == 12
    assert mapping.period_of(periods, date(2027, 1, 1)) is None


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("1015 CS  Amsterdam", ("1015 CS", "Amsterdam")),
        ("3811HN AMERSFOORT", ("3811HN", "AMERSFOORT")),
        ("40210 Düsseldorf", ("40210", "Düsseldorf")),
        ("B-8000 Brugge", ("B-8000", "Brugge")),
        ("111 22 Stockholm", ("111 22", "Stockholm")),
        ("Portland", (None, "Portland")),
        ("", (None, None)),
    ],
)
def test_postcode_and_city_are_told_apart(line: str, parts: tuple[str | None, str | None]) -> None:
    assert postcode_and_city(line) == parts


@pytest.mark.parametrize(
    ("line", "code"),
    [("Nederland", "NL"), ("DUITSLAND", "DE"), ("Verenigde  Staten", "US"), ("be", "BE"), ("Elders", None)],
)
def test_a_country_is_read_by_name_or_code(line: str, code: str | None) -> None:
    assert country_code(line) == code
    assert code is None or country_code(country_name(code)) == code


async def test_a_row_of_another_form_is_named_with_its_fields(company: Company) -> None:
    hidden = frozenset({"ErpAgent_Orders.QuRc", "ErpAgent_Orders.Upri"})
    with pytest.raises(ErpRejected, match="ErpAgent_Orders.*QuRc, Upri"):
        await Bench(company, protocol={"hidden": hidden}).erp.orders([MANY[0]])


def test_codes_that_come_as_numbers_are_codes() -> None:
    row = {"CurrencyId": 840, "Exchange_Rate": 1, "StartDate": "2026-01-01T00:00:00Z"}
    assert wire.Rate.model_validate(row).currency == "840"
    with pytest.raises(ValidationError):
        wire.Rate.model_validate({**row, "CurrencyId": None})


async def test_a_connector_that_the_token_may_not_use_is_for_the_administrator(company: Company) -> None:
    closed = Bench(company, protocol={"closed": frozenset({"ErpAgent_Orders"})})
    with pytest.raises(ErpAccessDenied, match="not supported for this app"):
        await closed.erp.orders([MANY[0]])


async def test_a_read_waits_as_long_as_a_503_says(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults)
    faults.plan("ErpAgent_Orders", FaultKind.TOO_MANY, retry_after=17)
    assert set(await bench.erp.orders([MANY[0]])) == {MANY[0]}
    assert 17.0 in bench.clock.slept
    faults.plan("ErpAgent_Orders", FaultKind.TOO_MANY, retry_after=7200)
    with pytest.raises(ErpUnavailable, match="temporarily unavailable"):
        await bench.erp.orders([MANY[0]])


async def test_no_more_than_five_calls_run_at_once(company: Company, faults: Faults) -> None:
    async def lets_others_run(seconds: float) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    faults.plan("*", FaultKind.SLOW, times=None, seconds="1")
    bench = Bench(company, faults, protocol={"sleep": lets_others_run})
    keys = [key_of(OFFICE, f"VD-{number:010}", TODAY) for number in range(300)]
    await bench.erp.invoices(keys)
    assert bench.server.traffic.total > 10
    assert bench.server.traffic.peak == 5


@pytest.mark.parametrize("token", ["", "abc", "<token><version>1</version><data>12</data></token>", "Z" * 64])
def test_a_token_of_another_form_is_refused_without_being_told(company: Company, token: str) -> None:
    with pytest.raises(ValueError, match="AfasToken") as error:
        connector.connect(settings(company, token=token), transport=httpx.MockTransport(lambda request: None))
    assert not token or token not in str(error.value).replace("<token><version>1</version><data>64", "")


async def test_the_token_is_taken_as_profit_shows_it_or_as_its_digits() -> None:
    shown = AfasToken(SecretStr(f"<token><version>1</version>\n <data>{'ab' * 32}</data></token>"))
    assert await shown.header() == await AfasToken(SecretStr("ab" * 32)).header()
    assert not await shown.renew("x")


def test_a_shorter_time_limit_than_profits_own_is_refused(company: Company) -> None:
    with pytest.raises(ValidationError):
        settings(company, timeout=120)
    with pytest.raises(ValidationError):
        settings(company, concurrent=6)


def test_a_question_without_conditions_asks_for_all() -> None:
    assert Query("Profit_Accounts", ("Account",)).path(0, 5) == (
        "connectors/Profit_Accounts?skip=0&take=5&orderbyfieldids=Account"
    )


async def test_an_unknown_supplier_and_an_empty_question_ask_little(company: Company) -> None:
    bench = Bench(company)
    assert await bench.erp.suppliers_by_id([]) == {}
    assert await bench.erp.suppliers_by_id([SupplierId("9" * 40)]) == {}
    assert bench.recorder.requests == []


@pytest.mark.parametrize(
    ("field", "reference", "number"),
    [
        ("Fref", "RE-1", "RE-1"),
        ("Fref", "", "2026001"),
        ("InId", "Project X", "2026001"),
        ("InId", "RE-2026/00000815", "RE-2026/00000815"),
        ("BpNr", "Project X", "B-7"),
    ],
)
def test_the_suppliers_number_is_read_where_the_bookkeepers_keep_it(
    field: str, reference: str, number: str
) -> None:
    texts = {"CrId": "1", "InId": "2026001", "BpNr": "B-7", "Fref": reference, "JoCo": "10", "CuId": "EUR"}
    told = {"UnId": 1, "EnNo": 7, "BpDa": None, "EnDa": None, "AmIn": 5, "AmCu": 5, "AmOp": 0, "AmOc": 0}
    row = wire.InvoiceRow.model_validate({**texts, **told, "BlPa": False, "Ds": "", "Modi": ""})
    setup = mapping.Setup("NZT", "EUR", number_field=field)
    assert mapping.posting(row, setup).supplier_number == number
    assert mapping.open_item(row, setup).supplier_invoice_number == number


async def test_empty_fields_of_an_own_getconnector_are_read_on_the_careful_side(company: Company) -> None:
    row = (await _order_rows(company))[0]
    empty = {**row, "QuRc": None, "QuIn": None, "PRDc": None, "Fina": None, "Done": None, "War": None}
    (order,) = mapping.orders([wire.OrderRow.model_validate(empty)], mapping.Setup("NZT", "EUR"))
    assert (order.lines[0].received, order.lines[0].invoiced, order.state) == (0, 0, OrderState.DRAFT)
    with pytest.raises(ValidationError):
        wire.OrderRow.model_validate({**row, "Upri": None})


async def _order_rows(company: Company) -> list[dict[str, Any]]:
    async with a_client(company) as client:
        return await client.rows("ErpAgent_Orders?orderbyfieldids=OrNu,LiNr")


async def test_a_token_that_is_not_accepted_is_told_as_such(company: Company) -> None:
    bench = Bench(company, token="D" * 64)
    with pytest.raises(ErpAccessDenied, match="does not accept the token"):
        await bench.erp.shortcomings()


def test_accounts_are_those_of_the_creditors_organisation() -> None:
    told = {"CreditorId": "10", "CreditorName": "A", "TempBlocked": False, "Blocked": False}
    creditor = wire.Creditor.model_validate({**told, "ModifiedDate": "", "BcCo": "77", "IBAN": "NL2"})
    rows = [("77", "", "NL1"), ("", "10", "NL3"), ("", "", "NL4"), ("78", "11", "NL5"), ("77", "10", "NL2")]
    accounts = [
        wire.BankAccount.model_validate({"BcCo": organisation, "Creditor": number, "IBAN": iban})
        for organisation, number, iban in rows
    ]
    nobody = creditor.model_copy(update={"number": "11", "organisation": "", "iban": ""})
    read = suppliers([creditor, nobody], accounts)
    assert [[account.iban for account in each.bank_accounts] for each in read] == [
        ["NL2", "NL1", "NL3"],
        ["NL5"],
    ]


async def test_a_receipt_without_an_order_names_no_order(company: Company) -> None:
    class Loose(httpx.AsyncBaseTransport):
        """Receipts that no order stands behind."""

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await bench.recorder.handle_async_request(request)
            told = from_json(await answer.aread())
            for row in told["rows"]:
                row["SoOr"] = None
            return httpx.Response(200, content=to_json(told), request=request)

    bench = Bench(company)
    early = datetime(2020, 1, 1, tzinfo=UTC)
    assert await bench.through(Loose()).orders_changed_since(early) == set(ORDERS)
