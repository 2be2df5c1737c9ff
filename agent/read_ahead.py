"""Asks the ERP for a whole batch before its cases ask one by one.

Working through hundreds of cases takes seconds, and reads that trickle in would each cost a round of waiting.
What is asked here is answered to the cases from the batch's reader; what fails here is asked again by the
case that needs it, and told there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from agent.nodes.gather_facts import order_numbers, read_accounts, read_facts
from agent.state import Deps, Overrides
from tools.domain.documents import Reading
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.erp.errors import ErpError


async def orders_ahead(deps: Deps, readings: Sequence[Reading]) -> None:
    """All orders the documents name and what is the same for all cases, while the supplier copy is brought up
    to date: one round less."""
    numbers = {number for reading in readings for number in _numbers(reading)}
    reads = (deps.reader.orders(numbers), deps.reader.posting_window(), read_accounts(deps))
    await asyncio.gather(*reads, return_exceptions=True)


async def facts_ahead(deps: Deps, readings: Sequence[Reading]) -> None:
    """Everything the cases will ask for, in one moment. A case whose supplier is in doubt asks later."""
    reads = []
    for reading in readings:
        numbers = _numbers(reading)
        choice = deps.finder.find(reading, await _supplier_of(deps, numbers))
        if choice.chosen is not None and reading.invoice is not None:
            reads.append(read_facts(deps, reading.invoice, choice.chosen, numbers))
    await asyncio.gather(*reads, return_exceptions=True)


def _numbers(reading: Reading) -> list[OrderNumber]:
    return order_numbers(reading.invoice, Overrides()) if reading.invoice is not None else []


async def _supplier_of(deps: Deps, numbers: Sequence[OrderNumber]) -> SupplierId | None:
    with suppress(ErpError):
        order = await deps.reader.order(numbers[0]) if numbers else None
        return order.supplier_id if order else None
    return None
