"""`erp-agent watch` as it is started: once for a scheduler, or until it is interrupted."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from evals.servers import serving
from tests.graph.papers import AWAITED, COMPANY
from tests.screens.desk import Desk, joined
from tools.erp.event_checks import signature

SECRET = "s" * 40
RECEIPT = {
    "number": "GR9",
    "order_number": AWAITED,
    "received_on": "2026-03-15",
    "lines": [{"order_line_id": "10000", "quantity": "20"}],
}


@pytest.fixture
def held(desk: Desk) -> Desk:
    """A case that waits for its receipt."""
    desk.lay("a.xml", order=AWAITED, rows=(("BRACKET", "Bracket", "20", "10.00"),))
    desk.call("run", desk.inbox)
    desk.call("answer", "C-000001", "--choose", "wait_for_receipt")
    return desk


def test_once_matches_what_moved_and_says_why(held: Desk) -> None:
    assert [row for row in held.rows("watch", "--once") if "case" in row] == []
    held.write_world(receipts=[RECEIPT])
    (row,) = (row for row in held.rows("watch", "--once", "--complete") if "case" in row)
    assert (row["case"], row["stage"], row["error"]) == ("C-000001", "waiting_for_approval", None)
    assert row["message"] == "matched again; changed in the ERP: goods receipts"
    assert "changed in the ERP" in joined(held.call("show", "C-000001").stdout)


def test_once_prints_sentences_for_people(held: Desk) -> None:
    held.write_world(receipts=[RECEIPT])
    shown = joined(held.call("watch", "--once").stdout)
    assert shown.startswith("C-000001 (waiting for approval): matched again; changed in the ERP:")


def test_an_erp_that_is_away_is_told_with_its_code(held: Desk) -> None:
    held.configure(
        kind="business_central",
        tenant="x",
        company="WERK",
        client_id="x",
        client_secret="x",
        base_url="http://127.0.0.1:9",
        login_url="http://127.0.0.1:9",
    )
    (row,) = held.rows("watch", "--once", code=4)
    assert row["error"] == "ErpUnavailable"


def test_listening_without_a_secret_is_refused(desk: Desk) -> None:
    with desk.config.open("a", encoding="utf-8") as file:
        file.write('[events]\nlisten = "127.0.0.1:0"\n')
    assert "listen needs secret" in joined(desk.call("watch", "--once", code=3).stderr)


@pytest.mark.slow
def test_a_receipt_in_an_erp_of_its_own_process_moves_the_case(desk: Desk) -> None:
    world = desk.folder / "world.json"
    with serving("business_central", world, COMPANY) as server:
        desk.configure(**server.settings)
        desk.lay("a.xml", order=AWAITED, rows=(("BRACKET", "Bracket", "20", "10.00"),))
        desk.call("run", desk.inbox)
        assert [row for row in desk.rows("watch", "--once") if "case" in row] == []
    desk.write_world(receipts=[RECEIPT])
    with serving("business_central", world, COMPANY) as server:
        desk.configure(**server.settings)
        (row,) = (row for row in desk.rows("watch", "--once") if "case" in row)
        assert (row["case"], row["stage"]) == ("C-000001", "waiting_for_approval")
        assert f"order {AWAITED}, goods receipts" in row["message"]


@contextmanager
def watching(desk: Desk) -> Iterator[subprocess.Popen[str]]:
    """The program in a process of its own, listening."""
    with desk.config.open("a", encoding="utf-8") as file:
        file.write(f'[events]\nlisten = "127.0.0.1:0"\nsecret = "{SECRET}"\npoll_seconds = 3600\n')
    command = [sys.executable, "-m", "agent.cli", "--config", str(desk.config), "watch", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        if process.poll() is None:
            process.kill()


def line(process: subprocess.Popen[str], word: str) -> dict[str, Any]:
    """The next object whose message begins so."""
    assert process.stdout is not None
    for text in process.stdout:
        told: dict[str, Any] = json.loads(text)
        if told["message"].startswith(word):
            return told
    raise AssertionError(process.stderr.read() if process.stderr else "")


@pytest.mark.slow
def test_a_process_looks_when_a_message_comes_and_ends_when_it_is_interrupted(held: Desk) -> None:
    with watching(held) as process:
        port = line(process, "listening")["port"]
        line(process, "looked")
        moment = str(int(time.time()))
        answer = httpx.post(
            f"http://127.0.0.1:{port}/events/signed",
            content=b"{}",
            headers={
                "webhook-id": "1",
                "webhook-timestamp": moment,
                "webhook-signature": signature("1", moment, b"{}", SECRET),
            },
            trust_env=False,
        )
        assert answer.status_code == 200
        line(process, "looked")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert "Traceback" not in errors
        assert SECRET not in errors
