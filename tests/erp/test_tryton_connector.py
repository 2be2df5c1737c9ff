"""The Tryton connector over its sandbox: sessions, refusals, drafts that Tryton makes itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.clocks import StillClock
from tests.erp.orders import MemoryLog, a_line, an_invoice, approved, invoice_fields
from tests.erp.recorder import Recorder
from tests.erp.tryton_setup import SECRET, is_login, settings
from tests.erp.under_test import ClockOnTheWall, standard_company
from tests.erp.world import CENTS, COMPANY, MANY, OFFICE, PARTLY_RECEIVED, TOOLS
from tools.domain.decision import (
    HoldInvoice,
    ParkInvoice,
    PostCreditNote,
    PostingLine,
    PostingState,
    ReleaseHold,
)
from tools.domain.documents import DocumentType
from tools.domain.money import Money
from tools.erp.contract import Erp
from tools.erp.errors import ErpAccessDenied, ErpChanged, ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults
from tools.erp.tryton import connector, sandbox
from tools.erp.tryton.session import refusal


@dataclass
class Desk:
    """One connector over one sandbox."""

    erp: Erp
    company: Company
    faults: Faults
    server: sandbox.Server
    recorder: Recorder
    clock: StillClock
    wall: ClockOnTheWall

    def called(self, method: str) -> int:
        return sum(method.encode() in request.content for request in self.recorder.requests)


def a_desk(**protocol: Any) -> Desk:
    wall, clock, faults = ClockOnTheWall(), StillClock(), Faults(seed=1)
    company = standard_company(wall)
    app = sandbox.app(company, faults, password=SECRET, **protocol)
    assert isinstance(app.app, sandbox.Server)
    recorder = Recorder(app, is_login)
    erp = connector.connect(settings(), transport=recorder, clock=clock)
    return Desk(erp, company, faults, app.app, recorder, clock, wall)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    found = a_desk()
    yield found
    await found.erp.close()


async def no_pause(seconds: float) -> None:
    return None


async def test_before_posting_the_password_is_shown_again_when_the_session_grew_old(desk: Desk) -> None:
    await desk.erp.tax_codes()
    desk.clock.now += 250
    assert desk.server.issued == 1
    await desk.erp.write(approved(an_invoice()))
    assert desk.server.issued == 2
    await desk.erp.write(approved(an_invoice(number="VD-90002")))
    assert desk.server.issued == 2, "it is fresh enough"


async def test_a_session_that_died_is_replaced_once_for_all_calls(desk: Desk) -> None:
    await desk.erp.tax_codes()
    desk.server.expire_sessions()
    read = await asyncio.gather(*(desk.erp.orders([number]) for number in MANY))
    assert all(len(found) == 1 for found in read)
    assert desk.server.issued == 2


async def test_posted_by_answer_but_still_a_draft_is_unknown_until_a_second_person_posts() -> None:
    desk = a_desk(second_person=True)
    order, log = approved(an_invoice()), MemoryLog()
    with pytest.raises(OutcomeUnknown, match="a second person has to press Post"):
        await post_once(desk.erp, order, log, no_pause)
    (draft,) = desk.company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001")
    assert draft.state is PostingState.DRAFT
    desk.company.payables.post(draft.document_id)
    posting = await post_once(desk.erp, order, log, no_pause)
    assert (posting.state, log.notes) == (PostingState.POSTED, ["sent", "unknown", "found"])


@pytest.mark.parametrize("kind", [FaultKind.ERROR_BEFORE, FaultKind.ERROR_AFTER])
async def test_a_lock_conflict_is_settled_by_looking(desk: Desk, kind: FaultKind) -> None:
    """Tryton answers 503 when another client has the record."""
    desk.faults.plan("account.invoice.post", kind, status=503)
    with pytest.raises(OutcomeUnknown):
        await desk.erp.write(approved(an_invoice()))
    assert desk.called("account.invoice.post") == 1
    found = await desk.erp.find(approved(an_invoice()))
    assert found is not None
    done = kind is FaultKind.ERROR_AFTER
    assert found.state is (PostingState.POSTED if done else PostingState.DRAFT)


async def test_a_draft_of_an_order_billed_by_order_is_completed_and_no_second_one_made() -> None:
    desk = a_desk(order_method=True)
    before = len(desk.company.books.documents)
    (order,) = (await desk.erp.orders([PARTLY_RECEIVED])).values()
    assert order.lines[0].invoiced == 0, "a draft of Tryton's own bills nothing yet"
    line = a_line(
        "250.00",
        quantity=Decimal(25),
        unit_price=Decimal("10.00"),
        unit="H87",
        item_number="BRACKET",
        order_number=PARTLY_RECEIVED,
        order_line_id=order.lines[0].line_id,
    )
    assert await desk.erp.find(approved(an_invoice("250.00", "52.50", lines=(line,)))) is None
    posting = await desk.erp.write(approved(an_invoice("250.00", "52.50", lines=(line,))))
    assert posting.state is PostingState.POSTED
    assert desk.called("account.invoice.create") == 0
    assert len(desk.company.books.documents) == before + 1, "only the draft for the rest is new"
    (again,) = (await desk.erp.orders([PARTLY_RECEIVED])).values()
    assert again.lines[0].invoiced == 25


async def test_a_credit_leaves_the_draft_of_what_is_still_to_be_billed_alone() -> None:
    desk = a_desk(order_method=True)
    (order,) = (await desk.erp.orders([PARTLY_RECEIVED])).values()
    line = a_line(
        "20.00",
        quantity=Decimal(2),
        unit_price=Decimal("10.00"),
        unit="H87",
        item_number="BRACKET",
        order_number=PARTLY_RECEIVED,
        order_line_id=order.lines[0].line_id,
    )
    await desk.erp.write(
        approved(ParkInvoice(**invoice_fields("20.00", "4.20", number="VD-1", lines=(line,))))
    )
    held = desk.company.books.documents
    waiting = {key: kept for key, kept in held.items() if kept.supplier_number is None}
    credit = PostCreditNote(**invoice_fields("20.00", "4.20", number="VD-C-1", lines=(line,)))
    with pytest.raises(ErpRejected):
        await desk.erp.write(approved(credit))  # the books know of nothing billed that could be credited
    assert desk.called("account.invoice.create") == 1, "a draft of its own"
    assert {key: held[key] for key in waiting} == waiting


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("(12)", "a draft is held only by the module"),
        ("510002", "is left to pay"),
        ("510001", "no posted invoice"),
        ("519999", "no posted"),
    ],
)
async def test_what_cannot_be_held_is_named(number: str, told: str) -> None:
    desk = a_desk(hold_module=False)
    action = HoldInvoice(company=COMPANY, supplier_id=OFFICE, posted_number=number, reason_code="PRICE")
    with pytest.raises(ErpRejected, match=told):
        await desk.erp.write(approved(action))
    assert desk.called("ir.note.create") == 0


async def test_a_second_reason_keeps_the_payment_blocked_until_it_is_released_too() -> None:
    desk = a_desk(hold_module=False)
    held = {"company": COMPANY, "supplier_id": TOOLS, "posted_number": "510001"}
    for reason in ("PRICE", "QUANTITY"):
        await desk.erp.write(approved(HoldInvoice(**held, reason_code=reason)))
    assert desk.called('line.payment_block"') == 1, "what is blocked is not blocked again"
    await desk.erp.write(approved(ReleaseHold(**held, reason_code="PRICE")))
    assert desk.company.documents.by_number("510001").holds == ("PRICE",), (
        "the books' own first reason blocks"
    )
    await desk.erp.write(approved(ReleaseHold(**held, reason_code="QUANTITY")))
    assert desk.company.documents.by_number("510001").holds == ()


async def test_a_draft_of_other_content_is_a_persons_work(desk: Desk) -> None:
    made = desk.company.documents.create(
        DocumentType.INVOICE, OFFICE, supplier_number="VD-90001", invoice_date=an_invoice().invoice_date
    )
    with pytest.raises(ErpRejected, match=r"holds a draft .* not the one approved here"):
        await desk.erp.write(approved(an_invoice()))
    assert desk.company.documents.document(made.document_id) == made


async def test_a_total_that_is_computed_otherwise_is_told_with_both_figures_and_leaves_nothing(
    desk: Desk,
) -> None:
    with pytest.raises(ErpRejected, match=r"the tax is 21\.00 EUR there and 22\.00 EUR here"):
        await desk.erp.write(approved(an_invoice("100.00", "22.00")))
    assert desk.company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001") == []


async def test_cents_of_tax_are_entered_as_printed(desk: Desk) -> None:
    posting = await desk.erp.write(approved(an_invoice("100.00", "21.02")))
    assert (posting.tax, posting.gross) == (Money.of("21.02", "EUR"), Money.of("121.02", "EUR"))


async def test_a_price_with_more_decimals_keeps_quantity_and_amount(desk: Desk) -> None:
    line = a_line("10.01", quantity=Decimal(3), unit_price=Decimal("3.336666"))
    await desk.erp.write(approved(an_invoice("10.01", "2.10", lines=(line,))))
    (document,) = desk.company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001")
    assert [entry.quantity for entry in document.lines] == [3]
    assert document.totals.net == Decimal("10.01")


async def test_what_no_price_can_say_is_a_line_of_its_own(desk: Desk) -> None:
    line = a_line("100.01", quantity=Decimal(30000), unit_price=Decimal("0.0033"))
    await desk.erp.write(approved(an_invoice("100.01", "21.00", lines=(line,))))
    (document,) = desk.company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001")
    assert [entry.quantity for entry in document.lines] == [30000, 1]
    assert document.totals.net == Decimal("100.01")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (a_line(account="9999"), "no account 9999"),
        (a_line(tax_code="S99"), "no tax S99"),
        (a_line(account=None, item_number="NOTHING", unit="H87"), "no product NOTHING"),
        (a_line(account=None, item_number="BRACKET", unit="TNE"), "no unit TNE"),
        (a_line(order_number=CENTS, order_line_id="99999999"), "no order line 99999999"),
        (a_line(cost_centre="SALES"), "cannot post cost centres"),
    ],
)
async def test_what_tryton_does_not_have_is_named_and_nothing_is_sent(
    desk: Desk, line: PostingLine, told: str
) -> None:
    with pytest.raises(ErpRejected, match=told):
        await desk.erp.write(approved(an_invoice(lines=(line,))))
    assert desk.called("create") == 0


async def test_a_company_that_the_login_does_not_see_is_for_the_administrator(desk: Desk) -> None:
    erp = connector.connect(settings(company="NOBODY"), transport=desk.recorder, clock=desk.clock)
    with pytest.raises(ErpAccessDenied, match="no company named NOBODY"):
        await erp.accounts()
    await erp.close()


async def test_a_reference_is_found_whatever_its_letters_and_signs(desk: Desk) -> None:
    await desk.erp.write(approved(an_invoice(number="Re_100%\\A")))
    for wanted, found in (("re_100%\\a", 1), ("reX100%\\a", 0), ("re_100x\\a", 0)):
        posting = await desk.erp.find(approved(an_invoice(number=wanted)))
        assert (posting is not None) is bool(found), wanted


async def test_five_hundred_invoices_and_orders_of_a_supplier_come_in_few_calls(desk: Desk) -> None:
    await desk.erp.tax_codes()
    before = len(desk.recorder.requests)
    await asyncio.gather(desk.erp.orders(MANY), desk.erp.receipts(MANY), desk.erp.open_items([TOOLS]))
    assert len(desk.recorder.requests) - before <= 4


@pytest.mark.parametrize(
    ("error", "changes", "kind"),
    [
        (["UserError", ["No.", "Because.", None]], True, ErpRejected),
        (["UserError", ['You are not allowed to modify "Invoice".', "", None]], True, ErpAccessDenied),
        (["UserWarning", ["x.invoice_similar", "It is similar.", ""]], True, ErpRejected),
        (["ConcurrencyException", "modified"], True, ErpChanged),
        (["LoginException", ["code", "", ""]], False, ErpAccessDenied),
        (["'nothing'", ""], True, OutcomeUnknown),
        (["'nothing'", ""], False, ErpRejected),
        ("strange", False, ErpRejected),
    ],
)
def test_each_error_of_tryton_is_one_of_the_family(error: Any, changes: bool, kind: type[Exception]) -> None:
    assert type(refusal(error, changes=changes)) is kind


async def test_an_answer_that_is_no_answer_is_not_taken_for_one(desk: Desk) -> None:
    desk.faults.plan("account.period.search_read", FaultKind.ERROR_BEFORE, times=None, status=500)
    with pytest.raises(ErpUnavailable):
        await desk.erp.posting_window()


class Poorer(httpx.AsyncBaseTransport):
    """A server that answers some methods otherwise: `told` maps a method to its whole answer."""

    def __init__(self, network: httpx.AsyncBaseTransport, told: dict[str, dict[str, Any]]) -> None:
        self._network, self._told = network, told

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        method = json.loads(request.content)["method"].removeprefix("model.")
        if method in self._told:
            return httpx.Response(200, json={"id": 1, **self._told[method]})
        return await self._network.handle_async_request(request)


async def test_what_a_server_lacks_and_a_login_may_not_do_is_named_with_the_remedy(desk: Desk) -> None:
    told: dict[str, dict[str, Any]] = {
        "bank.account.fields_get": {"error": ["'bank.account'", ""]},
        "purchase.purchase.fields_get": {
            "error": ["UserError", ["You are not allowed to access.", "", None]]
        },
        "account.period.fields_get": {"result": {"start_date": {}, "end_date": {}}},
    }
    erp = connector.connect(settings(), transport=Poorer(desk.recorder, told), clock=desk.clock)
    found = await erp.shortcomings()
    await erp.close()
    assert [sentence.partition(";")[0].partition(" (")[0] for sentence in sorted(found)] == [
        "Tryton has no model bank.account: activate bank",
        "Tryton's account.period has no field state",
        "our login may not use purchase.purchase: put it into group Purchase",
    ]
