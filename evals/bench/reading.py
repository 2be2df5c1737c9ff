"""Files read per second: our reader of structured invoices, the factur-x package, and bare XML parsing.

All three see the same files in the same run; what counts are the ratios, not the seconds of this machine.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from rich.console import Console
from rich.table import Table

from evals.extraction import CorpusError
from tools.domain.documents import ReadingState, SourceDocument
from tools.domain.identifiers import DocumentId
from tools.intake.classify import Kind, kind_of
from tools.intake.reading import read_document
from tools.intake.xml_safe import looks_like_xml

_ROUNDS = 3


@dataclass(frozen=True)
class Measure:
    """One reader over one set of files; `seconds` is the best of several rounds over all of them."""

    files: str
    reader: str
    count: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


def run(folder: Path, console: Console | None = None) -> list[Measure]:
    """Measures over the invoices below `folder` and prints them with their ratios; kinds that the folder
    does not hold are left out. Raises CorpusError for a folder without any."""
    documents = [
        _document(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in (".xml", ".pdf") and path.is_file()
    ]
    structured = [document for document in documents if _is_structured(document)]
    pdfs = [document for document in structured if kind_of(document.content) is Kind.PDF]
    xmls = [document for document in structured if looks_like_xml(document.content)]
    if not structured:
        raise CorpusError(f"{folder} holds no structured invoice that all readers can read")
    readers: list[tuple[str, str, list[SourceDocument], Callable[[SourceDocument], object]]] = [
        ("invoice XML", "parse only (lxml)", xmls, _parse),
        ("invoice XML", "read_document", xmls, _read),
        ("hybrid PDF", "factur-x", pdfs, _unpack_with_facturx),
        ("hybrid PDF", "read_document", pdfs, _read),
    ]
    measures = [_measure(*reader) for reader in readers if reader[2]]
    _print(measures, console or Console())
    return measures


def _document(path: Path) -> SourceDocument:
    content = path.read_bytes()
    return SourceDocument(document_id=DocumentId(path.name), name=path.name, content=content, path=str(path))


def _is_structured(document: SourceDocument) -> bool:
    """Only files that all readers can handle are compared."""
    if not looks_like_xml(document.content) and not _unpacks(document):
        return False
    return read_document(document).state is ReadingState.INVOICE


def _unpacks(document: SourceDocument) -> bool:
    try:
        _unpack_with_facturx(document)
    except (ValueError, KeyError, TypeError, AttributeError, etree.LxmlError):
        return False
    return True


def _measure(
    files: str, reader: str, documents: Sequence[SourceDocument], read: Callable[[SourceDocument], object]
) -> Measure:
    best = float("inf")
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        for document in documents:
            read(document)
        best = min(best, time.perf_counter() - start)
    return Measure(files, reader, len(documents), best)


def _parse(document: SourceDocument) -> object:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(document.content.lstrip(), parser)


def _read(document: SourceDocument) -> object:
    return read_document(document)


def _unpack_with_facturx(document: SourceDocument) -> object:
    """Finds and parses the XML; the package has no reader for the fields."""
    from facturx import get_xml_from_pdf

    name, content = get_xml_from_pdf(document.content, check_xsd=False)
    if not name:
        raise ValueError("no invoice inside")
    return etree.fromstring(content)


def _print(measures: Sequence[Measure], console: Console) -> None:
    machine = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    table = Table("files", "reader", "n", "files/s", "ratio to the first", title=f"reading on {machine}")
    base: dict[str, float] = {}
    for measure in measures:
        first = base.setdefault(measure.files, measure.per_second)
        ratio = f"{measure.per_second / first:.2f}"
        table.add_row(measure.files, measure.reader, str(measure.count), f"{measure.per_second:.0f}", ratio)
    console.print(table)
