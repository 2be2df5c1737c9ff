"""Purchase entries: what one is sent as, whether it is there, and posting it.

A POST posts at once, there is no draft to compare, so every amount is sent and every doubt is settled
before: tax is given for each line so that the total is the approved one to the cent. A 500 with the words of
a rule is a refusal only once a look has shown that nothing was entered; any other 500 leaves that unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tools.domain.decision import (
    InvoiceAction,
    InvoiceKey,
    PostCreditNote,
    Posting,
    PostingLine,
    PostingState,
)
from tools.domain.documents import DocumentType
from tools.erp.answers import Answer
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown
from tools.erp.exact import mapping, wire, wire_ledger
from tools.erp.exact.directory import Directory
from tools.erp.exact.entry_lines import (
    LONGEST_DESCRIPTION,
    body_of_line,
    recoded,
    taxes_of,
    vat_code_of,
)
from tools.erp.exact.odata import Query, any_of, day, guid, letter_cases, queries_for, text
from tools.erp.exact.session import NAME, Session, created_key
from tools.erp.found import compared

PURCHASE_JOURNAL = 22


class Entries:
    """Carries out one posting after the other for one division. Every look reads fresh data."""

    def __init__(
        self,
        session: Session,
        directory: Directory,
        *,
        journal: str | None,
        item_account: str | None,
        logistics: bool,
    ) -> None:
        """`journal`: code of the purchase journal; None: the only one. `item_account`: code of the G/L
        account for lines that name an item and no account. `logistics`: whether there is a module
        whose invoices have to be looked at too."""
        self._session = session
        self._directory = directory
        self._journal = journal
        self._item_account = item_account
        self._logistics = logistics

    async def find(self, action: InvoiceAction, key: InvoiceKey) -> Posting | None:
        """The entry under this identity, else an invoice of the logistics module in any status: whether a
        processed one always stands among the entries is not published. Raises OutcomeUnknown when several
        could be meant."""
        supplier = await self._directory.supplier_id(key.supplier_id)
        if supplier is None:
            return None
        also = f"Supplier eq {guid(supplier)} and EntryDate eq {day(key.invoice_date)}"
        query = Query(wire.Entry, also, with_lines=True)
        rows = {row.id: row for row in await self._session.read(wire.Entry, [query], "find")}
        found = await self._postings([row for row in rows.values() if _is_same(row, key)], key)
        if not found:
            others = await self._invoices_of_logistics(supplier, key)
            same_day = [row for row in others if row.invoice_date == key.invoice_date]
            found = [mapping.logistics_invoice(row, key.supplier_id) for row in same_day]
        if len(found) > 1:
            told = ", ".join(sorted(each.number for each in found))
            raise OutcomeUnknown(
                f"{NAME} holds {len(found)} documents under number {key.number} of supplier "
                f"{key.supplier_id}: {told}; which one is meant must be decided by a person"
            )
        if not found:
            return None

        async def compare() -> str | None:
            row = rows.get(found[0].erp_id)
            if row is None:
                return "it is an invoice of the logistics module, and nothing is entered there by us"
            return recoded(row, await self._lines(action))

        return await compared(found[0], action, compare)

    async def _postings(self, rows: Sequence[wire.Entry], key: InvoiceKey) -> list[Posting]:
        periods = await self._directory.periods.all() if rows else ()
        found = [mapping.entry(row, key.supplier_id, periods, frozenset()) for row in rows]
        return [posting for posting in found if posting.state is not PostingState.CANCELLED]

    async def _invoices_of_logistics(self, supplier: str, key: InvoiceKey) -> list[wire.LogisticsInvoice]:
        """Those under the number, in every status. Drafts and those of the day are compared here, however
        their reference is written."""
        numbers = any_of("YourRef", (text(case) for case in letter_cases(key.number.strip())))
        wanted = f"Status eq {mapping.DRAFT} or InvoiceDate eq {day(key.invoice_date)} or {numbers}"
        query = Query(wire.LogisticsInvoice, f"Supplier eq {guid(supplier)} and ({wanted})")
        rows = await self._session.read(wire.LogisticsInvoice, [query] if self._logistics else [], "find")
        return [row for row in rows if _is_same(row, key)]

    async def post(self, action: InvoiceAction, key: InvoiceKey) -> Posting:
        supplier = await self._directory.supplier_id(action.supplier_id)
        if supplier is None:
            raise ErpRejected(f"there is no supplier {action.supplier_id} in {NAME}", field="Supplier")
        await self._refuse_doubles(supplier, key)
        body = await self._body(action, supplier)
        answer = await self._session.change("POST", wire.Entry.resource, body, "post entry")
        if not answer.ok:
            return await self._after_refusal(action, key, answer)
        return await self._read_back(action, key, answer)

    async def _refuse_doubles(self, supplier: str, key: InvoiceKey) -> None:
        """Exact's own check for a reference used before is a warning on its screens. Raises ErpRejected for
        an entry under the number or an invoice of the logistics module, whatever its date; a draft there is
        somebody's work."""
        constants = [text(case) for case in letter_cases(key.number.strip())]
        queries = queries_for(wire.Entry, "YourRef", constants, also=f"Supplier eq {guid(supplier)}")
        rows = await self._session.read(wire.Entry, queries, "find")
        posted = await self._postings([row for row in rows if _is_same(row, key)], key)
        if posted:
            raise ErpRejected(
                f"number {key.number} of supplier {key.supplier_id} already exists in {NAME}, entered as "
                f"{', '.join(sorted(each.number for each in posted))}"
            )
        for row in await self._invoices_of_logistics(supplier, key):
            what, remedy = "an invoice of the logistics module", "it is not entered again"
            if row.status == mapping.DRAFT:
                what, remedy = "a draft invoice", "process or delete it there first"
            raise ErpRejected(
                f"{NAME} holds {what} under number {key.number} of supplier {key.supplier_id}: {remedy}"
            )

    async def _after_refusal(self, action: InvoiceAction, key: InvoiceKey, answer: Answer) -> Posting:
        """The sentence is Exact's word only if nothing was entered."""
        refusal = self._session.refusal(answer)
        try:
            held = await self.find(action, key)
        except ErpError as error:
            raise OutcomeUnknown(
                f"{NAME} said: {refusal}; whether it entered the document all the same could not be looked "
                f"up: {error}",
                detail=refusal.detail,
            ) from error
        if held is None or held.state is PostingState.DRAFT:
            raise refusal
        return _as_approved(held, action)

    async def _read_back(self, action: InvoiceAction, key: InvoiceKey, answer: Answer) -> Posting:
        """The entry as Exact keeps it. It stands there whatever happens here."""
        try:
            entry_id = created_key(answer, "EntryID")
            query = Query(wire.Entry, f"EntryID eq {guid(entry_id)}")
            rows = await self._session.read(wire.Entry, [query], "read back")
            (posting,) = await self._postings(rows, key)
        except (ErpError, ValueError) as error:
            raise OutcomeUnknown(
                f"{action.number} was entered in {NAME} and could not be read back: {error}"
            ) from error
        return _as_approved(posting, action)

    async def _body(self, action: InvoiceAction, supplier: str) -> dict[str, Any]:
        """Raises ErpRejected for what Exact cannot keep; nothing was sent then."""
        period = _period(action.posting_date, await self._directory.periods.all())
        body: dict[str, Any] = {
            "Supplier": supplier,
            "Journal": await self._journal_code(),
            "EntryDate": action.invoice_date.isoformat(),
            "ReportingYear": period.year,
            "ReportingPeriod": period.period,
            "YourRef": action.number,
            "Currency": action.currency,
            "Description": action.lines[0].description[:LONGEST_DESCRIPTION] if action.lines else "",
        }
        if action.due_date is not None:
            body["DueDate"] = action.due_date.isoformat()
        body["PurchaseEntryLines"] = await self._lines(action)
        return body

    async def _journal_code(self) -> str:
        found = [row for row in await self._directory.journals.all() if row.type == PURCHASE_JOURNAL]
        named = [row for row in found if row.code == self._journal] if self._journal else found
        usable = [row.code for row in named if not row.blocked]
        if len(usable) == 1:
            return usable[0]
        there = ", ".join(sorted(row.code for row in found)) or "none"
        if self._journal:
            raise ErpRejected(f"{self._journal} is no open purchase journal in {NAME}; there are: {there}")
        raise ErpRejected(f"name the purchase journal as [erp] journal in the settings; there are: {there}")

    async def _lines(self, action: InvoiceAction) -> list[dict[str, Any]]:
        known = {row.code: row for row in await self._directory.vat_codes.all()}
        accounts = [await self._account(line) for line in action.lines]
        codes = [
            vat_code_of(line, account, known) for line, account in zip(action.lines, accounts, strict=True)
        ]
        taxes = taxes_of(action, codes)
        # What is negative is a credit note; `Type` is read-only.
        sign = -1 if isinstance(action, PostCreditNote) else 1
        return [
            body_of_line(line, account, code, tax, sign)
            for line, account, code, tax in zip(action.lines, accounts, codes, taxes, strict=True)
        ]

    async def _account(self, line: PostingLine) -> wire_ledger.LedgerAccount:
        code = line.account or self._item_account
        if code is None:
            raise ErpRejected(
                f"{line.description}: a purchase entry takes G/L accounts only; name the account for items "
                "(goods received, not invoiced) as [erp] item_account in the settings",
                field="GLAccount",
            )
        return await self._directory.account(code)


def _as_approved(posting: Posting, action: InvoiceAction) -> Posting:
    """Raises OutcomeUnknown for an entry over other amounts: a person has to look at it."""
    if posting.gross == action.gross and posting.tax == action.tax:
        return posting
    raise OutcomeUnknown(
        f"{posting.number} was entered in {NAME} over {posting.gross} with {posting.tax} tax, approved were "
        f"{action.gross} with {action.tax}: correct or delete it there"
    )


def _period(wanted: date, periods: Sequence[wire_ledger.Period]) -> wire_ledger.Period:
    for period in periods:
        if mapping.within(period, wanted):
            return period
    raise ErpRejected(f"{NAME} has no financial period for {wanted}", field="ReportingPeriod")


def _is_same(row: wire.Entry | wire.LogisticsInvoice, key: InvoiceKey) -> bool:
    """What is negative under the type of an invoice is one of both: whichever is looked for is found."""
    if key.document_type is DocumentType.CREDIT_NOTE:
        same_type = mapping.is_credit(row)
    else:
        same_type = row.type not in mapping.CREDIT_NOTES
    return same_type and row.your_ref.casefold() == key.number.strip().casefold()
