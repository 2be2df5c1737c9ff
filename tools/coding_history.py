"""What was coded before, kept so that the next invoice of the same kind is coded alike.

Filled from the lines a person approved, once they are posted, and from a list of the old ledger. It only
suggests: what it says is checked against the ERP's accounts and approved again each time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from sqlalchemy import ColumnElement, delete, insert, select

from tools import store as tables
from tools.audit_log import AuditLog
from tools.domain.audit import CodingImported, person
from tools.domain.coding import CodedLine
from tools.domain.decision import PostCreditNote, PostInvoice, Proposal
from tools.domain.identifiers import CaseId, PersonId, SupplierId
from tools.matching.coding_texts import words
from tools.store import Store

_OWN, _OTHERS, _SEARCHED = 150, 40, 20_000


class CodingHistory:
    """Earlier codings in the store, by supplier."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, proposal: Proposal, posted_on: date) -> int:
        """Remember how an approved and posted document was coded; once, however often it is told. Lines of
        orders follow the order and drafts teach nothing: neither is kept. Returns the number of lines."""
        lines = list(coded_lines(proposal, posted_on))
        self._replace(tables.coding_history.c.case_id == proposal.case_id, proposal.case_id, lines)
        return len(lines)

    def take_over(
        self, lines: Sequence[CodedLine], event: CodingImported, by: PersonId, log: AuditLog
    ) -> bool:
        """Keep the lines of a list together with the note that `by` brought it. False, and nothing
        changes, when a list of the same content was taken over before."""
        source = CaseId(f"import:{event.sha256}")
        known = select(tables.coding_history.c.id).where(tables.coding_history.c.case_id == source).limit(1)
        with self._store.transaction(durable=True) as connection:
            if connection.execute(known).first() is not None:
                return False
            connection.execute(insert(tables.coding_history), _rows(source, lines))
            log.append_in(connection, None, person(by), event)
        return True

    def near(self, supplier_id: SupplierId, texts: Collection[str]) -> tuple[CodedLine, ...]:
        """The supplier's latest lines; where there are none, the latest lines of others that share the most
        words with one of the texts."""
        own = self._read(tables.coding_history.c.supplier_id == supplier_id, _OWN)
        return tuple(own or self._alike(texts))

    def _alike(self, texts: Collection[str]) -> list[CodedLine]:
        wanted = [found for text in texts if (found := words(text))]
        if not wanted:
            return []
        ranked = []
        for place, line in enumerate(self._read(tables.coding_history.c.supplier_id != "", _SEARCHED)):
            theirs = words(line.description)
            shared = max((len(theirs & mine) / len(theirs | mine) for mine in wanted), default=0.0)
            if shared >= 0.5:
                ranked.append((-shared, place, line))
        return [line for _, _, line in sorted(ranked, key=lambda entry: entry[:2])[:_OTHERS]]

    def _read(self, which: ColumnElement[bool], most: int) -> list[CodedLine]:
        table = tables.coding_history
        query = select(table).where(which).order_by(table.c.posted_on.desc(), table.c.id.desc()).limit(most)
        with self._store.read() as connection:
            return [_line(row) for row in connection.execute(query)]

    def _replace(self, which: ColumnElement[bool], source: CaseId, lines: Sequence[CodedLine]) -> None:
        rows = _rows(source, lines)
        with self._store.transaction() as connection:
            connection.execute(delete(tables.coding_history).where(which))
            if rows:
                connection.execute(insert(tables.coding_history), rows)


def _rows(source: CaseId, lines: Iterable[CodedLine]) -> list[dict[str, object]]:
    return [{"case_id": source, **line.model_dump(mode="json")} for line in lines]


def _line(row: object) -> CodedLine:
    return CodedLine.model_validate({name: getattr(row, name) for name in CodedLine.model_fields})


def coded_lines(proposal: Proposal, posted_on: date) -> Iterator[CodedLine]:
    """Lines of an approved posting that went to an account without an order."""
    action = proposal.action
    if not isinstance(action, PostInvoice | PostCreditNote):
        return
    itemised = any(line.invoice_line is not None for line in action.lines)
    for line in action.lines:
        if line.account is None or line.order_number is not None:
            continue
        if itemised and line.invoice_line is None:
            continue  # freight, discounts and rounding of the document
        yield CodedLine(
            supplier_id=action.supplier_id,
            description=line.description if itemised else "",
            account=line.account,
            cost_centre=line.cost_centre,
            tax_code=line.tax_code,
            posted_on=posted_on,
            document=action.number,
        )


def accounts_in(lines: Iterable[CodedLine]) -> set[str]:
    return {line.account for line in lines}
