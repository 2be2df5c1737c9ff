"""`[events]` is refused where a message could come unsigned or never arrive."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from agent.triggers.settings import EventSettings

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
