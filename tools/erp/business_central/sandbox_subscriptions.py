"""Webhooks in the vendor's way: a handshake when a subscription is made or renewed, three days of life, and
notifications that name what changed without saying how."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from tools.erp.address import checked_url
from tools.erp.business_central.sandbox_calls import Reply, body_of
from tools.erp.business_central.sandbox_master import etag
from tools.erp.business_central.sandbox_schema import ApiError, bad_request, check_match, not_found, timestamp
from tools.erp.sandbox.company import Company

LIFE = timedelta(days=3)
_NAMES = "accounts currencies dimensions generalLedgerEntries items purchaseInvoices vendors"
SUPPORTED = frozenset(_NAMES.split())
"""Some of the published list; orders and receipts are not on it."""
_FIELDS = frozenset(("notificationUrl", "resource", "clientState"))
_ADDRESS = re.compile(r"subscriptions\('(?P<id>[^']*)'\)")
_TRIED_AGAIN = (408, 429)


class Subscriptions:
    """The subscriptions of one company. Messages go over the real network."""

    def __init__(self, company: Company, company_id: str) -> None:
        self._company = company
        self._company_id = company_id
        self.rows: dict[str, dict[str, Any]] = {}
        self.unanswered: list[tuple[str, dict[str, Any]]] = []
        """Address and notification of what is to be sent again."""

    async def answer(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Reply:
        """Raises ApiError."""
        if path == "subscriptions" and method == "GET":
            return Reply(200, {"value": [self._shown(row) for row in self.rows.values()]})
        if path == "subscriptions" and method == "POST":
            return Reply(201, await self._made(self._given(body_of(content, headers))))
        match = _ADDRESS.fullmatch(path)
        row = self.rows.get(match["id"]) if match else None
        if row is None:
            raise not_found("The subscription does not exist.")
        check_match(headers.get("if-match"), self._shown(row)["@odata.etag"])
        if method == "DELETE":
            del self.rows[row["subscriptionId"]]
            return Reply(204)
        if method != "PATCH":
            raise ApiError(405, "BadRequest_MethodNotAllowed", "A subscription is renewed with PATCH.")
        return Reply(200, await self._renewed(row, self._given(body_of(content, headers))))

    def _given(self, body: Any) -> dict[str, str]:
        if (
            not isinstance(body, dict)
            or set(body) - _FIELDS
            or not {"notificationUrl", "resource"} <= set(body)
        ):
            raise bad_request("A subscription has a notificationUrl, a resource and a clientState.")
        if len(body.get("clientState", "")) > 2048:
            raise bad_request("The clientState must be less than or equal to 2048 characters.")
        start = f"/api/v2.0/companies({self._company_id})/"
        entity = str(body["resource"]).removeprefix(start)
        if not str(body["resource"]).startswith(start) or entity not in SUPPORTED:
            raise bad_request(f"The resource '{body['resource']}' does not support webhooks.")
        try:
            checked_url(body["notificationUrl"])
        except ValueError:
            raise bad_request("The notificationUrl must be https.") from None
        return body

    async def _made(self, given: dict[str, str]) -> dict[str, Any]:
        same = (given["resource"], given["notificationUrl"])
        if any((row["resource"], row["notificationUrl"]) == same for row in self.rows.values()):
            raise bad_request("A subscription for this resource and notificationUrl already exists.")
        await self._shake_hands(given["notificationUrl"])
        number = uuid.uuid4().hex
        self.rows[number] = {"subscriptionId": number, **given, "expirationDateTime": self._end()}
        return self._shown(self.rows[number])

    async def _renewed(self, row: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
        await self._shake_hands(given["notificationUrl"])
        row.update(given, expirationDateTime=self._end())
        return self._shown(row)

    def _end(self) -> datetime:
        return self._company.clock() + LIFE

    def _shown(self, row: Mapping[str, Any]) -> dict[str, Any]:
        shown = {name: value for name, value in row.items() if name != "clientState"}
        end = timestamp(row["expirationDateTime"])
        return {
            "@odata.etag": etag("subscription", row["subscriptionId"], end),
            **shown,
            "expirationDateTime": end,
        }

    async def _shake_hands(self, address: str) -> None:
        token = secrets.token_urlsafe(24)
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.post(address, params={"validationToken": token})
        except httpx.TransportError:
            raise bad_request("The notificationUrl cannot be reached.") from None
        if answer.status_code != 200 or answer.text != token:
            raise bad_request("The notificationUrl did not answer with the validationToken.")

    async def notify(self, entity: str, change: str = "updated") -> list[int]:
        """Tell the living subscriptions of an entity that a record changed; the statuses answered. What is
        answered 408, 429 or 5xx stays to be sent again; any other refusal ends the subscription."""
        now, statuses = self._company.clock(), []
        for row in [row for row in self.rows.values() if row["resource"].endswith("/" + entity)]:
            if row["expirationDateTime"] > now:
                told = {
                    "subscriptionId": row["subscriptionId"],
                    "clientState": row.get("clientState", ""),
                    "expirationDateTime": timestamp(row["expirationDateTime"]),
                    "resource": f"{row['resource']}({uuid.uuid4()})",
                    "changeType": change,
                    "lastModifiedDateTime": timestamp(now),
                }
                statuses.append(await self._sent(row["notificationUrl"], told))
        return statuses

    async def repeat(self) -> list[int]:
        """Send again what was not taken."""
        left, self.unanswered = self.unanswered, []
        return [await self._sent(address, told) for address, told in left]

    async def _sent(self, address: str, told: dict[str, Any]) -> int:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                status = (await client.post(address, json={"value": [told]})).status_code
        except httpx.TransportError:
            status = 503
        if status in _TRIED_AGAIN or status >= 500:
            self.unanswered.append((address, told))
        elif status >= 300:
            self.rows.pop(told["subscriptionId"], None)
        return status
