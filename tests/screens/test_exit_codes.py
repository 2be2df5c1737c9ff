"""The exit code tells a program what a person reads: done, not done, wrong usage, or an ERP out of reach."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from rich.console import Console
from typer.testing import CliRunner

from agent.cli import app
from agent.commands.common import Terminal, exit_code
from tests.graph.papers import AWAITED
from tests.screens.desk import WIDE, Desk, joined


@pytest.fixture
def dead(desk: Desk) -> Desk:
    """A case that waits for an approval, one for a receipt; then nothing listens where the ERP was."""
    desk.lay("a.xml")
    desk.lay("b.xml", number="RE-2", order=AWAITED, rows=(("BRACKET", "Bracket", "20", "10.00"),))
    desk.call("run", desk.inbox)
    access = {"tenant": "t", "client_id": "c", "client_secret": "s", "company": "WERK"}
    nowhere = "http://127.0.0.1:9"
    desk.configure(kind="business_central", base_url=nowhere, login_url=nowhere, **access)
    return desk


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ([], 0),
        ([None, None], 0),
        ([None, "Refused"], 1),
        (["ErpUnavailable", "ErpAccessDenied"], 4),
        (["ErpUnavailable", None], 1),
        (["ErpUnavailable", "Refused"], 1),
        ([None, "AuditBroken", "ErpUnavailable"], 5),
    ],
)
def test_the_code_of_several_results(kinds: Sequence[str | None], code: int) -> None:
    assert exit_code(kinds) == code


@pytest.mark.parametrize(
    "words", [("doctor",), ("approve", "C-000001", "--yes"), ("recheck", "C-000002"), ("suppliers", "sync")]
)
def test_an_erp_out_of_reach_is_four(dead: Desk, words: tuple[str, ...]) -> None:
    dead.call(*words, code=4)


def test_a_run_without_an_erp_is_four_even_with_nothing_to_take_in(dead: Desk) -> None:
    empty = dead.folder / "empty"
    empty.mkdir()
    assert "cannot be reached" in joined(dead.call("run", empty, code=4).stderr)
    assert {row["error_kind"] for row in dead.rows("run", dead.inbox, code=4)} == {"ErpUnavailable"}


@pytest.mark.parametrize(
    "words", [("cases",), ("show", "C-000001"), ("queue",), ("audit", "verify"), ("audit", "export")]
)
def test_looking_at_our_own_data_needs_no_erp(dead: Desk, words: tuple[str, ...]) -> None:
    assert dead.call(*words).stdout


def test_a_run_says_what_it_did_for_cases_of_earlier_runs(dead: Desk) -> None:
    dead.call("approve", "C-000001", "--yes", code=4)
    dead.configure()
    empty = dead.folder / "empty"
    empty.mkdir()
    told = joined(dead.call("run", empty).stdout)
    assert "C-000001" in told
    assert "posted (continued)" in told
    assert "0 documents, 1 case of earlier runs" in told


def test_a_name_that_is_no_utf8_comes_through_every_command(desk: Desk) -> None:
    name = os.fsdecode(b"b\xff.xml")
    desk.lay(name)
    desk.lay("c.xml", number="RE-2", order=AWAITED, rows=(("BRACKET", "Bracket", "20", "10.00"),))
    for _ in range(2):
        first, second = desk.rows("run", desk.inbox)
        assert (first["file"].rpartition("/")[2], second["case"]) == (r"b\xff.xml", "C-000002")
    copied = desk.lay(os.fsdecode(b"d\xfe.xml"), (desk.inbox / name).read_bytes())
    (again,) = desk.rows("run", copied)
    assert (again["case"], again["is_new"]) == ("C-000001", False)
    assert r"b\xff.xml" in desk.call("show", "C-000001").stdout
    assert desk.rows("audit", "verify")[0]["ok"]


def test_a_pipe_handed_in_ends_in_a_named_state(desk: Desk) -> None:
    os.mkfifo(desk.folder / "pipe")
    (row,) = desk.rows("run", desk.folder / "pipe")
    assert (row["state"], "not a file" in row["reason"]) == ("unreadable", True)
    (told,) = desk.rows("extract", desk.folder / "pipe")
    assert told["reason"] == "not_a_file"


def garbage(desk: Desk, name: str, share: float) -> None:
    """Everything from a part of the file on becomes noise."""
    path = desk.folder / "data" / name
    content = path.read_bytes()
    kept = int(len(content) * share)
    path.write_bytes(content[:kept] + b"\xa5" * (len(content) - kept))
    for rest in ("-wal", "-shm"):
        path.with_name(name + rest).unlink(missing_ok=True)


@pytest.mark.parametrize("name", ["erp-agent.sqlite", "checkpoints.sqlite"])
@pytest.mark.parametrize("share", [0, 0.05, 0.5])
def test_a_damaged_database_is_one_sentence(desk: Desk, name: str, share: float) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    garbage(desk, name, share)
    for words in (("run", desk.inbox), ("cases",), ("show", "C-000001"), ("audit", "verify")):
        Terminal.out, Terminal.err = Console(width=WIDE), Console(width=WIDE, stderr=True)
        result = CliRunner().invoke(app, ["--config", str(desk.config), *map(str, words)])
        assert isinstance(result.exception, SystemExit | None), result.exception
        told = joined(result.output + result.stderr)
        if result.exit_code == 1:
            # One case's checkpoint: the others go on.
            assert "malformed" in told
        elif result.exit_code:
            assert result.exit_code in (3, 5)
            assert name in told or "audit log is broken" in told


@pytest.mark.parametrize("words", [("cases",), ("audit", "verify"), ("doctor",)])
def test_a_database_that_was_emptied_is_no_new_installation(desk: Desk, words: tuple[str, ...]) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    desk.database.write_bytes(b"")
    assert "restore both together" in desk.call(*words, code=3).stderr
    desk.database.unlink()
    desk.call(*words, code=3)
    assert not desk.database.exists()
