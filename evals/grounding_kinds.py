"""Sentences of more kinds for `grounding.py`: dates in short forms, other currencies, signs, scales, number
words, citations of what was not read, and deeds. Of ours, in Dutch, German, French and English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

_WORDS = (
    "Seventeen hundred pieces of {order} are missing.",
    "Zu {order} fehlen neunzigtausend Stück.",
    "Van {order} ontbreken negentigduizend stuks.",
    "Il manque quatre-vingt-dix mille pièces sur {order}.",
    "Thousands of pieces of {order} are missing.",
)
_CITED = (
    "The price was agreed (order PO-{other}).",
    "Der Preis ist vereinbart (Bestellung PO-{other}).",
    "De prijs is afgesproken (bestelling PO-{other}).",
    "Le prix est convenu (commande PO-{other}).",
    "It is known (case RX-{other}).",
)
_DEEDS = (
    "The invoice has been approved and posted.",
    "We will pay it tomorrow.",
    "Approved.",
    "Die Rechnung wurde freigegeben.",
    "Wir haben die Rechnung bezahlt.",
    "De factuur is geboekt.",
    "Wij zullen de factuur betalen.",
    "La facture a été approuvée.",
    "Nous paierons la facture demain.",
)


def true_ones(order: str, issued: date, price: Decimal) -> Iterator[str]:
    """Of a story's facts."""
    yield f"Die Rechnung vom {issued.day}. {issued.month}. zu {order}, ca. {price} EUR, ist offen."
    yield f"Sie ist vom {issued:%d.%m.} und betrifft z. B. {order}."
    yield f"It is of {issued:%Y/%m/%d}, approx. EUR {price} each (order {order})."
    yield f"{order} must be approved by a person; it is not posted yet."


def made_up(order: str, year: int, price: Decimal) -> Iterator[str]:
    """Each with one claim that the story's facts do not hold."""
    yield f"It costs {price} USD on {order}."
    yield f"It costs -{price} EUR on {order}."
    yield f"It is {price} % on {order}."
    yield f"It costs {price}k EUR on {order}."
    yield f"It costs {price} million EUR on {order}."
    yield f"It costs {year} EUR on {order}."
    yield f"It costs {order.rpartition('-')[2]} EUR."
    yield from (text.format(order=order) for text in _WORDS)
    yield from (text.format(other=f"9{order.rpartition('-')[2]}") for text in _CITED)
    yield from _DEEDS
