"""What people and others do in a case, step by step: the script in `case.toml`.

A step never waits and never chooses: what cannot be done at its moment is noted with the reason
(`Outcome.skipped`), and `judge.py` says what that means.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from tools.domain.money import Exact
from tools.domain.record import Record


class TakeIn(Record):
    """Documents arrive."""

    do: Literal["take_in"]
    files: tuple[str, ...] = ("*",)
    """Patterns of names below `inbox/`."""


class AnswerStep(Record):
    """The clerk answers a case's question. Where the option is not offered, nothing happens, and that is
    noted: see `Expected.refused`."""

    do: Literal["answer"]
    file: str
    option: str
    values: Mapping[str, str] = Field(default_factory=dict)
    remark: str = "as agreed"
    person: str = "carl"


class TakeStep(Record):
    """The clerk takes what the agent suggests, where it suggests something."""

    do: Literal["take"]
    file: str = "*"
    remark: str = "as suggested"
    values: Mapping[str, str] = Field(default_factory=dict)
    """What only a person can give, such as the number of a delivery note."""
    last: bool = False
    """The last of several suggestions: what was suggested in a conversation, after the agent's own."""


class SayStep(Record):
    """The clerk says something to the agent, about one document or about the inbox (`file` empty)."""

    do: Literal["say"]
    text: str
    file: str = ""
    supplier: str = ""
    """An inquiry of this supplier, which is told of its own documents only; empty: the clerk's own talk."""


class SayUntil(Record):
    """The clerk says the same in other words until the agent suggests something; one turn of `Expected.said`
    with all its answers."""

    do: Literal["say_until"]
    texts: tuple[str, ...] = Field(min_length=1)
    """The first, and what else is said, at most once each, while nothing was suggested."""
    file: str = ""


class LookStep(Record):
    """A person looks at what is proposed and does nothing yet; `approve` with `seen` comes back to it."""

    do: Literal["look"]
    file: str = "*"
    person: str = "vera"


class ApproveStep(Record):
    """The approver approves what is proposed."""

    do: Literal["approve"]
    file: str = "*"
    person: str = "vera"
    remark: str = "checked"
    seen: bool = False
    """What the last `look` showed is approved, whatever is proposed by now."""


class RejectStep(Record):
    """The approver closes a case."""

    do: Literal["reject"]
    file: str
    remark: str
    person: str = "vera"


class RecheckStep(Record):
    """The ERP is read again for cases that wait."""

    do: Literal["recheck"]


class RestartStep(Record):
    """The process ends and another one begins."""

    do: Literal["restart"]


class DaysPass(Record):
    do: Literal["days_pass"]
    days: int = Field(ge=1)


class ReceiveGoods(Record):
    """A receiver books goods in the ERP."""

    do: Literal["receive_goods"]
    order: str
    lines: Mapping[str, Exact]
    """Order line id -> quantity."""


class ChangeOrder(Record):
    """A buyer changes an order line in the ERP."""

    do: Literal["change_order"]
    order: str
    line: str
    price: Exact | None = None
    quantity: Exact | None = None


class BlockSupplier(Record):
    do: Literal["block_supplier"]
    supplier: str
    block: Literal["none", "payment", "all"]


class ClosePeriod(Record):
    """Nothing can be posted before `first_open` from now on."""

    do: Literal["close_period"]
    first_open: date


class FaultStep(Record):
    """The next calls of an ERP operation fail. Only in the ERP without a protocol."""

    do: Literal["fault"]
    operation: str
    kind: str
    """As in `tools/erp/sandbox/faults.py`."""
    times: int = 1
    status: int = 503


Step = Annotated[
    TakeIn
    | AnswerStep
    | TakeStep
    | SayStep
    | SayUntil
    | LookStep
    | ApproveStep
    | RejectStep
    | RecheckStep
    | RestartStep
    | DaysPass
    | ReceiveGoods
    | ChangeOrder
    | BlockSupplier
    | ClosePeriod
    | FaultStep,
    Field(discriminator="do"),
]
TRUSTING: tuple[Step, ...] = (
    TakeIn(do="take_in"),
    TakeStep(do="take"),
    ApproveStep(do="approve"),
    TakeStep(do="take"),
    ApproveStep(do="approve"),
)
"""What people do where a case says nothing: take every suggestion and approve every proposal. What the books
show then is the agent's own work."""
