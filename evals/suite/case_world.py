"""The world of a case from life: what the ERP held when the case was decided, with other names and numbers.

What the ERP counts (received, billed) becomes the receipts and invoices it follows from; the case's own
entries are left out, since they are what the case is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from evals.suite.anonymise import Disguise
from evals.suite.case_history import LONG_AGO, EarlierInvoices
from evals.suite.disguised_records import disguised_order, disguised_supplier
from evals.suite.installation import RealCase
from tools.domain.documents import GoodsReceipt, PurchaseOrder
from tools.domain.supplier import Supplier
from tools.erp.contract import Capability

_STOCK, _INPUT_TAX, _REVERSE_IN, _REVERSE_OUT = "990300", "990520", "990530", "990780"
"""Accounts of the base company `plain`."""
_ACCOUNT_FIELDS = ("default_account", "freight_account", "rounding_account", "small_difference_account")


@dataclass
class WorldMaker:
    """Writes the world; `doubts` are for the author."""

    case: RealCase
    disguise: Disguise
    scaled: Callable[[Decimal], Decimal]
    capabilities: frozenset[Capability]
    doubts: list[str] = field(default_factory=list)

    @property
    def orders(self) -> list[PurchaseOrder]:
        facts = self.case.facts
        return [*facts.orders, *facts.candidates] if facts else []

    @property
    def posted_lines(self) -> list[Any]:
        """Lines of everything that was proposed."""
        made = (proposal.action for proposal in self.case.proposals.values())
        return [line for action in made for line in getattr(action, "lines", ())]

    def overlay(self, company: Mapping[str, Any], policy: Mapping[str, Any]) -> dict[str, Any]:
        """`world.json`; `company` and `policy` are the settings, disguised."""
        facts = self.case.facts
        linked = Capability.LINK_ORDER_LINES in self.capabilities
        earlier = EarlierInvoices(self.case, self.disguise, self.scaled, linked, self.doubts)
        earlier.gather(self.orders)
        name = company["names"][0] if company["names"] else company["company"]
        return {
            "base": "plain",
            "books": {"company": company["company"], "name": name, "currency": company["currency"]},
            "units": sorted({line.unit for order in self.orders for line in order.lines}),
            "accounts": [
                {"number": number, "name": f"Account {number}"} for number in self._accounts(company)
            ],
            "cost_centres": [{"code": code, "name": f"Centre {code}"} for code in self._centres()],
            "items": self._items(),
            "suppliers": [{"supplier": self.supplier(one)} for one in self.case.suppliers],
            "orders": [
                disguised_order(order, self.disguise, self.scaled, company["company"])
                for order in self.orders
            ],
            "receipts": [row for order in self.orders for row in self._receipts(order)],
            "invoices": earlier.rows,
            "tax_codes": self._tax_codes(company["tax_codes"], earlier.tax_codes),
            "rates": self._rates(earlier.rows),
            "posting_window": facts.window.model_dump(mode="json", exclude_none=True) if facts else {},
            "verified": self._verified(),
            "settings": dict(company),
            "policy": dict(policy),
        }

    def supplier(self, supplier: Supplier) -> dict[str, Any]:
        account = self._default_account(supplier)
        return disguised_supplier(supplier, self.disguise, self.scaled, account)

    def _default_account(self, supplier: Supplier) -> str | None:
        """What earlier codings gave stands as the supplier's own account: a case knows no earlier codings."""
        posted, own = self.case.posted, supplier.default_account
        if own or posted is None or posted.supplier_id != supplier.supplier_id:
            return own
        used = {line.account for line in posted.lines if line.order_number is None and line.account}
        return used.pop() if len(used) == 1 else None

    def _verified(self) -> dict[str, str]:
        """One account a supplier: the last one people verified."""
        if any(len(accounts) > 1 for accounts in self.case.accounts.values()):
            self.doubts.append("a supplier has several verified accounts; the world has the last")
        return {
            self.disguise.identifier(supplier): self.disguise.identifier(accounts[-1].iban)
            for supplier, accounts in self.case.accounts.items()
            if accounts
        }

    def _accounts(self, company: Mapping[str, Any]) -> list[str]:
        facts = self.case.facts
        used = {company.get(name) for name in _ACCOUNT_FIELDS}
        used |= {key.partition("@")[2] for key in company["tax_codes"]}
        used |= {supplier.default_account for supplier in self.case.suppliers}
        used |= set(facts.coding.postable or ()) if facts else set()
        used |= {line.account for order in self.orders for line in order.lines}
        used |= {getattr(line, "account", None) for line in self.posted_lines}
        return sorted(account for account in used if account)

    def _centres(self) -> list[str]:
        found = {getattr(line, "cost_centre", None) for line in self.posted_lines}
        return sorted(centre for centre in found if centre)

    def _items(self) -> list[dict[str, str]]:
        found = {}
        for line in (line for order in self.orders for line in order.lines):
            if line.item_number is not None:
                number = self.disguise.identifier(line.item_number)
                text = self.disguise.words(line.description)
                about = {"description": text, "unit": line.unit, "inventory_account": _STOCK}
                found[number] = {"number": number, **about}
        return list(found.values())

    def _receipts(self, order: PurchaseOrder) -> Iterator[dict[str, Any]]:
        """The receipts as they were, and one more for what the ERP counts beyond them."""
        counted: dict[str, Decimal] = {}
        ours = [receipt for receipt in self._receipts_of(order) if receipt.number in self.case.own_numbers]
        for receipt in self._receipts_of(order):
            lines = [] if receipt in ours else self._received(receipt, order)
            for row in lines:
                quantity = Decimal(row["quantity"])
                counted[row["order_line_id"]] = counted.get(row["order_line_id"], Decimal(0)) + quantity
            if lines:
                yield self._receipt(
                    self.disguise.identifier(receipt.number), order, receipt.received_on, lines
                )
        more = [
            {"order_line_id": line.line_id, "quantity": f"{line.received - counted.get(line.line_id, 0)}"}
            for line in order.lines
            if not ours and line.received > counted.get(line.line_id, 0)
        ]
        if more:
            day = order.ordered_on or self.case.today - LONG_AGO
            yield self._receipt(f"{self.disguise.identifier(order.number)}-R", order, day, more)

    def _received(self, receipt: GoodsReceipt, order: PurchaseOrder) -> list[dict[str, Any]]:
        found = []
        for row in receipt.lines:
            line_id = row.order_line_id or _line_of(order, row.item_number)
            if line_id is None or row.quantity <= 0:
                self.doubts.append("a receipt row names no order line, or goods went back: it is left out")
                continue
            kept = row.model_dump(mode="json", include={"accepted", "has_exception"}, exclude_defaults=True)
            found.append({"order_line_id": line_id, "quantity": f"{row.quantity}", **kept})
        return found

    def _receipts_of(self, order: PurchaseOrder) -> list[GoodsReceipt]:
        facts = self.case.facts
        return [one for one in (facts.receipts if facts else ()) if one.order_number == order.number]

    def _receipt(
        self, number: str, order: PurchaseOrder, day: date, lines: list[dict[str, Any]]
    ) -> dict[str, Any]:
        named = self.disguise.identifier(order.number)
        return {"number": number, "order_number": named, "received_on": f"{day}", "lines": lines}

    def _tax_codes(
        self, keys: Mapping[str, str], earlier: Mapping[str, Mapping[str, str]]
    ) -> list[dict[str, str]]:
        found: dict[str, Mapping[str, str]] = {}
        for line in (*(line for order in self.orders for line in order.lines), *self.posted_lines):
            if (code := getattr(line, "tax_code", None)) is not None:
                found[code] = _tax_code("S", f"{getattr(line, 'tax_rate', None) or 0}")
        for key, code in keys.items():
            category, _, rate = (
                key.partition("@")[0].split("|")[-1 if ":" in key.split("|")[-1] else 0].partition(":")
            )
            found[code] = _tax_code(category or "S", rate or "0")
        return [{"code": code, **values} for code, values in {**found, **earlier}.items()]

    def _rates(self, earlier: list[dict[str, Any]]) -> dict[str, list[dict[str, str]]]:
        profile, policy = self.case.settings.company, self.case.settings.policy.approval
        used = {order.currency for order in self.orders} | {row["currency"] for row in earlier}
        rates = {}
        for currency in sorted((used | {self.case.invoice.currency}) - {profile.currency}):
            known = profile.exchange_rates.get(currency) or policy.group_rates.get(currency)
            if known is None:
                self.doubts.append(f"the settings tell no rate for {currency}: world.json says 1")
            rates[currency] = [{"starting": "2000-01-01", "rate": f"{known or 1}"}]
        return rates


def _tax_code(category: str, rate: str) -> dict[str, str]:
    """Reverse charge is assessed at the rate the key names, which is mostly zero."""
    accounts = {}
    if category in ("AE", "K"):
        accounts = {"input_account": _REVERSE_IN, "output_account": _REVERSE_OUT}
    elif Decimal(rate):
        accounts = {"input_account": _INPUT_TAX}
    return {"category": category, "rate": rate, **accounts}


def _line_of(order: PurchaseOrder, item: str | None) -> str | None:
    """The only line of an item."""
    found = [line.line_id for line in order.lines if item is not None and line.item_number == item]
    return found[0] if len(found) == 1 else None
