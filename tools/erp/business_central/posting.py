"""The write flow: look, draft, compare, post, read back.

Business Central accepts a second draft of the same invoice and offers no idempotency key, so every
posting starts with a look at what is there. It computes totals and tax itself, so the draft is compared
with what was approved before it is posted; a draft that differs is deleted again.
"""

from __future__ import annotations

from tools.domain.decision import InvoiceAction, InvoiceKey, Posting, PostingState
from tools.erp.business_central import mapping, wire
from tools.erp.business_central.comparison import difference, is_approved, is_ours, redated
from tools.erp.business_central.documents import Document, Kind, body_of, kind_of
from tools.erp.business_central.mapping import Setup
from tools.erp.business_central.odata import Query, letter_cases, literal, queries_for
from tools.erp.business_central.session import Session, parsed
from tools.erp.errors import (
    ErpAccessDenied,
    ErpChanged,
    ErpError,
    ErpRejected,
    ErpUnavailable,
    OutcomeUnknown,
)
from tools.erp.found import compared


class Desk:
    """Carries out one posting after the other for one company. Every read is fresh: no replica, no cache."""

    def __init__(self, session: Session, setup: Setup) -> None:
        self._session = session
        self._setup = setup

    async def held(self, key: InvoiceKey) -> list[Document]:
        """Drafts and posted documents of this supplier under this number, with their lines."""
        kind = kind_of(key.document_type)
        queries = queries_for(
            kind.entity,
            kind.number_field,
            letter_cases(key.number),
            also=f"vendorNumber eq {literal(key.supplier_id)}",
            with_lines=True,
        )
        rows = await self._session.read(kind.entity, queries, operation="find")
        unique = {row.id: row for row in rows}
        return [row for row in unique.values() if _same_number(row, key)]

    async def find(self, action: InvoiceAction, key: InvoiceKey) -> Posting | None:
        """The finished document under this identity, else the draft. Cancelled ones are not it."""
        rows = [row for row in await self.held(key) if mapping.document_date(row) == key.invoice_date]
        finished = [row for row in rows if self._state(row) in (PostingState.POSTED, PostingState.PAID)]
        candidates = finished or [row for row in rows if self._state(row) is PostingState.DRAFT]
        if len(candidates) > 1:
            numbers = ", ".join(sorted(row.number for row in candidates))
            raise OutcomeUnknown(
                f"Business Central holds {len(candidates)} documents under number {key.number} of supplier "
                f"{key.supplier_id}: {numbers}; which one is meant must be decided by a person"
            )
        if not candidates:
            return None

        async def compare() -> str | None:
            return difference(candidates[0], action, self._setup)

        return await compared(mapping.posting(candidates[0], self._setup), action, compare)

    async def park(self, action: InvoiceAction, key: InvoiceKey) -> Posting:
        """A draft with exactly the approved content, made now or left by an interrupted attempt."""
        row = await self._left_behind(action, key)
        if row is None:
            row = await self._draft(action, kind_of(key.document_type))
        return mapping.posting(row, self._setup)

    async def post(self, action: InvoiceAction, key: InvoiceKey) -> Posting:
        """Draft and post. When the second step is not accepted for processing (ErpUnavailable), the draft
        stays: it has no ledger effect, and the next attempt takes it up."""
        kind = kind_of(key.document_type)
        row = await self._left_behind(action, key)
        made_now = row is None
        if row is None:
            row = await self._draft(action, kind)
        try:
            await self._session.change("POST", f"{kind.path(row.id)}/Microsoft.NAV.post", operation="post")
        except (ErpRejected, ErpAccessDenied, ErpChanged) as error:
            refused = error
        else:
            return mapping.posting(await self._posted(row, kind), self._setup)
        return await self._refused(row, action, kind, refused, made_now=made_now)

    async def _refused(
        self, row: Document, action: InvoiceAction, kind: Kind, refused: ErpError, *, made_now: bool
    ) -> Posting:
        """What a refusal of posting left. Posting commits by itself, and what an extension does after it may
        fail; so the document is looked at before the refusal is believed and our draft is deleted, and once
        more when it could not be. Raises the refusal only where the document is still a draft or is gone by
        our hand; OutcomeUnknown where it is another one or cannot be looked at."""
        found = await self._despite(row, kind, refused)
        if made_now and self._state(found) is PostingState.DRAFT:
            if await self._remove(row, kind, refused):
                raise refused
            found = await self._despite(row, kind, refused)
        if self._state(found) is PostingState.DRAFT:
            raise refused
        if self._state(found) is not PostingState.CANCELLED and is_approved(found, action, self._setup):
            return mapping.posting(found, self._setup)
        raise OutcomeUnknown(
            f"Business Central refused to post {kind.noun} {row.number} ({refused}) and holds it now as "
            f"{found.number}, status {found.status}, not as it was approved",
            detail=refused.detail,
        )

    async def _despite(self, row: Document, kind: Kind, refused: ErpError) -> Document:
        try:
            return await self._again(row.id, kind)
        except ErpError as error:
            told = str(error)
        raise OutcomeUnknown(
            f"Business Central refused to post {kind.noun} {row.number} ({refused}), and whether it is "
            f"posted could not be read: {told}",
            detail=refused.detail,
        )

    async def _left_behind(self, action: InvoiceAction, key: InvoiceKey) -> Document | None:
        """The draft an interrupted attempt left. Raises ErpRejected when anything else stands under the
        number: Business Central would refuse a second posting, and a draft of other content is a
        person's work."""
        rows = [row for row in await self.held(key) if self._state(row) is not PostingState.CANCELLED]
        posted = [row.number for row in rows if self._state(row) is not PostingState.DRAFT]
        if posted:
            raise ErpRejected(
                f"number {key.number} of supplier {key.supplier_id} already exists in Business Central, "
                f"posted as {', '.join(sorted(posted))}"
            )
        ours = [row for row in rows if is_ours(row, action, self._setup)]
        if not rows:
            return None
        if len(rows) == len(ours) == 1:
            return await self._dated(ours[0], action, kind_of(key.document_type))
        raise ErpRejected(
            f"Business Central holds a draft under number {key.number} of supplier {key.supplier_id} that "
            f"is not the one approved here: {', '.join(sorted(row.number for row in rows))}; "
            "post or delete it there first"
        )

    async def _dated(self, row: Document, action: InvoiceAction, kind: Kind) -> Document:
        """The draft with the order's posting and due date; what else it says is compared again."""
        dates = redated(row, action)
        if not dates:
            return row
        path = kind.path(row.id)
        await self._session.change("PATCH", path, operation="change draft", body=dates, etag=row.etag)
        changed = await self._again(row.id, kind)
        if redated(changed, action) or not is_ours(changed, action, self._setup):
            raise ErpChanged(f"draft {row.number} is not the one approved here any more")
        return changed

    def _state(self, row: Document) -> PostingState:
        return mapping.posting(row, self._setup).state

    async def _draft(self, action: InvoiceAction, kind: Kind) -> Document:
        """Create the draft and compare it as the ERP keeps it; one that differs is deleted again."""
        body = body_of(action, kind, self._setup)
        answer = await self._session.change("POST", kind.entity.entity_set, operation="draft", body=body)
        try:
            created = parsed(kind.entity, answer.json())
            row = await self._again(created.id, kind)
        except ErpError as error:
            reason, detail = str(error), error.detail
        else:
            told = difference(row, action, self._setup)
            if told is None:
                return row
            refused = ErpRejected(f"Business Central computes another {kind.noun} than was approved: {told}")
            await self._remove(row, kind, refused)
            raise refused
        raise OutcomeUnknown(f"a draft was created and could not be read back: {reason}", detail=detail)

    async def _remove(self, row: Document, kind: Kind, reason: ErpError) -> bool:
        """Take our own draft out again; when that fails (False) the reason says which draft is left."""
        try:
            await self._session.change("DELETE", kind.path(row.id), operation="delete draft", etag=row.etag)
        except ErpError as error:
            reason.args = (f"{reason}; draft {row.number} could not be deleted: {error}",)
            return False
        return True

    async def _posted(self, row: Document, kind: Kind) -> Document:
        """The document after posting. It is posted whatever happens here, so no failure may read as
        'nothing happened'."""
        try:
            return await self._again(row.id, kind)
        except ErpError as error:
            told, detail = str(error), error.detail
        raise OutcomeUnknown(
            f"{kind.noun} {row.number} was posted and could not be read back: {told}", detail=detail
        )

    async def _again(self, document_id: str, kind: Kind) -> Document:
        rows = await self._session.read(
            kind.entity, [Query(kind.entity, f"id eq {document_id}", with_lines=True)], operation="read back"
        )
        if len(rows) != 1:
            raise ErpUnavailable(f"document {document_id} is not there")
        return rows[0]


def _same_number(row: wire.Invoice | wire.CreditMemo, key: InvoiceKey) -> bool:
    same = mapping.supplier_number(row).strip().casefold() == key.number.strip().casefold()
    return same and row.vendor_number.casefold() == key.supplier_id.casefold()
