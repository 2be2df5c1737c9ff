"""The place noted for a value is where the value stands."""

from __future__ import annotations

from decimal import Decimal

import pytest
from lxml import etree

from tests.tools.intake.samples import invoice_of, read, sample
from tools.domain.documents import Reading
from tools.intake.json_view import extraction
from tools.intake.xml_fields import CII, UBL, ZUGFERD_1

DOCUMENTS = {
    "xrechnung_ubl.xml": UBL,
    "xrechnung_sub_lines.xml": UBL,
    "peppol_credit_note.xml": UBL,
    "zatca_two_tax_totals.xml": UBL,
    "xrechnung_cii.xml": CII,
    "facturx_minimum.xml": CII,
    "facturx_sub_lines.xml": CII,
    "zugferd1_comfort.xml": ZUGFERD_1,
    "zugferd1_wrong_totals.xml": ZUGFERD_1,
}


def text_at(content: bytes, xpath: str, prefixes: dict[str, str]) -> str:
    found = etree.fromstring(content).xpath(xpath, namespaces=prefixes)
    assert isinstance(found, list) and len(found) == 1, xpath
    node = found[0]
    return str(node) if isinstance(node, str) else "".join(node.itertext()).strip()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_xpath_leads_to_exactly_one_node(name: str) -> None:
    content = sample(name)
    invoice = invoice_of(content)
    assert len(invoice.origins) > 10
    for field, origin in invoice.origins.items():
        assert origin.xpath is not None
        assert text_at(content, origin.xpath, DOCUMENTS[name]), field


def shown(reading: Reading) -> dict[str, object]:
    """Field path -> value of everything the extraction shows, except what follows from the type code."""
    view = extraction(reading, "x")["invoice"]
    skipped = ("lines", "document_type", "is_credit_note")
    flat = {key: value for key, value in view.items() if key not in skipped}
    for index, line in enumerate(view["lines"]):
        flat |= {f"lines[{index}].{key}": value for key, value in line.items()}
    return {key: value for key, value in flat.items() if value is not None}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_shown_value_has_a_place_that_holds_it(name: str) -> None:
    content = sample(name)
    origins = invoice_of(content).origins
    for field, value in shown(read(content)).items():
        xpath = origins[field].xpath
        assert xpath is not None
        held = text_at(content, xpath, DOCUMENTS[name])
        assert same(field, str(value), held), (field, value, held)


def same(field: str, value: str, held: str) -> bool:
    if field.endswith("_date"):
        return value.replace("-", "") == held.replace("-", "")
    if field == "iban":
        return value == held.replace(" ", "")
    try:
        return Decimal(value) == Decimal(held)
    except ArithmeticError:
        return value == held


def test_positions_tell_lines_apart() -> None:
    origins = invoice_of(sample("zugferd1_comfort.xml")).origins
    first, second = origins["lines[0].quantity"].xpath, origins["lines[1].quantity"].xpath
    assert first is not None and second is not None
    assert "TradeLineItem[1]" in first and "TradeLineItem[2]" in second


def test_a_problem_names_the_field_as_the_origins_do() -> None:
    reading = read(sample("zugferd1_wrong_totals.xml"))
    assert reading.invoice is not None
    fields = {problem.field for problem in reading.problems if problem.code.endswith("_wrong")}
    assert fields <= set(reading.invoice.origins)
