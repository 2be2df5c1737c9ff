"""`erp-eval new`: the folder of a case, with its document and an order that fits it; the author goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from evals.suite.case import CASES, WORLDS, CaseBroken, Tier
from evals.suite.writing import WrittenDocument, WrittenLine, ubl

UNDECIDED = "TO BE DECIDED"
"""Stands where the author has to say something; `erp-eval lint` refuses it."""
_ORDERED = timedelta(days=20)
_RECEIVED = timedelta(days=5)


def scaffold(
    name: str,
    lines: Sequence[str],
    *,
    supplier: str,
    today: date,
    number: str,
    order: str,
    base: str = "werk",
    root: Path = CASES,
) -> Path:
    """Writes the case `name` (such as `0007_price_over_tolerance`): one UBL invoice of `supplier` with
    `lines` (`ITEM:QUANTITY:PRICE`), an order of the same lines, received in full unless `order` is empty.
    Raises CaseBroken for a name that is taken or a supplier the company does not know."""
    folder = root / name
    if folder.exists():
        raise CaseBroken(f"{folder} is there already")
    company = json.loads((WORLDS / f"{base}.json").read_text(encoding="utf-8"))
    suppliers = {kept["supplier"]["supplier_id"]: kept["supplier"] for kept in company["books"]["suppliers"]}
    if supplier not in suppliers:
        raise CaseBroken(f"{base} knows no supplier {supplier}; it knows {', '.join(sorted(suppliers))}")
    items = {item["number"]: (item["description"], item["unit"]) for item in company["books"]["items"]}
    try:
        written = [WrittenLine.of(line, items) for line in lines]
    except ValueError as error:
        raise CaseBroken(str(error)) from None
    document = WrittenDocument(
        number=number,
        issued=today - _RECEIVED,
        currency=suppliers[supplier].get("currency", "EUR"),
        supplier=suppliers[supplier],
        buyer=company["settings"]["company"]["names"][0],
        iban=company["verified"].get(supplier, ""),
        order=order,
        lines=tuple(written),
    )
    file = f"{number.lower()}.xml"
    (folder / "inbox").mkdir(parents=True)
    (folder / "inbox" / file).write_text(ubl(document), encoding="utf-8")
    (folder / "case.toml").write_text(_story(today), encoding="utf-8")
    _write(folder / "world.json", {"base": base, **_order(document, supplier, today)})
    gross = f"{document.net + document.tax} {document.currency}, tax {document.tax}"
    change = f"posted invoice {number} of {supplier}: {gross}"
    end = {"why": UNDECIDED, "stages": {file: "posted"}, "changes": [change]}
    _write(folder / "expected.json", {"findings": {file: {"must": [UNDECIDED]}}, "ends": [end]})
    return folder


def _story(today: date) -> str:
    tiers = ", ".join(tier.value for tier in Tier)
    return (
        f'title = "{UNDECIDED}"\nwhy = "{UNDECIDED}: the rule or the accident it stands for"\n'
        f'# One of: {tiers}\ntier = "rules"\ntags = ["{UNDECIDED}"]\ntoday = "{today}"\n'
    )


def _order(document: WrittenDocument, supplier: str, today: date) -> dict[str, Any]:
    if not document.order:
        return {}
    ordered = {
        "number": document.order,
        "supplier_id": supplier,
        "currency": document.currency,
        "state": "open",
        "ordered_on": f"{today - _ORDERED}",
        "lines": [
            {
                "line_id": str(10000 * place),
                **({"item_number": line.item} if line.item else {"account": "4900"}),
                "description": line.text,
                "unit": line.unit,
                "ordered": str(line.quantity),
                "tax_code": "S19",
                "tax_rate": "19",
                "unit_price": {"amount": str(line.price), "currency": document.currency},
            }
            for place, line in enumerate(document.lines, 1)
        ],
    }
    receipt = {
        "number": f"50{document.order[-6:]}",
        "order_number": document.order,
        "received_on": f"{today - _RECEIVED}",
        "lines": [
            {"order_line_id": str(10000 * place), "quantity": str(line.quantity)}
            for place, line in enumerate(document.lines, 1)
        ],
    }
    return {"orders": [ordered], "receipts": [receipt]}


def _write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
