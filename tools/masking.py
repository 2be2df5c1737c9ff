"""Bank accounts in texts: no screen shows one and no ERP gets one, wherever a document wrote it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from tools.domain.identifiers import BETWEEN_GROUPS, compact, is_iban, masked

T = TypeVar("T", bound=BaseModel)

# The form of an IBAN; what follows one may have the form of a part.
_FORM = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z]{{2}}\d{{2}}(?:{BETWEEN_GROUPS}{{0,2}}[A-Za-z0-9]){{11,40}}")
_ESCAPED = re.compile(r"\\(?:[bfnrt]|u[0-9a-fA-F]{4})")
_WORD = re.compile(r"[A-Za-z0-9]+")
_SHORTEST = 7
"""Shorter numbers are also quantities, items and years."""


def without_accounts(record: T, known: Collection[str] = ()) -> T:
    """The record with every valid IBAN in its texts masked, however it is written, and every account of
    `known`: a local number has no form by which it could be recognised."""
    forms = [form for account in known if (form := _form_of(account)) is not None]
    return type(record).model_validate(_in(record.model_dump(), forms))


def text_without(text: str, known: Collection[str]) -> str:
    """One text with every account of `known`, and every valid IBAN, masked."""
    forms = [form for account in known if (form := _form_of(account)) is not None]
    return str(_in(text, forms))


def may_hold_accounts(text: str) -> bool:
    """Whether JSON text holds anything of an IBAN's form: most does not, and looking closer costs more."""
    return _FORM.search(_ESCAPED.sub(" ", text)) is not None


def _form_of(account: str) -> re.Pattern[str] | None:
    """The account with anything between its letters and digits; None for what is too short to be told."""
    signs = compact(account)
    if len(signs) < _SHORTEST:
        return None
    between = rf"(?:{BETWEEN_GROUPS}{{0,2}})"
    return re.compile(rf"(?<![A-Za-z0-9]){between.join(signs)}(?![A-Za-z0-9])", re.IGNORECASE)


def _in(value: Any, forms: Sequence[re.Pattern[str]] = ()) -> Any:
    if isinstance(value, str):
        for form in forms:
            value = form.sub(lambda found: masked(found[0]), value)
        return _masked(value)
    if isinstance(value, dict):
        return {key: _in(entry, forms) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_in(entry, forms) for entry in value)
    return value


def _masked(text: str) -> str:
    """The text with the accounts in it masked. What follows an account may have the form of a part of it, so
    every beginning that ends with a word is tried, and the search goes on behind it or behind the first word.
    """
    shown, done, place = "", 0, 0
    while found := _FORM.search(text, place):
        words, goes_on = found[0], text[found.end() : found.end() + 1].isalnum()
        ends = [word.end() for word in _WORD.finditer(words)]
        whole = ends[:-1] if goes_on else ends
        end = next((end for end in whole if is_iban(words[:end])), None)
        place = found.start() + (ends[0] if end is None else end)
        if end is not None:
            shown += text[done : found.start()] + masked(words[:end])
            done = place
    return shown + text[done:]
