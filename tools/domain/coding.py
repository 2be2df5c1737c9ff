"""Coding of what has no order: rules of the company, earlier codings, and a suggestion with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field, field_validator, model_validator

from tools.domain.identifiers import SupplierId
from tools.domain.money import Exact
from tools.domain.record import Record


class CodingRule(Record):
    """One rule of the company. Every condition that is set must hold; the first rule that fits counts."""

    name: str
    suppliers: frozenset[str] = frozenset()
    text: tuple[str, ...] = ()
    """Words or phrases; one of them must stand in the line's text, whatever the letter case. Words are
    whole: `fuel` is not in Refuelling. A star stands for the rest of a word: `fuel*`, `*kraftstoff*`."""
    items: frozenset[str] = frozenset()
    """The supplier's or our item numbers."""
    amount_from: Exact | None = None
    """Of the line, without tax, in the company's currency; both bounds belong to the range."""
    amount_to: Exact | None = None
    account: str
    cost_centre: str | None = None
    project: str | None = None
    tax_code: str | None = None
    """Goes before the code that category and rate would give."""
    deferral_months: int | None = Field(default=None, ge=1)
    """Months over which the cost is spread; told to the approver, who enters it in the ERP."""

    @field_validator("text")
    @classmethod
    def _names_words(cls, text: tuple[str, ...]) -> tuple[str, ...]:
        if not all(any(sign.isalnum() for sign in words) for words in text):
            raise ValueError("names no word: every entry needs a letter or a digit")
        return text

    @model_validator(mode="after")
    def _bounds_a_range(self) -> CodingRule:
        if self.amount_from is not None and self.amount_to is not None and self.amount_from > self.amount_to:
            raise ValueError(
                f"rule “{self.name}” fits nothing: amount_from {self.amount_from} is above amount_to "
                f"{self.amount_to}; exchange them"
            )
        return self


class CodingPolicy(Record):
    """`[coding]`: rules, and how sure an earlier coding must be before it is proposed."""

    rules: tuple[CodingRule, ...] = ()
    min_confidence: Exact = Field(default=Decimal("0.55"), ge=0, le=1)
    similar_suppliers: bool = False
    """Whether the codings of other suppliers with the same text may be proposed, not only shown."""
    cost_centres: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """Account -> cost centres it may be posted with; an empty list: none. Others take any."""
    capitalise_from: Exact | None = None
    """From this price of one piece, in the company's currency, an asset is asked about; absent: never."""
    capitalise_accounts: frozenset[str] = frozenset()
    """Expense accounts on which that question is asked (small equipment); empty: on all but services."""
    asset_accounts: frozenset[str] = frozenset()


class CodedLine(Record):
    """A line as it was posted or imported: what people approved before."""

    supplier_id: SupplierId
    description: str = ""
    """The line's text; empty for a document posted without lines."""
    account: str
    cost_centre: str | None = None
    tax_code: str | None = None
    posted_on: date
    document: str = ""
    """The supplier's document number or the case, for people."""


class CodingSource(StrEnum):
    """Where an account comes from, strongest first."""

    PERSON = "person"
    RULE = "rule"
    COMPANY_FREIGHT = "company_freight"
    SUPPLIER_DEFAULT = "supplier_default"
    HISTORY = "history"
    SUPPLIER_HABIT = "supplier_habit"
    """All recent documents of the supplier went to one account, whatever their text."""
    SIMILAR_SUPPLIERS = "similar_suppliers"
    COMPANY_DEFAULT = "company_default"


class Suggestion(Record):
    """An account with its reason. Only accounts of rules, defaults, people and earlier codings appear."""

    account: str
    source: CodingSource
    reason: str
    """For people: the rule's name, or the earlier documents."""
    confidence: Exact = Field(default=Decimal(1), ge=0, le=1)
    evidence: tuple[str, ...] = ()
    runner_up: str | None = None
    cost_centre: str | None = None
    project: str | None = None
    tax_code: str | None = None
    deferral_months: int | None = None
