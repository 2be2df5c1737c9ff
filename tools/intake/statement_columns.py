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
    r"\b(?:opening balance|balance (?:brought|carried) forward|balance b f|brought forward|previous balance|"
    r"saldovortrag|anfangssaldo|anfangsbestand|vortrag|ubertrag|beginsaldo|vorig saldo|"
    r"saldo vorig|solde initial|"
    r"solde anterieur|a nouveau|report a nouveau|saldo inicial|saldo anterior|saldo iniziale|primosaldo)\b"
)
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


def row_kind(text: str) -> RowKind | None:
    """Whether a row is a balance rather than an entry."""
    words = folded(text)
    if _OPENING.search(words):
        return RowKind.OPENING
    return RowKind.CLOSING if _CLOSING.search(words) else None


def entry_kind(text: str) -> EntryKind | None:
    """What the words of a row call it; None when they call it nothing."""
    words = folded(text)
    if _CREDIT_NOTE.search(words):
        return EntryKind.CREDIT_NOTE
    if _PAYMENT.search(words):
        return EntryKind.PAYMENT
    return EntryKind.INVOICE if _INVOICE.search(words) else None
