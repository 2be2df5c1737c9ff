"""A desk with the supplier copy made and the suppliers' accounts verified, fresh for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.graph.papers import NORD, NORD_IBAN
from tests.screens.desk import Desk


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.write_world()
    desk.configure()
    desk.call("suppliers", "sync")
    desk.load_account(NORD, NORD_IBAN)
    return desk


@pytest.fixture
def desk(furnished: Desk, tmp_path: Path) -> Desk:
    return furnished.copy_to(tmp_path / "desk")
