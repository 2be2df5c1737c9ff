"""`erp-eval new`: the folder of a case, with its document and an order that fits it; the author goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from evals.suite.case import CASE_ID, CASES, WORLDS, CaseBroken, Tier
from evals.suite.world import companies
from evals.suite.writing import WrittenDocument, WrittenLine, ubl

UNDECIDED = "TO BE DECIDED"
"""Stands where the author has to say something; `erp-eval lint` refuses it."""
_NO_NAME = re.compile(r"[^a-z0-9._-]+")
"""What a number may hold and a file's name may not."""
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
    Raises CaseBroken, before anything is written, for a name that is none or taken, a company, a supplier
    or a line that is none."""
    folder = free_folder(name, root)
    company, suppliers = _company(base, supplier)
    if not (number.strip() and f"{number}{order}".isprintable()):
        raise CaseBroken(
            f"an invoice's and an order's number are printed in one line, not {number!r} {order!r}"
        )
    items = {item["number"]: (item["description"], item["unit"]) for item in company["books"]["items"]}
    try:
        written = [WrittenLine.of(line, items) for line in lines]
        ordered_on, received_on = today - _ORDERED, today - _RECEIVED
    except ValueError as error:
        raise CaseBroken(str(error)) from None
    except OverflowError:
        raise CaseBroken(f"no order can lie before {today}") from None
    document = WrittenDocument(
        number=number,
        issued=received_on,
        currency=suppliers[supplier].get("currency", "EUR"),
        supplier=suppliers[supplier],
        buyer=company["settings"]["company"]["names"][0],
        iban=company["verified"].get(supplier, ""),
        order=order,
        lines=tuple(written),
    )
    file = f"{_NO_NAME.sub('-', number.lower()).strip('-.') or 'invoice'}.xml"
    (folder / "inbox").mkdir(parents=True)
    (folder / "inbox" / file).write_text(ubl(document), encoding="utf-8")
    (folder / "case.toml").write_text(_story(today), encoding="utf-8")
    _write(folder / "world.json", {"base": base, **_order(document, supplier, ordered_on, received_on)})
    gross = f"{document.net + document.tax} {document.currency}, tax {document.tax}"
    change = f"posted invoice {number} of {supplier}: {gross}"
    end = {"why": UNDECIDED, "stages": {file: "posted"}, "changes": [change]}
    _write(folder / "expected.json", {"findings": {file: {"must": [UNDECIDED]}}, "ends": [end]})
    return folder


def _company(base: str, supplier: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The company of this name, and its suppliers by their ids, `supplier` among them."""
    if base not in companies():
        raise CaseBroken(f"there is no company {base!r} to begin from; there are: {', '.join(companies())}")
    company: dict[str, Any] = json.loads((WORLDS / f"{base}.json").read_text(encoding="utf-8"))
    suppliers = {kept["supplier"]["supplier_id"]: kept["supplier"] for kept in company["books"]["suppliers"]}
    if supplier not in suppliers:
        raise CaseBroken(f"{base} knows no supplier {supplier}; it knows {', '.join(sorted(suppliers))}")
    return company, suppliers


def free_folder(name: str, root: Path) -> Path:
    """Where a new case may be written. Raises CaseBroken for a name that is none of a case, or whose number
    or folder is taken, and for a root that is no folder."""
    if not CASE_ID.fullmatch(name):
        raise CaseBroken(f"{name!r}: a case is called NNNN_words, in small letters, such as 0007_price_over")
    folder = root / name
    if folder.exists():
        raise CaseBroken(f"{folder} is there already")
    if root.exists() and not root.is_dir():
        raise CaseBroken(f"--root {root} is no folder")
    taken = sorted(path.name for path in root.glob(f"{name[:4]}*"))
    if taken:
        raise CaseBroken(f"the number {name[:4]} is taken by {taken[0]}")
    return folder


def _story(today: date) -> str:
    tiers = ", ".join(tier.value for tier in Tier)
    return (
        f'title = "{UNDECIDED}"\nwhy = "{UNDECIDED}: the rule or the accident it stands for"\n'
        f'# One of: {tiers}\ntier = "rules"\ntags = ["{UNDECIDED}"]\ntoday = "{today}"\n'
    )


def _order(document: WrittenDocument, supplier: str, ordered_on: date, received_on: date) -> dict[str, Any]:
    if not document.order:
        return {}
    ordered = {
        "number": document.order,
        "supplier_id": supplier,
        "currency": document.currency,
        "state": "open",
        "ordered_on": f"{ordered_on}",
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
        "received_on": f"{received_on}",
        "lines": [
            {"order_line_id": str(10000 * place), "quantity": str(line.quantity)}
            for place, line in enumerate(document.lines, 1)
        ],
    }
    return {"orders": [ordered], "receipts": [receipt]}


def _write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
