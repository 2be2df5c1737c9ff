"""On a narrow terminal no word is cut into letters and no figure is lost: rows become lists."""

from __future__ import annotations

import pytest
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from agent.cli import app
from agent.commands.common import Terminal
from agent.commands.rows import Columns, print_rows
from tests.screens.desk import Desk

COLUMNS = Columns.of("case", "supplier", "gross", "why", wraps=("why",), cut=("supplier",), right=("gross",))
ROW = ("C-000001", "V10001 Nordberg Werkzeuge GmbH", "1,119.00 EUR", "price over tolerance of the order line")


def printed(width: int, *rows: tuple[str, ...]) -> list[str]:
    console = Console(width=width)
    with console.capture() as capture:
        print_rows(console, COLUMNS, rows)
    return [line.rstrip() for line in capture.get().splitlines()]


def test_where_there_is_room_it_is_a_table() -> None:
    head, _, line = printed(120, ROW)
    assert head.split() == ["case", "┃", "supplier", "┃", "gross", "┃", "why"]
    assert [cell.strip() for cell in line.split("│")] == list(ROW)


@pytest.mark.parametrize("width", [45, 60, 80])
def test_where_there_is_none_each_row_is_a_list(width: int) -> None:
    lines = printed(width, ROW)
    assert lines[:2] == ["C-000001", "  supplier  V10001 Nordberg Werkzeuge GmbH"]
    assert "  gross     1,119.00 EUR" in lines
    assert " ".join(" ".join(lines).split()).endswith("why price over tolerance of the order line")


def test_an_absent_value_has_no_line_and_no_rows_print_nothing() -> None:
    assert printed(20, ("C-000001", "", "", "new")) == ["C-000001", "  why  new"]
    assert printed(40) == []


def test_one_very_long_name_does_not_squeeze_the_others() -> None:
    lines = printed(120, (ROW[0], "V1 " + "long " * 40, *ROW[2:]))
    assert "…" in lines[2]
    assert lines[2].endswith("price over tolerance of the order line")


def narrow(desk: Desk, *words: object) -> Result:
    Terminal.out, Terminal.err = Console(width=80), Console(width=80, stderr=True)
    return CliRunner().invoke(app, ["--config", str(desk.config), *map(str, words)])


def test_every_list_of_the_product_is_readable_at_eighty_columns(desk: Desk) -> None:
    desk.lay("a-file-with-a-rather-long-name-as-suppliers-like-them.xml")
    desk.lay("b.xml", number="RE-2", rows=(("BRACKET", "Bracket", "10", "12.00"),), order=None)
    for words in (("run", desk.inbox), ("cases",), ("queue",), ("recheck",), ("show", "C-000001")):
        result = narrow(desk, *words)
        assert result.exit_code in (0, 1), result.output
        told = " ".join(result.stdout.split())
        for phrase in ("C-000001" if words[0] != "recheck" else "C-000002",):
            assert phrase in told
        if words[0] in ("run", "cases", "queue"):
            assert "119.00 EUR" in told
            assert "waiting for approval" in told
