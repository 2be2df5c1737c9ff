"""Golden vectors of tax: rates by country and day, amounts, categories, parties, VAT ids, tax codes.

`given["ask"]` names the question; `_ASK` lists them. Amounts and rates are text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tools.domain.company import CompanyProfile
from tools.domain.decision import PostingLine
from tools.domain.documents import DocumentFormat, DocumentType, Invoice, InvoiceLine, Party, TaxLine
from tools.domain.findings import Severity
from tools.domain.identifiers import SupplierId, vat_country, vat_id_verdict
from tools.domain.money import Money
from tools.domain.policy import MatchPolicy
from tools.domain.supplier import Supplier
from tools.matching.tax import check_tax
from tools.matching.tax_codes import check_deductible
from tools.matching.tax_rates import rate_verdict, rates_on


def evaluate(given: Mapping[str, Any]) -> Any:
    """The answer of the rules to one question."""
    return _ASK[given["ask"]](given)


def _rate(given: Mapping[str, Any]) -> str:
    """Whether a rate held in a country on a day: a `RateVerdict`."""
    return rate_verdict(given["country"], Decimal(given["rate"]), date.fromisoformat(given["day"])).value


def _rates(given: Mapping[str, Any]) -> list[str]:
    found = rates_on(given["country"], date.fromisoformat(given["day"]))
    return [f"{rate.normalize():f}" for rate in found]


def _vat_id(given: Mapping[str, Any]) -> bool | None:
    return vat_id_verdict(given["vat_id"])


def _country(given: Mapping[str, Any]) -> str | None:
    return vat_country(given["vat_id"])


def _code(given: Mapping[str, Any]) -> str | None:
    rate = given.get("rate")
    return _profile({"codes": given["codes"]}).tax_code(
        given.get("category"),
        None if rate is None else Decimal(rate),
        country=given.get("country"),
        supply=given.get("supply"),
        account=given.get("account"),
    )


def _invoice(given: Mapping[str, Any]) -> list[str]:
    """`severity rule` of each finding that is more than information, sorted; with `only`, those rules."""
    invoice, profile = _document(given), _profile(given.get("company", {}))
    found = check_tax(invoice, profile, MatchPolicy(), _supplier(given))
    only = given.get("only")
    return sorted(
        f"{entry.severity.value} {entry.rule}"
        for entry in found
        if (entry.severity is not Severity.INFO or given.get("info")) and (not only or entry.rule in only)
    )


def _withheld(given: Mapping[str, Any]) -> str | None:
    found = check_tax(_document(given), _profile(given["company"]), MatchPolicy(), _supplier(given))
    return next((entry.figures["amount"] for entry in found if entry.rule == "tax.withholding"), None)


def _account(given: Mapping[str, Any]) -> list[str]:
    """Rules broken by a posting line of an account with restricted input tax."""
    line = PostingLine(
        description="line",
        quantity=Decimal(1),
        unit_price=Decimal(100),
        net_amount=Money.of("100.00", "EUR"),
        account=given["account"],
        tax_code=given.get("tax_code"),
        tax_rate=Decimal(given["rate"]) if "rate" in given else None,
    )
    return [entry.rule for entry in check_deductible([line], _profile(given["company"]))]


def _profile(given: Mapping[str, Any]) -> CompanyProfile:
    return CompanyProfile(
        company="GOLD",
        vat_ids=tuple(given.get("vat_ids", ())),
        country=given.get("country"),
        currency=given.get("currency", "EUR"),
        tax_codes=given.get("codes", {}),
        deductible={account: Decimal(share) for account, share in given.get("deductible", {}).items()},
        reverse_charge_suppliers=frozenset(given.get("reverse_charge", ())),
        use_tax=given.get("use_tax", False),
        withholding={number: Decimal(rate) for number, rate in given.get("withholding", {}).items()},
    )


def _supplier(given: Mapping[str, Any]) -> Supplier:
    return Supplier(supplier_id=SupplierId("S1"), name="Seller", vat_id=given.get("master_vat_id"))


def _document(given: Mapping[str, Any]) -> Invoice:
    currency = given.get("currency", "EUR")
    rows = tuple(_row(row, currency) for row in given.get("rows", ()))
    day, supplied = given.get("day", "2025-03-03"), given.get("supplied")
    return Invoice(
        document_type=DocumentType.CREDIT_NOTE if given.get("credit") else DocumentType.INVOICE,
        format=DocumentFormat(given.get("format", "ubl")),
        number="1",
        issue_date=date.fromisoformat(day),
        supply_date=date.fromisoformat(supplied) if supplied else None,
        currency=currency,
        supplier=Party(name="Seller", vat_id=given.get("seller"), country=given.get("seller_country")),
        buyer=Party(
            name="Buyer",
            vat_id=given.get("buyer"),
            registration_id=given.get("buyer_register"),
            country=given.get("buyer_country"),
        ),
        preceding_invoice=given.get("preceding"),
        lines=tuple(_line(line, currency) for line in given.get("lines", ())),
        taxes=rows,
        net_total=_money(given.get("net"), currency),
        tax_total=_money(given.get("tax"), currency),
        notes=tuple(given.get("notes", ())),
    )


def _row(row: Sequence[Any], currency: str) -> TaxLine:
    """[category, rate, base, amount] and, where there is one, the reason."""
    category, rate, base, amount, *reason = row
    return TaxLine(
        category=category,
        rate=None if rate is None else Decimal(rate),
        base=_money(base, currency),
        amount=_money(amount, currency),
        reason=reason[0] if reason else None,
    )


def _line(line: Sequence[Any], currency: str) -> InvoiceLine:
    """[net, category, rate]."""
    net, category, rate = line
    return InvoiceLine(
        description="line",
        net_amount=_money(net, currency),
        tax_category=category,
        tax_rate=None if rate is None else Decimal(rate),
    )


def _money(amount: str | None, currency: str) -> Money | None:
    """`12.00`, or `12.00 USD` where it is in another currency than the document."""
    if amount is None:
        return None
    value, _, stated = amount.partition(" ")
    return Money.of(value, stated or currency)


_ASK: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "rate": _rate,
    "rates": _rates,
    "vat_id": _vat_id,
    "country": _country,
    "code": _code,
    "invoice": _invoice,
    "withheld": _withheld,
    "account": _account,
}
