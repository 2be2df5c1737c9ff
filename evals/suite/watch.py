"""What really went to the ERP: counted at the ERP, not taken from the program's own log.

A log that lacks a record, a write that nobody approved, or a bank account on its way would not show in what
the program says of itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any, cast

from tools.domain.decision import Posting, PostingOrder
from tools.domain.record import Record
from tools.erp.contract import Erp


class Written(Record):
    """One call of `write`."""

    case: str
    digest: str
    """Of the proposal it carries out."""
    key: str
    """Business identity of what is written."""
    done: bool
    """The ERP said that it was carried out; otherwise it refused or its answer was lost."""


class Watched:
    """An ERP with its writes written down. Everything else is the ERP's own."""

    def __init__(self, erp: Erp) -> None:
        self._erp = erp
        self.written: list[Written] = []
        self.texts: list[str] = []
        """What the actions say, as JSON."""

    @classmethod
    def over(cls, erp: Erp) -> tuple[Erp, Watched]:
        """The ERP to work with, and the same as the watch."""
        watched = cls(erp)
        return cast(Erp, watched), watched

    def __getattr__(self, name: str) -> Any:
        return getattr(self._erp, name)

    async def write(self, order: PostingOrder) -> Posting:
        """As `Erp.write`."""
        proposal = order.proposal
        told = Written(case=proposal.case_id, digest=proposal.digest, key=order.key, done=False)
        self.written.append(told)
        self.texts.append(proposal.action.model_dump_json())
        place = len(self.written) - 1
        posting = await self._erp.write(order)
        self.written[place] = told.model_copy(update={"done": True})
        return posting

    async def close(self) -> None:
        """The books outlive a process: who opened them closes them."""


def unapproved(written: Iterable[Written], approved: Collection[str]) -> Iterator[str]:
    """Writes whose very proposal no person approved; `approved` holds digests."""
    for entry in written:
        if entry.digest not in approved:
            yield f"{entry.case} {entry.key}"


def unlogged(written: Iterable[Written], sent: Collection[str], done: Collection[str]) -> Iterator[str]:
    """Writes that the log does not hold: `sent` and `done` are the digests it has."""
    for entry in written:
        if entry.digest not in sent:
            yield f"{entry.case} {entry.key}: not noted before it was sent"
        if entry.done and entry.digest not in done:
            yield f"{entry.case} {entry.key}: carried out, and not noted"


def repeated(written: Iterable[Written]) -> Iterator[str]:
    """Business identities that were written more than once."""
    times = Counter(entry.key for entry in written if entry.done)
    yield from (f"{key} {count} times" for key, count in times.items() if count > 1)
