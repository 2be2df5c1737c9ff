"""What `extract` shows: plain values, with places and problems under the same field names."""

from __future__ import annotations

import json

from tests.tools.intake.samples import read, sample, ubl
from tools.intake.json_view import extraction

KEYS = (
    "document_type supplier_name supplier_vat_id buyer_name invoice_number issue_date due_date currency "
    "net_total tax_total gross_total order_reference iban is_credit_note lines"
).split()
LINE_KEYS = "line_id description quantity unit unit_price net_amount tax_rate order_line_ref".split()


def test_an_invoice_is_shown_with_exactly_these_keys() -> None:
    view = extraction(read(ubl()), "a.xml")
    assert list(view) == ["file", "invoice", "provenance", "problems"]
    assert list(view["invoice"]) == KEYS
    assert list(view["invoice"]["lines"][0]) == LINE_KEYS


def test_values_keep_the_form_of_the_document() -> None:
    invoice = extraction(read(ubl((">10.00</cbc:Price", ">10.0000</cbc:Price"))), "a.xml")["invoice"]
    assert (invoice["gross_total"], invoice["issue_date"]) == ("121.00", "2026-03-01")
    assert invoice["lines"][0]["unit_price"] == "10.0000"
    assert (invoice["iban"], invoice["order_reference"]) == ("NL91ABNA0417164300", "PO-1001")


def test_tiny_and_huge_numbers_are_written_out() -> None:
    content = ubl(
        (">10.00</cbc:Price", ">0.0000000001</cbc:Price"), (">10</cbc:Inv", ">1000000000000</cbc:Inv")
    )
    line = extraction(read(content), "a.xml")["invoice"]["lines"][0]
    assert (line["unit_price"], line["quantity"]) == ("0.0000000001", "1000000000000")


def test_what_is_absent_is_null() -> None:
    invoice = extraction(read(ubl(("<cbc:DueDate>2026-03-31</cbc:DueDate>", ""), ("PO-1001", "NA"))), "a")[
        "invoice"
    ]
    assert (invoice["due_date"], invoice["order_reference"]) == (None, None)


def test_a_file_that_is_no_invoice_says_what_it_is() -> None:
    view = extraction(read(sample("ubl_order.xml")), "order.xml")
    assert view["invoice"] is None
    assert (view["state"], view["reason"]) == ("not_an_invoice", "purchase_order")
    assert view["message"]


def test_the_parts_of_a_ubl_line_stay_inside_it() -> None:
    assert len(extraction(read(sample("xrechnung_sub_lines.xml")), "a")["invoice"]["lines"]) == 1
    assert len(extraction(read(sample("facturx_sub_lines.xml")), "a")["invoice"]["lines"]) == 6


def test_the_view_is_plain_json() -> None:
    for name in ("zugferd1_wrong_totals.xml", "hybrid.pdf"):
        view = extraction(read(sample(name)), name)
        assert json.loads(json.dumps(view)) == view
