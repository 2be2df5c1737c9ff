"""UBL invoices and credit notes become Invoice, each value with its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.tools.intake.samples import codes, invoice_of, read, sample, ubl
from tools.domain.money import Money


def test_the_header_of_an_xrechnung_is_read() -> None:
    invoice = invoice_of(sample("xrechnung_ubl.xml"))
    assert (invoice.number, invoice.issue_date) == ("112233", date(2021, 4, 23))
    assert invoice.supplier.name == "Testverkäufer"
    assert invoice.ibans == ("DE79000000001234567890",)
    assert (str(invoice.net_total), str(invoice.gross_total)) == ("1500.00 EUR", "1804.00 EUR")


def test_a_sound_invoice_has_no_problems() -> None:
    assert read(ubl()).problems == ()


def test_a_credit_note_is_told_by_its_type_code() -> None:
    assert invoice_of(sample("peppol_credit_note.xml")).is_credit_note
    assert invoice_of(ubl((">380<", ">381<"))).is_credit_note
    assert not invoice_of(ubl((">380<", ">384<"))).is_credit_note


def test_a_credit_note_without_code_is_told_by_its_root() -> None:
    content = sample("peppol_credit_note.xml")
    start, end = content.index(b"<cbc:CreditNoteTypeCode"), content.index(b"</cbc:CreditNoteTypeCode>")
    assert invoice_of(content[:start] + content[end + len(b"</cbc:CreditNoteTypeCode>") :]).is_credit_note


def test_the_registered_name_comes_before_the_trading_name() -> None:
    trading = "<cac:Party>\n<cac:PartyName><cbc:Name>Quick Brackets</cbc:Name></cac:PartyName>"
    invoice = invoice_of(ubl(("<cac:Party>\n<cac:PartyTaxScheme>", trading + "<cac:PartyTaxScheme>")))
    assert (invoice.supplier.name, invoice.supplier.trading_name) == ("Brackets BV", "Quick Brackets")


def test_the_trading_name_stands_in_where_no_registered_name_is_given() -> None:
    named = ubl(
        (
            "<cac:PartyLegalEntity><cbc:RegistrationName>Brackets BV</cbc:RegistrationName>"
            "</cac:PartyLegalEntity>",
            "<cac:PartyName><cbc:Name>Quick Brackets</cbc:Name></cac:PartyName>",
        )
    )
    assert invoice_of(named).supplier.name == "Quick Brackets"


def test_a_filler_is_no_order_reference() -> None:
    for filler in ("NA", "N/A"):
        invoice = invoice_of(ubl(("PO-1001", filler)))
        assert invoice.order_number is None
        assert "order_reference" not in invoice.origins


def test_the_tax_total_in_another_currency_is_not_taken() -> None:
    foreign = '<cac:TaxTotal><cbc:TaxAmount currencyID="SEK">240.00</cbc:TaxAmount></cac:TaxTotal>'
    content = ubl(("<cac:LegalMonetaryTotal>", foreign + "<cac:LegalMonetaryTotal>"))
    assert invoice_of(content).tax_total == Money.of("21.00", "EUR")
    assert read(content).problems == ()


def test_a_second_tax_total_in_the_same_currency_is_the_accounting_total() -> None:
    invoice = invoice_of(sample("zatca_two_tax_totals.xml"))
    assert invoice.tax_total == Money.of("216.00", "SAR")


def test_totals_for_different_taxes_are_added() -> None:
    levy = (
        '<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">4.00</cbc:TaxAmount><cac:TaxSubtotal>'
        '<cbc:TaxAmount currencyID="EUR">4.00</cbc:TaxAmount></cac:TaxSubtotal></cac:TaxTotal>'
    )
    invoice = invoice_of(ubl(("<cac:LegalMonetaryTotal>", levy + "<cac:LegalMonetaryTotal>")))
    assert invoice.tax_total == Money.of("25.00", "EUR")


def test_oioubl_keeps_the_tax_where_others_keep_the_net_total() -> None:
    content = ubl(
        ("urn:cen.eu:en16931:2017", "OIOUBL-2.02"),
        ('TaxExclusiveAmount currencyID="EUR">100.00', 'TaxExclusiveAmount currencyID="EUR">21.00'),
    )
    assert invoice_of(content).net_total == Money.of("100.00", "EUR")
    assert read(content).problems == ()


def test_parts_of_a_line_follow_the_lines_and_name_their_line() -> None:
    lines = invoice_of(sample("xrechnung_sub_lines.xml")).lines
    assert [line.parent_line_id for line in lines] == [None, "1", "1"]
    assert read(sample("xrechnung_sub_lines.xml")).invoice is not None
    assert "line_total_wrong" not in codes(read(sample("xrechnung_sub_lines.xml")))


def test_a_price_per_hundred_keeps_its_base() -> None:
    based = '10.00</cbc:PriceAmount><cbc:BaseQuantity unitCode="H87">100</cbc:BaseQuantity>'
    invoice = invoice_of(ubl(("10.00</cbc:PriceAmount>", based), (">10</cbc:Inv", ">1000</cbc:Inv")))
    assert invoice.lines[0].price_base == Decimal(100)
    assert read(ubl(("10.00</cbc:PriceAmount>", based), (">10</cbc:Inv", ">1000</cbc:Inv"))).problems == ()


def test_a_discount_of_a_line_is_its_adjustment() -> None:
    discount = (
        "<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>"
        '<cbc:Amount currencyID="EUR">20.00</cbc:Amount></cac:AllowanceCharge><cac:Item>'
    )
    invoice = invoice_of(ubl(("<cac:Item>", discount), (">10</cbc:Inv", ">12</cbc:Inv")))
    assert invoice.lines[0].adjustments == Money.of("-20.00", "EUR")


def test_an_order_named_on_the_line_is_kept_there() -> None:
    reference = (
        "<cac:OrderLineReference><cbc:LineID>7</cbc:LineID><cac:OrderReference><cbc:ID>PO-2</cbc:ID>"
        "</cac:OrderReference></cac:OrderLineReference><cac:Item>"
    )
    line = invoice_of(ubl(("<cac:Item>", reference))).lines[0]
    assert (line.order_number, line.order_line_ref) == ("PO-2", "7")


def test_the_payee_is_read_apart_from_the_supplier() -> None:
    payee = "<cac:PayeeParty><cac:PartyName><cbc:Name>Factor AG</cbc:Name></cac:PartyName></cac:PayeeParty>"
    invoice = invoice_of(ubl(("<cac:PaymentMeans>", payee + "<cac:PaymentMeans>")))
    assert (invoice.payee_name, invoice.supplier.name) == ("Factor AG", "Brackets BV")


def test_every_account_of_several_payment_means_is_kept() -> None:
    second = (
        "<cac:PaymentMeans><cac:PayeeFinancialAccount><cbc:ID>DE89370400440532013000</cbc:ID>"
        "</cac:PayeeFinancialAccount></cac:PaymentMeans><cac:TaxTotal>"
    )
    invoice = invoice_of(ubl(("<cac:TaxTotal>", second)))
    assert invoice.ibans == ("NL91ABNA0417164300", "DE89370400440532013000")
    assert invoice.origins["iban"] == invoice.origins["ibans[0]"]


def test_an_account_in_another_form_is_kept_as_printed() -> None:
    invoice = invoice_of(ubl(("NL91 ABNA 0417 1643 00", "1234-5678 90")))
    assert (invoice.ibans, invoice.other_accounts) == ((), ("1234-5678 90",))


def test_an_invisible_character_does_not_hide_an_iban() -> None:
    invoice = invoice_of(ubl(("NL91 ABNA", "NL91\u200b\u00a0ABNA\u2011")))
    assert (invoice.ibans, invoice.other_accounts) == (("NL91ABNA0417164300",), ())


def test_the_payer_of_a_direct_debit_is_not_an_account_to_pay_to() -> None:
    invoice = invoice_of(
        ubl(
            ("<cac:PayeeFinancialAccount>", "<cac:PaymentMandate><cac:PayerFinancialAccount>"),
            ("</cac:PayeeFinancialAccount>", "</cac:PayerFinancialAccount></cac:PaymentMandate>"),
        )
    )
    assert invoice.ibans == ()


def test_an_element_in_the_wrong_namespace_is_still_found() -> None:
    content = ubl(
        ("<cac:ClassifiedTaxCategory>", "<ClassifiedTaxCategory>"),
        ("</cac:ClassifiedTaxCategory>", "</ClassifiedTaxCategory>"),
    )
    assert invoice_of(content).lines[0].tax_rate == Decimal(21)


def test_the_currency_of_the_amounts_serves_where_the_header_names_none() -> None:
    content = ubl(("<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>", ""))
    assert invoice_of(content).currency == "EUR"


def test_a_negative_base_quantity_is_a_problem() -> None:
    based = "10.00</cbc:PriceAmount><cbc:BaseQuantity>0</cbc:BaseQuantity>"
    assert "unreadable_value" in codes(read(ubl(("10.00</cbc:PriceAmount>", based))))
