"""The way of each case as a list of messages with tool calls, in the form that trajectory evaluators compare.

Messages are OpenAI's: `role`, `content`, `tool_calls` with `function.name` and `function.arguments` as JSON
text, and `tool` messages with `tool_call_id`. The program is the assistant, people are the user.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evals.suite.case import CaseBroken
from evals.suite.outcome import Outcome
from evals.suite.trail import Mark, TrailStep, trail_of
from tools.domain import audit
from tools.domain.audit import ActorType, AuditRecord
from tools.domain.record import Record

Message = dict[str, Any]
_CALLS: Mapping[Mark, str] = {
    Mark.FINDINGS: "match_invoice",
    Mark.SUGGESTION: "suggest",
    Mark.ABSTAINED: "abstain",
    Mark.PROPOSAL: "propose",
    Mark.WRITE: "post",
    Mark.LETTER: "draft_letter",
    Mark.TOOL: "",
}
"""What the program did -> the tool's name; empty: it stands in the step's own words."""
_ASKS = (Mark.SUGGESTION, Mark.PROPOSAL, Mark.ABSTAINED, Mark.LETTER)
_SHOWN = "shown to people"


class Trajectory(Record):
    """One run of one case."""

    case: str
    model: str = ""
    trial: int = 0
    messages: tuple[Message, ...]


def messages_of(steps: Iterable[TrailStep], people: frozenset[str] = frozenset()) -> list[Message]:
    """`people`: who is no program; steps of anybody else are the program's own."""
    found: list[Message] = []
    for number, step in enumerate(steps, 1):
        about = f"{step.file}: {step.words}" if step.file else step.words
        if step.mark is Mark.ARRIVED:
            found.append({"role": "user", "content": about})
        elif step.mark in _CALLS:
            found += _call(step, f"call_{number}")
        elif step.mark in (Mark.ANSWER, Mark.APPROVAL, Mark.REFUSED):
            is_person = not people or step.who in people
            found.append({"role": "user" if is_person else "assistant", "content": f"{step.who}: {about}"})
        else:
            found.append({"role": "assistant", "content": about})
    return found


def _call(step: TrailStep, call_id: str) -> list[Message]:
    name, result = _CALLS[step.mark], step.words
    arguments = {"file": step.file}
    if step.mark is Mark.TOOL:
        name, _, result = step.words.partition(": ")
    elif step.mark in _ASKS:
        arguments, result = {"file": step.file, "words": step.words}, _SHOWN
    function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
    call = {"id": call_id, "type": "function", "function": function}
    return [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call_id, "content": result},
    ]


def of_outcomes(outcomes: Iterable[Outcome]) -> list[Trajectory]:
    return [
        Trajectory(
            case=outcome.case,
            model=outcome.model,
            trial=outcome.trial,
            messages=tuple(messages_of(outcome.trail)),
        )
        for outcome in outcomes
    ]


def of_log(records: Iterable[AuditRecord]) -> list[Trajectory]:
    """One trajectory a case of the log."""
    by_case: dict[str, list[AuditRecord]] = {}
    for record in records:
        if record.case_id is not None:
            by_case.setdefault(record.case_id, []).append(record)
    found = []
    for case_id, own in by_case.items():
        names = [record.event.name for record in own if isinstance(record.event, audit.DocumentReceived)]
        people = frozenset(r.actor.id for r in own if r.actor.type is ActorType.PERSON)
        steps = trail_of(own, {case_id: names[0] if names else ""})
        found.append(Trajectory(case=case_id, messages=tuple(messages_of(steps, people))))
    return found


def read_log(path: Path) -> list[AuditRecord]:
    """What `erp-agent audit export --json` wrote. Raises CaseBroken naming the line."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseBroken(f"{path} cannot be read: {error}") from None
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(AuditRecord.model_validate_json(line))
            except ValidationError:
                raise CaseBroken(f"{path.name}, line {number}: no record of an audit log") from None
    return found


def write_trajectories(found: Iterable[Trajectory], path: Path) -> int:
    """One JSON object a line; how many."""
    lines = [f"{entry.model_dump_json()}\n" for entry in found]
    path.write_text("".join(lines), encoding="utf-8")
    return len(lines)
