"""Lines of journal entries as Profit sends them, and with them everything that is read."""

from __future__ import annotations

from pydantic import Field

from tools.domain.money import Exact
from tools.erp.afas.wire import GET_CONNECTORS, Day, Key, Quantity, Row, Text


class EntryLine(Row):
    """A line of a journal entry; only some customers show them."""

    connector = "ErpAgent_EntryLines"
    order = ("EnNo", "JoCo", "EnDa", "SeNo")

    administration: int = Field(alias="UnId")
    journal: Key = Field(alias="JoCo")
    entry: int = Field(alias="EnNo")
    number: int = Field(alias="SeNo")
    entry_date: Day | None = Field(alias="EnDa")
    feature: Key = Field(alias="VaAs")
    account: Key = Field(alias="AcNr")
    debit: Quantity = Field(alias="AmDe")
    credit: Quantity = Field(alias="AmCr")
    debit_foreign: Exact | None = Field(alias="AmDc")
    credit_foreign: Exact | None = Field(alias="AmCc")
    vat_code: Text = Field(alias="VaId")
    cost_centre: Text = Field("", alias="DiCo")


READ: tuple[type[Row], ...] = (*GET_CONNECTORS, EntryLine)
"""Rows of every GetConnector that is read; those of `EntryLine` only where the customer has made it."""
