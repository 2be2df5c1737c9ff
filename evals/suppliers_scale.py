"""A larger supplier master from a real one: made-up companies in the manner of the real, always the same
for the same seed.

Three kinds of record are added, in equal parts:
- crossed: the beginning of one real name with the end of another of the same country, in a third one's city
- moved: a real name with one word exchanged for a word of another name, in another city
- sister: a real company's name with a word for another company of its group (`Holding`, `Immobilien`,
  a number), half of them in the same city

No added record has the telling words of an existing one, so whatever a query was meant to find is still
its only right answer. VAT ids and bank accounts are left out: the added records are there to be
confused by name and place.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence

from tools.domain.identifiers import SupplierId
from tools.domain.supplier import Supplier
from tools.suppliers.names import comparable, core

_GROUP = {
    "DE": (
        "Verwaltungs",
        "Holding",
        "Immobilien",
        "Logistik",
        "Beteiligungs",
        "Service",
        "Vertriebs",
        "Nord",
    ),
    "AT": ("Verwaltungs", "Holding", "Immobilien", "Logistik", "Beteiligungs", "Service"),
    "NL": ("Holding", "Beheer", "Vastgoed", "Logistiek", "Diensten", "Groep"),
    "BE": ("Holding", "Immo", "Logistics", "Services", "Invest"),
    "FR": ("Holding", "Immobilier", "Services", "Logistique", "Participations", "Sud"),
    "IT": ("Holding", "Immobiliare", "Servizi", "Logistica", "Partecipazioni"),
    "ES": ("Holding", "Inmobiliaria", "Servicios", "Logistica", "Inversiones", "Norte"),
}
_OTHERS = (
    "Holding",
    "Property",
    "Services",
    "Logistics",
    "Group",
    "International",
    "Finance",
    "Trading",
    "II",
)


def extend(
    master: Sequence[Supplier], size: int, avoid: Collection[str] = (), seed: int = 11
) -> list[Supplier]:
    """`master` and so many made-up records that there are `size`; `avoid` are names that none of them may
    have, such as those of queries for suppliers that are not there."""
    rng = random.Random(seed)  # noqa: S311 - repeatable test data, no secret
    taken = {_telling(supplier.name) for supplier in master} | {_telling(name) for name in avoid}
    by_country: dict[str, list[Supplier]] = {}
    for supplier in master:
        by_country.setdefault(supplier.country or "", []).append(supplier)
    result = list(master)
    for made in _stream(master, by_country, rng):
        if len(result) >= size:
            break
        telling = _telling(made.name)
        if telling not in taken:
            taken.add(telling)
            result.append(made.model_copy(update={"supplier_id": SupplierId(f"MADE-{len(result):06}")}))
    return result


def _telling(name: str) -> str:
    return " ".join(sorted(core(name).split()))


def _stream(
    master: Sequence[Supplier], by_country: dict[str, list[Supplier]], rng: random.Random
) -> Iterator[Supplier]:
    while True:
        one = rng.choice(master)
        peers = by_country[one.country or ""]
        two, three = rng.choice(peers), rng.choice(peers)
        yield _made(_crossed(one, two), three)
        yield _made(_moved(one, two, rng), three)
        word = rng.choice(_GROUP.get(one.country or "", _OTHERS))
        yield _made(_sister(one.name, word), one if rng.random() < 0.5 else three)


def _made(name: str, place: Supplier) -> Supplier:
    return Supplier(
        supplier_id=SupplierId("new"),
        name=name,
        street=place.street,
        city=place.city,
        postcode=place.postcode,
        country=place.country,
    )


def _crossed(one: Supplier, two: Supplier) -> str:
    begin, end = one.name.split(), two.name.split()
    return " ".join(begin[: max(1, len(begin) // 2)] + end[len(end) // 2 :])


def _moved(one: Supplier, two: Supplier, rng: random.Random) -> str:
    words, others = one.name.split(), core(two.name).split()
    at = rng.randrange(len(words))
    word = rng.choice(others)
    words[at] = word.upper() if words[at].isupper() else word.capitalize()
    return " ".join(words)


def _sister(name: str, word: str) -> str:
    """The group's word stands before the legal form, where there is one at the end."""
    words = name.split()
    cased = word.upper() if name.isupper() else word
    at = len(words)
    while at > 1 and comparable(words[at - 1]) not in core(name).split():
        at -= 1
    return " ".join([*words[:at], cased, *words[at:]])
