"""Fixtures of the flow's tests: an office over each ERP it can be tested with in this process."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.graph.office import Office

KINDS = ("sandbox", "business_central")
Furnish = Callable[[str, Path], Office]
"""Kind and folder -> an office whose suppliers are known and whose accounts are verified, not opened."""


@pytest.fixture(scope="session")
def furnish(tmp_path_factory: pytest.TempPathFactory) -> Furnish:
    """Furnished once for each kind, then copied."""
    patterns = {kind: Office(kind, tmp_path_factory.mktemp(kind)) for kind in KINDS}

    async def prepare() -> None:
        for pattern in patterns.values():
            async with pattern.open():
                await pattern.prepare()

    asyncio.run(prepare())

    def furnished(kind: str, folder: Path) -> Office:
        shutil.copytree(patterns[kind].folder / "data", folder / "data")
        office = Office(kind, folder)
        office.clock.later(minutes=1)
        return office

    return furnished


@pytest.fixture(params=KINDS)
async def office(request: pytest.FixtureRequest, furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:
    """Opened and prepared: suppliers known, accounts verified, nothing received."""
    found = furnish(request.param, tmp_path)
    async with found.open():
        yield found


@pytest.fixture
async def plain_office(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:
    """Over the bare sandbox only, where the ERP makes no difference."""
    found = furnish("sandbox", tmp_path)
    async with found.open():
        yield found


@pytest.fixture
def empty(plain_office: Office) -> Office:
    """An office whose inbox is there and holds nothing."""
    plain_office.inbox.mkdir()
    return plain_office
