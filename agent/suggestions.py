"""Suggestions of a model on their way to a person: asked for within a time, checked against the case, noted,
and found again as long as the findings are those they were made for.

A suggestion decides nothing. What does not fit the question that people get anyway is noted as declined, and
the question stands as without a model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from pydantic import ValidationError

from agent.erp_entries import subject_of
from agent.llm.contract import ModelTrouble
from agent.state import CaseState, Deps, Investigator, Question
from tools.domain import audit
from tools.domain.audit import SERVICE, AuditRecord
from tools.domain.decision import digest_of
from tools.domain.findings import MatchResult
from tools.domain.identifiers import CaseId
from tools.domain.purchase import PurchaseOrder
from tools.domain.suggestion import DraftMessage, Suggestion, SuggestionKind
from tools.matching.entry_actions import refers
from tools.matching.entry_targets import targets
from tools.matching.erp_entries import entry_for
from tools.matching.facts import Facts
from tools.matching.model_ways import ONLY_PEOPLE, is_guarded, option_fault
from tools.matching.ways_out import ORDER_OPTION

LONGEST_TEXT = 4000
"""Characters of a reason or of a claim that was struck out."""
_LONGEST_NAME = 200
_MOST_ENTRIES = 50
_GRACE = 1.0
"""Seconds that a model's task has to end after it was cancelled; it is left behind then."""
_UNBOUNDED = 86_400.0
"""Seconds to wait where no budget bounds the models: a day, so that no batch hangs for ever."""
_PROMPT = "none"
STEP = "investigate"
BROKE_OFF = "it broke off"
"""Why nothing is suggested where asking failed with a defect: its own text may hold anything."""
_NO_FACT = "it refers to what is not among the facts of the case"


def longest_wait(case_seconds: float | None, batch_seconds: float | None, cases_at_once: int) -> float:
    """Seconds that a case waits for its suggestion at most. Each call is bounded by itself; what takes long
    is the queue: every other case that runs at the same time may use up its budget first, until that of the
    batch is spent. The case's own calls come after it."""
    own = case_seconds or 0.0
    bounds = [cases_at_once * case_seconds] if case_seconds is not None else []
    bounds += [batch_seconds + own] if batch_seconds is not None else []
    return min(bounds, default=_UNBOUNDED)


def current(records: Iterable[AuditRecord], findings: str) -> tuple[Suggestion, ...]:
    """The suggestions that still fit the findings with this digest, each once, the latest last."""
    found: dict[str, Suggestion] = {}
    for record in records:
        if not isinstance(record.event, audit.SuggestionMade):
            continue
        suggestion = record.event.suggestion
        if (suggestion.findings, suggestion.case_id) == (findings, record.case_id):
            found.pop(suggestion.suggestion_id, None)
            found[suggestion.suggestion_id] = suggestion
    return tuple(found.values())


def drafts(records: Iterable[AuditRecord]) -> tuple[DraftMessage, ...]:
    """Letters that were drafted and that nobody sent from here, in their order."""
    return tuple(record.event.draft for record in records if isinstance(record.event, audit.MessageDrafted))


def option_of(suggestion: Suggestion) -> str:
    """Id of the question's option that taking it chooses."""
    row = entry_for(suggestion.kind)
    return row.id if row is not None else suggestion.option


def values_of(suggestion: Suggestion) -> dict[str, str]:
    """What the answer carries from the suggestion: for an entry the facts it refers to, else nothing."""
    return dict(suggestion.references) if entry_for(suggestion.kind) is not None else {}


async def ask_model(case: CaseState, question: Question, deps: Deps) -> None:
    """Have the investigator look at the question, once for the same findings, and note what it says. Never
    raises for trouble with a model. May run again after a crash: the log tells what was noted."""
    investigator, match = deps.investigator, case.get("match")
    if investigator is None or match is None:
        return
    records = list(deps.log.records(case["case_id"]))
    known = current(records, digest_of(match))
    if known:
        _note_again(case, deps, records, known[-1])
    elif not _was_declined(records, question.question_id):
        deps.log.append(case["case_id"], SERVICE, *await _suggested(investigator, case, question, deps))


def _note_again(case: CaseState, deps: Deps, records: Sequence[AuditRecord], suggestion: Suggestion) -> None:
    """After a new match or an answer, what still fits is said once more: lists show the latest word."""
    last = next(
        record.event
        for record in reversed(records)
        if isinstance(record.event, audit.SuggestionMade | audit.InvoiceMatched | audit.QuestionAnswered)
    )
    if not isinstance(last, audit.SuggestionMade):
        deps.log.append(case["case_id"], SERVICE, audit.SuggestionMade(suggestion=suggestion))


def _was_declined(records: Iterable[AuditRecord], question_id: str) -> bool:
    """Whether a model had nothing to suggest when this very question was asked before. Trouble that may be
    over does not count."""
    declined = False
    for event in (record.event for record in records):
        if isinstance(event, audit.SuggestionDeclined):
            declined = not event.again
        elif isinstance(event, audit.QuestionAsked):
            if declined and event.question_id == question_id:
                return True
            declined = False
    return False


async def _suggested(
    investigator: Investigator, case: CaseState, question: Question, deps: Deps
) -> list[audit.AuditEvent]:
    """What is to be noted: a suggestion that fits, why there is none, or nothing beside its own notes."""
    task = asyncio.ensure_future(investigator.suggest(case, question, deps))
    try:
        await asyncio.wait({task}, timeout=deps.suggestion_seconds)
    finally:
        if not task.done():
            task.cancel()
    if not task.done():
        await asyncio.wait({task}, timeout=_GRACE)
        late = _declined(f"no answer within {deps.suggestion_seconds:g} seconds")
        return [late.model_copy(update={"again": True})]
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, Exception):
        raise error
    if task.cancelled() or error is not None:
        return [_declined(_trouble(error))]
    found = task.result()
    if found is None:
        return []
    checked = _checked(found)
    if isinstance(checked, str):
        return [_declined(checked)]
    fault = suggestion_fault(checked, case, question, deps)
    if fault is not None:
        return [_declined(fault, checked)]
    return [audit.SuggestionMade(suggestion=checked)]


def _trouble(error: BaseException | None) -> str:
    """Only trouble with a model speaks for people; other texts may hold anything."""
    if isinstance(error, ModelTrouble):
        return str(error)[:LONGEST_TEXT]
    return f"{BROKE_OFF}: {type(error).__name__}" if error else BROKE_OFF


def _declined(reason: str, suggestion: Suggestion | None = None) -> audit.SuggestionDeclined:
    model, prompt = (suggestion.model, suggestion.prompt) if suggestion else ("investigator", _PROMPT)
    return audit.SuggestionDeclined(model=model, prompt=prompt, reason=reason)


def _checked(found: object) -> Suggestion | str:
    """The same as it would be read from the log, of a size that people read; or why not."""
    if not isinstance(found, Suggestion):
        return "what came back is no suggestion"
    try:
        suggestion = Suggestion.model_validate(found.model_dump(mode="python", warnings=False))
        suggestion.model_dump_json().encode()
    except (ValidationError, UnicodeError, ValueError):
        return "the suggestion is malformed"
    names = (suggestion.option, suggestion.model, suggestion.prompt, suggestion.findings)
    lists = (*suggestion.evidence, *suggestion.references, *suggestion.references.values())
    texts = (suggestion.reason, *suggestion.struck, *suggestion.flagged)
    if max(map(len, texts)) > LONGEST_TEXT or any(len(name) > _LONGEST_NAME for name in (*names, *lists)):
        return "the suggestion is too long"
    return "the suggestion names too much" if len(lists) + len(texts) > _MOST_ENTRIES else suggestion


def suggestion_fault(suggestion: Suggestion, case: CaseState, question: Question, deps: Deps) -> str | None:
    """Why it cannot stand beside the question, in words; None when it can. Which ways out a model may name is
    said by the decision table; what became of a posting is asked of people alone."""
    checked = _checked(suggestion)
    if isinstance(checked, str):
        return checked
    if suggestion.case_id != case["case_id"]:
        return "it is about another case"
    if suggestion.findings != digest_of(case["match"]):
        return "it was made for other findings"
    chosen = option_of(suggestion)
    if chosen not in {option.id for option in question.options}:
        return "it is none of the ways out that are offered"
    if question.step != STEP:
        return ONLY_PEOPLE
    row, subject = entry_for(suggestion.kind), subject_of(case, deps)
    if row is None:
        orders = offered_orders(case, question, deps)
        fault = option_fault(suggestion.option, subject.facts, case["match"], orders)
        return fault or _misnamed(suggestion, subject.facts)
    if not _may_be_entered(suggestion, case["match"]):
        return ONLY_PEOPLE
    return None if refers(targets(row, subject), suggestion.references) else _NO_FACT


def offered_orders(case: CaseState, question: Question, deps: Deps) -> list[PurchaseOrder]:
    """The open orders that the question names as options."""
    gathered, offered = deps.facts.get(case["case_id"]), {option.id for option in question.options}
    known = gathered.candidates if gathered is not None else ()
    return [order for order in known if f"{ORDER_OPTION}{order.number}" in offered]


def _misnamed(suggestion: Suggestion, facts: Facts) -> str | None:
    known = known_references(facts)
    fits = all(value in known.get(key, ()) for key, value in suggestion.references.items())
    return None if fits else _NO_FACT


def _may_be_entered(suggestion: Suggestion, match: MatchResult) -> bool:
    """While a control stands, nothing but holding a payment back."""
    holds = suggestion.kind is SuggestionKind.HOLD_INVOICE
    return not suggestion.option and (holds or not is_guarded(match.discrepancies))


def known_references(facts: Facts) -> Mapping[str, frozenset[str]]:
    """What a chosen way out may refer to: the names of the case's own facts. They are shown, never used."""
    lines = {f"{order.number}/{line.line_id}" for order in facts.orders for line in order.lines}
    coded = {entry.account for entry in facts.history} | set(facts.postable or ())
    return {
        "order": frozenset(order.number for order in facts.orders),
        "order_line": frozenset(lines),
        "receipt": frozenset(receipt.number for receipt in facts.receipts),
        "posting": frozenset(posting.number for posting in facts.postings),
        "account": frozenset(coded),
        "supplier": frozenset({facts.supplier.supplier_id}),
    }


def to_take(
    records: Iterable[AuditRecord], state: CaseState, case_id: CaseId, suggestion_id: str
) -> Suggestion | str:
    """The suggestion a person may take now; in words why not. An empty id means the only one."""
    match, all_made = state.get("match"), list(records)
    found = current(all_made, digest_of(match)) if match is not None else ()
    if not suggestion_id and len(found) == 1:
        return found[0]
    chosen = next((entry for entry in found if entry.suggestion_id == suggestion_id), None)
    if chosen is not None:
        return chosen
    made = (record.event for record in all_made if isinstance(record.event, audit.SuggestionMade))
    if suggestion_id and any(event.suggestion.suggestion_id == suggestion_id for event in made):
        return f"the suggestion {suggestion_id} was made for other findings; look at {case_id} again"
    known = ", ".join(entry.suggestion_id for entry in found)
    wanted = suggestion_id or "chosen"
    return f"{case_id}: no suggestion {wanted}; " + (f"there are: {known}" if known else "there is none now")


def taken_fault(state: CaseState, taken: Suggestion | None) -> str | None:
    """Why a suggestion that was looked up a moment ago cannot be taken any more; None when it can."""
    match = state.get("match")
    if taken is None or (match is not None and taken.findings == digest_of(match)):
        return None
    return f"the suggestion {taken.suggestion_id} was made for other findings; look at {taken.case_id} again"
