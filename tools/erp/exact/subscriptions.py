"""Webhook subscriptions: one for each topic a waiting case may wait for, made once.

Goods receipts have no topic of their own; they move the order they belong to *(unverified)*, and the next
look finds them anyway. Whether a subscription ends by itself is not published, so they are looked at again
after some days.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tools.erp.event_source import Subscribed
from tools.erp.exact.odata import Query
from tools.erp.exact.session import Session
from tools.erp.exact.wire_ledger import Subscription

TOPICS = ("PurchaseOrders", "Accounts", "FinancialTransactions")
_LOOKED_AT_AGAIN = timedelta(days=3)


class Subscriptions:
    """Those of one division for one address."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def keep(self, address: str, now: datetime) -> Subscribed:
        """Make what is missing. Exact calls `address` while this runs; it must answer 200, be https and lie
        on the domain of the app's redirect address. Raises the errors of the family."""
        rows = await self._session.read(Subscription, [Query(Subscription)], "subscriptions")
        held = {row.topic for row in rows if row.address == address}
        for topic in TOPICS:
            if topic not in held:
                body = {"CallbackURL": address, "Topic": topic}
                answer = await self._session.change("POST", Subscription.resource, body, "subscribe")
                if not answer.ok:
                    raise self._session.refusal(answer)
        return Subscribed(resources=TOPICS, until=now + _LOOKED_AT_AGAIN)
