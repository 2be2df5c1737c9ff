"""Opens a company's books from a world: checks what the records name, then enters the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from tools.domain.documents import OrderLine, OrderState, PurchaseOrder
from tools.domain.supplier import SupplierBlock
from tools.erp.sandbox.books import Books, OrderCard, SupplierCard
from tools.erp.sandbox.refusal import Refused
from tools.erp.sandbox.world import World, WorldError, WorldInvoice, WorldReceipt, WorldSupplier

if TYPE_CHECKING:
    from tools.erp.sandbox.company import Company


def open_company(
    world: World, clock: Callable[[], datetime], make: Callable[[Books, Callable[[], datetime]], Company]
) -> Company:
    """Raises WorldError naming the record that does not fit."""
    moment = clock()
    books = Books(
        settings=world.settings,
        units=world.units,
        accounts={account.number: account for account in world.accounts},
        tax_codes={code.code: code for code in world.tax_codes},
        cost_centres=world.cost_centres,
        items={item.number: item for item in world.items},
        rates=dict(world.rates),
        suppliers={
            kept.supplier.supplier_id: _card(kept, world.settings.controls.payables, moment)
            for kept in world.suppliers
        },
        orders={
            order.number: OrderCard(order=_untouched(order), changed_at=moment) for order in world.orders
        },
    )
    problems = [*_repeated(world), *_loose_ends(books)]
    if problems:
        raise WorldError("; ".join(problems))
    company = make(books, clock)
    for _, _, event in sorted(_history(world), key=lambda dated: dated[:2]):
        _enter(company, event)
    _close_the_past(books, world)
    return company


def _card(kept: WorldSupplier, payables: str, moment: datetime) -> SupplierCard:
    # Blocks are put back once the history is in: it was made before them.
    return SupplierCard(
        supplier=kept.supplier.model_copy(
            update={"block": SupplierBlock.NONE, "version": kept.supplier.version or "1"}
        ),
        payables_account=kept.payables_account or payables,
        tax_code=kept.tax_code,
        changed_at=moment,
    )


def _untouched(order: PurchaseOrder) -> PurchaseOrder:
    lines = tuple(
        line.model_copy(update={"received": Decimal(0), "invoiced": Decimal(0), "cancelled": False})
        for line in order.lines
    )
    return order.model_copy(update={"lines": lines, "state": OrderState.OPEN})


def _repeated(world: World) -> Iterator[str]:
    yield from _twice("account", (account.number for account in world.accounts))
    yield from _twice("tax code", (code.code for code in world.tax_codes))
    yield from _twice("cost centre", (centre.code for centre in world.cost_centres))
    yield from _twice("item", (item.number for item in world.items))
    yield from _twice("supplier", (kept.supplier.supplier_id for kept in world.suppliers))
    yield from _twice("order", (order.number for order in world.orders))
    yield from _twice("receipt", (receipt.number for receipt in world.receipts))
    yield from _twice("invoice", (invoice.number for invoice in world.invoices))


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{what} {name} is there twice"
        seen.add(name)


def _loose_ends(books: Books) -> Iterator[str]:
    for name, account in books.settings.controls.model_dump().items():
        yield from _no_account(books, f"settings.controls.{name}", account)
    for code in books.tax_codes.values():
        yield from _no_account(books, f"tax code {code.code}: input_account", code.input_account)
        yield from _no_account(books, f"tax code {code.code}: output_account", code.output_account)
    for item in books.items.values():
        yield from _no_account(books, f"item {item.number}: inventory_account", item.inventory_account)
        yield from _absent(books.tax_codes, f"item {item.number}: tax_code", item.tax_code)
    for card in books.suppliers.values():
        name = f"supplier {card.supplier.supplier_id}"
        yield from _no_account(books, f"{name}: payables_account", card.payables_account)
        yield from _absent(books.tax_codes, f"{name}: tax_code", card.tax_code)
        yield from _no_number(f"{name}: version", card.supplier.version)
    for order in (kept.order for kept in books.orders.values()):
        yield from _absent(books.suppliers, f"order {order.number}: supplier_id", order.supplier_id)
        yield from _no_number(f"order {order.number}: version", order.version)
        for line in order.lines:
            yield from _loose_line(books, order, line)


def _loose_line(books: Books, order: PurchaseOrder, line: OrderLine) -> Iterator[str]:
    name = f"order {order.number} line {line.line_id}"
    yield from _absent(books.items, f"{name}: item_number", line.item_number)
    yield from _no_account(books, f"{name}: account", line.account)
    yield from _absent(books.tax_codes, f"{name}: tax_code", line.tax_code)
    if line.unit not in books.units:
        yield f"{name}: unit {line.unit} is not in units"
    if line.item_number is None and line.account is None:
        yield f"{name}: needs item_number or account"
    if line.unit_price.currency != order.currency:
        yield f"{name}: unit_price is in {line.unit_price.currency}, the order in {order.currency}"
    if line.price_base <= 0:
        yield f"{name}: price_base must be positive"


def _no_account(books: Books, where: str, number: str | None) -> Iterator[str]:
    yield from _absent(books.accounts, where, number)
    if number in books.accounts and books.accounts[number].heading:
        yield f"{where} {number} is a heading"


def _absent(known: Iterable[str], where: str, name: str | None) -> Iterator[str]:
    if name is not None and name not in set(known):
        yield f"{where} {name} does not exist"


def _no_number(where: str, version: str) -> Iterator[str]:
    if not version.isdigit():
        yield f"{where} must be a whole number"


class _Payment:
    def __init__(self, invoice: WorldInvoice) -> None:
        self.invoice = invoice


_Event = WorldReceipt | WorldInvoice | _Payment


def _history(world: World) -> Iterator[tuple[date, int, _Event]]:
    """Receipts before invoices before payments of the same day, else as in the file."""
    for receipt in world.receipts:
        yield receipt.received_on, 0, receipt
    for invoice in world.invoices:
        yield invoice.posting_date, 1, invoice
        if invoice.paid_on is not None:
            yield max(invoice.paid_on, invoice.posting_date), 2, _Payment(invoice)


def _enter(company: Company, event: _Event) -> None:
    what = "receipt" if isinstance(event, WorldReceipt) else "invoice"
    number = event.invoice.number if isinstance(event, _Payment) else event.number
    try:
        if isinstance(event, WorldReceipt):
            _enter_receipt(company, event)
        elif isinstance(event, WorldInvoice):
            _enter_invoice(company, event)
        else:
            company.payables.pay(
                company.documents.by_number(number).document_id, event.invoice.paid_on or date.max
            )
    except Refused as refused:
        field = f" ({refused.field})" if refused.field else ""
        raise WorldError(f"{what} {number}{field}: {refused.message}") from refused


def _enter_receipt(company: Company, receipt: WorldReceipt) -> None:
    company.purchasing.receive(
        receipt.order_number,
        {line.order_line_id: line.quantity for line in receipt.lines},
        receipt.received_on,
        delivery_note=receipt.delivery_note,
        receipt_number=receipt.number,
    )
    for line in receipt.lines:
        if line.accepted is not None or line.has_exception:
            company.purchasing.inspect(
                receipt.number, line.order_line_id, line.accepted, has_exception=line.has_exception
            )


def _enter_invoice(company: Company, invoice: WorldInvoice) -> None:
    draft = company.documents.create(
        invoice.document_type,
        invoice.supplier_id,
        lines=invoice.lines,
        supplier_number=invoice.supplier_number,
        invoice_date=invoice.invoice_date,
        posting_date=invoice.posting_date,
        due_date=invoice.due_date,
        currency=invoice.currency,
        preceding=invoice.preceding,
        reference=invoice.reference,
        stated_tax=invoice.stated_tax,
    )
    company.payables.post(draft.document_id, posted_number=invoice.number)


def _close_the_past(books: Books, world: World) -> None:
    """Puts the stated present over the history: states, versions, blocks, the posting window."""
    books.window = world.posting_window
    for kept in world.suppliers:
        supplier_id = kept.supplier.supplier_id
        card = books.suppliers[supplier_id]
        supplier = card.supplier.model_copy(update={"block": kept.supplier.block})
        books.suppliers[supplier_id] = card.model_copy(update={"supplier": supplier})
    problems = []
    for stated in world.orders:
        entered = books.orders[stated.number]
        lines = []
        for wanted, line in zip(stated.lines, entered.order.lines, strict=True):
            problems += [
                f"order {stated.number} line {line.line_id}: {name} is {want}, the history gives {have}"
                for name, want, have in (
                    ("received", wanted.received, line.received),
                    ("invoiced", wanted.invoiced, line.invoiced),
                )
                if want and want != have
            ]
            lines.append(line.model_copy(update={"cancelled": wanted.cancelled}))
        order = entered.order.model_copy(
            update={"lines": tuple(lines), "state": stated.state, "version": stated.version}
        )
        books.orders[stated.number] = entered.model_copy(update={"order": order})
    if problems:
        raise WorldError("; ".join(problems))
