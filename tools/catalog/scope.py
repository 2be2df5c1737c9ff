"""What one conversation knows and may see: ids that the facts or the tools named, who asks, about whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tools.catalog.result import ToolResult
from tools.catalog.spec import Ref
from tools.domain.identifiers import CaseId, PersonId, SupplierId
from tools.domain.record import Record
from tools.matching.model_ways import parts
from tools.matching.ways_out import Effect

Ids = Mapping[Ref, tuple[str, ...]]


class Choice(Record):
    """One option of the case's question, as a model may refer to it."""

    id: str
    label: str = ""
    effect: Effect = Effect.REMATCH
    """Options that are no row of the decision table, such as `recheck`, match again."""

    @classmethod
    def of(cls, option: str, label: str = "") -> Choice:
        """The choice behind the id of an option."""
        found = parts(option)
        return cls(id=option, label=label, effect=found[0].effect if found else Effect.REMATCH)


@dataclass(frozen=True)
class Scope:
    """Empty at first: nothing can be asked about. It grows by what tools return (`after`) and by what the
    person names (`Toolbox.hear`); a document's text adds nothing to it."""

    person: PersonId | None = None
    """Who asks; None for the program's own investigation of one case."""
    case_id: CaseId | None = None
    """The case it is about: the only one for which something may be suggested."""
    ids: Ids = field(default_factory=dict)
    spoken: Ids = field(default_factory=dict)
    """Ids in the person's last words: the evidence for optional arguments."""
    choices: tuple[Choice, ...] = ()
    entries: Mapping[str, tuple[str, ...]] | None = None
    """Tool that suggests an entry in the ERP -> the order lines or postings that it may be about now; None:
    nobody worked it out, and every known one may be named."""
    is_credit_note: bool = False
    findings: str = ""
    """Digest of the match that `choices` belong to."""
    only_supplier: SupplierId | None = None
    """An inquiry by this supplier: nothing about anybody else is told."""
    words: str = ""
    """The person's last words as they were heard; only they may go to other servers."""
    model: str = ""
    prompt: str = ""

    def known(self, ref: Ref) -> tuple[str, ...]:
        """Ids of a kind, those in the person's words first."""
        if ref is Ref.RESOLUTION:
            return tuple(choice.id for choice in self.choices)
        of_case = self.ids.get(Ref.FINDING, ()) if ref is Ref.RULE else ()
        return tuple(dict.fromkeys((*self.spoken.get(ref, ()), *self.ids.get(ref, ()), *of_case)))

    def knows(self, ref: Ref, value: str) -> bool:
        return value in self.known(ref)

    def plus(self, ids: Ids) -> Scope:
        """With more ids known."""
        return replace(self, ids=merged(self.ids, ids))

    def after(self, result: ToolResult) -> Scope:
        """With what a tool returned."""
        return self.plus(result.ids)

    def heard(self, ids: Ids) -> Scope:
        """With the ids in the person's last words; earlier ones stay known."""
        return replace(self, ids=merged(self.ids, ids), spoken=ids)

    def choice(self, option: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.id == option), None)

    def may_be_about(self, supplier: str | None) -> bool:
        """Whether something of this supplier may be told here."""
        return self.only_supplier is None or supplier == self.only_supplier


def merged(*several: Ids) -> dict[Ref, tuple[str, ...]]:
    """All ids of each kind, each once, in the order they came."""
    found: dict[Ref, dict[str, None]] = {}
    for ids in several:
        for ref, values in ids.items():
            found.setdefault(ref, {}).update(dict.fromkeys(values))
    return {ref: tuple(values) for ref, values in found.items()}


def ids(**several: Iterable[str | None]) -> dict[Ref, tuple[str, ...]]:
    """`ids(order=["PO-77"])`; what is None or empty is left out."""
    return {
        Ref(name): tuple(dict.fromkeys(value for value in values if value))
        for name, values in several.items()
    }
