"""Accounts, cost centres and tax codes that the ERP has, for checking what settings and lists name."""

from __future__ import annotations

from collections.abc import Mapping

from tools.domain.record import Record
from tools.erp.contract import Account, Capability, CostCentre, Erp


class LedgerCodes(Record):
    """None where the ERP does not tell: nothing can then be said against a code."""

    accounts: Mapping[str, Account] | None = None
    tax_codes: frozenset[str] | None = None
    cost_centres: Mapping[str, CostCentre] | None = None

    def account_fault(self, number: str) -> str | None:
        """Why no invoice can be posted to the account, as part of a sentence; None when it can."""
        if self.accounts is None:
            return None
        account = self.accounts.get(number)
        if account is not None and account.blocked:
            return f"account {number} {account.name} is blocked in the ERP"
        return self.coding_fault(number)

    def coding_fault(self, number: str) -> str | None:
        """Why no line was ever coded to the account by hand, as part of a sentence: there is none, or only
        the ERP itself posts on it, as on those of suppliers and of tax. It may be blocked by now."""
        if self.accounts is None:
            return None
        account = self.accounts.get(number)
        if account is None:
            return f"there is no account {number} in the ERP"
        if not account.direct_posting:
            return f"account {number} {account.name} takes no direct posting in the ERP"
        return None

    def lacks_account(self, number: str) -> bool:
        return self.accounts is not None and number not in self.accounts

    def cost_centre_fault(self, code: str) -> str | None:
        """Why no line can be charged to the cost centre, as part of a sentence; None when one can."""
        if self.cost_centres is None:
            return None
        centre = self.cost_centres.get(code)
        if centre is None:
            return f"there is no cost centre {code} in the ERP"
        return f"cost centre {code} {centre.name} is blocked in the ERP" if centre.blocked else None

    def lacks_cost_centre(self, code: str) -> bool:
        return self.cost_centres is not None and code not in self.cost_centres

    def lacks_tax_code(self, code: str) -> bool:
        return self.tax_codes is not None and code not in self.tax_codes


async def ledger_codes(erp: Erp) -> LedgerCodes:
    """What the ERP tells now. Raises ErpError."""
    accounts = tax_codes = centres = None
    if Capability.READ_ACCOUNTS in erp.capabilities:
        accounts = {account.number: account for account in await erp.accounts()}
    if Capability.READ_TAX_CODES in erp.capabilities:
        tax_codes = frozenset(await erp.tax_codes())
    if Capability.READ_COST_CENTRES in erp.capabilities:
        # A company without cost centres has none to compare with.
        centres = {centre.code: centre for centre in await erp.cost_centres()} or None
    return LedgerCodes(accounts=accounts, tax_codes=tax_codes, cost_centres=centres)
