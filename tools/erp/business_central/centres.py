"""Cost centres: the values of the company's first shortcut dimension, which is the one invoices carry."""

from __future__ import annotations

from tools.erp.business_central import wire
from tools.erp.business_central.odata import Query, literal
from tools.erp.business_central.session import Session, parsed
from tools.erp.contract import CostCentre


async def cost_centres(session: Session, dimension: str) -> list[CostCentre]:
    """`dimension` is the code in General Ledger Setup; a blank one means that the company uses none. Blocks
    and headings are not told by the API: posting refuses them."""
    if not dimension:
        return []
    named = Query(wire.Dimension, f"code eq {literal(dimension)}")
    found = await session.read(wire.Dimension, [named], operation="dimension")
    if not found:
        return []
    values = Query(wire.DimensionValue, f"dimensionId eq {found[0].id}")
    rows = [parsed(wire.DimensionValue, row) async for row in session.pages(values, operation="cost centres")]
    return [CostCentre(code=row.code, name=row.display_name or row.code) for row in rows]
