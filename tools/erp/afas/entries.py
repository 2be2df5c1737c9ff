"""An approved invoice or credit note as one message for `FiEntries`.

Profit computes nothing: VAT is a ledger line of its own on the code's account, and the message must balance
in the company's currency to the cent. Amounts are positive; a credit note has its sides swapped. No bank
field is ever set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tools.domain.decision import InvoiceAction, PostCreditNote, PostingLine
from tools.domain.money import round_amount
from tools.erp.afas import wire
from tools.erp.afas.mapping import LONGEST_INVOICE_NUMBER
from tools.erp.errors import ErpRejected

LONGEST_REFERENCE = 32
MOST_LINES = 1000
_LONGEST_TEXT = 255
_LONGEST_VAT_CODE = 3
_LEEWAY = Decimal("0.05")
"""How far the supplier's tax may differ from the computed tax, document currency."""

GENERAL_LEDGER, CREDITOR = "1", "3"


@dataclass(frozen=True)
class Journal:
    """Where an entry goes. `rate`: foreign currency for one unit of the company's; None for that itself."""

    administration: int
    code: str
    period: wire.Period
    currency: str
    vat_codes: Mapping[str, wire.VatCode]
    rate: Decimal | None
    cost_centre_axis: int
    received_account: str | None
    """Takes lines that bill an order line and name no account: goods received, not invoiced."""


@dataclass(frozen=True)
class Part:
    """One ledger line in the document's currency; `vat` is the VAT code it carries."""

    account: str
    amount: Decimal
    vat: str
    description: str
    cost_centre: str | None = None


def message(action: InvoiceAction, journal: Journal) -> dict[str, Any]:
    """Raises ErpRejected for what such an entry cannot carry; nothing was sent then."""
    check_number(action.number)
    parts = [*_lines(action, journal), *_vat_lines(action, journal)]
    if len(parts) >= MOST_LINES:
        raise ErpRejected(f"AFAS takes at most {MOST_LINES} lines in an entry, this one has {len(parts) + 1}")
    if sum((part.amount for part in parts), Decimal(0)) != action.gross.amount:
        raise ErpRejected("the lines and the tax do not add up to the total of the document", field="AmCr")
    is_long = len(action.number) > LONGEST_INVOICE_NUMBER
    header: dict[str, Any] = {
        "Year": str(journal.period.year),
        "Peri": str(journal.period.period),
        "UnId": str(journal.administration),
        "JoCo": journal.code,
    }
    if is_long:
        header["AuNu"] = "1"
    numbers = {"BpNr": action.number} if is_long else {"InId": action.number}
    common = {
        "EnDa": action.posting_date.isoformat(),
        "BpDa": action.invoice_date.isoformat(),
        **numbers,
    }
    rows = [_creditor_line(action, journal, common), *_ledger_lines(action, journal, common, parts)]
    return {"FiEntryPar": {"Element": {"Fields": header, "Objects": {"FiEntries": {"Element": rows}}}}}


def check_number(number: str) -> None:
    """A longer number would have to be cut, and a cut number is found as another document's."""
    if len(number) > LONGEST_REFERENCE:
        raise ErpRejected(
            f"AFAS keeps {LONGEST_REFERENCE} characters of a supplier's invoice number, {number} has "
            f"{len(number)}; enter it by hand",
            field="Fref",
        )


def _lines(action: InvoiceAction, journal: Journal) -> list[Part]:
    return [_line(line, journal) for line in action.lines if line.net_amount.amount]


def _line(line: PostingLine, journal: Journal) -> Part:
    account = line.account or (journal.received_account if line.order_number else None)
    if account is None:
        raise ErpRejected(
            f"the line {line.description} has no account, and an entry in AFAS needs one", field="AcNr"
        )
    return Part(
        account, line.net_amount.amount, _code(line, journal).code, line.description, line.cost_centre
    )


def _code(line: PostingLine, journal: Journal) -> wire.VatCode:
    code = line.tax_code
    if code is None:
        raise ErpRejected(
            f"the line {line.description} has no VAT code, and AFAS does not choose one", field="VaId"
        )
    known = journal.vat_codes.get(code)
    if known is None or known.blocked or len(code) > _LONGEST_VAT_CODE:
        raise ErpRejected(f"AFAS has no VAT code {code} that an entry can carry", field="VaId")
    return known


def _vat_lines(action: InvoiceAction, journal: Journal) -> list[Part]:
    """One line a code. A difference of a few cents to the document goes to the largest; a greater one means
    that codes and document do not belong together."""
    bases: dict[str, Decimal] = {}
    for line in action.lines:
        if line.net_amount.amount:
            code = _code(line, journal).code
            bases[code] = bases.get(code, Decimal(0)) + line.net_amount.amount
    amounts = {
        code: round_amount(base * (journal.vat_codes[code].percent or 0) / 100, action.currency)
        for code, base in bases.items()
    }
    difference = action.tax.amount - sum(amounts.values(), Decimal(0))
    taxed = [code for code in amounts if journal.vat_codes[code].percent]
    if difference and (abs(difference) > _LEEWAY or not taxed):
        raise ErpRejected(
            f"the VAT codes make {sum(amounts.values(), Decimal(0))} {action.currency} of tax, the document "
            f"says {action.tax.amount} {action.currency}",
            field="VaId",
        )
    if difference:
        amounts[max(taxed, key=lambda code: abs(bases[code]))] += difference
    return [_vat_line(journal.vat_codes[code], amount) for code, amount in amounts.items() if amount]


def _vat_line(code: wire.VatCode, amount: Decimal) -> Part:
    if not code.account:
        raise ErpRejected(f"VAT code {code.code} names no account for its tax in AFAS", field="VaId")
    return Part(code.account, amount, code.code, "VAT")


def _creditor_line(action: InvoiceAction, journal: Journal, common: Mapping[str, str]) -> dict[str, Any]:
    gross = action.gross.amount
    fields: dict[str, Any] = {
        "VaAs": CREDITOR,
        "AcNr": action.supplier_id,
        **common,
        "Fref": action.number,
        **_amounts(-_sign(action) * gross, -_sign(action) * _based(gross, journal), action, journal),
    }
    if action.preceding_invoice is not None:
        # The stroke separates the reasons of a hold from the description.
        fields["Ds"] = f"Credits {action.preceding_invoice.replace('|', '/')}"[:_LONGEST_TEXT]
    if action.due_date is not None:
        fields["DaEx"] = action.due_date.isoformat()
    return {"Fields": fields}


def _ledger_lines(
    action: InvoiceAction, journal: Journal, common: Mapping[str, str], parts: Sequence[Part]
) -> list[dict[str, Any]]:
    """In the company's currency each line is the difference of two rounded running totals, so that the
    parts add up to the creditor's line."""
    rows, running = [], Decimal(0)
    for part in parts:
        before = _based(running, journal)
        running += part.amount
        based = _based(running, journal) - before
        sign = _sign(action)
        fields = {
            "VaAs": GENERAL_LEDGER,
            "AcNr": part.account,
            **common,
            "Ds": part.description[:_LONGEST_TEXT],
            **_amounts(sign * part.amount, sign * based, action, journal),
            "VaId": part.vat,
        }
        row: dict[str, Any] = {"Fields": fields}
        if part.cost_centre is not None:
            axis = {f"DiC{journal.cost_centre_axis}": part.cost_centre}
            row["Objects"] = {"FiDimEntries": {"Element": {"Fields": axis}}}
        rows.append(row)
    return rows


def _sign(action: InvoiceAction) -> int:
    return -1 if isinstance(action, PostCreditNote) else 1


def _based(amount: Decimal, journal: Journal) -> Decimal:
    return amount if journal.rate is None else round_amount(amount / journal.rate, journal.currency)


def _amounts(amount: Decimal, based: Decimal, action: InvoiceAction, journal: Journal) -> dict[str, str]:
    """Debit is positive. Texts, as in the vendor's samples: no digit passes through a float."""
    told = {"AmDe": _side(based), "AmCr": _side(-based)}
    if journal.rate is None:
        return told
    foreign = {"AmDc": _side(amount), "AmCc": _side(-amount)}
    return {**told, **foreign, "CuId": action.currency, "Rate": f"{journal.rate:f}"}


def _side(amount: Decimal) -> str:
    return f"{amount:f}" if amount > 0 else "0"
