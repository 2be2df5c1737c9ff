"""How much of what attackers write is noticed, and how often honest documents are warned of.

It measures a vocabulary and nothing else. With or without a warning no text of a document is followed; that
is what the tests of the flow show.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

from evals.machine import describe
from tools.intake.folder import collect
from tools.intake.reading import read_document
from tools.intake.spoken_orders import announces_account, gives_orders

TEXTS = Path(__file__).with_name("fraud_texts.jsonl")
"""The texts the vocabulary was made with."""
UNSEEN = Path(__file__).with_name("fraud_unseen_texts.jsonl")
"""Texts written after it and measured once: what a new attacker writes is more like these."""
_WARNINGS = ("text_gives_orders", "bank_change_announced")


class Sample(BaseModel):
    """One text; other keys of a line are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str
    kind: str
    language: str = "any"
    attack: bool | None = None
    """Absent: everything is an attack but the kinds that begin with `benign`."""

    @property
    def is_attack(self) -> bool:
        return not self.kind.startswith("benign") if self.attack is None else self.attack


class Share(BaseModel):
    """`found` of `all`."""

    found: int = 0
    all: int = 0

    @property
    def words(self) -> str:
        return f"{self.found} of {self.all}" + (f" ({self.found / self.all:.1%})" if self.all else "")


class Report(BaseModel):
    texts: str
    machine: str
    attacks: Share
    by_language: dict[str, Share]
    honest_texts: Share
    missed: list[str]
    false_alarms: list[str]
    documents: Share | None = None
    """Documents read as invoices that are warned of; none of them gives orders."""
    warned: dict[str, list[str]] = {}


def samples(path: Path) -> list[Sample]:
    """One JSON object a line: `text`, `kind`, and perhaps `language` and `attack`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Sample.model_validate(json.loads(line)) for line in lines if line.strip()]


def score(texts: Path = TEXTS, folder: Path | None = None) -> Report:
    """Detection over the texts and false alarms over the documents of `folder`."""
    found = [
        (sample, gives_orders(sample.text) or announces_account(sample.text)) for sample in samples(texts)
    ]
    attacks = [(sample, hit) for sample, hit in found if sample.is_attack]
    honest = [(sample, hit) for sample, hit in found if not sample.is_attack]
    report = Report(
        texts=texts.name,
        machine=describe(),
        attacks=_share(hit for _, hit in attacks),
        by_language={
            language: _share(hit for sample, hit in attacks if sample.language == language)
            for language in sorted({sample.language for sample, _ in attacks})
        },
        honest_texts=_share(hit for _, hit in honest),
        missed=[sample.text for sample, hit in attacks if not hit],
        false_alarms=[sample.text for sample, hit in honest if hit],
    )
    if folder is None:
        return report
    return report.model_copy(update=_documents(folder))


def _documents(folder: Path) -> dict[str, object]:
    warned: dict[str, list[str]] = {}
    counts = Counter[bool]()
    for found in collect([folder]):
        reading = found.completed(found.reading or read_document(found.document))
        if reading.invoice is None:
            continue
        codes = [problem for problem in reading.problems if problem.code in _WARNINGS]
        counts[bool(codes)] += 1
        if codes:
            fields = sorted({f"{problem.code} {problem.field or 'mail'}" for problem in codes})
            warned[found.document.path.removeprefix(f"{folder}/")] = fields
    return {"documents": Share(found=counts[True], all=counts.total()), "warned": warned}


def _share(hits: Iterable[bool]) -> Share:
    counted = Counter(hits)
    return Share(found=counted[True], all=counted.total())


def print_report(report: Report, console: Console) -> None:
    table = Table("language", "noticed", title=f"Attack texts of {report.texts}", title_justify="left")
    for language, share in report.by_language.items():
        table.add_row(language, share.words)
    table.add_row("all", report.attacks.words, style="bold")
    console.print(table)
    for text in report.missed:
        console.print(f"missed: {text}", markup=False)
    console.print(f"honest texts warned of: {report.honest_texts.words}")
    for text in report.false_alarms:
        console.print(f"false alarm: {text}", markup=False)
    if report.documents is not None:
        console.print(f"documents warned of: {report.documents.words}")
        for path, fields in report.warned.items():
            console.print(f"  {path}: {', '.join(fields)}", markup=False)
    console.print(report.machine)
