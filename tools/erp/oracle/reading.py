"""Orders with what was received and billed on them: two kinds of calls, however many orders are asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import quote

from tools.erp.errors import ErpRejected
from tools.erp.oracle import wire
from tools.erp.oracle.query import Query, equal, queries_for
from tools.erp.oracle.session import Session, parsed
from tools.erp.oracle.wire_orders import ChangedSchedule, LifeCycle, Order, OrderHead

_GIVEN_UP = " and ".join(f"StatusCode<>'{code}'" for code in ("CLOSED", "FINALLY CLOSED", "CANCELED"))


class Orders:
    """Reads orders of one procurement business unit, or of all that our login is shown."""

    def __init__(self, session: Session, *, procurement_bu: str | None, life_cycle: str) -> None:
        """`life_cycle` is the resource's name: some pods write `purchaseOrderLifecycleDetails`."""
        self._session = session
        self._unit = None if procurement_bu is None else equal(ProcurementBU=procurement_bu)
        self._life_cycle = life_cycle
        self._ids: dict[str, str] = {}
        """Order number -> POHeaderId, which never changes."""
        self._numbers: dict[str, str] = {}
        """SupplierId -> SupplierNumber."""

    async def numbered(self, numbers: Collection[str], *, operation: str) -> list[Order]:
        """Raises ErpRejected when a number names several orders."""
        queries = queries_for(Order, "OrderNumber", numbers, also=self._unit)
        found = await self._session.read(Order, queries, operation=operation)
        self._once([(row.order_number, row.po_header_id) for row in found])
        return _with_schedules(found)

    async def of_suppliers(self, ids: Collection[str], *, operation: str) -> list[Order]:
        """Orders that are not finished, by SupplierId."""
        also = _GIVEN_UP if self._unit is None else f"{self._unit} and {_GIVEN_UP}"
        queries = queries_for(Order, "SupplierId", ids, also=also, numeric=True)
        return _with_schedules(await self._session.read(Order, queries, operation=operation))

    async def ids(self, numbers: Collection[str], *, operation: str) -> dict[str, str]:
        """Order number -> POHeaderId, for the orders there are."""
        missing = [number for number in numbers if number not in self._ids]
        queries = queries_for(OrderHead, "OrderNumber", missing, also=self._unit)
        found = await self._session.read(OrderHead, queries, operation=operation)
        self._once([(row.order_number, row.po_header_id) for row in found])
        return {number: self._ids[number] for number in numbers if number in self._ids}

    async def life_cycles(self, ids: Sequence[str], *, operation: str) -> dict[str, LifeCycle]:
        """POHeaderId -> receipts and invoices of the order. The collection cannot be searched, so each is
        asked for by its id, many in one batch."""
        fields = quote(LifeCycle.selection(), safe=",;:.")
        addresses = [f"{self._life_cycle}/{key}?fields={fields}" for key in dict.fromkeys(ids)]
        rows = await self._session.batch_read(addresses, operation=operation)
        found = [parsed(LifeCycle, await self._session.whole(row, LifeCycle, operation)) for row in rows]
        return {cycle.po_header_id: cycle for cycle in found}

    async def supplier_numbers(self, ids: Collection[str], *, operation: str) -> dict[str, str]:
        """SupplierId -> SupplierNumber: orders name their supplier by id and name only."""
        missing = {key for key in ids if key not in self._numbers}
        queries = queries_for(wire.SupplierName, "SupplierId", sorted(missing), numeric=True)
        for row in await self._session.read(wire.SupplierName, queries, operation=operation):
            self._numbers[row.supplier_id] = row.supplier_number
        return {key: self._numbers[key] for key in ids if key in self._numbers}

    async def changed(
        self, entity: type[OrderHead] | type[ChangedSchedule], q: str, *, operation: str
    ) -> list[str]:
        """Order numbers of the records that `q` finds."""
        query = Query(entity, q if self._unit is None else f"{self._unit} and {q}")
        rows = await self._session.read(entity, [query], operation=operation)
        return [row.order_number for row in rows]

    def _once(self, found: Sequence[tuple[str, str]]) -> None:
        for number, key in found:
            if self._ids.setdefault(number, key) != key:
                raise ErpRejected(
                    f"order number {number} stands for several orders in Oracle; the setting procurement_bu "
                    "says which business unit is meant"
                )


def _with_schedules(found: list[Order]) -> list[Order]:
    """Every line has a schedule in Oracle. Raises ErpRejected when one came without: an order must not
    look smaller than it is."""
    for order in found:
        bare = [f"{line.line_number:f}" for line in order.lines if not line.schedules]
        if bare or not order.lines:
            raise ErpRejected(
                f"Oracle shows our login order {order.order_number} without "
                + (f"the schedules of line {', '.join(bare)}" if bare else "lines")
            )
    return found
