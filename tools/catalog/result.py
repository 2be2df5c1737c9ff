"""What a tool call comes to: a short text, the records it read, and at most one thing for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field

from tools.account_numbers import without_known
from tools.catalog.spec import Ref
from tools.domain.record import Record
from tools.domain.suggestion import DraftMessage, Suggestion
from tools.untrusted_text import MarkedText, marked, tidied

MOST_TOKENS = 1000
"""Of one result, by `tokens_of`."""
_MOST_REFUSAL = 300


class ToolResult(Record):
    text: str
    """For the model; what others wrote stands between marks."""
    records: tuple[str, ...] = ()
    """What was read: `order:PO-77`, `receipt:107`, `supplier:10042`, `finding:2`, `policy:price_over`."""
    ids: Mapping[Ref, tuple[str, ...]] = Field(default_factory=dict)
    """Ids that may be referred to from now on."""
    suggestion: Suggestion | None = None
    draft: DraftMessage | None = None
    question: str | None = None
    """For the clerk."""
    is_refused: bool = False
    """Nothing was done; the text says why."""
    left_out: int = 0
    """Rows that did not fit; the last row of the text says so."""
    absent: str = ""
    """What was asked for and is not there: `order:PO-404`. The text says so; it may be told, and nothing else
    of it."""

    @property
    def outcome(self) -> str:
        """As the log names it: `read`, `suggested`, `drafted`, `asked`, or why it was refused."""
        if self.is_refused:
            return self.text
        if self.suggestion is not None:
            return "suggested"
        if self.draft is not None:
            return "drafted"
        return "read" if self.question is None else "asked"

    def without(self, accounts: Iterable[str]) -> ToolResult:
        """Without these bank accounts, wherever they were repeated."""
        text = without_known(self.text, tuple(accounts))
        return self if text == self.text else self.model_copy(update={"text": text})


def tokens_of(text: str) -> int:
    """Tokens that a model counts in a text of figures, ids and words, rather too many than too few: Qwen 2.5
    takes each digit and each sign for one, and words of our languages at some four characters each."""
    letters = sum(sign.isalpha() or sign == " " for sign in text)
    return len(text) - letters + letters * 2 // 7


def refused(why: str) -> ToolResult:
    """Nothing was done, and why, in words; what a model wrote in its call is tidied on the way back."""
    return ToolResult(text=tidied(why, _MOST_REFUSAL), is_refused=True)


def absent(kind: str, value: str) -> ToolResult:
    """It was asked for where it would be, and there is none."""
    text = tidied(f"there is no {kind} {value} here", _MOST_REFUSAL)
    return ToolResult(text=text, is_refused=True, absent=f"{kind}:{value}")


class Sheet:
    """A result on its way: rows of our words, with what others wrote marked."""

    def __init__(self, *records: str, most: int = MOST_TOKENS) -> None:
        self._rows: list[str] = []
        self._records = list(records)
        self._ids: dict[Ref, dict[str, None]] = {}
        self._most = most
        self._left_out = 0
        self._size = 0

    def row(self, *parts: str) -> bool:
        """One row of parts that are not empty; False when it no longer fitted and was left out."""
        text = ", ".join(part for part in parts if part)
        size = tokens_of(text) + 1
        if self._size + size > self._most:
            self._left_out += 1
            return False
        if text:
            self._rows.append(text)
            self._size += size
        return True

    def read(self, *records: str) -> None:
        self._records += records

    def knows(self, ref: Ref, *values: str | None) -> None:
        self._ids.setdefault(ref, {}).update({value: None for value in values if value})

    def result(self) -> ToolResult:
        if self._left_out:
            self._rows.append(f"({self._left_out} more rows are left out)")
        return ToolResult(
            text="\n".join(self._rows),
            left_out=self._left_out,
            records=tuple(dict.fromkeys(self._records)),
            ids={ref: tuple(values) for ref, values in self._ids.items()},
        )


def quoted(text: str | None, accounts: Iterable[str] = (), limit: int = 60) -> MarkedText | str:
    """Text of others inside of a row of ours; nothing for nothing."""
    return marked(text, limit=limit, accounts=tuple(accounts)) if text else ""
