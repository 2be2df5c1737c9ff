"""`FiEntries`, `FiInvoice` and `KnSubject` over the books."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from tools.domain.documents import DocumentType
from tools.domain.money import round_amount
from tools.erp.afas.sandbox_orders import only
from tools.erp.afas.sandbox_periods import months
from tools.erp.afas.sandbox_profit import Numbers, Profit
from tools.erp.afas.sandbox_schema import Element, ProfitError
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument
from tools.erp.sandbox.refusal import Refused

_MOST_LINES = 1000
_ZERO = Decimal(0)
_CENT = Decimal("0.01")
_HEADER = "Year Peri UnId JoCo AuNu"
_CREDITOR_LINE = "VaAs AcNr EnDa BpDa BpNr InId Fref Ds AmDe AmCr CuId Rate AmDc AmCc DaEx BlPa"
_LEDGER_LINE = "VaAs AcNr EnDa BpDa BpNr InId Ds AmDe AmCr CuId Rate AmDc AmCc VaId"


@dataclass
class Desk:
    """`needs_allocation`: accounts that take no line without a code on the first axis."""

    profit: Profit
    needs_allocation: frozenset[str] = field(default_factory=frozenset)

    def post(self, message: Element) -> dict[str, Any]:
        """`FiEntries`. Final at once. Raises ProfitError, and Refused for what the books refuse; then nothing
        was booked."""
        only(message, _HEADER)
        lines = message.inner("FiEntries")
        creditor, ledger = self._sorted(lines)
        self._check_header(message, lines)
        self._check_balance(lines)
        numbers = self._numbers(message, creditor)
        header = self._header(creditor, ledger, numbers)
        document_type = DocumentType.INVOICE if _side(creditor) < 0 else DocumentType.CREDIT_NOTE
        sign = 1 if document_type is DocumentType.INVOICE else -1
        cost = [line for line in ledger if not self._is_vat(line)]
        header["stated_tax"] = sum((sign * _shown(line) for line in ledger if self._is_vat(line)), _ZERO)
        drafted = self.profit.company.documents.create(
            document_type, creditor["AcNr"], lines=[self._line(line, sign) for line in cost], **header
        )
        try:
            self._check_vat(drafted, ledger, sign)
            posted = self.profit.company.payables.post(drafted.document_id)
        except (Refused, ProfitError):
            self.profit.company.documents.delete(drafted.document_id)
            raise
        entry = self.profit.entry_of(posted)
        kept = Numbers(numbers.invoice or f"I{entry}", numbers.voucher, numbers.reference)
        self.profit.numbers[posted.document_id] = kept
        self.profit.entered[posted.document_id] = lines
        if creditor["Ds"]:
            self.profit.texts[posted.document_id] = creditor["Ds"]
        return {"UnId": str(self.profit.administration), "EnNo": str(entry), "InId": kept.invoice}

    def _sorted(self, lines: Sequence[Element]) -> tuple[Element, list[Element]]:
        creditors = [line for line in lines if line["VaAs"] == "3"]
        ledger = [line for line in lines if line["VaAs"] == "1"]
        if len(creditors) != 1 or len(ledger) + 1 != len(lines) or not ledger:
            raise ProfitError("This sandbox takes entries of one creditor and ledger accounts.")
        if len(lines) > _MOST_LINES:
            raise ProfitError("An entry has at most 1000 lines.")
        only(creditors[0], _CREDITOR_LINE)
        for line in ledger:
            only(line, _LEDGER_LINE)
        return creditors[0], ledger

    def _check_header(self, message: Element, lines: Sequence[Element]) -> None:
        if message["UnId"] != self.profit.administration:
            raise ProfitError("No unit available")
        if message["JoCo"] != self.profit.journal:
            raise ProfitError("The entered value for 'Journal' does not exist.")
        days = {(line["EnDa"], line["BpDa"], line["InId"], line["BpNr"]) for line in lines}
        if len(days) != 1:
            raise ProfitError("All lines of this sandbox's entries carry the same dates and numbers.")
        for line in lines:
            if line["EnNo"] is not None:
                raise ProfitError("The journal entry number must not be filled when an entry is added.")
        self._check_period(message["Year"], message["Peri"], lines[0]["EnDa"])

    def _check_period(self, year: int, period: int, day: date) -> None:
        for first, last in months(self.profit.company.clock().date()):
            if (first.year, first.month) != (year, period):
                continue
            if not self.profit.is_open(first, last):
                raise ProfitError(f"For this administration, period {period} of the year {year} is blocked.")
            if not first <= day <= last:
                raise ProfitError(f"The entry date {day} does not lie in period {period} of {year}.")
            return
        raise ProfitError("The entered value for 'Period' does not exist.")

    def _check_balance(self, lines: Sequence[Element]) -> None:
        for line in lines:
            sides = (line["AmDe"] or _ZERO, line["AmCr"] or _ZERO)
            if min(sides) != 0 or max(sides) <= 0:
                raise ProfitError("An entry line has an amount on exactly one side.")
            if any(side != round(side, 2) for side in sides):
                raise ProfitError("An amount has at most two decimals.")
        if sum((_side(line) for line in lines), _ZERO):
            raise ProfitError("The journal entry is not in balance.")

    def _numbers(self, message: Element, creditor: Element) -> Numbers:
        given = creditor["InId"] or ""
        if bool(message["AuNu"]) is bool(given):
            raise ProfitError("An invoice number is given, or given by Profit, not both and not neither.")
        return Numbers(given, creditor["BpNr"] or "", creditor["Fref"] or "")

    def _header(self, creditor: Element, ledger: Sequence[Element], numbers: Numbers) -> dict[str, Any]:
        currency = creditor["CuId"] or self.profit.company.settings.currency
        if any((line["CuId"] or self.profit.company.settings.currency) != currency for line in ledger):
            raise ProfitError("All lines of this sandbox's entries have the same currency.")
        self._check_rate(creditor, currency)
        return {
            "supplier_number": numbers.reference or numbers.voucher or numbers.invoice,
            "invoice_date": creditor["BpDa"],
            "posting_date": creditor["EnDa"],
            "due_date": creditor["DaEx"],
            "currency": currency,
            "stated_gross": abs(_shown(creditor)),
        }

    def _check_rate(self, creditor: Element, currency: str) -> None:
        if currency == self.profit.company.settings.currency:
            return
        rate = self.profit.company.master.rate(currency, creditor["EnDa"])
        owed = round_amount(abs(_shown(creditor)) * rate, self.profit.company.settings.currency)
        # The rate that was told has ten decimals: a half cent may fall to either side.
        if not creditor["Rate"] or abs(owed - abs(_side(creditor))) > _CENT:
            raise ProfitError(f"The amount in base currency is not {owed}.")

    def _is_vat(self, line: Element) -> bool:
        code = self.profit.company.books.tax_codes.get(line["VaId"] or "")
        return code is not None and code.input_account == line["AcNr"]

    def _line(self, line: Element, sign: int) -> DocumentLine:
        company = self.profit.company
        if line["VaId"] is not None and line["VaId"] not in company.books.tax_codes:
            raise ProfitError("The entered value for 'VAT code' does not exist.")
        allocations = [each["DiC1"] for each in line.inner("FiDimEntries")]
        centre = allocations[0] if allocations else None
        if centre is None and line["AcNr"] in self.needs_allocation:
            raise ProfitError(
                f"Allocation code for axis 'Cost center' must be filled for account {line['AcNr']}"
            )
        if centre is not None and centre not in {kept.code for kept in company.books.cost_centres}:
            raise ProfitError("The entered value for 'Allocation code' does not exist.")
        amount = sign * _shown(line)
        return DocumentLine(
            description=line["Ds"] or "",
            account=line["AcNr"],
            unit_price=amount,
            net_amount=amount,
            cost_centre=centre,
            tax_code=line["VaId"],
        )

    def _check_vat(self, drafted: PurchaseDocument, ledger: Sequence[Element], sign: int) -> None:
        """VAT is a line of its own for each code: a code without its line is not in balance with it."""
        for tax in drafted.totals.taxes:
            lines = [line for line in ledger if self._is_vat(line) and line["VaId"] == tax.tax_code]
            told = sum((sign * _shown(line) for line in lines), _ZERO)
            due = _ZERO if tax.reverse_charge else tax.amount
            if abs(told - due) > self.profit.company.settings.max_tax_difference:
                raise ProfitError(f"The VAT of code {tax.tax_code} is {told} and should be {due}.")

    def change_invoice(self, message: Element) -> dict[str, Any]:
        """`FiInvoice`: the payment block and the description."""
        only(message, "UnId VaAd DcNr InId BlPa Ds")
        document = self.profit.by_invoice(message["DcNr"], message["InId"] or "")
        if message["UnId"] != self.profit.administration or message["VaAd"] != "3" or document is None:
            raise ProfitError("The entered value for 'Invoice number' does not exist.")
        if message["BlPa"] is not None:
            self._block(document, message["BlPa"], message["Ds"])
        if message["Ds"] is not None:
            self.profit.texts[document.document_id] = message["Ds"]
        return {}

    def _block(self, document: PurchaseDocument, blocked: bool, text: str | None) -> None:
        """The books know reasons, Profit a flag: the reasons are those that the description names. Without
        any it is a block by hand, which the books keep under the first of their list."""
        known = self.profit.company.settings.hold_reasons
        shown = self.profit.text_of(document) if text is None else text
        named = [reason for reason in known if f"HOLD {reason}" in shown.split(" | ")]
        by_hand = self.profit.blocked_by_hand
        (by_hand.add if blocked and not named else by_hand.discard)(document.document_id)
        wanted = (named or list(known[:1])) if blocked else []
        for reason in document.holds:
            if reason not in wanted:
                self.profit.company.payables.release(document.document_id, reason)
        for reason in wanted:
            if reason not in document.holds:
                self.profit.company.payables.hold(document.document_id, reason)

    def file(self, message: Element) -> dict[str, Any]:
        """`KnSubject`: a dossier item with a file, linked to a purchase invoice."""
        only(message, "StId Ds")
        links, files = message.inner("KnSubjectLink"), message.inner("KnSubjectAttachment")
        if len(links) != 1 or not files:
            raise ProfitError("This sandbox keeps items with one link and a file.")
        only(links[0], "DoCRM SfTp SfId BcId PiUn PiTp PiId")
        document = self.profit.by_invoice(links[0]["SfId"] or "", links[0]["PiId"] or "")
        if links[0]["SfTp"] != "11" or links[0]["PiUn"] != self.profit.administration or document is None:
            raise ProfitError("The entered value for 'Purchase invoice' does not exist.")
        contents = [(each["FileName"] or "", _decoded(each["FileStream"])) for each in files]
        for name, content in contents:
            self.profit.company.payables.attach(document.document_id, name, content)
        return {"SbId": str(len(self.profit.company.books.attachments))}


def _decoded(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "", validate=True)
    except binascii.Error:
        raise ProfitError("The entered value for 'FileStream' is no file.") from None


def _side(line: Element) -> Decimal:
    """Base currency, debit positive."""
    return (line["AmDe"] or _ZERO) - (line["AmCr"] or _ZERO)


def _shown(line: Element) -> Decimal:
    """Currency of the document, debit positive."""
    if line["CuId"] is None:
        return _side(line)
    return (line["AmDc"] or _ZERO) - (line["AmCc"] or _ZERO)
