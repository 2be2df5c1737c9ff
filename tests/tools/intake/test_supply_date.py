"""The day of supply decides which rate of tax is right; a document names it in one of three places."""

from __future__ import annotations

from datetime import date

import pytest

from tests.tools.intake.samples import invoice_of, sample, ubl

_DUE = "<cbc:DueDate>2026-03-31</cbc:DueDate>"


def test_a_document_without_a_day_of_supply_has_none() -> None:
    assert invoice_of(ubl()).supply_date is None


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("<cac:OrderReference>", "<cbc:TaxPointDate>2026-02-27</cbc:TaxPointDate>"),
        (
            "<cac:OrderReference>",
            "<cac:InvoicePeriod><cbc:EndDate>2026-02-27</cbc:EndDate></cac:InvoicePeriod>",
        ),
        (
            "<cac:PaymentMeans>",
            "<cac:Delivery><cbc:ActualDeliveryDate>2026-02-27</cbc:ActualDeliveryDate></cac:Delivery>",
        ),
    ],
)
def test_the_day_of_supply_is_read_from_ubl(place: str, text: str) -> None:
    assert invoice_of(ubl((place, text + place))).supply_date == date(2026, 2, 27)


def test_the_tax_point_goes_before_the_delivery() -> None:
    delivery = "<cac:Delivery><cbc:ActualDeliveryDate>2026-02-20</cbc:ActualDeliveryDate></cac:Delivery>"
    point = "<cbc:TaxPointDate>2026-02-27</cbc:TaxPointDate>"
    both = ubl((_DUE, _DUE + point), ("<cac:PaymentMeans>", delivery + "<cac:PaymentMeans>"))
    assert invoice_of(both).supply_date == date(2026, 2, 27)


def test_the_day_of_supply_is_read_from_cii() -> None:
    assert invoice_of(sample("facturx_sub_lines.xml")).supply_date == date(2026, 5, 30)
    text = sample("xrechnung_cii.xml").decode()
    period = (
        "<ram:BillingSpecifiedPeriod><ram:EndDateTime><udt:DateTimeString format='102'>20160331"
        "</udt:DateTimeString></ram:EndDateTime></ram:BillingSpecifiedPeriod>"
    )
    place = "<ram:SpecifiedTradePaymentTerms>"
    assert place in text
    assert invoice_of(text.replace(place, period + place).encode()).supply_date == date(2016, 3, 31)
