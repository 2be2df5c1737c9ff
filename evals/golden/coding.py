"""Golden vectors of coding: which account a line without an order gets, from what, or that it is asked.

`given`: `text` (or `lines`), `history` as [date, document, text, account] with an optional cost centre and
supplier, `rules`, `company`, `supplier_account`, `postable`, `policy`, `given`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tools.domain.coding import CodedLine, CodingPolicy
from tools.domain.company import CompanyProfile
from tools.domain.documents import DocumentFormat, DocumentType, Invoice, InvoiceLine, Party
from tools.domain.findings import MatchDepth, MatchResult
from tools.domain.identifiers import SupplierId
from tools.domain.money import Money
from tools.domain.supplier import Supplier
from tools.matching.coding import Accounts, accounts_of
from tools.matching.coding_checks import check_coding
from tools.matching.facts import Facts
from tools.matching.given_accounts import given_for_lines


def evaluate(given: Mapping[str, Any]) -> Any:
    """For `ask` findings: the rules broken, sorted; for `ask` given: what a clerk's text means; else account
    and source of each line (null: a person is asked), with the cost centre where there is one."""
    if given.get("ask") == "given":
        one, each, fault = given_for_lines(given["text"])
        return {
            "all": one,
            "lines": {str(at): value for at, value in each.items()},
            "fault": fault is not None,
        }
    facts = _facts(given)
    accounts = accounts_of(facts)
    if given.get("ask") == "findings":
        unmatched = tuple(range(len(facts.invoice.lines)))
        match = MatchResult(depth=MatchDepth.NON_PO, unmatched=unmatched, policy="golden v1")
        return sorted(entry.rule for entry in check_coding(facts.invoice, match, accounts))
    found = [_choice(accounts, index, line) for index, line in enumerate(facts.invoice.lines)]
    return found if "lines" in given else found[0]


def _choice(accounts: Accounts, index: int, line: InvoiceLine) -> list[str] | None:
    choice = accounts.choice(index, line.description)
    if choice is None:
        return None
    return [choice.account, choice.source.value, *([choice.cost_centre] if choice.cost_centre else [])]


def _facts(given: Mapping[str, Any]) -> Facts:
    lines = given.get("lines") or [[given.get("text", ""), given.get("amount", "100.00")]]
    chosen = given.get("given", {})
    return Facts(
        invoice=_document(lines, given.get("currency", "EUR")),
        supplier=Supplier(
            supplier_id=SupplierId("S1"), name="Seller", default_account=given.get("supplier_account")
        ),
        profile=CompanyProfile(company="GOLD", **given.get("company", {})),
        today=date(2026, 6, 1),
        coding=CodingPolicy.model_validate({**given.get("policy", {}), "rules": given.get("rules", [])}),
        history=tuple(_coded(entry) for entry in given.get("history", ())),
        postable=given.get("postable"),
        account_given=chosen.get("account"),
        accounts_given={int(at): account for at, account in chosen.get("accounts", {}).items()},
        cost_centre_given=chosen.get("cost_centre"),
    )


def _document(lines: Sequence[Sequence[str]], currency: str) -> Invoice:
    """Each line: [text, amount] and, where there are some, quantity and unit."""
    return Invoice(
        document_type=DocumentType.INVOICE,
        format=DocumentFormat.UBL,
        currency=currency,
        supplier=Party(name="Seller"),
        buyer=Party(name="Buyer"),
        lines=tuple(_line(line, currency) for line in lines),
    )


def _line(line: Sequence[str], currency: str) -> InvoiceLine:
    text, amount, *rest = line
    return InvoiceLine(
        description=text,
        net_amount=Money.of(amount, currency),
        quantity=Decimal(rest[0]) if rest else None,
        unit=rest[1] if len(rest) > 1 else None,
        supplier_item_id=rest[2] if len(rest) > 2 else None,
    )


def _coded(entry: Sequence[str | None]) -> CodedLine:
    day, document, text, account, *rest = entry
    return CodedLine(
        posted_on=date.fromisoformat(str(day)),
        document=document or "",
        description=text or "",
        account=str(account),
        cost_centre=rest[0] if rest else None,
        supplier_id=SupplierId(rest[1] or "S1") if len(rest) > 1 else SupplierId("S1"),
    )
