"""What `erp-agent sandbox` prints: settings that reach the server, for every kind."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from stat import S_IMODE

import pytest

from agent.sandbox_server import remarks, settings_lines
from tests.erp.world import standard_world
from tools.erp import kinds, load
from tools.erp.sandbox.company import Company
from tools.store import Store

DEMO = Path(__file__).parents[2] / "evals" / "demo" / "world.json"
SERVED = [kind for kind in kinds() if kind != "sandbox"]


@pytest.mark.parametrize("kind", SERVED)
def test_the_printed_section_is_what_the_connector_takes(kind: str) -> None:
    company = Company.load(standard_world(), lambda: datetime(2026, 3, 16, tzinfo=UTC))
    login = import_module(f"tools.erp.{kind}.sandbox").login(company, "http://127.0.0.1:8001")
    lines = "\n".join((*remarks(DEMO, login), *settings_lines(kind, login)))
    assert max(map(len, settings_lines(kind, login))) <= 120
    section = tomllib.loads(lines)["erp"]
    assert section.pop("kind") == kind
    assert section == login
    assert load(kind).Settings.model_validate(section)


def test_who_starts_a_server_is_told_that_it_forgets_its_books_and_what_belongs_to_the_world() -> None:
    told = "\n".join(remarks(DEMO, {}))
    assert "forgotten what was posted" in told and "gives its numbers again" in told
    assert str(DEMO.parent / "erp-agent.toml.in") in told
    assert "state_folder" not in told
    assert "delete it" in "\n".join(remarks(Path("elsewhere/world.json"), {"state_folder": "/tmp/x"}))
    assert "erp-agent.toml.in" not in "\n".join(remarks(Path("elsewhere/world.json"), {}))


def test_the_folder_of_the_records_is_its_owners_alone(tmp_path: Path) -> None:
    Store.open(tmp_path / "data" / "erp-agent.sqlite").close()
    assert S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
