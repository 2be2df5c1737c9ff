"""Webhook subscriptions: made once, renewed before their three days are over, never more than one each.

Orders and receipts are not among what Business Central notifies about. Invoices and vendors are: an order
invoiced by hand and a block that was lifted are seen at once, orders and receipts with the next look, which
every notification brings forward.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tools.erp.business_central.session import Session
from tools.erp.business_central.wire import Subscription
from tools.erp.errors import ErpRejected
from tools.erp.event_source import Subscribed
from tools.erp.http import HttpClient, Request

ENTITIES = ("purchaseInvoices", "vendors")
"""Of those that can be subscribed, the ones a waiting case may wait for."""


class Subscriptions:
    """Those of one company for one address."""

    def __init__(self, http: HttpClient, session: Session) -> None:
        self._http = http
        self._session = session

    async def keep(self, address: str, client_state: str) -> Subscribed:
        """Make what is missing and renew what is there; the secret may be another one than before."""
        held = {(row.resource, row.notification_url): row for row in await self._held()}
        company = (await self._session.path()).rstrip("/")
        kept = []
        for entity in ENTITIES:
            resource = f"/api/v2.0/{company}/{entity}"
            body = {"notificationUrl": address, "resource": resource, "clientState": client_state}
            known = held.get((resource, address))
            kept.append(await (self._make(body) if known is None else self._renew(known, body)))
        return Subscribed(resources=ENTITIES, until=min(kept))

    async def _held(self) -> list[Subscription]:
        answer = (await self._http.read(Request("GET", "subscriptions", "subscriptions"))).json()
        rows = answer.get("value") if isinstance(answer, dict) else None
        return [_parsed(row) for row in rows or ()]

    async def _make(self, body: dict[str, str]) -> datetime:
        request = Request("POST", "subscriptions", "subscribe", json=body)
        return _parsed((await self._http.write(request)).json()).expiration_date_time

    async def _renew(self, held: Subscription, body: dict[str, str]) -> datetime:
        url = f"subscriptions('{held.subscription_id}')"
        headers = {"If-Match": held.etag}
        request = Request("PATCH", url, "renew subscription", json=body, headers=headers)
        return _parsed((await self._http.write(request)).json()).expiration_date_time


def _parsed(row: Any) -> Subscription:
    try:
        return Subscription.model_validate(row)
    except ValueError:
        raise ErpRejected(
            "Business Central sent a subscription in a form this connector does not know"
        ) from None
