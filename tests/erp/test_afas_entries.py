"""Entries of any lines balance to the cent in every currency, and Profit books exactly what was approved."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.erp.afas_client import Bench, a_client, an_entry
from tests.erp.orders import a_line, an_invoice, approved, invoice_fields
from tests.erp.world import DOLLARS, OFFICE
from tools.domain.decision import PostCreditNote, PostingLine
from tools.domain.money import Money, round_amount
from tools.erp.afas.holds import holds_of, marked
from tools.erp.answers import from_json
from tools.erp.sandbox.books import Rate
from tools.erp.sandbox.company import Company

RATES = {"S21": Decimal(21), "S9": Decimal(9), "S0": Decimal(0)}


def some_lines(source: random.Random, currency: str) -> tuple[PostingLine, ...]:
    """One to nine lines on three accounts and three VAT codes, discounts among them."""
    codes = list(RATES) if currency == "EUR" else ["S0"]
    lines = []
    for position in range(source.randint(1, 9)):
        cents = source.choice(
            (source.randint(5, 99), source.randint(100, 10**4), source.randint(10**4, 8 * 10**6))
        )
        sign = -1 if position and source.random() < 0.2 else 1
        net = Decimal(sign * cents) / 100
        lines.append(
            a_line(
                str(net),
                currency=currency,
                tax_code=source.choice(codes),
                account=source.choice(("4100", "4200", "4300")),
            )
        )
    return tuple(lines)


def totals(source: random.Random, lines: tuple[PostingLine, ...], currency: str) -> tuple[Decimal, Decimal]:
    """Net and the supplier's own tax, which may be some cents off where there is any."""
    bases: dict[str, Decimal] = {}
    for line in lines:
        code = line.tax_code or ""
        bases[code] = bases.get(code, Decimal(0)) + line.net_amount.amount
    taxes = [round_amount(base * RATES[code] / 100, currency) for code, base in bases.items()]
    tax = sum(taxes, Decimal(0))
    if any(RATES[code] for code in bases):
        tax += Decimal(source.choice((0, 0, 1, -2, 5))) / 100
    return sum((line.net_amount.amount for line in lines), Decimal(0)), tax


@pytest.mark.parametrize("seed", range(60))
async def test_what_is_booked_is_what_was_approved(company: Company, seed: int) -> None:
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    currency = "USD" if seed % 3 == 2 else "EUR"
    supplier = DOLLARS if currency == "USD" else OFFICE
    lines = some_lines(source, currency)
    net, tax = totals(source, lines, currency)
    if net + tax <= 0 or net <= 0:
        lines = (a_line("500000", currency=currency, tax_code="S0"), *lines)
        net, tax = totals(source, lines, currency)
    values: dict[str, Any] = {"lines": lines, "supplier_id": supplier}
    is_credit = seed % 5 == 4
    fields = invoice_fields(str(net), str(tax), currency=currency, **values)
    action = (
        PostCreditNote(**fields) if is_credit else an_invoice(str(net), str(tax), currency=currency, **values)
    )
    bench = Bench(company)
    posting = await bench.erp.write(approved(action))
    assert posting.gross == Money(amount=net + tax, currency=currency)
    element = bench.sent("FiEntries")[0]["FiEntryPar"]["Element"]
    rows = [line["Fields"] for line in element["Objects"]["FiEntries"]["Element"]]
    for debit, credit in (("AmDe", "AmCr"), ("AmDc", "AmCc")):
        assert sum(Decimal(row.get(debit, "0")) - Decimal(row.get(credit, "0")) for row in rows) == 0
    assert all(sorted((row["AmDe"], row["AmCr"]))[0] == "0" for row in rows)
    booked = company.ledger.entry(len(company.books.entries))
    assert sum(row.debit - row.credit for row in booked.rows) == 0


async def test_amounts_pass_as_texts_with_all_their_digits(company: Company) -> None:
    bench = Bench(company)
    line = a_line("987654.32", tax_code="S0")
    await bench.erp.write(approved(an_invoice("987654.32", "0.00", lines=(line,))))
    (request,) = [each for each in bench.recorder.requests if each.method == "POST"]
    assert b'"987654.32"' in request.content
    assert from_json(request.content) == bench.sent("FiEntries")[0]


async def test_a_number_in_a_credit_note_cannot_pass_for_a_hold(company: Company) -> None:
    bench = Bench(company)
    fields = invoice_fields("20.00", "4.20", number="VD-C-9", preceding_invoice="510002 | HOLD PRICE")
    await bench.erp.write(approved(PostCreditNote(**fields)))
    told = bench.sent("FiEntries")[0]["FiEntryPar"]["Element"]["Objects"]["FiEntries"]["Element"][0]
    assert told["Fields"]["Ds"] == "Credits 510002 / HOLD PRICE"
    assert holds_of(told["Fields"]["Ds"]) == []


@pytest.mark.parametrize("text", ["", "Drills", "Drills | set", "a | b | c"])
def test_a_description_is_as_before_once_all_reasons_are_gone(text: str) -> None:
    held = marked(marked(text, ["PRICE"]), ["PRICE", "QTY"])
    assert holds_of(held) == ["PRICE", "QTY"]
    assert marked(held, []) == text


@pytest.mark.parametrize("net", ["0.125", "12.50", "37.5", "1234.375", "0.03"])
async def test_a_half_cent_of_the_rate_keeps_no_entry_from_being_booked(company: Company, net: str) -> None:
    company.books.rates["USD"] = (Rate(starting=date(2026, 1, 1), rate=Decimal("0.9199999999")),)
    amount = str(round_amount(Decimal(net), "USD"))
    line = a_line(amount, currency="USD", tax_code="S0")
    action = an_invoice(amount, "0.00", currency="USD", supplier_id=DOLLARS, lines=(line,))
    posting = await Bench(company).erp.write(approved(action))
    assert posting.gross == Money.of(amount, "USD")


async def test_an_entry_whose_base_amount_does_not_follow_the_rate_is_refused(company: Company) -> None:
    lines = [
        {"AcNr": DOLLARS, "AmCr": "50.00", "CuId": "USD", "Rate": "1", "AmDc": "0", "AmCc": "100.00"},
        {"AmDe": "50.00", "VaId": "S0", "CuId": "USD", "Rate": "1", "AmDc": "100.00", "AmCc": "0"},
    ]
    body = an_entry(*lines)
    del body["FiEntryPar"]["Element"]["Objects"]["FiEntries"]["Element"][2]
    async with a_client(company) as client:
        assert "is not 92.00" in await client.refused("POST", "connectors/FiEntries", body)
