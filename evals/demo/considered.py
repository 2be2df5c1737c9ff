"""What a model made of some cases of the demo: asked one after the other, told as a person reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from rich.markup import escape

from agent.application import Application
from agent.bootstrap import opened
from agent.investigator import ModelInvestigator
from agent.settings import load
from agent.suggestions import STEP
from evals.demo.clerk import console
from tools.domain.audit import AuditRecord
from tools.domain.findings import Severity
from tools.domain.identifiers import CaseId
from tools.domain.record import Record
from tools.domain.suggestion import ModelCalled, Suggestion, SuggestionDeclined, SuggestionMade

_SECRET = {"client_secret": "sandbox-secret"}


class Considered(Record):
    """One case after the model was asked."""

    case: str
    name: str
    """Of the file."""
    findings: tuple[str, ...]
    """What blocks, in words of the rules."""
    people_may: tuple[str, ...]
    """Options of the question."""
    offered: tuple[str, ...]
    """Those of them that the model could pick."""
    withheld: tuple[str, ...]
    """Ways that contradict the facts, with the reason."""
    number: str = ""
    """Of the suggestion; empty where there is none."""
    option: str = ""
    label: str = ""
    needs: tuple[str, ...] = ()
    reason: str = ""
    """The model's, or why there is no suggestion."""
    evidence: tuple[str, ...] = ()
    struck: tuple[str, ...] = ()
    kind: str = ""
    """Of the first finding that blocks."""
    has_outcome: bool = False
    calls: int = 0
    seconds: float = 0
    tokens_in: int = 0
    tokens_kept: int = 0
    tokens_out: int = 0


async def consider(
    config: Path, cases: Sequence[str], show: Callable[[Considered], None]
) -> list[Considered]:
    """Have each case matched again with the model of the settings, one after the other."""
    settings = load(config)
    settings = settings.model_copy(update={"erp": {**settings.erp, **_SECRET}})
    found = []
    async with opened(settings) as application:
        for number in cases:
            entry = await _one(application, CaseId(number))
            show(entry)
            found.append(entry)
    return found


async def _one(application: Application, number: CaseId) -> Considered:
    service = application.service
    known = len(list(service.deps.log.records(number)))
    await application.recheck([number])
    said = list(service.deps.log.records(number))[known:]
    state, detail = await service.state(number), await service.show(number)
    question, asks = state.get("question"), service.deps.investigator
    about = Considered(
        case=number,
        name=detail.summary.name,
        findings=tuple(entry.message for entry in detail.findings if entry.severity == Severity.BLOCK),
        people_may=tuple(option.id for option in question.options) if question else (),
        offered=(),
        withheld=(),
        kind=next(iter(detail.summary.blocks), ""),
    )
    if question is not None and question.step == STEP and isinstance(asks, ModelInvestigator):
        brief = await asks.brief(state, question, service.deps)
        ways = {"offered": tuple(way.key for way in brief.ways), "withheld": brief.withheld}
        about = about.model_copy(update=ways)
    labels = {option.id: option for option in question.options} if question else {}
    suggestion = _last(said)
    if suggestion is not None and suggestion.option in labels:
        option = labels[suggestion.option]
        about = about.model_copy(update={"label": option.label, "needs": option.inputs})
    return about.model_copy(update={**_answered(said), **_cost(said)})


def _last(records: Iterable[AuditRecord]) -> Suggestion | None:
    made = [record.event.suggestion for record in records if isinstance(record.event, SuggestionMade)]
    return made[-1] if made else None


def _answered(records: Sequence[AuditRecord]) -> dict[str, object]:
    suggestion = _last(records)
    if suggestion is not None:
        told = suggestion.model_dump(include={"option", "reason", "evidence", "struck"})
        return {"number": suggestion.suggestion_id, "has_outcome": True, **told}
    why = [record.event.reason for record in records if isinstance(record.event, SuggestionDeclined)]
    return {"reason": why[-1], "has_outcome": True} if why else {}


def _cost(records: Iterable[AuditRecord]) -> dict[str, object]:
    calls = [record.event for record in records if isinstance(record.event, ModelCalled)]
    return {
        "calls": len(calls),
        "seconds": sum(call.milliseconds for call in calls) / 1000,
        "tokens_in": sum(call.tokens_in for call in calls),
        "tokens_kept": sum(call.tokens_cached for call in calls),
        "tokens_out": sum(call.tokens_out for call in calls),
    }


def print_considered(entry: Considered) -> None:
    console.print(f"\n[bold]{entry.case}[/]  {escape(entry.name)}", soft_wrap=True)
    for text in entry.findings:
        _row("found", text)
    _row("people may", ", ".join(entry.people_may))
    _row("offered", ", ".join(entry.offered) or "nothing: a model is not asked about this")
    for text in entry.withheld:
        _row("withheld", text)
    if entry.number:
        _row("suggests", f"{entry.label} ({entry.option})", "magenta")
        _row("because", entry.reason, "magenta")
        _row("rests on", ", ".join(entry.evidence))
    else:
        _row("suggests", f"nothing: {entry.reason}", "magenta")
    for text in entry.struck:
        _row("struck", f"{text} (no record says so)", "yellow")
    if entry.calls:
        kept = f", {entry.tokens_kept:,} of them kept from before" if entry.tokens_kept else ""
        _row(
            "took",
            f"{entry.seconds:.1f} s, {entry.tokens_in:,} tokens read{kept}, {entry.tokens_out} written",
        )


def _row(title: str, text: str, style: str = "") -> None:
    if text:
        told = escape(" ".join(text.split()))
        console.print(f"  {title:<11}[{style}]{told}[/]" if style else f"  {title:<11}{told}", soft_wrap=True)


def print_sums(found: Sequence[Considered]) -> None:
    asked = [entry for entry in found if entry.calls]
    made = sum(bool(entry.number) for entry in found)
    seconds = sum(entry.seconds for entry in asked)
    console.print(
        f"\n{made} suggestions for {len(found)} cases; {len(asked)} were asked about in {seconds:.0f} s. "
        "No suggestion is checked by anybody yet.",
        soft_wrap=True,
    )
