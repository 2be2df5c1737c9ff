"""Tax by country: earlier days, unknown countries, rates of our own country, codes by goods and services."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import a_profile, a_supplier, an_invoice, an_invoice_line, an_order, an_order_line, eur
from tools.domain.documents import Invoice, Party, TaxLine
from tools.domain.findings import AlignmentEvidence, LineMatch, MatchDepth, MatchResult
from tools.domain.identifiers import vat_id_verdict
from tools.domain.policy import MatchPolicy
from tools.matching.tax import check_tax
from tools.matching.tax_codes import GOODS, SERVICES, supplies
from tools.matching.tax_rates import rate_table, rates_on


def rules(invoice: Invoice, **profile: Any) -> list[str]:
    found = check_tax(invoice, a_profile(tax_codes={}, **profile), MatchPolicy(), a_supplier())
    return [f"{entry.severity.value} {entry.rule}" for entry in found]


def a_german(rate: str, **fields: Any) -> Invoice:
    line = an_invoice_line(tax_rate=Decimal(rate))
    party = Party(name="Fabrikam GmbH", vat_id="DE136695976")
    return an_invoice(lines=(line,), rate=rate, supplier=party, **fields)


def test_days_before_the_table_are_not_judged() -> None:
    assert rates_on("DE", date(2010, 1, 1)) == ()
    assert rules(a_german("18", issue_date=date(2006, 5, 1)), vat_ids=(), country="DE") == []


def test_a_rate_of_our_country_from_a_supplier_registered_elsewhere_is_pointed_out() -> None:
    assert rules(a_german("21")) == ["warn tax.rate.other_country", "block tax.foreign"]


def test_tax_of_a_country_without_rates_here_is_left_to_a_person() -> None:
    japan = Party(name="Nippon", country="JP")
    assert rules(an_invoice("121.00", supplier=japan), vat_ids=(), country="JP") == []
    assert rules(an_invoice("121.00", supplier=japan)) == ["warn tax.rate.other_country"]
    assert rules(an_invoice("121.00", supplier=japan), vat_ids=(), country="US") == [
        "warn tax.rate.unchecked"
    ]


def test_an_intra_community_supply_without_countries_on_the_ids_names_what_is_missing() -> None:
    row = TaxLine(category="K", rate=Decimal(0), base=eur("100.00"), amount=eur("0.00"), reason="Art. 138")
    line = an_invoice_line(tax_category="K", tax_rate=Decimal(0))
    bare = Party(name="Fabrikam", vat_id="136695976")
    invoice = an_invoice(lines=(line,), rate="0", taxes=(row,), supplier=bare)
    assert rules(invoice) == []
    assert rules(invoice.model_copy(update={"supplier": Party(name="Fabrikam")})) == [
        "block tax.vat_id.missing"
    ]


def test_an_export_between_parties_of_unknown_countries_is_not_judged() -> None:
    row = TaxLine(category="G", rate=Decimal(0), base=eur("100.00"), amount=eur("0.00"), reason="Export")
    line = an_invoice_line(tax_category="G", tax_rate=Decimal(0))
    nobody = {"supplier": Party(name="A"), "buyer": Party(name="B")}
    invoice = an_invoice(lines=(line,), rate="0", taxes=(row,), **nobody)
    found = check_tax(invoice, a_profile(tax_codes={}, vat_ids=()), MatchPolicy())
    assert [entry.rule for entry in found] == []


def test_a_norwegian_id_ends_in_mva() -> None:
    """Weights 3 2 7 6 5 4 3 2 over 97476067: 27+14+28+42+30+0+18+14 = 173; 11 - 173 mod 11 = 3."""
    assert vat_id_verdict("NO974760673MVA") is True
    assert vat_id_verdict("NO974760674MVA") is False


def test_every_country_of_the_table_has_a_standard_rate_on_every_day() -> None:
    table = rate_table()
    assert len(table.country) == 30
    for country, known in table.country.items():
        days = {table.since, date(2026, 6, 30)}
        days |= {period.first for period in known.standard if period.first}
        days |= {period.until for period in known.standard if period.until}
        for day in days:
            held = [period.rate for period in known.standard if period.holds_on(day)]
            assert len(held) == 1, (country, day)
        assert known.source


def matched(invoice_index: int, line_id: str) -> LineMatch:
    return LineMatch(
        invoice_index=invoice_index,
        order_number=an_order().number,
        order_line_id=line_id,
        evidence=(AlignmentEvidence.BUYER_ITEM,),
        billed=Decimal(1),
        unit="H87",
        ordered=Decimal(1),
        received=Decimal(1),
        billed_before=Decimal(0),
        invoice_price=None,
        order_price=eur("10.00"),
    )


def test_order_and_unit_tell_goods_from_services() -> None:
    lines = tuple(an_invoice_line(unit=unit) for unit in ("HUR", "KGM", "H87", "H87", "H87"))
    order = an_order(
        an_order_line(line_id="1", item_number="A-1"),
        an_order_line(line_id="2", receipt_required=False),
        an_order_line(line_id="3", item_number=None, account="4400"),
    )
    parts = (matched(2, "1"), matched(3, "2"), matched(4, "3"))
    match = MatchResult(depth=MatchDepth.TWO_WAY, lines=parts, policy="p v1")
    assert supplies(an_invoice(lines=lines), match, (order,)) == {
        0: SERVICES,
        1: GOODS,
        2: GOODS,
        3: SERVICES,
    }


@pytest.mark.parametrize(("kind", "rules_found"), [(None, ["tax.code.missing"]), (GOODS, [])])
def test_a_code_for_goods_only_is_taken_where_the_supply_is_known(
    kind: str | None, rules_found: list[str]
) -> None:
    row = TaxLine(category="K", rate=Decimal(0), base=eur("100.00"), amount=eur("0.00"), reason="Art. 138")
    line = an_invoice_line(tax_category="K", tax_rate=Decimal(0))
    party = Party(name="Fabrikam GmbH", vat_id="DE136695976")
    invoice = an_invoice(lines=(line,), rate="0", taxes=(row,), supplier=party)
    profile = a_profile(tax_codes={"K:0|goods": "ICG", "K:0|services": "ICS"})
    found = check_tax(invoice, profile, MatchPolicy(), a_supplier(), {} if kind is None else {0: kind})
    assert [entry.rule for entry in found] == rules_found
    if found:
        assert found[0].figures["choices"] == "K:0|goods → ICG, K:0|services → ICS"
