"""Which order lines an invoice line names: by order line number, item numbers or GTIN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tools.domain.documents import InvoiceLine, OrderLine
from tools.domain.findings import AlignmentEvidence
from tools.domain.identifiers import compact
from tools.matching.invoice_lines import BillableLine
from tools.matching.order_lines import OpenLine

Field = tuple[AlignmentEvidence, Callable[[InvoiceLine], str | None], Callable[[OrderLine], str | None]]

_LINE_NUMBER: Field = (
    AlignmentEvidence.ORDER_LINE_NUMBER,
    lambda line: line.order_line_ref,
    lambda line: line.line_id,
)
_ITEM_NUMBERS: tuple[Field, ...] = (
    (AlignmentEvidence.BUYER_ITEM, lambda line: line.buyer_item_id, lambda line: line.item_number),
    (AlignmentEvidence.SUPPLIER_ITEM, lambda line: line.supplier_item_id, lambda line: line.supplier_item_id),
    (AlignmentEvidence.GTIN, lambda line: line.gtin, lambda line: line.gtin),
)
_FIELDS = (_LINE_NUMBER, *_ITEM_NUMBERS)


@lru_cache(maxsize=4096)
def identifier_key(text: str | None) -> str:
    """Identifiers compare without case, blanks, dashes and leading zeros; empty for none."""
    return compact(text or "").lstrip("0")


def same_order(printed: str | None, number: str) -> bool:
    """Whether a printed order reference names this order; several may stand in one field."""
    wanted = identifier_key(number)
    parts = [printed or "", *(printed or "").replace(";", ",").replace(",", " ").split()]
    return any(identifier_key(part) == wanted for part in parts)


@dataclass(frozen=True, slots=True)
class Named:
    """The order lines that an invoice line names, with the evidence, strongest first.

    `contradicting`: lines that a weaker identifier names instead, which makes it a question.
    """

    candidates: tuple[OpenLine, ...]
    evidence: tuple[AlignmentEvidence, ...]
    contradicting: tuple[OpenLine, ...] = ()


class OrderIndex:
    """Order lines by each of their identifiers."""

    def __init__(self, lines: Sequence[OpenLine]) -> None:
        self.lines = tuple(lines)
        self._orders = sorted({line.order.number for line in lines})
        self._by: dict[AlignmentEvidence, dict[str, list[OpenLine]]] = {field[0]: {} for field in _FIELDS}
        for line in lines:
            for evidence, _, known in _FIELDS:
                if key := identifier_key(known(line.line)):
                    self._by[evidence].setdefault(key, []).append(line)

    def restriction(self, billed: BillableLine) -> frozenset[str] | None:
        """The orders that the invoice line itself names; None where it names none of ours."""
        printed = billed.line.order_number
        if not printed:
            return None
        return frozenset(number for number in self._orders if same_order(printed, number)) or None

    def named(self, billed: BillableLine) -> Named:
        """Narrow down from the strongest identifier to the weakest."""
        own_order = self.restriction(billed)
        candidates: list[OpenLine] = []
        evidence: list[AlignmentEvidence] = []
        for kind, printed, _ in _FIELDS:
            key = identifier_key(printed(billed.line))
            hits = self._by[kind].get(key, []) if key else []
            if own_order is not None:
                hits = [line for line in hits if line.order.number in own_order]
            if not hits:
                continue
            both = [line for line in candidates if line in hits] if candidates else hits
            if not both:
                return Named(tuple(candidates), tuple(evidence), tuple(hits))
            candidates, evidence = both, [*evidence, kind]
        return Named(_live(candidates), tuple(evidence))


def _live(lines: Sequence[OpenLine]) -> tuple[OpenLine, ...]:
    """Cancelled lines count only where nothing else is named."""
    return tuple(line for line in lines if not line.line.cancelled) or tuple(lines)


ItemKeys = tuple[str, ...]
"""The part numbers of a line, spelled alike, in one order for both sides; empty where there is none."""


def printed_keys(line: InvoiceLine) -> ItemKeys:
    """The part numbers of an invoice line."""
    return tuple(identifier_key(printed(line)) for _, printed, _ in _ITEM_NUMBERS)


def known_keys(line: OrderLine) -> ItemKeys:
    """The part numbers of an order line."""
    return tuple(identifier_key(known(line)) for _, _, known in _ITEM_NUMBERS)


def keys_differ(printed: ItemKeys, known: ItemKeys) -> bool:
    """Both sides carry part numbers of the same kind, and none of them agrees."""
    both = [(left, right) for left, right in zip(printed, known, strict=True) if left and right]
    return bool(both) and all(left != right for left, right in both)


def items_differ(billed: BillableLine, wanted: OpenLine) -> bool:
    """Both sides carry part numbers of the same kind, and none of them agrees."""
    return keys_differ(printed_keys(billed.line), known_keys(wanted.line))
