"""What is said of a connector's folder that is not complete."""

from __future__ import annotations

import pytest
import typer

from evals.erp_commands import _known
from tools.erp import kinds, server, servers


def test_a_kind_without_a_sandbox_server_is_told_with_the_file_that_is_missing() -> None:
    with pytest.raises(
        ValueError, match=r"'sandbox' \(tools/erp/sandbox/sandbox.py is missing\); there are: afas"
    ):
        server("sandbox")


def test_a_kind_that_nobody_wrote_has_no_server_either() -> None:
    with pytest.raises(ValueError, match="there is no sandbox server for 'nothing'; there are: afas"):
        server("nothing")


@pytest.mark.parametrize("kind", servers())
def test_a_server_has_the_two_agreed_names(kind: str) -> None:
    module = server(kind)
    assert callable(module.app) and callable(module.login)


def test_erps_beside_each_other_are_checked_for_their_servers_first() -> None:
    assert _known(None) == ()
    assert set(_known(list(kinds()))) == set(kinds())
    with pytest.raises(typer.BadParameter, match="there is no ERP 'nothing'"):
        _known(["nothing"])
