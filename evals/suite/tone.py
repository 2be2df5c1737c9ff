"""Tone and clarity of drafted letters, as a language model judges them.

A model's taste is no measurement of the product: it stands apart from the report, in no figure of it, with
the name of the model and the version of its prompt. What a letter asks of the judge is text of others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from agent.llm.contract import Asker, ModelTrouble
from agent.llm.prompts import Prompts
from evals.suite.rows import Row
from evals.suite.shown_text import visible
from tools.domain.record import Record
from tools.domain.suggestion import DraftRecipient
from tools.untrusted_text import marked

PROMPT = "tone"
_LONGEST = 3_000
"""Characters of a letter that are judged."""


class Grade(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class Opinion(Record):
    """What the judge answers."""

    why: str
    tone: Grade
    clarity: Grade


class JudgedLetter(Record):
    case: str
    trial: int
    letter: str
    opinion: Opinion | None
    """None: the judge gave no usable answer."""
    trouble: str = ""


class ToneReport(Record):
    """Apart from a run's report, and outside of its sum."""

    report: str
    """Sum of the report whose letters were judged."""
    judge: str
    prompt: str
    """Name, version and sum."""
    letters: tuple[JudgedLetter, ...]


SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "why": {"type": "string", "maxLength": 200},
        "tone": {"type": "string", "enum": [grade.value for grade in Grade]},
        "clarity": {"type": "string", "enum": [grade.value for grade in Grade]},
    },
    "required": ["why", "tone", "clarity"],
    "additionalProperties": False,
}


async def judge_letters(
    rows: Iterable[Row], report: str, asker: Asker, prompts: Prompts | None = None
) -> ToneReport:
    """Each text is judged once, however many trials drafted it. A judge that fails is told, not raised."""
    found = prompts or Prompts()
    active = found.get(PROMPT)
    opinions: dict[str, tuple[Opinion | None, str]] = {}
    letters = []
    for row in rows:
        for letter in row.outcome.drafts:
            if letter not in opinions:
                opinions[letter] = await _opinion(letter, asker, found)
            opinion, trouble = opinions[letter]
            letters.append(
                JudgedLetter(case=row.case, trial=row.trial, letter=letter, opinion=opinion, trouble=trouble)
            )
    label = f"{active.name}/v{active.version} {active.sha256[:8]}"
    return ToneReport(report=report, judge=asker.name, prompt=label, letters=tuple(letters))


async def _opinion(letter: str, asker: Asker, prompts: Prompts) -> tuple[Opinion | None, str]:
    to, _, text = letter.partition(": ")
    recipient = to if to in list(DraftRecipient) else "reader"
    prompt = prompts.render(PROMPT, recipient=recipient, letter=marked(text, "letter", _LONGEST))
    try:
        reply = await asker.choose(prompt, SCHEMA, case_id=None)
        return Opinion.model_validate(dict(reply.data)), ""
    except ModelTrouble as error:
        return None, str(error)
    except ValidationError:
        return None, "the answer keeps to no schema"


def print_tone(report: ToneReport, console: Console) -> None:
    """Poor letters with their reason, then how often each grade was given."""
    console.print(
        Text(
            f"Letters as {report.judge} judges them ({report.prompt}): a model's taste, in no figure of "
            f"report {report.report[:12]}"
        ),
        soft_wrap=True,
    )
    for letter in report.letters:
        if letter.opinion is None:
            console.print(Text(visible(f"{letter.case}: not judged: {letter.trouble}")), soft_wrap=True)
        elif Grade.POOR in (letter.opinion.tone, letter.opinion.clarity):
            told = f"{letter.case}: tone {letter.opinion.tone}, clarity {letter.opinion.clarity}"
            console.print(Text(visible(f"{told}: {letter.opinion.why}")), soft_wrap=True)
    opinions = [letter.opinion for letter in report.letters if letter.opinion]
    for name, grades in (
        ("tone", Counter(opinion.tone for opinion in opinions)),
        ("clarity", Counter(opinion.clarity for opinion in opinions)),
    ):
        told = ", ".join(f"{grades[grade]} {grade}" for grade in Grade)
        console.print(f"{name}: {told} of {len(opinions)} letters judged")
