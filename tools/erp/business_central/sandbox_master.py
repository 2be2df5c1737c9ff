"""Master data of the company's books in the vendor's fields, and how ids are derived from numbers."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tools.domain.supplier import SupplierBlock
from tools.erp.business_central.sandbox_schema import Entity, entities, timestamp
from tools.erp.sandbox.books import SupplierCard
from tools.erp.sandbox.company import Company

_NAMESPACE = uuid.UUID("0a4f4f0e-3a55-5b7e-9a08-2f1c5d7e6b90")
_CODES = {"H87": "PCS", "C62": "UNIT", "KGM": "KG", "HUR": "HOUR", "LTR": "L", "MTR": "M", "XCT": "CARTON"}
"""Unit codes as a company names them; others are named like the international code."""
COST_CENTRES = "COSTCENTRE"
"""The company's first shortcut dimension."""
_BLOCKED = {SupplierBlock.NONE: "_x0020_", SupplierBlock.PAYMENT: "Payment", SupplierBlock.ALL: "All"}


def guid(kind: str, number: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{number}"))


def etag(kind: str, number: str, version: str) -> str:
    """As opaque as the vendor's; another version gives another one."""
    digest = hashlib.sha256(f"{kind};{number};{version}".encode()).digest()
    return f'W/"{base64.b64encode(digest[:15]).decode()}"'


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


class MasterRecords:
    """Vendors, accounts, tax groups, setup, periods and units."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._books = company.books
        self._entities = entities()

    def unit_code(self, rec20: str | None) -> str:
        return "" if rec20 is None else _CODES.get(rec20, rec20)

    def rec20(self, code: str) -> str | None:
        return next((unit for unit in self._books.units if self.unit_code(unit) == code), None)

    def _entity(self, name: str) -> Entity:
        return self._entities[name]

    def vendors(self) -> Iterator[dict[str, Any]]:
        owed = self._company.ledger.subledger()
        for card in self._books.suppliers.values():
            yield self._vendor(card, owed.get(card.supplier.supplier_id, Decimal(0)))

    def _vendor(self, card: SupplierCard, owed: Decimal) -> dict[str, Any]:
        supplier = card.supplier
        number = supplier.supplier_id
        values = {
            "id": guid("vendor", number),
            "number": number,
            "displayName": supplier.name,
            "addressLine1": supplier.street,
            "city": supplier.city,
            "country": supplier.country,
            "postalCode": supplier.postcode,
            "phoneNumber": supplier.phone,
            "email": supplier.email,
            "taxRegistrationNumber": supplier.vat_id,
            "currencyCode": supplier.currency or self._books.settings.currency,
            "blocked": _BLOCKED[supplier.block],
            "balance": owed,
            "lastModifiedDateTime": timestamp(card.changed_at),
        }
        return self._entity("vendors").render(values, etag("vendor", number, supplier.version))

    def accounts(self) -> Iterator[dict[str, Any]]:
        for account in self._books.accounts.values():
            values = {
                "id": guid("account", account.number),
                "number": account.number,
                "displayName": account.name,
                "blocked": account.blocked,
                "accountType": "Heading" if account.heading else "Posting",
                "directPosting": account.direct_posting,
                "netChange": self._company.ledger.balance(account.number),
            }
            yield self._entity("accounts").render(values, etag("account", account.number, "1"))

    def tax_groups(self) -> Iterator[dict[str, Any]]:
        for code in self._books.tax_codes:
            values = {"id": guid("tax group", code), "code": code, "displayName": code}
            yield self._entity("taxGroups").render(values, etag("tax group", code, "1"))

    def setup(self) -> Iterator[dict[str, Any]]:
        values = {
            "id": guid("setup", "1"),
            "allowPostingFrom": day(self._books.window.first_open),
            "allowPostingTo": day(self._books.window.last_open),
            "localCurrencyCode": self._books.settings.currency,
            "shortcutDimension1Code": COST_CENTRES if self._books.cost_centres else None,
        }
        yield self._entity("generalLedgerSetup").render(values, etag("setup", "1", "1"))

    def dimensions(self) -> Iterator[dict[str, Any]]:
        """Two, so that asking for the values of one means something."""
        for code in (COST_CENTRES, "AREA"):
            values = {"id": guid("dimension", code), "code": code, "displayName": code.capitalize()}
            yield self._entity("dimensions").render(values, etag("dimension", code, "1"))

    def dimension_values(self) -> Iterator[dict[str, Any]]:
        named = [(COST_CENTRES, centre.code, centre.name) for centre in self._books.cost_centres]
        for dimension, code, name in (*named, ("AREA", "NORTH", "North")):
            values = {
                "id": guid("dimension value", f"{dimension}/{code}"),
                "code": code,
                "dimensionId": guid("dimension", dimension),
                "displayName": name,
            }
            yield self._entity("dimensionValues").render(values, etag("dimension value", code, "1"))

    def periods(self) -> Iterator[dict[str, Any]]:
        """The year before the first open day, closed, and that day's year, open; months each."""
        first = self._books.window.first_open
        start = date((first or self._company.clock().date()).year - 1, 1, 1)
        for month in range(24):
            starting = date(start.year + month // 12, month % 12 + 1, 1)
            values = {
                "id": guid("period", starting.isoformat()),
                "startingDate": starting.isoformat(),
                "name": f"{starting:%m/%Y}",
                "newFiscalYear": starting.month == 1,
                "closed": first is not None and starting + timedelta(days=31) < date(first.year, 2, 1),
            }
            tag = etag("period", starting.isoformat(), "1")
            yield self._entity("accountingPeriods").render(values, tag)

    def units(self) -> Iterator[dict[str, Any]]:
        for unit in self._books.units:
            values = {
                "id": guid("unit", unit),
                "code": self.unit_code(unit),
                "displayName": self.unit_code(unit),
                "internationalStandardCode": unit,
            }
            yield self._entity("unitsOfMeasure").render(values, etag("unit", unit, "1"))
