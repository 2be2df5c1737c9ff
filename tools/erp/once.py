"""ERPs that refuse a second document under the same identity by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from tools.erp.contract import Capability


@runtime_checkable
class TakesOnce(Protocol):
    """An ERP that itself takes some documents once, whoever sends them and in whatever order they arrive.
    Only there may a person have an order whose outcome is unknown written again without having looked. Its
    `write` goes on with an unfinished document of exactly the approved content, and refuses any other."""

    takes_once: Mapping[Capability, str]
    """Write -> the ERP's rule by which a second document under one identity is refused, a full clause."""
