"""How well a model's claims are checked: true sentences that are struck, made-up claims that pass.

Sentences of ours in Dutch, German, French and English, filled from made-up facts as each language writes
them. For each true sentence one claim is replaced by another of its kind that stands in no record; other
kinds of true and made-up sentences stand in `grounding_kinds.py`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from agent.checked_words import checked_words
from agent.grounding import Records
from evals.grounding_kinds import made_up, true_ones
from tools.domain.record import Record

LANGUAGES = ("nl", "de", "fr", "en")
_MONTHS = {
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}
_SENTENCES = {
    "nl": (
        "Factuur {invoice} van {date} rekent {price} euro per stuk, de order {order} noemt {old}.",
        "Van de {billed} stuks zijn er {received} ontvangen; levering {receipt} kwam op {day}.",
        "Het verschil is {percent} procent, samen € {excess}.",
        "Order {spaced} is sinds {month} open en {days} dagen te laat.",
    ),
    "de": (
        "Rechnung {invoice} vom {date} nennt {price} EUR je Stück, Bestellung {order} dagegen {old} EUR.",
        "Von {billed} Stück sind {received} eingegangen, zuletzt mit {receipt} am {day}.",
        "Das sind {percent} % oder {excess} Euro zu viel.",
        "Die Bestellung {spaced} ist seit {month} offen, {days} Tage über dem Termin.",
    ),
    "fr": (
        "La facture {invoice} du {date} indique {price} € la pièce, la commande {order} {old} €.",
        "Sur {billed} pièces, {received} ont été reçues ; le bon {receipt} date du {day}.",
        "L'écart est de {percent} %, soit {excess} EUR.",
        "La commande {spaced} est ouverte depuis {month}, avec {days} jours de retard.",
    ),
    "en": (
        "Invoice {invoice} of {date} asks {price} each where order {order} says {old}.",
        "Of {billed} pieces {received} came in, the last with {receipt} on {day}.",
        "That is {percent} percent or EUR {excess} too much.",
        "Order {spaced} has been open since {month} and is {days} days late.",
    ),
}


class GroundingReport(Record):
    true_sentences: int
    true_claims: int
    false_strikes: int
    """Claims struck although a record bears them out."""
    fabrications: int
    missed: int
    """Made-up claims that were let through."""
    examples: tuple[str, ...]
    """Sentences that went wrong, at most ten."""


class Story(Record):
    """Facts of one case."""

    invoice: str
    order: str
    receipt: str
    issued: date
    arrived: date
    numbers: Mapping[str, Decimal]

    @property
    def record(self) -> str:
        """As a brief tells them."""
        n = {name: f"{value:f}" for name, value in self.numbers.items()}
        return (
            f"Invoice {self.invoice} of {self.issued.isoformat()}: {n['price']} EUR against {n['old']} EUR "
            f"of order {self.order}, +{n['percent']} %, {n['excess']} EUR in all. Billed {n['billed']}, "
            f"received {n['received']} with {self.receipt} on {self.arrived.isoformat()}, "
            f"{n['days']} days late."
        )


def measure(seed: int = 1, stories: int = 30) -> GroundingReport:
    """`stories` cases, four sentences in each of four languages; one fabrication for each sentence."""
    dice = random.Random(seed)  # noqa: S311 - repeatable sentences, no secret
    totals = dict.fromkeys(("sentences", "claims", "strikes", "made_up", "missed"), 0)
    wrong = list[str]()
    for _ in range(stories):
        story, other = _story(dice), _story(dice)
        records = Records([story.record])
        for language in LANGUAGES:
            for sentence in _SENTENCES[language]:
                names = [name for name in _WRITERS if f"{{{name}}}" in sentence]
                true = sentence.format(**_written(story, language, dice))
                struck = checked_words(true, records).struck
                lie, claim = _lie(sentence, story, other, language, dice, names)
                caught = any(part in claim or claim in part for part in checked_words(lie, records).struck)
                totals["sentences"] += 1
                totals["claims"] += len(names)
                totals["strikes"] += len(struck)
                totals["made_up"] += 1
                totals["missed"] += not caught
                wrong += [true] * bool(struck) + [lie] * (not caught)
        for true in true_ones(story.order, story.issued, story.numbers["price"]):
            struck = checked_words(true, records).struck
            totals["sentences"] += 1
            totals["claims"] += 1
            totals["strikes"] += len(struck)
            wrong += [true] * bool(struck)
        for lie in made_up(story.order, story.issued.year, story.numbers["price"]):
            caught = bool(checked_words(lie, records).struck)
            totals["made_up"] += 1
            totals["missed"] += not caught
            wrong += [lie] * (not caught)
    return GroundingReport(
        true_sentences=totals["sentences"],
        true_claims=totals["claims"],
        false_strikes=totals["strikes"],
        fabrications=totals["made_up"],
        missed=totals["missed"],
        examples=tuple(wrong[:10]),
    )


def _story(dice: random.Random) -> Story:
    issued = date(2026, 1, 1) + timedelta(days=dice.randrange(300))
    billed = dice.randrange(40, 9000)
    old, more = Decimal(dice.randrange(100, 250000)) / 100, Decimal(dice.randrange(3, 300)) / 100
    values = {
        "old": old,
        "price": old + more,
        "excess": (more * billed).quantize(Decimal("0.01")),
        "percent": (more / old * 100).quantize(Decimal("0.1")),
        "billed": Decimal(billed),
        "received": Decimal(dice.randrange(13, billed)),
        "days": Decimal(dice.randrange(13, 120)),
    }
    return Story(
        invoice=dice.choice(("RE-{}-{}", "F{}{}", "INV {}/{}")).format(
            issued.year, dice.randrange(100, 9999)
        ),
        order=f"PO-{dice.randrange(1000, 99999)}",
        receipt=f"GR{dice.randrange(10000, 99999)}",
        issued=issued,
        arrived=issued - timedelta(days=dice.randrange(32, 90)),
        numbers=values,
    )


def _number(value: Decimal, language: str, dice: random.Random) -> str:
    """As the language writes it, thousands grouped or not."""
    text = f"{value:,f}" if dice.random() < 0.6 else f"{value:f}"
    marks = {"nl": (".", ","), "de": (".", ","), "fr": ("\u202f", ","), "en": (",", ".")}[language]
    return text.translate({ord(","): marks[0], ord("."): marks[1]})


def _day(day: date, language: str, dice: random.Random) -> str:
    name = _MONTHS[language].split()[day.month - 1]
    words = {
        "de": f"{day.day}. {name} {day.year}",
        "en": f"{name} {day.day}, {day.year}",
    }.get(language, f"{day.day} {name} {day.year}")
    marks = {"nl": "-", "de": ".", "fr": "/", "en": "/"}[language]
    figures = marks.join((f"{day.day:02d}", f"{day.month:02d}", str(day.year)))
    return dice.choice((words, figures, day.isoformat()))


_Writer = Callable[[Story, str, random.Random], str]
_WRITERS: Mapping[str, _Writer] = {
    "invoice": lambda story, language, dice: story.invoice,
    "order": lambda story, language, dice: story.order,
    "spaced": lambda story, language, dice: story.order.replace("-", " "),
    "receipt": lambda story, language, dice: story.receipt,
    "date": lambda story, language, dice: _day(story.issued, language, dice),
    "day": lambda story, language, dice: _day(story.arrived, language, dice),
    "month": lambda story, language, dice: (
        f"{_MONTHS[language].split()[story.arrived.month - 1]} {story.arrived.year}"
    ),
    **{
        name: lambda story, language, dice, name=name: _number(story.numbers[name], language, dice)  # type: ignore[misc]
        for name in ("old", "price", "excess", "percent", "billed", "received", "days")
    },
}


def _written(story: Story, language: str, dice: random.Random) -> dict[str, str]:
    return {name: write(story, language, dice) for name, write in _WRITERS.items()}


def _lie(
    sentence: str, story: Story, other: Story, language: str, dice: random.Random, names: list[str]
) -> tuple[str, str]:
    """The sentence with one claim of another story, and that claim. A claim that happens to be true of this
    story too is drawn again."""
    true = _written(story, language, dice)
    name = dice.choice(names)
    value = _WRITERS[name](other, language, dice)
    months = {day.month for day in (story.issued, story.arrived)}
    while value in true.values() or (name == "month" and other.arrived.month in months):
        other = _story(dice)
        value = _WRITERS[name](other, language, dice)
    return sentence.format(**{**true, name: value}), value


def print_report(report: GroundingReport, console: Console) -> None:
    table = Table("measured", "of", "wrong", title="Claims held against the records")
    table.add_row(
        "true claims struck",
        f"{report.true_claims} in {report.true_sentences} sentences",
        str(report.false_strikes),
    )
    table.add_row("made-up claims let through", str(report.fabrications), str(report.missed))
    console.print(table)
    for text in report.examples:
        console.print(f"- {text}")
