"""Is a connector finished? One that claims to write without being able to look is refused before any use."""

from __future__ import annotations

from inspect import iscoroutinefunction

from tools.erp.contract import Capability, Erp

WRITES = frozenset(
    {
        Capability.POST_INVOICE,
        Capability.PARK_INVOICE,
        Capability.POST_CREDIT_NOTE,
        Capability.CREATE_GOODS_RECEIPT,
        Capability.HOLD_INVOICE,
        Capability.RELEASE_HOLD,
        Capability.CREATE_PURCHASE_ORDER,
        Capability.AMEND_ORDER_LINE,
        Capability.REVERSE_INVOICE,
    }
)
"""Capabilities that go through `Erp.write`; `ATTACH_DOCUMENT` has a call of its own."""


class ConnectorUnfinished(ValueError):
    """The connector breaks the contract; the text says where."""


def faults_of(erp: Erp) -> list[str]:
    """What breaks the contract, a sentence each; empty for a finished connector."""
    claimed, declined = frozenset(erp.capabilities), frozenset(erp.declined)
    found = [f"{name} is claimed and declined" for name in sorted(claimed & declined)]
    found += [
        f"{name} is neither claimed nor declined" for name in sorted(set(Capability) - claimed - declined)
    ]
    found += [f"{name} is declined without a reason" for name, why in erp.declined.items() if not why.strip()]
    writes = sorted(claimed & WRITES)
    if writes and not _can_find(erp):
        found.append(
            f"{', '.join(writes)} may not be claimed: without `find` nobody learns what became of a write "
            "whose answer was lost"
        )
    return found


def require_finished(erp: Erp) -> Erp:
    """The connector itself. Raises ConnectorUnfinished."""
    if found := faults_of(erp):
        raise ConnectorUnfinished(f"the connector {erp.kind} is not finished: {'; '.join(found)}")
    return erp


def _can_find(erp: Erp) -> bool:
    """A lookup of its own; the contract's own empty one, inherited, is none."""
    own = getattr(type(erp), "find", None)
    return own is not None and own is not Erp.find and iscoroutinefunction(own)
