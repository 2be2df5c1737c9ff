"""`erp-eval from-case`: a real case of an installation as a case of the suite, with other names and numbers.

The case is played once before it is handed over: an original name that is left in it, or findings that differ
from the original's, are told. What needs the author's judgement says so (`UNDECIDED`), and `lint` refuses it.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from agent.settings import Settings
from agent.state import WAITING
from evals.suite.anonymise import Disguise, leftovers
from evals.suite.anonymous_xml import rewritten
from evals.suite.case import CASES, CaseBroken, read_case
from evals.suite.case_script import changes_of, people_of, steps_of
from evals.suite.case_world import WorldMaker
from evals.suite.disguised_records import (
    Scaled,
    disguised_invoice,
    disguised_order,
    disguised_policy,
    rounding,
    scaler,
)
from evals.suite.installation import RealCase, real_case
from evals.suite.invoice_ubl import invoice_ubl
from evals.suite.outcome import Outcome
from evals.suite.play import Player, play
from evals.suite.scaffold import UNDECIDED, free_folder
from tools.domain.documents import DocumentFormat, Invoice
from tools.domain.findings import DiscrepancyKind
from tools.domain.identifiers import compact
from tools.domain.record import Record
from tools.erp.contract import Capability
from tools.intake.limits import Limits, Refusal
from tools.intake.xml_safe import parse_xml

_XML = (DocumentFormat.UBL, DocumentFormat.CII, DocumentFormat.ZUGFERD_1)
_MOST_SCALED = 6
"""Digits of a factor: amounts stay such as books can hold."""
_READ_NOTES = DiscrepancyKind.TEXT_GIVES_ORDERS.value


class MadeCase(Record):
    """What came of it."""

    folder: Path
    left: tuple[str, ...]
    """Originals that still stand in it; the folder was taken away again."""
    lacking: tuple[str, ...]
    """Findings of the original that the new case does not show."""
    beyond: tuple[str, ...]
    """Findings it shows that the original did not."""
    differs: tuple[str, ...]
    """Changes of the books that the play did not bring, or brought beside: `missing: …`, `too much: …`."""
    doubts: tuple[str, ...]

    @property
    def same(self) -> bool:
        return not (self.left or self.lacking or self.beyond or self.differs)


def make_case(
    settings: Settings,
    case_id: str,
    name: str,
    *,
    key: bytes,
    capabilities: frozenset[Capability],
    scale: Decimal = Decimal(1),
    root: Path = CASES,
) -> MadeCase:
    """Writes the case `name` below `root` and plays it. `key` is secret and used once. Raises CaseBroken."""
    folder = free_folder(name, root)
    if not scale.is_finite() or scale <= 0:
        raise CaseBroken("--scale takes a factor above zero")
    if not -_MOST_SCALED <= scale.adjusted() <= _MOST_SCALED:
        raise CaseBroken(f"--scale takes a factor of at most {_MOST_SCALED} digits before or after its point")
    case, disguise = real_case(settings, case_id), Disguise(key)
    writer = _Writer(case, disguise, scaler(scale), capabilities)
    whole = False
    try:
        doubts = writer.write(folder)
        left = leftovers(folder, disguise.originals, writer.kept_codes)
        whole = not left
    finally:
        if not whole:
            shutil.rmtree(folder, ignore_errors=True)
    if left:
        return MadeCase(folder=folder, left=left, lacking=(), beyond=(), differs=(), doubts=doubts)
    try:
        outcome = asyncio.run(play(read_case(folder), Player()))
    except CaseBroken as trouble:  # the author mends the world; nothing of the original is in it
        outcome = Outcome(case=name, error=f"it cannot be played yet: {trouble}")
    return _compared(folder, case, outcome, writer, doubts)


def _compared(
    folder: Path, case: RealCase, outcome: Outcome, writer: _Writer, doubts: tuple[str, ...]
) -> MadeCase:
    shown = {
        kind
        for document in outcome.documents
        if document.file == writer.file
        for kind in (*document.blocks, *document.warnings)
    }
    original = set(case.findings)
    changes, wanted = list(outcome.changes), list(writer.changes)
    missing = [f"missing: {change}" for change in wanted if change not in changes]
    more = [f"too much: {change}" for change in changes if change not in wanted]
    trouble = [outcome.error] if outcome.error else []
    return MadeCase(
        folder=folder,
        left=(),
        lacking=tuple(sorted(original - shown)),
        beyond=tuple(sorted(shown - original)),
        differs=tuple((*trouble, *missing, *more)),
        doubts=doubts,
    )


class _Writer:
    """Writes the folder of one case."""

    def __init__(
        self, case: RealCase, disguise: Disguise, scaled: Scaled, capabilities: frozenset[Capability]
    ) -> None:
        self.case, self.disguise, self.scaled = case, disguise, scaled
        self.world = WorldMaker(case, disguise, scaled, capabilities)
        self.people = people_of(case)
        self._learn()
        number = disguise.identifier(case.invoice.number or "invoice")
        self.file = "".join(s if s.isalnum() else "-" for s in number.lower()) + ".xml"
        self.changes: list[str] = []

    @property
    def kept_codes(self) -> set[str]:
        """Accounts, tax codes and the like, which name nobody and stay."""
        profile = self.case.settings.company
        fixed = {profile.currency, *profile.tax_codes.values(), *self.people.values()}
        lines = self.world.posted_lines
        used = {value for line in lines for value in (getattr(line, "account", None),) if value}
        return fixed | used | {compact(code) for code in fixed}

    def _learn(self) -> None:
        """Every name and number is known before any running text is looked at."""
        case, disguise = self.case, self.disguise
        profile = case.settings.company
        for name in (*profile.names, *(entry.name for entry in case.settings.policy.approval.everyone)):
            disguise.name(name)
        for number in (profile.company, *profile.vat_ids, case.summary.number or ""):
            disguise.identifier(number)
        for supplier in case.suppliers:
            self.world.supplier(supplier)
        for accounts in case.accounts.values():
            for account in accounts:
                disguise.identifier(account.iban)
        for order in self.world.orders:
            disguised_order(order, disguise, self.scaled, "")
        disguised_invoice(case.invoice, disguise, self.scaled)
        if case.document.sender:
            disguise.mail(case.document.sender)

    def write(self, folder: Path) -> tuple[str, ...]:
        """The doubts, for the author."""
        inbox = folder / "inbox"
        inbox.mkdir(parents=True)
        text, source = self._document()
        (inbox / self.file).write_text(text, encoding="utf-8")
        earlier = []
        for place, invoice in enumerate(self.case.earlier, 1):
            earlier.append(f"earlier-{place}.xml")
            (inbox / earlier[-1]).write_text(self._written(invoice), encoding="utf-8")
        company = self._company()
        policy = disguised_policy(
            self.case.settings.policy.model_dump(mode="json"),
            self.disguise,
            self.scaled,
            self.people,
            self._known(),
        )
        _json(folder / "world.json", self.world.overlay(company, policy))
        doubts = self.world.doubts
        self.changes = changes_of(self.case, self.disguise, self.scaled, doubts)
        steps = steps_of(self.case, self.file, self.disguise, self.people, earlier)
        if earlier:
            doubts.append("where the earlier documents stand at the end was not looked up")
        told = tuple(dict.fromkeys(doubts))
        (folder / "case.toml").write_text(self._story(steps, source, told), encoding="utf-8")
        _json(folder / "expected.json", self._expected(earlier))
        return told

    def _document(self) -> tuple[str, str]:
        """The document's text and where it comes from, in words."""
        notes = _READ_NOTES in self.case.findings
        if self.case.reading.format in _XML:
            root = parse_xml(self.case.document.content, Limits())
            if not isinstance(root, Refusal):
                scaled = rounding(self.scaled, self.case.invoice.currency)
                text = rewritten(root, self.disguise, scaled, notes=notes)
                return text, "a document from life, rewritten with other names and numbers"
        form = self.case.reading.format.value.replace("_", " ")
        return self._written(self.case.invoice, notes), f"a {form} from life, written as UBL as it was read"

    def _written(self, invoice: Invoice, notes: bool = False) -> str:
        return invoice_ubl(disguised_invoice(invoice, self.disguise, self.scaled, notes=notes))

    def _known(self) -> set[str]:
        ids = {str(one.supplier_id) for one in self.case.suppliers}
        items = {line.item_number for order in self.world.orders for line in order.lines if line.item_number}
        return ids | items | {self.case.settings.company.company}

    def _company(self) -> dict[str, Any]:
        known = self._known()
        plain = self.case.settings.company.model_dump(mode="json", exclude_none=True)
        number = self.disguise.identifier
        plain |= {
            "company": number(plain["company"]),
            "names": [self.disguise.name(name) for name in plain["names"]],
            "vat_ids": [number(vat_id) for vat_id in plain["vat_ids"]],
            "reverse_charge_suppliers": [number(e) for e in plain["reverse_charge_suppliers"] if e in known],
            "withholding": {number(k): v for k, v in plain["withholding"].items() if k in known},
            "conversions": {number(k): v for k, v in plain["conversions"].items() if k in known},
        }
        return plain

    def _story(self, steps: Sequence[Mapping[str, Any]], source: str, doubts: Sequence[str]) -> str:
        head = {
            "title": UNDECIDED,
            "why": f"{UNDECIDED}: the rule or the accident it stands for",
            "tier": "rules",
            "tags": [UNDECIDED, "from_life"],
            "source": source,
        }
        lines = [f"# {UNDECIDED}: {doubt}" for doubt in doubts]
        lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
        lines.append(f"today = {self.case.today}")
        for step in steps:
            lines += ["", "[[step]]"]
            for name, value in step.items():
                lines.append(f"{name} = {_toml(value)}")
        return "\n".join(lines) + "\n"

    def _expected(self, earlier: Sequence[str]) -> dict[str, Any]:
        stages: dict[str, Any] = {self.file: self.case.summary.stage}
        stages |= {name: sorted(WAITING) for name in earlier}
        kinds = list(self.case.findings)
        return {
            "findings": {self.file: {"must": kinds}}
            | {name: {"may": list(DiscrepancyKind)} for name in earlier},
            "ends": [
                {
                    "why": f"{UNDECIDED}: this is what people did; say whether it was right",
                    "stages": stages,
                    "changes": self.changes,
                }
            ],
        }


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {json.dumps(text)}" for name, text in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
