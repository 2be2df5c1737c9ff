"""What is suggested for lines that identifiers, figures and words leave open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.builders import an_invoice, an_invoice_line, an_order, an_order_line
from tools.domain.documents import InvoiceLine, PurchaseOrder
from tools.domain.findings import Severity
from tools.domain.policy import MatchPolicy
from tools.matching.alignment import Alignment, align
from tools.matching.invoice_lines import billable_lines
from tools.matching.order_lines import open_lines
from tools.matching.suggestions import suggested_lines, suggestions_in_words


class Told:
    """Likeness as the test tells it; 0 for all else. Remembers what it was asked."""

    def __init__(self, alike: Mapping[tuple[str, str], float] | None = None) -> None:
        self._alike = alike or {}
        self.asked: list[tuple[list[str], list[str]]] = []

    def likeness(self, printed: Sequence[str], known: Sequence[str]) -> list[list[float]]:
        self.asked.append((list(printed), list(known)))
        return [[self._alike.get((left, right), 0.0) for right in known] for left in printed]


def aligned(order: PurchaseOrder, meaning: Told | None, *lines: InvoiceLine, **options: Any) -> Alignment:
    wanted = open_lines([order], [], {})
    return align(billable_lines(an_invoice(lines=lines)), wanted, MatchPolicy(), meaning=meaning, **options)


def an_open_order(*texts: str) -> PurchaseOrder:
    """Ten of each at 10.00."""
    return an_order(
        *(
            an_order_line(str(at), item_number=None, description=text)
            for at, text in enumerate(texts, start=1)
        )
    )


def suggested(found: Alignment) -> list[tuple[int, str]]:
    return [(entry.billed.index, entry.wanted.line.line_id) for entry in found.suggestions]


def test_the_nearest_meaning_of_the_same_price_is_suggested_and_not_paired() -> None:
    order = an_open_order("Audio device", "Cursor controller")
    meaning = Told({("Mouse", "Cursor controller"): 0.3, ("Mouse", "Audio device"): 0.1})
    found = aligned(order, meaning, an_invoice_line("Mouse", quantity="3"))
    assert not found.pairs and suggested(found) == [(0, "2")]


def test_each_text_is_read_once_and_in_one_call() -> None:
    meaning = Told()
    order = an_open_order("Lamp", "Lamp", "Desk")
    aligned(order, meaning, an_invoice_line("Vase", quantity="3"), an_invoice_line("Vase", quantity="4"))
    assert meaning.asked[0] == (["Vase"], ["Lamp", "Desk"])


def test_a_model_is_not_asked_where_words_decide() -> None:
    meaning = Told()
    assert aligned(an_open_order("Lamp"), meaning, an_invoice_line("Lamp")).pairs
    assert meaning.asked == []


def test_without_a_model_nothing_is_suggested() -> None:
    found = aligned(an_open_order("Lamp"), None, an_invoice_line("Vase", quantity="3"))
    assert (found.suggestions, found.hints) == ((), ())


def test_equal_figures_pair_only_where_the_texts_are_of_the_same_goods() -> None:
    order = an_open_order("Hinge")
    assert aligned(order, Told({("Scharnier", "Hinge"): 0.5}), an_invoice_line("Scharnier")).pairs
    found = aligned(order, Told({("Scharnier", "Hinge"): 0.4}), an_invoice_line("Scharnier"))
    assert not found.pairs and suggested(found) == [(0, "1")]
    assert "reads like something else" in found.questions[0].message
    assert found.questions[0].rule == "alignment.other_text"


def test_equal_figures_with_another_number_in_the_text_are_asked_with_or_without_a_model() -> None:
    order = an_open_order("Screw M6x30")
    for meaning in (None, Told({("Screw M6x40", "Screw M6x30"): 0.9})):
        found = aligned(order, meaning, an_invoice_line("Screw M6x40"))
        assert not found.pairs and not found.suggestions and len(found.questions) == 1


def test_a_text_that_names_no_goods_is_paired_by_its_figures_and_gets_no_suggestion() -> None:
    assert aligned(an_open_order("Hinge"), Told(), an_invoice_line("Artikel 7")).pairs
    found = aligned(an_open_order("Hinge", "Lock"), Told(), an_invoice_line("Artikel 7"))
    assert not found.pairs and not found.suggestions and len(found.questions) == 1


def test_an_order_line_that_is_paired_is_suggested_to_nobody() -> None:
    order = an_open_order("Hinge")
    found = aligned(order, Told({("Lamp", "Hinge"): 0.9}), an_invoice_line("Hinge"), an_invoice_line("Lamp"))
    assert [pair.billed.index for pair in found.pairs] == [0] and not found.suggestions


def test_a_question_carries_the_suggested_answer() -> None:
    order = an_open_order("Audio device", "Cursor controller")
    meaning = Told({("Soundbar", "Audio device"): 0.4})
    (question,) = aligned(order, meaning, an_invoice_line("Soundbar")).questions
    assert question.message.endswith("suggested: order PO-1001 line 1 (Audio device), likeness 0.40.")
    assert suggested_lines([question]) == {0: ("PO-1001", "1")}
    assert suggestions_in_words([question]) == [
        "Soundbar → order PO-1001 line 1 (Audio device), likeness 0.40"
    ]


def test_a_line_without_question_carries_its_suggestion_in_a_hint() -> None:
    found = aligned(an_open_order("Hinge"), Told(), an_invoice_line("Lamp", quantity="3"))
    assert not found.questions
    (hint,) = found.hints
    assert (hint.severity, hint.rule) == (Severity.WARN, "alignment.suggestion")
    assert suggested_lines(found.hints) == {0: ("PO-1001", "1")}


def test_a_question_without_suggestion_suggests_no_line() -> None:
    order = an_open_order("Hinge", "Lock")
    found = aligned(order, None, an_invoice_line("Lamp"))
    assert suggested_lines(found.questions) == {} and suggestions_in_words(found.questions) == []


def test_a_chosen_line_is_no_longer_suggested() -> None:
    order = an_open_order("Hinge", "Lock")
    found = aligned(order, Told(), an_invoice_line("Lamp"), given={0: (order.number, "2")})
    assert [pair.wanted.line.line_id for pair in found.pairs] == ["2"] and not found.suggestions


def test_words_that_share_letters_or_a_colour_are_not_alike() -> None:
    order = an_open_order("Display", "Office chair black")
    for text in ("Player", "Wireless mouse black"):
        assert not aligned(order, None, an_invoice_line(text, quantity="3")).pairs


def test_a_word_inside_a_compound_is_the_same_word() -> None:
    found = aligned(an_open_order("Kopierpapier", "Lampe"), None, an_invoice_line("Papier", quantity="3"))
    assert [pair.wanted.line.line_id for pair in found.pairs] == ["1"]


def test_a_free_order_line_of_the_same_goods_is_named_beside_the_suggested_one() -> None:
    order = an_open_order("Music player", "Media player", "Desk", "Music player")
    alike = {("Music player", "Media player"): 0.7, ("Blu-ray", "Music player"): 0.3}
    found = aligned(order, Told(alike), an_invoice_line("Blu-ray", quantity="3"))
    (entry,) = found.suggestions
    assert entry.wanted.line.line_id == "1"
    assert [line.line.line_id for line in entry.others] == ["2", "4"]
    (words,) = suggestions_in_words(found.hints)
    assert "or just as well order PO-1001 line 2 (Media player)" in words


def test_an_order_line_that_another_line_gets_is_no_alternative() -> None:
    order = an_open_order("Music player", "Media player")
    alike = {("Music player", "Media player"): 0.7, ("Media player", "Music player"): 0.7}
    lines = (an_invoice_line("Blu-ray", quantity="3"), an_invoice_line("Walkman", quantity="4"))
    assert [entry.others for entry in aligned(order, Told(alike), *lines).suggestions] == [(), ()]


SHORTS, SUIT, WEAR, CLOTHES = "Running shorts", "Tracksuit", "Athletic wear", "Exercise clothing"
ONE_KIND = {
    (SHORTS, SUIT): 0.64,
    (WEAR, CLOTHES): 0.54,
    (SHORTS, CLOTHES): 0.35,
    (SHORTS, WEAR): 0.33,
    (SUIT, WEAR): 0.35,
    (SUIT, CLOTHES): 0.32,
}


def exchanged(alike: Mapping[tuple[str, str], float]) -> list[list[str]]:
    """The alternatives of the second and of the first line, as order line ids."""
    lines = (an_invoice_line(SHORTS, quantity="3"), an_invoice_line(SUIT, quantity="4"))
    both = {**alike, **{(right, left): told for (left, right), told in alike.items()}}
    found = aligned(an_open_order(WEAR, CLOTHES), Told(both), *lines).suggestions
    return [[line.line.line_id for line in entry.others] for entry in found]


def test_lines_of_one_kind_that_could_be_exchanged_are_named_for_both() -> None:
    assert exchanged(ONE_KIND) == [["2"], ["1"]]


def test_lines_are_not_exchanged_where_either_side_is_of_two_kinds_or_the_meaning_decides() -> None:
    assert exchanged({**ONE_KIND, (SHORTS, SUIT): 0.45}) == [[], []]
    assert exchanged({**ONE_KIND, (WEAR, CLOTHES): 0.45}) == [[], []]
    assert exchanged({**ONE_KIND, (SUIT, WEAR): 0.5}) == [[], []]


def test_a_quantity_that_fits_only_one_of_them_decides_before_the_kind() -> None:
    lines = (an_invoice_line(SHORTS, quantity="3"), an_invoice_line(SUIT, quantity="12"))
    order = an_order(
        an_order_line("1", "20", item_number=None, description=WEAR),
        an_order_line("2", "5", item_number=None, description=CLOTHES),
    )
    found = aligned(order, Told({**ONE_KIND, (SUIT, SHORTS): 0.64, (CLOTHES, WEAR): 0.54}), *lines)
    assert [entry.others for entry in found.suggestions] == [(), ()]
