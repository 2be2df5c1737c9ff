"""Other documents of the same commitment: a purchase that is billed in parts counts as a whole."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import select, text

from tools import store as tables
from tools.domain.documents import Record
from tools.domain.identifiers import CaseId, SupplierId
from tools.domain.money import Money, is_currency
from tools.stage_groups import AGREED, NOTHING_OWED
from tools.store import Store

# Written out as in the index `cases_of_supplier`, so that it is used.
_QUERY = text(
    """
    select cases.case_id as case_id, cases.stage as stage, cases.position as position,
           json_extract(reading, '$.invoice.number') as number,
           json_extract(reading, '$.invoice.order_number') as order_number,
           json_extract(reading, '$.invoice.issue_date') as issue_date,
           json_extract(reading, '$.invoice.document_type') as document_type,
           json_extract(reading, '$.invoice.currency') as currency,
           json_extract(reading, '$.invoice.gross_total.amount') as gross,
           json_extract(reading, '$.invoice.net_total.amount') as net
    from cases join readings on readings.document_id = cases.document_id
    where json_extract(cases.summary, '$.supplier_id') = :supplier and cases.case_id != :own
    order by cases.position
    """
)


class OtherDocument(Record):
    """Another invoice of the same supplier that is, or may come to be, owed."""

    case_id: CaseId
    number: str
    gross: Money
    net: Money

    @property
    def words(self) -> str:
        return f"{self.number} over {self.gross} ({self.case_id})"


class Commitments:
    """Looks up what else was received from a supplier around a date."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def others(
        self,
        case_id: CaseId,
        supplier_id: SupplierId,
        number: str,
        orders: Collection[str],
        day: date,
        days: int,
    ) -> list[OtherDocument]:
        """Invoices of the supplier dated within `days` of `day` that bill one of `orders`, or, for a
        document without order, that name none either. Those received before this case count until they
        are closed, later ones once they were approved; a document under the same number is a question of
        duplicates and does not count."""
        if days == 0:
            return []
        own = select(tables.cases.c.position).where(tables.cases.c.case_id == case_id)
        with self._store.read() as connection:
            position = connection.execute(own).scalar() or 0
            rows = connection.execute(_QUERY, {"supplier": supplier_id, "own": case_id}).mappings().all()
            billed = self._billed(orders)
        found = []
        for row in rows:
            agreed = row["stage"] in AGREED
            counts = agreed or (row["position"] < position and row["stage"] not in NOTHING_OWED)
            same = row["case_id"] in billed or (
                row["order_number"] in orders if orders else row["order_number"] is None
            )
            other = _other(dict(row), number, day, timedelta(days=days)) if counts and same else None
            if other is not None:
                found.append(other)
        return found

    def _billed(self, orders: Collection[str]) -> frozenset[str]:
        """Cases that billed these orders through us, whatever their documents say."""
        if not orders:
            return frozenset()
        query = select(tables.billed.c.case_id).where(tables.billed.c.order_number.in_(list(orders)))
        with self._store.read() as connection:
            return frozenset(connection.execute(query).scalars())


def _other(row: dict[str, str | None], number: str, day: date, span: timedelta) -> OtherDocument | None:
    """None for what adds nothing: credit notes, other dates, copies, documents without a readable total."""
    gross, currency, issued = row["gross"], row["currency"] or "", row["issue_date"]
    if row["document_type"] == "credit_note" or gross is None or issued is None or not is_currency(currency):
        return None
    if abs(date.fromisoformat(issued) - day) > span or _plain(row["number"]) == _plain(number):
        return None
    return OtherDocument(
        case_id=CaseId(row["case_id"] or ""),
        number=row["number"] or "a document without number",
        gross=abs(Money.of(gross, currency)),
        net=abs(Money.of(row["net"] or gross, currency)),
    )


def _plain(number: str | None) -> str:
    """A number without the signs that people leave out."""
    return "".join(sign for sign in number or "" if sign.isalnum()).casefold()
