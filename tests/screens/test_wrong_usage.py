"""What cannot be meant is said in one sentence and does nothing; nobody is asked between two JSON objects."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.cli import app as eval_app
from tests.graph.papers import NORD, NORD_IBAN
from tests.screens.desk import Desk, joined


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """A proposal that waits for an approval."""
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    return desk


def test_a_blank_reason_is_no_reason(waiting: Desk) -> None:
    assert "must not be blank" in waiting.call("reject", "C-000001", "--remark", "   ", code=2).stderr
    waiting.call("reject", "C-000001", answer=" \n", code=2)
    assert waiting.rows("cases")[0]["stage"] == "waiting_for_approval"


def test_json_asks_nobody(waiting: Desk) -> None:
    result = waiting.call("reject", "C-000001", "--json", answer="not ordered\n", code=2)
    assert (result.stdout, "add --remark" in result.stderr) == ("", True)
    result = waiting.call("suppliers", "confirm-sender", NORD, "nord.example", "--json", code=2)
    assert (result.stdout, "add --how" in result.stderr) == ("", True)


def test_a_question_to_a_person_is_not_part_of_the_output(waiting: Desk) -> None:
    result = waiting.call("reject", "C-000001", answer="not ordered\n")
    assert "Why?" in result.stderr
    assert "Why?" not in result.stdout


def test_a_remark_that_is_no_text_is_refused(waiting: Desk) -> None:
    for words in (("approve", "C-000001", "--yes"), ("reject", "C-000001")):
        told = waiting.call(*words, "--remark", os.fsdecode(b"\xff"), code=2).stderr
        assert "not UTF-8" in told
    assert waiting.rows("cases")[0]["stage"] == "waiting_for_approval"


def test_a_value_that_the_option_does_not_take_is_refused_and_not_logged(desk: Desk) -> None:
    desk.lay("a.xml", rows=(("BRACKET", "Bracket", "10", "12.00"),))
    desk.call("run", desk.inbox)
    before = len(desk.rows("audit", "export"))
    words = ("answer", "C-000001", "--choose", "accept_price", "--remark", "agreed", "--set", "a=b")
    (result,) = desk.rows(*words, code=1)
    assert result["error"] == "'accept_price' has no value a; it takes: reason"
    assert len(desk.rows("audit", "export")) == before
    (result,) = desk.rows(*words[:-1], "reason=agreed")
    assert result["stage"] == "waiting_for_approval"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it has: none"),
        (b"supplier_id,iban,how\n", "holds no accounts"),
        (b"supplier,iban\nV1,DE1\n", "lacks the columns supplier_id, how"),
        (b"supplier_id,iban,how\nV10001,,call\n", "line 2 lacks iban"),
        (b"supplier_id,iban,how\nV10001,\xff,call\n", "not a CSV file in UTF-8"),
        (None, "cannot be read"),
    ],
)
def test_a_list_of_accounts_that_cannot_be_used_is_wrong_usage(
    desk: Desk, content: bytes | None, told: str
) -> None:
    path = desk.folder / "accounts.csv"
    if content is not None:
        path.write_bytes(content)
    assert told in joined(desk.call("suppliers", "import-accounts", path, code=2).stderr)


def test_a_pipe_is_no_list_and_no_statement(desk: Desk) -> None:
    pipe = desk.folder / "pipe"
    os.mkfifo(pipe)
    desk.call("suppliers", "import-accounts", pipe, code=2)
    desk.call("statements", "reconcile", pipe, "--supplier", NORD, code=2)


def test_every_command_that_says_a_sentence_says_it_as_json_too(desk: Desk) -> None:
    accounts = desk.folder / "accounts.csv"
    accounts.write_text(f"supplier_id,iban,how\n{NORD},{NORD_IBAN},master data\n", encoding="utf-8")
    (row,) = desk.rows("suppliers", "import-accounts", accounts)
    assert row == {"message": "1 verified accounts are on file"}
    (row,) = desk.rows("suppliers", "confirm-sender", NORD, "nord.example", "--how", "contract")
    assert "confirmed for V10001" in row["message"]
    assert desk.rows("audit", "export") == [
        row for row in desk.rows("audit", "export") if row["hash"] and row["sequence"]
    ]


def test_a_limit_below_zero_is_a_fault_of_the_settings(desk: Desk) -> None:
    desk.configure(limit="-5")
    assert "zero or more" in desk.call("cases", code=3).stderr


def test_a_port_that_is_taken_is_one_sentence(desk: Desk) -> None:
    world = Path("evals/demo/world.json").resolve()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = desk.call("sandbox", "business_central", "--world", world, "--port", port, code=2).stderr
    assert f"port {port} of this machine cannot be used" in joined(told)


def test_an_evaluation_of_nothing_is_no_result(tmp_path: Path) -> None:
    (tmp_path / "a.truth.json").write_text('{"_source": {"file": "a.xml"}}', encoding="utf-8")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "b.truth.json").write_text("[]", encoding="utf-8")
    calls: list[list[Any]] = [
        ["extraction", tmp_path / "nowhere"],
        ["extraction", tmp_path],
        ["extraction", broken],
        ["bench", "reading", tmp_path / "nowhere"],
        ["bench", "reading", tmp_path],
    ]
    for words in calls:
        result = CliRunner().invoke(eval_app, [str(word) for word in words])
        assert (result.exit_code, result.stdout) == (2, ""), words
        assert str(tmp_path) in result.stderr
