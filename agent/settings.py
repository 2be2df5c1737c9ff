"""Settings: `erp-agent.toml`, overridden by environment variables and secret files.

The only file that reads the environment. `ERP_AGENT_ERP__CLIENT_SECRET` overrides `[erp] client_secret`;
a file of that name in the folder `ERP_AGENT_SECRETS` (Docker or Kubernetes secrets) does the same. Secrets
do not belong in the TOML file; it may name their place in the system's keyring (`settings_keyring`).
"""

from __future__ import annotations

import json
import os
import pwd
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import (
    SettingsError as UnreadableVariable,
)

from agent.llm.settings import LlmSettings
from agent.settings_faults import explain
from agent.settings_keyring import resolved
from agent.triggers.settings import EventSettings
from tools.domain.authority import ApprovalPolicy
from tools.domain.coding import CodingPolicy
from tools.domain.company import CompanyProfile
from tools.domain.fraud_policy import FraudPolicy
from tools.domain.identifiers import PersonId
from tools.domain.policy import MatchChoice, MatchPolicy
from tools.matching.preset_files import expanded

_PREFIX = "ERP_AGENT_"
DEFAULT_FILE = Path("erp-agent.toml")


class SettingsError(Exception):
    """The settings cannot be used; the text names every fault at once and where to mend it."""


class NoSettingsFile(SettingsError):
    """There is none at `path`."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"there is no settings file {path}; copy erp-agent.example.toml and name it with --config"
        )
        self.path = path


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
    beyond_daily_limit: bool = False
    """Begin also what needs more calls than the ERP's vendor still allows today."""


class PolicySettings(_Section):
    match: MatchPolicy = MatchPolicy()
    match_for: tuple[MatchChoice, ...] = ()
    """Other policies for some suppliers, items or services; the most specific that fits holds."""
    approval: ApprovalPolicy = ApprovalPolicy()
    fraud: FraudPolicy = FraudPolicy()

    @model_validator(mode="before")
    @classmethod
    def _with_presets(cls, tables: Any) -> Any:
        return expanded(tables) if isinstance(tables, dict) else tables


def _with_kind(erp: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(erp.get("kind"), str):
        raise ValueError("`kind` is missing: it names the connector's folder")
    return erp


class _Environment(EnvSettingsSource):
    """Values are text, except where a whole section is given as JSON: a password of digits stays what it
    is, and no amount becomes a binary float."""

    def decode_complex_value(self, field_name: str, field: FieldInfo | None, value: Any) -> Any:
        return value if field is None else json.loads(value, parse_float=Decimal)


class Settings(BaseSettings):
    """Everything a run needs. `erp.kind` names the connector's folder; the other keys of `[erp]` are the
    connector's own settings (see the README in its folder)."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    company: CompanyProfile
    erp: Annotated[dict[str, Any], AfterValidator(_with_kind)] = Field(repr=False)
    data: DataSettings = DataSettings()
    batch: BatchSettings = BatchSettings()
    policy: PolicySettings = PolicySettings()
    coding: CodingPolicy = CodingPolicy()
    llm: LlmSettings = LlmSettings()
    events: EventSettings = EventSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        files = InitSettingsSource(settings_cls, _secret_files())
        return _Environment(settings_cls), files, init_settings


def _secret_files() -> dict[str, Any]:
    """Files named like the variables (`ERP__CLIENT_SECRET`, any case) in the secrets folder, without the
    blanks and line ends around their text. Raises SettingsError for what cannot be read."""
    folder = os.environ.get(f"{_PREFIX}SECRETS")
    values: dict[str, Any] = {}
    try:
        paths = sorted(Path(folder).iterdir()) if folder else []
        for path in paths:
            if path.is_file() and not path.name.startswith("."):
                _put(values, path.name, path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        told = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"the secrets in {folder} cannot be read: {told}") from None
    return values


def _put(values: dict[str, Any], name: str, value: str) -> None:
    *sections, last = name.lower().removeprefix(_PREFIX.lower()).split("__")
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise SettingsError(f"secret file {name}: there is a file for the whole of {section} too")
    values[last] = value


def _unknown_variables() -> list[str]:
    known = {*Settings.model_fields, "config", "secrets"}
    names = (name for name in os.environ if name.upper().startswith(_PREFIX))
    return sorted(name for name in names if name[len(_PREFIX) :].lower().split("__")[0] not in known)


def load(path: Path | None = None) -> Settings:
    """Read `path`, or the file named by `ERP_AGENT_CONFIG`, or `erp-agent.toml` here.

    Raises NoSettingsFile, and SettingsError naming every missing or wrong value at once.
    """
    chosen = path or Path(os.environ.get(f"{_PREFIX}CONFIG", DEFAULT_FILE))
    try:
        values = tomllib.loads(chosen.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        raise NoSettingsFile(chosen) from None
    except OSError as error:
        raise SettingsError(f"{chosen} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{chosen} is not valid TOML: {error}") from None
    values, faults = resolved(values)
    faults += [f"  {name}: there is no such setting" for name in _unknown_variables()]
    try:
        settings = Settings(**values)
    except ValidationError as error:
        faults.append(explain(error, Settings))
    except UnreadableVariable as error:
        faults.append(f"  {error}")
    if faults:
        raise SettingsError("\n".join((f"{chosen} and the environment cannot be used:", *faults)))
    return settings


def has_login(person: PersonId) -> bool:
    """Whether somebody can log in to this machine under that name."""
    try:
        pwd.getpwnam(person)
    except KeyError:
        return False
    return True


def let_threads_sleep() -> None:
    """For llama.cpp, before it is loaded: its threads sleep where they wait for each other. Spinning they
    make the model 3 to 20 times slower as soon as anything else runs. A policy set already stays."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def login() -> PersonId:
    """The person at the keyboard, from the operating system's login; variables such as USER do not count.

    Raises SettingsError for a user without a name, as in a container with a made-up user id.
    """
    try:
        return PersonId(pwd.getpwuid(os.getuid()).pw_name)
    except KeyError:
        raise SettingsError(f"user id {os.getuid()} has no login name on this machine") from None
