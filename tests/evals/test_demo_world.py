"""The demo company: its inbox, its world, and what is expected of each document."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from agent.settings import PolicySettings
from agent.state import Stage
from evals.demo.build_world import Builder, accounts_text, world_text
from evals.demo.plan import FOLDER, INBOX, read_documents, read_plan
from tools.domain.company import CompanyProfile
from tools.domain.decision import Posting
from tools.domain.documents import Invoice, Reading, ReadingState
from tools.domain.findings import DiscrepancyKind, Severity
from tools.domain.identifiers import CaseId, SupplierId, is_iban
from tools.domain.money import Money
from tools.domain.supplier import BankAccount, SupplierChoice
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.world import World, load_world
from tools.intake.editions import select_originals
from tools.intake.folder import Found, collect
from tools.intake.reading import read_document
from tools.matching.document_print import print_of
from tools.matching.engine import assess
from tools.matching.facts import Facts, KnownDocument
from tools.matching.fraud_facts import FraudFacts
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.evidence import SupplierClaim
from tools.suppliers.resolve import resolve

PERMITTED = {"Apache-2.0", "MIT", "MIT-0", "BSD-3-Clause", "BSD-2-Clause"}
NOW = datetime(2026, 3, 2, tzinfo=UTC)
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
DOCUMENTS = read_documents()
PLAN = read_plan()


@cache
def world() -> World:
    return load_world(FOLDER / "world.json")


@cache
def company() -> Company:
    return Company.load(world(), lambda: NOW)


@cache
def settings() -> dict[str, object]:
    return tomllib.loads((FOLDER / "erp-agent.toml.in").read_text(encoding="utf-8"), parse_float=Decimal)


@cache
def verified() -> dict[SupplierId, list[BankAccount]]:
    found: dict[SupplierId, list[BankAccount]] = {}
    with (FOLDER / "verified_accounts.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            account = BankAccount(iban=row["iban"], verified_how=row["how"])
            found.setdefault(SupplierId(row["supplier_id"]), []).append(account)
    return found


@cache
def inbox() -> dict[str, Found]:
    """Everything that comes out of the inbox, by its path below it."""
    return {_below(found.document.path): found for found in collect([INBOX])}


def _below(path: str) -> str:
    return path.removeprefix(f"{INBOX}/")


def _files() -> list[str]:
    return sorted(str(path.relative_to(INBOX)) for path in INBOX.rglob("*") if path.is_file())


def _sources() -> dict[str, str]:
    """File -> licence, from the table in SOURCES.md."""
    text = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    rows = [re.split(r" *\| *", line.strip("| \n")) for line in text.splitlines() if line.count("|") == 6]
    return {row[0]: row[3] for row in rows if row[0] not in ("file", "---")}


def _expected(stage: Stage) -> list[str]:
    return [path for path, case in EXPECTED.items() if case.get("stage") == stage]


def test_the_world_is_what_the_plan_and_the_documents_make() -> None:
    builder = Builder(PLAN, DOCUMENTS)
    assert (FOLDER / "world.json").read_text(encoding="utf-8") == world_text(builder.world())
    accounts = (FOLDER / "verified_accounts.csv").read_text(encoding="utf-8")
    assert accounts == accounts_text(builder.accounts())


def test_every_file_has_a_source_and_a_permitted_licence() -> None:
    sources = _sources()
    assert set(_files()) <= {*sources, *(path.split("!")[0] for path in sources)}
    assert set(inbox()) <= set(sources)
    assert set(sources.values()) <= PERMITTED


def test_every_licence_text_named_is_there() -> None:
    named = re.findall(r"LICENSES/(\S+\.txt)", (FOLDER / "SOURCES.md").read_text(encoding="utf-8"))
    assert named
    assert all((FOLDER / "LICENSES" / name).stat().st_size > 500 for name in named)


def test_the_inbox_is_small_and_of_many_formats() -> None:
    assert sum((INBOX / path).stat().st_size for path in _files()) < 12_000_000
    assert len(DOCUMENTS) >= 44
    formats = {document.format for document in DOCUMENTS.values()}
    assert formats >= {"ubl", "cii", "zugferd1", "hybrid_pdf", "text_pdf"}
    assert any(path.endswith(".eml") for path in _files())


def test_the_books_open_and_balance() -> None:
    rows = company().ledger.trial_balance()
    assert sum((row.balance for row in rows), Decimal(0)) == 0
    assert sum((row.debit for row in rows), Decimal(0)) > 0


def test_every_order_a_document_names_exists_or_is_absent_by_design() -> None:
    named = {number: path for path, document in DOCUMENTS.items() for number in document.orders}
    absent = {number: path for number, path in named.items() if number not in company().books.orders}
    assert absent
    for path in absent.values():
        case = EXPECTED[path]
        assert "bad_po" in [*case.get("blocks", ()), *case.get("then", ())] or case.get("asks"), path


def test_every_planned_order_belongs_to_a_document() -> None:
    assert all(path in DOCUMENTS for order in PLAN.order for path in order.documents)
    lines = {document.line_key(at) for document in DOCUMENTS.values() for at in range(len(document.lines))}
    used = {key for order in PLAN.order for key in (*order.changes, *order.services, *order.without)} - {"*"}
    assert used <= lines


def test_expectations_cover_every_document_and_nothing_else() -> None:
    assert set(EXPECTED) == set(inbox())
    assert set(DOCUMENTS) <= set(EXPECTED)


def test_expectations_use_the_names_of_stages_and_findings() -> None:
    kinds = {kind.value for kind in DiscrepancyKind}
    for path, case in EXPECTED.items():
        assert case["why"], path
        assert "same_as" in case or Stage(case["stage"]), path
        named = {kind for key in ("blocks", "warns", "then") for kind in case.get(key, ())}
        assert named <= kinds, path


def test_what_waits_for_an_answer_says_why_and_nothing_else_blocks() -> None:
    for path, case in EXPECTED.items():
        asked = bool(case.get("blocks")) or "asks" in case
        assert asked == (case.get("stage") == Stage.WAITING_FOR_ANSWER), path


def test_enough_documents_are_clean_and_enough_are_not() -> None:
    assert len(_expected(Stage.WAITING_FOR_APPROVAL)) >= 20
    assert len(_expected(Stage.WAITING_FOR_ANSWER)) >= 8


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("price_over", 2),
        ("qty_over_received", 2),
        ("no_receipt", 1),
        ("no_po", 3),
        ("bad_po", 1),
        ("duplicate_suspect", 3),
        ("bank_change", 2),
        ("supplier_blocked", 1),
        ("credit_exceeds", 1),
        ("tax_wrong", 1),
        ("total_mismatch", 2),
        ("wrong_company", 1),
        ("unplanned_freight", 1),
    ],
)
def test_the_inbox_shows_each_kind_of_trouble(kind: str, count: int) -> None:
    blocks = Counter(found for case in EXPECTED.values() for found in case.get("blocks", ()))
    assert blocks[kind] >= count


def test_every_way_of_refusing_a_file_is_shown() -> None:
    reasons = {case["reason"] for case in EXPECTED.values() if "reason" in case}
    refusals = {"damaged", "encrypted", "unsafe_xml", "image_needs_ocr", "order_response", "other_edition"}
    assert reasons >= {*refusals, "no_invoice_attached"}


def test_only_accounts_with_right_check_digits_are_on_file() -> None:
    accounts = [account.iban for known in verified().values() for account in known]
    assert accounts
    assert all(is_iban(iban) for iban in accounts)


def test_the_settings_name_the_exempt_suppliers_and_real_accounts_and_tax_codes() -> None:
    profile = CompanyProfile.model_validate(settings()["company"])
    exempt = PolicySettings.model_validate(settings()["policy"]).match.po_exempt_suppliers
    assert exempt == {entry.number for entry in PLAN.supplier if entry.exempt}
    assert profile.company == company().settings.company
    assert set(profile.tax_codes.values()) <= set(company().books.tax_codes)
    for account in (profile.default_account, profile.freight_account, profile.rounding_account):
        assert company().master.direct_account(account or "")


def test_the_settings_name_every_buyer_but_the_one_of_the_wrong_company() -> None:
    profile = CompanyProfile.model_validate(settings()["company"])
    others = {path for path, document in DOCUMENTS.items() if document.buyer not in profile.names}
    assert others == {path for path, case in EXPECTED.items() if "wrong_company" in case.get("blocks", ())}


@cache
def _readings() -> dict[str, Reading]:
    """Readings of everything but pages of text, the parts of one mail compared with each other."""
    groups: dict[str, list[tuple[str, Found, Reading]]] = {}
    for path, found in inbox().items():
        if path in DOCUMENTS and DOCUMENTS[path].format == "text_pdf":
            continue
        reading = found.completed(found.reading or read_document(found.document))
        groups.setdefault(found.group, []).append((path, found, reading))
    readings: dict[str, Reading] = {}
    for parts in groups.values():
        chosen = select_originals([(found.document, reading) for _, found, reading in parts])
        readings |= {path: reading for (path, _, _), (_, reading) in zip(parts, chosen, strict=True)}
    return readings


def _postings(supplier_id: SupplierId, kind: str, number: str | None) -> tuple[Posting, ...]:
    return tuple(
        Posting(
            erp_id=document.document_id,
            number=document.number,
            state=document.state,
            supplier_id=supplier_id,
            document_type=document.document_type,
            supplier_number=document.supplier_number,
            invoice_date=document.invoice_date,
            gross=Money.of(document.totals.gross, document.currency),
        )
        for document in company().books.documents.values()
        if (document.supplier_id, document.document_type, document.supplier_number)
        == (supplier_id, kind, number)
    )


def _orders(invoice: Invoice) -> list[str]:
    named = (invoice.order_number, *(line.order_number for line in invoice.lines))
    return [number for number in dict.fromkeys(named) if number in company().books.orders]


@cache
def _directory() -> SupplierDirectory:
    cards = company().books.suppliers.values()
    return SupplierDirectory([card.supplier for card in cards], verified())


def _sender(invoice: Invoice) -> SupplierChoice:
    orders = [company().purchasing.order(number) for number in _orders(invoice)]
    return resolve(SupplierClaim.of(invoice, orders[0].supplier_id if orders else None), _directory())


def _earlier(path: str) -> list[KnownDocument]:
    """What the register may hand out: the documents that come before this one in the inbox."""
    before = list(_readings())[: list(_readings()).index(path)]
    return [known for other in before if (known := _known(other)) is not None]


@cache
def _known(path: str) -> KnownDocument | None:
    invoice = _readings()[path].invoice
    if invoice is None:
        return None
    return KnownDocument(
        case_id=CaseId(path),
        stage="waiting",
        supplier_id=_sender(invoice).chosen,
        document_type=invoice.document_type,
        number=invoice.number or "",
        paper=print_of(invoice, company().settings.company),
    )


def _facts(path: str, reading: Reading, invoice: Invoice, supplier_id: SupplierId) -> Facts:
    orders = _orders(invoice)
    kind = invoice.document_type
    return Facts(
        invoice=invoice,
        problems=reading.problems,
        supplier=company().master.supplier(supplier_id).supplier,
        profile=CompanyProfile.model_validate(settings()["company"]),
        policy=PolicySettings.model_validate(settings()["policy"]).match,
        today=(invoice.issue_date or date.max) + timedelta(days=14),
        orders=tuple(company().purchasing.order(number) for number in orders),
        receipts=tuple(receipt for number in orders for receipt in company().goods_receipts(number)),
        postings=_postings(supplier_id, kind, invoice.number),
        preceding=_postings(supplier_id, "invoice", invoice.preceding_invoice),
        known_documents=tuple(_earlier(path)),
        verified_accounts=tuple(verified().get(supplier_id, ())),
        first_open=world().posting_window.first_open,
        last_open=world().posting_window.last_open,
        fraud=FraudFacts(now=NOW, mail=reading.mail, known_before=True) if reading.mail else None,
    )


INVOICES = [
    path
    for path in sorted(DOCUMENTS)
    if DOCUMENTS[path].format != "text_pdf" and "same_as" not in EXPECTED[path]
]


@pytest.mark.parametrize("path", INVOICES)
def test_the_rules_find_what_is_expected(path: str) -> None:
    case, reading = EXPECTED[path], _readings()[path]
    if reading.invoice is None:
        assert (reading.state, reading.reason) == (case["stage"], case["reason"])
        return
    choice = _sender(reading.invoice)
    if "asks" in case:
        assert choice.chosen is None
        return
    assert choice.chosen is not None, choice.reason
    found = assess(_facts(path, reading, reading.invoice, choice.chosen)).discrepancies
    for severity, key in ((Severity.BLOCK, "blocks"), (Severity.WARN, "warns")):
        assert {entry.kind for entry in found if entry.severity is severity} == set(case.get(key, ())), key


@pytest.mark.parametrize("path", sorted(path for path, case in EXPECTED.items() if "reason" in case))
def test_what_is_no_invoice_is_refused_for_the_expected_reason(path: str) -> None:
    reading = _readings()[path]
    assert reading.state is not ReadingState.INVOICE
    assert (reading.state, reading.reason) == (EXPECTED[path]["stage"], EXPECTED[path]["reason"])


def test_the_same_bytes_come_twice() -> None:
    for path, case in EXPECTED.items():
        if "same_as" in case:
            first, second = inbox()[case["same_as"]].document, inbox()[path].document
            assert first.document_id == second.document_id
            assert list(inbox()).index(case["same_as"]) < list(inbox()).index(path)


def test_paths_in_the_expectations_lead_to_files() -> None:
    assert all(Path(INBOX, path.split("!")[0]).is_file() for path in EXPECTED)
