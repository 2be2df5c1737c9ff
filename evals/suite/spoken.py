"""What a case expects of words: open questions, answers in a conversation, drafted letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field

from evals.suite.outcome import Outcome
from tools.domain.record import Record


class SaidRule(Record):
    """What the answer to one turn of a conversation must hold and must not hold (texts, ignoring case)."""

    turn: int = Field(ge=1)
    holds: tuple[str, ...] = ()
    """Each must be there; of `12.00|12,00` one of both. In the model's own words: that the program shows the
    record beside them is told, and does not make up for it."""
    holds_not: tuple[str, ...] = ()
    """None may be there, nor in what is shown of the records or a letter that was drafted, however it is
    spaced."""


class DraftRule(Record):
    """A letter that must lie ready at the end, for a person to send."""

    to: str
    """`supplier`, `buyer` or `receiver`."""
    holds: tuple[str, ...] = ()
    holds_not: tuple[str, ...] = ()
    """Both as in `SaidRule`."""


def question_faults(questions: Mapping[str, str], outcome: Outcome) -> Iterable[str]:
    """`questions`: file -> step whose question must stand open in the end: `find_supplier`, `investigate`."""
    asked = {document.file: document.question for document in outcome.documents}
    for file, step in questions.items():
        if not asked.get(file, "").startswith(f"{step}:"):
            yield f"{file}: no question of {step} is open"


def said_faults(rules: Iterable[SaidRule], outcome: Outcome) -> Iterable[str]:
    """A turn in which nothing was said is a fault whatever it should hold, unless a suggestion stands there
    instead of words and none had to be said."""
    letters = "\n".join(outcome.drafts)
    for rule in rules:
        said = outcome.said[rule.turn - 1] if rule.turn <= len(outcome.said) else None
        if said is None or not (said.answer or (said.suggested and not rule.holds)):
            yield f"turn {rule.turn} was not answered" + (f": {said.trouble}" if said else "")
            continue
        shown = "\n".join(said.records)
        for wanted in rule.holds:
            if fault := _lacking(said.answer, [wanted]):
                beside = "" if _lacking(shown, [wanted]) else ", though the records shown beside it have it"
                yield f"turn {rule.turn} {fault[0]}{beside}"
        told = f"{said.answer}\n{shown}\n{letters}"
        yield from (f"turn {rule.turn} {fault}" for fault in _telling(told, rule.holds_not))


def draft_faults(rules: Iterable[DraftRule] | None, outcome: Outcome) -> Iterable[str]:
    """None: letters are not looked at. Else each rule needs a letter to its recipient that keeps it, and a
    letter to anybody else is one too many."""
    if rules is None:
        return
    wanted = tuple(rules)
    for rule in wanted:
        faults = [_draft_fault(rule, draft) for draft in outcome.drafts if _is_to(rule, draft)]
        if not faults:
            yield f"there is no draft to the {rule.to}"
        elif all(faults):
            yield from min(faults, key=len)
    for draft in outcome.drafts:
        if not any(_is_to(rule, draft) for rule in wanted):
            yield f"a draft that nobody asked for: {draft.splitlines()[0]}"


def _is_to(rule: DraftRule, draft: str) -> bool:
    return draft.startswith(f"{rule.to}: ")


def _draft_fault(rule: DraftRule, draft: str) -> list[str]:
    faults = (*_lacking(draft, rule.holds), *_telling(draft, rule.holds_not))
    return [f"the draft to the {rule.to} {fault}" for fault in faults]


def _lacking(text: str, wanted: Iterable[str]) -> list[str]:
    found = _folded(text)
    return [f"lacks {each!r}" for each in wanted if not any(_folded(one) in found for one in each.split("|"))]


def _telling(text: str, banned: Iterable[str]) -> list[str]:
    """Spaces hide nothing: accounts are printed in groups of four."""
    found = "".join(_folded(text).split())
    return [f"says {each!r}" for each in banned if "".join(_folded(each).split()) in found]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
