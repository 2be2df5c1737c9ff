"""Every document that ever came in, found again by what two copies of it would share.

Kept in step by `Archive.receive`, within the transaction that receives a document: of two documents of one
batch the later one sees the earlier. Computed from the readings, so an installation from before there was a
register, or with keys of an older version, is brought up to date by `complete`.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from tools import store as tables
from tools.case_list import CaseSummary
from tools.document_keys import KeyTable
from tools.domain.decision import Posting
from tools.domain.documents import DocumentType, Reading
from tools.domain.identifiers import CaseId, DocumentId, SupplierId
from tools.erp_history import held_postings
from tools.matching.document_print import DocumentPrint, print_of
from tools.matching.duplicate_keys import VERSION, register_keys, search_keys, supplier_keys
from tools.matching.facts import KnownDocument
from tools.stage_groups import AGREED
from tools.store import Store

_prints, _cases = tables.document_prints, tables.cases
_keys = KeyTable(tables.document_keys)
_AT_ONCE = 500
_LONGEST_REASON = 200


class DocumentRegister:
    """Looks documents up; `add_in` and `assign` keep it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def complete(self, company: str) -> int:
        """Enter what is not in the register yet, in several transactions; the number of documents entered."""
        count = 0
        self._forget_older_keys()
        while rows := self._missing():
            with self._store.transaction() as connection:
                for row in rows:
                    _enter(connection, row, company)
            count += len(rows)
        return count

    def _forget_older_keys(self) -> None:
        older = select(_prints.c.id).where(_prints.c.version != VERSION).limit(1)
        with self._store.transaction() as connection:
            if connection.execute(older).first() is not None:
                connection.execute(delete(tables.document_keys))
                connection.execute(delete(_prints))

    def _missing(self) -> list[RowMapping]:
        current = select(func.count()).select_from(_prints)
        readings, documents = tables.readings, tables.documents
        query = (
            select(readings.c.document_id, readings.c.reading, documents.c.case_id, _cases.c.summary)
            .join(documents, documents.c.document_id == readings.c.document_id)
            .join(_cases, _cases.c.case_id == documents.c.case_id)
            .outerjoin(_prints, _prints.c.document_id == readings.c.document_id)
            .where(_prints.c.id.is_(None))
            .limit(_AT_ONCE)
        )
        with self._store.read() as connection:
            total = connection.execute(select(func.count()).select_from(readings)).scalar_one()
            if connection.execute(current).scalar_one() == total:
                return []
            return list(connection.execute(query).mappings())

    def assign(self, case_id: CaseId, supplier_id: SupplierId) -> None:
        """The supplier of a case is decided."""
        query = select(_prints).where(_prints.c.case_id == case_id)
        with self._store.read() as connection:
            row = connection.execute(query).first()
        if row is None or row.print is None or row.supplier_id == supplier_id:
            return
        paper = DocumentPrint.model_validate_json(row.print)
        with self._store.transaction() as connection:
            connection.execute(update(_prints).where(_prints.c.id == row.id).values(supplier_id=supplier_id))
            _keys.keep(connection, row.id, paper, supplier_keys(paper, supplier_id))

    def candidates(
        self,
        paper: DocumentPrint,
        supplier_id: SupplierId,
        own_case: CaseId | None = None,
        *,
        ibans: Collection[str] = (),
        vat_id: str = "",
    ) -> list[KnownDocument]:
        """Documents that share a key with `paper`, whatever became of them: those received before `own_case`,
        and later ones that were posted or are about to be. `ibans` and `vat_id` come from master data."""
        kinds = {key.code: key.kind for key in search_keys(paper, supplier_id, ibans, vat_id)}
        with self._store.read() as connection:
            chosen = _keys.chosen(connection, paper, kinds)
            rows = list(
                connection.execute(_DOCUMENTS, {"ids": list(chosen), "own": own_case or ""}).mappings()
            )
        return [_known(row) for row in rows]

    def postings(self, paper: DocumentPrint, supplier_id: SupplierId) -> list[Posting]:
        """The supplier's documents that came into the ERP without us and share a key with `paper`, as the
        ERP told them last."""
        with self._store.read() as connection:
            return held_postings(connection, paper, supplier_id)


def add_in(
    connection: Connection,
    case_id: CaseId,
    document_id: DocumentId,
    paper: DocumentPrint | None,
    supplier_id: SupplierId | None = None,
) -> None:
    """Enter a document as part of the caller's transaction; without a print it was read as no invoice.
    `supplier_id`: where it is decided already."""
    values = {
        "document_id": document_id,
        "case_id": case_id,
        "version": VERSION,
        "supplier_id": supplier_id,
        "print": paper.model_dump_json(exclude_defaults=True) if paper else None,
    }
    place = connection.execute(insert(_prints).values(**values)).inserted_primary_key
    if paper is not None and place is not None:
        _keys.keep(connection, int(place[0]), paper, register_keys(paper, supplier_id))


def replace_in(
    connection: Connection, case_id: CaseId, document_id: DocumentId, paper: DocumentPrint | None
) -> None:
    """Enter a document anew that was read further, as part of the caller's transaction."""
    own = _prints.c.document_id == document_id
    entered = connection.execute(select(_prints.c.id).where(own)).first()
    if entered is not None:
        _keys.drop(connection, int(entered.id))
        connection.execute(delete(_prints).where(own))
    add_in(connection, case_id, document_id, paper)


def _enter(connection: Connection, row: RowMapping, company: str) -> None:
    """A document from its reading, unless another process has entered it."""
    entered = select(_prints.c.id).where(_prints.c.document_id == row["document_id"])
    if connection.execute(entered).first() is not None:
        return
    invoice = Reading.model_validate_json(row["reading"]).invoice
    supplier_id = CaseSummary.model_validate_json(row["summary"]).supplier_id
    paper = print_of(invoice, company) if invoice is not None else None
    add_in(connection, row["case_id"], row["document_id"], paper, supplier_id)


_OWN = select(_cases.c.position).where(_cases.c.case_id == bindparam("own")).scalar_subquery()
_CLOSED_BY = (
    select(tables.audit.c.actor)
    .where(tables.audit.c.case_id == _cases.c.case_id, tables.audit.c.kind == "case_closed")
    .order_by(tables.audit.c.sequence.desc())
    .limit(1)
    .scalar_subquery()
)
_DOCUMENTS = (
    select(
        _prints.c.case_id,
        _prints.c.supplier_id,
        _prints.c.print,
        _cases.c.stage,
        func.json_extract(_cases.c.summary, "$.erp_number").label("erp_number"),
        func.json_extract(_cases.c.summary, "$.reason").label("reason"),
        _CLOSED_BY.label("closed_by"),
        (_cases.c.position > func.coalesce(_OWN, _cases.c.position)).label("came_later"),
    )
    .join(_cases, _cases.c.case_id == _prints.c.case_id)
    .where(
        _prints.c.id.in_(bindparam("ids", expanding=True)),
        _prints.c.case_id != bindparam("own"),
        or_(_cases.c.position < func.coalesce(_OWN, _cases.c.position + 1), _cases.c.stage.in_(AGREED)),
    )
    .order_by(_cases.c.position)
)


def _sent_back(row: RowMapping) -> str:
    if row["stage"] != "rejected":
        return ""
    reason = " ".join((row["reason"] or "").split())[:_LONGEST_REASON] or "no reason given"
    return f"by {row['closed_by'] or 'nobody on record'}: {reason}"


def _known(row: RowMapping) -> KnownDocument:
    paper = DocumentPrint.model_validate_json(row["print"])
    return KnownDocument(
        case_id=CaseId(row["case_id"]),
        stage=row["stage"],
        supplier_id=SupplierId(row["supplier_id"]) if row["supplier_id"] else None,
        document_type=paper.document_type or DocumentType.INVOICE,
        number=paper.number,
        invoice_date=paper.invoice_date,
        gross=paper.gross,
        paper=paper,
        erp_number=row["erp_number"],
        came_later=bool(row["came_later"]),
        sent_back=_sent_back(row),
    )
