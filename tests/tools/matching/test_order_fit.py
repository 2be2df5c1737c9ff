"""Open orders beside a document that names none: value and goods tell which can be meant."""

from __future__ import annotations

import pytest

from tests.builders import an_invoice, an_invoice_line, an_order, an_order_line, eur
from tools.domain.documents import Invoice, PurchaseOrder
from tools.domain.money import Money
from tools.matching.order_fit import OrderFit, fits, to_bill, unfit, unmeant


def lamps(*, number: str | None = None, text: str = "LED work lamp 20 W", price: str = "10.00") -> Invoice:
    line = an_invoice_line(text, quantity="10", price=price, buyer_item_id=number)
    return an_invoice(lines=(line,), order_number=None)


def an_open_order(number: str, text: str, item: str | None = None) -> PurchaseOrder:
    return an_order(an_order_line(description=text, item_number=item), number=number)


def reasons(invoice: Invoice, *candidates: tuple[PurchaseOrder, str]) -> list[str | None]:
    known = fits(invoice, [(order, eur(left)) for order, left in candidates])
    return [unfit(fit, [other for other in known if other is not fit], invoice.net_total) for fit in known]


LAMPS = an_open_order("PO-1", "Work lamp LED 20 W")
LADDERS = an_open_order("PO-2", "Ladder, aluminium, eight steps")


def test_carriage_on_top_of_the_goods_does_not_hide_their_order() -> None:
    carriage = an_invoice_line("Freight", quantity="1", price="12.00", line_id="2")
    goods = an_invoice_line("LED work lamp 20 W", quantity="10", price="10.00")
    billed = an_invoice(lines=(goods, carriage), order_number=None)
    (known,) = fits(billed, [(LAMPS, eur("100.00"))])
    assert (billed.net_total, to_bill(billed, [known])) == (eur("112.00"), eur("100.00"))
    assert unfit(known, [], to_bill(billed, [known])) is None
    (with_it,) = fits(billed, [(LAMPS, eur("112.00"))])
    assert to_bill(billed, [with_it]) == eur("112.00")
    assert to_bill(billed.model_copy(update={"net_total": None}), [known]) is None


def test_of_two_orders_over_one_amount_the_goods_tell_which() -> None:
    assert reasons(lamps(), (LAMPS, "100.00"), (LADDERS, "100.00")) == [
        None,
        "the goods on the document are those of another open order",
    ]


def test_a_part_of_a_larger_order_may_be_billed_where_the_goods_are_its() -> None:
    assert reasons(lamps(), (LAMPS, "900.00"), (LADDERS, "110.00"))[0] is None
    assert reasons(lamps(), (LADDERS, "110.00")) == [
        "neither its value nor its goods are those of the document"
    ]


def test_an_exact_amount_is_kept_although_the_words_are_in_another_language() -> None:
    assert reasons(lamps(), (LADDERS, "100.00")) == [None]


def test_more_than_is_open_is_never_billed() -> None:
    assert reasons(lamps(), (LAMPS, "99.99")) == [
        "only 99.99 EUR is open on it, less than the document bills"
    ]


def test_an_exact_amount_comes_before_a_part_of_another_order_for_the_same_goods() -> None:
    more = an_open_order("PO-3", "Work lamp LED 20 W")
    assert reasons(lamps(), (LAMPS, "100.00"), (more, "900.00")) == [
        None,
        "another open order is over exactly this amount",
    ]


def test_item_numbers_name_the_goods_before_words_do() -> None:
    order = an_open_order("PO-4", "Article of the catalogue", "L-20")
    (fit,) = fits(lamps(number="L-20"), [(order, eur("500.00"))])
    assert fit.goods is True


def test_texts_that_name_nothing_speak_neither_for_nor_against() -> None:
    (fit,) = fits(lamps(text="Goods"), [(LADDERS, eur("500.00"))])
    assert fit.goods is None
    assert unfit(fit, [], eur("100.00")) is None


def test_carriage_names_no_goods() -> None:
    line = an_invoice_line("Freight", quantity="1", price="10.00", buyer_item_id=None)
    (fit,) = fits(an_invoice(lines=(line,), order_number=None), [(LAMPS, eur("10.00"))])
    assert fit.goods is None


@pytest.mark.parametrize("net", [None, Money.of("9.00", "USD")])
def test_without_a_total_or_in_another_currency_no_order_is_spoken_against(net: Money | None) -> None:
    assert unfit(OrderFit(LAMPS, eur("1.00"), False), [], net) is None


def test_only_a_person_posts_without_an_order_where_the_supplier_has_open_ones() -> None:
    known = fits(lamps(), [(LADDERS, eur("900.00"))])
    assert "for a person" in unmeant(lamps(), known)["post_without_order"]
    assert unmeant(lamps(), []) == {}


def test_of_two_orders_that_fit_alike_none_is_chosen_by_a_model() -> None:
    twin = an_open_order("PO-5", "Work lamp LED 20 W")
    guess = "another open order is over the same amount and fits as well: to choose is to guess"
    assert reasons(lamps(), (LAMPS, "100.00"), (twin, "100.00")) == [guess, guess]
    goods = "the goods on the document are those of another open order"
    assert reasons(lamps(), (LAMPS, "100.00"), (LADDERS, "100.00"), (twin, "100.00")) == [guess, goods, guess]
