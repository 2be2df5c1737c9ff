"""The Exact Online connector: what it sends, what it believes, and how it keeps to the limits."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tests.erp.exact_bench import Changed, ExactBench
from tests.erp.orders import a_line, an_action, an_invoice, approved, invoice_fields
from tests.erp.world import BULK, CENTS, MANY, OFFICE, PARTLY_RECEIVED, TODAY, TOOLS, key_of
from tools.domain.decision import PostCreditNote, PostingState
from tools.domain.documents import DocumentType
from tools.erp.contract import Capability
from tools.erp.errors import ErpAccessDenied, ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.event_source import EventSource
from tools.erp.exact.odata import LONGEST_QUERY, account_codes, moment, queries_for
from tools.erp.exact.wire import Account
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind

ENTRIES = "PurchaseEntries"


@pytest.fixture
async def bench(company: Company, tmp_path: Path) -> ExactBench:
    found = ExactBench(company, tmp_path)
    await found.consent()
    return found


def said(sentence: str, status: int = 500) -> httpx.Response:
    body = {"error": {"code": "", "message": {"lang": "", "value": sentence}}}
    return httpx.Response(status, json=body)


async def test_an_entry_carries_amounts_in_its_currency_and_tax_for_every_line(bench: ExactBench) -> None:
    erp = bench.connect()
    lines = (a_line("100.00"), a_line("50.00", tax_code="S9", cost_centre="SALES", account="4200"))
    action = an_invoice("150.00", "25.50", lines=lines)
    posting = await erp.write(approved(action))
    (body,) = bench.bodies(ENTRIES)
    assert [(line["AmountFC"], line["VATAmountFC"]) for line in body["PurchaseEntryLines"]] == [
        (Decimal("100.00"), Decimal("21.00")),
        (Decimal("50.00"), Decimal("4.50")),
    ]
    assert body["PurchaseEntryLines"][1]["CostCenter"] == "SALES"
    assert (body["EntryDate"], body["ReportingYear"], body["ReportingPeriod"]) == ("2026-03-10", 2026, 3)
    assert not [name for name in json.dumps(body, default=str).split('"') if name.endswith("DC")]
    assert (posting.gross, posting.state) == (action.gross, PostingState.POSTED)


async def test_a_credit_note_is_sent_negative_and_read_positive(bench: ExactBench) -> None:
    erp = bench.connect()
    action = PostCreditNote(**invoice_fields("20.00", "4.20", number="VD-C-90001"))
    posting = await erp.write(approved(action))
    (body,) = bench.bodies(ENTRIES)
    assert body["PurchaseEntryLines"][0]["AmountFC"] == Decimal("-20.00")
    assert body["PurchaseEntryLines"][0]["VATAmountFC"] == Decimal("-4.20")
    assert (posting.document_type, posting.gross) == (DocumentType.CREDIT_NOTE, action.gross)


async def test_a_suppliers_tax_is_entered_to_the_cent(bench: ExactBench) -> None:
    lines = (a_line("33.33"), a_line("66.67"))
    posting = await bench.connect().write(approved(an_invoice("100.00", "21.02", lines=lines)))
    assert posting.tax is not None
    assert posting.tax.amount == Decimal("21.02")
    (body,) = bench.bodies(ENTRIES)
    assert [line["VATAmountFC"] for line in body["PurchaseEntryLines"]] == [
        Decimal("7.00"),
        Decimal("14.02"),
    ]


async def test_tax_that_the_codes_do_not_give_is_refused_and_nothing_is_sent(bench: ExactBench) -> None:
    with pytest.raises(ErpRejected, match="VAT codes of the lines give"):
        await bench.connect().write(approved(an_invoice("100.00", "19.00")))
    assert not bench.sent("POST")


async def test_reverse_charge_is_left_to_exact(bench: ExactBench) -> None:
    action = an_invoice("100.00", "0.00", lines=(a_line("100.00", tax_code="AE21"),))
    posting = await bench.connect().write(approved(action))
    assert "VATAmountFC" not in bench.bodies(ENTRIES)[0]["PurchaseEntryLines"][0]
    assert posting.gross == action.gross


async def test_an_item_needs_the_account_of_the_settings(bench: ExactBench) -> None:
    line = a_line("100.00", item_number="BRACKET", account=None)
    erp = bench.connect(item_account=None)
    with pytest.raises(ErpRejected, match="item_account"):
        await erp.write(approved(an_invoice(lines=(line,))))
    assert not bench.sent("POST")


@pytest.mark.parametrize(("account", "told"), [("9999", "there is no G/L account"), ("4500", "is blocked")])
async def test_an_account_that_cannot_be_used_is_named_before_anything_is_sent(
    bench: ExactBench, account: str, told: str
) -> None:
    with pytest.raises(ErpRejected, match=told):
        await bench.connect().write(approved(an_invoice(lines=(a_line("100.00", account=account),))))
    assert not bench.sent("POST")


async def test_a_journal_that_is_none_is_named_with_those_there_are(bench: ExactBench) -> None:
    with pytest.raises(ErpRejected, match="there are: 70"):
        await bench.connect(journal="20").write(approved(an_invoice()))


async def test_a_number_used_before_is_refused_by_us_because_exact_only_warns(bench: ExactBench) -> None:
    with pytest.raises(ErpRejected, match="already exists in Exact Online, entered as 510002"):
        await bench.connect().write(approved(an_invoice(number="vd-88001")))
    assert not bench.sent("POST")


async def test_somebodys_draft_of_the_invoice_is_left_alone(bench: ExactBench, company: Company) -> None:
    company.documents.create(
        DocumentType.INVOICE, OFFICE, supplier_number="VD-90001", invoice_date=date(2026, 3, 9)
    )
    with pytest.raises(ErpRejected, match="holds a draft invoice"):
        await bench.connect().write(approved(an_invoice()))
    assert not bench.sent("POST")


async def test_a_500_with_a_rules_sentence_is_a_refusal_with_its_field(bench: ExactBench) -> None:
    def refuse(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return answer if request.method == "GET" else said("Ongeldig: Grootboekrekeningtype")

    bench.faults.plan(f"post {ENTRIES}", FaultKind.ERROR_BEFORE)
    with pytest.raises(ErpRejected) as told:
        await bench.changing(refuse).write(approved(an_invoice()))
    assert str(told.value) == "Ongeldig: Grootboekrekeningtype"
    assert told.value.field == "Grootboekrekeningtype"
    assert len(bench.sent("POST", ENTRIES)) == 1, "never sent again"


async def test_a_500_with_a_rules_sentence_is_not_believed_when_the_entry_stands(bench: ExactBench) -> None:
    def disguise(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return answer if request.method == "GET" else said("Invalid: Journal")

    posting = await bench.changing(disguise).write(approved(an_invoice()))
    assert (posting.supplier_number, posting.state) == ("VD-90001", PostingState.POSTED)


async def test_a_500_with_a_rules_sentence_is_unknown_where_nobody_can_look(bench: ExactBench) -> None:
    posted = False

    def cut(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        nonlocal posted
        if posted:
            return said("Forbidden", 403)
        posted = request.method == "POST"
        return said("Invalid: Journal") if posted else answer

    with pytest.raises(OutcomeUnknown, match=r"Invalid: Journal.*could not be looked up"):
        await bench.changing(cut).write(approved(an_invoice()))


async def test_a_500_without_a_sentence_is_unknown(bench: ExactBench) -> None:
    bench.faults.plan(f"post {ENTRIES}", FaultKind.ERROR_BEFORE, status=500)
    with pytest.raises(OutcomeUnknown):
        await bench.connect().write(approved(an_invoice()))


@pytest.mark.parametrize("cut", ["EntryID", "amount"])
async def test_an_entry_that_does_not_read_as_approved_is_for_a_person(bench: ExactBench, cut: str) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.method == "POST" and cut == "EntryID":
            return httpx.Response(201, json={"d": {}})
        if "filter=EntryID" in str(request.url):
            body = answer.json()
            body["d"]["results"][0]["AmountFC"] = 100.0
            return httpx.Response(200, json=body)
        return answer

    with pytest.raises(OutcomeUnknown, match=r"was entered in Exact Online"):
        await bench.changing(change).write(approved(an_invoice()))


async def test_a_business_500_of_a_read_is_told_in_its_words(bench: ExactBench) -> None:
    erp = bench.changing(lambda request, answer: said("Invalid reference: Division"))
    with pytest.raises(ErpRejected, match="Invalid reference: Division"):
        await erp.orders([CENTS])


async def test_receipts_name_their_order_lines_and_are_found_by_their_note(bench: ExactBench) -> None:
    erp = bench.connect()
    order = approved(an_action(Capability.CREATE_GOODS_RECEIPT, bench.company))
    posting = await erp.write(order)
    (body,) = bench.bodies("GoodsReceipts")
    assert [set(line) for line in body["GoodsReceiptLines"]] == [{"PurchaseOrderLineID", "QuantityReceived"}]
    assert posting.reference == "LS-90001"
    assert bench.company.purchasing.line(PARTLY_RECEIVED, "30000").received == 5


async def test_a_file_is_attached_once_and_its_document_is_linked(bench: ExactBench) -> None:
    erp = bench.connect()
    posting = await erp.write(approved(an_invoice()))
    for _ in range(2):
        await erp.attach(posting, "a.pdf", b"%PDF")
    await erp.attach(posting, "b.pdf", b"%PDF-b")
    assert sorted(kept.name for kept in await erp.attachments(posting)) == ["a.pdf", "b.pdf"]
    assert len(bench.sent("POST", "documents/Documents")) == 1
    assert len(bench.sent("PUT", ENTRIES)) == 1


async def test_ids_and_codes_are_looked_up_once(bench: ExactBench) -> None:
    erp = bench.connect()
    key = key_of(OFFICE, "VD-88001", TODAY)
    await erp.invoices([key])
    before = len(bench.recorder.requests)
    await erp.invoices([key])
    again = [request.url.path.rpartition("/")[2] for request in bench.recorder.requests[before:]]
    assert sorted(again) == ["Payments", ENTRIES, "PurchaseInvoices"]


async def test_the_division_is_asked_for_once_where_the_settings_name_none(bench: ExactBench) -> None:
    erp = bench.connect(division=None)
    await asyncio.gather(*(erp.orders([number]) for number in MANY[:5]))
    assert len(bench.sent("GET", "current/Me")) == 1


async def test_nothing_more_is_asked_before_errors_block_us(bench: ExactBench) -> None:
    erp = bench.changing(lambda request, answer: said("Forbidden", 403))
    for _ in range(8):
        with pytest.raises(ErpAccessDenied):
            await erp.orders([CENTS])
    sent = len(bench.recorder.requests)
    with pytest.raises(ErpUnavailable, match="refused 8 calls to purchaseorder/PurchaseOrders"):
        await erp.orders([CENTS])
    with pytest.raises(ErpUnavailable, match="refused 8 calls"):
        await bench.connect().orders([CENTS])  # another process
    assert len(bench.recorder.requests) == sent
    with pytest.raises(ErpAccessDenied):
        await erp.accounts()
    bench.clock.pass_by(3601)
    assert set(await bench.connect().orders([CENTS])) == {CENTS}


async def test_sixty_calls_a_minute_are_kept_by_ourselves(bench: ExactBench) -> None:
    erp = bench.connect()
    await asyncio.gather(*(erp.orders([CENTS]) for _ in range(130)))
    assert bench.app.traffic.calls["PurchaseOrders"] == 130
    assert sum(bench.clock.slept) >= 60, "the third sixty waited for two minutes"


async def test_a_minute_that_another_program_used_up_is_waited_for(bench: ExactBench) -> None:
    for _ in range(60):
        bench.server.throttle.minute.take()
    assert set(await bench.connect().orders([CENTS])) == {CENTS}
    assert 0 < max(bench.clock.slept) <= 60


async def test_a_day_that_is_used_up_is_told_at_once_and_before_a_batch(bench: ExactBench) -> None:
    for _ in range(4990):
        bench.server.throttle.day.take()
    erp = bench.connect()
    await erp.orders([CENTS])
    budget = erp.call_budget(500)
    assert (budget.left, budget.limit, budget.is_short) == (9, 5000, True)
    assert "2026-03-17 00:00 UTC" in budget.told
    for _ in range(9):
        await erp.orders([CENTS])
    with pytest.raises(ErpUnavailable, match=r"used up.*2026-03-17 00:00 UTC"):
        await bench.connect().orders([CENTS])


async def test_missing_rights_are_named_with_the_scope_to_give(bench: ExactBench) -> None:
    def forbid(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return said("Forbidden", 403) if "GoodsReceiptLines" in request.url.path else answer

    (told,) = await bench.changing(forbid).shortcomings()
    assert "purchaseorder/GoodsReceiptLines" in told
    assert "scope Logistics WMS" in told
    assert "logistics = false" in told


async def test_without_a_logistics_module_nothing_of_it_is_asked(bench: ExactBench) -> None:
    def forbid(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        absent = ("purchaseorder/", "purchase/PurchaseInvoices")
        return said("Forbidden", 403) if any(name in request.url.path for name in absent) else answer

    erp = bench.connect(Changed(bench.recorder, forbid), logistics=False)
    assert await erp.shortcomings() == []
    assert await erp.orders([CENTS]) == await erp.receipts([CENTS]) == await erp.orders_of([OFFICE]) == {}
    assert await erp.orders_changed_since(bench.company.clock()) == set()
    key = key_of(OFFICE, "VD-88001", TODAY)
    assert len((await erp.invoices([key]))[key]) == 1
    assert len([posting async for posting in erp.posted_since(None)]) == 4
    order = approved(an_invoice())
    assert await erp.find(order) is None
    assert (await erp.write(order)).state is PostingState.POSTED


async def test_a_proxys_page_is_no_list(bench: ExactBench) -> None:
    erp = bench.changing(lambda request, answer: httpx.Response(200, text="<html>"))
    with pytest.raises(ErpUnavailable):
        await erp.orders([CENTS])
    with pytest.raises(ErpUnavailable, match="not a list"):
        await bench.changing(lambda request, answer: httpx.Response(200, json={"d": "x"})).orders([CENTS])


async def test_a_record_in_another_form_is_named_by_field(bench: ExactBench) -> None:
    rows = {"d": {"results": [{"OrderNumber": "x"}]}}
    erp = bench.changing(lambda request, answer: httpx.Response(200, json=rows))
    with pytest.raises(ErpRejected, match=r"PurchaseOrders in a form.*OrderNumber"):
        await erp.orders([CENTS])


async def test_a_supplier_that_no_code_can_be_is_not_asked_for(bench: ExactBench) -> None:
    assert await bench.connect().orders([CENTS.replace("4", "x"), "99999999999"]) == {}  # type: ignore[list-item]
    assert await bench.connect().suppliers_by_id(["A'B"]) == {}  # type: ignore[list-item]
    assert not bench.recorder.requests


def test_many_keys_become_few_short_queries() -> None:
    queries = queries_for(Account, "Code", account_codes(str(number) for number in range(500)))
    assert all(len(query.options) <= LONGEST_QUERY for query in queries)
    assert sum(query.options.count("Code%20eq") for query in queries) == 500


def test_a_moment_needs_a_zone_and_is_asked_in_utc() -> None:
    zone = timezone(timedelta(hours=2))
    assert moment(datetime(2026, 7, 1, 14, 0, tzinfo=zone)) == "datetime'2026-07-01T12:00:00'"
    with pytest.raises(ValueError, match="time zone"):
        moment(datetime(2026, 7, 1, 14, 0))  # noqa: DTZ001 - the fault that is looked for


async def test_open_items_of_a_supplier_without_any_are_absent(bench: ExactBench) -> None:
    found = await bench.connect().open_items([BULK, TOOLS])
    assert {key: len(items) for key, items in found.items()} == {TOOLS: 1}


async def test_each_topic_is_subscribed_once_for_an_address(bench: ExactBench) -> None:
    erp, now = bench.connect(), bench.company.clock()
    told = await erp.subscribe("https://ap.example/events/exact", "", now)
    assert told.until > now
    assert isinstance(erp, EventSource)
    await bench.connect().subscribe("https://ap.example/events/exact", "", now)
    bodies = bench.bodies("WebhookSubscriptions")
    assert [body["Topic"] for body in bodies] == list(told.resources)
    with pytest.raises(ErpRejected, match="Invalid: CallbackURL"):
        await erp.subscribe("http://ap.example/events/exact", "", now)
