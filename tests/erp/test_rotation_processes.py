"""Two processes share one refresh token that works once."""

from __future__ import annotations

import pytest

from tests.erp.rotation_bench import run


@pytest.mark.slow
def test_two_processes_never_burn_the_refresh_token_they_share() -> None:
    """Each round every token is over, and both make 25 calls at once."""
    found = run(rounds=10, processes=2)
    assert found.lost == 0
    assert found.renewals == 10
