"""A flood of connections is summed up in the log of the server that refuses them."""

from __future__ import annotations

import logging

import pytest

from agent.triggers.refused_connections import SERVER_LOG, RefusedConnections, summed_up


def a_line(second: float, text: str = "Exceeded concurrency limit.") -> logging.LogRecord:
    record = logging.LogRecord(SERVER_LOG, logging.WARNING, __file__, 1, text, None, None)
    record.created = second
    return record


def test_a_flood_is_one_line_a_minute_with_its_count() -> None:
    found = RefusedConnections()
    lines = [line for line in (a_line(n / 10) for n in range(1201)) if found.filter(line)]
    assert [line.getMessage().rpartition(": ")[2] for line in lines] == [
        "1 since it was last told",
        "600 since it was last told",
        "600 since it was last told",
    ]


def test_other_lines_of_the_server_pass_as_they_are() -> None:
    found, line = RefusedConnections(), a_line(0.0, "Invalid HTTP request received.")
    assert found.filter(line) and line.getMessage() == "Invalid HTTP request received."


def test_only_while_the_server_runs(caplog: pytest.LogCaptureFixture) -> None:
    log = f"{SERVER_LOG}.of_a_test"
    logger = logging.getLogger(log)
    caplog.set_level(logging.WARNING, log)
    logger.propagate = False
    logger.addHandler(caplog.handler)
    with summed_up(log) as found:
        for _ in range(50):
            logger.warning("Exceeded concurrency limit.")
    assert (len(caplog.records), found.untold) == (1, 49)
    logger.warning("Exceeded concurrency limit.")
    assert len(caplog.records) == 2
