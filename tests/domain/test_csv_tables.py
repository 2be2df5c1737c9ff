"""CSV files as ledgers and spreadsheets save them: one reader for every list that a person hands in."""

from __future__ import annotations

import pytest

from tools.domain.csv_tables import CsvFault, grid_of, separator_of, table_of, text_in

NEEDED = {"supplier": ("supplier", "supplier_id"), "account": ("account",)}


def rows(text: str, encoding: str = "utf-8") -> list[tuple[int, dict[str, str]]]:
    table = table_of(text.encode(encoding), "old.csv", NEEDED)
    assert not table.faults
    return [(row.line, dict(row.cells)) for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_usual_encoding_and_separator_gives_the_same_rows(encoding: str, separator: str) -> None:
    text = "Supplier_ID,Account,Text\nS1, 6300 ,Müller\n".replace(",", separator)
    assert rows(text, encoding) == [
        (2, {"supplier_id": "S1", "supplier": "S1", "account": "6300", "text": "Müller"})
    ]


def test_a_separator_within_a_cell_is_not_the_tables() -> None:
    found = rows('supplier,account,text\nS1,6300,"one; two; three; four"\n')
    assert found[0][1]["text"] == "one; two; three; four"


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    found = rows('\nsupplier,account,text\n\nS1,6300,"two\nlines"\n,,\nS2,6310\n')
    assert [(line, cells["supplier"]) for line, cells in found] == [(4, "S1"), (7, "S2")]
    assert found[1][1]["text"] == ""


def test_every_line_with_more_cells_than_columns_is_named_and_empty_ones_do_not_count() -> None:
    table = table_of(b"supplier,account\nS1,1,x\nS2,2,\nS3,3,y\n", "old.csv", NEEDED)
    assert table.faults == ("line 2: more cells than columns", "line 4: more cells than columns")
    assert [row.cells["supplier"] for row in table.rows] == ["S2"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "old.csv lacks the columns supplier or supplier_id, account; it has: none"),
        (b"supplier,date\n", "lacks the column account; it has: supplier, date"),
        (b"supplier,account,Account\n", "names the column account more than once"),
        ("supplier,account\nMüller,1\n".encode("latin-1"), "not a CSV file in UTF-8: .*CSV UTF-8"),
        (b'supplier,account\nS1,1\n"S2,2\n', "not a CSV file in UTF-8: line 3"),
        (b"supplier,account\n" + b"S" * 200_000, "line 2: field larger"),
    ],
)
def test_what_is_no_such_table_is_told_with_its_line(content: bytes, told: str) -> None:
    with pytest.raises(CsvFault, match=told):
        table_of(content, "old.csv", NEEDED)


def test_rows_of_separators_alone_are_kept_where_every_line_has_an_answer() -> None:
    table = table_of(b"supplier,account\n,\nS1,1\n", "old.csv", NEEDED, keep_empty=True)
    assert [row.cells["supplier"] for row in table.rows] == ["", "S1"]


def test_columns_are_also_known_without_their_prefix() -> None:
    table = table_of(
        b"query_name,query_city\nNord,Kiel\n", "q.csv", {"name": ("query_name",)}, prefix="query_"
    )
    assert dict(table.rows[0].cells) == {"name": "Nord", "city": "Kiel"}


def test_an_older_programs_text_is_read_where_that_is_allowed() -> None:
    assert text_in("Rückstand 5 €".encode("cp1252"), "s.csv", western=True) == "Rückstand 5 €"


def test_the_separator_is_the_one_that_names_the_most_columns_wherever_the_header_stands() -> None:
    lines = ["Account, statement, as of, today, page, 1", "date;amount"]
    assert separator_of(lines, lambda cells: len({"date", "amount"} & set(cells))) == ";"
    assert grid_of("a;b\n", "s.csv", ";", strict=False) == [(1, ["a", "b"])]


def test_many_faults_are_told_together_and_a_long_list_is_cut() -> None:
    assert str(CsvFault.of("a.csv", ["line 2: x"])) == "a.csv line 2: x"
    told = str(CsvFault.of("a.csv", [f"line {line}: x" for line in range(2, 103)]))
    assert told.startswith("a.csv has 101 faults:\n  line 2: x\n  line 3: x\n") and told.endswith(
        "and 51 more"
    )
