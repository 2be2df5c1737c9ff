"""Which records a person means in their own words: ids that exist, days, stages. Documents are not heard."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from tools.catalog.offer import asks_for
from tools.catalog.scope import Scope
from tools.catalog.sources import Sources
from tools.catalog.spec import Ref
from tools.domain.findings import DiscrepancyKind
from tools.domain.identifiers import SupplierId

_TOKEN = re.compile(r"[A-Za-z0-9][\w./#-]*")
_ISO_DAY = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_LOCAL_DAY = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
"""As Germans write it; with slashes day and month are not certain, and it is not heard."""
_AMOUNT = re.compile(r"\d[\d.,]*[^\W\d_]+")
_LONGEST = 40
_MOST_TOKENS = 30
# Words that mean a stage, in English, German, French and Dutch; the beginning of a word is enough.
_STAGES = {
    "posted": "posted booked gebucht verbucht comptabilis geboekt",
    "parked": "parked draft geparkt entwurf brouillon concept geparkeerd",
    "rejected": "rejected zurückgewiesen abgelehnt rejet refus afgewezen geweigerd",
    "on_hold": "hold angehalten suspens bloqu aangehouden",
    "waiting_for_answer": "answer question antwort frage rückfrage réponse antwoord vraag",
    "waiting_for_approval": "approval approve freigabe genehmig approbation goedkeur",
    "outcome_unknown": "unknown unklar inconnu onbekend",
    "unreadable": "unreadable unlesbar illisible onleesbaar",
}


def hear(text: str, scope: Scope, sources: Sources) -> Scope:
    """The scope with what the person named. An order's number is taken as written: whether there is such an
    order, and whether it may be shown, is decided when it is read."""
    tokens = _tokens(text)
    is_inquiry = scope.only_supplier is not None
    heard = scope.heard(
        {
            Ref.CASE: _cases(tokens, scope, sources),
            Ref.SUPPLIER: _suppliers(tokens, scope, sources),
            Ref.ORDER: () if is_inquiry else _orders(tokens),
            Ref.ORDER_LINE: tuple(token for token in tokens if scope.knows(Ref.ORDER_LINE, token)),
            Ref.DAY: tuple(days_in(text)),
            Ref.STAGE: stages_in(text),
            Ref.RULE: () if is_inquiry else _rules(text, sources),
        }
    )
    return replace(heard, words=text)


def _tokens(text: str) -> tuple[str, ...]:
    """Words with a digit, without the punctuation of the sentence."""
    words = (found.strip(".-/#") for found in _TOKEN.findall(text))
    kept = [word for word in words if len(word) <= _LONGEST and any(sign.isdigit() for sign in word)]
    return tuple(dict.fromkeys(kept))[:_MOST_TOKENS]


def _cases(tokens: Iterable[str], scope: Scope, sources: Sources) -> tuple[str, ...]:
    """By the case's id, the supplier's number or the ERP's number."""
    found = sources.cases.named(tokens)
    return tuple(case.case_id for case in found if scope.may_be_about(case.supplier_id))


def _suppliers(tokens: Iterable[str], scope: Scope, sources: Sources) -> tuple[str, ...]:
    return tuple(
        token
        for token in tokens
        if scope.may_be_about(token) and sources.mirror.get(SupplierId(token)) is not None
    )


def _orders(tokens: Iterable[str]) -> tuple[str, ...]:
    """Numbers that are no day, no amount (`12500EUR`) and no quantity (`500kg`)."""
    others = (_ISO_DAY, _LOCAL_DAY, _AMOUNT)
    return tuple(token for token in tokens if not any(other.fullmatch(token) for other in others))


def days_in(text: str) -> list[str]:
    """Days as ISO dates; what is no day of the calendar is left out."""
    found = [(y, m, d) for y, m, d in _ISO_DAY.findall(text)]
    found += [(y, m, d) for d, m, y in _LOCAL_DAY.findall(text)]
    days = [_day(*map(int, parts)) for parts in found]
    return list(dict.fromkeys(day.isoformat() for day in days if day is not None))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def stages_in(text: str) -> tuple[str, ...]:
    words = re.findall(r"\w+", text.casefold())
    return tuple(
        stage
        for stage, starts in _STAGES.items()
        if any(word.startswith(start) for word in words for start in starts.split())
    )


def _rules(text: str, sources: Sources) -> tuple[str, ...]:
    """Kinds of findings that are named; else, for who asks about rules, those nearest in meaning."""
    said = text.casefold().replace("_", " ")
    named = tuple(kind.value for kind in DiscrepancyKind if kind.value.replace("_", " ") in said)
    if named or sources.past is None or not asks_for("get_policy", text):
        return named
    return tuple(kind.value for kind in sources.past.rules(text))
