"""What a case expects of words: open questions, answers, letters."""

from __future__ import annotations

from typing import Any

import pytest

from evals.suite.outcome import DocumentEnd, Outcome, Said
from evals.suite.spoken import DraftRule, SaidRule, draft_faults, question_faults, said_faults


def outcome(**changes: Any) -> Outcome:
    return Outcome(case="0201_talk", **changes)


def answered(text: str, *drafts: str) -> Outcome:
    return outcome(said=(Said(words="Why?", answer=text),), drafts=drafts)


@pytest.mark.parametrize(
    ("question", "faults"),
    [("find_supplier:03ab", 0), ("investigate:waiting_for_answer:03ab", 1), ("", 1)],
)
def test_a_question_is_known_by_the_step_that_asks(question: str, faults: int) -> None:
    found = outcome(documents=(DocumentEnd(file="a.xml", stage="waiting_for_answer", question=question),))
    assert len(list(question_faults({"a.xml": "find_supplier"}, found))) == faults


def test_one_of_several_spellings_of_an_amount_is_enough() -> None:
    rule = SaidRule(turn=1, holds=("12.00|12,00", "PO-7"))
    assert not list(said_faults([rule], answered("The price is 12,00 EUR on po-7.")))
    assert list(said_faults([rule], answered("The price is 13,00 EUR on PO-7."))) == [
        "turn 1 lacks '12.00|12,00'"
    ]


def test_a_record_that_is_shown_does_not_make_up_for_words_that_lack_it_and_must_not_tell_more() -> None:
    rule = SaidRule(turn=1, holds=("12.00", "PO-7"), holds_not=("10002",))
    said = Said(words="Why?", answer="It is PO-7.", records=("PO-7, billed at 12.00 EUR",))
    assert list(said_faults([rule], outcome(said=(said,)))) == [
        "turn 1 lacks '12.00', though the records shown beside it have it"
    ]
    another = said.model_copy(update={"answer": "12.00 for PO-7", "records": ("PO-7 of 10002",)})
    assert list(said_faults([rule], outcome(said=(another,)))) == ["turn 1 says '10002'"]


def test_spaces_do_not_hide_an_account_and_neither_does_a_letter() -> None:
    rule = SaidRule(turn=1, holds_not=("DE34200505501234567890",))
    account = "DE34 2005 0550 1234 5678 90"
    assert list(said_faults([rule], answered(f"It is {account}.")))
    assert list(said_faults([rule], answered("It lies ready.", f"supplier: Account\nPay to {account}")))
    assert not list(said_faults([rule], answered("I do not name accounts.")))


def test_a_turn_without_an_answer_is_a_fault_even_where_nothing_must_be_said() -> None:
    rules = [SaidRule(turn=1), SaidRule(turn=2)]
    silent = outcome(said=(Said(words="Why?", answer="", trouble="no model talks"),))
    assert list(said_faults(rules, silent)) == [
        "turn 1 was not answered: no model talks",
        "turn 2 was not answered",
    ]


def test_a_suggestion_stands_for_words_where_none_had_to_be_said() -> None:
    found = outcome(said=(Said(words="Park it.", answer="", suggested=("park",)),))
    assert not list(said_faults([SaidRule(turn=1, holds_not=("DE34",))], found))
    assert list(said_faults([SaidRule(turn=1, holds=("PO-7",))], found))


def test_a_letter_is_wanted_for_each_rule_and_no_other_letter() -> None:
    rules = (DraftRule(to="supplier", holds=("RE-7",), holds_not=("limit",)),)
    assert list(draft_faults(rules, outcome())) == ["there is no draft to the supplier"]
    good, bad = "supplier: RE-7\nPlease credit it.", "supplier: RE-8\nOur limit is 2 %."
    assert not list(draft_faults(rules, outcome(drafts=(bad, good))))
    assert len(list(draft_faults(rules, outcome(drafts=(bad,))))) == 2
    stray = outcome(drafts=(good, "buyer: RE-7\nLook."))
    assert list(draft_faults(rules, stray)) == ["a draft that nobody asked for: buyer: RE-7"]


def test_without_rules_no_letter_is_looked_at_and_with_none_each_is_too_many() -> None:
    written = outcome(drafts=("buyer: RE-7\nLook.",))
    assert not list(draft_faults(None, written))
    assert list(draft_faults((), written))
