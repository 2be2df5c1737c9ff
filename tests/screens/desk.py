"""A clerk's desk for tests of the command line: settings, a small ERP world, an inbox."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from agent.cli import app
from agent.commands.common import Terminal
from agent.settings import login
from tests.graph.papers import COMPANY, a_document, a_world

TODAY = datetime.now(UTC).date()
WIDE = 240
"""Columns of the clerk's terminal: no sentence of a test is broken over two lines."""


def toml(value: Any) -> str:
    """A value as TOML writes it; tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@dataclass
class Desk:
    folder: Path

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def config(self) -> Path:
        return self.folder / "erp-agent.toml"

    @property
    def database(self) -> Path:
        return self.folder / "data" / "erp-agent.sqlite"

    def configure(self, limit: str = "100000", person: str | None = None, **erp: Any) -> None:
        """Write settings whose only approver is the person at the keyboard, unless another is named."""
        approver = {
            "person": person or login(),
            "name": "The clerk",
            "limit": {"amount": limit, "currency": "EUR"},
        }
        # One person does everything at this desk.
        segregation = {"verified": "false", "answers": "allowed"}
        sections: dict[str, Any] = {
            "company": {"company": COMPANY, "names": ["Werk GmbH"], "tax_codes": {"S:19": "S19"}},
            "erp": erp or {"kind": "sandbox", "world": str(self.folder / "world.json")},
            "data": {"folder": str(self.folder / "data")},
            "policy": {
                "approval": {"approvers": [approver], "segregation": segregation},
                "fraud": {"first_invoice": "without_order", "weekend_days": []},
            },
        }
        lines = [f"{key} = {toml(value)}" for key, value in sections.items()]
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def write_world(self, **changes: Any) -> None:
        world = {**a_world(), "posting_window": {}, **changes}
        (self.folder / "world.json").write_text(json.dumps(world), encoding="utf-8")

    def load_account(self, supplier: str, account: str, *words: str) -> Result:
        """An account from master data, as on the first day."""
        file = self.folder / "load.csv"
        file.write_text(f"supplier_id,iban,how\n{supplier},{account},contract\n", encoding="utf-8")
        return self.call("suppliers", "import-accounts", file, *words)

    def call_back(self, supplier: str, account: str, *words: str, code: int = 0) -> Result:
        """The clerk asked the supplier on a number from the contract, and it is theirs."""
        said = ("--number", "+49 431 5550100", "--from", "contract", "--result", "confirmed")
        return self.call(
            "suppliers", "call-back", supplier, account, *said, "--spoken-with", "Ms Nord", *words, code=code
        )

    def lay(self, name: str, content: bytes | None = None, **values: Any) -> Path:
        """A file in the inbox: `content`, or a document of today with `values`."""
        self.inbox.mkdir(exist_ok=True)
        path = self.inbox / name
        path.write_bytes(a_document(day=TODAY, **values) if content is None else content)
        return path

    def call(self, *words: object, answer: str | None = None, code: int = 0) -> Result:
        """Run `erp-agent` with these words; fails unless it ends with `code`, and never by an exception."""
        Terminal.out, Terminal.err = Console(width=WIDE), Console(width=WIDE, stderr=True)
        result = CliRunner().invoke(app, ["--config", str(self.config), *map(str, words)], answer)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    def rows(self, *words: object, code: int = 0) -> list[dict[str, Any]]:
        """The JSON objects that `erp-agent … --json` prints."""
        text = self.call(*words, "--json", code=code).stdout
        return [json.loads(line) for line in text.splitlines()]

    def copy_to(self, folder: Path) -> Desk:
        shutil.copytree(self.folder, folder)
        desk = Desk(folder)
        desk.configure()
        return desk


def joined(lines: Sequence[str] | str) -> str:
    """Text without the line breaks, lines and blanks of a table."""
    text = lines if isinstance(lines, str) else "\n".join(lines)
    return " ".join(text.replace("│", " ").split())
