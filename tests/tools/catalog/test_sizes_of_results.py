"""No result floods a model, whatever the ERP holds: a large order, a long note, a busy account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import an_invoice, an_invoice_line, eur
from tools.archive import Archive
from tools.audit_log import AuditLog
from tools.case_facts import CaseFacts, GatheredFacts
from tools.case_list import CaseList, project
from tools.catalog import Ref, Scope, Toolbox
from tools.catalog.result import MOST_TOKENS, tokens_of
from tools.catalog.sources import Sources
from tools.domain.authority import ApprovalPolicy
from tools.domain.company import CompanyProfile
from tools.domain.documents import (
    DocumentFormat,
    GoodsReceipt,
    OpenItem,
    OrderLine,
    OrderState,
    PurchaseOrder,
    Reading,
    ReadingState,
    ReceiptLine,
    SourceDocument,
)
from tools.domain.findings import Discrepancy, DiscrepancyKind, LineMatch, MatchDepth, MatchResult, Severity
from tools.domain.identifiers import CaseId, CompanyId, DocumentId, OrderNumber, SupplierId
from tools.domain.policy import MatchPolicy
from tools.domain.supplier import Supplier
from tools.erp.contract import Account, Capability
from tools.store import Store
from tools.supplier_mirror import SupplierMirror

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
ORDER, SUPPLIER = OrderNumber("PO-77"), SupplierId("10042")
LINES = 400
LONG = "Sechskantschraube ISO 4017 verzinkt M8x40 mit einem sehr langen Text, " * 6


def the_order() -> PurchaseOrder:
    lines = tuple(
        OrderLine(
            line_id=str(10000 * position),
            item_number=f"ITEM-{position:05d}",
            description=f"{position} {LONG}",
            unit="H87",
            ordered=Decimal(100),
            received=Decimal(50),
            unit_price=eur("12.345"),
        )
        for position in range(1, LINES + 1)
    )
    return PurchaseOrder(
        number=ORDER,
        company=CompanyId("DEMO"),
        supplier_id=SUPPLIER,
        currency="EUR",
        state=OrderState.OPEN,
        lines=lines,
        version="1",
    )


class Erp:
    """An ERP that holds a lot; it plays the reader."""

    async def order(self, number: OrderNumber) -> PurchaseOrder:
        return the_order()

    async def receipts(self, number: OrderNumber) -> list[GoodsReceipt]:
        return [
            GoodsReceipt(
                number=f"GR-{day:04d}",
                order_number=ORDER,
                received_on=date(2026, 1, 1) + timedelta(days=day),
                lines=tuple(
                    ReceiptLine(order_line_id=line.line_id, quantity=Decimal(1), unit="H87")
                    for line in the_order().lines
                ),
            )
            for day in range(60)
        ]

    async def supplier(self, supplier_id: SupplierId) -> Supplier:
        return Supplier(supplier_id=SUPPLIER, name=LONG, city=LONG)

    async def accounts(self) -> list[Account]:
        return [
            Account(number=f"{number}", name=LONG, direct_posting=True, blocked=False)
            for number in range(1000, 3000)
        ]

    async def open_items(self, supplier_id: SupplierId) -> list[OpenItem]:
        return [
            OpenItem(
                supplier_id=SUPPLIER,
                document_number=f"PI-{number:06d}",
                supplier_invoice_number=LONG,
                due_date=date(2026, 4, 1),
                amount=eur("1234.56"),
            )
            for number in range(500)
        ]


def the_match() -> MatchResult:
    found = tuple(
        Discrepancy(
            kind=DiscrepancyKind.PRICE_OVER,
            severity=Severity.BLOCK,
            rule="price.unit.upper_percent",
            message=LONG,
            line_id=str(position),
            order_number=ORDER,
            order_line_id=str(10000 * position),
        )
        for position in range(300, 330)
    )
    lines = tuple(
        LineMatch(
            invoice_index=at,
            order_number=ORDER,
            order_line_id=line.line_id,
            evidence=(),
            billed=Decimal(10),
            unit="H87",
            ordered=Decimal(100),
            received=Decimal(50),
            billed_before=Decimal(0),
            invoice_price=eur("13.00"),
            order_price=eur("12.345"),
        )
        for at, line in enumerate(the_order().lines)
    )
    return MatchResult(depth=MatchDepth.THREE_WAY, lines=lines, discrepancies=found, policy="default v1")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Any:
    store = Store.open(tmp_path_factory.mktemp("large") / "test.sqlite")
    log = AuditLog(store, lambda: NOW, project)
    archive, mirror = Archive(store, log, lambda: NOW), SupplierMirror(store, log, lambda: NOW)
    mirror.merge([Supplier(supplier_id=SUPPLIER, name=LONG)], NOW, complete=True)
    lines = tuple(an_invoice_line(LONG, line_id=str(at)) for at in range(1, LINES + 1))
    invoice = an_invoice(lines=lines, notes=(LONG * 20,) * 9)
    for position in range(60):
        document = SourceDocument(
            document_id=DocumentId(f"{position:064d}"), name=LONG, content=b"x", path=f"mem/{position}"
        )
        reading = Reading(state=ReadingState.INVOICE, format=DocumentFormat.UBL, invoice=invoice)
        archive.receive(document, reading)
    facts = CaseFacts(store)
    facts.keep(
        CaseId("C-000001"),
        GatheredFacts(gathered_at=NOW, supplier=Supplier(supplier_id=SUPPLIER, name=LONG)),
    )

    async def match(case_id: CaseId) -> MatchResult:
        return the_match()

    yield Sources(
        reader=Erp(),  # type: ignore[arg-type]
        erp="sandbox",
        capabilities=frozenset(Capability),
        mirror=mirror,
        archive=archive,
        facts=facts,
        cases=CaseList(store),
        log=log,
        profile=CompanyProfile(company="DEMO"),
        match_policy=MatchPolicy(),
        approval_policy=ApprovalPolicy(),
        match=match,
    )
    store.close()


SCOPE = Scope(
    case_id=CaseId("C-000001"),
    ids={
        Ref.CASE: ("C-000001",),
        Ref.ORDER: (ORDER,),
        Ref.SUPPLIER: (SUPPLIER,),
        Ref.FINDING: tuple(DiscrepancyKind),
        Ref.ORDER_LINE: ("PO-77/3200000",),
    },
)
CALLS: Sequence[tuple[str, dict[str, str]]] = (
    ("get_invoice", {"case": "C-000001"}),
    ("get_purchase_order", {"order": ORDER}),
    ("list_goods_receipts", {"order": ORDER}),
    ("get_supplier", {"supplier": SUPPLIER}),
    ("find_supplier", {"words": "Sechskantschraube"}),
    ("find_account", {"words": "Sechskantschraube"}),
    ("list_open_items", {"supplier": SUPPLIER}),
    ("get_posted_invoices", {"case": "C-000001"}),
    ("explain_match", {"case": "C-000001"}),
    ("search_similar_cases", {"case": "C-000001"}),
    ("list_cases", {}),
    ("search_cases", {"words": "sechskantschraube"}),
    *(("get_policy", {"finding": kind.value}) for kind in DiscrepancyKind),
)


@pytest.mark.parametrize(("name", "arguments"), CALLS)
async def test_each_result_stays_below_its_bound(
    sources: Sources, name: str, arguments: dict[str, str]
) -> None:
    result = await Toolbox(sources).call(name, arguments, SCOPE)

    assert not result.is_refused, result.text
    assert tokens_of(result.text) <= MOST_TOKENS + 40
    assert result.text.count("<data") == result.text.count("</data>")


async def test_the_lines_of_the_case_come_first_in_a_large_order(sources: Sources) -> None:
    result = await Toolbox(sources).call("get_purchase_order", {"order": ORDER}, SCOPE)
    head, first, *_ = result.text.splitlines()

    assert f"{LINES} lines" in head
    assert first.startswith("PO-77/3000000 ")
    assert "of 400 lines are not shown" in result.text


async def test_without_a_case_the_lines_that_were_named_come_first(sources: Sources) -> None:
    named = replace(SCOPE, case_id=None).heard({Ref.ORDER_LINE: ("PO-77/3200000",)})
    result = await Toolbox(sources).call("get_purchase_order", {"order": ORDER}, named)

    assert result.text.splitlines()[1].startswith("PO-77/3200000 ")


async def test_one_line_of_a_large_order_can_be_asked_for(sources: Sources) -> None:
    box = Toolbox(sources)
    scope = SCOPE.heard({Ref.ORDER_LINE: ("PO-77/3200000",)})
    result = await box.call("get_purchase_order", {"order": ORDER, "order_line": "PO-77/3200000"}, scope)

    assert result.ids[Ref.ORDER_LINE] == ("PO-77/3200000",)
    assert tokens_of(result.text) < 250


async def test_an_erp_without_a_capability_offers_no_tool_for_it(sources: Sources) -> None:
    poor = Toolbox(replace(sources, capabilities=frozenset()))
    names = {tool.name for tool in poor.tools(SCOPE)}

    assert not names & {"hold_invoice", "create_goods_receipt", "list_open_items", "park_invoice"}
    assert (await poor.call("list_open_items", {"supplier": SUPPLIER}, SCOPE)).is_refused
