"""What a Tryton that really runs does otherwise than one might think, and how the connector meets it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from evals.tryton_company import BLOCKED, OFFICE, TOOLS, order_goods, receive_goods
from evals.tryton_rpc import RpcRefused, TrytonRpc
from evals.tryton_server import TrytonServer
from tests.erp.orders import MemoryLog, approved
from tests.erp.tryton_office import an_entry, bills, costs, held, ledger, login
from tools.domain.actions import (
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    DraftOrderLine,
    HoldInvoice,
    ReceivedLine,
    ReleaseHold,
)
from tools.domain.decision import ParkInvoice, PostCreditNote, PostingState
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.contract import Erp
from tools.erp.errors import ErpAccessDenied, ErpChanged, ErpRejected, OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.tryton.sandbox_schema import models, of_module

pytestmark = pytest.mark.slow
RECEIVED = date(2026, 3, 5)
LONG_AGO, FAR_AHEAD = datetime(2026, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
async def erp(tryton: TrytonServer) -> AsyncIterator[Erp]:
    found = login(tryton)
    yield found
    await found.close()


class Interrupting(httpx.AsyncBaseTransport):
    """The network; right before a call of the named method goes out, something else happens."""

    def __init__(self, method: str, happens: Callable[[], object]) -> None:
        self._network = httpx.AsyncHTTPTransport()
        self._method, self._happens = method.encode(), happens
        self.bodies: list[bytes] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(request.content)
        if self._method in request.content:
            self._happens()
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        await self._network.aclose()


async def no_pause(seconds: float) -> None:
    return None


async def test_an_answer_without_a_refusal_is_no_proof_that_it_is_posted(erp: Erp, rpc: TrytonRpc) -> None:
    button = rpc.first("ir.model.button", ["name", "=", "post"], ["model", "=", "account.invoice"])
    rule = rpc.create("ir.model.button.rule", button=button, number_user=2)
    order = approved(an_entry("TR-1", costs("100.00")))
    log = MemoryLog()
    try:
        with pytest.raises(OutcomeUnknown, match="a second person has to press Post"):
            await post_once(erp, order, log, no_pause, looks=(0.0,))
        assert [row["state"] for row in held(rpc, "TR-1")] == ["draft"]
    finally:
        rpc("ir.model.button.rule.delete", [rule])
    (draft,) = held(rpc, "TR-1")
    rpc("account.invoice.post", [draft["id"]])
    posting = await post_once(erp, order, log, no_pause, looks=(0.0,))
    assert (posting.state, log.notes[-1]) == (PostingState.POSTED, "found")
    assert len(held(rpc, "TR-1")) == 1


async def test_a_session_that_ended_is_begun_anew_and_the_posting_happens_once(
    tryton: TrytonServer, rpc: TrytonRpc
) -> None:
    ended: list[int] = []

    def end_all_sessions() -> None:
        if not ended:
            ended.append(1)
            tryton.end_sessions()

    network = Interrupting("model.account.invoice.post", end_all_sessions)
    erp = login(tryton, network)
    posting = await erp.write(approved(an_entry("TR-2", costs("100.00"))))
    assert (posting.state, len(ended)) == (PostingState.POSTED, 1)
    assert sum(b"common.db.login" in body for body in network.bodies) == 2
    await erp.close()
    rpc.renew()
    assert [row["state"] for row in held(rpc, "TR-2")] == ["posted"]


async def test_no_software_confirms_that_an_invoice_is_no_duplicate(erp: Erp, rpc: TrytonRpc) -> None:
    """Tryton counts a cancelled document as similar; a person has to say that this one is another."""
    await erp.write(approved(an_entry("TR-3", costs("100.00"))))
    (first,) = held(rpc, "TR-3")
    rpc("account.invoice.cancel", [first["id"]])
    with pytest.raises(ErpRejected, match=r"wants a person to confirm.*similar"):
        await erp.write(approved(an_entry("TR-3", costs("100.00"))))
    assert [row["state"] for row in held(rpc, "TR-3")] == ["cancelled"], "our own draft is taken out again"
    assert rpc.rows("res.user.warning", [], "name") == []


async def test_a_number_that_is_posted_already_is_not_even_drafted(erp: Erp, rpc: TrytonRpc) -> None:
    await erp.write(approved(an_entry("TR-4", costs("100.00"))))
    with pytest.raises(ErpRejected, match="already exists in Tryton, posted as"):
        await erp.write(approved(an_entry("tr-4", costs("80.00"))))
    assert len(rpc.rows("account.invoice", [["reference", "ilike", "tr-4"]])) == 1


async def test_a_parked_draft_is_posted_as_itself(erp: Erp, rpc: TrytonRpc) -> None:
    parked = await erp.write(approved(an_entry("TR-5", costs("100.00"), kind=ParkInvoice)))
    assert (parked.state, parked.number) == (PostingState.DRAFT, f"({parked.erp_id})")
    posted = await erp.write(approved(an_entry("TR-5", costs("100.00"))))
    assert (posted.state, posted.erp_id) == (PostingState.POSTED, parked.erp_id)
    (row,) = held(rpc, "TR-5")
    assert {line["maturity_date"] for line in row["move."]["lines."]} == {None, "2026-04-15"}


async def test_a_draft_that_moved_between_reading_and_posting_is_not_posted(
    tryton: TrytonServer, rpc: TrytonRpc, erp: Erp
) -> None:
    parked = await erp.write(approved(an_entry("TR-6", costs("100.00"), kind=ParkInvoice)))

    def somebody_writes() -> None:
        rpc("account.invoice.write", [int(parked.erp_id)], {"description": "looked at"})

    other = login(tryton, Interrupting("model.account.invoice.post", somebody_writes))
    with pytest.raises(ErpChanged):
        await other.write(approved(an_entry("TR-6", costs("100.00"))))
    await other.close()
    assert [row["state"] for row in held(rpc, "TR-6")] == ["draft"]


async def test_a_credit_note_reduces_the_debt(erp: Erp, rpc: TrytonRpc) -> None:
    action = an_entry("TR-7", costs("20.00"), kind=PostCreditNote)
    posting = await erp.write(approved(action))
    assert posting.gross == Money.of("23.80", "EUR")
    (row,) = held(rpc, "TR-7")
    assert (row["state"], row["total_amount"]) == ("posted", "-23.80")
    assert ("4100", Decimal("-20.00")) in ledger(row)
    assert (await erp.find(approved(action))) == posting


async def test_a_foreign_invoice_is_owed_in_its_currency(erp: Erp, rpc: TrytonRpc) -> None:
    """At 1.25 dollars for a euro."""
    await erp.write(approved(an_entry("TR-17", costs("100.00", currency="USD"), currency="USD")))
    assert ("4100", Decimal("80.00")) in ledger(held(rpc, "TR-17")[0])
    items = (await erp.open_items([TOOLS]))[TOOLS]  # type: ignore[list-item,index]
    (owed,) = [item for item in items if item.supplier_invoice_number == "TR-17"]
    assert (owed.amount, owed.remaining) == (Money.of("119", "USD"), Money.of("119", "USD"))
    assert owed.due_date == date(2026, 4, 15)


async def test_cents_of_tax_are_entered_as_the_supplier_printed_them(erp: Erp, rpc: TrytonRpc) -> None:
    posting = await erp.write(approved(an_entry("TR-8", costs("33.33"), tax="6.34")))
    assert (posting.tax, posting.gross) == (Money.of("6.34", "EUR"), Money.of("39.67", "EUR"))
    assert ("1520", Decimal("6.34")) in ledger(held(rpc, "TR-8")[0])
    with pytest.raises(ErpRejected, match="the tax is 6.33 EUR there and 7.33 EUR here"):
        await erp.write(approved(an_entry("TR-9", costs("33.33"), tax="7.33")))
    assert held(rpc, "TR-9") == []


async def test_a_price_that_needs_more_decimals_keeps_quantity_and_amount(erp: Erp, rpc: TrytonRpc) -> None:
    order = order_goods(rpc, ("BRACKET", "3", "3.3333"))
    line = bills(order, 0, "3", "3.3333").model_copy(
        update={"net_amount": Money.of("10.01", "EUR"), "unit_price": Decimal("3.336666")}
    )
    posting = await erp.write(approved(an_entry("TR-10", line)))
    assert posting.net == Money.of("10.01", "EUR")
    (read,) = (await erp.orders([order.number]))[order.number].lines  # type: ignore[list-item]
    assert read.invoiced == 3


@pytest.mark.parametrize("method", ["order", "fulfillment"])
async def test_drafts_that_tryton_makes_itself_are_completed_part_by_part(
    erp: Erp, rpc: TrytonRpc, method: str
) -> None:
    order = order_goods(rpc, ("BRACKET", "10", "5.00"), ("BRACKET", "4", "7.00"), invoice_method=method)
    receive_goods(rpc, order, f"LS-{method}", RECEIVED)
    await erp.write(approved(an_entry(f"TR-{method}-1", bills(order, 0, "8", "5.00"))))
    rest = (bills(order, 0, "2", "5.10"), bills(order, 1, "4", "7.00"))
    await erp.write(approved(an_entry(f"TR-{method}-2", *rest)))
    origins = [f"purchase.line,{line}" for line in order.line_ids]
    lines = rpc.rows(
        "account.invoice.line", [["origin", "in", origins]], "origin", "quantity", "invoice.state"
    )
    assert sorted((line["origin"], line["quantity"], line["invoice."]["state"]) for line in lines) == sorted(
        [(origins[0], 8.0, "posted"), (origins[0], 2.0, "posted"), (origins[1], 4.0, "posted")]
    )


async def test_two_receipts_and_their_two_drafts_become_one_invoice(erp: Erp, rpc: TrytonRpc) -> None:
    order = order_goods(rpc, ("BRACKET", "10", "5.00"), invoice_method="fulfillment")
    receive_goods(rpc, order, "LS-A", RECEIVED, BRACKET="6")
    receive_goods(rpc, order, "LS-B", RECEIVED)
    origin = f"purchase.line,{order.line_ids[0]}"
    before = rpc.rows("account.invoice.line", [["origin", "=", origin]], "quantity")
    assert sorted(line["quantity"] for line in before) == [4.0, 6.0]
    await erp.write(approved(an_entry("TR-11", bills(order, 0, "10", "5.00"))))
    after = rpc.rows("account.invoice.line", [["origin", "=", origin]], "quantity", "invoice.state")
    billed = sum(line["quantity"] for line in after if line["invoice."]["state"] == "posted")
    assert billed == 10.0
    assert (await erp.orders([order.number]))[order.number].lines[0].invoiced == 10  # type: ignore[list-item,index]


async def test_loose_lines_of_a_supplier_billed_together_are_put_on_the_invoice(
    erp: Erp, rpc: TrytonRpc
) -> None:
    party = rpc.first("party.party", ["code", "=", OFFICE])
    rpc("party.party.write", [party], {"purchase_invoice_line_standalone": True})
    order = order_goods(rpc, ("BRACKET", "10", "5.00"), supplier=OFFICE, invoice_method="order")
    origin = f"purchase.line,{order.line_ids[0]}"
    (loose,) = rpc.rows("account.invoice.line", [["origin", "=", origin]], "invoice")
    assert loose["invoice"] is None
    await erp.write(approved(an_entry("TR-12", bills(order, 0, "10", "5.00"), supplier_id=OFFICE)))
    (line,) = rpc.rows("account.invoice.line", [["origin", "=", origin]], "invoice.state")
    assert (line["id"], line["invoice."]["state"]) == (loose["id"], "posted")


async def test_what_tryton_refuses_is_told_in_its_words_and_leaves_no_draft(erp: Erp, rpc: TrytonRpc) -> None:
    with pytest.raises(ErpRejected, match="period"):
        await erp.write(approved(an_entry("TR-13", costs("10.00"), posting_date=date(2025, 3, 1))))
    with pytest.raises(ErpRejected, match="is blocked"):
        await erp.write(approved(an_entry("TR-13", costs("10.00"), supplier_id=BLOCKED)))
    with pytest.raises(ErpRejected, match="does not have the default taxes"):
        await erp.write(
            approved(
                an_entry(
                    "TR-13",
                    costs("10.00", account=None, item_number="BRACKET", unit="H87", tax_code="S7"),
                    tax="0.70",
                )
            )
        )
    assert held(rpc, "TR-13") == []


async def test_goods_are_received_once_and_the_rest_stays_open(erp: Erp, rpc: TrytonRpc) -> None:
    order = order_goods(rpc, ("BRACKET", "10", "5.00"))
    action = CreateGoodsReceipt(
        company=erp.company,  # type: ignore[arg-type]
        order_number=order.number,  # type: ignore[arg-type]
        delivery_note="LS_9%",
        received_on=RECEIVED,
        lines=(ReceivedLine(order_line_id=str(order.line_ids[0]), quantity=Decimal(6)),),
    )
    assert await erp.find(approved(action)) is None
    posting = await erp.write(approved(action))
    assert (posting.state, posting.reference) == (PostingState.POSTED, "LS_9%")
    with pytest.raises(ErpRejected, match="already received"):
        await erp.write(approved(action))
    (receipt,) = (await erp.receipts([order.number]))[order.number]  # type: ignore[list-item,index]
    assert [(line.quantity, line.order_line_id) for line in receipt.lines] == [(6, str(order.line_ids[0]))]
    assert order.number in await erp.orders_changed_since(LONG_AGO)
    assert await erp.orders_changed_since(FAR_AHEAD) == set()


async def test_a_draft_order_is_made_for_the_buyer_and_found_by_our_reference(erp: Erp) -> None:
    line = DraftOrderLine(
        item_number="BRACKET",
        description="Bracket",
        quantity=Decimal(3),
        unit="H87",
        unit_price=Money.of("10.00", "EUR"),
        tax_code="S19",
    )
    action = CreatePurchaseOrder(
        company=erp.company,
        supplier_id=TOOLS,
        currency="EUR",
        reference="CASE-1",
        lines=(line,),  # type: ignore[arg-type]
    )
    made = await erp.write(approved(action))
    assert await erp.find(approved(action)) == made
    with pytest.raises(ErpRejected, match="already exists"):
        await erp.write(approved(action))


async def test_the_original_is_kept_with_the_invoice(erp: Erp) -> None:
    posting = await erp.write(approved(an_entry("TR-14", costs("10.00"))))
    await erp.attach(posting, "invoice.pdf", b"%PDF-1.7 \x00\xff")
    assert [(kept.name, kept.size) for kept in await erp.attachments(posting)] == [("invoice.pdf", 11)]


async def test_a_hold_blocks_the_payment_with_its_reason_until_all_reasons_are_released(
    erp: Erp, rpc: TrytonRpc
) -> None:
    posting = await erp.write(approved(an_entry("TR-16", costs("10.00"))))

    def blocked() -> list[Any]:
        lines = rpc.rows("account.invoice", [["reference", "=", "TR-16"]], "lines_to_pay.payment_blocked")
        return [bool(line["payment_blocked"]) for line in lines[0]["lines_to_pay."]]

    def told(kind: type[HoldInvoice] | type[ReleaseHold], reason: str) -> Any:
        held = {"company": erp.company, "supplier_id": TOOLS, "posted_number": posting.number}
        return approved(kind(**held, reason_code=reason))  # type: ignore[arg-type]

    price, quantity = told(HoldInvoice, "PRICE"), told(HoldInvoice, "QUANTITY")
    assert (await erp.find(price), blocked()) == (None, [False])
    for order in (price, quantity):
        assert (await erp.write(order)).reference == order.action.reason_code
    assert blocked() == [True]
    await erp.write(told(ReleaseHold, "PRICE"))
    assert (await erp.find(price), blocked()) == (None, [True])
    assert await erp.find(quantity) is not None
    await erp.write(told(ReleaseHold, "QUANTITY"))
    assert (await erp.find(quantity), blocked()) == (None, [False])


async def test_a_user_without_the_right_is_told_so_and_doctor_names_it(
    tryton: TrytonServer, rpc: TrytonRpc
) -> None:
    company = rpc.rows("res.user", [["id", "=", rpc.user_id]], "company")[0]["company"]
    group = rpc.first("res.group", ["name", "=", "Purchase"])
    rpc.create(
        "res.user",
        name="Reader",
        login="reader",
        password="another-password-1",
        groups=[["add", [group]]],
        companies=[["add", [company]]],
        company=company,
    )
    reader = login(tryton, user="reader", password="another-password-1")
    assert TOOLS in await reader.suppliers_by_id([TOOLS])
    with pytest.raises(ErpAccessDenied):
        await reader.write(approved(an_entry("TR-15", costs("10.00"))))
    await reader.close()
    wrong = login(tryton, password="wrong")
    with pytest.raises(ErpAccessDenied, match="does not accept the login of admin"):
        await wrong.tax_codes()
    await wrong.close()


async def test_masters_are_read_as_tryton_keeps_them(erp: Erp) -> None:
    found = {supplier.supplier_id: supplier async for supplier in erp.suppliers()}
    assert found[BLOCKED].block is SupplierBlock.ALL  # type: ignore[index]
    assert [kept.iban for kept in found[TOOLS].bank_accounts] == ["DE62370400440532013001"]  # type: ignore[index]
    assert found[TOOLS].vat_id == "DE136695976"  # type: ignore[index]
    since = {moment: [x async for x in erp.suppliers(moment)] for moment in (LONG_AGO, FAR_AHEAD)}
    assert {x.supplier_id for x in since[LONG_AGO]} == set(found)
    assert since[FAR_AHEAD] == []
    accounts = {account.number: account for account in await erp.accounts()}
    assert (accounts["4100"].direct_posting, accounts["1520"].direct_posting) == (True, False)
    assert await erp.tax_codes() == ["S19", "S7"]
    assert await erp.shortcomings() == []


async def test_a_server_without_our_module_is_told_so_and_holds_by_notes(tryton: TrytonServer) -> None:
    erp = login(tryton, hold_module=True)
    (told,) = await erp.shortcomings()
    assert told.startswith("Tryton has no model account.invoice.hold: activate erp_agent_invoice_hold")
    posting = await erp.write(approved(an_entry("TR-18", costs("10.00"))))
    held = {"company": erp.company, "supplier_id": TOOLS, "posted_number": posting.number}
    hold = approved(HoldInvoice(**held, reason_code="PRICE"))
    assert (await erp.write(hold)).reference == "PRICE"
    assert await erp.find(hold) is not None
    parked = await erp.write(approved(an_entry("TR-19", costs("10.00"), kind=ParkInvoice)))
    draft = HoldInvoice(**{**held, "posted_number": parked.number}, reason_code="PRICE")
    with pytest.raises(ErpRejected, match="a draft is held only by the module"):
        await erp.write(approved(draft))
    await erp.close()


def test_the_field_list_is_what_the_running_server_tells(rpc: TrytonRpc) -> None:
    for model, fields in models().items():
        if model in of_module():
            continue
        told: dict[str, Any] = rpc(f"{model}.fields_get", sorted(fields))
        assert set(told) == set(fields), model
        for name, field in fields.items():
            assert told[name]["type"] == field.type, (model, name)
            assert told[name].get("relation") == field.relation, (model, name)


def test_what_is_refused_to_our_eyes_is_an_error(rpc: TrytonRpc) -> None:
    with pytest.raises(RpcRefused):
        rpc("account.invoice.search_read", [["nothing", "=", 1]], 0, 1, None, ["id"])
