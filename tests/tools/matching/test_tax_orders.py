"""The rate charged against the rate ordered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import TODAY, a_profile, a_supplier, an_invoice, an_invoice_line, an_order, an_order_line
from tools.domain.documents import Invoice, InvoiceLine, Party, PurchaseOrder
from tools.domain.findings import AlignmentEvidence, DiscrepancyKind, LineMatch
from tools.domain.money import Money
from tools.matching.engine import assess
from tools.matching.facts import Facts
from tools.matching.tax_orders import check_ordered_rates

ITEM = "1896-S"
GERMAN = Party(name="Fabrikam GmbH", vat_id="DE136695976")


def ordered(rate: str | None) -> PurchaseOrder:
    line = an_order_line(tax_rate=None if rate is None else Decimal(rate))
    return an_order(line)


def billed(rate: str, **line: Any) -> Invoice:
    line = {"tax_rate": Decimal(rate), "buyer_item_id": ITEM, **line}
    return an_invoice(lines=(an_invoice_line(**line),), rate=rate, supplier=GERMAN)


def part(order: PurchaseOrder, *evidence: AlignmentEvidence) -> LineMatch:
    one = Money(amount=Decimal(1), currency="EUR")
    return LineMatch(
        invoice_index=0,
        order_number=order.number,
        order_line_id=order.lines[0].line_id,
        evidence=evidence or (AlignmentEvidence.BUYER_ITEM,),
        billed=Decimal(1),
        unit="H87",
        ordered=Decimal(1),
        received=Decimal(1),
        billed_before=Decimal(0),
        invoice_price=one,
        order_price=one,
    )


def rules(invoice: Invoice, rate: str | None, *evidence: AlignmentEvidence, **profile: Any) -> list[str]:
    order = ordered(rate)
    profile = {"vat_ids": (), "country": "DE", **profile}
    found = check_ordered_rates(
        invoice, (part(order, *evidence),), (order,), a_profile(**profile), a_supplier()
    )
    return [f"{entry.severity.value} {entry.rule}" for entry in found]


def test_another_rate_than_the_order_names_is_asked_about_and_not_posted() -> None:
    order = ordered("19")
    invoice = billed("7").model_copy(update={"order_number": order.number})
    profile = a_profile(vat_ids=(), country="DE", tax_codes={})
    given = Facts(invoice=invoice, supplier=a_supplier(), profile=profile, today=TODAY, orders=(order,))
    (found,) = [entry for entry in assess(given).discrepancies if entry.rule == "tax.rate.order"]
    assert found.kind is DiscrepancyKind.TAX_WRONG
    assert found.figures == {"invoice": "7 %", "order": "19 %"}
    assert (found.order_number, found.order_line_id) == (order.number, order.lines[0].line_id)
    assert rules(invoice, "19") == ["block tax.rate.order"]


def test_the_same_rate_and_none_owed_by_the_order_are_no_difference() -> None:
    for rate in ("7", "7.00", "0"):
        assert rules(billed("7"), rate) == []


def test_a_reduced_rate_is_for_a_person_where_the_erp_tells_nothing_of_the_orders_tax() -> None:
    assert rules(billed("7"), None) == ["block tax.rate.order.untold"]
    assert rules(billed("7"), None, AlignmentEvidence.DESCRIPTION) == ["warn tax.rate.order.untold"]
    assert rules(billed("19"), None) == [], "the usual rate asks nothing of the goods"
    assert rules(billed("7"), None, tax_codes={"DE|S:7": "V7"}) == [], "the company bought so before"
    assert rules(billed("7"), None, tax_codes={"S:7": "V7"}) == ["block tax.rate.order.untold"]
    assert rules(billed("5"), None) == [], "no rate of the day: `check_rates` asks about it"


def test_an_order_whose_tax_code_is_known_has_told_its_tax() -> None:
    order = an_order(an_order_line(tax_rate=None, tax_code="V7"))
    profile = a_profile(vat_ids=(), country="DE")
    assert check_ordered_rates(billed("7"), (part(order),), (order,), profile, a_supplier()) == []


def test_a_reduced_rate_without_a_day_or_of_an_unknown_country_is_not_told_apart() -> None:
    undated = billed("7").model_copy(update={"issue_date": None, "supply_date": None})
    assert rules(undated, None) == []
    abroad = billed("7").model_copy(update={"supplier": Party(name="Somebody", country="BR")})
    assert rules(abroad, None, country="BR") == []


@pytest.mark.parametrize("category", ["AE", "K", "E", "Z", "O", "G", "L"])
def test_a_line_on_which_no_usual_tax_is_charged_is_not_compared(category: str) -> None:
    rate = "7" if category == "L" else "0"
    assert rules(billed(rate, tax_category=category), "19") == []
    assert rules(billed("0"), "19") == []


def test_a_line_without_a_rate_has_that_of_the_only_row() -> None:
    line: InvoiceLine = an_invoice_line(tax_rate=None, tax_category=None)
    invoice = billed("7").model_copy(update={"lines": (line,)})
    assert rules(invoice, "19") == ["block tax.rate.order"]
    two = invoice.model_copy(update={"taxes": (*invoice.taxes, *invoice.taxes)})
    assert rules(two, "19") == []


def test_a_likeness_of_texts_alone_only_warns() -> None:
    texts = AlignmentEvidence.DESCRIPTION
    assert rules(billed("7"), "19", texts) == ["warn tax.rate.order"]
    assert rules(billed("7"), "19", texts, AlignmentEvidence.CLERK) == ["block tax.rate.order"]


def test_tax_of_another_country_is_told_by_its_own_rule() -> None:
    assert rules(billed("19"), "21", country="NL") == []
    nobody = billed("7").model_copy(update={"supplier": Party(name="Fabrikam", country="JP")})
    assert rules(nobody, "19") == []


def test_where_a_country_is_not_known_the_rates_still_have_to_agree() -> None:
    nowhere = billed("7").model_copy(update={"buyer": Party(name="Ours")})
    assert rules(nowhere, "19", country=None) == ["block tax.rate.order"]


def test_the_rate_of_an_order_from_before_a_change_of_the_law_says_nothing() -> None:
    """Germany charged 16 % from July to December 2020; orders of June were entered at 19 %."""
    late = billed("16").model_copy(update={"issue_date": date(2020, 9, 1)})
    assert rules(late, "19") == []
    assert rules(late.model_copy(update={"issue_date": date(2021, 2, 1)}), "19") == ["block tax.rate.order"]
