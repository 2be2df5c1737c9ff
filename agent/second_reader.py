"""Has a model read what rules left open in a document, and keeps only what the document bears out.

The model points at printed values: dates, amounts and currencies are offered to it as they stand in the text,
everything else must stand there word for word. `tools.second_reading` judges the answer; what is taken is
marked, and a person compares it with the document before anything is posted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent.llm.contract import Asker, ModelTrouble, Rendered, Task
from agent.llm.prompts import Prompts
from agent.prompt_gate import without_bank_data
from agent.state import CaseState, Deps
from tools.account_numbers import without_numbers
from tools.domain.audit import SERVICE, SecondReadingDone
from tools.domain.documents import Reading
from tools.domain.identifiers import CaseId
from tools.domain.money import NO_CURRENCY
from tools.intake.open_fields import TOTALS, open_fields
from tools.known_accounts import bank_accounts_of
from tools.matching.document_print import print_of
from tools.printed_values import PrintedValues
from tools.second_reading import Claims, SecondReading, completed
from tools.untrusted_text import marked

if TYPE_CHECKING:
    from datetime import date

    from agent.llm.desks import ModelDesks

PROMPT = "extract"
KINDS = (
    "invoice",
    "credit_note",
    "reminder",
    "statement",
    "order",
    "offer",
    "delivery_note",
    "receipt",
    "other",
)
_MOST_TOKENS, _TOKENS_OF_LINES = 220, 480
_MOST_LINES = 10
_MOST_CHOICES = 60
"""Printed values offered as a choice; a document with more has them copied as text."""
_COLUMN = re.compile(r" {2,}")
_DAYS = ("issue_date", "due_date")
_LENGTHS = {"supplier_name": 80, "buyer_name": 80}
_LENGTH = 40
_LINE = {"description": 80, "quantity": 16, "unit_price": 20, "amount": 20}


class ModelReader:
    """Implements `SecondReader` with one model."""

    def __init__(self, asker: Asker, prompts: Prompts, *, version: int | None = None) -> None:
        """`version` of the prompt; absent: the active one."""
        self._asker, self._prompts, self._version = asker, prompts, version

    async def complete(self, case: CaseState, reading: Reading, deps: Deps) -> Reading | None:
        """None when nothing was taken or no usable answer came; the log says why."""
        prompt = self.prompt(reading)
        done = SecondReadingDone(document_id=case["document_id"], model=self._asker.name, prompt=prompt.label)
        try:
            found = await self.read(reading, deps.today(), case["case_id"], prompt)
        except ModelTrouble as trouble:
            deps.note(case, SERVICE, done.model_copy(update={"dropped": (str(trouble),)}))
            return None
        done = done.model_copy(update={"taken": found.taken, "dropped": found.dropped})
        if found.reading is None or found.reading.invoice is None:
            deps.note(case, SERVICE, done.model_copy(update={"taken": {}}))
            return None
        paper = print_of(found.reading.invoice, deps.profile.company)
        deps.archive.complete(case["case_id"], found.reading, paper, done)
        return found.reading

    async def read(
        self,
        reading: Reading,
        today: date | None,
        case_id: CaseId | None = None,
        prompt: Rendered | None = None,
    ) -> SecondReading:
        """Ask once, and hold the answer against the text. Raises ModelTrouble."""
        prompt = prompt or self.prompt(reading)
        if reading.text is None:
            return SecondReading(reading=None)
        currency = reading.invoice.currency if reading.invoice else NO_CURRENCY
        printed = PrintedValues.of(reading.text.text, currency)
        wanted = wanted_fields(reading)
        room = _MOST_TOKENS + (_TOKENS_OF_LINES if "lines" in wanted else 0)
        reply = await self._asker.choose(
            prompt, answer_schema(wanted, printed), case_id=case_id, max_tokens=room
        )
        reader = f"model {reply.model}, prompt {prompt.label}"
        return completed(reading, claims_of(reply.data), reader, today, printed)

    def prompt(self, reading: Reading) -> Rendered:
        """What the model is shown; no bank account stands in it."""
        text = reading.text.text if reading.text else ""
        left_out = reading.text.lines_left_out if reading.text else 0
        accounts = (*bank_accounts_of(reading.invoice), *(reading.text.ibans if reading.text else ()))
        # Blanks are folded where text is marked, so columns are parted by a sign.
        columns = "\n".join(_COLUMN.sub(" ; ", line.strip()) for line in text.splitlines() if line.strip())
        variables = {
            "document": marked(columns, "document", 2 * len(columns) + 1, accounts),
            "left_out": f"{left_out} lines in its middle are left out.\n" if left_out else "",
            "wanted": ", ".join(wanted_fields(reading)),
        }
        rendered = self._prompts.get(PROMPT, self._version).rendered(variables)
        return without_bank_data(rendered, accounts)


def wanted_fields(reading: Reading) -> tuple[str, ...]:
    """What is asked; what a text is comes first."""
    fields = open_fields(reading)
    return fields if reading.invoice is not None else ("kind", *fields)


def answer_schema(wanted: Sequence[str], printed: PrintedValues) -> dict[str, Any]:
    """Printed dates, amounts and currencies are enums, so that none can be made up."""
    fields = {name: _field(name, printed) for name in wanted}
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _field(name: str, printed: PrintedValues) -> dict[str, Any]:
    if name == "kind":
        return {"type": "string", "enum": list(KINDS)}
    if name == "lines":
        parts = {part: {"type": "string", "maxLength": length} for part, length in _LINE.items()}
        item = {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}
        return {"type": "array", "items": item, "maxItems": _MOST_LINES}
    offered: Sequence[str] | None = None
    if name in TOTALS:
        offered = list(printed.amounts)
    elif name in _DAYS:
        offered = list(printed.dates)
    elif name == "currency":
        offered = printed.currencies
    if offered is not None and len(offered) <= _MOST_CHOICES:
        safe = [value for value in offered if without_numbers(value) == value]
        return {"type": "string", "enum": ["", *safe]}
    return {"type": "string", "maxLength": _LENGTHS.get(name, _LENGTH)}


def claims_of(data: Mapping[str, Any]) -> Claims:
    """The answer as texts; whatever else stands in it is left out."""
    lines = data.get("lines")
    rows = [row for row in lines if isinstance(row, Mapping)] if isinstance(lines, list) else []
    kind = data.get("kind")
    return Claims(
        kind=kind if isinstance(kind, str) else "",
        values={name: value for name, value in data.items() if isinstance(value, str) and name != "kind"},
        lines=tuple(_texts(row) for row in rows[:_MOST_LINES]),
    )


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name in _LINE if isinstance(value := row.get(name), str)}


def second_reader_of(desks: ModelDesks | None) -> ModelReader | None:
    """The second reader of a process; None where the settings give the task no model."""
    asker = desks.asker(Task.EXTRACT) if desks is not None else None
    return None if asker is None else ModelReader(asker, Prompts())
