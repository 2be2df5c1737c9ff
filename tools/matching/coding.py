"""Accounts for what has no order line: given by a person, by the supplier, or by the company."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.domain.company import CompanyProfile
from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, MatchResult, Severity
from tools.domain.supplier import Supplier
from tools.matching.freight import is_freight
from tools.matching.invoice_lines import billable_lines


@dataclass(frozen=True, slots=True)
class Accounts:
    """Where lines without an order line go. `given` (by invoice line position) and `given_for_all` are a
    person's choice and come first."""

    profile: CompanyProfile
    supplier: Supplier
    given_for_all: str | None = None
    given: Mapping[int, str] = field(default_factory=dict)

    def for_line(self, index: int, description: str | None) -> str | None:
        """The account of an invoice line; None is a question for a person."""
        chosen = self.given.get(index) or self.given_for_all
        return chosen or (self.for_charge() if is_freight(description) else self.for_rest())

    def for_charge(self) -> str | None:
        """Delivery cost and other charges of the whole document."""
        return self.profile.freight_account or self.for_rest()

    def for_rest(self) -> str | None:
        """Goods, services and discounts without a line of their own."""
        return self.given_for_all or self.supplier.default_account or self.profile.default_account

    def for_rounding(self) -> str | None:
        return self.profile.rounding_account or self.for_rest()


def check_coding(invoice: Invoice, match: MatchResult, accounts: Accounts) -> list[Discrepancy]:
    """CODING_UNSURE for each part of the document that has neither an order line nor an account."""
    lines = {line.index: line for line in billable_lines(invoice)}
    found = []
    for index in match.unmatched:
        line = lines[index]
        # A free line is not posted.
        if line.net and accounts.for_line(index, line.line.description) is None:
            found.append(_unsure(f"Line {line.name} ({line.line.description or 'no text'})", line.name))
    for extra in invoice.allowances:
        account = accounts.for_charge() if extra.is_charge else accounts.for_rest()
        if account is None and extra.amount.amount:
            word = "charge" if extra.is_charge else "discount"
            found.append(_unsure(f"The {word} {extra.reason or extra.amount} of the document", None))
    if not lines and accounts.for_rest() is None:
        found.append(_unsure("The document itemises nothing and", None))
    return found


def _unsure(what: str, line_id: str | None) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.CODING_UNSURE,
        severity=Severity.BLOCK,
        rule="account.unknown",
        message=f"{what} has no account: neither the supplier nor the company has a default.",
        line_id=line_id,
    )
