"""What Profit's own description lacks of that which this connector reads and writes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tools.erp.afas import wire
from tools.erp.afas.session import Session
from tools.erp.afas.wire_entries import READ
from tools.erp.errors import ErpRejected

WRITTEN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "FiEntries": {
        "FiEntryPar": ("Year", "Peri", "UnId", "JoCo", "AuNu"),
        "FiEntries": (
            *("VaAs", "AcNr", "EnDa", "BpDa", "BpNr", "InId", "Ds", "AmDe", "AmCr", "VaId"),
            *("CuId", "Rate", "AmDc", "AmCc", "DaEx", "Fref"),
        ),
        "FiDimEntries": ("DiC1",),
    },
    "FiInvoice": {"FiInvoice": ("UnId", "VaAd", "DcNr", "InId", "BlPa", "Ds")},
    "FbPurch": {
        "FbPurch": ("OrNu", "CrId", "CuId", "RfCs", "Unit", "Fina", "War"),
        "FbPurchLines": ("VaIt", "ItCd", "Ds", "BiUn", "QuUn", "Upri", "VaRc", "GuLi"),
    },
    "FbGoodsReceived": {
        "FbGoodsReceived": ("CrId", "SoOr", "OrDa", "DaAc", "RfCs", "Unit", "PuIn", "War"),
        "FbGoodsReceivedLines": ("VaIt", "ItCd", "BiUn", "QuUn", "SoOr", "SoGu"),
    },
    "KnSubject": {
        "KnSubject": ("StId", "Ds"),
        "KnSubjectLink": ("DoCRM", "SfTp", "SfId", "BcId", "PiUn", "PiTp", "PiId"),
        "KnSubjectAttachment": ("FileName", "FileStream"),
    },
}
"""UpdateConnector -> its objects -> the fields that are sent. No bank field is among them."""


@cache
def own_connectors() -> Mapping[str, Any]:
    """The GetConnectors that an administrator has to make; see README.md."""
    text = Path(__file__).with_name("getconnectors.json").read_text(encoding="utf-8")
    told: Mapping[str, Any] = json.loads(text)
    return told


async def shortcomings(session: Session, names: Mapping[str, str]) -> list[str]:
    """A sentence each. Raises ErpError when Profit cannot be asked."""
    overview = await session.described("metainfo", must_be_there=True)
    if not isinstance(overview, dict):
        raise ErpRejected("AFAS does not tell which connectors the token may use")
    gets, updates = (_ids(overview.get(kind)) for kind in ("getConnectors", "updateConnectors"))
    checks = [
        *(_get(session, row, names.get(row.connector, row.connector), gets) for row in READ),
        *(_update(session, name, updates) for name in WRITTEN),
    ]
    return [sentence for found in await asyncio.gather(*checks) for sentence in found]


def _ids(listed: Any) -> set[str]:
    return {str(each.get("id")).casefold() for each in listed or () if isinstance(each, dict)}


async def _get(session: Session, row: type[wire.Row], name: str, allowed: set[str]) -> list[str]:
    if name.casefold() not in allowed:
        if own_connectors().get(row.connector, {}).get("may_be_missing"):
            return []
        if row.connector in own_connectors():
            return [
                f"the GetConnector {name} is missing: make it as tools/erp/afas/README.md describes and add "
                "it to the app connector"
            ]
        return [f"the app connector lacks the GetConnector {name}: add it in Profit"]
    told = await session.described(f"metainfo/get/{name}")
    has = {str(each.get("id")) for each in (told or {}).get("fields") or ()}
    wanted = (
        (field.alias or python_name, field.is_required()) for python_name, field in row.model_fields.items()
    )
    lacks = sorted(alias for alias, required in wanted if required and alias not in has)
    return (
        [f"the GetConnector {name} lacks the fields {', '.join(lacks)}: add them in Profit"] if lacks else []
    )


async def _update(session: Session, name: str, allowed: set[str]) -> list[str]:
    if name.casefold() not in allowed:
        return [f"the app connector lacks the UpdateConnector {name}: add it in Profit"]
    told = await session.described(f"metainfo/update/{name}")
    has = set(_described(told))
    lacks = sorted(
        f"{part}.{field}"
        for part, fields in WRITTEN[name].items()
        for field in fields
        if field.casefold() not in has
    )
    return [f"the UpdateConnector {name} lacks {', '.join(lacks)}"] if lacks else []


def _described(part: Any) -> Iterator[str]:
    """Field names in lower case, of the objects inside too: how Profit names the outermost object differs
    between its pages."""
    if not isinstance(part, dict):
        return
    for field in part.get("fields") or ():
        yield str(field.get("fieldId") or field.get("id") or "").casefold()
    for inner in part.get("objects") or ():
        yield from _described(inner)
