"""Settings: `erp-agent.toml`, overridden by environment variables and secret files.

The only file that reads the environment. `ERP_AGENT_ERP__CLIENT_SECRET` overrides `[erp] client_secret`;
a file of that name in the folder `ERP_AGENT_SECRETS` (Docker or Kubernetes secrets) does the same. Secrets
do not belong in the TOML file.
"""

from __future__ import annotations

import os
import pwd
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from tools.domain.identifiers import PersonId
from tools.domain.policy import ApprovalPolicy, CompanyProfile, MatchPolicy

DEFAULT_FILE = Path("erp-agent.toml")


class SettingsError(Exception):
    """The settings cannot be used; the text names every fault at once and where to mend it."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataSettings(_Section):
    folder: Path = Path("var")
    """Database, checkpoints and supplier index."""


class BatchSettings(_Section):
    cases_at_once: int = Field(default=500, ge=1)
    """Cases under way together: many, so that their reads of the ERP travel together."""
    reading_processes: int = Field(default=2, ge=1)
    seconds_per_document: int = Field(default=60, ge=1)
    max_file_mb: int = Field(default=25, ge=1)


class PolicySettings(_Section):
    match: MatchPolicy = MatchPolicy()
    approval: ApprovalPolicy = ApprovalPolicy()


class Settings(BaseSettings):
    """Everything a run needs. `erp.kind` names the connector's folder; the other keys of `[erp]` are the
    connector's own settings (see the README in its folder)."""

    model_config = SettingsConfigDict(
        env_prefix="ERP_AGENT_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    company: CompanyProfile
    erp: dict[str, Any]
    data: DataSettings = DataSettings()
    batch: BatchSettings = BatchSettings()
    policy: PolicySettings = PolicySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, _secret_files(settings_cls), init_settings


def _secret_files(settings_cls: type[BaseSettings]) -> PydanticBaseSettingsSource:
    """Files named like the variables (`ERP__CLIENT_SECRET`, any case) in the secrets folder."""
    folder = os.environ.get("ERP_AGENT_SECRETS")
    values: dict[str, Any] = {}
    for path in sorted(Path(folder).iterdir()) if folder else ():
        keys = path.name.lower().removeprefix("erp_agent_").split("__")
        if not path.is_file() or path.name.startswith("."):
            continue
        place = values
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = path.read_text().strip()
    return InitSettingsSource(settings_cls, values)


def load(path: Path | None = None) -> Settings:
    """Read `path`, or the file named by `ERP_AGENT_CONFIG`, or `erp-agent.toml` here.

    Raises SettingsError naming every missing or wrong value at once.
    """
    chosen = path or Path(os.environ.get("ERP_AGENT_CONFIG", DEFAULT_FILE))
    try:
        values = tomllib.loads(chosen.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        raise SettingsError(
            f"there is no settings file {chosen}; copy erp-agent.example.toml and name it with --config"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{chosen} is not valid TOML: {error}") from None
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(f"{chosen} cannot be used:\n{explain(error)}") from None


def explain(error: ValidationError) -> str:
    """One line for each fault, without the values: they may be secrets."""
    return "\n".join(f"  {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())


def login() -> PersonId:
    """The person at the keyboard, from the operating system's login; variables such as USER do not count."""
    return PersonId(pwd.getpwuid(os.getuid()).pw_name)
