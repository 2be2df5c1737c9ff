"""Fixtures of the ERP tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.erp.under_test import ClockOnTheWall, ErpUnderTest, setup_of, standard_company
from tools.erp import kinds
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


@pytest.fixture(params=kinds())
async def under_test(
    request: pytest.FixtureRequest, company: Company, faults: Faults
) -> AsyncIterator[ErpUnderTest]:
    """Every connector there is, over the standard world."""
    async with setup_of(request.param).under_test(company, faults) as erp_under_test:
        yield erp_under_test
