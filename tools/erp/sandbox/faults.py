"""Faults on request: what networks and ERPs do on bad days, planned by operation and count.

faults = Faults(seed=7)
faults.plan("post", FaultKind.REPLY_LOST)                      # the next call of `post`
faults.plan("*", FaultKind.TOO_MANY, times=None, every=7, retry_after=2)   # every 7th call
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Self

from pydantic import Field, model_validator

from tools.domain.documents import Record
from tools.domain.money import Exact


class FaultKind(StrEnum):
    SLOW = "slow"
    """Waits `seconds`, then goes on; may meet another fault in the same call."""
    CONNECTION_REFUSED = "connection_refused"
    """Nothing was sent."""
    TOO_MANY = "too_many"
    """429, with `Retry-After` where `retry_after` is set; not processed."""
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - the name of a fault
    """401; not processed."""
    STALE_VERSION = "stale_version"
    """Somebody else changed the record; not processed."""
    ERROR_BEFORE = "error_before"
    """5xx (`status`), and nothing was done."""
    REQUEST_LOST = "request_lost"
    """The connection broke after sending, and nothing was done."""
    ERROR_AFTER = "error_after"
    """5xx (`status`) although it was done; with a 4xx, a refusal by what runs after the commit."""
    REPLY_LOST = "reply_lost"
    """It was done, and the connection broke before the answer."""

    @property
    def after_commit(self) -> bool:
        return self in (FaultKind.ERROR_AFTER, FaultKind.REPLY_LOST)


class Fault(Record):
    """One plan. It strikes calls whose operation matches, `times` often (None: without end)."""

    kind: FaultKind
    operation: str = "*"
    """Name of an operation, with `*` as a wildcard."""
    times: int | None = Field(default=1, ge=1)
    every: int = Field(default=1, ge=1)
    """Only every n-th matching call: 7 leaves six calls alone, then strikes."""
    chance: Exact = Field(default=Decimal(1), ge=0, le=1)
    """Probability for each call it would strike."""
    status: int = Field(default=503, ge=400, le=599)
    retry_after: int | None = Field(default=None, ge=0)
    seconds: Exact = Field(default=Decimal(0), ge=0)

    @model_validator(mode="after")
    def _refuses_only_what_was_done(self) -> Self:
        if self.status < 500 and self.kind is not FaultKind.ERROR_AFTER:
            raise ValueError("a status below 500 goes with error_after only")
        return self


@dataclass
class _Plan:
    fault: Fault
    seen: int = 0
    struck: int = 0

    def strikes(self, operation: str, source: random.Random) -> bool:
        """Whether this call is hit; counts it."""
        if not fnmatchcase(operation, self.fault.operation) or self.exhausted:
            return False
        self.seen += 1
        if self.seen % self.fault.every:
            return False
        if self.fault.chance < 1 and Decimal(source.random()) >= self.fault.chance:
            return False
        self.struck += 1
        return True

    @property
    def exhausted(self) -> bool:
        return self.fault.times is not None and self.struck >= self.fault.times


@dataclass(frozen=True)
class Struck:
    """What one call meets: first the wait, then the fault, if any."""

    wait: float = 0.0
    fault: Fault | None = None


@dataclass
class Faults:
    """The plans in force. Every server and the in-process connector ask `strike` once a call."""

    seed: int = 0
    _plans: list[_Plan] = field(default_factory=list)
    _source: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._source = random.Random(self.seed)  # noqa: S311 - repeatable, not secret

    def plan(self, operation: str, kind: FaultKind, **values: object) -> Fault:
        """Adds a fault; `values` are the fields of Fault. Raises pydantic.ValidationError."""
        fault = Fault.model_validate({"operation": operation, "kind": kind, **values})
        self.add(fault)
        return fault

    def add(self, fault: Fault) -> None:
        self._plans.append(_Plan(fault))

    def clear(self) -> None:
        self._plans.clear()

    @property
    def pending(self) -> list[Fault]:
        """Plans that may still strike."""
        return [plan.fault for plan in self._plans if not plan.exhausted]

    def strike(self, operation: str) -> Struck:
        """What this call of `operation` meets. All waits add up; of the other faults the first planned
        one strikes and later ones keep their turn."""
        wait, struck = 0.0, None
        for plan in list(self._plans):
            slow = plan.fault.kind is FaultKind.SLOW
            if struck is not None and not slow:
                continue
            if plan.strikes(operation, self._source):
                if slow:
                    wait += float(plan.fault.seconds)
                else:
                    struck = plan.fault
        return Struck(wait, struck)


@dataclass
class Traffic:
    """How many calls there were by operation, and how many at once."""

    calls: Counter[str] = field(default_factory=Counter)
    running: int = 0
    peak: int = 0

    @contextmanager
    def call(self, operation: str) -> Iterator[None]:
        self.calls[operation] += 1
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            yield
        finally:
            self.running -= 1

    @property
    def total(self) -> int:
        return self.calls.total()

    def reset(self) -> None:
        self.calls.clear()
        self.peak = self.running
