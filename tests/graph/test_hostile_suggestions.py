"""A model that says anything at all: what it leaves beside a question is an offered way or nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from agent.state import CaseState, Deps, Question
from agent.suggestions import LONGEST_TEXT, ask_model, option_of
from tests.graph.office import Office
from tests.graph.papers import AWAITED, FOREIGN_IBAN, NORD, a_document
from tests.graph.test_suggestions_taken import said
from tools.domain import audit
from tools.domain.suggestion import Suggestion, SuggestionKind
from tools.matching.decision_table import table

STEPS = 400
_WORDS = ("", "recheck", "order:PO100001", "post_now", "\u202e\ud800", "'; drop table audit; --", "0" * 300)
_NAMES = ("order_line", "posting", "account", "payee", "iban", "quantity", "", "order")
_VALUES = (f"{AWAITED}/10000", "PO100003/10000", "PI-1", "4100", NORD, FOREIGN_IBAN, "1000000", "", "../..")


class Fuzzer:
    """An investigator without sense or manners; the same for the same seed."""

    def __init__(self, seed: int, options: list[str]) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - repeatable, no secret
        ways = {way.id for entry in table().values() for way in entry.resolutions}
        self._offered, self._foreign = options, [*sorted(ways), *_WORDS]

    async def suggest(self, case: CaseState, question: Question, deps: Deps) -> Any:
        dice = self._dice
        if dice.random() < 0.1:
            return dice.choice([None, 7, "accept_price", {"option": "accept_price"}, question, 1 / 3])
        if dice.random() < 0.05:
            raise dice.choice([RuntimeError("boom"), KeyError(), RecursionError(), TimeoutError()])
        fields: dict[str, Any] = {
            "kind": dice.choice([SuggestionKind.RESOLUTION, *SuggestionKind]),
            "option": dice.choice([dice.choice(self._offered), dice.choice(self._foreign), ""]),
            "references": self._references(),
            "reason": dice.choice(
                ["", "pay", "x" * dice.choice([10, LONGEST_TEXT, LONGEST_TEXT + 1]), "\ud800"]
            ),
            "evidence": tuple(map(str, range(dice.choice([0, 3, 60])))),
        }
        if dice.random() < 0.1:
            fields["findings"] = dice.choice(["", "0" * 64])
        if dice.random() < 0.1:
            fields["case_id"] = dice.choice(["", "C-000002", "C-999999"])
        plain = said(case, **fields)
        if dice.random() < 0.1:
            broken = {**plain.model_dump(), dice.choice(list(fields)): dice.choice([None, 3, [1], b"x", {}])}
            return Suggestion.model_construct(**broken)
        return plain

    def _references(self) -> dict[str, str]:
        dice = self._dice
        return {dice.choice(_NAMES): dice.choice(_VALUES) for _ in range(dice.choice([0, 0, 0, 1, 2, 30]))}


class Forgetful:
    """The log of a case in which no model was asked yet, so that each step asks anew; it writes as ever."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self.noted: list[Any] = []

    def records(self, case_id: Any = None) -> list[Any]:
        kinds = (audit.SuggestionMade, audit.SuggestionDeclined)
        return [entry for entry in self._log.records(case_id) if not isinstance(entry.event, kinds)]

    def append(self, case_id: Any, actor: Any, *events: Any, **more: Any) -> None:
        self.noted += events
        self._log.append(case_id, actor, *events, **more)


async def bombarded(office: Office, steps: int, seed: int = 7, **document: Any) -> tuple[list[Any], set[str]]:
    """What was noted in so many steps, and the options of the question, which stayed the same."""
    rows = (("BRACKET", "Bracket", "20", "11.00"),)
    case = await office.take_in(a_document(order=AWAITED, rows=rows, **document))
    service = office.app.service
    state = await service.state(case.case_id)
    question, before = state["question"], (await service.show(case.case_id)).question
    assert question is not None
    options = {option.id for option in question.options}
    log: Any = Forgetful(service.deps.log)
    deps = replace(service.deps, log=log, investigator=Fuzzer(seed, sorted(options)))
    for _ in range(steps):
        await ask_model(state, question, deps)
    assert (await service.show(case.case_id)).question == before
    assert office.case(case.case_id).stage == "waiting_for_answer"
    assert office.line.calls["write"] == 0
    office.verified()
    return log.noted, options


async def test_whatever_a_model_says_only_offered_ways_stand_beside_the_question(
    plain_office: Office,
) -> None:
    noted, options = await bombarded(plain_office, STEPS)
    made = [event.suggestion for event in noted if isinstance(event, audit.SuggestionMade)]
    declined = [event for event in noted if isinstance(event, audit.SuggestionDeclined)]
    assert made and len(declined) > STEPS / 2
    assert {option_of(suggestion) for suggestion in made} <= options - {"recheck"}
    assert {value for suggestion in made for value in suggestion.references.values()} <= {
        *(f"{AWAITED}/10000", "4100", NORD)
    }
    assert all(len(suggestion.reason) <= LONGEST_TEXT for suggestion in made)


async def test_while_a_control_stands_no_more_than_waiting_and_closing_is_left(plain_office: Office) -> None:
    noted, _ = await bombarded(plain_office, STEPS, iban=FOREIGN_IBAN)
    made = [event.suggestion for event in noted if isinstance(event, audit.SuggestionMade)]
    harmless = {
        way.id for entry in table().values() for way in entry.resolutions if way.effect in ("wait", "reject")
    }
    assert made and {option_of(suggestion) for suggestion in made} <= harmless
