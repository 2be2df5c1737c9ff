"""Only what was approved is posted in Tryton: supplier, company, lines; and what a refusal leaves behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.orders import MemoryLog, a_line, an_invoice, approved, invoice_fields
from tests.erp.test_tryton_connector import Desk, a_desk, no_pause
from tests.erp.tryton_setup import settings
from tests.erp.world import OFFICE, PARTLY_RECEIVED, TOOLS
from tools.domain.decision import ParkInvoice, PostingState
from tools.domain.documents import DocumentType
from tools.domain.money import Money
from tools.erp.errors import ErpRejected, OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.sandbox.books import DocumentLine
from tools.erp.tryton import connector


async def ordered(desk: Desk, net: str = "250.00", **values: Any) -> Any:
    """A posting line that bills the order's first line: 25 at 10.00 unless told otherwise."""
    (order,) = (await desk.erp.orders([PARTLY_RECEIVED])).values()
    told = {"quantity": Decimal(25), "unit": "H87", "item_number": "BRACKET", **values}
    told.setdefault("unit_price", Decimal(net) / told["quantity"])
    return a_line(net, order_number=order.number, order_line_id=order.lines[0].line_id, **told)


def of_tryton(desk: Desk) -> dict[str, list[tuple[str, Decimal]]]:
    """What waits for the supplier's invoice: drafts without a number, order line -> quantities."""
    found: dict[str, list[tuple[str, Decimal]]] = {}
    for kept in desk.company.books.documents.values():
        if kept.supplier_number is None and kept.state is PostingState.DRAFT:
            for line in kept.lines:
                if line.order_number == PARTLY_RECEIVED:
                    found.setdefault(str(line.order_line_id), []).append((kept.supplier_id, line.quantity))
    return found


@pytest.mark.parametrize("order_method", [True, False])
@pytest.mark.parametrize("billed_by", [None, TOOLS])
async def test_an_order_that_somebody_else_bills_is_refused_and_its_draft_left_alone(
    order_method: bool, billed_by: str | None
) -> None:
    parties = {} if billed_by is None else {PARTLY_RECEIVED: billed_by}
    desk = a_desk(order_method=order_method, invoice_parties=parties)
    approved_for = TOOLS if billed_by is None else OFFICE
    action = an_invoice("250.00", "52.50", supplier_id=approved_for, lines=(await ordered(desk),))
    before = dict(desk.company.books.documents)
    log = MemoryLog()
    with pytest.raises(
        ErpRejected, match=rf"is billed by party {billed_by or OFFICE} .* not by {approved_for}"
    ):
        await post_once(desk.erp, approved(action), log, no_pause, looks=(0.0,))
    assert desk.company.books.documents == before


async def test_the_party_that_bills_an_order_for_its_supplier_may_do_so() -> None:
    """Parked only: the sandbox's books post no invoice of another party than the order's."""
    desk = a_desk(order_method=True, invoice_parties={PARTLY_RECEIVED: TOOLS})
    values = invoice_fields("250.00", "52.50", supplier_id=TOOLS, lines=(await ordered(desk),))
    posting = await desk.erp.write(approved(ParkInvoice(**values)))
    assert (posting.state, posting.supplier_id) == (PostingState.DRAFT, TOOLS)
    assert desk.called("account.invoice.create") == 0, "Tryton's own draft is in that party's name already"


class Otherwise(httpx.AsyncBaseTransport):
    """The server; the answer to a method's calls is changed by `change`, which sees the network too."""

    def __init__(
        self,
        network: httpx.AsyncBaseTransport,
        method: str,
        change: Callable[[httpx.Response], Awaitable[httpx.Response]],
        beforehand: Callable[[], object] = lambda: None,
    ) -> None:
        self._network, self._method, self._change = network, method.encode(), change
        self._beforehand = beforehand

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._method not in request.content:
            return await self._network.handle_async_request(request)
        self._beforehand()
        answer = await self._network.handle_async_request(request)
        await answer.aread()
        return await self._change(answer)


async def refused(answer: httpx.Response) -> httpx.Response:
    told = ["UserError", ['You can not call "post" because it is not a draft.', "", None]]
    return httpx.Response(200, json={"id": 1, "error": told})


async def as_it_is(answer: httpx.Response) -> httpx.Response:
    return answer


def documents(desk: Desk, number: str = "VD-90001") -> list[Any]:
    return desk.company.documents.of_supplier(OFFICE, DocumentType.INVOICE, number)


async def test_a_draft_of_another_supplier_that_waits_for_the_order_line_is_not_posted() -> None:
    """A person gave Tryton's own draft to another party."""
    desk = a_desk(order_method=True)
    line = await ordered(desk)
    (own,) = [
        kept
        for kept in desk.company.books.documents.values()
        if any(each.order_number == PARTLY_RECEIVED for each in kept.lines)
    ]
    given = own.model_copy(update={"supplier_id": TOOLS})
    desk.company.books.documents[own.document_id] = given
    with pytest.raises(ErpRejected, match=r"draft \(\d+\) .* another company, supplier or currency"):
        await desk.erp.write(approved(an_invoice("250.00", "52.50", lines=(line,))))
    assert desk.company.books.documents[own.document_id] == given


async def test_a_refusal_of_what_another_client_posted_is_done_when_it_is_what_was_approved() -> None:
    desk, log = a_desk(), MemoryLog()
    erp = connector.connect(settings(), transport=Otherwise(desk.recorder, "account.invoice.post", refused))
    posting = await post_once(erp, approved(an_invoice()), log, no_pause, looks=(0.0,))
    await erp.close()
    assert (posting.state, log.notes) == (PostingState.POSTED, ["sent", "done"])
    assert [kept.state for kept in documents(desk)] == [PostingState.POSTED]


async def test_a_refusal_of_what_another_client_changed_and_posted_is_for_a_person() -> None:
    desk = a_desk()

    def somebody_posts() -> None:
        (draft,) = documents(desk)
        lines = [line.model_copy(update={"tax_code": "S0"}) for line in draft.lines]
        desk.company.documents.rewrite(draft.document_id, lines, {})
        desk.company.payables.post(draft.document_id)

    transport = Otherwise(desk.recorder, "account.invoice.post", as_it_is, somebody_posts)
    erp = connector.connect(settings(), transport=transport, clock=desk.clock)
    with pytest.raises(OutcomeUnknown, match=r"is posted in Tryton, but the tax is 0\.00 EUR there"):
        await erp.write(approved(an_invoice()))
    await erp.close()
    assert [kept.state for kept in documents(desk)] == [PostingState.POSTED]


async def test_a_refusal_that_nobody_can_look_after_is_unknown() -> None:
    desk = a_desk()
    broken: list[int] = []

    async def unreadable(answer: httpx.Response) -> httpx.Response:
        return httpx.Response(200, json={"id": 1, "error": ["'name'", ""]}) if broken else answer

    read = Otherwise(desk.recorder, "account.invoice.search_read", unreadable)
    post = Otherwise(read, "account.invoice.post", refused, lambda: broken.append(1))
    erp = connector.connect(settings(), transport=post, clock=desk.clock)
    with pytest.raises(OutcomeUnknown, match="looking at it failed"):
        await erp.write(approved(an_invoice()))
    await erp.close()


async def test_a_posted_document_that_is_not_the_approved_one_is_no_success() -> None:
    """The answer to `post` is fine, and what is read back is another document."""
    desk = a_desk()
    posted: list[int] = []

    async def of_another(answer: httpx.Response) -> httpx.Response:
        told = answer.text.replace(f'"code": "{OFFICE}"', f'"code": "{TOOLS}"')
        told = told.replace(f'"code":"{OFFICE}"', f'"code":"{TOOLS}"')
        return httpx.Response(200, text=told) if posted else answer

    read = Otherwise(desk.recorder, "account.invoice.search_read", of_another)
    post = Otherwise(read, "account.invoice.post", as_it_is, lambda: posted.append(1))
    erp = connector.connect(settings(), transport=post, clock=desk.clock)
    with pytest.raises(OutcomeUnknown, match=f"the supplier is {TOOLS} there and {OFFICE} here"):
        await erp.write(approved(an_invoice()))
    await erp.close()


PARKED = a_line("100.00", tax_code="S0", unit="H87", quantity=Decimal(4), account="4100")


@pytest.mark.parametrize(
    "values",
    [
        {"tax_code": "AE21"},
        {"account": "4200"},
        {"unit": "KGM"},
        {"unit": None},
        {"description": "Tables"},
        {"quantity": Decimal(5), "unit_price": Decimal(20)},
    ],
)
async def test_a_parked_draft_of_other_content_is_not_posted(values: dict[str, Any]) -> None:
    desk = a_desk()
    parked = await desk.erp.write(approved(ParkInvoice(**invoice_fields(tax="0.00", lines=(PARKED,)))))
    line = PARKED.model_copy(update=values)
    with pytest.raises(ErpRejected, match="not the one approved here"):
        await desk.erp.write(approved(an_invoice("100.00", "0.00", lines=(line,))))
    assert [kept.state for kept in documents(desk)] == [PostingState.DRAFT]
    posting = await desk.erp.write(approved(an_invoice("100.00", "0.00", lines=(PARKED,))))
    assert posting.erp_id == parked.erp_id


@pytest.mark.parametrize("fault", ["the tax is computed otherwise", "the period is closed"])
async def test_a_refusal_gives_trytons_own_draft_back_and_the_corrected_proposal_is_posted(
    fault: str,
) -> None:
    desk = a_desk(order_method=True)
    line = await ordered(desk)
    before = {key: sum(quantity for _, quantity in kept) for key, kept in of_tryton(desk).items()}
    wrong = (
        an_invoice("250.00", "50.00", lines=(line,))
        if fault == "the tax is computed otherwise"
        else an_invoice("250.00", "52.50", lines=(line,), posting_date=desk.wall().date().replace(month=2))
    )
    with pytest.raises(ErpRejected):
        await desk.erp.write(approved(wrong))
    assert documents(desk) == []
    after = {key: sum(quantity for _, quantity in kept) for key, kept in of_tryton(desk).items()}
    assert after == before, "all that was ordered waits for its invoice again, once"
    corrected = await ordered(desk, "275.00")
    posting = await desk.erp.write(approved(an_invoice("275.00", "57.75", lines=(corrected,))))
    assert (posting.state, posting.net) == (PostingState.POSTED, Money.of("275.00", "EUR"))


async def test_a_refused_draft_of_an_order_billed_by_hand_waits_again() -> None:
    """Nothing makes such a draft again, so it is not deleted."""
    desk = a_desk()
    line = await ordered(desk)
    source = desk.company.purchasing.line(PARTLY_RECEIVED, "10000")
    made = desk.company.documents.create(
        DocumentType.INVOICE, OFFICE, lines=[of_order(source.line_id)], currency="EUR"
    )
    with pytest.raises(ErpRejected):
        await desk.erp.write(approved(an_invoice("250.00", "50.00", lines=(line,))))
    waiting = desk.company.documents.document(made.document_id)
    assert (waiting.supplier_number, waiting.invoice_date, waiting.due_date) == (None, None, None)
    posting = await desk.erp.write(approved(an_invoice("250.00", "52.50", lines=(line,))))
    assert posting.state is PostingState.POSTED
    assert desk.company.documents.document(made.document_id).state is PostingState.POSTED


def of_order(line_id: str) -> DocumentLine:
    return DocumentLine(
        description="Bracket, steel",
        item_number="BRACKET",
        quantity=Decimal(40),
        unit="H87",
        unit_price=Decimal(10),
        tax_code="S21",
        order_number=PARTLY_RECEIVED,
        order_line_id=line_id,
    )
