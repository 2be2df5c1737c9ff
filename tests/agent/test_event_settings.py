"""`[events]` is refused where a message could come unsigned or never arrive; doctor tells who looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agent.triggers.health import watch_check
from agent.triggers.settings import EventSettings
from tools.change_marks import ChangeMarks
from tools.domain.identifiers import CaseId
from tools.store import Store

SECRET = "s" * 32


def test_without_anything_the_erp_is_asked_and_nobody_listens() -> None:
    assert EventSettings().host_and_port is None


@pytest.mark.parametrize(
    ("listen", "place"),
    [("127.0.0.1:8085", ("127.0.0.1", 8085)), ("[::1]:80", ("::1", 80)), ("ap-agent:1", ("ap-agent", 1))],
)
def test_a_place_to_listen_is_a_host_and_a_port(listen: str, place: tuple[str, int]) -> None:
    found = EventSettings.model_validate({"listen": listen, "secret": SECRET})
    assert found.host_and_port == place
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"listen": "127.0.0.1:8085"}, "needs secret"),
        ({"listen": "127.0.0.1:8085", "secret": "short"}, "32 characters"),
        ({"listen": "8085", "secret": SECRET}, "HOST:PORT"),
        ({"listen": "127.0.0.1:99999", "secret": SECRET}, "HOST:PORT"),
        ({"address": "https://ap.example/events", "secret": SECRET}, "address needs listen"),
        ({"address": "http://ap.example/events", "listen": "x:1", "secret": SECRET}, "https address"),
        ({"address": "https://user@ap.example/events", "listen": "x:1", "secret": SECRET}, "https address"),
        ({"poll_seconds": 1}, "greater than or equal to 5"),
        ({"window_seconds": 100_000}, "less than or equal to 3600"),
        ({"iban": "x"}, "Extra inputs"),
    ],
)
def test_what_cannot_work_is_refused_with_what_to_write(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        EventSettings.model_validate(values)


def test_doctor_tells_when_somebody_looked_and_that_nobody_does(tmp_path: Path) -> None:
    now = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
    marks = ChangeMarks(Store.open(tmp_path / "erp-agent.sqlite"))

    def told(later: timedelta = timedelta(0)) -> tuple[str, str]:
        check = watch_check(EventSettings(), marks, now + later)
        return check["state"], check["message"]

    assert told() == ("note", "nobody looks yet; `erp-agent watch` moves waiting cases when the ERP changes")
    marks.note(now, [], complete=True)
    seen = "last look 2026-03-16 09:00 UTC, every case compared 2026-03-16 09:00 UTC"
    assert told(timedelta(minutes=9)) == ("ok", seen)
    assert told(timedelta(minutes=11))[0] == "note"
    assert "is not running" in told(timedelta(minutes=11))[1]
    marks.note(now, [CaseId("C-000007")], complete=False)
    assert told() == ("ok", f"{seen}; due again: C-000007")
