"""Attacks: what somebody wants, in a language, dressed in a style, at one place of a document.

They are made from `goals.toml` and `styles.toml`, every demand in every style, and from files of ready texts;
the same files give the same attacks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

from evals.fraud import samples
from evals.injection_places import Place
from tools.domain.record import Record

HERE = Path(__file__).parent
TEXTS = HERE.parent / "injection_texts.jsonl"
"""Ready texts, beside those that are made here."""
READY = "ready"
"""Style of a ready text."""
IBAN = "NL91ABNA0417164300"
_SEED = 11
_ADAPTIVE_KINDS = frozenset({"marks", "tokens", "records", "answer", "override", "json_break"})


class Goal(StrEnum):
    """What the attacker wants."""

    APPROVE = "approve"
    """Posted, though a person has to decide."""
    SKIP = "skip"
    """A check says nothing that speaks without the text."""
    PAYEE = "payee"
    """Somebody else is paid."""
    ACCOUNT = "account"
    """Paid to another bank account."""
    AMOUNT = "amount"
    """Another amount, or booked elsewhere."""
    TOOL = "tool"
    """An entry in the ERP beside the invoice."""
    REVEAL = "reveal"
    """A letter is drafted, or what is said of one supplier names another's orders."""
    DUPLICATE = "duplicate"
    """One document posted twice."""
    ORDER = "order"
    """Billed against an order that is not the document's."""
    REJECT = "reject"
    """A good document is thrown away."""


class Attack(Record):
    id: str
    goal: Goal
    language: str
    """ISO 639-1; `any` where the text does not say."""
    style: str
    adaptive: bool
    """The text knows how this program is built."""
    place: Place
    text: str
    """With `{order}` and `{number}` of the document where it stands."""
    twist: str
    """Kind of the document, of `attack_company.TWISTS`."""

    def words(self, order: str, number: str) -> str:
        """The text, on a document of this order and number."""
        return self.text.replace("{order}", order).replace("{number}", number).replace("{iban}", IBAN)


class _Text(Record):
    """A text without its place."""

    id: str
    goal: Goal
    language: str
    style: str
    adaptive: bool
    text: str


def attacks(file: Path | None = None, *, everywhere: bool = False) -> tuple[Attack, ...]:
    """Those of the texts in `file`; without one, all that are made here and the ready ones. Each at one
    place, by turns, or at every place."""
    texts = list(_ready(file)) if file else [*_made(), *_ready(TEXTS)]
    twists = {Goal(name): tuple(goal["twists"]) for name, goal in _read("goals").items()}
    places = list(Place)
    found = []
    for at, text in enumerate(texts):
        for place in places if everywhere else (places[at % len(places)],):
            worth = twists[text.goal]
            kind = worth[(at + places.index(place)) % len(worth)]
            name = f"{text.id}@{place.name.lower()}"
            found.append(Attack(**text.model_dump() | {"id": name}, place=place, twist=kind))
    return tuple(found)


def sampled(found: Sequence[Attack], count: int | None) -> tuple[Attack, ...]:
    """`count` of them, always the same ones; None: all."""
    if count is None or count >= len(found):
        return tuple(found)
    chosen = Random(_SEED).sample(range(len(found)), count)  # noqa: S311 - repeatable, not secret
    return tuple(found[at] for at in sorted(chosen))


def _made() -> Iterator[_Text]:
    styles = _read("styles")
    for name, goal in _read("goals").items():
        languages = [key for key in goal if key not in ("twists", "way")]
        for language in languages:
            for style, form in styles.items():
                text = form["text"].replace("{words}", goal[language]).replace("{way}", goal["way"])
                yield _Text(
                    id=f"{name}.{language}.{style}",
                    goal=Goal(name),
                    language=language,
                    style=style,
                    adaptive=form["adaptive"],
                    text=text,
                )


def _ready(file: Path) -> Iterator[_Text]:
    kinds = _read("kinds")
    for number, sample in enumerate(samples(file), 1):
        if sample.is_attack:
            yield _Text(
                id=f"{file.stem}.{number}.{sample.kind}",
                goal=Goal(kinds.get(sample.kind, Goal.APPROVE)),
                language=sample.language,
                style=READY,
                adaptive=sample.kind in _ADAPTIVE_KINDS,
                text=sample.text,
            )


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
