"""What a model is told of a case: findings in words, what the records say, and the ways it may suggest.

Made by rules alone, so that it can be made again and checked: the same case gives the same brief. It holds no
bank data, and text of others stands in it only between marks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agent.brief_signs import Sign, order_signs, signs
from agent.state import Option
from tools.account_numbers import without_known
from tools.domain.documents import Invoice, PurchaseOrder
from tools.domain.findings import Discrepancy, DiscrepancyKind, MatchResult, Severity
from tools.domain.money import Money
from tools.domain.record import Record
from tools.known_accounts import bank_accounts_of
from tools.matching.decision_table import table
from tools.matching.facts import Facts
from tools.matching.model_ways import contradicted, first_to_settle, is_guarded, parts, ways_for_model
from tools.matching.order_fit import GUESS, fits, to_bill, unmeant
from tools.matching.resolutions import allowed
from tools.matching.ways_out import ORDER_OPTION, TAKE_SUGGESTED, WITHOUT_ORDER, Effect
from tools.untrusted_text import marked

RETURN = "return_to_supplier"
_OPEN_LINES = frozenset({DiscrepancyKind.LINE_AMBIGUOUS, DiscrepancyKind.UNPLANNED_LINE})
_ORDER = (Effect.WAIT, Effect.REMATCH, Effect.REJECT, Effect.POST, Effect.PARK)
_MOST_FINDINGS = 5
_MOST_SIGNS = 12


class Way(Record):
    """One way on that the model may pick."""

    key: str
    """What the model answers: the option's id."""
    option: str
    """Id of the question's option."""
    meaning: str


class Brief(Record):
    """A case in words."""

    findings: tuple[Sign, ...]
    """`finding:1` and what was found; the ones to settle first come first."""
    later: int
    """How many of `findings`, at the end, are settled afterwards."""
    records: tuple[Sign, ...]
    """Id of a record and what it says."""
    ways: tuple[Way, ...]
    """Empty where only people can settle it."""
    withheld: tuple[str, ...] = ()
    """Ways that contradict the facts, with the reason."""
    similar: tuple[Sign, ...] = ()
    """Earlier cases that were settled."""

    @property
    def evidence(self) -> tuple[str, ...]:
        """Ids that a reason may rest on."""
        return tuple(dict.fromkeys(name for name, _ in (*self.findings, *self.records, *self.similar)))

    @property
    def told(self) -> str:
        """What was found and what the records say, without the ways on."""
        return self.model_copy(update={"ways": (), "similar": ()}).text

    def without(self, accounts: Collection[str]) -> Brief:
        """Every text without these bank accounts; ids stay, they are the ERP's and the program's."""

        def cleaned(rows: Sequence[Sign]) -> tuple[Sign, ...]:
            return tuple((name, without_known(text, accounts)) for name, text in rows)

        ways = (way.model_copy(update={"meaning": without_known(way.meaning, accounts)}) for way in self.ways)
        return self.model_copy(
            update={
                "findings": cleaned(self.findings),
                "records": cleaned(self.records),
                "similar": cleaned(self.similar),
                "ways": tuple(ways),
            }
        )

    @property
    def text(self) -> str:
        """As it stands in the prompt."""
        first = self.findings[: len(self.findings) - self.later]
        blocks = [
            ("Findings, to settle first:", first),
            ("Further findings, settled later:", self.findings[len(first) :]),
            ("What the records say:", self.records),
            ("Similar cases before:", self.similar),
            ("Ways on:", [(way.key, way.meaning) for way in self.ways]),
        ]
        return "\n".join(_block(title, rows) for title, rows in blocks if rows)


def _block(title: str, rows: Sequence[Sign]) -> str:
    return "\n".join((title, *(f"- [{name}] {text}" for name, text in rows)))


def brief_of(
    facts: Facts,
    match: MatchResult,
    options: Sequence[Option],
    candidates: Sequence[tuple[PurchaseOrder, Money]] = (),
    similar: Sequence[Sign] = (),
) -> Brief:
    """`options` are the question's; `candidates` the orders among them, with what is open on each."""
    leading = first_to_settle(match.discrepancies)
    later = [
        entry for entry in match.discrepancies if entry.severity is Severity.BLOCK and entry not in leading
    ]
    accounts = bank_accounts_of(facts.invoice, facts.supplier, facts.verified_accounts)
    told = [*leading, *later][:_MOST_FINDINGS]
    known = fits(facts.invoice, candidates)
    reasons = unmeant(facts.invoice, known) if {entry.kind for entry in leading} & WITHOUT_ORDER else {}
    ways, withheld = _ways(facts, match, leading, [entry for entry in options if entry.id not in reasons])
    withheld += [f"{name}: {why}" for name, why in reasons.items()]
    records = [*document_signs(facts, accounts), *signs(facts, match, leading)]
    if {entry.kind for entry in leading} & WITHOUT_ORDER:
        told_of = (None, GUESS)  # a model that may not choose is told why
        fitting = [fit for fit in known if reasons.get(f"{ORDER_OPTION}{fit.order.number}") in told_of]
        records += order_signs(fitting, to_bill(facts.invoice, known))
    found = Brief(
        findings=tuple((f"finding:{at}", _words(entry, accounts)) for at, entry in enumerate(told, start=1)),
        later=len([entry for entry in told if entry in later]),
        records=tuple(records[:_MOST_SIGNS]),
        ways=tuple(ways),
        withheld=tuple(withheld),
        similar=tuple(similar),
    )
    return found.without(accounts)


def _words(entry: Discrepancy, accounts: Collection[str]) -> str:
    """The finding's kind and sentence. What a control stopped is only named: its words may be the attack,
    and they may hold an account."""
    name = entry.kind.replace("_", " ").capitalize()
    if guarded := table()[entry.kind].control:
        return f"{name}: stopped by a control that protects {guarded}. Only people settle it."
    return f"{name}: {marked(entry.message, 'finding', 260, accounts)}"


def document_signs(facts: Facts, accounts: Collection[str]) -> list[Sign]:
    """What the document says of itself, with its notes."""
    invoice = facts.invoice
    found = [("document", _about(invoice, facts, accounts))]
    notes = " / ".join(invoice.notes)
    if notes.strip():
        found.append(
            (
                "document",
                f"A note on it, not checked by anybody: {marked(notes, 'invoice note', 200, accounts)}",
            )
        )
    return found


def _about(invoice: Invoice, facts: Facts, accounts: Collection[str]) -> str:
    what = "Credit note" if invoice.is_credit_note else "Invoice"
    when = ""
    if invoice.issue_date is not None:
        days = (facts.today - invoice.issue_date).days
        age = f"{days} days ago" if days >= 0 else f"{-days} days in the future"
        when = f" of {invoice.issue_date.isoformat()} ({age})"
    amount = f", {invoice.net_total} without tax" if invoice.net_total is not None else ""
    lines = [line.description for line in invoice.lines[:2] if line.description]
    about = f", for {marked(' / '.join(lines), 'invoice lines', 100, accounts)}" if lines else ""
    number = f" {marked(invoice.number, 'number', 40, accounts)}" if invoice.number else ""
    return f"{what}{number}{when}{amount}{about}."


def _ways(
    facts: Facts, match: MatchResult, leading: Sequence[Discrepancy], options: Sequence[Option]
) -> tuple[list[Way], list[str]]:
    """What may be suggested, and what contradicts the facts. Posting despite a finding stands last: a model
    in doubt takes what comes first."""
    ids = {option.id for option in options}
    open_ways = [
        way for way in ways_for_model(match.discrepancies, allowed(match.discrepancies)) if way.id in ids
    ]
    found, withheld = list[Way](), list[str]()
    for way in sorted(open_ways, key=lambda way: _ORDER.index(way.effect)):
        why_not = contradicted(way.id, facts, match)
        if why_not is not None:
            withheld.append(f"{way.id}: {why_not}")
            continue
        when = "; ".join(part.when for part in parts(way.id) if part.when)
        found.append(Way(key=way.id, option=way.id, meaning=f"{way.label}: right when {when}."))
    found = [*_valued(leading, options), *found]
    if [way.key for way in found] == [way.id for way in open_ways] == [RETURN]:
        return [], [*withheld, f"{RETURN}: a document does not go back for want of another way"]
    return found, withheld


def _valued(leading: Sequence[Discrepancy], options: Sequence[Option]) -> list[Way]:
    """Ways with a value that the facts name: an order that is offered, an account that was used before."""
    kinds = {entry.kind for entry in leading}
    if is_guarded(leading):
        return []
    ids = {option.id for option in options}
    orders = (
        [option for option in options if option.id.startswith(ORDER_OPTION)] if kinds & WITHOUT_ORDER else []
    )
    found = [
        Way(
            key=option.id,
            option=option.id,
            meaning=f"It bills that order: {marked(option.description, 'order', 90)}",
        )
        for option in orders
    ]
    if TAKE_SUGGESTED in ids and kinds & _OPEN_LINES:
        option = next(option for option in options if option.id == TAKE_SUGGESTED)
        meaning = f"{option.label}: {marked(option.description, 'suggestion', 160)}"
        found.append(Way(key=option.id, option=option.id, meaning=meaning))
    return found
