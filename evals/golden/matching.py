"""Golden vectors of matching: an invoice, its orders and a policy in, findings (or what is asked for) out.

`given` leaves out what is plain: one order of 100 pieces at 10.00 EUR, all received, nothing billed, and an
invoice in EUR without tax whose totals are the sums of its lines. `show` names the view, see `_VIEWS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tools.domain.company import CompanyProfile
from tools.domain.documents import (
    AllowanceCharge,
    DocumentFormat,
    DocumentType,
    GoodsReceipt,
    Invoice,
    InvoiceLine,
    OrderLine,
    OrderState,
    Party,
    PurchaseOrder,
)
from tools.domain.findings import MatchResult, Severity
from tools.domain.money import Money, round_amount
from tools.domain.policy import MatchChoice, MatchPolicy
from tools.domain.supplier import Supplier
from tools.matching.billing import Billed
from tools.matching.engine import assess
from tools.matching.facts import Facts
from tools.matching.policy_choice import Policies
from tools.matching.posting_lines import posting_lines
from tools.matching.preset_files import expanded
from tools.matching.resolutions import allowed
from tools.matching.three_way import match
from tools.matching.ways_out import Effect

_CREDIT_NOTES = frozenset({"381", "261", "396"})
_MONEY = frozenset({"unit_price", "planned_delivery_cost", "value_limit"})
_Given = Mapping[str, Any]


def evaluate(given: _Given) -> Any:
    """What the rules say about `given`; see `_VIEWS` for the forms of the answer."""
    return _VIEWS[given.get("show", "findings")](facts_of(given), given)


def _matched(facts: Facts) -> MatchResult:
    return match(
        facts.invoice,
        facts.orders,
        facts.receipts,
        facts.billed,
        facts.policy,
        facts.supplier,
        company=facts.profile.company,
        choices=facts.choices,
        profile=facts.profile,
        today=facts.today,
        given=facts.lines_given,
    )


def _findings(facts: Facts, given: _Given) -> list[str]:
    """`rule severity` of what blocks or warns, sorted."""
    found = _matched(facts).discrepancies
    return sorted(f"{entry.rule} {entry.severity}" for entry in found if entry.severity is not Severity.INFO)


def _figures(facts: Facts, given: _Given) -> list[list[str]]:
    """Rule, and those of its figures that `given["figures"]` names, for findings of any severity."""
    rules = given.get("rules")
    return sorted(
        [entry.rule, *(entry.figures.get(name, "") for name in given["figures"])]
        for entry in _matched(facts).discrepancies
        if rules is None or entry.rule in rules
    )


def _lines(facts: Facts, given: _Given) -> list[list[str]]:
    """Invoice line position, order, order line, billed quantity."""
    return [
        [str(row.invoice_index), row.order_number, row.order_line_id, f"{row.billed:f}"]
        for row in _matched(facts).lines
    ]


def _policy(facts: Facts, given: _Given) -> str:
    return _matched(facts).policy


def _depth(facts: Facts, given: _Given) -> str:
    return _matched(facts).depth.value


def _posting(facts: Facts, given: _Given) -> list[list[str]]:
    """Description, amount and account or order line of each posting line."""
    policy = Policies(facts.policy, facts.choices, facts.profile.company, facts.supplier).for_document()
    rows = posting_lines(
        facts.invoice, _matched(facts), facts.orders, facts.profile, facts.supplier, policy=policy
    )
    return [
        [row.description, f"{row.net_amount.amount:f}", row.account or row.order_line_id or ""]
        for row in rows
    ]


def _whole(facts: Facts, given: _Given) -> list[str]:
    """As `findings`, of all checks of the document, only rules that begin as one of `given["rules"]`."""
    found = assess(facts).discrepancies
    return sorted(
        f"{entry.rule} {entry.severity}"
        for entry in found
        if entry.severity is not Severity.INFO and entry.rule.startswith(tuple(given["rules"]))
    )


def _holds(facts: Facts, given: _Given) -> list[list[str]]:
    """Rule, hold or key, manual release, accounting while held; of the rules that `given["rules"]` names."""
    names = ("manual_release", "accounting_while_held")
    return sorted(
        [entry.rule, entry.figures.get("hold", entry.rule), *(entry.figures.get(name, "") for name in names)]
        for entry in assess(facts).discrepancies
        if entry.rule.startswith(tuple(given["rules"]))
    )


def _release(facts: Facts, given: _Given) -> bool:
    """Whether a person may post despite what matching found."""
    found = _matched(facts).discrepancies
    return any(way.effect is Effect.POST for way in allowed(found))


_VIEWS: Mapping[str, Callable[[Facts, _Given], Any]] = {
    "findings": _findings,
    "figures": _figures,
    "lines": _lines,
    "policy": _policy,
    "depth": _depth,
    "posting": _posting,
    "whole": _whole,
    "holds": _holds,
    "release": _release,
}


def facts_of(given: _Given) -> Facts:
    """The small world that `given` describes; what it leaves out is plain."""
    tables = expanded({"match": given.get("policy", {}), "match_for": given.get("match_for", [])})
    profile = {"company": "DEMO", "default_account": "4000", "rounding_account": "4990"}
    supplier = {"supplier_id": "S1", "name": "Supplier", **given.get("supplier", {})}
    if isinstance(supplier.get("amount_limit"), str):
        supplier["amount_limit"] = _money(supplier["amount_limit"], "EUR")
    return Facts(
        invoice=_invoice(given.get("invoice", {})),
        supplier=Supplier.model_validate(supplier),
        profile=CompanyProfile.model_validate({**profile, **given.get("profile", {})}),
        policy=MatchPolicy.model_validate(tables["match"]),
        choices=tuple(MatchChoice.model_validate(table) for table in tables["match_for"]),
        today=date.fromisoformat(given.get("today", "2026-03-20")),
        orders=tuple(_order(order, place) for place, order in enumerate(given.get("orders", [{}]))),
        receipts=tuple(GoodsReceipt.model_validate(receipt) for receipt in given.get("receipts", [])),
        billed={_key(name): Billed.model_validate(row) for name, row in given.get("billed", {}).items()},
        lines_given={int(at): _key(name) for at, name in given.get("lines_given", {}).items()},
    )


def _key(name: str) -> Any:
    """`PO1/2` is line 2 of order PO1."""
    return tuple(name.split("/"))


def _money(amount: str, currency: str) -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def _amounts(fields: Mapping[str, Any], currency: str) -> dict[str, Any]:
    return {
        key: _money(value, currency) if key in _MONEY and isinstance(value, str) else value
        for key, value in fields.items()
    }


def _order(given: _Given, place: int) -> PurchaseOrder:
    currency = given.get("currency", "EUR")
    rows = [_order_line(row, at, currency) for at, row in enumerate(given.get("lines", [{}]), start=1)]
    fields = {
        "number": f"PO{place + 1}",
        "company": "DEMO",
        "supplier_id": "S1",
        "currency": currency,
        "state": OrderState.OPEN,
        "version": "1",
        **_amounts(given, currency),
        "lines": rows,
    }
    return PurchaseOrder.model_validate(fields)


def _order_line(given: _Given, at: int, currency: str) -> OrderLine:
    fields = {
        "line_id": str(at),
        "item_number": f"I{at}",
        "description": f"Item {at}",
        "unit": "H87",
        "ordered": "100",
        "unit_price": "10.00",
        **given,
    }
    if isinstance(fields.get("moving_average"), str):
        fields["moving_average"] = _money(fields["moving_average"], "EUR")
    fields.setdefault("received", fields["ordered"])
    return OrderLine.model_validate(_amounts(fields, currency))


def _invoice(given: _Given) -> Invoice:
    currency, code = given.get("currency", "EUR"), given.get("type", "380")
    lines = tuple(_line(row, at, currency) for at, row in enumerate(given.get("lines", [{}])))
    extras = tuple(
        AllowanceCharge(is_charge=not amount.startswith("-"), amount=Money.of(amount.lstrip("-"), currency))
        for amount in given.get("extras", [])
    )
    net = sum((line.net_amount.amount for line in lines if line.net_amount), Decimal(0))
    net += sum((e.amount.amount if e.is_charge else -e.amount.amount for e in extras), Decimal(0))
    stated = Decimal(given.get("net", net))
    tax = Decimal(given.get("tax", "0"))
    totals = {"net_total": stated, "tax_total": tax, "gross_total": Decimal(given.get("gross", stated + tax))}
    totals |= {name: Decimal(given[name]) for name in ("prepaid", "rounding", "payable") if name in given}
    return Invoice.model_validate(
        {
            "document_type": DocumentType.CREDIT_NOTE if code in _CREDIT_NOTES else DocumentType.INVOICE,
            "type_code": code,
            "format": DocumentFormat.UBL,
            "number": "R-1",
            "issue_date": given.get("date", "2026-03-16"),
            "currency": currency,
            "supplier": Party(name="Supplier"),
            "buyer": Party(name="Demo"),
            "order_number": given.get("order", "PO1"),
            "preceding_invoice": given.get("preceding"),
            "lines": lines,
            "allowances": extras,
            "taxes": given.get("taxes", ()),
            **{name: Money.of(amount, currency) for name, amount in totals.items()},
        }
    )


def _line(given: _Given, at: int, currency: str) -> InvoiceLine:
    quantity, price = given.get("quantity", "1"), given.get("price", "10.00")
    base = Decimal(given.get("base", "1"))
    net = given.get("net") or round_amount(Decimal(quantity) * Decimal(price) / base, currency)
    return InvoiceLine(
        line_id=str(at + 1),
        description=given.get("text", f"Item {at + 1}"),
        quantity=Decimal(quantity),
        unit=given.get("unit", "H87"),
        unit_price=Money.of(price, currency),
        price_base=base,
        net_amount=Money.of(net, currency),
        order_number=given.get("order"),
        buyer_item_id=given.get("item", f"I{at + 1}") or None,
    )
