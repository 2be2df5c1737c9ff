"""Whether a batch fits into what a vendor still allows today, told before the batch starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class CallBudget:
    """Calls that a batch is expected to need, and those that are left until `ends`."""

    name: str
    documents: int
    needed: int
    left: int
    limit: int
    ends: str

    @property
    def is_short(self) -> bool:
        return self.needed > self.left

    @property
    def told(self) -> str:
        """A sentence for people."""
        return (
            f"{self.documents} documents need about {self.needed} calls, and {self.name} allows {self.left} "
            f"more of {self.limit} until {self.ends}"
        )


@runtime_checkable
class Budgeted(Protocol):
    """A connector whose vendor counts calls by the day."""

    def call_budget(self, reading: int, posting: int = 0) -> CallBudget:
        """For so many documents to gather facts for, and so many to post. Raises ErpUnavailable."""
        ...


def budget_of(erp: object, reading: int, posting: int = 0) -> CallBudget | None:
    """None where the vendor counts no days. Raises ErpUnavailable."""
    return erp.call_budget(reading, posting) if isinstance(erp, Budgeted) else None
