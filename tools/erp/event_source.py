"""What a connector may offer beside the contract: that the ERP tells us when something changed."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from tools.domain.documents import Record


class Subscribed(Record):
    """What the ERP will tell, and how long."""

    resources: tuple[str, ...]
    until: datetime
    """The earliest end of them; renewed before it."""


@runtime_checkable
class EventSource(Protocol):
    """A connector whose ERP sends messages to an address of ours. What cannot be subscribed is polled."""

    async def subscribe(self, address: str, client_state: str, now: datetime) -> Subscribed:
        """Make or renew the subscriptions for `address` (https), which must answer the ERP's handshake while
        this runs. `client_state` is the secret each message carries. Raises the errors of the family."""
        ...
