"""The connectors by folder name: a folder with a `connector.py` is its own registration."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tools.erp.contract import Erp
    from tools.erp.sandbox.company import Company
    from tools.erp.sandbox.faults import Faults
    from tools.erp.sandbox.gate import App


class ConnectorModule(Protocol):
    """What every `tools.erp.<kind>.connector` offers.

    `Settings` is a frozen pydantic model with the company and, where there is a login, the address and
    `SecretStr` secrets. `connect` opens nothing by itself; `transport` replaces the network, `clock` the
    waiting. A kind that speaks a protocol also has `tools.erp.<kind>.sandbox` with
    `app(company, faults=...)`: an ASGI app that speaks it over the sandbox company, and
    `login(company, address)`: the values of `Settings` that reach that server.
    """

    Settings: type[BaseModel]

    def connect(self, settings: Any, *, transport: Any = None, clock: Any = None) -> Erp: ...


class SandboxModule(Protocol):
    """What `tools.erp.<kind>.sandbox` offers."""

    def app(self, company: Company, faults: Faults | None = None) -> App: ...

    def login(self, company: Company, address: str) -> dict[str, Any]: ...


def kinds() -> tuple[str, ...]:
    """The names of all connectors, sorted."""
    here = Path(__file__).parent
    return tuple(sorted(found.parent.name for found in here.glob("*/connector.py")))


def servers() -> tuple[str, ...]:
    """The kinds that have a sandbox server of their protocol, sorted."""
    here = Path(__file__).parent
    return tuple(kind for kind in kinds() if (here / kind / "sandbox.py").is_file())


def load(kind: str) -> ConnectorModule:
    """The connector module of one kind, imported now. Raises ValueError for a kind that is not there."""
    if kind not in kinds():
        raise ValueError(f"there is no connector {kind!r}; there are: {', '.join(kinds())}")
    return cast(ConnectorModule, import_module(f"tools.erp.{kind}.connector"))


def server(kind: str) -> SandboxModule:
    """The sandbox module of one kind, imported now. Raises ValueError for a kind that has none."""
    if kind not in servers():
        missing = f" (tools/erp/{kind}/sandbox.py is missing)" if kind in kinds() else ""
        raise ValueError(
            f"there is no sandbox server for {kind!r}{missing}; there are: {', '.join(servers())}"
        )
    return cast(SandboxModule, import_module(f"tools.erp.{kind}.sandbox"))
