"""How well the readers read: every file of a corpus against the truth beside it (`NAME.truth.json`).

Decimals are compared as decimals, text with its white space folded. A truth of `null` means 'absent' for
XML and 'not known' for page text and pictures, where it is not scored.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tools.domain.documents import Reading, ReadingState, SourceDocument
from tools.intake.json_view import extraction
from tools.intake.workers import ReadingPool, read_files

HEADER = (
    "supplier_name supplier_vat_id buyer_name invoice_number issue_date due_date currency net_total "
    "tax_total gross_total order_reference iban is_credit_note"
).split()
LINE = "line_id description quantity unit unit_price net_amount tax_rate order_line_ref".split()
TOTALS = ("net_total", "tax_total", "gross_total")
_DECIMALS = frozenset((*TOTALS, "quantity", "unit_price", "net_amount", "tax_rate"))
_STRUCTURED = frozenset(
    {"cii", "ubl-invoice", "ubl-creditnote", "zugferd1-xml", "zugferd1-pdf", "facturx-pdf"}
)
_SUFFIX = ".truth.json"


@dataclass
class Tally:
    """How many of `n` were right."""

    right: int = 0
    n: int = 0

    def add(self, is_right: bool) -> None:
        self.right += is_right
        self.n += 1

    @property
    def share(self) -> float | None:
        return self.right / self.n if self.n else None


@dataclass
class Miss:
    """One value that was read differently from the truth."""

    file: str
    field: str
    expected: Any
    found: Any


@dataclass
class Report:
    """Tallies per format; the field `file` counts documents of the right kind and number."""

    fields: dict[str, dict[str, Tally]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Tally))
    )
    header_right: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    lines_right: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    silent_wrong_totals: list[str] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)
    problems: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def as_json(self) -> dict[str, Any]:
        """Plain values for a baseline file."""
        return {
            "fields": {form: _shares(tallies) for form, tallies in self.fields.items()},
            "header_right": _shares(self.header_right),
            "lines_right": _shares(self.lines_right),
            "structured": {
                "header_right": _summed(self.header_right).share,
                "lines_right": _summed(self.lines_right).share,
            },
            "silent_wrong_totals": self.silent_wrong_totals,
            "misses": [vars(miss) for miss in self.misses],
            "problems": dict(self.problems),
        }


class CorpusError(Exception):
    """There is nothing to measure, or a file of the corpus cannot be used; the text says which."""


def score(folder: Path) -> Report:
    """Reads every document below `folder` that has a truth file and compares the two. Raises CorpusError."""
    report = Report()
    truths = {path: _truth(path) for path in sorted(folder.rglob(f"*{_SUFFIX}"))}
    files = {_document_of(path, truth): truth for path, truth in truths.items()}
    missing = [str(path) for path in files if not path.is_file()]
    if missing or not files:
        raise CorpusError(f"{folder} holds no {', '.join(missing) or f'documents with NAME{_SUFFIX}'}")
    found = asyncio.run(_read(list(files)))
    for path, truth in files.items():
        _compare_file(report, path.relative_to(folder).as_posix(), truth, found[str(path)])
    return report


async def _read(files: Sequence[Path]) -> dict[str, list[tuple[SourceDocument, Reading]]]:
    found: dict[str, list[tuple[SourceDocument, Reading]]] = defaultdict(list)
    async with ReadingPool() as pool:
        async for document, reading in read_files(files, pool):
            found[document.path.partition("!")[0]].append((document, reading))
    return found


def _truth(path: Path) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        loaded["_source"]["file"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{path} is no truth file: {error!r}") from None
    return loaded


def _document_of(path: Path, truth: Mapping[str, Any]) -> Path:
    return path.with_name(truth["_source"]["file"])


def _compare_file(
    report: Report, name: str, truth: Mapping[str, Any], pairs: Sequence[tuple[SourceDocument, Reading]]
) -> None:
    form = truth["_source"]["format"]
    invoices = [reading for _, reading in pairs if reading.state is ReadingState.INVOICE]
    for _, reading in pairs:
        for problem in reading.problems:
            report.problems[problem.code] += 1
    if form in ("email", "email-noise"):
        _compare_mail(report, name, form, truth["expected_invoices"], invoices)
    elif truth["document_type"] in ("invoice", "credit_note"):
        report.fields[form]["file"].add(len(invoices) == 1)
        if len(invoices) == 1:
            _compare_invoice(report, name, form, truth, invoices[0])
        elif form in _STRUCTURED:
            report.header_right[form].add(False)
    else:
        report.fields[form]["file"].add(not invoices)
        if invoices:
            report.misses.append(Miss(name, "file", truth["document_type"], "invoice"))


def _compare_mail(
    report: Report, name: str, form: str, expected: Sequence[Mapping[str, Any]], invoices: Sequence[Reading]
) -> None:
    is_right = len(expected) == len(invoices)
    report.fields[form]["file"].add(is_right)
    if not is_right:
        report.misses.append(Miss(name, "file", len(expected), len(invoices)))
    for truth in expected:
        match = next((each for each in invoices if _number(each) == truth["invoice_number"]), None)
        if match is None and len(expected) == len(invoices) == 1:
            match = invoices[0]
        if match is None:
            report.header_right[form].add(False)
        else:
            _compare_invoice(report, name, form, truth, match)


def _number(reading: Reading) -> str | None:
    return None if reading.invoice is None else reading.invoice.number


def _compare_invoice(
    report: Report, name: str, form: str, truth: Mapping[str, Any], reading: Reading
) -> None:
    view = extraction(reading, name)["invoice"]
    strict = form in _STRUCTURED
    wrong = list(_wrong_fields(report, form, truth, view, strict))
    for key in wrong:
        report.misses.append(Miss(name, key, truth.get(key), view[key]))
    report.header_right[form].add(not wrong)
    if any(key in TOTALS for key in wrong) and not reading.problems:
        report.silent_wrong_totals.append(name)
    if truth.get("lines") is not None:
        report.lines_right[form].add(_lines_right(report, name, form, truth["lines"], view["lines"], strict))


def _wrong_fields(
    report: Report, form: str, truth: Mapping[str, Any], view: Mapping[str, Any], strict: bool
) -> Iterator[str]:
    for key in HEADER:
        if key not in truth or (truth[key] is None and not strict):
            continue
        is_right = equal(key, truth[key], view[key])
        report.fields[form][key].add(is_right)
        if not is_right:
            yield key


def _lines_right(
    report: Report,
    name: str,
    form: str,
    expected: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]],
    strict: bool,
) -> bool:
    if len(expected) != len(found):
        report.misses.append(Miss(name, "lines", len(expected), len(found)))
        report.fields[form]["lines"].add(False)
        return False
    wrong = 0
    for index, (truth, line) in enumerate(zip(expected, found, strict=True)):
        for key in LINE:
            if key in truth and (truth[key] is not None or strict):
                is_right = equal(key, truth[key], line[key])
                report.fields[form][f"lines.{key}"].add(is_right)
                wrong += not is_right
                if not is_right:
                    report.misses.append(Miss(name, f"lines[{index}].{key}", truth[key], line[key]))
    return wrong == 0


def equal(key: str, expected: Any, found: Any) -> bool:
    """Whether what was found is the truth."""
    if expected is None or found is None:
        return expected is found
    if key in _DECIMALS:
        try:
            return Decimal(str(expected)) == Decimal(str(found))
        except InvalidOperation:
            return False
    if isinstance(expected, str):
        return " ".join(expected.split()) == " ".join(str(found).split())
    return bool(expected == found)


def _shares(tallies: Mapping[str, Tally]) -> dict[str, dict[str, float | int | None]]:
    return {name: {"share": tally.share, "n": tally.n} for name, tally in tallies.items()}


def _summed(tallies: Mapping[str, Tally]) -> Tally:
    known = [tally for form, tally in tallies.items() if form in _STRUCTURED]
    return Tally(sum(tally.right for tally in known), sum(tally.n for tally in known))


def print_report(report: Report, console: Console | None = None, misses: int = 40) -> None:
    """The report as tables; at most `misses` single differences."""
    console = console or Console()
    console.print(_field_table(report))
    console.print(_file_table(report))
    if report.silent_wrong_totals:
        console.print(f"[red]wrong totals without a problem: {', '.join(report.silent_wrong_totals)}")
    else:
        console.print("wrong totals without a problem: none")
    for miss in report.misses[:misses]:
        console.print(
            f"{miss.file}: {miss.field}: expected {miss.expected!r}, found {miss.found!r}", markup=False
        )


def _field_table(report: Report) -> Table:
    """Formats that hold invoices, beside each other; `n` of a field may be smaller than the files."""
    forms = sorted(report.header_right)
    table = Table(title="percent right by field (n)")
    table.add_column("field", no_wrap=True)
    for form in forms:
        table.add_column(form.replace("-", "\n"), justify="right")
    for key in ("file", *HEADER, "lines", *(f"lines.{name}" for name in LINE)):
        cells = [_short(report.fields[form].get(key)) for form in forms]
        if any(cells):
            table.add_row(key, *cells)
    return table


def _file_table(report: Report) -> Table:
    table = Table("format", "whole header right", "all lines right", "taken for what it is", title="files")
    for form in sorted(report.fields):
        table.add_row(
            form,
            _cell(report.header_right.get(form)),
            _cell(report.lines_right.get(form)),
            _cell(report.fields[form].get("file")),
        )
    table.add_row("structured", _cell(_summed(report.header_right)), _cell(_summed(report.lines_right)), "")
    return table


def _short(tally: Tally | None) -> str:
    if tally is None or tally.share is None:
        return ""
    return f"{100 * tally.share:.1f} ({tally.n})".replace(".0 ", " ")


def _cell(tally: Tally | None) -> str:
    if tally is None or tally.share is None:
        return ""
    return f"{100 * tally.share:.1f} % ({tally.n})"
