"""No XML gets more than it needs: no entities, no DTD, bounded size, depth and number of elements."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.tools.intake.samples import codes, invoice_of, read, sample, ubl
from tools.domain.documents import ReadingState
from tools.intake.limits import Limits, Refusal
from tools.intake.xml_safe import parse_xml

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><Invoice>&c;</Invoice>"""


def reason(content: bytes, limits: Limits | None = None) -> str | None:
    found = parse_xml(content, limits or Limits())
    return found.reason if isinstance(found, Refusal) else None


@pytest.mark.parametrize(
    "content",
    [
        LAUGHS,
        b'<!DOCTYPE Invoice SYSTEM "file:///etc/passwd"><Invoice/>',
        b'<?xml version="1.0"?><!-- first --><?p i?>\n<!DOCTYPE Invoice PUBLIC "a" "http://x.example/d"><Invoice/>',
        b'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/hostname">]><Invoice>&x;</Invoice>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"),
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16-be"),
        b"\xef\xbb\xbf<!doctype a><a/>",
    ],
)
def test_a_file_with_a_doctype_is_refused(content: bytes) -> None:
    assert reason(content) == "unsafe_xml"


def test_a_doctype_inside_a_text_does_no_harm() -> None:
    assert reason(b"<a><![CDATA[<!DOCTYPE html>]]></a>") is None


def test_an_encoding_that_could_hide_markup_is_refused() -> None:
    assert reason(b'<?xml version="1.0" encoding="UTF-7"?><a/>') == "unsupported_encoding"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_usual_encodings_are_read(encoding: str) -> None:
    text = ubl(("Brackets BV", "Bügel Söhne")).decode().replace("UTF-8", encoding.removesuffix("-sig"))
    assert invoice_of(text.encode(encoding)).supplier.name == "Bügel Söhne"


def test_blank_lines_before_the_declaration_are_forgiven() -> None:
    assert invoice_of(b"\r\n \n" + ubl()).number == "INV-1"


def test_deep_nesting_is_refused() -> None:
    deep = b"<a>" * 240 + b"</a>" * 240
    assert reason(deep) == "too_deep"
    assert reason(b"<a>" * 100_000 + b"</a>" * 100_000) == "too_deep"
    assert reason(b"<a>" * 200 + b"</a>" * 200) is None


def test_too_many_elements_are_refused() -> None:
    assert reason(b"<a>" + b"<b/>" * 60 + b"</a>", Limits(max_xml_nodes=50)) == "too_many_elements"
    assert reason(b"<a>" + b"<b/>" * 600 + b"</a>", Limits(max_xml_nodes=50)) == "too_many_elements"
    assert reason(b"<a>" + b"<b/>" * 49 + b"</a>", Limits(max_xml_nodes=50)) is None


def test_large_xml_is_refused_unparsed() -> None:
    assert reason(b"<a>" + b" " * 100 + b"</a>", Limits(max_xml_bytes=50)) == "too_large"


def test_broken_xml_is_damaged() -> None:
    reading = read(ubl()[:500])
    assert (reading.state, reading.reason) == (ReadingState.UNREADABLE, "damaged")


@pytest.mark.parametrize(
    "value", ["1E999999", "NaN", "Infinity", "1,234.00", "1 000", "0x10", "9" * 60, "--1"]
)
def test_a_number_that_is_none_is_a_problem_with_its_field(value: str) -> None:
    old = 'TaxInclusiveAmount currencyID="EUR">121.00'
    reading = read(ubl((old, f'TaxInclusiveAmount currencyID="EUR">{value}')))
    problems = [problem for problem in reading.problems if problem.code == "unreadable_value"]
    assert [problem.field for problem in problems] == ["gross_total"]
    assert "missing_gross_total" in codes(reading)


SAMPLES = [
    ubl(),
    sample("xrechnung_cii.xml"),
    sample("zugferd1_comfort.xml"),
    sample("peppol_credit_note.xml"),
]
EXTREMES = [
    "9" * 13,
    "0.000000000000000000000000000001",
    "-" + "9" * 13 + ".99",
    "0",
    "-0.00",
    "." + "3" * 29,
]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_extreme_numbers_are_checked_without_raising(data: st.DataObject) -> None:
    root = etree.fromstring(data.draw(st.sampled_from(SAMPLES)))
    numbers = [leaf for leaf in root.iter() if (leaf.text or "").replace(".", "").isdigit()]
    for leaf in data.draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=8)):
        leaf.text = data.draw(st.sampled_from(EXTREMES))
    assert read(etree.tostring(root)).state is ReadingState.INVOICE


def test_a_currency_that_does_not_exist_is_a_problem() -> None:
    reading = read(ubl((">EUR<", ">QQQ<")))
    assert {"unreadable_value", "missing_currency"} <= codes(reading)


def test_an_amount_in_another_currency_is_a_problem() -> None:
    old = 'TaxInclusiveAmount currencyID="EUR"'
    assert "currency_differs" in codes(read(ubl((old, 'TaxInclusiveAmount currencyID="USD"'))))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_changed_bytes_never_raise(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(content) - 1))
        replacement = data.draw(st.binary(max_size=6))
        content[position : position + data.draw(st.integers(0, 20))] = replacement
    reading = read(bytes(content))
    assert (reading.invoice is not None) == (reading.state is ReadingState.INVOICE)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_text_in_any_element_never_raises(data: st.DataObject) -> None:
    root = etree.fromstring(data.draw(st.sampled_from(SAMPLES)))
    leaves = [element for element in root.iter() if isinstance(element.tag, str) and not len(element)]
    text = st.text(
        st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=30
    )
    for leaf in data.draw(st.lists(st.sampled_from(leaves), max_size=5)):
        leaf.text = data.draw(text)
    reading = read(etree.tostring(root, encoding="utf-8"))
    assert reading.state is not ReadingState.UNREADABLE
