"""What may be said to the servers of others: the person's own words and ids that our records gave.

Everything else in a text that a model sends would be of its own making, or of whoever wrote what it read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tools.catalog.scope import Scope
from tools.catalog.spec import Ref, ToolSpec
from tools.untrusted_text import tidied

_MOST_WORDS = 2000
_RECORDS = (Ref.ORDER, Ref.ORDER_LINE, Ref.RECEIPT, Ref.SUPPLIER, Ref.POSTING, Ref.ACCOUNT)
_BLANKS = re.compile(r"\s+")


def unsaid(tool: ToolSpec, arguments: Mapping[str, Any], scope: Scope) -> str | None:
    """Why the arguments may not go to the tool's server; None when they may. A choice among the words that
    the tool itself lists is no text, nor is a number."""
    known: Mapping[str, Any] = (tool.arguments or {}).get("properties", {})
    ids = {value for ref in _RECORDS for value in scope.known(ref)}
    words = _plain(tidied(scope.words, _MOST_WORDS))
    for name, value in arguments.items():
        part = known.get(name, {})
        if part.get("type", "string") != "string" or value in part.get("enum", ()) or value in ids:
            continue
        if not _stands_in(_plain(str(value)), words):
            return f"{name[:40]} is neither a word of the person nor an id of a record"
    return None


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", text).strip().casefold()


def _stands_in(said: str, words: str) -> bool:
    """Whole words, one after another."""
    return bool(said) and re.search(rf"(?<!\w){re.escape(said)}(?!\w)", words) is not None
