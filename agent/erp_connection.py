"""The connector that the settings name: its settings, the connection, and a person's consent where it wants
one."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ValidationError

from agent.settings import Settings, SettingsError
from agent.settings_faults import explain
from tools import erp as connectors
from tools.erp import ConnectorModule
from tools.erp.completeness import require_finished
from tools.erp.consent import Consent, ConsentRefused, caught
from tools.erp.contract import Erp
from tools.erp.errors import ErpError
from tools.erp.rotating_login import RotatingLogin
from tools.erp.sandbox.world import WorldError
from tools.erp.state_file import StateUnusable

__all__ = ["ConsentRefused", "ErpConsent", "ErpError", "StateUnusable", "caught", "connect", "consent_of"]


class ErpConsent:
    """One attempt to get a person's consent for the connector that the settings name."""

    def __init__(self, consent: Consent, login: RotatingLogin) -> None:
        self.consent = consent
        self._login = login

    async def take(self, returned: str) -> None:
        """`returned`: the address that the browser was sent to. Raises ConsentRefused, ErpError,
        StateUnusable."""
        await self.spend(self.consent.code_of(returned))

    async def spend(self, code: str) -> None:
        try:
            await self._login.exchange(code)
        finally:
            await self._login.close()


def connect(settings: Settings) -> Erp:
    """The connector named by `erp.kind`. Raises SettingsError for unknown kinds and faulty settings."""
    try:
        module, values = chosen(settings)
        return require_finished(module.connect(values))
    except ValueError as error:
        raise _unusable(error) from None
    except (OSError, WorldError) as error:
        raise SettingsError(f"[erp] cannot be used: {error}") from None


def consent_of(settings: Settings, kind: str) -> ErpConsent:
    """Raises SettingsError where the settings name another ERP, or one that needs no person's consent."""
    named = str(settings.erp.get("kind", ""))
    if kind != named:
        raise SettingsError(f"the settings name {named or 'no ERP'} as [erp] kind, not {kind}")
    try:
        module, values = chosen(settings)
    except ValueError as error:
        raise _unusable(error) from None
    make: Any = getattr(module, "consent", None)
    login: Any = getattr(module, "login_of", None)
    if make is None or login is None:
        raise SettingsError(f"{kind} logs in with what the settings hold; nobody has to consent")
    return ErpConsent(make(values), login(values))


def chosen(settings: Settings) -> tuple[ConnectorModule, BaseModel]:
    """What a connector keeps between runs lies in the data folder, unless its own settings say otherwise."""
    module = connectors.load(str(settings.erp.get("kind", "")))
    values = {key: value for key, value in settings.erp.items() if key != "kind"}
    if "state_folder" in module.Settings.model_fields:
        values.setdefault("state_folder", settings.data.folder)
    return module, module.Settings.model_validate(values)


def answer_seconds(settings: Settings) -> float | None:
    """How long one answer of the ERP is waited for; None where its connector sets no such bound."""
    given: float | None = getattr(chosen(settings)[1], "timeout", None)
    return given


_HINT = "\n(secrets come from ERP_AGENT_ERP__CLIENT_SECRET and the like, or from secret files)"
_OF_SECRETS = re.compile(r"secret|password|private_key|\btoken\b")


def _unusable(error: ValueError) -> SettingsError:
    """Where secrets come from is said only where one of them is at fault."""
    text = explain(error) if isinstance(error, ValidationError) else str(error)
    hint = _HINT if isinstance(error, ValidationError) and _OF_SECRETS.search(text) else ""
    return SettingsError(f"[erp] cannot be used:\n{text}{hint}")
