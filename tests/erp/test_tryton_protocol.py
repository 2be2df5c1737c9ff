"""The Tryton sandbox speaks the protocol as the running server does, or stricter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.erp.tryton_client import Client
from tests.erp.under_test import ClockOnTheWall, standard_company
from tests.erp.world import ALL_BLOCKED, OFFICE, PARTLY_RECEIVED, TODAY, TOOLS
from tools.domain.decision import PostingState
from tools.erp.sandbox.company import Company
from tools.erp.tryton.values import Quantity

INVOICE = "account.invoice"


@pytest.fixture
async def client(company: Company) -> AsyncIterator[Client]:
    found = Client(company)
    await found.log_in()
    yield found


async def a_body(client: Client, number: str = "VD-7", net: str = "100.00", **values: Any) -> dict[str, Any]:
    """A draft over one line on account 4100."""
    (party,) = await client.rows("party.party", [["code", "=", OFFICE]], "addresses", "account_payable")
    (account,) = await client.call("account.account.search", [["code", "=", "4100"]], 0, 1, None)
    (tax,) = await client.call("account.tax.search", [["name", "=", "S21"]], 0, 1, None)
    line = {
        "type": "line",
        "description": "Chairs",
        "quantity": Quantity(Decimal(1)),
        "unit_price": Decimal(net),
        "account": account,
        "taxes": [["add", [tax]]],
    }
    return {
        "type": "in",
        "company": 1,
        "party": party["id"],
        "invoice_address": party["addresses"][0],
        "currency": (await client.call("currency.currency.search", [["code", "=", "EUR"]], 0, 1, None))[0],
        "account": party["account_payable"],
        "journal": 1,
        "reference": number,
        "invoice_date": TODAY,
        "lines": [["create", [line]]],
        **values,
    }


async def a_draft(client: Client, number: str = "VD-7", **values: Any) -> int:
    made = await client.call(f"{INVOICE}.create", [await a_body(client, number, **values)])
    assert client.error is None, client.error
    return int(made[0])


async def test_an_error_of_the_application_comes_with_status_200(client: Client) -> None:
    assert await client.rows(INVOICE, [["nothing", "=", 1]], "number") is None
    assert (client.status, client.error) == (200, ["'nothing'", ""])


async def test_errors_of_the_web_server_are_statuses(client: Client) -> None:
    await client.send(f"model.{INVOICE}.search", [], 0, 1, None)
    assert client.status == 422, "the context is missing"
    await client.call("account.invoice.explode", [1])
    assert client.status == 403
    await client.send("model.party.party.search", [], 0, 1, None, {}, more=1)
    assert client.status == 400, "another key in the body"


async def test_a_wrong_password_and_a_foreign_session_are_refused(company: Company) -> None:
    client = Client(company)
    await client.log_in("guessed")
    assert client.status == 401
    await client.rows("party.party", [], "code")
    assert client.status == 401


async def test_posting_wants_a_fresh_session_and_an_old_one_is_dead_afterwards() -> None:
    clock = ClockOnTheWall()
    client = Client(standard_company(clock))
    await client.log_in()
    draft = await a_draft(client)
    for _ in range(2):
        clock.now += timedelta(seconds=200)
        assert await client.rows(INVOICE, [["id", "=", draft]], "state"), "it is in use"
    await client.call(f"{INVOICE}.post", [draft])
    assert client.status == 401
    await client.rows(INVOICE, [["id", "=", draft]], "state")
    assert client.status == 401, "for reading too"


async def test_what_one_of_two_people_posts_stays_a_draft(company: Company) -> None:
    client = Client(company, second_person=True)
    await client.log_in()
    draft = await a_draft(client)
    assert await client.call(f"{INVOICE}.post", [draft]) is None
    assert client.error is None
    assert await client.rows(INVOICE, [["id", "=", draft]], "state") == [{"id": draft, "state": "draft"}]


async def test_a_second_draft_is_accepted_and_posting_it_asks_a_person(client: Client) -> None:
    first, second = await a_draft(client), await a_draft(client)
    await client.call(f"{INVOICE}.post", [first])
    kind, told = client.error
    assert (kind, told[0].endswith(".invoice_similar")) == ("UserWarning", True)
    await client.call(f"{INVOICE}.delete", [second])
    await client.call(f"{INVOICE}.post", [first])
    assert client.error is None
    await client.call(f"{INVOICE}.post", [first])
    assert "You can not call" in client.error[1][0]


async def test_a_draft_without_journal_is_accepted_and_cannot_be_posted(client: Client) -> None:
    draft = await a_draft(client, journal=None)
    await client.call(f"{INVOICE}.post", [draft])
    assert client.error[1][0] == 'A value is required for field "Journal" in "Account Move".'


async def test_a_version_that_moved_is_a_conflict_and_none_is_no_check(client: Client) -> None:
    draft = await a_draft(client)
    (row,) = await client.rows(INVOICE, [["id", "=", draft]], "_timestamp")
    stamp = {f"{INVOICE},{draft}": row["_timestamp"]}
    await client.call(f"{INVOICE}.write", [draft], {"reference": "VD-8"}, _timestamp=stamp)
    assert client.error is None
    await client.call(f"{INVOICE}.write", [draft], {"reference": "VD-9"}, _timestamp=stamp)
    assert client.error[0] == "ConcurrencyException"
    await client.call(f"{INVOICE}.write", [draft], {"reference": "VD-9"})
    assert client.error is None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"nothing": 1}, "'nothing'"),
        ({"state": "posted"}, "read-only"),
        ({"invoice_date": "2026-03-16"}, "takes no str"),
        ({"reference": 7}, "takes no int"),
        ({"type": "sideways"}, "allowed options"),
        ({"currency": None}, "required"),
        ({"party": 99999}, "does not exist"),
    ],
)
async def test_what_tryton_does_not_know_is_refused_and_nothing_is_kept(
    client: Client, company: Company, values: dict[str, Any], told: str
) -> None:
    before = len(company.books.documents)
    await client.call(f"{INVOICE}.create", [await a_body(client, **values)])
    assert told in str(client.error)
    assert len(company.books.documents) == before


async def test_amounts_are_typed_and_quantities_are_plain_numbers(client: Client) -> None:
    body = await a_body(client)
    line = body["lines"][0][1][0]
    for name, wrong in (
        ("unit_price", Quantity(Decimal("100.5"))),
        ("unit_price", "100.50"),
        ("quantity", Decimal("1.5")),
    ):
        before, line[name] = line[name], wrong
        await client.call(f"{INVOICE}.create", [body])
        assert "takes no" in client.error[0], (name, wrong)
        line[name] = before
    await client.call(f"{INVOICE}.create", [body])
    assert client.error is None


async def test_a_line_in_another_currency_than_its_invoice_is_refused(client: Client) -> None:
    (dollars,) = await client.call("currency.currency.search", [["code", "=", "USD"]], 0, 1, None)
    body = await a_body(client, currency=dollars)
    await client.call(f"{INVOICE}.create", [body])
    assert "not valid according to its domain" in client.error[1][0], "a line is in euros unless it says so"
    body["lines"][0][1][0]["currency"] = dollars
    await client.call(f"{INVOICE}.create", [body])
    assert client.error is None


async def test_a_draft_has_no_number_and_a_credit_note_is_negative(client: Client) -> None:
    draft = await a_draft(client, net="-20.00")
    (row,) = await client.rows(INVOICE, [["id", "=", draft]], "number", "total_amount", "type")
    assert row == {"id": draft, "number": None, "total_amount": Decimal("-24.20"), "type": "in"}


async def test_archived_parties_are_left_out_unless_asked_for(client: Client) -> None:
    assert await client.rows("party.party", [["code", "=", ALL_BLOCKED]], "active") == []
    (row,) = await client.rows("party.party", [["code", "=", ALL_BLOCKED]], "active", active_test=False)
    assert row["active"] is False


async def test_domains_mean_what_they_mean_there(client: Client) -> None:
    async def codes(domain: list[Any]) -> list[str]:
        return [row["code"] for row in await client.rows("party.party", domain, "code")]

    both = ["OR", ["code", "=", OFFICE], ["code", "=", TOOLS]]
    assert await codes([both, ["identifiers.code", "ilike", "de%"]]) == [TOOLS]
    assert await codes([["name", "ilike", "müller\\_%"]]) == []
    assert await codes([["name", "ilike", "müller_&%"]]) == [TOOLS]
    assert await codes([["addresses.country.code", "in", ["DE", "FR"]]]) == [TOOLS]
    assert await client.rows("party.party", [["code", "resembles", "x"]], "code") is None


async def test_a_search_through_a_reference_names_its_model(client: Client) -> None:
    clause = ["origin.purchase.number", "=", PARTLY_RECEIVED]
    assert await client.rows("stock.move", [clause], "state") is None
    found = await client.rows("stock.move", [[*clause, "purchase.line"]], "state")
    assert sorted(row["state"] for row in found) == ["done", "done", "done", "draft", "draft"]


async def test_tryton_makes_drafts_of_orders_billed_by_order_and_again_for_the_rest(
    company: Company,
) -> None:
    client = Client(company, order_method=True)
    await client.log_in()
    own = [["reference", "=", None], ["state", "=", "draft"]]
    before = await client.rows(INVOICE, own, "lines.origin", "lines.quantity")
    assert before
    taken = before[0]
    line = taken["lines."][0]
    changes = {"reference": "VD-1", "lines": [["write", [line["id"]], {"quantity": Quantity(Decimal(1))}]]}
    await client.call(f"{INVOICE}.write", [taken["id"]], changes)
    assert client.error is None
    left = [
        row["quantity"]
        for found in await client.rows(INVOICE, own, "lines.origin", "lines.quantity")
        for row in found["lines."]
        if row["origin"] == line["origin"]
    ]
    assert left == [line["quantity"] - 1]


async def test_the_books_refusal_is_a_user_error(client: Client, company: Company) -> None:
    draft = await a_draft(client, accounting_date=TODAY.replace(month=2))
    await client.call(f"{INVOICE}.post", [draft])
    assert client.error[0] == "UserError"
    assert "closed period" in client.error[1][0]
    assert all(
        x.state is PostingState.DRAFT for x in company.books.documents.values() if x.supplier_number == "VD-7"
    )
