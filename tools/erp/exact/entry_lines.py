"""The lines of a purchase entry: what is sent for each, and whether an entry has the lines approved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tools.domain.decision import InvoiceAction, PostingLine
from tools.domain.money import round_amount
from tools.erp.errors import ErpRejected
from tools.erp.exact import mapping, wire, wire_ledger
from tools.erp.exact.session import NAME

LONGEST_DESCRIPTION = 60
"""Characters; longer texts are cut. The limit is not published."""
_ROUNDING = 5
"""Smallest units of the currency by which a supplier's tax may differ from ours, or one for each line."""


def body_of_line(
    line: PostingLine,
    account: wire_ledger.LedgerAccount,
    code: wire_ledger.VatCode | None,
    tax: Decimal | None,
    sign: int,
) -> dict[str, Any]:
    net = round_amount(line.net_amount.amount, line.net_amount.currency)
    body: dict[str, Any] = {
        "GLAccount": account.id,
        "AmountFC": sign * net,
        "Quantity": line.quantity,
        "Description": line.description[:LONGEST_DESCRIPTION],
    }
    if code is not None:
        body["VATCode"] = code.code
    if tax is not None:
        body["VATAmountFC"] = sign * tax
    if line.cost_centre is not None:
        body["CostCenter"] = line.cost_centre
    return body


def vat_code_of(
    line: PostingLine, account: wire_ledger.LedgerAccount, known: dict[str, wire_ledger.VatCode]
) -> wire_ledger.VatCode | None:
    """The line's own code, else the account's default, which Exact would take by itself."""
    name = line.tax_code or account.vat_code
    if not name:
        return None
    code = known.get(name)
    if code is None:
        raise ErpRejected(f"there is no VAT code {name} in {NAME}", field="VATCode")
    if code.type == "I":
        raise ErpRejected(
            f"VAT code {name} takes amounts with tax in them; use one that calculates excluding",
            field="VATCode",
        )
    return code


def taxes_of(action: InvoiceAction, codes: Sequence[wire_ledger.VatCode | None]) -> list[Decimal | None]:
    """Tax to send for each line; None: Exact computes it and the supplier charges nothing (reverse charge, no
    code). Together they are exactly the approved tax: what rounding leaves goes to the largest line. Raises
    ErpRejected for tax that no line can carry."""
    found: list[Decimal | None] = []
    for line, code in zip(action.lines, codes, strict=True):
        rate = None if code is None or code.charged else mapping.percent(code.percentage)
        net = line.net_amount
        found.append(None if rate is None else round_amount(net.amount * rate / 100, net.currency))
    rest = action.tax.amount - sum((tax for tax in found if tax is not None), Decimal(0))
    if rest:
        carriers = [index for index, tax in enumerate(found) if tax]
        step = Decimal(1).scaleb(int(round_amount(Decimal(0), action.currency).as_tuple().exponent))
        if not carriers or abs(rest) > step * max(_ROUNDING, len(carriers)):
            raise ErpRejected(
                f"the VAT codes of the lines give {action.tax.amount - rest} tax, and {action.tax} were "
                "approved",
                field="VATCode",
            )
        largest = max(carriers, key=lambda index: abs(found[index] or Decimal(0)))
        found[largest] = (found[largest] or Decimal(0)) + rest
    return found


def recoded(row: wire.Entry, bodies: Sequence[Mapping[str, Any]]) -> str | None:
    """What the entry's lines say otherwise than those that would be sent: account, VAT code, cost centre and
    amount, whatever the order of the lines; None for nothing."""
    theirs = Counter(
        _coding(line.account, line.vat_code, line.cost_centre, line.amount) for line in row.entry_lines
    )
    ours = Counter(
        _coding(body["GLAccount"], body.get("VATCode"), body.get("CostCenter"), body["AmountFC"])
        for body in bodies
    )
    if theirs == ours:
        return None
    return f"its lines ({_told(theirs - ours)}) are not the ones approved ({_told(ours - theirs)})"


def _coding(account: str, vat_code: str | None, centre: str | None, amount: Decimal) -> tuple[str, ...]:
    """Equal amounts become equal texts: 2 and 2.00."""
    value = f"{amount.normalize() + Decimal(0):f}"
    return account.casefold(), (vat_code or "").strip(), (centre or "").strip(), value


def _told(lines: Counter[tuple[str, ...]]) -> str:
    """By what a person knows them: the id of an account is nothing one reads."""
    told = [
        f"{value} with VAT code {code or 'none'}, cost centre {centre or 'none'}"
        for _, code, centre, value in sorted(lines.elements())
    ]
    return "; ".join(told) or "none more"
