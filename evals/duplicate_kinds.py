"""Two dozen ways in which a document comes a second time without being an exact copy, and the exact copy."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from evals.duplicate_population import OURS, Sent
from tools.domain.documents import DocumentType
from tools.domain.identifiers import SupplierId

Make = Callable[[Sent, random.Random], Sent | None]
"""A second coming of a document; None where this document cannot come so."""


def _with(sent: Sent, **fields: object) -> Sent:
    return replace(sent, invoice=sent.invoice.model_copy(update=fields))


def _number(sent: Sent) -> str:
    return sent.invoice.number or ""


def _renumber(change: Callable[[str, random.Random], str | None]) -> Make:
    def make(sent: Sent, rng: random.Random) -> Sent | None:
        number = change(_number(sent), rng)
        return None if number is None or number == _number(sent) else _with(sent, number=number)

    return make


def _last_digits(number: str) -> tuple[int, int]:
    """Where the last group of digits that is no year begins and ends."""
    groups = list(re.finditer(r"\d+", number))
    running = [group for group in groups if not re.fullmatch(r"20[12]\d", group[0])]
    found = (running or groups)[-1]
    return found.start(), found.end()


def _zeros(number: str, rng: random.Random) -> str:
    start, end = _last_digits(number)
    shorter = number[start:end].lstrip("0") or "0"
    longer = "0" * rng.randint(1, 3) + number[start:end]
    return number[:start] + (shorter if shorter != number[start:end] else longer) + number[end:]


def _prefix(number: str, rng: random.Random) -> str:
    bare = re.sub(r"^(RE|INV|FA)[- ]", "", number)
    return (
        bare
        if bare != number
        else f"{rng.choice(('INV', 'RE', 'Rechnung', 'Nr.'))}{rng.choice('- ')}{number}"
    )


def _separators(number: str, rng: random.Random) -> str | None:
    if not re.search(r"[-/ ]", number):
        return None
    return re.sub(r"[-/ ]", rng.choice(("", ".", "_", " ")), number).lower()


def _year(number: str, rng: random.Random) -> str | None:
    bare = re.sub(r"(?<!\d)20\d\d[-/]|/20\d\d$", "", number)
    return None if bare == number else bare


def _revision(number: str, rng: random.Random) -> str:
    return number + rng.choice(("-R1", " V2", " Rev. 2", "-00", " Kopie", " (2)"))


def _year_written(number: str, rng: random.Random) -> str | None:
    """The year in two digits, in front of all, or glued to the number."""
    found = re.fullmatch(r"(\D*)(20\d\d)-(\d+)", number)
    if found is None:
        return re.sub(r"/20(\d\d)$", r"/\1", number) if re.search(r"/20\d\d$", number) else None
    prefix, year, running = found.groups()
    bare = prefix.strip("- ")
    glued = f"{year}{bare}{running}" if bare else f"{year}{running}"
    return rng.choice((f"{prefix}{year[2:]}-{running}", glued, f"{year}{running}"))


def _other_word(number: str, rng: random.Random) -> str:
    bare = re.sub(r"^(RE|INV|FA)[- ]", "", number)
    return rng.choice(("BELEG-", "ReNr ", "Rechnungs-Nr. ", "Invoice No. ")) + bare


def _as_letters(number: str, rng: random.Random) -> str | None:
    places = [place for place, sign in enumerate(number) if sign in "0158"]
    if not places:
        return None
    place = rng.choice(places)
    letter = rng.choice({"0": "Oo", "1": "Il", "5": "S", "8": "B"}[number[place]])
    return number[:place] + letter + number[place + 1 :]


def _digit(change: Callable[[str, int, random.Random], str]) -> Make:
    def renumber(number: str, rng: random.Random) -> str | None:
        start, end = _last_digits(number)
        if end - start < 3:
            return None
        return change(number, rng.randrange(start + 1, end), rng)

    return _renumber(renumber)


def _misread(number: str, place: int, rng: random.Random) -> str:
    other = rng.choice([sign for sign in "0123456789" if sign != number[place]])
    return number[:place] + other + number[place + 1 :]


def _swap(number: str, place: int, rng: random.Random) -> str:
    return number[: place - 1] + number[place] + number[place - 1] + number[place + 1 :]


def _lose(number: str, place: int, rng: random.Random) -> str:
    return number[:place] + number[place + 1 :]


def _double(number: str, place: int, rng: random.Random) -> str:
    return number[:place] + number[place] + number[place:]


def _later(sent: Sent, days: int) -> Sent:
    day = sent.invoice.issue_date
    return _with(sent, issue_date=day + timedelta(days=days) if day else None)


def _new_number(sent: Sent, rng: random.Random) -> str:
    start, end = _last_digits(_number(sent))
    higher = int(_number(sent)[start:end]) + rng.randint(4, 60)
    return _number(sent)[:start] + str(higher).zfill(end - start) + _number(sent)[end:]


def _reissued(low: int, high: int, *trades: str) -> Make:
    def make(sent: Sent, rng: random.Random) -> Sent | None:
        if trades and (sent.firm.trade not in trades or not sent.firm.says_when):
            return None
        return _later(_with(sent, number=_new_number(sent, rng)), rng.randint(low, high))

    return make


def _amount(sent: Sent, rng: random.Random) -> Sent | None:
    gross = sent.invoice.gross_total
    if gross is None:
        return None
    return _with(sent, gross_total=gross + gross.of(rng.choice(("0.10", "9.00", "90.00")), "EUR"))


def _other_account(sent: Sent, rng: random.Random) -> Sent | None:
    """The same firm stands twice in the master data."""
    twin = replace(sent.firm, supplier_id=SupplierId(f"{sent.firm.supplier_id}-2"))
    return replace(sent, firm=twin) if sent.firm.vat_id else None


def _same_bank(sent: Sent, rng: random.Random) -> Sent | None:
    """Another account of the firm under a trading name, without a VAT id on the copy."""
    twin = replace(sent.firm, supplier_id=SupplierId(f"{sent.firm.supplier_id}-2"))
    party = sent.invoice.supplier.model_copy(update={"name": f"Shop {sent.firm.supplier_id}", "vat_id": None})
    return replace(_with(sent, supplier=party), firm=twin)


def _other_company(sent: Sent, rng: random.Random) -> Sent:
    return replace(sent, company=OURS[sent.company == OURS[0]])


def _credit_as_invoice(sent: Sent, rng: random.Random) -> Sent | None:
    is_credit = sent.invoice.document_type is DocumentType.CREDIT_NOTE
    return _with(sent, document_type=DocumentType.INVOICE, type_code="380") if is_credit else None


def _corrected(sent: Sent, rng: random.Random) -> Sent | None:
    if sent.invoice.is_credit_note:
        return None
    fields = {"type_code": "384", "preceding_invoice": _number(sent), "number": _new_number(sent, rng)}
    return _later(_with(sent, **fields), rng.randint(3, 40))


def _by_another_channel(sent: Sent, rng: random.Random) -> Sent | None:
    """The delivery is billed again weeks later; nothing more was received."""
    if sent.firm.trade != "goods":
        return None
    again = _later(_with(sent, number=_new_number(sent, rng)), rng.randint(10, 40))
    return replace(again, received=_received(sent))


def _received(sent: Sent) -> Decimal:
    """No more than the document itself billed."""
    posted = sent.stage == "posted"
    return sent.billed_before + (Decimal(0) if posted else sent.invoice.lines[0].quantity or Decimal(0))


def _bad_scan(sent: Sent, rng: random.Random) -> Sent | None:
    """A second scan: VAT id lost, a letter of the name and of each line wrong, one digit of the number."""
    again = _digit(_misread)(sent, rng)
    if again is None:
        return None
    party = sent.invoice.supplier.model_copy(update={"vat_id": None, "name": _blur(sent.firm.name, rng)})
    lines = tuple(
        line.model_copy(update={"description": _blur(line.description or "", rng)})
        for line in sent.invoice.lines
    )
    return _with(again, supplier=party, lines=lines)


def _blur(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text))
    return text[:place] + rng.choice("aeioun") + text[place + 1 :]


def _with_fee(sent: Sent, rng: random.Random) -> Sent | None:
    """A reminder in the form of an invoice: the same day and lines, a new number, a fee on top."""
    gross = sent.invoice.gross_total
    if len(sent.invoice.lines) < 2 or gross is None:
        return None
    return _with(sent, number=_new_number(sent, rng), gross_total=gross + gross.of("5.00", "EUR"))


def _resent(sent: Sent, rng: random.Random) -> Sent:
    return sent


KINDS: Mapping[str, Make] = {
    "sent again unchanged": _resent,
    "leading zeros": _renumber(_zeros),
    "prefix added or dropped": _renumber(_prefix),
    "separators and case": _renumber(_separators),
    "year dropped": _renumber(_year),
    "letter read for a digit": _renumber(_as_letters),
    "one digit misread": _digit(_misread),
    "two digits swapped": _digit(_swap),
    "one digit lost": _digit(_lose),
    "one digit doubled": _digit(_double),
    "renumbered, same day": _reissued(0, 0),
    "renumbered, 1-5 days later": _reissued(1, 5),
    "renumbered, weeks later, same period": _reissued(8, 25, "rent", "utility", "work"),
    "same number, new date": lambda sent, rng: _later(sent, rng.randint(1, 40)),
    "amount misread": _amount,
    "second supplier account": _other_account,
    "same bank account, other name": _same_bank,
    "billed to a sister company": _other_company,
    "credit note as invoice": _credit_as_invoice,
    "corrected, original open": _corrected,
    "order line by another channel": _by_another_channel,
    "bad second scan": _bad_scan,
    "with a reminder fee": _with_fee,
    "revision or copy named": _renumber(_revision),
    "year written otherwise": _renumber(_year_written),
    "another word before it": _renumber(_other_word),
}


def is_original(sent: Sent) -> bool:
    """What was sent back is expected to come again."""
    return sent.stage != "rejected"
