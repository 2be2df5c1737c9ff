"""`erp-agent`: the command line. Importing the command modules registers their commands."""

from __future__ import annotations

from agent.commands import (
    accounts,
    cases,
    chat,
    coding,
    connect,
    models,
    office,
    suggestions,
    suppliers,
    watch,
    work,
)
from agent.commands.common import app
from agent.garbage import collect_seldom

__all__ = [
    "accounts",
    "app",
    "cases",
    "chat",
    "coding",
    "connect",
    "main",
    "models",
    "office",
    "suggestions",
    "suppliers",
    "watch",
    "work",
]


def main() -> None:
    """Entry point of `erp-agent`."""
    collect_seldom()
    app()


if __name__ == "__main__":
    main()
