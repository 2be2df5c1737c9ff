"""Fixtures of the ERP tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from evals.tryton_rpc import TrytonRpc
from evals.tryton_server import TrytonAbsent, TrytonServer, running
from tests.erp.under_test import ClockOnTheWall, ErpUnderTest, setup_of, setups, standard_company
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults


@pytest.fixture
def clock() -> ClockOnTheWall:
    return ClockOnTheWall()


@pytest.fixture
def company(clock: ClockOnTheWall) -> Company:
    """The standard world's books, fresh."""
    return standard_company(clock)


@pytest.fixture
def faults() -> Faults:
    return Faults(seed=1)


@pytest.fixture(params=setups())
async def under_test(
    request: pytest.FixtureRequest, company: Company, faults: Faults
) -> AsyncIterator[ErpUnderTest]:
    """Every connector there is, over the standard world; also over the other servers of its kind."""
    async with setup_of(request.param).under_test(company, faults) as erp_under_test:
        yield erp_under_test


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonServer]:
    """A Tryton that really runs, with a company of its own for the tests of one file."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("tryton")
        try:
            server = stack.enter_context(running(folder, datetime.now(UTC).year))
        except TrytonAbsent as absent:
            pytest.skip(f"THE REAL TRYTON IS NOT TESTED IN THIS RUN: {absent}")
        yield server


@pytest.fixture(scope="module")
def rpc(tryton: TrytonServer) -> Iterator[TrytonRpc]:
    """Other people's eyes and hands in the same Tryton."""
    found = tryton.rpc()
    yield found
    found.close()
