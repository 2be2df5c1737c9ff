"""A record of the ERP that a connector cannot take in costs its cases their look and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from tools.erp.errors import ErpError
from tools.masking import text_without

ODD = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError)
"""What a connector raises at a record of a form nobody thought of: an unknown currency, a missing field."""
_LONGEST = 300


class OddRecord(ErpError):
    """An answer of the ERP could not be taken in; the message names the read."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Raises OddRecord for what an odd answer to this read leads to; errors of the family pass."""
    try:
        yield
    except ODD as error:
        told = words(error)
    else:
        return
    raise OddRecord(f"{what} could not be read: {told}")


def words(error: BaseException) -> str:
    """An error for the log and the screen: no value of the record but what the error itself names, no bank
    account, no page of text."""
    if isinstance(error, ValidationError):
        fields = {".".join(str(part) for part in each["loc"]) for each in error.errors()}
        told = f"{error.title} has an unknown form at {', '.join(sorted(fields)) or 'no field of its own'}"
    else:
        told = f"{type(error).__name__}: {error}"
    return text_without(told, ())[:_LONGEST]
