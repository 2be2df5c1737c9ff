"""Fixtures of the flow's tests: an office over each ERP it can be tested with in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.graph.office import Office


@pytest.fixture(params=("sandbox", "business_central"))
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    """Opened and prepared: suppliers known, accounts verified, nothing received."""
    found = Office(request.param, tmp_path)
    async with found.open():
        await found.prepare()
        yield found


@pytest.fixture
async def plain_office(tmp_path: Path) -> AsyncIterator[Office]:
    """Over the bare sandbox only, where the ERP makes no difference."""
    found = Office("sandbox", tmp_path)
    async with found.open():
        await found.prepare()
        yield found
