"""Fixtures of the posting tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.posting.fake_erp import FakeErp
from tests.tools.posting.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "erp-agent.db")


@pytest.fixture
def erp() -> FakeErp:
    return FakeErp()
