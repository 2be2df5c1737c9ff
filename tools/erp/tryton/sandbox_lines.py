"""The lines of a draft as Tryton's commands change them, and what the books make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tools.domain.money import round_amount
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.refusal import Refusal, Refused
from tools.erp.tryton.sandbox_orders import LINE
from tools.erp.tryton.sandbox_records import Records
from tools.erp.tryton.sandbox_schema import UserError, check

_NO_PERIOD = 'To continue, you must reopen the closed period of the date "{day}".'
Commanded = list[tuple[dict[str, Any], Decimal]]
"""The values of each line, and its amount with its sign."""


class Lines:
    """Lines as commands change them."""

    def __init__(self, company: Company, records: Records) -> None:
        self._company = company
        self._records = records

    def present(self, document: PurchaseDocument) -> list[dict[str, Any]]:
        rows = self._records.rows(LINE)
        keys = [self._records.ids.of(LINE, (document.document_id, line.line_id)) for line in document.lines]
        names = (
            "description",
            "quantity",
            "unit_price",
            "unit",
            "product",
            "account",
            "taxes",
            "origin",
            "currency",
        )
        return [{"id": key, **{name: rows[key][name] for name in names}} for key in keys]

    def commanded(self, lines: list[dict[str, Any]], commands: Any) -> Commanded:
        """After `create`, `write` and `delete`; the account is required where a line is one."""
        kept = list(lines)
        for command, *rest in commands:
            if command == "create":
                kept += [{"id": None, **check(LINE, values)} for values in rest[0]]
            elif command == "write":
                kept = [{**x, **check(LINE, rest[1])} if x["id"] in rest[0] else x for x in kept]
            elif command == "delete":
                kept = [x for x in kept if x["id"] not in rest[0]]
            else:
                raise UserError(f"This sandbox does not know the command {command} for lines.")
        return [(line, self._amount(line)) for line in kept]

    def _amount(self, line: Mapping[str, Any]) -> Decimal:
        for name in ("quantity", "unit_price", "account"):
            if line.get(name) is None:
                raise UserError(f'A value is required for field "{name}" in "Invoice Line".')
        currency = known(self._records, "currency.currency", self._currency(line))
        return round_amount(line["quantity"] * line["unit_price"], currency)

    def _currency(self, line: Mapping[str, Any]) -> int:
        own = self._records.masters.currency(self._company.settings.currency)
        return int(line.get("currency") or own)

    def require_currency(self, lines: Commanded, currency: int) -> None:
        """A line that names no currency is in the company's."""
        if any(self._currency(line) != currency for line, _ in lines):
            raise UserError(
                'The value for field "Lines" of "Account Invoice" is not valid according to its domain.'
            )

    def entered(self, lines: Commanded, sign: int) -> list[DocumentLine]:
        return [self._line(values, net, sign) for values, net in lines]

    def _line(self, given: Mapping[str, Any], net: Decimal, sign: int) -> DocumentLine:
        product = (
            None
            if given.get("product") is None
            else known(self._records, "product.product", given["product"])
        )
        account = known(self._records, "account.account", given["account"])
        origin = given.get("origin")
        order_number, order_line = self._ordered(origin) if origin else (None, None)
        if origin and product is None:
            product = self._company.purchasing.line(order_number or "", order_line or "").item_number
        unit = given.get("unit")
        taxes = self._taxes(given.get("taxes"))
        return DocumentLine(
            line_id="" if given["id"] is None else self._records.ids.pair(LINE, given["id"])[1],
            description=given.get("description") or "",
            item_number=product,
            account=account if product is None else None,
            quantity=sign * given["quantity"],
            unit=None if unit is None else known(self._records, "product.uom", unit),
            unit_price=given["unit_price"],
            net_amount=sign * net,
            tax_code=None if not taxes else known(self._records, "account.tax", taxes[0]),
            order_number=order_number,
            order_line_id=order_line,
        )

    def _ordered(self, origin: str) -> tuple[str, str]:
        model, _, key = origin.partition(",")
        found = self._records.ids.key(model, int(key)) if model == "purchase.line" else None
        if not isinstance(found, tuple):
            raise UserError(f'The origin "{origin}" does not exist.')
        return found[0], found[1]

    def _taxes(self, given: Any) -> list[int]:
        """Ids of a row, or commands that end at one tax."""
        found: list[int] = []
        for each in given or []:
            if isinstance(each, int):
                found.append(each)
            elif each[0] == "add":
                found += each[1]
            elif each[0] == "remove":
                found = [key for key in found if key not in each[1]]
            else:
                raise UserError(f"This sandbox does not know the command {each[0]} for taxes.")
        if len(found) > 1:
            raise UserError("This sandbox keeps one tax for a line.")
        return found


def known(records: Records, model: str, key: int) -> str:
    """What the books call a record. Raises UserError for an id that nobody has."""
    found = records.ids.key(model, key)
    if key not in records.rows(model) or not isinstance(found, str):
        raise UserError(f'The value "{key}" of "{model}" does not exist.')
    return found


def booked(enter: Callable[[], Any]) -> Any:
    """What the books answer. A refusal of theirs is a UserError."""
    try:
        return enter()
    except Refused as refused:
        if refused.code is Refusal.PERIOD_CLOSED:
            raise UserError(_NO_PERIOD.format(day=refused.message.split()[2])) from refused
        raise UserError(refused.message) from refused
