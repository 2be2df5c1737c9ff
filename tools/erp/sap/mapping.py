"""SAP ↔ domain for master data, orders and receipts. Pure.

- A price counts for `NetPriceQuantity` units. Where the pricing elements give exactly the net price by one
  price and one discount, both are told; else the net price.
- Received and invoiced quantities are added up elsewhere: see `fulfilment.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tools.domain.documents import GoodsReceipt, OrderLine, OrderState, PurchaseOrder, ReceiptLine
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.money import Money
from tools.domain.units import as_decimal, unit_code
from tools.erp.contract import Account, CostCentre
from tools.erp.sap import documents, wire
from tools.erp.sap.fulfilment import BLOCKED_STOCK, Fulfilment, signed
from tools.erp.sap.settings import Settings

_UNITS = {
    "ST": "H87", "PC": "H87", "EA": "EA", "LE": "C62", "AU": "C62", "PAA": "PR", "H": "HUR",
    "STD": "HUR", "TAG": "DAY", "D": "DAY", "MON": "MON", "KAR": "XCT", "CAR": "XCT", "CV": "XCS",
    "PAK": "XPK", "PAL": "XPX", "ROL": "XRO", "KI": "XCR", "BOX": "XBX", "M2": "MTK", "M3": "MTQ",
    "TO": "TNE", "G": "GRM", "%": "P1",
}  # fmt: skip
"""SAP's delivered units, internal and as shown in German and English; `settings.units` goes before."""
_NO_END = 9999


@dataclass(frozen=True)
class Setup:
    """What has to be known of the company before anything can be read."""

    settings: Settings
    currency: str
    chart: str
    controlling_area: str

    @property
    def company(self) -> CompanyId:
        return CompanyId(self.settings.company)

    def unit(self, code: str) -> str:
        """The Rec. 20 code; no code counts ones."""
        known = self.settings.units.get(code) or _UNITS.get(code)
        return known or unit_code(code) or code or "C62"

    def own_unit(self, rec20: str) -> str:
        """SAP's unit for a Rec. 20 code; one that is not known is sent as it is."""
        units = {**_UNITS, **self.settings.units}
        chosen = [code for code, known in self.settings.units.items() if known == rec20]
        return next(iter(chosen), "") or next(
            (code for code, known in units.items() if known == rec20), rec20
        )


def setup_of(row: wire.CompanyCode, settings: Settings) -> Setup:
    area = settings.controlling_area or row.controlling_area
    return Setup(settings, row.currency, row.chart_of_accounts, area)


def version_of(*parts: object) -> str:
    """One version for a record and all that is read with it."""
    return hashlib.sha256("\n".join(str(part) for part in parts).encode()).hexdigest()[:24]


def account(row: wire.Account, settings: Settings) -> Account:
    """An invoice's line is coded on primary costs; other accounts have to be named in the settings, because
    the chart does not tell which ones only the system posts to."""
    names = {name.language: name.long_name or name.short_name for name in row.names}
    return Account(
        number=row.number,
        name=names.get(settings.language) or next(iter(names.values()), ""),
        direct_posting=row.account_type == "P" or row.number in settings.direct_accounts,
        blocked=row.account_is_blocked_for_posting or row.account_is_marked_for_deletion,
    )


def cost_centres(rows: Iterable[wire.CostCentre], settings: Settings) -> list[CostCentre]:
    """One for each code: its last period of validity."""
    last: dict[str, wire.CostCentre] = {}
    for row in rows:
        known = last.get(row.cost_center)
        if known is None or _end(row) > _end(known):
            last[row.cost_center] = row
    return [_cost_centre(row, settings) for row in last.values()]


def _end(row: wire.CostCentre) -> int:
    return _NO_END * 10000 if row.validity_end_date is None else row.validity_end_date.toordinal()


def _cost_centre(row: wire.CostCentre, settings: Settings) -> CostCentre:
    names = {name.language: name.cost_center_description or name.cost_center_name for name in row.names}
    return CostCentre(
        code=row.cost_center,
        name=names.get(settings.language) or next(iter(names.values()), ""),
        blocked=row.is_blkd_for_primary_costs_posting,
    )


def order(row: documents.Order, done: Fulfilment, setup: Setup) -> PurchaseOrder:
    lines = tuple(_order_line(item, row, done, setup) for item in sorted(row.items, key=_position))
    return PurchaseOrder(
        number=OrderNumber(row.purchase_order),
        company=setup.company,
        supplier_id=SupplierId(row.supplier),
        currency=row.document_currency,
        state=_state(row),
        ordered_on=row.purchase_order_date,
        buyer=row.created_by_user or row.purchasing_group or None,
        lines=lines,
        value_limit=_limit(row),
        valid_from=row.validity_start_date,
        valid_to=row.validity_end_date,
        exchange_rate=_fixed_rate(row),
        version=version_of(
            row.last_change_date_time, row.meta.etag, *(line.model_dump_json() for line in lines)
        ),
    )


def _position(item: documents.OrderItem) -> int:
    return int(item.purchase_order_item) if item.purchase_order_item.isdigit() else 0


def _state(row: documents.Order) -> OrderState:
    """An incomplete order, or one that waits for its release, is a draft. An order is closed when nothing
    more is to be billed on any of its items."""
    left = [item for item in row.items if not item.purchasing_document_deletion_code]
    if row.purchasing_document_deletion_code or (row.items and not left):
        return OrderState.CANCELLED
    if row.purchasing_completeness_status or row.release_is_not_completed:
        return OrderState.DRAFT
    if left and all(item.is_finally_invoiced for item in left):
        return OrderState.CLOSED
    return OrderState.OPEN


def _limit(row: documents.Order) -> Money | None:
    """A frame order's items carry an overall limit each; the order may be billed up to their sum. None as
    soon as one of them is bought by quantity: its price, not a limit, says what it comes to."""
    limits = [item.overall_limit_amount for item in row.items if not item.purchasing_document_deletion_code]
    if not limits or not all(limits):
        return None
    return Money(amount=sum(limits, Decimal(0)), currency=row.document_currency)


def _fixed_rate(row: documents.Order) -> Decimal | None:
    text = row.exchange_rate.strip().replace(",", ".")
    is_number = text.replace(".", "", 1).isdigit()
    return Decimal(text) if row.exchange_rate_is_fixed and is_number and Decimal(text) else None


def _order_line(item: documents.OrderItem, row: documents.Order, done: Fulfilment, setup: Setup) -> OrderLine:
    key = (item.purchase_order, item.line_id)
    price, base, discount = price_of(item)
    days = [line.schedule_line_delivery_date for line in item.schedule if line.schedule_line_delivery_date]
    by_other_unit = item.order_price_unit not in ("", item.purchase_order_quantity_unit)
    return OrderLine(
        line_id=item.line_id,
        item_number=item.material or None,
        supplier_item_id=item.supplier_material_number or None,
        gtin=item.international_article_number or None,
        account=None if item.material else next((a.gl_account for a in item.assignments), None) or None,
        description=item.purchase_order_item_text,
        unit=setup.unit(item.purchase_order_quantity_unit),
        ordered=item.order_quantity,
        received=done.received.get(key, Decimal(0)),
        invoiced=done.invoiced.get(key, Decimal(0)),
        unit_price=Money(amount=price, currency=row.document_currency),
        price_base=base,
        discount_percent=discount,
        tax_code=setup.settings.tax_name(item.tax_code),
        tax_rate=setup.settings.tax_rate(item.tax_code),
        receipt_required=item.goods_receipt_is_expected,
        cancelled=bool(item.purchasing_document_deletion_code),
        expected_on=max(days, default=None),
        item_category=item.material_group or None,
        is_service=True if item.product_type == "2" else None,
        price_unit=setup.unit(item.order_price_unit) if by_other_unit else None,
        price_quantity=price_quantity(item) if by_other_unit else None,
    )


def price_quantity(item: documents.OrderItem) -> Decimal | None:
    """All that was ordered, in the price's unit."""
    if not item.ord_price_unit_to_order_unit_dnmntr:
        return None
    ratio = Fraction(item.order_price_unit_to_order_unit_nmrtr) / Fraction(
        item.ord_price_unit_to_order_unit_dnmntr
    )
    return as_decimal(Fraction(item.order_quantity) * ratio)


def price_of(item: documents.OrderItem) -> tuple[Decimal, Decimal, Decimal]:
    """Price, for how many units, and discount in percent. Net price and no discount unless the pricing
    elements give the same net price to the digit that the net price is kept with."""
    net, base = item.net_price_amount, item.net_price_quantity or Decimal(1)
    live = [
        each
        for each in item.pricing
        if not each.condition_is_for_statistics and not each.condition_inactive_reason
    ]
    prices = [each for each in live if (each.condition_class, each.condition_calculation_type) == ("B", "C")]
    cuts = [each for each in live if (each.condition_class, each.condition_calculation_type) == ("A", "A")]
    if len(prices) != 1 or len(cuts) > 1 or len(live) != len(prices) + len(cuts):
        return net, base, Decimal(0)
    discount = -cuts[0].condition_rate_value if cuts else Decimal(0)
    price, quantity = prices[0].condition_rate_value, prices[0].condition_quantity or Decimal(1)
    agreed = Fraction(price) * (100 - Fraction(discount)) / 100 / Fraction(quantity)
    step = Fraction(1, 100) / Fraction(base)
    if abs(agreed - Fraction(net) / Fraction(base)) * 2 > step:
        return net, base, Decimal(0)
    return price, quantity, discount


def receipts(movements: Iterable[documents.Movement], setup: Setup) -> list[GoodsReceipt]:
    """Material documents in the order they were posted, one for each order they are about."""
    groups: dict[tuple[str, str, str], list[documents.Movement]] = {}
    for move in movements:
        if move.goods_movement_type not in BLOCKED_STOCK and move.header is not None:
            key = (move.material_document_year, move.material_document, move.purchase_order)
            groups.setdefault(key, []).append(move)
    return [
        GoodsReceipt(
            number=number,
            order_number=OrderNumber(purchase_order),
            received_on=moves[0].header.posting_date,  # type: ignore[union-attr]
            lines=tuple(_receipt_line(move, setup) for move in sorted(moves, key=_item_position)),
        )
        for (_, number, purchase_order), moves in sorted(groups.items())
    ]


def _item_position(move: documents.Movement) -> int:
    return int(move.material_document_item) if move.material_document_item.isdigit() else 0


def _receipt_line(move: documents.Movement, setup: Setup) -> ReceiptLine:
    return ReceiptLine(
        order_line_id=move.purchase_order_item.lstrip("0") or None,
        item_number=move.material or None,
        description=move.material_document_item_text or None,
        quantity=signed(move, move.quantity_in_entry_unit),
        unit=setup.unit(move.entry_unit),
    )
