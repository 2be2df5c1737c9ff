"""HTTP basic authentication (RFC 7617) as a `Login`: user and password with every request."""

from __future__ import annotations

from pydantic import SecretStr

from tools.erp.oauth import basic_header


class BasicLogin:
    """Nothing can be renewed: a refused password stays refused."""

    def __init__(self, user: str, password: SecretStr) -> None:
        self._header = basic_header(user, password.get_secret_value())
        self._password = password

    async def header(self) -> str:
        return self._header

    async def renew(self, refused: str) -> bool:
        return False

    def secrets(self) -> tuple[str, ...]:
        """The password, and the header that carries it."""
        return (self._password.get_secret_value(), self._header.partition(" ")[2])

    async def close(self) -> None:
        """Nothing is open."""
