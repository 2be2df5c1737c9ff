"""The AfasToken: one header for every request. It does not expire and cannot be renewed."""

from __future__ import annotations

import base64
import re

from pydantic import SecretStr

_DATA = re.compile(r"[0-9A-Fa-f]{64}")
_XML = re.compile(r"<token><version>1</version><data>([0-9A-Fa-f]{64})</data></token>")


class AfasToken:
    """A `tools.erp.http.Login`. Raises ValueError for a token of another form, without telling it."""

    def __init__(self, token: SecretStr) -> None:
        data = token_data(token.get_secret_value())
        self._xml = f"<token><version>1</version><data>{data}</data></token>"
        self._encoded = base64.b64encode(self._xml.encode()).decode()
        self._data = data

    async def header(self) -> str:
        return f"AfasToken {self._encoded}"

    async def renew(self, refused: str) -> bool:
        return False

    def secrets(self) -> tuple[str, ...]:
        return (self._encoded, self._xml, self._data)


def token_data(text: str) -> str:
    """The 64 hexadecimal digits, given alone or in the XML that Profit shows."""
    compact = "".join(text.split())
    found = _XML.fullmatch(compact)
    if found is not None:
        return found[1]
    if _DATA.fullmatch(compact):
        return compact
    raise ValueError(
        "an AfasToken is <token><version>1</version><data>64 hexadecimal digits</data></token>, or the digits"
    )
