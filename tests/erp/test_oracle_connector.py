"""Reading from Oracle: pages, versions of the framework, names, links, and the three ways to log in."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr, ValidationError

from tests.erp.oracle_client import Bench
from tests.erp.oracle_setup import SECRET, settings
from tests.erp.orders import an_invoice, approved
from tests.erp.under_test import ClockOnTheWall
from tests.erp.world import (
    CENTS,
    FULLY_BILLED,
    LONG,
    MANY,
    OFFICE,
    ORDERS,
    PARTLY_RECEIVED,
    TODAY,
    TOOLS,
    key_of,
)
from tools.domain.decision import PostingState
from tools.domain.documents import OrderState
from tools.domain.identifiers import OrderNumber
from tools.erp import load
from tools.erp.contract import Capability
from tools.erp.errors import ErpAccessDenied, ErpRejected, NotSupported
from tools.erp.http import counted_calls
from tools.erp.oracle import sandbox
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import InProcess


@pytest.fixture
def bench(company: Company, faults: Faults) -> Bench:
    return Bench(company, faults)


@pytest.mark.parametrize("version", [2, 3, 4, 9])
async def test_every_framework_version_tells_the_same(company: Company, faults: Faults, version: int) -> None:
    measure = Bench(company, faults)
    bench = Bench(company, faults, framework_version=version)
    numbers = [LONG, CENTS, FULLY_BILLED]
    assert await bench.erp.orders(numbers) == await measure.erp.orders(numbers)
    assert await bench.erp.receipts(numbers) == await measure.erp.receipts(numbers)
    posting = await bench.erp.write(approved(an_invoice()))
    assert (posting.state, int(posting.erp_id) > 2**53) == (PostingState.POSTED, True)


async def test_lines_beyond_the_first_page_of_an_order_are_read(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults, {"child_rows": 10})
    lines = (await bench.erp.orders([LONG]))[LONG].lines
    assert [line.line_id for line in lines] == [line.line_id for line in ORDERS[LONG].lines]


@pytest.mark.parametrize("deepest", [0, 1])
async def test_children_that_do_not_come_along_are_read_from_their_links(
    company: Company, faults: Faults, deepest: int
) -> None:
    measure, bench = Bench(company, faults), Bench(company, faults, {"deepest": deepest})
    numbers = [CENTS, FULLY_BILLED]
    assert await bench.erp.orders(numbers) == await measure.erp.orders(numbers)
    assert await bench.erp.receipts(numbers) == await measure.erp.receipts(numbers)
    assert await bench.erp.suppliers_by_id([OFFICE]) == await measure.erp.suppliers_by_id([OFFICE])


async def test_smaller_pages_than_asked_are_followed_to_the_end(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults, {"page_rows": 7})
    assert set(await bench.erp.orders(MANY)) == set(MANY)


async def test_no_other_host_is_asked_although_links_name_one(bench: Bench) -> None:
    await bench.erp.orders([LONG])
    (found,) = (await bench.erp.invoices([key_of(OFFICE, "VD-88001", TODAY)])).values()
    await bench.erp.attachments(found[0])
    assert {request.url.host for request in bench.recorder.requests} == {"127.0.0.1"}


async def test_every_request_says_its_version_and_asks_for_structured_errors(bench: Bench) -> None:
    await bench.erp.orders([CENTS])
    for request in bench.recorder.requests:
        assert request.headers["rest-framework-version"] == "4"
        assert "application/vnd.oracle.adf.error+json" in request.headers["accept"]
        assert "totalResults" not in str(request.url)


async def test_orders_cost_one_read_and_one_batch_for_fifty(bench: Bench) -> None:
    await bench.erp.orders([CENTS])
    with counted_calls() as calls:
        await bench.erp.orders(MANY)
    assert calls == {"orders": 1, "life cycles": 1, "supplier numbers": 1}
    with counted_calls() as calls:
        await bench.erp.orders(MANY)
    assert calls == {"orders": 1, "life cycles": 1}, "numbers of suppliers that were read are known"
    with counted_calls() as calls:
        await bench.erp.receipts(MANY)
    assert calls == {"life cycles": 1}, "the ids of orders that were read are known"


async def test_an_order_number_of_two_business_units_is_a_question(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults)
    orders = bench.erp._orders
    orders._ids[CENTS] = "300000000009999999"
    with pytest.raises(ErpRejected, match="several orders in Oracle; the setting procurement_bu"):
        await bench.erp.orders([CENTS])


async def test_a_procurement_business_unit_narrows_what_is_read(company: Company, faults: Faults) -> None:
    same = Bench(company, faults, procurement_bu="Procurement")
    other = Bench(company, faults, procurement_bu="Another")
    assert set(await same.erp.orders([CENTS])) == {CENTS}
    assert await other.erp.orders([CENTS]) == {}


async def test_closed_and_canceled_orders_tell_their_state(bench: Bench) -> None:
    bench.company.purchasing.change_state(CENTS, OrderState.CANCELLED)
    bench.company.purchasing.change_state(LONG, OrderState.CLOSED)
    read = await bench.erp.orders([CENTS, LONG])
    assert (read[CENTS].state, read[LONG].state) == (OrderState.CANCELLED, OrderState.CLOSED)


async def test_several_schedules_of_a_line_are_lines_of_their_own(bench: Bench) -> None:
    card = bench.company.purchasing.card(CENTS)
    first = card.order.lines[0]
    second = first.model_copy(update={"line_id": "10000-2", "ordered": Decimal(4), "received": Decimal(0)})
    bench.company.books.orders[CENTS] = card.model_copy(
        update={"order": card.order.model_copy(update={"lines": (*card.order.lines, second)})}
    )
    lines = (await bench.erp.orders([CENTS]))[CENTS].lines
    assert [line.line_id for line in lines] == ["10000", "10000-2", "20000", "30000", "40000"]
    assert [line.ordered for line in lines[:2]] == [3, 4]
    bench.company.purchasing.receive(CENTS, {"10000-2": Decimal(1)}, bench.company.clock().date())
    (receipt,) = (await bench.erp.receipts([CENTS]))[CENTS][1:]
    assert [line.order_line_id for line in receipt.lines] == ["10000-2"]
    assert [line.received for line in (await bench.erp.orders([CENTS]))[CENTS].lines[:2]] == [3, 1]


async def test_a_changed_site_makes_its_supplier_a_changed_one(
    company: Company, clock: ClockOnTheWall, bench: Bench
) -> None:
    moment = clock.now
    clock.now += timedelta(hours=1)
    assert [each async for each in bench.erp.suppliers(moment)] == []
    company.master.change_supplier(company.master.supplier(TOOLS).supplier)
    found = [each.supplier_id async for each in bench.erp.suppliers(moment)]
    assert found == [TOOLS], "once, although two questions found it"


async def test_without_a_ledger_the_posting_window_is_declined(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults, ledger_id=None)
    assert Capability.READ_POSTING_WINDOW in bench.erp.declined
    with pytest.raises(NotSupported, match="ledger_id"):
        await bench.erp.posting_window()
    assert set(bench.erp.declined) | bench.erp.capabilities == set(Capability)


@pytest.mark.parametrize("method", ["accounts", "cost_centres", "tax_codes"])
async def test_what_is_declined_says_why(bench: Bench, method: str) -> None:
    with pytest.raises(NotSupported):
        await getattr(bench.erp, method)()


async def test_an_odd_name_is_quoted_in_a_condition(bench: Bench) -> None:
    key = key_of(OFFICE, "O'Brien & 50% = 'x' and BusinessUnit='y'", TODAY)
    assert await bench.erp.invoices([key]) == {}
    assert await bench.erp.orders([OrderNumber("4' or '1'='1")]) == {}


def a_key() -> tuple[SecretStr, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return SecretStr(private.decode()), public.decode()


OWN: dict[str, Any] = {"client_id": None, "client_secret": None, "token_url": None}
BASIC: dict[str, Any] = {**OWN, "login": "basic", "user": "AP_AGENT", "password": "sandbox-password"}


async def test_basic_authentication_gets_in_without_a_token(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults, **BASIC)
    assert set(await bench.erp.orders([CENTS])) == {CENTS}
    assert bench.gate.traffic.calls["token"] == 0
    wrong = Bench(company, faults, **{**BASIC, "password": "wrong"})
    with pytest.raises(ErpAccessDenied):
        await wrong.erp.orders([CENTS])


async def test_a_signed_statement_gets_a_token(company: Company, faults: Faults) -> None:
    private, public = a_key()
    given = {"login": "jwt_assertion", "user": "AP_AGENT", "private_key": private, "client_secret": None}
    bench = Bench(company, faults, {"public_key": public}, **given)
    assert set(await bench.erp.orders([CENTS])) == {CENTS}
    assert bench.server.issued == 1
    bench.server.expire_tokens()
    assert set(await bench.erp.orders([CENTS])) == {CENTS}
    assert bench.server.issued == 2
    stranger, _ = a_key()
    refused = Bench(company, faults, {"public_key": public}, **{**given, "private_key": stranger})
    with pytest.raises(ErpAccessDenied, match="assertion is not valid"):
        await refused.erp.orders([CENTS])


async def test_a_wrong_client_secret_is_for_the_administrator(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults, client_secret=SecretStr("wrong"))
    with pytest.raises(ErpAccessDenied, match="Client authentication failed"):
        await bench.erp.orders([CENTS])


async def test_the_client_names_itself_in_the_header_and_its_secret_is_in_no_body(bench: Bench) -> None:
    await bench.erp.orders([CENTS])
    assert SECRET.encode() not in bench.recorder.sent()


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "http://pod.example"},
        {"client_secret": None},
        {"login": "jwt_assertion", "user": "U"},
        {"private_key": "x"},
        {"password": "x"},
        {"login": "basic"},
        {"account_combination": "01-000"},
        {"account_combination": "{segment}-{account}"},
        {"framework_version": 1},
        {"page_size": 501},
        {"nothing": 1},
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(wrong: dict[str, Any]) -> None:
    with pytest.raises((ValidationError, ValueError)):
        load("oracle").connect(settings(**wrong))


async def test_the_settings_of_the_server_with_its_defaults_reach_it(company: Company) -> None:
    module = load("oracle")
    app = sandbox.app(company)
    given = module.Settings.model_validate(sandbox.login(company, "http://127.0.0.1"))
    erp = module.connect(given, transport=InProcess(app))
    assert set(await erp.orders([PARTLY_RECEIVED])) == {PARTLY_RECEIVED}
    assert (await erp.write(approved(an_invoice()))).state is PostingState.POSTED
    await erp.close()
