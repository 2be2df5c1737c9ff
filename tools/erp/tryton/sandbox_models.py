"""The methods of Tryton's models that this sandbox answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType, OrderState
from tools.erp.sandbox.books import DocumentLine
from tools.erp.sandbox.company import Company
from tools.erp.tryton.sandbox_hold_rows import KeptHolds
from tools.erp.tryton.sandbox_holds import Holds
from tools.erp.tryton.sandbox_ids import Ids
from tools.erp.tryton.sandbox_invoices import Invoices
from tools.erp.tryton.sandbox_lines import booked, known
from tools.erp.tryton.sandbox_module import HoldModule
from tools.erp.tryton.sandbox_orders import Billing, Pending
from tools.erp.tryton.sandbox_orm import Orm
from tools.erp.tryton.sandbox_purchasing import Orders, Shipments
from tools.erp.tryton.sandbox_records import Records
from tools.erp.tryton.sandbox_schema import Crash, UserError, check, models, of_module

_VERSIONED = ("account.invoice", "purchase.purchase")


class Models:
    def __init__(
        self,
        company: Company,
        *,
        second_person: bool,
        order_method: bool,
        invoice_parties: Mapping[str, str] | None = None,
        hold_module: bool = True,
    ) -> None:
        self._company = company
        self._hold_module = hold_module
        self._order_method = order_method
        self._invoice_parties = invoice_parties or {}
        self.ids = Ids()
        pending = Pending()
        billing = Billing("order" if order_method else "manual", self._invoice_parties)
        kept_holds = KeptHolds(company, self.ids) if hold_module else None
        self._records = Records(company, self.ids, pending, billing, kept_holds)
        self._orm = Orm(self._records.rows)
        invoices = Invoices(company, self._records, second_person)
        shipments = Shipments(company, self._records, pending)
        holds = Holds(company, self._records)
        self._changes: Mapping[str, Callable[..., Any]] = {
            "account.invoice.create": invoices.create,
            "account.invoice.write": invoices.write,
            "account.invoice.delete": invoices.delete,
            "account.invoice.post": invoices.post,
            "account.invoice.line.write": invoices.move_lines,
            "stock.shipment.in.create": shipments.create,
            "stock.shipment.in.receive": shipments.receive,
            "stock.shipment.in.do": shipments.do,
            "purchase.purchase.create": Orders(company, self._records).create,
            "ir.attachment.create": self._attach,
            "ir.note.create": holds.note,
            "account.move.line.payment_block": holds.block,
            "account.move.line.payment_unblock": holds.unblock,
        }
        if kept_holds is not None:
            self._changes = {**self._changes, **self._by_module(kept_holds, invoices)}
        self._reads: Mapping[str, Callable[..., Any]] = {
            "search_read": self._search_read,
            "search": self._search,
            "read": self._read,
            "fields_get": self._fields_get,
        }
        self._bill_orders()

    def _by_module(self, kept: KeptHolds, invoices: Invoices) -> dict[str, Callable[..., Any]]:
        """What the module of `extension/` brings, and what it does to Tryton's own buttons."""
        module = HoldModule(self._company, self._records, kept)
        return {
            "account.invoice.post": module.before_posting(invoices.post),
            "account.invoice.delete": module.before_deleting(invoices.delete),
            "account.invoice.hold.create": module.create,
            "account.invoice.hold.release": module.release,
            "account.move.line.payment_block": module.block,
            "account.move.line.payment_unblock": module.unblock,
        }

    def served(self) -> dict[str, set[str]]:
        """Model -> the fields that its rows have."""
        self._records.forget()
        return {
            model: {name for row in self._records.rows(model).values() for name in row}
            for model in self._records.models()
        }

    def call(self, method: str, params: list[Any], context: Mapping[str, Any]) -> Any:
        """Raises UserError, Crash, and LookupError for a method that is not served."""
        self._records.forget()
        if method == "account.invoice.line.on_change":
            return self._line_defaults(params)
        if method in self._changes:
            self._check_versions(method.rpartition(".")[0], params, context)
            result = self._changes[method](*params)
            self._bill_orders()
            return result
        model, _, name = method.rpartition(".")
        if model in of_module() and not self._hold_module:
            raise Crash(f"'{model}'")
        if model not in models() or name not in self._reads:
            raise LookupError(f"no method {method}")
        return self._reads[name](model, params, context)

    def _search_read(self, model: str, params: list[Any], context: Mapping[str, Any]) -> Any:
        domain, offset, limit, order, names = params
        found = self._found(model, domain, offset, limit, order, context)
        return self._orm.read(model, found, names)

    def _search(self, model: str, params: list[Any], context: Mapping[str, Any]) -> Any:
        domain, offset, limit, order = params
        return self._found(model, domain, offset, limit, order, context)

    def _found(
        self, model: str, domain: Any, offset: int, limit: int | None, order: Any, context: Mapping[str, Any]
    ) -> list[int]:
        active_test = context.get("active_test", True) is not False
        return self._orm.search(model, domain, offset, limit, order, active_test=active_test)

    def _read(self, model: str, params: list[Any], context: Mapping[str, Any]) -> Any:
        ids, names = params
        return self._orm.read(model, ids, names)

    def _fields_get(self, model: str, params: list[Any], context: Mapping[str, Any]) -> Any:
        wanted = params[0] if params else None
        return {
            name: {"name": name, "type": field.type, "readonly": field.read_only, "required": field.required}
            for name, field in models()[model].items()
            if not wanted or name in wanted
        }

    def _check_versions(self, model: str, params: list[Any], context: Mapping[str, Any]) -> None:
        """As Tryton does it: the versions that the context tells must be those of the records."""
        for told, version in (context.get("_timestamp") or {}).items():
            name, _, key = told.partition(",")
            row = self._records.rows(name).get(int(key)) if name in _VERSIONED else None
            if row is None or row["_timestamp"] != version:
                raise UserError("Records were modified in the meanwhile", "ConcurrencyException")

    def _line_defaults(self, params: list[Any]) -> Any:
        """The account and the tax that a product's rules give a supplier's line."""
        values, names = params
        if names != ["product"] or values.get("invoice_type") != "in":
            raise Crash("this sandbox knows what follows from the product of a supplier's line")
        item = self._company.master.item(known(self._records, "product.product", values["product"]))
        masters = self._records.masters
        return [
            {
                "account": masters.account(item.inventory_account),
                "taxes": masters.tax(item.tax_code),
                "unit": masters.unit(item.unit),
            }
        ]

    def _attach(self, vlist: Any) -> list[int]:
        made = []
        for values in vlist:
            given = check("ir.attachment", values)
            model, _, key = str(given.get("resource")).partition(",")
            document_id = self.ids.key(model, int(key)) if model == "account.invoice" else None
            if document_id is None or given.get("type") != "data":
                raise UserError("This sandbox keeps files of invoices.")
            name, content = given["name"], given["data"]
            booked(lambda: self._company.payables.attach(str(document_id), name, content))  # noqa: B023
            made.append(len(self._company.books.attachments))
        return made

    def _bill_orders(self) -> None:
        """Orders billed by order: a draft for all that stands on no invoice yet, without a number of the
        supplier's."""
        if not self._order_method:
            return
        taken: dict[tuple[str | None, str | None], Any] = {}
        for document in self._company.books.documents.values():
            if document.state is not PostingState.CANCELLED:
                sign = -1 if document.document_type is DocumentType.CREDIT_NOTE else 1
                for line in document.lines:
                    key = (line.order_number, line.order_line_id)
                    taken[key] = taken.get(key, 0) + sign * line.quantity
        for card in self._company.books.plain_orders():
            order = card.order
            lines = [
                DocumentLine(
                    description=line.description,
                    quantity=line.ordered - taken.get((order.number, line.line_id), 0),
                    unit=line.unit,
                    unit_price=line.unit_price.amount / line.price_base,
                    item_number=line.item_number,
                    account=line.account if line.item_number is None else None,
                    tax_code=line.tax_code,
                    order_number=order.number,
                    order_line_id=line.line_id,
                )
                for line in order.lines
                if line.ordered > taken.get((order.number, line.line_id), 0)
            ]
            if lines and order.state is OrderState.OPEN:
                biller = self._invoice_parties.get(order.number, order.supplier_id)
                self._company.documents.create(
                    DocumentType.INVOICE, biller, lines=lines, currency=order.currency
                )
        self._records.forget()
