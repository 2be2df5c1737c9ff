"""Makes `alignment_cases.jsonl`: the invoice is made from the order, so the right pairs are known.

Nothing is drawn by chance: case N of a kind takes goods, language, quantities and prices by N alone.
`python -m evals.alignment_maker > evals/alignment_cases.jsonl` writes the file again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from evals.alignment_goods import LANGUAGES, Good, goods

Line = dict[str, str]
Made = tuple[list[Line], list[list[Line]], list[tuple[str, str]]]
"""Invoice lines, the lines of each order, and the pairs; an invoice line that nothing settles has none."""
_GOODS = goods()
_EACH = 20
"""Cases of each kind."""
_QUANTITIES = ("4", "10", "25", "12", "7", "60")


class Setting:
    """What the number of a case decides."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.language = LANGUAGES[number % len(LANGUAGES)]
        self.other_language = LANGUAGES[(number + 1 + number // 4) % len(LANGUAGES)]

    def good(self, place: int) -> Good:
        return _GOODS[(self.number * 5 + place * 7) % len(_GOODS)]

    def sized(self) -> Good:
        known = [good for good in _GOODS if good.sizes]
        return known[(self.number * 3) % len(known)]

    def same_trade(self, good: Good) -> Good:
        others = [other for other in _GOODS if other.trade == good.trade and other is not good]
        return others[self.number % len(others)]

    def other_trade(self, good: Good) -> Good:
        others = [other for other in _GOODS if other.trade != good.trade]
        return others[(self.number * 11) % len(others)]

    def quantity(self, place: int) -> str:
        return _QUANTITIES[(self.number + place) % len(_QUANTITIES)]

    def price(self, good: Good) -> str:
        """The good's price, a little different in each case."""
        factor = 1 + Decimal(self.number % 7) / 50
        return str((Decimal(good.price) * factor).quantize(Decimal("0.01")))


def wanted(line: str, text: str, ordered: str, unit: str, price: str, **more: str) -> Line:
    return {"line": line, "description": text, "ordered": ordered, "unit": unit, "price": price, **more}


def billed(line: str, text: str, quantity: str, unit: str, price: str, **more: str) -> Line:
    return {"line": line, "description": text, "quantity": quantity, "unit": unit, "price": price, **more}


def _order_of(at: Setting, count: int, language: str) -> list[Line]:
    found = []
    for place in range(count):
        good = at.good(place)
        text = good.named(language, at.number)
        line = wanted(str(10 * (place + 1)), text, at.quantity(place), good.unit, at.price(good))
        found.append({**line, "item": f"A{at.number:02}{place}", "supplier_item": f"S-{at.number}-{place}"})
    return found


def _bill_all(order: list[Line], texts: list[str], **numbers: list[str]) -> list[Line]:
    return [
        billed(
            str(place + 1),
            texts[place],
            line["ordered"],
            line["unit"],
            line["price"],
            **{name: values[place] for name, values in numbers.items()},
        )
        for place, line in enumerate(order)
    ]


def _pairs(order: list[Line], name: str = "PO-1") -> list[tuple[str, str]]:
    return [(str(place + 1), f"{name}/{line['line']}") for place, line in enumerate(order)]


def by_identifier(at: Setting) -> Made:
    """One kind of number decides, whatever texts and prices say; all prices are alike."""
    order = [{**line, "price": "10.00"} for line in _order_of(at, 4, at.language)]
    field, known = (("buyer_item", "item"), ("supplier_item", "supplier_item"), ("order_line", "line"))[
        at.number % 3
    ]
    texts = [at.good(place).named(at.other_language) for place in range(4)]
    return _bill_all(order, texts, **{field: [line[known] for line in order]}), [order], _pairs(order)


def by_words(at: Setting) -> Made:
    """The same words with something added, a part of the quantity, and a dearer order line as decoy."""
    order = _order_of(at, 4, at.language)
    texts = [f"{line['description']} / Art. {7300 + at.number}" for line in order[:3]]
    invoice = [{**line, "quantity": "2"} for line in _bill_all(order[:3], texts)]
    return invoice, [order], _pairs(order[:3])


def in_other_words(at: Setting) -> Made:
    """Figures agree, the supplier writes in another language."""
    order = _order_of(at, 3, at.language)
    texts = [at.good(place).named(at.other_language, at.number) for place in range(3)]
    return _bill_all(order, texts), [order], _pairs(order)


def other_sizes(at: Setting) -> Made:
    """Sizes of one thing at one price; two of the four ordered sizes are billed, in another order."""
    good, price = at.sized(), "5.50"
    order = [
        wanted(str(10 * (place + 1)), good.named(at.language, place), "10", good.unit, price)
        for place in range(4)
    ]
    invoice = [
        billed("1", good.named(at.language, 2), "10", good.unit, price),
        billed("2", good.named(at.language, 0), "10", good.unit, price),
    ]
    return invoice, [order], [("1", "PO-1/30"), ("2", "PO-1/10")]


def size_not_ordered(at: Setting) -> Made:
    """Another size at the price and quantity of the one that was ordered."""
    good, price = at.sized(), at.price(at.sized())
    order = [wanted("10", good.named(at.language, 0), "10", good.unit, price)]
    return [billed("1", good.named(at.language, 1), "10", good.unit, price)], [order], []


def not_ordered(at: Setting) -> Made:
    """Goods nobody ordered, with price and quantity of an order line that is not billed."""
    good = at.good(0)
    other = at.same_trade(good) if at.number % 2 else at.other_trade(good)
    order = [
        wanted("10", good.named(at.language), "10", "C62", at.price(good)),
        wanted("20", at.good(2).named(at.language), "3", "C62", "33.33"),
    ]
    invoice = [
        billed("1", other.named(at.language, 1), "10", "C62", at.price(good)),
        billed("2", at.good(2).named(at.language), "3", "C62", "33.33"),
    ]
    return invoice, [order], [("2", "PO-1/20")]


def substitute(at: Setting) -> Made:
    """Another part number: with the words and figures of the order line, or with its words alone."""
    good = at.good(0)
    text, price = good.named(at.language), at.price(good)
    order = [wanted("10", text, "10", good.unit, price, supplier_item="OLD-1")]
    replaced = at.number % 2 == 0
    quantity, cost = ("10", price) if replaced else ("6", str(Decimal(price) * 2))
    line = billed("1", text, quantity, good.unit, cost, supplier_item="NEW-1")
    return [line], [order], [("1", "PO-1/10")] if replaced else []


def split(at: Setting) -> Made:
    """One invoice line for two order lines of the item: only the sum explains its quantity."""
    good, price = at.good(0), at.price(at.good(0))
    text, item = good.named(at.language), f"I{at.number}"
    first, second = at.quantity(0), at.quantity(1)
    order = [
        wanted("10", text, first, good.unit, price, item=item),
        wanted("20", text, second, good.unit, price, item=item),
    ]
    total = str(Decimal(first) + Decimal(second))
    line = billed("1", text, total, good.unit, price, buyer_item=item)
    return [line], [order], [("1", "PO-1/10"), ("1", "PO-1/20")]


def sum_by_words(at: Setting) -> Made:
    """One invoice line without numbers for lines of two orders, beside an older one that is no part of the
    sum; the supplier adds a number of its own to the text."""
    good, price = at.good(0), at.price(at.good(0))
    text, parts = good.named(at.language, at.number), (at.quantity(0), at.quantity(1))
    orders = [
        [wanted("10", text, "3", good.unit, price, expected_on="2026-01-10")],
        [wanted("10", text, part, good.unit, price, expected_on="2026-02-10") for part in parts[:1]],
        [wanted("10", text, part, good.unit, price, expected_on="2026-03-10") for part in parts[1:]],
    ]
    total = str(sum(map(Decimal, parts)))
    printed = f"{text} / Art. {7300 + at.number}" if at.number % 2 else text
    return [billed("1", printed, total, good.unit, price)], orders, [("1", "PO-2/10"), ("1", "PO-3/10")]


def filled_by_several(at: Setting) -> Made:
    """Two deliveries of one order line on one invoice, without numbers; together they are what is open."""
    good, price = at.good(0), at.price(at.good(0))
    text, parts = good.named(at.language, at.number), (at.quantity(0), at.quantity(1))
    other = at.good(2)
    order = [
        wanted("10", text, str(sum(map(Decimal, parts)) + 2), good.unit, price, invoiced="2"),
        wanted("20", other.named(at.language, at.number), "8", other.unit, at.price(other)),
    ]
    invoice = [billed(str(n), text, part, good.unit, price) for n, part in enumerate(parts, start=1)]
    return invoice, [order], [("1", "PO-1/10"), ("2", "PO-1/10")]


def no_sum_of_sizes(at: Setting) -> Made:
    """Another size would make the sum exact and is no part of it."""
    good, price = at.sized(), at.price(at.sized())
    order = [wanted(f"{n}0", good.named(at.language, n), "10", good.unit, price) for n in (1, 2)]
    return [billed("1", good.named(at.language, 1), "20", good.unit, price)], [order], [("1", "PO-1/10")]


def open_receipt(at: Setting) -> Made:
    """The same item twice: the line with an open receipt comes first, then the oldest delivery date."""
    good, price = at.good(0), at.price(at.good(0))
    text, item = good.named(at.language), f"I{at.number}"
    received = ("0", "50", "50") if at.number % 2 else ("50", "50", "50")
    due = ("2026-01-10", "2026-03-10", "2026-02-10")
    order = [
        wanted(line, text, "50", good.unit, price, item=item, received=got, expected_on=day)
        for line, got, day in zip(("10", "20", "30"), received, due, strict=True)
    ]
    right = "30" if at.number % 2 else "10"
    return [billed("1", text, "9", good.unit, price, buyer_item=item)], [order], [("1", f"PO-1/{right}")]


def nothing_decides(at: Setting) -> Made:
    """Two order lines with the same figures, and a text that names no goods."""
    text = {"de": "Artikel", "en": "Goods", "nl": "Goederen", "fr": "Marchandise"}[at.language]
    order = [
        wanted("10", at.good(0).named(at.language), "5", "C62", "20.00"),
        wanted("20", at.good(1).named(at.language), "5", "C62", "20.00"),
    ]
    return [billed("1", text, "5", "C62", "20.00")], [order], []


def several_orders(at: Setting) -> Made:
    """A line number that several orders have: decided where the line names its order, else not."""
    orders = [_order_of(at, 2, at.language), _order_of(Setting(at.number + 3), 2, at.language)]
    line = billed("1", orders[1][0]["description"], "1", orders[1][0]["unit"], "1.00", order_line="10")
    if at.number % 2:
        return [line], orders, []
    return [{**line, "order": "PO-2"}], orders, [("1", "PO-2/10")]


def other_units(at: Setting) -> Made:
    """Ordered by the piece or kilogram, billed by the dozen or tonne; a decoy costs the printed price."""
    good = at.good(0)
    unit, big, factor = (("C62", "DZN", 12), ("KGM", "TNE", 1000))[at.number % 2]
    text, price = good.named(at.language), at.price(good)
    order = [
        wanted("10", text, str(factor * 3), unit, price),
        wanted("20", at.good(2).named(at.language), "3", unit, str(Decimal(price) * factor)),
    ]
    return [billed("1", text, "3", big, str(Decimal(price) * factor))], [order], [("1", "PO-1/10")]


KINDS: tuple[Callable[[Setting], Made], ...] = (
    by_identifier,
    by_words,
    in_other_words,
    other_sizes,
    size_not_ordered,
    not_ordered,
    substitute,
    split,
    open_receipt,
    nothing_decides,
    several_orders,
    other_units,
    sum_by_words,
    filled_by_several,
    no_sum_of_sizes,
)


def make() -> Iterator[dict[str, Any]]:
    """All cases, kind by kind."""
    for kind in KINDS:
        for number in range(_EACH):
            at = Setting(number)
            invoice, orders, pairs = kind(at)
            yield {
                "id": f"{kind.__name__}_{number:02}",
                "kind": kind.__name__,
                "language": at.language,
                "invoice": invoice,
                "orders": [{"number": f"PO-{n}", "lines": lines} for n, lines in enumerate(orders, start=1)],
                "expect": pairs,
            }


if __name__ == "__main__":
    for case in make():
        sys.stdout.write(json.dumps(case, ensure_ascii=False) + "\n")
