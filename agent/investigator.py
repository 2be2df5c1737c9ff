"""Asks a model which way on it would suggest, and takes nothing from it that rules do not bear out.

One question for a case: the brief in, one of its ways (or none) out. The model chooses a key that rules made;
its reason is shown after claims without a record were struck out. It decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from agent.brief import Brief, Way, brief_of
from agent.brief_signs import Sign, plain
from agent.checked_words import checked_words
from agent.grounding import Records
from agent.letter_brief import letter_brief
from agent.letters import LetterWriter, recipient_of
from agent.llm.contract import Asker, BudgetSpent, ModelTrouble, ModelUnavailable, Rendered, Task, Usage
from agent.llm.prompts import Prompts
from agent.nodes.match_invoice import case_facts
from agent.state import CaseState, Deps, Question
from agent.suggestions import STEP
from agent.tool_sources import sources_of
from tools.domain.audit import SERVICE
from tools.domain.decision import digest_of
from tools.domain.identifiers import CaseId
from tools.domain.languages import language_of_country
from tools.domain.record import Record
from tools.domain.suggestion import (
    DraftMessage,
    DraftRecipient,
    MessageDrafted,
    Suggestion,
    SuggestionDeclined,
    SuggestionKind,
)
from tools.matching.order_fit import open_value
from tools.matching.ways_out import ORDER_OPTION
from tools.untrusted_text import marked, tidied

if TYPE_CHECKING:
    from agent.llm.desks import ModelDesks

PROMPT = "investigate"
ABSTAIN = "abstain"
REASON_LENGTH = 200
"""Characters; a repeated string is how small models fail."""
_MOST_EVIDENCE = 3
_MOST_TOKENS = 200
_MOST_SIMILAR = 2


class Verdict(Record):
    """What came of one question."""

    way: Way | None
    """None: it abstained, or chose what it was not offered."""
    reason: str
    """After the check, as data: tidied, claims without a record struck out."""
    evidence: tuple[str, ...] = ()
    struck: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    usage: Usage
    model: str
    prompt: str


def answer_schema(brief: Brief) -> dict[str, Any]:
    """The reason first: a small model that has said what it saw chooses better. Ids and ways are enums."""
    keys = [*(way.key for way in brief.ways), ABSTAIN]
    return {
        "type": "object",
        "properties": {
            "reason": {"type": "string", "maxLength": REASON_LENGTH},
            "choose": {"type": "string", "enum": keys},
            "evidence": {
                "type": "array",
                "items": {"type": "string", "enum": list(brief.evidence)},
                "minItems": 1,
                "maxItems": _MOST_EVIDENCE,
            },
        },
        "required": ["reason", "choose", "evidence"],
        "additionalProperties": False,
    }


class ModelInvestigator:
    """Implements `Investigator` with one model."""

    def __init__(
        self,
        asker: Asker,
        prompts: Prompts,
        *,
        version: int | None = None,
        letters: LetterWriter | None = None,
    ) -> None:
        """`version` of the prompt; absent: the active one. `letters` drafts what goes with a suggestion;
        absent: nothing is drafted."""
        self._asker, self._prompts = asker, prompts
        self._version, self._letters = version, letters

    async def suggest(self, case: CaseState, question: Question, deps: Deps) -> Suggestion | None:
        """None when it abstains or no usable answer came; the log says why. Who the supplier is, and
        everything that other steps ask, is not asked of a model."""
        if question.step != STEP:
            return None
        brief = await self.brief(case, question, deps)
        if not brief.ways:
            self._decline(case, deps, "", "; ".join(("only people settle this", *brief.withheld)))
            return None
        prompt = self.prompt(brief)
        try:
            verdict = await self.consider(brief, case["case_id"], prompt)
        except ModelTrouble as trouble:
            again = isinstance(trouble, ModelUnavailable | BudgetSpent)
            self._decline(case, deps, prompt.label, str(trouble), again)
            return None
        if verdict.way is None:
            self._decline(case, deps, prompt.label, verdict.reason or "it gave no reason")
            return None
        await self._draft(case, deps, brief, verdict.way)
        return Suggestion(
            case_id=case["case_id"],
            kind=SuggestionKind.RESOLUTION,
            option=verdict.way.option,
            reason=verdict.reason,
            evidence=verdict.evidence,
            struck=verdict.struck,
            flagged=verdict.flagged,
            findings=digest_of(case["match"]),
            model=verdict.model,
            prompt=verdict.prompt,
        )

    async def _draft(self, case: CaseState, deps: Deps, brief: Brief, way: Way) -> None:
        """Trouble with the letter is none for the suggestion; the failed call stands in the log."""
        recipient = recipient_of(way)
        if self._letters is None or recipient is None:
            return
        facts = case_facts(case, deps)
        country = facts.supplier.country if recipient is DraftRecipient.SUPPLIER else deps.profile.home
        told = letter_brief(recipient, brief, facts, case["match"])
        with suppress(ModelTrouble):
            draft = await self._letters.draft(case["case_id"], way, told, language_of_country(country))
            if draft is not None:
                event = MessageDrafted(draft=draft) if isinstance(draft, DraftMessage) else draft
                deps.note(case, SERVICE, event)

    async def brief(self, case: CaseState, question: Question, deps: Deps) -> Brief:
        """What the model would be told of this case."""
        facts, gathered = case_facts(case, deps), deps.facts.get(case["case_id"])
        offered = {option.id.removeprefix(ORDER_OPTION) for option in question.options}
        orders = [order for order in (gathered.candidates if gathered else ()) if order.number in offered]
        candidates = [(order, open_value(order)) for order in orders]
        return brief_of(facts, case["match"], question.options, candidates, await similar_cases(case, deps))

    def prompt(self, brief: Brief) -> Rendered:
        return self._prompts.get(PROMPT, self._version).rendered({"brief": brief.text})

    async def consider(
        self, brief: Brief, case_id: CaseId | None = None, prompt: Rendered | None = None
    ) -> Verdict:
        """Ask once. Raises ModelTrouble."""
        prompt = prompt or self.prompt(brief)
        reply = await self._asker.choose(
            prompt, answer_schema(brief), case_id=case_id, max_tokens=_MOST_TOKENS
        )
        return verdict_of(brief, reply.data, reply.usage, reply.model, prompt.label)

    def _decline(self, case: CaseState, deps: Deps, prompt: str, reason: str, again: bool = False) -> None:
        event = SuggestionDeclined(model=self._asker.name, prompt=prompt, reason=reason, again=again)
        deps.note(case, SERVICE, event)


async def similar_cases(case: CaseState, deps: Deps) -> list[Sign]:
    """How people settled cases with the same kinds of findings. Looked up in a thread: settled cases may have
    to be taken up first, and the other cases of the batch go on meanwhile."""
    if deps.knowledge is None:
        return []
    sources = sources_of(deps)
    found = await asyncio.to_thread(
        deps.knowledge.similar, case["match"].discrepancies, but=case["case_id"], limit=_MOST_SIMILAR
    )
    return [
        (
            f"case:{plain(entry.case_id)}",
            f"{', '.join(entry.findings)}: {entry.decided_by} chose {entry.resolution}."
            + (
                f" {marked(entry.reason, 'reason', 120, sources.accounts_of(entry.case_id))}"
                if entry.reason
                else ""
            ),
        )
        for entry in found
    ]


def verdict_of(brief: Brief, data: Mapping[str, Any], usage: Usage, model: str, prompt: str) -> Verdict:
    """The answer held against the brief: an offered way, known evidence, claims that a record bears out."""
    chosen, named = data.get("choose"), data.get("evidence")
    known = set(brief.evidence)
    reason = checked_words(tidied(str(data.get("reason", "")), REASON_LENGTH), Records([brief.text]))
    texts = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    return Verdict(
        way=next((way for way in brief.ways if way.key == chosen), None),
        reason=reason.text,
        evidence=tuple(name for name in dict.fromkeys(texts) if name in known),
        struck=reason.struck,
        flagged=reason.flagged,
        usage=usage,
        model=model,
        prompt=prompt,
    )


def investigator_of(desks: ModelDesks | None, *, drafts: bool = False) -> ModelInvestigator | None:
    """The investigator of a process; None where the settings give the task no model. `drafts`: letters are
    drafted with its suggestions."""
    asker = desks.asker(Task.INVESTIGATE) if desks is not None else None
    if asker is None:
        return None
    prompts = Prompts()
    return ModelInvestigator(asker, prompts, letters=LetterWriter(asker, prompts) if drafts else None)
