"""What an agent at a case's desk can look up, write and conclude: name, description, arguments, work."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from agent.state import Stage
from evals.interchange import desk_writes
from evals.interchange.case_desk import CaseDesk, Refusal
from tools.domain.documents import SourceDocument
from tools.domain.findings import DiscrepancyKind
from tools.domain.identifiers import OrderNumber, SupplierId, compact
from tools.domain.record import Record
from tools.erp.sandbox.actions import posting_of
from tools.erp.sandbox.refusal import Refused
from tools.intake.json_view import extraction

_LONGEST_FILE = 200_000


class NoArguments(Record):
    pass


class OfDocument(Record):
    document: str = Field(description="Its name, as list_documents gives it.")


class WithReason(OfDocument):
    reason: str


class OfOrder(Record):
    order_number: str


class OfSupplier(Record):
    supplier_id: str


class Wanted(Record):
    text: str = Field(description="A name, a VAT id, an account or a supplier's number, or a part of it.")


class Spoken(Record):
    text: str


class Reported(OfDocument):
    kinds: tuple[DiscrepancyKind, ...]


@dataclass(frozen=True)
class DeskTool:
    """`work` takes the desk and the arguments and returns JSON; it raises Refusal or the books' Refused."""

    name: str
    description: str
    arguments: type[Record]
    work: Callable[[CaseDesk, Any], Any]

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments; each is described, because some clients refuse one that is not."""
        found = self.arguments.model_json_schema()
        described = {
            name: {"description": name.replace("_", " ").capitalize(), **values}
            for name, values in found.get("properties", {}).items()
        }
        return {"type": "object", **found, "properties": described}


def call(desk: CaseDesk, name: str, arguments: Mapping[str, Any]) -> Any:
    """The tool's result as JSON. Raises Refusal for an unknown tool, wrong arguments, what the books refuse,
    and everything after the end."""
    if desk.has_ended:
        raise Refusal("the case has ended: nothing can be done here any more")
    tool = TOOLS.get(name)
    if tool is None:
        raise Refusal(f"there is no tool {name}; there are: {', '.join(TOOLS)}")
    desk.calls += 1
    try:
        return tool.work(desk, tool.arguments.model_validate_json(json.dumps(arguments)))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        told = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        raise Refusal(f"wrong arguments: {told}") from None
    except Refused as refused:
        raise Refusal(f"the ERP refuses: {refused.message}") from None
    except ArithmeticError:
        raise Refusal("wrong arguments: no amount can be worked out of such numbers") from None


def _company(desk: CaseDesk, _: NoArguments) -> Any:
    profile, policy = desk.world.settings["company"], desk.world.settings["policy"]
    return {
        "company": profile,
        "today": f"{desk.today}",
        "matching_policy": policy.get("match", {}),
        "posting_window": desk.company.books.window.model_dump(mode="json"),
    }


def _documents(desk: CaseDesk, _: NoArguments) -> Any:
    return [
        {"name": name, "size": len(document.content), "stage": desk.stages[name].value}
        for name, (document, _) in desk.documents.items()
    ]


def _document(desk: CaseDesk, asked: OfDocument) -> Any:
    document, reading = _of(desk, asked.document)
    found = extraction(reading, asked.document)
    found.pop("provenance", None)
    invoice = reading.invoice
    return {
        **found,
        "accounts": [*invoice.ibans, *invoice.other_accounts] if invoice else [],
        "preceding_invoice": invoice.preceding_invoice if invoice else None,
        "notes": list(invoice.notes) if invoice else [],
        "supplier": invoice.supplier.model_dump(mode="json", exclude_none=True) if invoice else None,
        "sender": document.sender,
        "subject": document.subject,
    }


def _of(desk: CaseDesk, name: str) -> tuple[SourceDocument, Any]:
    if name not in desk.documents:
        raise Refusal(f"there is no document {name}; there are: {', '.join(desk.documents)}")
    return desk.documents[name]


def _file(desk: CaseDesk, asked: OfDocument) -> Any:
    content = _of(desk, asked.document)[0].content[:_LONGEST_FILE]
    try:
        return {"text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode("ascii")}


def _suppliers(desk: CaseDesk, asked: Wanted) -> Any:
    wanted, name = compact(asked.text), asked.text.casefold().strip()
    found = []
    for supplier_id, card in desk.company.books.suppliers.items():
        kept = card.supplier
        account = desk.world.verified.get(supplier_id, "")
        ids = (supplier_id, kept.vat_id, kept.registration_id, kept.gln, account)
        if name in kept.name.casefold() or wanted and any(wanted == compact(one or "") for one in ids):
            plain = kept.model_dump(mode="json", exclude_none=True)
            found.append({**plain, "verified_account": account or None})
    return found[:20]


def _order(desk: CaseDesk, asked: OfOrder) -> Any:
    return desk.company.purchasing.order(asked.order_number).model_dump(mode="json", exclude_none=True)


def _orders(desk: CaseDesk, asked: OfSupplier) -> Any:
    cards = desk.company.books.orders.values()
    orders = [card.order for card in cards if card.order.supplier_id == asked.supplier_id]
    return [order.model_dump(mode="json", exclude_none=True) for order in orders]


def _receipts(desk: CaseDesk, asked: OfOrder) -> Any:
    found = desk.company.goods_receipts(OrderNumber(asked.order_number))
    return [receipt.model_dump(mode="json", exclude_none=True) for receipt in found]


def _invoices(desk: CaseDesk, asked: OfSupplier) -> Any:
    kept = desk.company.books.documents.values()
    own = [document for document in kept if document.supplier_id == SupplierId(asked.supplier_id)]
    return [
        posting_of(one).model_dump(mode="json", exclude_none=True) | {"holds": list(one.holds)} for one in own
    ]


def _accounts(desk: CaseDesk, _: NoArguments) -> Any:
    books = desk.company.books
    return {
        "accounts": [row.model_dump(mode="json") for row in books.accounts.values() if row.direct_posting],
        "tax_codes": [row.model_dump(mode="json") for row in books.tax_codes.values()],
        "cost_centres": [row.model_dump(mode="json") for row in books.cost_centres],
    }


def _conclusion(stage: Stage) -> Callable[[CaseDesk, OfDocument], Any]:
    def work(desk: CaseDesk, asked: OfDocument) -> Any:
        desk.conclude(asked.document, stage)
        return {"document": asked.document, "stage": stage.value}

    return work


def _report(desk: CaseDesk, asked: Reported) -> Any:
    _of(desk, asked.document)
    desk.findings[asked.document] = tuple(kind.value for kind in asked.kinds)
    return {"document": asked.document, "findings": list(desk.findings[asked.document])}


def _say(desk: CaseDesk, asked: Spoken) -> Any:
    desk.answer(asked.text)
    return "said"


_ALL = (
    DeskTool(
        "get_company",
        "Our company: names, tax codes, matching policy, day, open period.",
        NoArguments,
        _company,
    ),
    DeskTool("list_documents", "The documents that came in.", NoArguments, _documents),
    DeskTool(
        "read_document", "What a document says, field by field, as rules read it.", OfDocument, _document
    ),
    DeskTool("get_file", "A document's own bytes, as text or base64.", OfDocument, _file),
    DeskTool(
        "find_suppliers", "Suppliers of the ERP's master data, with verified accounts.", Wanted, _suppliers
    ),
    DeskTool("get_order", "A purchase order with what was received and billed.", OfOrder, _order),
    DeskTool("list_orders", "A supplier's purchase orders.", OfSupplier, _orders),
    DeskTool("list_receipts", "Goods receipts of an order.", OfOrder, _receipts),
    DeskTool(
        "list_invoices", "A supplier's documents in the ERP: posted, drafts, holds.", OfSupplier, _invoices
    ),
    DeskTool(
        "list_accounts", "Accounts, tax codes and cost centres that take postings.", NoArguments, _accounts
    ),
    DeskTool(
        "report_findings",
        "Everything that is wrong with a document; replaces an earlier report.",
        Reported,
        _report,
    ),
    DeskTool(
        "post_invoice",
        "Post an invoice or credit note in the ERP, at once.",
        desk_writes.Booked,
        desk_writes.post,
    ),
    DeskTool("park_invoice", "Keep an invoice in the ERP as a draft.", desk_writes.Booked, desk_writes.park),
    DeskTool("create_goods_receipt", "Book goods in on an order.", desk_writes.Received, desk_writes.receive),
    DeskTool(
        "amend_order_line",
        "Change price or quantity of an order line.",
        desk_writes.Amended,
        desk_writes.amend,
    ),
    DeskTool("hold_invoice", "Stop payment of a posted invoice.", desk_writes.Held, desk_writes.hold),
    DeskTool("release_hold", "Let a stopped invoice be paid.", desk_writes.Held, desk_writes.release),
    DeskTool(
        "ask",
        "Leave a document with a question to a person.",
        WithReason,
        _conclusion(Stage.WAITING_FOR_ANSWER),
    ),
    DeskTool(
        "leave_for_approval",
        "Leave a document for an approver.",
        WithReason,
        _conclusion(Stage.WAITING_FOR_APPROVAL),
    ),
    DeskTool(
        "put_on_hold", "Let a document wait for something to happen.", WithReason, _conclusion(Stage.ON_HOLD)
    ),
    DeskTool("reject", "Send a document back; nothing is posted.", WithReason, _conclusion(Stage.REJECTED)),
    DeskTool("no_invoice", "The document is no invoice.", WithReason, _conclusion(Stage.NOT_AN_INVOICE)),
    DeskTool("unreadable", "The document cannot be read.", WithReason, _conclusion(Stage.UNREADABLE)),
    DeskTool("say", "Answer the clerk who asked.", Spoken, _say),
    DeskTool(
        "wait",
        "Let time pass: tells what happens next, or that nothing more happens.",
        NoArguments,
        lambda d, _: d.wait(),
    ),
)
TOOLS: Mapping[str, DeskTool] = {tool.name: tool for tool in _ALL}
