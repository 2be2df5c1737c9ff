"""A list of earlier codings: every fault of it is named at once, and one fault keeps all of it out."""

from __future__ import annotations

from datetime import date

import pytest

from tools.coding_list import codings_in
from tools.domain.coding import CodedLine
from tools.domain.csv_tables import CsvFault
from tools.erp.codes import LedgerCodes
from tools.erp.contract import Account, CostCentre

TODAY = date(2026, 3, 16)
HEADER = "supplier_id,description,account,cost_centre,tax_code,date"
CODES = LedgerCodes(
    accounts={
        number: Account(number=number, name="Rent", direct_posting=True, blocked=False)
        for number in ("6310",)
    }
    | {"1600": Account(number="1600", name="Suppliers", direct_posting=False, blocked=False)},
    tax_codes=frozenset({"S19"}),
)


def read(*rows: str, header: str = HEADER, codes: LedgerCodes = CODES) -> list[CodedLine]:
    content = "\n".join((header, *rows)).encode()
    return codings_in(content, "old.csv", "3f2a9c1d77", {"S1"}, codes, TODAY)


def faults(*rows: str, header: str = HEADER) -> str:
    with pytest.raises(CsvFault) as caught:
        read(*rows, header=header)
    return str(caught.value)


def test_a_line_is_taken_as_it_stands_and_names_its_place() -> None:
    assert read("S1,Rent office,6310,CC1,S19,2026-01-02") == [
        CodedLine(
            supplier_id="S1",
            description="Rent office",
            account="6310",
            cost_centre="CC1",
            tax_code="S19",
            posted_on=date(2026, 1, 2),
            document="old.csv (3f2a9c1d) line 2",
        )
    ]


def test_the_documents_own_number_goes_before_the_place() -> None:
    (line,) = read("S1,6310,2026-01-02,RE-7", header="supplier_id,account,date,document")
    assert (line.document, line.description, line.tax_code) == ("RE-7", "", None)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("S2,Rent,6310,,,2026-01-02", "there is no supplier S2 in the copy"),
        ("S1,Rent,6311,,,2026-01-02", "there is no account 6311 in the ERP"),
        ("S1,Rent,6310,,S7,2026-01-02", "there is no tax code S7 in the ERP"),
        ("S1,Rent,6310,,,2026-03-17", "2026-03-17 has not come yet"),
        ("S1,Rent,6310,,,2 January", "'2 January' is not a date like 2026-03-31"),
        ("S1,Rent,1600,,,2026-01-02", "account 1600 Suppliers takes no direct posting in the ERP"),
        ("S1,Rent,6310,,,0001-01-02", "0001-01-02 lies more than 20 years back"),
        ("S1,Re\0nt,6310,,,2026-01-02", "description holds signs that are no text (control signs)"),
        ("S1,Rent,6310,C\x1b1,,2026-01-02", "cost_centre holds signs that are no text (control signs)"),
        ("S1,Rent,,,,2026-01-02", "account must be given"),
        ("S1,Rent,6310,,,", "date must be given"),
        (",Rent,6310,,,2026-01-02", "supplier_id must be given"),
        ("S1,Rent,6310,,,2026-01-02,more", "more cells than columns"),
    ],
)
def test_what_is_wrong_in_a_line_is_told_with_its_number(row: str, told: str) -> None:
    assert faults("S1,Rent,6310,,,2026-01-02", row) == f"old.csv line 3: {told}" + (
        " of the supplier master" if "copy" in told else ""
    )


def test_all_faults_of_all_lines_are_told_together() -> None:
    told = faults("S9,Rent,9,,X,2027-01-01", "S1,Rent,6310,,,2026-01-02", "S1,Rent,6310,,,never")
    assert told.splitlines() == [
        "old.csv has 2 faults:",
        "  line 2: there is no supplier S9 in the copy of the supplier master; there is no account 9 in the "
        "ERP; there is no tax code X in the ERP; 2027-01-01 has not come yet",
        "  line 4: 'never' is not a date like 2026-03-31",
    ]


def test_a_list_without_lines_is_a_fault() -> None:
    assert "holds no codings" in faults()
    assert "lacks the columns account, date; it has: supplier_id" in faults(header="supplier_id")


def test_an_account_of_the_past_may_be_blocked_today_but_not_unknown() -> None:
    blocked = Account(number="6310", name="Rent", direct_posting=True, blocked=True)
    assert read("S1,Rent,6310,,,2026-01-02", codes=LedgerCodes(accounts={"6310": blocked}))


def test_a_cost_centre_that_the_erp_has_not_is_a_fault_and_a_closed_one_of_the_past_is_none() -> None:
    codes = LedgerCodes(cost_centres={"OLD": CostCentre(code="OLD", name="Closed", blocked=True)})
    assert read("S1,Rent,9,OLD,X,2026-01-02", codes=codes)
    with pytest.raises(CsvFault, match="there is no cost centre NEW in the ERP"):
        read("S1,Rent,9,NEW,X,2026-01-02", codes=codes)


def test_codes_that_the_erp_does_not_tell_are_not_doubted() -> None:
    assert len(read("S1,Rent,9,,X,2026-01-02", codes=LedgerCodes())) == 1
