"""An invented ledger of invoices without orders: suppliers in several languages, habits that change."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from tools.domain.coding import CodedLine
from tools.domain.identifiers import SupplierId

_START = date(2023, 7, 1)
_MISTAKES = 0.05
_CHANGES = 0.35
"""Share of suppliers whose account for one kind of line changes once."""
_AFTER = timedelta(days=90)
_ACCOUNTS = (
    "4980 6300 6310 6325 6335 6420 6490 6530 6600 6640 6805 6815 6821 6825 6827 6835 6837 6855".split()
)

# Kind of purchase: usual account, texts in German, English, Dutch, French, Spanish, Italian and Polish.
_KINDS: dict[str, tuple[str, ...]] = {
    "6310": (
        "Miete Büro {m}",
        "Office rent {m}",
        "Huur kantoor {m}",
        "Loyer bureaux {m}",
        "Affitto ufficio {m}",
    ),
    "6325": (
        "Strom Abschlag {m}",
        "Electricity {m}",
        "Elektriciteit {m}",
        "Électricité {m}",
        "Energia elettrica {m}",
    ),
    "6805": ("Telefon Grundgebühr {m}", "Telephone and data {m}", "Telefonie {m}", "Téléphonie {m}"),
    "6335": (
        "Büroreinigung {m}",
        "Office cleaning {m}",
        "Schoonmaak {m}",
        "Nettoyage locaux {m}",
        "Sprzątanie biura",
    ),
    "6835": (
        "Cloud Hosting {m}",
        "Software licences {n} users",
        "Licenties software",
        "Licences logiciel {n}",
    ),
    "6837": (
        "Wartung Software {m}",
        "Software maintenance {m}",
        "Onderhoud software",
        "Maintenance logicielle",
    ),
    "6815": (
        "Büromaterial Toner {n}",
        "Paper and toner {n}",
        "Kantoorartikelen",
        "Fournitures de bureau {n}",
    ),
    "6600": (
        "Anzeige Fachzeitschrift",
        "Online advertising {m}",
        "Advertentie campagne",
        "Campagne publicitaire {m}",
    ),
    "6821": (
        "Seminar Teilnahme {n}",
        "Training workshop {n} seats",
        "Cursus deelname",
        "Formation {n} jours",
    ),
    "6825": (
        "Rechtsberatung {n} Stunden",
        "Legal advice {n} h",
        "Juridisch advies",
        "Honoraires conseil {n} h",
    ),
    "6827": ("Buchführung {m}", "Bookkeeping {m}", "Boekhouding {m}", "Comptabilité {m}", "Contabilidad {m}"),
    "6530": ("Diesel {n} Liter", "Fuel {n} l", "Brandstof {n}", "Carburant {n} l", "Gasóleo {n} l"),
    "6640": (
        "Bewirtung Geschäftsessen",
        "Business lunch",
        "Zakenlunch",
        "Repas d'affaires",
        "Comida de negocios",
    ),
    "6420": ("Beitrag Kammer {n}", "Membership fee {n}", "Contributie {n}", "Cotisation {n}", "Cuota {n}"),
    "6490": (
        "Reparatur Maschine {n}",
        "Repair of machine {n}",
        "Reparatie machine",
        "Réparation machine {n}",
    ),
    "4980": ("Werkzeug klein {n}", "Small tools {n}", "Klein gereedschap", "Petit outillage {n}"),
    "6855": ("Kontoführung {m}", "Bank charges {m}", "Bankkosten {m}", "Frais bancaires {m}"),
}
_MONTHS = (
    "Januar",
    "February",
    "maart",
    "avril",
    "mayo",
    "giugno",
    "07",
    "August",
    "september",
    "oct",
    "11",
    "Dez",
)


@dataclass(frozen=True)
class Entry:
    line: CodedLine
    """As posted: now and then with a mistake."""
    truth: str
    """The account the policy of that day asks for."""
    is_after_change: bool


@dataclass
class _Habit:
    """One kind of line of one supplier."""

    texts: tuple[str, ...]
    account: str
    later: str | None
    changes_on: date

    def account_on(self, day: date) -> str:
        return self.later if self.later is not None and day >= self.changes_on else self.account

    def is_new_on(self, day: date) -> bool:
        return self.later is not None and self.changes_on <= day < self.changes_on + _AFTER


def made_up_ledger(seed: int, months: int, suppliers: int = 90) -> list[Entry]:
    """Lines of `suppliers` invented firms over `months`, in the order of their days. The same seed gives
    the same ledger."""
    dice = random.Random(seed)  # noqa: S311
    found: list[Entry] = []
    for number in range(suppliers):
        found += _of_supplier(SupplierId(f"V{10_000 + number}"), months, dice)
    return sorted(
        found, key=lambda entry: (entry.line.posted_on, entry.line.supplier_id, entry.line.document)
    )


def _of_supplier(supplier_id: SupplierId, months: int, dice: random.Random) -> list[Entry]:
    habits = _habits(months, dice)
    starts = dice.choice([0, 0, 0, dice.randrange(months)])
    """Some suppliers are new, also in the months that are coded."""
    found = []
    for month in range(starts, months):
        if dice.random() < 0.1:
            continue
        day = _START + timedelta(days=30 * month + dice.randrange(28))
        document = f"{supplier_id}-{month + 1:03d}"
        for habit in habits:
            if dice.random() < 0.75:
                found.append(_entry(supplier_id, document, day, habit, dice))
    return found


def _habits(months: int, dice: random.Random) -> list[_Habit]:
    kinds = dice.sample(sorted(_KINDS), dice.choice([1, 1, 2, 2, 3, 4]))
    changing = dice.randrange(len(kinds)) if dice.random() < _CHANGES else None
    language = dice.randrange(4)
    habits = []
    for place, usual in enumerate(kinds):
        # Companies differ: one in four codes this kind elsewhere than the usual account.
        account = usual if dice.random() < 0.75 else dice.choice(_ACCOUNTS)
        later = dice.choice([other for other in _ACCOUNTS if other != account])
        habits.append(
            _Habit(
                texts=_texts(usual, language, dice),
                account=account,
                later=later if place == changing else None,
                changes_on=_START + timedelta(days=30 * dice.randrange(months // 2, months)),
            )
        )
    return habits


def _texts(kind: str, language: int, dice: random.Random) -> tuple[str, ...]:
    """A supplier writes in one language, and now and then says the same in other words."""
    own = _KINDS[kind][language]
    return (own, own, own, f"{own} {dice.choice(['Pauschale', 'extra', 'service', 'spoed', 'forfait'])}")


def _entry(supplier_id: SupplierId, document: str, day: date, habit: _Habit, dice: random.Random) -> Entry:
    truth = habit.account_on(day)
    posted = truth
    if dice.random() < _MISTAKES:
        posted = dice.choice([account for account in _ACCOUNTS if account != truth])
    text = dice.choice(habit.texts).format(m=f"{dice.choice(_MONTHS)} {day.year}", n=dice.randrange(1, 400))
    line = CodedLine(
        supplier_id=supplier_id, description=text, account=posted, posted_on=day, document=document
    )
    return Entry(line=line, truth=truth, is_after_change=habit.is_new_on(day))
