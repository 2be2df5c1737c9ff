"""What a second reader adds to the rules: fields right, wrong and left empty, with and without the model.

Two kinds of documents of a corpus with truth files. *Pages*: PDFs whose text the rules do not read in full,
and hybrids read without their embedded invoice. *Letters*: the text of such pages as if it stood in a mail,
where rules alone read nothing. What the truth file leaves open is not scored.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from agent.llm.contract import ModelTrouble, Task
from agent.llm.prompts import Prompts
from agent.second_reader import ModelReader
from evals.extraction import CorpusError, equal
from evals.model_commands import asker_of
from tools.domain.documents import Invoice, Reading, ReadingState
from tools.domain.record import Record
from tools.intake.checks import checked
from tools.intake.json_view import extraction
from tools.intake.limits import no_invoice
from tools.intake.open_fields import OFFERED, open_fields
from tools.intake.pdf_text import read_text_pdf
from tools.intake.readable_text import of_letter
from tools.second_reading import SecondReading

_FORMATS = ("plain-pdf", "facturx-pdf", "zugferd1-pdf")
RIGHT, WRONG, EMPTY = "right", "wrong", "empty"
_OF_ONE_SOURCE = 3
_FINE = (RIGHT, WRONG, EMPTY)


@dataclass(frozen=True)
class Paper:
    """One document to read."""

    name: str
    is_letter: bool
    reading: Reading
    truth: Mapping[str, Any]


class Row(Record):
    """What became of one document."""

    name: str
    is_letter: bool
    before: Mapping[str, str]
    """Field -> right, wrong or empty."""
    after: Mapping[str, str]
    taken: tuple[str, ...]
    dropped: int
    unmarked: tuple[str, ...]
    """Wrong values of the model that carry no mark."""
    lines_before: str = ""
    lines_after: str = ""
    """`right`, `wrong` or `empty`; nothing where the truth has no lines."""
    seconds: float = 0
    trouble: str = ""


def papers(folder: Path, sample: int) -> list[Paper]:
    """At most `sample`: pages that rules leave open, then letters; one of each family of documents, and a few
    of each source. The same corpus gives the same choice. Raises CorpusError."""
    pages, letters = list[Paper](), list[Paper]()
    seen: set[str] = set()
    used: Counter[tuple[Path, bool]] = Counter()
    for path, truth in _truths(folder):
        family = str(truth["_source"].get("family", path))
        if family in seen:
            continue
        reading = checked(read_text_pdf(path.read_bytes(), path.name))
        letter = of_letter(reading.text.text) if reading.text else None
        is_open = reading.invoice is not None and bool(open_fields(reading))
        used[path.parent, is_open] += 1
        if used[path.parent, is_open] > _OF_ONE_SOURCE:
            continue
        if is_open:
            pages.append(Paper(path.name, False, reading, truth))
        elif letter is not None:
            as_mail = no_invoice("text", "plain text").model_copy(update={"text": letter})
            letters.append(Paper(path.name, True, as_mail, truth))
        else:
            continue
        seen.add(family)
    if not pages and not letters:
        raise CorpusError(f"{folder} holds no PDF with NAME.truth.json that rules leave open")
    most = -(-sample * 3 // 5)
    chosen = _spread(pages, most)
    return [*chosen, *_spread(letters, sample - len(chosen))]


def _spread(found: Sequence[Paper], count: int) -> list[Paper]:
    """Evenly over the whole list."""
    if len(found) <= count:
        return list(found)
    return [found[at * len(found) // count] for at in range(count)]


def _truths(folder: Path) -> Iterable[tuple[Path, Mapping[str, Any]]]:
    for path in sorted(folder.rglob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        source = truth.get("_source", {})
        file = path.with_name(str(source.get("file", "")))
        if source.get("format") in _FORMATS and file.is_file() and truth.get("invoice_number"):
            yield file, truth


async def measure(
    chosen: Sequence[Paper], reader: ModelReader, say: Callable[[str], None], today: date | None = None
) -> list[Row]:
    """One question to the model for each document."""
    rows = []
    for paper in chosen:
        started, trouble = time.monotonic(), ""
        try:
            found = await reader.read(paper.reading, today)
        except ModelTrouble as error:
            found, trouble = SecondReading(reading=None), str(error)
        row = _row(paper, found, time.monotonic() - started, trouble)
        say(f"{row.name}: took {', '.join(row.taken) or 'nothing'}, dropped {row.dropped}, {row.seconds} s")
        rows.append(row)
    return rows


def _row(paper: Paper, found: SecondReading, seconds: float, trouble: str) -> Row:
    second = found.reading or paper.reading
    before, after = _judged(paper.reading.invoice, paper.truth), _judged(second.invoice, paper.truth)
    taken = tuple(found.taken) if found.reading is not None else ()
    marked = {problem.field for problem in second.problems}
    origins = second.invoice.origins if second.invoice else {}
    told = {name for name, origin in origins.items() if origin.read_by} & marked
    wrong = [name for name in taken if after.get(name) == WRONG]
    return Row(
        name=paper.name,
        is_letter=paper.is_letter,
        before=before,
        after=after,
        taken=taken,
        dropped=len(found.dropped),
        unmarked=tuple(name for name in wrong if name not in told),
        lines_before=_lines(paper.reading.invoice, paper.truth),
        lines_after=_lines(second.invoice, paper.truth),
        seconds=round(seconds, 1),
        trouble=trouble,
    )


def _judged(invoice: Invoice | None, truth: Mapping[str, Any]) -> dict[str, str]:
    scored = [name for name in OFFERED if truth.get(name) is not None]
    if invoice is None:
        return dict.fromkeys(scored, EMPTY)
    view = extraction(_as_reading(invoice), "")["invoice"]
    return {name: _verdict(name, truth[name], view[name]) for name in scored}


def _as_reading(invoice: Invoice) -> Reading:
    return Reading(state=ReadingState.INVOICE, invoice=invoice)


def _verdict(name: str, expected: Any, found: Any) -> str:
    if found is None:
        return EMPTY
    return RIGHT if equal(name, expected, found) else WRONG


def _lines(invoice: Invoice | None, truth: Mapping[str, Any]) -> str:
    expected = truth.get("lines")
    if not expected:
        return ""
    if invoice is None or not invoice.lines:
        return EMPTY
    view = extraction(_as_reading(invoice), "")["invoice"]["lines"]
    amounts = [line.get("net_amount") for line in expected]
    same = len(view) == len(amounts) and all(
        wanted is None or equal("net_amount", wanted, line["net_amount"])
        for wanted, line in zip(amounts, view, strict=True)
    )
    return RIGHT if same else WRONG


def second_report(folder: Path, model: str, sample: int, say: Callable[[str], None]) -> Report:
    """Measured on a sample of a corpus. Raises CorpusError."""
    chosen = papers(folder, sample)

    async def measured() -> Report:
        async with asker_of(model, None, task=Task.EXTRACT) as asker:
            rows = await measure(chosen, ModelReader(asker, Prompts()), say)
            return report(rows, asker.name)

    return asyncio.run(measured())


class Report(Record):
    """Counts over all documents."""

    model: str
    documents: int
    fields: Mapping[str, Mapping[str, Mapping[str, int]]]
    """`pages` or `letters` -> `rules` or `with the model` -> right, wrong, empty."""
    lines: Mapping[str, Mapping[str, int]]
    wrong_of_the_model: int
    unmarked: int
    dropped: int
    troubled: int
    seconds_each: float
    rows: tuple[Row, ...]


def report(rows: Sequence[Row], model: str) -> Report:
    fields: dict[str, dict[str, dict[str, int]]] = {}
    for kind, is_letter in (("pages", False), ("letters", True)):
        chosen = [row for row in rows if row.is_letter is is_letter]
        fields[kind] = {
            "rules": _counted(value for row in chosen for value in row.before.values()),
            "with the model": _counted(value for row in chosen for value in row.after.values()),
        }
    lines = {
        "rules": _counted(row.lines_before for row in rows),
        "with the model": _counted(row.lines_after for row in rows),
    }
    return Report(
        model=model,
        documents=len(rows),
        fields=fields,
        lines=lines,
        wrong_of_the_model=sum(row.after.get(name) == WRONG for row in rows for name in row.taken),
        unmarked=sum(len(row.unmarked) for row in rows),
        dropped=sum(row.dropped for row in rows),
        troubled=sum(bool(row.trouble) for row in rows),
        seconds_each=round(sum(row.seconds for row in rows) / max(len(rows), 1), 1),
        rows=tuple(rows),
    )


def _counted(values: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for value in values:
        counts[value] += 1
    return {name: counts[name] for name in _FINE}


def print_second(found: Report, console: Console) -> None:
    table = Table("documents", "read by", *_FINE, title=f"{found.documents} documents, {found.model}")
    for kind, sides in [*found.fields.items(), ("all lines of a document", found.lines)]:
        for side, counts in sides.items():
            table.add_row(kind, side, *(str(counts[name]) for name in _FINE))
    console.print(table)
    console.print(
        f"wrong values of the model: {found.wrong_of_the_model}, of them unmarked: {found.unmarked}; "
        f"refused because the document does not bear them out: {found.dropped}; "
        f"no answer: {found.troubled}; {found.seconds_each} s a document"
    )
