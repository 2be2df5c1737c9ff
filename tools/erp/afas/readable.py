"""Records of Profit that none of ours can be made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from tools.erp.errors import ErpRejected


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Raises ErpRejected, with the record's name, for one that none of our records can be made of."""
    try:
        yield
    except ValidationError as error:
        told = "; ".join(sorted({each["msg"] for each in error.errors()}))
    else:
        return
    raise ErpRejected(f"{what} in AFAS cannot be read: {told}")
