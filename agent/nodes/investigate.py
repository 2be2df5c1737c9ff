"""Step 5, only when a finding needs a person: explains the findings and lists what may follow.

Which resolutions are allowed is decided by rules (`matching.resolutions`); choosing one is a person's. A
model, where there is one, is asked before: its suggestion changes nothing about the question.
"""

from __future__ import annotations

from typing import NamedTuple

from agent.erp_entries import offered, taken
from agent.nodes.questions import answer_to, ask, close_case, keep_kind, kind_options, kind_said
from agent.settling import RECHECK
from agent.state import Answer, CaseState, Deps, ErpEntry, Hold, Option, Overrides, Question, Stage
from agent.suggestions import STEP, ask_model
from tools.case_facts import GatheredFacts
from tools.domain.decision import digest_of
from tools.domain.documents import DocumentType, Invoice, PurchaseOrder
from tools.domain.findings import MatchResult, Severity
from tools.domain.identifiers import OrderNumber
from tools.erp.contract import Capability
from tools.matching.given_accounts import given_for_lines
from tools.matching.hold_codes import hold_code
from tools.matching.order_fit import open_value
from tools.matching.resolutions import allowed, clearable, explain, payment_meanwhile
from tools.matching.suggestions import suggested_lines, suggestions_in_words
from tools.matching.ways_out import ORDER_OPTION, TAKE_SUGGESTED, WITHOUT_ORDER, Effect, Need, Resolution

AP = "accounts payable"
_MOST_ORDERS = 5


class Asking(NamedTuple):
    """A question to leave for the step that waits, and the stage in which it waits."""

    question: Question
    stage: Stage
    reason: str
    change: CaseState


async def investigate(case: CaseState, deps: Deps) -> CaseState:
    found = _next(case, deps, case["match"])
    if not isinstance(found, Asking):
        return found
    if found.stage is Stage.WAITING_FOR_ANSWER:
        await ask_model(case, found.question, deps)
    return ask(case, deps, found.question, found.stage, found.reason) | found.change


def _next(case: CaseState, deps: Deps, match: MatchResult) -> CaseState | Asking:
    answer = answer_to(case, STEP)
    if answer is None:
        hold = case.get("hold")
        if hold is not None and hold.findings == digest_of(match):
            return _ask(case, deps, match, Stage.ON_HOLD, reason=hold.reason)
        return _ask(case, deps, match, Stage.WAITING_FOR_ANSWER)
    if answer.option == RECHECK:
        return _rematch(case.get("overrides", Overrides()))
    if (kind := kind_said(answer)) is not None:
        known = case.get("overrides", Overrides())
        words = (*known.words, _word(answer, keep_kind(case, deps, kind, answer)))
        return _rematch(known.model_copy(update={"words": words}))
    if answer.option.startswith(ORDER_OPTION):
        number = answer.option.removeprefix(ORDER_OPTION)
        known = case.get("overrides", Overrides())
        words = (*known.words, _word(answer, f"it bills order {number}"))
        return _rematch(known.model_copy(update={"order_number": number, "words": words}))
    if answer.option == TAKE_SUGGESTED and suggested_lines(match.discrepancies):
        return _rematch(_with_suggested(case.get("overrides", Overrides()), answer, match))
    entry = taken(case, deps, answer)
    if isinstance(entry, ErpEntry):
        why = "; ".join(entry.words)
        propose = CaseState(entry=entry, resolution=entry.option, resolution_reason=why)
        return propose | CaseState(question=None, answer=None)
    chosen = next((way for way in _ways(case, deps, match) if way.id == answer.option), None)
    if chosen is None or entry is not None:
        return _ask(case, deps, match, Stage.WAITING_FOR_ANSWER, reason=entry)
    return _follow(case, deps, match, chosen, answer)


def _follow(
    case: CaseState, deps: Deps, match: MatchResult, chosen: Resolution, answer: Answer
) -> CaseState | Asking:
    match chosen.effect:
        case Effect.POST | Effect.PARK:
            words = answer.remark or answer.values.get(Need.REASON, "")
            return {
                "resolution": chosen.id,
                "resolution_reason": f"{answer.person}: {chosen.label}. {words}".strip()
                + _suggested_by(answer),
                "question": None,
                "answer": None,
            }
        case Effect.REJECT:
            return close_case(case, deps, answer, chosen.label)
        case Effect.WAIT:
            hold = Hold(findings=digest_of(match), reason=f"{chosen.label}: {chosen.description}")
            asking = _ask(case, deps, match, Stage.ON_HOLD, reason=hold.reason)
            return asking._replace(change={"hold": hold})
        case Effect.REMATCH:
            overrides, fault = _taken_over(case.get("overrides", Overrides()), answer, match, chosen)
            if fault is not None:
                return _ask(case, deps, match, Stage.WAITING_FOR_ANSWER, reason=fault)
            return _rematch(overrides)


def _rematch(overrides: Overrides) -> CaseState:
    return {"overrides": overrides, "resolution": None, "question": None, "answer": None}


def _with_suggested(known: Overrides, answer: Answer, match: MatchResult) -> Overrides:
    """Every suggested order line becomes the person's choice, as it stood in the question."""
    taken = {at: (str(number), line) for at, (number, line) in suggested_lines(match.discrepancies).items()}
    words = "; ".join(suggestions_in_words(match.discrepancies))
    return known.model_copy(
        update={
            "lines": {**known.lines, **taken},
            "words": (*known.words, _word(answer, f"the suggested order lines are right: {words}")),
        }
    )


def _suggested_option(match: MatchResult) -> list[Option]:
    """One answer for all suggestions, with each pair and how alike the two texts are in meaning."""
    pairs = suggestions_in_words(match.discrepancies)
    if not pairs:
        return []
    return [
        Option(
            id=TAKE_SUGGESTED,
            label="Take the suggested order lines",
            description=f"Low confidence: {'; '.join(pairs)}. Decides: {AP}.",
            who=AP,
        )
    ]


def _taken_over(
    known: Overrides, answer: Answer, match: MatchResult, chosen: Resolution
) -> tuple[Overrides, str | None]:
    """What the person gave, added to what people decided before; or why it cannot be used."""
    given = answer.values
    changes: dict[str, object] = {}
    if order := given.get(Need.ORDER_NUMBER):
        changes["order_number"] = order
    if supplier := given.get(Need.SUPPLIER):
        changes["supplier_id"] = supplier
    fault = _give(changes, known, given.get(Need.ACCOUNT, ""))
    if fault is not None:
        return known, fault
    if line := given.get(Need.ORDER_LINE):
        position, _, target = line.partition(":")
        number, _, line_id = target.rpartition("/")
        if not position.isdigit() or not number or not line_id:
            return known, "order_line takes POSITION:ORDER/LINE, for example 1:PO-77/10000"
        changes["lines"] = {**known.lines, int(position) - 1: (number, line_id)}
    if answer.option == "not_a_duplicate":
        changes["cleared"] = tuple(dict.fromkeys((*known.cleared, *clearable(match.discrepancies))))
    changes["words"] = (*known.words, _word(answer, chosen.label))
    return known.model_copy(update=changes), None


def _give(changes: dict[str, object], known: Overrides, text: str) -> str | None:
    """Accounts for all or for single lines, each with a cost centre behind a slash where there is one; or
    why they cannot be used."""
    one, each, fault = given_for_lines(text)
    if fault is not None:
        return f"account {fault}"
    if one is not None:
        account, _, centre = one.partition("/")
        changes |= {"account": account} | ({"cost_centre": centre} if centre else {})
    pairs = {at: value.partition("/") for at, value in each.items()}
    if pairs:
        centres = {at: centre for at, (_, _, centre) in pairs.items() if centre}
        changes["accounts"] = {**known.accounts, **{at: account for at, (account, _, _) in pairs.items()}}
        changes["cost_centres"] = {**known.cost_centres, **centres}
    return None


def _word(answer: Answer, label: str) -> str:
    """Who decided what, with the values and the reason given."""
    values = [f"{name} {value}" for name, value in answer.values.items() if value]
    given = ", ".join(filter(None, (*values, answer.remark)))
    return f"{answer.person}: {label}{f' ({given})' if given else ''}{_suggested_by(answer)}"


def _suggested_by(answer: Answer) -> str:
    """For the approver: the choice is the person's, the idea was a model's."""
    if not answer.suggestion_id:
        return ""
    return f", taken by {answer.person}, suggested by the model {answer.suggested_by}"


def _ways(case: CaseState, deps: Deps, match: MatchResult) -> list[Resolution]:
    """The allowed resolutions that this document and this ERP can follow."""
    reading = deps.archive.reading(case["document_id"])
    is_credit = bool(
        reading and reading.invoice and reading.invoice.document_type is DocumentType.CREDIT_NOTE
    )
    can_park = Capability.PARK_INVOICE in deps.erp.capabilities and not is_credit
    return [way for way in allowed(match.discrepancies) if way.effect is not Effect.PARK or can_park]


def _ask(case: CaseState, deps: Deps, match: MatchResult, stage: Stage, reason: str | None = None) -> Asking:
    blocking = [found.message for found in match.discrepancies if found.severity is Severity.BLOCK]
    options = [
        Option(
            id=way.id,
            label=way.label,
            description=f"{way.description} Decides: {way.who}.",
            who=way.who,
            inputs=tuple(need.value for need in way.needs if need is not Need.CLEARED),
        )
        for way in _ways(case, deps, match)
    ]
    entries, declined = offered(case, deps)
    options += entries + kind_options(case, deps) + _suggested_option(match)
    options += _order_options(case, deps, match)
    options.append(Option(id=RECHECK, label="Check again", description="Read the ERP again and match."))
    question = Question(
        question_id=f"{STEP}:{stage}:{digest_of(match)[:12]}",
        step=STEP,
        text="What should happen with this document?",
        explanation=(
            *filter(None, (reason,)),
            *blocking,
            *explain(match.discrepancies),
            _payment(deps.erp.kind, match),
            *declined,
            *case.get("overrides", Overrides()).words,
        ),
        options=tuple(options),
    )
    return Asking(question, stage, reason or "; ".join(blocking), CaseState())


def _payment(erp: str, match: MatchResult) -> str:
    """What becomes of payment meanwhile, and the code with which the ERP would hold a posted invoice."""
    payment = payment_meanwhile(match.discrepancies)
    blocking = (found.kind for found in match.discrepancies if found.severity is Severity.BLOCK)
    codes = dict.fromkeys(code for kind in blocking if (code := hold_code(erp, kind)) is not None)
    held = f" (a hold in the ERP has the code {', '.join(codes)})" if codes else ""
    return f"Payment meanwhile: {payment.replace('_', ' ')}{held}."


def _order_options(case: CaseState, deps: Deps, match: MatchResult) -> list[Option]:
    """The supplier's open orders nearest to the document's net total, when it names none that exists."""
    kinds = {found.kind for found in match.discrepancies if found.severity is Severity.BLOCK}
    gathered, reading = deps.facts.get(case["case_id"]), deps.archive.reading(case["document_id"])
    if not kinds & WITHOUT_ORDER or gathered is None or reading is None or reading.invoice is None:
        return []
    return [
        Option(
            id=f"{ORDER_OPTION}{order.number}",
            label=f"It bills order {order.number}",
            description=f"{open_value(order)} open, {len(order.lines)} lines: {order.lines[0].description}",
            who=AP,
        )
        for order in _nearest(gathered, reading.invoice)
    ]


def _nearest(gathered: GatheredFacts, invoice: Invoice) -> list[PurchaseOrder]:
    net = invoice.net_total.amount if invoice.net_total else None
    orders = [order for order in gathered.candidates if order.lines and order.currency == invoice.currency]

    def distance(order: PurchaseOrder) -> tuple[object, OrderNumber]:
        return (abs(open_value(order).amount - net) if net is not None else 0, order.number)

    return sorted(orders, key=distance)[:_MOST_ORDERS]
