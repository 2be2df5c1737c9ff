"""What the columns and rows of a supplier's statement are called, in several languages."""

from __future__ import annotations

import re
from enum import StrEnum

from tools.domain.statement import EntryKind
from tools.intake.pdf_lines import folded


class Column(StrEnum):
    DATE = "date"
    NUMBER = "number"
    KIND = "kind"
    DEBIT = "debit"
    CREDIT = "credit"
    AMOUNT = "amount"
    OPEN = "open"
    """What is left of the amount."""
    BALANCE = "balance"
    DUE = "due"
    CURRENCY = "currency"


# Exact names first; where two columns fit one meaning, the first one of the header counts.
_NAMES: dict[Column, str] = {
    Column.DUE: (
        "due/due date/fallig/falligkeit/fallig am/vervaldatum/echeance/vencimiento/scadenza/forfald"
    ),
    Column.DATE: (
        "date/datum/invoice date/document date/posting date/transaction date/belegdatum/"
        "rechnungsdatum/buchungsdatum/factuurdatum/boekdatum/date facture/date piece/fecha/"
        "data/dato/bilagsdato"
    ),
    Column.NUMBER: (
        "number/no/nr/document/document no/document number/doc no/invoice/invoice no/"
        "invoice number/reference/ref/transaction/transaction no/beleg/belegnr/"
        "belegnummer/rechnung/rechnungsnr/rechnungsnummer/nummer/referenz/factuur/"
        "factuurnr/factuurnummer/referentie/facture/facture no/piece/numero/no piece/"
        "reference no/factura/no factura/documento/fattura/bilag/fakturanr/faktura"
    ),
    Column.KIND: (
        "type/kind/art/belegart/description/details/text/buchungstext/beschreibung/"
        "bezeichnung/vorgang/omschrijving/soort/libelle/designation/nature/concepto/"
        "descripcion/descrizione/particulars/transaction type/memo/tekst"
    ),
    Column.DEBIT: "debit/debits/dr/soll/debet/debe/dare/charges/charge/invoiced/billed/belastung",
    Column.CREDIT: "credit/credits/cr/haben/haber/avere/payments/paid/gutschrift/credited/kredit",
    Column.OPEN: (
        "open/open amount/outstanding/outstanding amount/amount due/remaining/"
        "remaining amount/balance due/offen/offener betrag/restbetrag/openstaand/"
        "openstaand bedrag/reste du/restant du/pendiente/importe pendiente/residuo/aperto/"
        "rest"
    ),
    Column.AMOUNT: (
        "amount/total/betrag/bedrag/montant/importe/importo/belob/value/rechnungsbetrag/original amount"
    ),
    Column.BALANCE: "balance/running balance/saldo/solde/kontostand/laufender saldo",
    Column.CURRENCY: "currency/curr/ccy/wahrung/valuta/devise/moneda/divisa",
}
_COLUMNS = {name.strip(): column for column, text in _NAMES.items() for name in text.split("/")}
_UNITS = re.compile(r"\b(?:eur|usd|gbp|chf|sek|nok|dkk|pln|czk|euro|in|incl|vat|btw|mwst)\b")


def column_of(header: str) -> Column | None:
    """What a column head names; a currency in it does not matter (`Betrag EUR`, `Amount (GBP)`)."""
    words = folded(header)
    return _COLUMNS.get(words) or _COLUMNS.get(" ".join(_UNITS.sub(" ", words).split()))


class RowKind(StrEnum):
    OPENING = "opening"
    CLOSING = "closing"


_OPENING = re.compile(
    r"\b(?:(?:opening|previous|initial|old|starting) balance|"
    r"(?:balance|bal) (?:brought|carried) (?:forward|fwd)|"
    r"(?:balance|bal) (?:fwd|forward|b f|b fwd|c f)|brought forward|"
    r"saldovortrag|saldo vortrag|anfangssaldo|eroffnungssaldo|anfangsbestand|"
    r"(?:alter|vorheriger|letzter) saldo|"
    r"(?:begin|openings|start|vorige?|oude?) ?saldo|openingsbalans|saldo vorige?|"
    r"(?:ancien|precedent) solde|"
    r"solde (?:initial|anterieur|precedent|de depart|reporte|d ouverture)|report a nouveau|"
    r"saldo (?:inicial|anterior|previo|de apertura|iniziale|precedente|riportato|transportado)|"
    r"primosaldo|(?:ingaende|inngaende) (?:saldo|balans)|overfort saldo|"
    r"saldo poczatkowe|bilans otwarcia|pocatecni (?:saldo|zustatek))\b"
)
_DAY = r"(?: (?:per|am|zum|vom|op|d d|dd|as|of|at|on|au|du|al|a|eur|usd|gbp|chf|\d+))*"
_CARRIED = re.compile(
    rf"(?:vortrag|ubertrag|report|transport|riporto|a nouveau|overfort|b f|b fwd|c f){_DAY}", re.ASCII
)
"""Words that mean a balance only where nothing but a day stands beside them: transport is also freight."""
_BALANCE = re.compile(
    rf"(?:saldo|saldi|balance|bal|solde|kontostand|kontosaldo|rekeningsaldo){_DAY}", re.ASCII
)
"""A balance and a day, and nothing that says which balance it is: its place in the table does."""
_CLOSING = re.compile(
    r"\b(?:closing balance|balance due|total due|amount due|total outstanding|total balance|"
    r"statement balance|"
    r"balance carried down|ending balance|new balance|grand total|total open|total|endsaldo|"
    r"schlusssaldo|gesamtsaldo|"
    r"saldo per|gesamt|gesamtbetrag|summe|offener saldo|eindsaldo|totaal|totaal openstaand|openstaand saldo|"
    r"solde final|solde du|solde au|total du|saldo final|saldo finale|totale|ultimosaldo|i alt)\b"
)
_PAYMENT = re.compile(
    r"\b(?:payments?|payment received|receipt|remittance|bank transfer|transfer|paid|zahlung\w*|uberweisung|"
    r"bankeingang|geldeingang|lastschrift|betaling\w*|ontvangst\w*|overboeking|paiements?|"
    r"reglements?|virement|"
    r"pagos?|transferencia|pagament[oi]|bonifico|indbetaling|betaling|pymt|pmt)\b"
)
_CREDIT_NOTE = re.compile(
    r"\b(?:credit notes?|credit memos?|credit memorandum|credit|gutschrift\w*|rechnungskorrektur|creditnota|"
    r"creditfactuur|avoirs?|note de credit|nota de credito|abono|nota di credito|kreditnota|cn|crn|storno)\b"
)
_INVOICE = re.compile(
    r"\b(?:invoices?|inv|rechnung\w*|re|factuur|facturen|factures?|facturas?|fattur[ae]|faktura|bill)\b"
)

_KINDS = {EntryKind.CREDIT_NOTE: _CREDIT_NOTE, EntryKind.PAYMENT: _PAYMENT, EntryKind.INVOICE: _INVOICE}
"""The stronger word first."""
_REVERSAL = re.compile(
    r"\b(?:re(?:turn|vers|fund|ject|pa(?:y|id))\w*|bounced|dishonou?red|unpaid|cancel\w*|void(?:ed)?|correct\w*|"
    r"chargeback|storn\w*|\w*storno|ruck\w*|erstatt\w*|korrektur\w*|terug\w*|gestorneerd|geweigerd|"
    r"annul\w*|rejet\w*|rembours\w*|impaye\w*|extourn\w*|contrepass\w*|devol\w*|devuelt\w*|anulad\w*|"
    r"rimbors\w*|insolut\w*|storni|tilbage\w*|ater\w*|refus\w*)\b"
)


def row_kind(text: str, *, begun: bool) -> RowKind | None:
    """Whether a row is a balance rather than an entry. `begun`: entries stand above it, so that a row called
    just `Saldo` is no longer the balance before them but the one after them."""
    words = folded(text)
    if is_plain_balance(text):
        return RowKind.CLOSING if begun else RowKind.OPENING
    if _OPENING.search(words) or _CARRIED.fullmatch(words):
        return RowKind.OPENING
    return RowKind.CLOSING if _CLOSING.search(words) else None


def is_plain_balance(text: str) -> bool:
    """Whether it says `Saldo` and perhaps a day, and nothing else."""
    return _BALANCE.fullmatch(folded(text)) is not None


def entry_kind(text: str) -> EntryKind | None:
    """What the words of a row call it; None when they call it nothing."""
    named = kinds_named(text)
    return next((kind for kind in _KINDS if kind in named), None)


def kinds_named(text: str) -> set[EntryKind]:
    """Everything that the words of a row call it; a remark may name several."""
    words = folded(text)
    return {kind for kind, pattern in _KINDS.items() if pattern.search(words)}


def is_reversal(text: str) -> bool:
    """Whether the words take an entry back: it then stands on the other side, and rightly."""
    return _REVERSAL.search(folded(text)) is not None
