"""Known bank accounts in a text: the whole number and every longer piece of it, however it is broken up.

A local number has no form by which it could be told, so it is found by knowing it: from the document itself,
the supplier's record and what was verified.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from tools.domain.documents import Invoice
from tools.domain.identifiers import compact
from tools.domain.supplier import BankAccount, Supplier

_SHORTEST = 6
"""Signs of an account; shorter numbers are quantities and years."""
_PIECE, _FEWEST_DIGITS, _FEWEST_KINDS = 7, 4, 3
"""So many signs in a row tell an account, with so many digits among them that are not all alike: more than
any mask leaves standing, fewer than an account without its bank's part has."""
_GAP = 3
"""What may stand between two signs of a number."""
_OUR_MARK = re.compile(r"<[^<>]*>")
"""Marked text holds no angle brackets, so these are ours, and no account ends or begins in them."""
_WORD_BETWEEN = re.compile(r"\([^()\d]{0,30}\)")
"""`DE89 (bitte) 3704 …` is read as one number."""
_SIGN = re.compile(r"[A-Za-z0-9]")


def bank_accounts_of(
    invoice: Invoice | None, supplier: Supplier | None = None, verified: Iterable[BankAccount] = ()
) -> tuple[str, ...]:
    """Every account that a text about this document may repeat: what it names itself, and the supplier's."""
    named = (*invoice.ibans, *invoice.other_accounts) if invoice is not None else ()
    known = (*(supplier.bank_accounts if supplier is not None else ()), *verified)
    accounts = filter(None, map(compact, (*named, *(entry.iban for entry in known))))
    return tuple(dict.fromkeys(accounts))


def known_spans(text: str, accounts: Collection[str]) -> list[tuple[int, int]]:
    """Where the accounts stand, or pieces of them: places in `text`, from and to."""
    if not accounts:
        return []
    signs, places, breaks = _read(text)
    found: list[tuple[int, int]] = []
    for piece in {piece for account in accounts for piece in _pieces(compact(account))}:
        found += [
            (places[at], places[at + len(piece) - 1] + 1)
            for at in _finds(signs, piece)
            if not any(breaks[at + 1 : at + len(piece)])
        ]
    return _joined(found)


def _read(text: str) -> tuple[str, list[int], list[bool]]:
    """The letters and digits, where each stands, and whether too much stands before it."""
    flat = _OUR_MARK.sub(lambda mark: " " * len(mark[0]), text)
    flat = _WORD_BETWEEN.sub(lambda word: "\0" * len(word[0]), flat)
    signs, places, breaks, end = "", list[int](), list[bool](), 0
    for sign in _SIGN.finditer(flat):
        between = flat[end : sign.start()]
        signs += sign[0].upper()
        places.append(sign.start())
        breaks.append(len(between.replace("\0", "")) > _GAP)
        end = sign.end()
    return signs, places, breaks


def _pieces(account: str) -> Iterator[str]:
    account = account.upper()
    if len(account) < _SHORTEST or _digits(account) < _FEWEST_DIGITS:
        return
    yield account
    for at in range(len(account) - _PIECE + 1):
        piece = account[at : at + _PIECE]
        if _digits(piece) >= _FEWEST_DIGITS and len(set(piece)) >= _FEWEST_KINDS:
            yield piece


def _digits(text: str) -> int:
    return sum(sign.isdigit() for sign in text)


def _finds(signs: str, piece: str) -> Iterator[int]:
    at = signs.find(piece)
    while at >= 0:
        yield at
        at = signs.find(piece, at + 1)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces that overlap or touch as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
