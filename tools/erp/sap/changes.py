"""Which orders changed, or received goods, since a moment."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tools.domain.identifiers import OrderNumber
from tools.erp.sap.documents import MaterialDocument, NewMaterialDocument, OrderStamp
from tools.erp.sap.odata import Query, day_constant, literal, moment_constant
from tools.erp.sap.session import Session
from tools.erp.sap.settings import Settings


async def changed_orders(session: Session, settings: Settings, moment: datetime) -> set[OrderNumber]:
    """Orders that a buyer changed, and those of material documents made since: a receipt does not change its
    order. Material documents tell day and time of the system's own clock."""
    local = moment.astimezone(ZoneInfo(settings.time_zone)).replace(tzinfo=None)
    company = f"CompanyCode eq {literal(settings.code)}"
    changed = Query(OrderStamp, f"{company} and LastChangeDateTime gt {moment_constant(moment)}")
    made = Query(NewMaterialDocument, f"CreationDate ge {day_constant(local.date())}")
    orders, papers = await asyncio.gather(
        session.read(OrderStamp, [changed], operation="changed orders"),
        session.read(NewMaterialDocument, [made], operation="new receipts"),
    )
    moved = [item.purchase_order for paper in papers if _made_after(paper, local) for item in paper.items]
    return {OrderNumber(number) for number in (*moved, *(row.purchase_order for row in orders)) if number}


def _made_after(paper: MaterialDocument, local: datetime) -> bool:
    """To the second, the moment's own included: too many is better than too few."""
    if paper.creation_date is None or paper.creation_time is None:
        return True
    made = datetime.combine(paper.creation_date, paper.creation_time)
    return made > local - timedelta(seconds=1)
