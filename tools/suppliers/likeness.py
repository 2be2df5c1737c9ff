"""How alike two company names are, in the measures that tell the same company from its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from tools.domain.documents import Record
from tools.suppliers.names import comparable, core, fold, legal_families, numbers
from tools.suppliers.offices import office_words
from tools.suppliers.words import DOUBTFUL, Word, as_scanned, found_shares

Rarity = Callable[[str], float]
_AS_FORM = 0.6
"""Similarity from which a word without another meaning is a misprint of the legal form."""
_PREFIX_FROM = 12
"""Letters from which a name that is the beginning of the other counts as cut short."""


class Likeness(Record):
    """Two names compared; every measure from 0 (nothing in common) to 1 (the same)."""

    spelling: float
    """Cosine of the character n-grams."""
    letters: float
    """Edit similarity of the names without legal forms, words in any order or run together."""
    claim_found: float
    """Share of the claimed name's words, weighted by rarity, that the supplier's name has too."""
    known_found: float
    """Share of the supplier's words that the claimed name has."""
    claim_lost: float
    """Rarity of the rarest claimed word that the supplier's name lacks; 1 is a word of no supplier."""
    known_lost: float
    """The same for the supplier's words."""
    told: float
    """How much the words in common tell: their rarities added up, 1 for four words of no supplier."""
    cut_short: float
    """Likeness of the claimed name to as many letters of the supplier's, from its first."""
    further_word: bool
    """One of the names has a telling word more than the other: `Nordwind Logistik` and `Nordwind` are two
    companies of one group."""
    missing_word: bool
    """The supplier's name has a telling word that no word of the claimed name resembles: another company of
    the group, or a name that the document gives in part."""
    same_numbers: bool
    same_legal_form: bool
    """False when both names carry a legal form and the two are not of one kind."""


class Claimed:
    """The name on a document, taken apart once for all its candidates. Words of `city` in it say where a
    branch is and are left aside, as are words for an office: `Rechnungswesen`, `Accounts Receivable`."""

    def __init__(self, name: str, city: str | None, rarity: Rarity) -> None:
        self.name = name
        self.all_words = comparable(name).split()
        self.aside = {*comparable(city or "").split(), *office_words(name)}
        words = core(name).split()
        telling = [word for word in words if word not in self.aside] or words
        self.words = _weighed(telling, rarity)
        self.letters = as_scanned(" ".join(telling))
        self.whole = as_scanned(core(name))
        self.numbers = numbers(name)
        self.forms = legal_families(name)


class Known:
    """A supplier's name, taken apart once."""

    def __init__(self, name: str, rarity: Rarity) -> None:
        self.name = name
        self.all_words = comparable(name).split()
        self.words = _weighed(core(name).split(), rarity)
        self.formal = {*self.all_words, *fold(name).split()}.difference(word.text for word in self.words)
        """Words of the legal form, as written and in short."""
        self.letters = as_scanned(core(name))
        self.numbers = numbers(name)
        self.forms = legal_families(name)


def _weighed(words: Sequence[str], rarity: Rarity) -> list[Word]:
    return [Word(word, as_scanned(word), rarity(word)) for word in words]


def compare(claimed: Claimed, known: Known, spelling: float, rarest: float) -> Likeness:
    """Likeness of the name on a document and the name of a supplier; `rarest` is the rarity of a word
    that no supplier has."""
    found = found_shares(claimed.words, known.words, known.all_words)
    back = found_shares(known.words, claimed.words, claimed.all_words)
    return Likeness(
        spelling=spelling,
        letters=_letters(claimed, known),
        claim_found=_share(claimed.words, found),
        known_found=_share(known.words, back),
        claim_lost=_lost(claimed.words, found) / rarest,
        known_lost=_lost(known.words, back) / rarest,
        told=min(1.0, sum(w.rarity * f for w, f in zip(known.words, back, strict=True)) / rarest / 4),
        cut_short=_cut_short(claimed, known),
        further_word=_has_further_word(claimed, known),
        missing_word=any(
            share < DOUBTFUL and word.text not in claimed.aside
            for word, share in zip(known.words, back, strict=True)
        ),
        same_numbers=claimed.numbers == known.numbers,
        same_legal_form=not (claimed.forms and known.forms) or claimed.forms == known.forms,
    )


def _letters(claimed: Claimed, known: Known) -> float:
    best = 0.0
    for one in {claimed.letters, claimed.whole}:
        other = known.letters
        plain = max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
        joined = fuzz.ratio(one.replace(" ", ""), other.replace(" ", ""))
        best = max(best, plain, joined)
    return best / 100


def _cut_short(claimed: Claimed, known: Known) -> float:
    one, other = claimed.whole.replace(" ", ""), known.letters.replace(" ", "")
    if not _PREFIX_FROM <= len(one) <= len(other):
        return 0.0
    return fuzz.ratio(one, other[: len(one)]) / 100


def _has_further_word(claimed: Claimed, known: Known) -> bool:
    ours = [word.scanned for word in claimed.words if not _is_debris(word, claimed, known)]
    theirs = [word.scanned for word in known.words if word.text not in claimed.aside]
    # Run together or torn apart, with a letter more or less.
    same_letters = abs(len("".join(ours)) - len("".join(theirs))) <= 1
    return len(ours) != len(theirs) and not same_letters


def _is_debris(word: Word, claimed: Claimed, known: Known) -> bool:
    """Whether a word of the claimed name is what a misprint left of the legal form: `S RL`, `Limiteo`."""
    if claimed.forms or word.text in known.all_words:
        return word.text in known.formal
    return any(
        form.startswith(word.text) or OSA.normalized_similarity(as_scanned(form), word.scanned) >= _AS_FORM
        for form in known.formal
    )


def _share(words: Sequence[Word], found: Sequence[float]) -> float:
    total = sum(word.rarity for word in words)
    return sum(w.rarity * f for w, f in zip(words, found, strict=True)) / total if total else 0.0


def _lost(words: Sequence[Word], found: Sequence[float]) -> float:
    return max((w.rarity * (1 - f) for w, f in zip(words, found, strict=True)), default=0.0)
