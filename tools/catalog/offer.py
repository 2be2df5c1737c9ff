"""Which tools a model is offered in one step: at most seven, by need, always the same for the same step.

A tool counts ten for each word of the person that asks for it, five for each kind of finding that needs it,
and a little for being useful everywhere. The highest are taken, in the order of the catalogue, and the last
place is always for asking back.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.resources import files

from tools.catalog.spec import Access, ToolSpec
from tools.catalog.tools import TOOLS
from tools.domain.findings import DiscrepancyKind

MOST = 7
"""An eighth way is to answer, or to ask for nothing more."""
_WORD, _NEED = 10, 5
_K = DiscrepancyKind
_ALWAYS: Mapping[str, int] = {
    "ask_clerk": 1000,
    "explain_match": 4,
    "get_invoice": 3,
    "search_similar_cases": 2,
    "get_purchase_order": 2,
    "get_policy": 1,
    "list_cases": 1,
    "search_cases": 1,
    "choose_option": 1,
    "draft_message": 1,
}
_RECEIPT = (_K.NO_RECEIPT, _K.QTY_OVER_RECEIVED, _K.QTY_OVER_ACCEPTED, _K.RECEIPT_GT_INVOICE)
_PRICE = (_K.PRICE_OVER, _K.PRICE_UNDER, _K.UOM_OR_BASE, _K.AMOUNT_LIMIT, _K.RATE_VARIANCE)
_ORDER = (_K.NO_PO, _K.BAD_PO, _K.PO_EXHAUSTED, _K.LINE_AMBIGUOUS, _K.QTY_OVER_ORDERED, _K.SUBSTITUTE_ITEM)
_SUPPLIER = (
    _K.SUPPLIER_UNKNOWN,
    _K.SUPPLIER_AMBIGUOUS,
    _K.SUPPLIER_BLOCKED,
    _K.SENDER_SUSPECT,
    _K.BANK_CHANGE,
)
_EARLIER = (
    _K.DUPLICATE_SUSPECT,
    _K.CREDIT_NOTE_UNLINKED,
    _K.CREDIT_EXCEEDS,
    _K.SPLIT_INVOICE,
    _K.FIRST_INVOICE,
)
_CODING = (_K.CODING_UNSURE, _K.UNPLANNED_LINE, _K.UNPLANNED_FREIGHT, _K.NO_PO)
NEEDED: Mapping[str, frozenset[DiscrepancyKind]] = {
    "list_goods_receipts": frozenset(_RECEIPT),
    "create_goods_receipt": frozenset({_K.NO_RECEIPT, _K.QTY_OVER_RECEIVED}),
    "get_purchase_order": frozenset({*_PRICE, *_ORDER, *_RECEIPT}),
    "amend_order_line": frozenset({*_PRICE, _K.QTY_OVER_ORDERED, _K.PO_EXHAUSTED}),
    "find_supplier": frozenset({_K.SUPPLIER_UNKNOWN, _K.SUPPLIER_AMBIGUOUS}),
    "get_supplier": frozenset(_SUPPLIER),
    "get_posted_invoices": frozenset(_EARLIER),
    "list_open_items": frozenset({_K.STATEMENT_DIFF, _K.CREDIT_EXCEEDS, _K.DUPLICATE_SUSPECT}),
    "find_account": frozenset({_K.CODING_UNSURE}),
    "search_similar_cases": frozenset({*_CODING, *_PRICE}),
    "get_policy": frozenset(
        {*_PRICE, _K.AMOUNT_LIMIT, _K.TAX_WRONG, _K.DATE_IMPLAUSIBLE, _K.UNPLANNED_FREIGHT}
    ),
    "get_invoice": frozenset({_K.TOTAL_MISMATCH, _K.TAX_WRONG, _K.MISSING_FIELD, _K.WRONG_COMPANY}),
    "draft_message": frozenset({_K.TOTAL_MISMATCH, _K.MISSING_FIELD, _K.WRONG_COMPANY, _K.TAX_WRONG}),
}


@cache
def _beginnings() -> Mapping[str, str]:
    """Of the words with which people ask for a tool. Read once."""
    return tomllib.loads((files("tools.catalog") / "words.toml").read_text(encoding="utf-8"))


def offered(
    kinds: Collection[DiscrepancyKind] = (),
    text: str = "",
    *,
    access: Collection[Access] = frozenset({Access.READ, Access.TALK}),
    tools: Sequence[ToolSpec] = TOOLS,
    most: int = MOST,
) -> tuple[ToolSpec, ...]:
    """The tools of `access` that this step needs. `kinds`: findings that need a person; `text`: the person's
    words. A step in which untrusted text is read leaves WRITE out of `access`."""
    words = re.findall(r"\w+", text.casefold())
    allowed = [tool for tool in tools if tool.access in access]
    weights = {tool.name: _weight(tool, kinds, words) for tool in allowed}
    ranked = sorted(allowed, key=lambda tool: -weights[tool.name])
    taken = {tool.name for tool in ranked[:most] if weights[tool.name]}
    return tuple(tool for tool in allowed if tool.name in taken)


def asks_for(name: str, text: str) -> bool:
    """Whether a word of the text is one with which people ask for the tool."""
    return _said(_beginnings().get(name, "").split(), re.findall(r"\w+", text.casefold())) > 0


def _said(starts: Sequence[str], words: Sequence[str]) -> int:
    return sum(any(word.startswith(start) for start in starts) for word in words)


def _weight(tool: ToolSpec, kinds: Collection[DiscrepancyKind], words: Sequence[str]) -> int:
    starts = _beginnings().get(tool.name, tool.name.replace("_", " ") if tool.is_foreign else "").split()
    said = _said(starts, words)
    needed = len(NEEDED.get(tool.name, frozenset()) & set(kinds))
    return _WORD * min(said, 3) + _NEED * needed + _ALWAYS.get(tool.name, 0)
