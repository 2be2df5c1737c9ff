"""A connector that claims what it cannot answer for is refused before its first use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from tests.erp.under_test import WRITES as TESTED
from tests.erp.under_test import ErpUnderTest
from tools.erp.completeness import WRITES, ConnectorUnfinished, faults_of, require_finished
from tools.erp.contract import Capability, Erp


class Blind:
    """Claims to post and cannot look."""

    kind = "blind"
    capabilities = frozenset({Capability.POST_INVOICE})
    declined: Mapping[Capability, str] = dict.fromkeys(
        set(Capability) - capabilities, "there is no such call"
    )


class Inheriting(Blind, Erp):
    """Has only the contract's own `find`, which finds nothing and says nothing."""


class Looking(Blind):
    async def find(self, order: object) -> None:
        return None


class Hurried(Blind):
    def find(self, order: object) -> None:
        return None


def erp(kind: type[Any]) -> Erp:
    return cast(Erp, object.__new__(kind))


@pytest.mark.parametrize("kind", [Blind, Inheriting, Hurried])
def test_a_connector_that_claims_a_write_without_find_is_refused(kind: type[Any]) -> None:
    with pytest.raises(ConnectorUnfinished, match="blind is not finished: post_invoice may not be claimed"):
        require_finished(erp(kind))


def test_a_connector_that_can_look_is_taken() -> None:
    assert require_finished(erp(Looking))


def test_a_connector_that_only_reads_needs_no_find() -> None:
    class Reading(Blind):
        capabilities = frozenset({Capability.READ_ORDERS})
        declined = dict.fromkeys(set(Capability) - capabilities, "there is no such call")

    assert faults_of(erp(Reading)) == []


def test_what_is_left_open_said_twice_or_unexplained_is_named() -> None:
    class Careless(Looking):
        capabilities = frozenset({Capability.POST_INVOICE, Capability.READ_ORDERS})
        declined = {**Looking.declined, Capability.HOLD_INVOICE: " "}

    class Silent(Looking):
        declined: Mapping[Capability, str] = {}

    assert faults_of(erp(Careless)) == [
        "read_orders is claimed and declined",
        "hold_invoice is declined without a reason",
    ]
    assert "read_suppliers is neither claimed nor declined" in faults_of(erp(Silent))


async def test_every_connector_is_finished(under_test: ErpUnderTest) -> None:
    assert faults_of(under_test.erp) == []


def test_every_write_is_tested() -> None:
    assert set(TESTED) == WRITES
