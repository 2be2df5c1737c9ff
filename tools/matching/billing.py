"""What was billed on an order line before: our own count where the ERP keeps none."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tools.domain.documents import Record
from tools.domain.identifiers import OrderNumber
from tools.domain.money import Exact

OrderLineKey = tuple[OrderNumber, str]
"""Order number and the order line's id."""


class Billed(Record):
    """Quantity in the order line's unit and value without tax in the order's currency, credits deducted.

    `quantity` and `value` are what the ERP does not know of; they are added to `OrderLine.invoiced`.
    """

    quantity: Exact = Decimal(0)
    value: Exact = Decimal(0)
    erp_value: Exact | None = None
    """Value billed on the quantity that the ERP counts itself; absent: taken at the order's price."""


BilledBefore = Mapping[OrderLineKey, Billed]
