"""What the AFAS connector books: entries to the cent, numbers whole, nothing twice, payment blocks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.afas_client import Bench
from tests.erp.orders import (
    MemoryLog,
    a_line,
    an_invoice,
    approved,
    billing_lines,
    invoice_fields,
    times_booked,
)
from tests.erp.world import DOLLARS, OFFICE, TOOLS, YEN
from tools.domain.decision import PostCreditNote, PostingState
from tools.domain.documents import DocumentType
from tools.domain.money import Money
from tools.erp.afas.sandbox_profit import Numbers
from tools.erp.errors import (
    ErpRejected,
    ErpUnavailable,
    OutcomeUnknown,
)
from tools.erp.posting import post_once
from tools.erp.sandbox.books import Rate
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults


async def no_pause(seconds: float) -> None:
    return None


def lines_of(message: Any) -> list[dict[str, Any]]:
    element = message["FiEntryPar"]["Element"]
    return [line["Fields"] for line in element["Objects"]["FiEntries"]["Element"]]


class Late(httpx.AsyncBaseTransport):
    """The caller's patience ends before Profit has worked on an entry; `deliver` lets it be worked on."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self._kept: list[httpx.Request] = []
        self.posts = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return await self._inner.handle_async_request(request)
        self.posts += 1
        self._kept.append(request)
        raise httpx.ReadTimeout("no answer", request=request)

    async def deliver(self) -> None:
        for request in self._kept:
            await self._inner.handle_async_request(request)


async def test_an_entry_has_a_line_for_the_creditor_each_cost_and_the_vat(company: Company) -> None:
    bench = Bench(company)
    lines = (a_line("100.00", cost_centre="WORKS"), a_line("50.00", account="4200", tax_code="S9"))
    await bench.erp.write(approved(an_invoice("150.00", "25.50", lines=lines)))
    (message,) = bench.sent("FiEntries")
    header = message["FiEntryPar"]["Element"]["Fields"]
    assert header == {"Year": "2026", "Peri": "3", "UnId": "1", "JoCo": "10"}
    found = [
        (line["VaAs"], line["AcNr"], line["AmDe"], line["AmCr"], line.get("VaId"))
        for line in lines_of(message)
    ]
    assert found == [
        ("3", OFFICE, "0", "175.50", None),
        ("1", "4100", "100.00", "0", "S21"),
        ("1", "4200", "50.00", "0", "S9"),
        ("1", "1520", "21.00", "0", "S21"),
        ("1", "1520", "4.50", "0", "S9"),
    ]
    (document,) = company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001")
    assert document.lines[0].cost_centre == "WORKS"
    assert document.due_date == date(2026, 4, 9)


async def test_a_credit_note_has_its_sides_swapped(company: Company) -> None:
    bench = Bench(company)
    action = PostCreditNote(**invoice_fields("20.00", "4.20", number="VD-C-9", preceding_invoice="510002"))
    posting = await bench.erp.write(approved(action))
    assert (posting.document_type, posting.gross) == (DocumentType.CREDIT_NOTE, Money.of("24.20", "EUR"))
    creditor, cost, vat = lines_of(bench.sent("FiEntries")[0])
    assert (creditor["AmDe"], cost["AmCr"], vat["AmCr"]) == ("24.20", "20.00", "4.20")
    assert creditor["Ds"] == "Credits 510002"


async def test_a_discount_line_stands_on_the_other_side(company: Company) -> None:
    bench = Bench(company)
    lines = (a_line("100.00"), a_line("-10.00", description="Discount"))
    posting = await bench.erp.write(approved(an_invoice("90.00", "18.90", lines=lines)))
    assert posting.gross == Money.of("108.90", "EUR")
    assert [line["AmCr"] for line in lines_of(bench.sent("FiEntries")[0])] == ["108.90", "0", "10.00", "0"]


@pytest.mark.parametrize("number", ["VD-90001", "123456789012"])
async def test_a_number_of_up_to_twelve_signs_is_the_invoice_number(company: Company, number: str) -> None:
    bench = Bench(company)
    order = approved(an_invoice(number=number))
    await bench.erp.write(order)
    lines = lines_of(bench.sent("FiEntries")[0])
    assert {line["InId"] for line in lines} == {number}
    assert lines[0]["Fref"] == number
    assert "AuNu" not in bench.sent("FiEntries")[0]["FiEntryPar"]["Element"]["Fields"]


@pytest.mark.parametrize("number", ["1234567890123", "R" * 32, "RE-2026/00000815-A"])
async def test_a_longer_number_is_kept_whole_as_reference_and_profit_numbers_the_invoice(
    company: Company, number: str
) -> None:
    bench = Bench(company)
    order = approved(an_invoice(number=number))
    posting = await bench.erp.write(order)
    assert posting.supplier_number == number
    message = bench.sent("FiEntries")[0]
    assert message["FiEntryPar"]["Element"]["Fields"]["AuNu"] == "1"
    assert not any("InId" in line for line in lines_of(message))
    assert {line["BpNr"] for line in lines_of(message)} == {number}
    again = await bench.erp.find(approved(an_invoice(number=number.lower())))
    assert again is not None
    assert again.number == posting.number
    with pytest.raises(ErpRejected, match="already exists"):
        await bench.erp.write(order)


async def test_a_number_that_no_field_can_hold_is_refused_and_never_cut(company: Company) -> None:
    bench = Bench(company)
    with pytest.raises(ErpRejected, match="keeps 32 characters"):
        await bench.erp.write(approved(an_invoice(number="X" * 33)))
    assert bench.sent("FiEntries") == []


async def test_two_long_numbers_with_the_same_beginning_are_two_invoices(company: Company) -> None:
    bench = Bench(company)
    orders = [approved(an_invoice(number=f"RE-2026-0000{end}")) for end in ("0815", "0816")]
    postings = [await bench.erp.write(order) for order in orders]
    assert len({posting.number for posting in postings}) == 2
    found = [await bench.erp.find(order) for order in orders]
    assert [posting.number for posting in found if posting] == [posting.number for posting in postings]


LONG = "RE-2026-08150001"


def typed(bench: Bench, **fields: str) -> None:
    """The invoice A1 as a bookkeeper would have typed its numbers."""
    (document,) = bench.company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "A1")
    told = {"invoice": "A1", "voucher": "", "reference": "", **fields}
    bench.server.app.profit.numbers[document.document_id] = Numbers(**told)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "fields",
    [
        {"invoice": "RE-2026-0815"},
        {"invoice": "re-2026-0815", "reference": "RE-2026-0815"},
        {"invoice": "026-08150001", "reference": "Project Bakery 2026"},
        {"invoice": "RE-2026-0815", "voucher": "B-7"},
    ],
)
async def test_a_number_that_may_have_been_cut_by_hand_is_for_a_person(
    company: Company, fields: dict[str, str]
) -> None:
    bench, log = Bench(company), MemoryLog()
    await bench.erp.write(approved(an_invoice(number="A1")))
    typed(bench, **fields)
    order = approved(an_invoice(number=LONG, invoice_date=date(2026, 3, 9)))
    for attempt in (bench.erp.find(order), bench.erp.write(order)):
        with pytest.raises(OutcomeUnknown, match="cut by hand: a person"):
            await attempt
    with pytest.raises(OutcomeUnknown, match="cut by hand"):
        await post_once(bench.erp, order, log, no_pause)
    assert log.notes == ["unknown"]
    assert len(bench.sent("FiEntries")) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"invoice": "RE-2026-0815", "reference": "RE-2026-08150002"},
        {"invoice": "RE-2026-0815", "voucher": "RE-2026-08150002"},
        {"invoice": "RE-2026-0816"},
        {"invoice": "E-2026-08150"},
    ],
)
async def test_another_document_with_a_like_beginning_hinders_nothing(
    company: Company, fields: dict[str, str]
) -> None:
    bench = Bench(company)
    await bench.erp.write(approved(an_invoice(number="A1")))
    typed(bench, **fields)
    assert (await bench.erp.write(approved(an_invoice(number=LONG)))).supplier_number == LONG


async def test_a_cut_number_of_another_creditor_or_type_hinders_nothing(company: Company) -> None:
    bench = Bench(company)
    await bench.erp.write(approved(an_invoice(number="RE-2026-0815", supplier_id=TOOLS)))
    await bench.erp.write(approved(PostCreditNote(**invoice_fields(number="RE-2026-0815"))))
    assert (await bench.erp.write(approved(an_invoice(number=LONG)))).supplier_number == LONG


async def test_the_whole_number_counts_more_than_a_cut_one(company: Company) -> None:
    bench = Bench(company)
    posting = await bench.erp.write(approved(an_invoice(number=LONG)))
    await bench.erp.write(approved(an_invoice(number="RE-2026-0815")))
    found = await bench.erp.find(approved(an_invoice(number=LONG)))
    assert found is not None
    assert found.number == posting.number


async def test_a_clerks_invoice_is_found_by_any_field_that_holds_the_number(company: Company) -> None:
    bench = Bench(company)
    posting = await bench.erp.write(approved(an_invoice()))
    (document,) = company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001")
    profit = bench.server.app.profit  # type: ignore[attr-defined]
    kept = profit.numbers[document.document_id]
    for fields in ({"invoice": "7"}, {"invoice": "7", "reference": "", "voucher": "VD-90001"}):
        profit.numbers[document.document_id] = type(kept)(**{**vars(kept), **fields})
        found = await bench.erp.find(approved(an_invoice()))
        assert found is not None
        assert found.number == posting.number


async def test_cents_of_the_suppliers_tax_go_into_the_vat_line(company: Company) -> None:
    bench = Bench(company)
    posting = await bench.erp.write(approved(an_invoice("100.00", "21.02")))
    assert (posting.tax, posting.gross) == (Money.of("21.02", "EUR"), Money.of("121.02", "EUR"))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"tax": "19.00"}, "make 21.00 EUR of tax, the document says 19.00"),
        (
            {"tax": "0.00", "lines": (a_line(tax_code="S0"), a_line("21.00"))},
            "make 4.41 EUR of tax, the document says 0.00",
        ),
        ({"lines": (a_line(tax_code=None),)}, "has no VAT code"),
        ({"lines": (a_line(tax_code="ZZ"),)}, "no VAT code ZZ"),
        ({"tax": "0.00", "lines": (a_line(tax_code="AE21"),)}, "no VAT code AE21"),
        ({"lines": (a_line(account=None, item_number="BRACKET"),)}, "has no account"),
        ({"gross": Money.of("130.00", "EUR")}, "do not add up"),
        ({"posting_date": date(2031, 1, 1)}, "no period for 2031-01-01"),
        ({"currency": "USD"}, "no exchange rate for USD on 2026-03-10"),
    ],
)
async def test_what_an_entry_cannot_carry_is_refused_before_anything_is_sent(
    company: Company, values: dict[str, Any], words: str
) -> None:
    if values.get("currency") == "USD":
        company.books.rates["USD"] = (Rate(starting=date(2026, 3, 11), rate=Decimal("0.9")),)
    bench = Bench(company)
    tax = values.get("tax", "21.00")
    values = {name: value for name, value in values.items() if name != "tax"}
    with pytest.raises(ErpRejected, match=words):
        await bench.erp.write(approved(an_invoice("100.00", tax, **values)))
    assert bench.sent("FiEntries") == []


@pytest.mark.parametrize(("currency", "supplier"), [("USD", DOLLARS), ("JPY", YEN)])
async def test_a_foreign_entry_balances_in_our_currency_to_the_cent(
    company: Company, currency: str, supplier: str
) -> None:
    bench = Bench(company)
    net = ("33.33", "33.33", "33.34", "0.07") if currency == "USD" else ("101", "103", "107", "12345")
    lines = tuple(a_line(amount, currency=currency, tax_code="S0") for amount in net)
    total = str(sum(Decimal(amount) for amount in net))
    action = an_invoice(total, "0", currency=currency, supplier_id=supplier, lines=lines)
    posting = await bench.erp.write(approved(action))
    assert posting.gross == Money.of(total, currency)
    sent = lines_of(bench.sent("FiEntries")[0])
    assert sum(Decimal(line["AmDe"]) - Decimal(line["AmCr"]) for line in sent) == 0
    assert sum(Decimal(line["AmDc"]) - Decimal(line["AmCc"]) for line in sent) == 0
    assert {line["CuId"] for line in sent} == {currency}
    assert len({line["Rate"] for line in sent}) == 1


async def test_the_last_rate_before_the_day_of_posting_counts(company: Company) -> None:
    company.books.rates["USD"] = tuple(
        Rate(starting=date(2026, month, day), rate=Decimal(rate))
        for month, day, rate in ((1, 1, "0.5"), (3, 10, "0.8"), (3, 11, "0.9"))
    )
    before = company.ledger.payables()
    line = a_line(currency="USD", tax_code="S0")
    action = an_invoice("100.00", "0.00", currency="USD", supplier_id=DOLLARS, lines=(line,))
    await Bench(company).erp.write(approved(action))
    assert company.ledger.payables() - before == Decimal("80.00")


async def test_a_line_that_bills_an_order_goes_to_the_account_for_received_goods(company: Company) -> None:
    bench = Bench(company, received_account="4300")
    lines = billing_lines({"10000": ("25", "10.00")})
    await bench.erp.write(approved(an_invoice("250.00", "52.50", lines=lines)))
    assert lines_of(bench.sent("FiEntries")[0])[1]["AcNr"] == "4300"
    with pytest.raises(ErpRejected, match="has no account"):
        await Bench(company, received_account=None).erp.write(
            approved(an_invoice("250.00", "52.50", number="VD-90002", lines=lines))
        )


async def test_an_entry_that_profit_books_after_our_patience_ended_is_found_and_not_sent_again(
    company: Company,
) -> None:
    bench = Bench(company)
    late = Late(bench.recorder)
    erp, log, action = bench.through(late), MemoryLog(), an_invoice()
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await post_once(erp, approved(action), log, no_pause)
    assert (late.posts, times_booked(company, action)) == (1, 0)
    await late.deliver()
    posting = await post_once(erp, approved(action), log, no_pause)
    assert posting.state is PostingState.POSTED
    assert (late.posts, times_booked(company, action)) == (1, 1)
    assert log.notes == ["sent", "unknown", "unknown", "found"]


async def test_a_503_after_an_entry_leaves_its_outcome_open(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults)
    faults.plan("POST FiEntries", FaultKind.TOO_MANY, retry_after=17)
    with pytest.raises(OutcomeUnknown, match="temporarily unavailable"):
        await bench.erp.write(approved(an_invoice()))
    assert 17.0 not in bench.clock.slept, "a write is not repeated"


async def test_a_layout_that_somebody_has_open_means_nothing_happened(
    company: Company, faults: Faults
) -> None:
    bench = Bench(company, faults)
    faults.plan("POST FiEntries", FaultKind.STALE_VERSION)
    with pytest.raises(ErpUnavailable, match="blocked by another user"):
        await bench.erp.write(approved(an_invoice()))
    await bench.erp.write(approved(an_invoice()))
    assert times_booked(company, an_invoice()) == 1


async def test_posting_an_invoice_takes_six_calls_and_a_foreign_one_seven(company: Company) -> None:
    bench = Bench(company)
    await bench.erp.write(approved(an_invoice()))
    assert bench.server.traffic.total == 6
    line = a_line(currency="USD", tax_code="S0")
    await bench.erp.write(
        approved(an_invoice("100.00", "0.00", currency="USD", supplier_id=DOLLARS, lines=(line,)))
    )
    assert bench.server.traffic.total == 13


async def test_a_write_is_waited_for_longer_than_profit_works_on_it_and_a_read_is_not(
    company: Company,
) -> None:
    bench = Bench(company, read_timeout=7)
    await bench.erp.write(approved(an_invoice()))
    waits = {request.method: request.extensions["timeout"]["read"] for request in bench.recorder.requests}
    assert waits == {"GET": 7, "POST": 910}
