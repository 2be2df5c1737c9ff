"""Supplier invoices: look, send once, read back.

The service posts a document by the request that creates it, has no idempotency key and does not look for
duplicates; so every posting starts with a look at what is there. Nothing can be changed afterwards, and
nothing is deleted here: a parked document that is not exactly what was approved is for a person. A breach of
tolerance is posted too and only blocked for payment, so the document is read back and the block is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.domain.decision import (
    InvoiceAction,
    InvoiceKey,
    ParkInvoice,
    PostCreditNote,
    Posting,
    PostingState,
    ReleaseHold,
    ReverseInvoice,
)
from tools.domain.money import Money
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown
from tools.erp.found import compared
from tools.erp.sap.documents import Invoice, WholeInvoice
from tools.erp.sap.entry import Billed, body_of, day
from tools.erp.sap.facts import Facts
from tools.erp.sap.invoices import (
    PARKED,
    difference,
    is_meant,
    posting,
    state_of,
)
from tools.erp.sap.mapping import Setup
from tools.erp.sap.odata import call_path, letter_cases, literal, queries_for
from tools.erp.sap.parked import differences, recoded
from tools.erp.sap.references import forms
from tools.erp.sap.session import Session, one_of, parsed

SERVICE = "API_SUPPLIERINVOICE_PROCESS_SRV"
_FINISHED = (PostingState.POSTED, PostingState.PAID)


class InvoiceDesk:
    """Carries out one action after the other for one company. Every read is fresh."""

    def __init__(self, session: Session, setup: Setup, facts: Facts) -> None:
        self._session = session
        self._setup = setup
        self._facts = facts

    async def find(self, action: InvoiceAction, key: InvoiceKey) -> Posting | None:
        """The finished document under this identity, else the parked one. Cancelled ones are not it. Of
        several, the one with the approved amount is it."""
        rows = [row for row in await self._held(key, action.gross) if row.document_date == key.invoice_date]
        whole = {f"{row.supplier_invoice}/{row.fiscal_year}": row for row in rows}
        found = await self._facts.postings(rows)
        finished = [each for each in found if each.state in _FINISHED]
        candidates = finished or [each for each in found if each.state is PostingState.DRAFT]
        if len(candidates) > 1:
            candidates = [each for each in candidates if each.gross == action.gross] or candidates
        if len(candidates) > 1:
            numbers = ", ".join(sorted(each.number for each in candidates))
            raise OutcomeUnknown(
                f"SAP holds {len(candidates)} documents under number {key.number} of supplier "
                f"{key.supplier_id}: {numbers}; which one is meant must be decided by a person"
            )
        if not candidates:
            return None

        async def compare() -> str | None:
            return await self._unlike(whole[candidates[0].erp_id], action)

        return await compared(candidates[0], action, compare)

    async def _unlike(self, row: WholeInvoice, action: InvoiceAction) -> str | None:
        """What the document says otherwise than approved, in words; None for nothing."""
        numbers = {str(line.order_number) for line in action.lines if line.order_number is not None}
        items = (await self._facts.billed(numbers)).items
        # Receipts are settled by now: the request is made as for items that are billed without them.
        plain = {
            key: item.model_copy(update={"invoice_is_goods_receipt_based": False})
            for key, item in items.items()
        }
        body = body_of(action, Billed(plain), self._setup, None)
        return difference(row, action) or "; ".join(recoded(row, body)) or None

    async def _held(self, key: InvoiceKey, gross: Money | None) -> list[WholeInvoice]:
        """Parked and posted documents of this supplier under this number, with their items."""
        references = [case for form in forms(key.number) for case in letter_cases(form)]
        company = f"CompanyCode eq {literal(self._setup.settings.code)}"
        queries = queries_for(
            WholeInvoice,
            "SupplierInvoiceIDByInvcgParty",
            references,
            also=f"{company} and InvoicingParty eq {literal(key.supplier_id)}",
        )
        rows = await self._session.read(WholeInvoice, queries, operation="find")
        unique = {row.key: row for row in rows}
        return [row for row in unique.values() if is_meant(row, key, gross)]

    async def enter(self, action: InvoiceAction, key: InvoiceKey) -> Posting:
        """Post, park or credit. A parked document of exactly this content is taken up."""
        status = PARKED if isinstance(action, ParkInvoice) else None
        rows = await self._standing(action, key)
        body = await self._body(action, status)
        if not rows:
            return await self._create(body, action, status)
        parked = await self._same(rows, body, key)
        return posting(parked) if status is not None else await self._post(parked, action)

    async def _standing(self, action: InvoiceAction, key: InvoiceKey) -> list[WholeInvoice]:
        """What is parked under the number. Raises ErpRejected when anything is posted under it: SAP would
        take it a second time."""
        rows = [
            row for row in await self._held(key, action.gross) if _state(row) is not PostingState.CANCELLED
        ]
        posted = [row.supplier_invoice for row in rows if _state(row) in _FINISHED]
        if posted:
            raise ErpRejected(
                f"number {key.number} of supplier {key.supplier_id} already exists in SAP, "
                f"posted as {', '.join(sorted(posted))}"
            )
        return rows

    async def _same(self, rows: list[WholeInvoice], body: Mapping[str, Any], key: InvoiceKey) -> WholeInvoice:
        """The one parked document that has exactly the content of `body`. Raises ErpRejected, and names what
        stands there: this service cannot change it, and what a person parked is not ours to delete."""
        numbers = ", ".join(sorted(row.supplier_invoice for row in rows))
        told = [f"there are {len(rows)} of them"]
        if len(rows) == 1:
            terms = await self._facts.terms(key.supplier_id) if rows[0].payment_terms else ()
            told = differences(rows[0], body, terms)
        if not told:
            return rows[0]
        raise ErpRejected(
            f"SAP holds a parked document under number {key.number} of supplier {key.supplier_id} that is "
            f"not the one approved here: {numbers} ({'; '.join(told)}). Nothing was changed. Correct it or "
            "post it in SAP, or delete it there and let this one be sent again"
        )

    async def _body(self, action: InvoiceAction, status: str | None) -> dict[str, Any]:
        """The request that would make the document. Raises ErpRejected for what SAP cannot hold."""
        numbers = {str(line.order_number) for line in action.lines if line.order_number is not None}
        body = body_of(action, await self._facts.billed(numbers), self._setup, status)
        if isinstance(action, PostCreditNote) and action.preceding_invoice is not None:
            body |= await self._preceding(action.supplier_id, action.preceding_invoice)
        return body

    async def _create(self, body: dict[str, Any], action: InvoiceAction, status: str | None) -> Posting:
        answer = await self._session.change(
            "POST", SERVICE, "A_SupplierInvoice", operation="create", body=body
        )
        try:
            created = parsed(Invoice, {"DocumentCurrency": action.currency, **one_of(answer.json())})
        except ErpError as error:
            reason, detail = str(error), error.detail
        else:
            return await self._made(created.supplier_invoice, created.fiscal_year, action, status)
        raise OutcomeUnknown(f"SAP took the document and named no number: {reason}", detail=detail)

    async def _preceding(self, supplier: str, number: str) -> dict[str, str]:
        """The invoice that is credited; left out where its year is not clear."""
        rows = await self._numbered(supplier, number)
        if len(rows) != 1:
            return {}
        return {"InvoiceReference": number, "InvoiceReferenceFiscalYear": rows[0].fiscal_year}

    async def _post(self, row: WholeInvoice, action: InvoiceAction) -> Posting:
        """Post what is parked; it keeps its number."""
        path = call_path("Post", _named(row))
        await self._session.change("POST", SERVICE, path, operation="post")
        return await self._made(row.supplier_invoice, row.fiscal_year, action, None)

    async def _made(self, number: str, year: str, action: InvoiceAction, status: str | None) -> Posting:
        """The document after it was sent. It stands there whatever happens here, so no failure may read as
        'nothing happened'."""
        told = detail = ""
        try:
            row = await self._facts.invoice(number, year)
        except ErpError as error:
            row, told, detail = None, str(error), error.detail
        if row is None:
            raise OutcomeUnknown(
                f"document {number} was made and could not be read back: {told}", detail=detail
            )
        expected = (PostingState.DRAFT,) if status is not None else _FINISHED
        differs = difference(row, action)
        if differs is None and _state(row) in expected:
            return posting(row)
        differs = differs or f"it stands there with the status {row.supplier_invoice_status}"
        raise OutcomeUnknown(f"document {number} was made, but {differs}; a person must look")

    async def _numbered(self, supplier: str, number: str) -> list[Invoice]:
        company = f"CompanyCode eq {literal(self._setup.settings.code)}"
        also = f"{company} and InvoicingParty eq {literal(supplier)}"
        queries = queries_for(Invoice, "SupplierInvoice", [number], also=also)
        rows = await self._session.read(Invoice, queries, operation="posted document")
        return [row for row in rows if not row.is_reversal]

    async def _one(self, supplier: str, number: str) -> Invoice | None:
        rows = await self._numbered(supplier, number)
        if len(rows) > 1:
            years = ", ".join(sorted(row.fiscal_year for row in rows))
            raise ErpRejected(f"document {number} stands in SAP in several fiscal years: {years}")
        return rows[0] if rows else None

    async def _needed(self, supplier: str, number: str) -> Invoice:
        row = await self._one(supplier, number)
        if row is None:
            raise ErpRejected(f"SAP shows no document {number} of supplier {supplier}")
        return row

    async def reversal(self, action: ReverseInvoice) -> Posting | None:
        row = await self._one(action.supplier_id, action.posted_number)
        return None if row is None or not row.reverse_document else _reversed(row)

    async def reverse(self, action: ReverseInvoice) -> Posting:
        """SAP keeps a reason of two characters, set in the settings; ours stays in our own log."""
        row = await self._needed(action.supplier_id, action.posted_number)
        parameters = {
            "PostingDate": f"datetime'{day(action.posting_date)}'",
            "ReversalReason": literal(self._setup.settings.reversal_reason),
            **_named(row),
        }
        path = call_path("Cancel", parameters)
        await self._session.change("POST", SERVICE, path, operation="cancel")
        after = await self._after(row)
        if not after.reverse_document:
            raise OutcomeUnknown(
                f"SAP took the cancellation of {row.supplier_invoice}, and it is not cancelled"
            )
        return _reversed(after)

    async def released(self, action: ReleaseHold) -> Posting | None:
        """The document where it is posted and not blocked for this reason."""
        row = await self._one(action.supplier_id, action.posted_number)
        wanted = self._setup.settings.payment_block(action.reason_code)
        if row is None or _state(row) not in _FINISHED or row.payment_blocking_reason == wanted:
            return None
        return posting(row)

    async def release(self, action: ReleaseHold) -> Posting:
        row = await self._needed(action.supplier_id, action.posted_number)
        wanted = self._setup.settings.payment_block(action.reason_code)
        if row.payment_blocking_reason != wanted:
            held = row.payment_blocking_reason or "none"
            raise ErpRejected(f"{row.supplier_invoice} has payment block {held} in SAP, not {wanted}")
        path = call_path("Release", {**_named(row), "DiscountDaysHaveToBeShifted": "false"})
        await self._session.change("POST", SERVICE, path, operation="release")
        after = await self._after(row)
        if after.payment_blocking_reason == wanted:
            raise OutcomeUnknown(f"SAP took the release of {row.supplier_invoice}, and it is still blocked")
        return posting(after)

    async def _after(self, row: Invoice) -> Invoice:
        """The document after a function was accepted: no failure may read as 'nothing happened'."""
        told = "it is not there"
        try:
            found = await self._facts.invoice(row.supplier_invoice, row.fiscal_year)
        except ErpError as error:
            found, told = None, str(error)
        if found is None:
            raise OutcomeUnknown(f"{row.supplier_invoice} was changed and could not be read back: {told}")
        return found


def _state(row: Invoice) -> PostingState:
    return state_of(row, ())


def _named(row: Invoice) -> dict[str, str]:
    return {"SupplierInvoice": literal(row.supplier_invoice), "FiscalYear": literal(row.fiscal_year)}


def _reversed(row: Invoice) -> Posting:
    """The document that cancelled it is a booking of its own and is finished."""
    changes = {"number": row.reverse_document, "state": PostingState.POSTED}
    return posting(row).model_copy(update=changes)
