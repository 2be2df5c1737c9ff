"""The commands around the suite as they are typed: what they print, and with which exit code they end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from evals.cli import app
from evals.demo.plan import FOLDER, INBOX

DOCUMENT = "portal/lieferant_471102.xml"


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The demo company's settings over its books in this process."""
    text = (FOLDER / "erp-agent.toml.in").read_text(encoding="utf-8")
    head, _, tail = text.partition("[erp]")
    erp = f'[erp]\nkind = "sandbox"\nworld = "{FOLDER / "world.json"}"\n'
    text = head + erp + "[data]" + tail.partition("[data]")[2]
    for name, value in (("@LOGIN@", "vera"), ("@DATA@", str(tmp_path / "data"))):
        text = text.replace(name, value)
    path = tmp_path / "erp-agent.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_backtest_is_printed_and_ends_well(config: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox" / "portal"
    inbox.mkdir(parents=True)
    shutil.copyfile(INBOX / DOCUMENT, inbox / Path(DOCUMENT).name)
    history = tmp_path / "history.csv"
    history.write_text(f"file,outcome,gross\n{DOCUMENT},posted,1.00\ngone.xml,rejected,\n", encoding="utf-8")
    found = typed("backtest", str(history), "--inbox", str(tmp_path / "inbox"), "--config", str(config))
    assert found.exit_code == 0, found.output
    assert "1 documents, 2 rows of history" in found.output
    assert "writes that were tried: 0" in found.output
    assert "gone.xml (line 3): no such document in the inbox" in found.output


def test_a_faulty_history_is_told_before_anything_is_read(config: Path, tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text("file,outcome,gross\na.xml,posted,\n", encoding="utf-8")
    found = typed("backtest", str(history), "--inbox", str(tmp_path), "--config", str(config))
    assert found.exit_code == 2 and "line 2: gross must be given" in found.output
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "more, words", [(["--scale", "much"], "takes a number"), ([], "names no installation")]
)
def test_from_case_tells_what_is_missing(config: Path, tmp_path: Path, more: list[str], words: str) -> None:
    found = typed("from-case", "C-000001", "--config", str(config), "--root", str(tmp_path), *more)
    assert found.exit_code == 2 and words in " ".join(found.output.split())


def test_settings_that_are_not_there_are_told(tmp_path: Path) -> None:
    found = typed("from-case", "C-000001", "--config", str(tmp_path / "none.toml"))
    assert found.exit_code == 2 and "there is no settings file" in found.output


def test_cases_go_out_and_come_back(tmp_path: Path) -> None:
    file, root = tmp_path / "examples.jsonl", tmp_path / "cases"
    assert "1 examples" in typed("export", "0001", "--langsmith", str(file)).output
    found = typed("import", "--langsmith", str(file), "--root", str(root))
    assert found.exit_code == 0 and "1 cases" in found.output
    again = typed("import", "--langsmith", str(file), "--root", str(root))
    assert again.exit_code == 2 and "is there already" in again.output


def test_ways_need_to_be_told_from_something(tmp_path: Path) -> None:
    found = typed("export", "--trajectories", str(tmp_path / "ways.jsonl"))
    assert found.exit_code == 2 and "one of --outcomes and --log" in found.output
    kept, ways = tmp_path / "kept.jsonl", tmp_path / "ways.jsonl"
    typed("run", "0001", "--model", "none", "--keep", str(kept))
    found = typed("export", "--trajectories", str(ways), "--outcomes", str(kept))
    assert "1 trajectories" in found.output and '"tool_calls"' in ways.read_text(encoding="utf-8")


def test_what_holds_no_ways_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    kept, ways = tmp_path / "kept.jsonl", tmp_path / "ways.jsonl"
    told = (
        (("--outcomes", str(kept)), "there is no file"),
        (("--log", str(tmp_path)), "cannot be read"),
    )
    for options, words in told:
        found = typed("export", "--trajectories", str(ways), *options)
        assert found.exit_code == 2 and words in " ".join(found.output.split())
    typed("run", "0001", "--model", "none", "--keep", str(kept))
    found = typed("export", "0002", "--trajectories", str(ways), "--outcomes", str(kept))
    assert found.exit_code == 2 and "holds no way of 0002" in " ".join(found.output.split())
    assert not ways.exists()


def test_a_folder_is_no_file_to_write_to(tmp_path: Path) -> None:
    for words in (
        ("export", "0001", "--langsmith", str(tmp_path)),
        ("export", "--trajectories", str(tmp_path / "nowhere" / "a"), "--outcomes", "x"),
        ("compare", "a.json", "b.json", "--html", str(tmp_path)),
        ("baseline", "a.json", "--to", str(tmp_path)),
    ):
        found = typed(*words)
        assert found.exit_code == 2
        assert "is a folder: name a file" in found.output or "there is no folder" in found.output


def test_a_scale_that_is_no_amount_is_told(config: Path, tmp_path: Path) -> None:
    for factor in ("NaN", "Infinity"):
        found = typed("from-case", "C-000001", "--config", str(config), "--scale", factor)
        assert found.exit_code == 2 and "takes a number" in found.output
    for factor in ("1e400", "1e999999", "1e-400", "10000000"):
        found = typed("from-case", "C-000001", "--config", str(config), "--scale", factor)
        assert found.exit_code == 2 and "a factor of at most 6 digits" in " ".join(found.output.split())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"inputs": 5}', "line 1: no LangSmith example: inputs: Input should be a valid dictionary"),
        ("5", "line 1: no LangSmith example: each line is a JSON object"),
        ("[" * 100_000, "line 1: no LangSmith example: it lies too deep within itself"),
    ],
)
def test_what_is_no_example_is_told_in_words(tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "examples.jsonl"
    file.write_text(line, encoding="utf-8")
    found = typed("import", "--langsmith", str(file), "--root", str(tmp_path / "cases"))
    told = " ".join(found.output.split())
    assert found.exit_code == 2 and words in told
    assert "pydantic" not in told and "Example" not in told.replace("LangSmith example", "")
