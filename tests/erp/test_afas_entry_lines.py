"""An entry that is found in Profit counts as ours with the lines approved, where Profit shows them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.erp.afas_client import Bench, a_client
from tests.erp.orders import MemoryLog, a_line, an_invoice, approved, invoice_fields
from tests.erp.world import DOLLARS
from tools.domain.decision import PostCreditNote, Posting, PostInvoice
from tools.erp.afas import wire
from tools.erp.afas.entry_lines import NOT_SHOWN, lines_of, recoded
from tools.erp.afas.wire_entries import EntryLine
from tools.erp.errors import OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.sandbox.books import Rate
from tools.erp.sandbox.company import Company

CLOSED = {"closed": frozenset({"ErpAgent_EntryLines"})}
Entered = PostInvoice | PostCreditNote


async def no_pause(seconds: float) -> None:
    return None


async def look_for(bench: Bench, theirs: Entered, ours: Entered) -> Posting:
    """`theirs` stands in Profit, and `ours` went out without an answer."""
    await bench.erp.write(approved(theirs))
    log = MemoryLog()
    log.sent(approved(ours))
    return await post_once(bench.erp, approved(ours), log, no_pause)


def invoice(*lines: Any, net: str = "100.00", tax: str = "21.00", **values: Any) -> PostInvoice:
    return an_invoice(net, tax, lines=lines or (a_line(net),), **values)


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        (a_line(account="4200"), "100 on 4200 with VAT code S21"),
        (a_line(cost_centre="WORKS"), "cost centre works"),
    ],
)
async def test_another_account_or_cost_centre_is_for_a_person_and_told(
    company: Company, theirs: Any, told: str
) -> None:
    with pytest.raises(OutcomeUnknown, match=f"its lines .*{told}.* are not the ones approved"):
        await look_for(Bench(company), invoice(theirs), invoice())


async def test_another_vat_code_of_the_same_rate_is_for_a_person(company: Company) -> None:
    kept = company.books.tax_codes["S21"]
    company.books.tax_codes["S22"] = kept.model_copy(update={"code": "S22"})
    with pytest.raises(OutcomeUnknown, match="with VAT code S22"):
        await look_for(Bench(company), invoice(a_line(tax_code="S22")), invoice())


async def test_amounts_dealt_out_otherwise_are_for_a_person(company: Company) -> None:
    theirs = invoice(a_line("90.00"), a_line("10.00", account="4200"))
    ours = invoice(a_line("10.00"), a_line("90.00", account="4200"))
    with pytest.raises(OutcomeUnknown, match="not the ones approved"):
        await look_for(Bench(company), theirs, ours)


async def test_the_order_and_the_texts_of_the_lines_do_not_count(company: Company) -> None:
    first, second = a_line("60.00", cost_centre="WORKS"), a_line("40.00", account="4200")
    renamed = second.model_copy(update={"description": "Something else"})
    posting = await look_for(Bench(company), invoice(renamed, first), invoice(first, second))
    assert posting.differs is None


async def test_a_credit_note_is_compared_on_its_own_sides(company: Company) -> None:
    values = {"number": "VD-C-9", "preceding_invoice": "510002"}
    ours = PostCreditNote(**invoice_fields("20.00", "4.20", **values))
    assert (await look_for(Bench(company), ours, ours)).differs is None


async def test_a_foreign_entry_is_compared_in_its_own_currency_whatever_the_rate_is_now(
    company: Company,
) -> None:
    bench = Bench(company)
    line = a_line(currency="USD", tax_code="S0")
    ours = invoice(line, tax="0.00", currency="USD", supplier_id=DOLLARS)
    await bench.erp.write(approved(ours))
    rates = company.books.rates["USD"]
    company.books.rates["USD"] = [Rate(starting=each.starting, rate=each.rate * 2) for each in rates]
    found = await bench.erp.find(approved(ours))
    assert found is not None and found.differs is None
    other = line.model_copy(update={"account": "4200"})
    found = await bench.erp.find(approved(invoice(other, tax="0.00", currency="USD", supplier_id=DOLLARS)))
    assert found is not None and "100 on 4100" in (found.differs or "")


async def test_where_nobody_made_the_getconnector_amounts_decide_and_the_doctor_says_so(
    company: Company,
) -> None:
    bench = Bench(company, protocol=CLOSED)
    posting = await look_for(bench, invoice(a_line(account="4200")), invoice())
    assert posting.differs is None
    assert bench.asked("ErpAgent_EntryLines") == []
    assert await bench.erp.shortcomings() == [NOT_SHOWN]


async def test_with_the_getconnector_the_doctor_has_nothing_to_say_and_asks_for_its_fields(
    company: Company,
) -> None:
    assert await Bench(company).erp.shortcomings() == []
    lame = Bench(company, protocol={"hidden": frozenset({"ErpAgent_EntryLines.VaId"})})
    (told,) = await lame.erp.shortcomings()
    assert "ErpAgent_EntryLines lacks the fields VaId" in told


async def test_lines_that_cannot_be_read_leave_the_entry_to_a_person(company: Company) -> None:
    lame = Bench(company, protocol={"hidden": frozenset({"ErpAgent_EntryLines.VaId"})})
    with pytest.raises(OutcomeUnknown, match="cannot be compared with what was approved"):
        await look_for(lame, invoice(), invoice())


async def test_profits_description_is_asked_once_it_lists_the_getconnector(company: Company) -> None:
    bench = Bench(company)
    await look_for(bench, invoice(), invoice())
    await bench.erp.find(approved(invoice()))
    assert len(bench.asked("metainfo")) == 1
    assert len(bench.asked("ErpAgent_EntryLines")) == 2


async def test_the_server_shows_an_entry_as_it_was_entered_and_balanced(company: Company) -> None:
    bench = Bench(company)
    posting = await bench.erp.write(approved(invoice(a_line(cost_centre="WORKS"))))
    path = f"ErpAgent_EntryLines?filterfieldids=EnNo&filtervalues={posting.number}&operatortypes=1"
    async with a_client(company) as client:
        # Another server over the same books knows the ledger, not the message.
        rows = await client.rows(path)
    assert {row["VaId"] for row in rows} == {None}
    assert sum(row["AmDe"] for row in rows) == sum(row["AmCr"] for row in rows) == Decimal("121.00")
    shown = await lines_of(bench.erp._session, await entry(bench, posting))
    assert shown is not None
    assert [(row.feature, row.account, row.vat_code, row.cost_centre) for row in shown][1:] == [
        ("1", "4100", "S21", "WORKS"),
        ("1", "1520", "S21", ""),
    ]


async def entry(bench: Bench, posting: Posting) -> wire.InvoiceRow:
    rows = await bench.erp._session.by(wire.InvoiceRow, "EnNo", [posting.number], "invoice")
    return rows[0]


class TwoYears:
    """Shows a line of this entry and one of another year, journal and administration under its number."""

    def __init__(self, row: EntryLine) -> None:
        self.row = row

    async def offers(self, row: type[wire.Row]) -> bool:
        return True

    async def where(self, row: type[wire.Row], groups: Collection[object], operation: str) -> list[EntryLine]:
        others = ({"entry_date": date(2025, 3, 10)}, {"journal": "90"}, {"administration": 2})
        return [self.row, *(self.row.model_copy(update=other) for other in others)]


async def test_lines_of_another_year_journal_or_administration_are_not_its_lines(company: Company) -> None:
    bench = Bench(company)
    row = await entry(bench, await bench.erp.write(approved(invoice())))
    shown = await lines_of(bench.erp._session, row)
    assert shown is not None
    assert await lines_of(TwoYears(shown[1]), row) == [shown[1]]  # type: ignore[arg-type]


def test_an_entry_without_any_ledger_line_is_not_compared_as_equal() -> None:
    assert "shows no ledger lines" in str(recoded([], {}, foreign=False))
