"""Bank accounts in texts: no screen shows one and no ERP gets one, wherever a document wrote it."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import BaseModel

from tools.domain.identifiers import BETWEEN_GROUPS, is_iban, masked

T = TypeVar("T", bound=BaseModel)

# The form of an IBAN; what follows one may have the form of a part.
_FORM = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z]{{2}}\d{{2}}(?:{BETWEEN_GROUPS}{{0,2}}[A-Za-z0-9]){{11,40}}")
_WORD = re.compile(r"[A-Za-z0-9]+")


def without_accounts(record: T) -> T:
    """The record with every valid IBAN in its texts masked, however it is written."""
    return type(record).model_validate(_in(record.model_dump()))


def _in(value: Any) -> Any:
    if isinstance(value, str):
        return _FORM.sub(_hidden, value)
    if isinstance(value, dict):
        return {key: _in(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_in(entry) for entry in value)
    return value


def _hidden(found: re.Match[str]) -> str:
    """What has the form of an account, with the accounts in it masked."""
    words = found[0]
    ends = [word.end() for word in _WORD.finditer(words)]
    end = next((end for end in ends if is_iban(words[:end])), None)
    shown, rest = (words[: ends[0]], words[ends[0] :]) if end is None else (masked(words[:end]), words[end:])
    return shown + str(_in(rest))
