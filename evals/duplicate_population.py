"""A made-up company's incoming invoices over three years: rent and subscriptions, couriers with fixed
tariffs, goods in several deliveries, utilities, projects; some suppliers sold their claims to one factor.

Nothing here knows how duplicates are looked for: suppliers number, price and word their documents each in
their own way, and what repeats does so because their trade does.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from tools.domain.documents import DocumentFormat, DocumentType, Invoice, InvoiceLine, Party
from tools.domain.identifiers import CaseId, SupplierId
from tools.domain.money import Money, round_amount

FIRST_DAY = date(2023, 1, 2)
LAST_DAY = date(2025, 12, 30)
OURS = ("WERK", "SISTER")
_MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
_FIRMS = "Nord Süd Alpen Hanse Rhein Elbe Main Donau Isar Neckar Spree Weser Oder Harz Eifel Taunus".split()
_TRADES = "Technik Logistik Papier Stahl Bau Energie Druck Service Medien Werkzeug Reinigung Kurier".split()
_GOODS = "Schraube Mutter Blech Rohr Lager Dichtung Kabel Schalter Filter Pumpe Ventil Motor Riemen".split()
_WORK = "Beratung Wartung Montage Schulung Programmierung Gutachten Reparatur Planung".split()


@dataclass
class Firm:
    """A supplier: how it numbers, what it sells, and how often."""

    supplier_id: SupplierId
    name: str
    vat_id: str
    iban: str
    trade: str
    numbering: int
    counter: int
    step: int
    """Invoices to other customers between two of ours, at most."""
    amounts: tuple[Decimal, ...]
    says_when: bool
    """Its lines name the day or the month."""
    deliveries: int = 0
    posted: Decimal = Decimal(0)
    """Billed and posted on the order that is open."""
    year: int = 0
    orders: dict[str, tuple[Decimal, Decimal, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """One document, with what the ERP knows about the delivery it bills."""

    case_id: CaseId
    firm: Firm
    invoice: Invoice
    company: str
    stage: str
    received: Decimal = Decimal(0)
    billed_before: Decimal = Decimal(0)


_TRADES_BY_SHARE = (
    *["goods"] * 34, *["work"] * 24, *["utility"] * 12, *["rent"] * 7, *["subscription"] * 12,
    *["courier"] * 5, *["cleaning"] * 4, *["credit"] * 2,
)  # fmt: skip
_DAYS_BETWEEN = {
    **{"goods": 16, "work": 40, "utility": 30, "rent": 30, "subscription": 30},
    **{"courier": 4, "cleaning": 7, "credit": 60},
}


def firms(count: int, rng: random.Random) -> list[Firm]:
    """`count` firms; some share the account of a factor, some have a second supplier account."""
    factors = [_iban(rng) for _ in range(4)]
    found = []
    for position in range(count):
        trade = rng.choice(_TRADES_BY_SHARE)
        name = f"{rng.choice(_FIRMS)}{rng.choice(_FIRMS).lower()} {rng.choice(_TRADES)} {position} GmbH"
        found.append(
            Firm(
                supplier_id=SupplierId(f"V{10000 + position}"),
                name=name,
                vat_id=f"DE{rng.randrange(10**8, 10**9)}" if rng.random() < 0.9 else "",
                iban=rng.choice(factors) if rng.random() < 0.03 else _iban(rng),
                trade=trade,
                numbering=rng.randrange(9),
                counter=rng.choice((0, rng.randrange(100), rng.randrange(9000), rng.randrange(10**6))),
                step=rng.choice((1, 1, 4, 30, 300)),
                amounts=tuple(_price(rng) for _ in range(rng.choice((1, 1, 2, 3)))),
                says_when=rng.random() < 0.7,
            )
        )
    return found


def _iban(rng: random.Random) -> str:
    return f"DE{rng.randrange(10**19, 10**20)}"


def _price(rng: random.Random) -> Decimal:
    return Decimal(rng.choice((rng.randrange(500, 9000), rng.randrange(5000, 300000)))) / 100


def _number(firm: Firm, day: date, rng: random.Random) -> str:
    """The firm's next number, in its own style. Five styles begin anew each year."""
    if firm.year != day.year and firm.numbering in (0, 1, 2, 3, 4):
        firm.counter = 0
    firm.year = day.year
    firm.counter += rng.randint(1, firm.step)
    count = firm.counter
    styles: tuple[Callable[[], str], ...] = (
        lambda: f"RE-{day.year}-{count:04d}",
        lambda: f"{count}/{day.year}",
        lambda: f"{count}",
        lambda: f"R{day:%y}{count:05d}",
        lambda: f"{day:%Y%m}-{count:03d}",
        lambda: f"INV-{count:06d}",
        lambda: f"{4000000 + count}",
        lambda: f"K{int(firm.vat_id[-4:] or 7)}-{count}",
        lambda: f"FA {count}",
    )
    return styles[firm.numbering]()


def stream(count: int, rng: random.Random) -> Iterator[Sent]:
    """`count` documents in the order of their dates."""
    known = firms(max(8, count // 40), rng)
    days = (LAST_DAY - FIRST_DAY).days
    calendar: list[tuple[int, int]] = []
    for place, firm in enumerate(known):
        day = rng.randrange(_DAYS_BETWEEN[firm.trade])
        while day < days:
            calendar.append((day, place))
            day += _gap(firm, rng)
    rng.shuffle(calendar)
    calendar = sorted(calendar[:count], key=lambda entry: entry[0])
    for position, (day, place) in enumerate(calendar):
        yield _document(position, known[place], FIRST_DAY + timedelta(days=day), rng)


def _gap(firm: Firm, rng: random.Random) -> int:
    usual = _DAYS_BETWEEN[firm.trade]
    if firm.trade in ("rent", "subscription", "cleaning"):
        return usual
    return max(1, int(rng.expovariate(1 / usual)))


def _document(position: int, firm: Firm, day: date, rng: random.Random) -> Sent:
    received = before = Decimal(0)
    order: str | None = None
    if firm.trade == "goods":
        order, quantity, price, received = _delivery(firm, rng)
        deliveries, before = firm.deliveries, firm.posted
        lines = [
            _line(f"{rng.choice(_GOODS)} {firm.numbering}-{order[-2:]}", quantity, price, f"A{order[-4:]}")
        ]
        lines += [
            _line(f"{rng.choice(_GOODS)} M{rng.randrange(3, 40)}", Decimal(rng.randrange(1, 90)), _price(rng))
            for _ in range(rng.choice((0, 0, 1, 2, 4)) if deliveries == 1 else 0)
        ]
    else:
        lines = _service(firm, day, rng)
    if order:
        lines = [line.model_copy(update={"order_number": order}) for line in lines]
    stage = rng.choices(("posted", "waiting_for_approval", "parked", "rejected"), (92, 4, 2, 2))[0]
    if stage == "posted":
        firm.posted += lines[0].quantity or Decimal(0)
    return Sent(
        case_id=CaseId(f"C-{position + 1:06d}"),
        firm=firm,
        invoice=an_invoice(firm, _number(firm, day, rng), day, lines),
        company=OURS[rng.random() < 0.1],
        stage=stage,
        received=received,
        billed_before=before,
    )


def _delivery(firm: Firm, rng: random.Random) -> tuple[str, Decimal, Decimal, Decimal]:
    """One order in one to four equal deliveries: its number, quantity, price, and what was received by now;
    at times the next delivery is there before the invoice of this one."""
    open_orders = [number for number, (_, _, left) in firm.orders.items() if left]
    number = open_orders[0] if open_orders else f"PO{rng.randrange(10**6, 10**7)}"
    if not open_orders:
        firm.deliveries, firm.posted = rng.choice((1, 1, 1, 2, 4)), Decimal(0)
        firm.orders = {number: (Decimal(rng.randrange(1, 200)), _price(rng) / 10, firm.deliveries)}
    quantity, price, left = firm.orders[number]
    firm.orders[number] = (quantity, price, left - 1)
    come = firm.deliveries - left + 1 + (left > 1 and rng.random() < 0.3)
    return number, quantity, price, quantity * come


def _service(firm: Firm, day: date, rng: random.Random) -> list[InvoiceLine]:
    month = f" {_MONTHS[day.month - 1]} {day.year}" if firm.says_when else ""
    match firm.trade:
        case "rent":
            return [_line(f"Miete{month}", Decimal(1), firm.amounts[0] * 10)]
        case "subscription":
            return [_line(f"Lizenz {firm.numbering} Nutzer{month}", Decimal(1), firm.amounts[0])]
        case "cleaning":
            when = f" KW {day.isocalendar().week}" if firm.says_when else ""
            return [_line(f"Unterhaltsreinigung{when}", Decimal(1), firm.amounts[0])]
        case "courier":
            when = f" am {day:%d.%m.%Y}" if firm.says_when else ""
            return [_line(f"Fahrt{when}", Decimal(1), rng.choice(firm.amounts))]
        case "utility":
            return [_line(f"Strom{month}", Decimal(rng.randrange(100, 90000)), Decimal("0.3127"))]
        case _:
            hours = [Decimal(rng.randrange(1, 320)) / 4 for _ in range(rng.choice((1, 1, 2, 3)))]
            return [_line(f"{rng.choice(_WORK)}{month}", spent, firm.amounts[0]) for spent in hours]


def _line(text: str, quantity: Decimal, price: Decimal, item: str | None = None) -> InvoiceLine:
    net = Money(amount=round_amount(quantity * price, "EUR"), currency="EUR")
    unit_price = Money(amount=price, currency="EUR")
    return InvoiceLine(
        description=text, quantity=quantity, unit_price=unit_price, net_amount=net, buyer_item_id=item
    )


def an_invoice(firm: Firm, number: str, day: date, lines: list[InvoiceLine]) -> Invoice:
    net = sum((line.net_amount.amount for line in lines if line.net_amount), Decimal(0))
    is_credit = firm.trade == "credit"
    return Invoice(
        document_type=DocumentType.CREDIT_NOTE if is_credit else DocumentType.INVOICE,
        type_code="381" if is_credit else "380",
        format=DocumentFormat.UBL,
        number=number,
        issue_date=day,
        currency="EUR",
        supplier=Party(name=firm.name, vat_id=firm.vat_id or None),
        buyer=Party(name="Werk GmbH"),
        order_number=lines[0].order_number,
        ibans=(firm.iban,),
        lines=tuple(lines),
        net_total=Money(amount=net, currency="EUR"),
        gross_total=Money(amount=round_amount(net * Decimal("1.19"), "EUR"), currency="EUR"),
    )
