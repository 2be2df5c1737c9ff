"""The language of a document, by its commonest small words and trade words."""

from __future__ import annotations

from collections import Counter

from tools.intake.pdf_dates import DateOrder
from tools.intake.pdf_lines import folded

_WORDS = {
    "de": """rechnung rechnungsdatum rechnungsnummer und der die das zahlbar betrag mwst ust menge einzelpreis
        gesamt netto steuernummer kunde bestellung lieferung bitte innerhalb tagen fur nr""",
    "nl": """factuur factuurdatum factuurnummer btw bedrag aantal omschrijving totaal het een voor van
        klant prijs vervaldatum dagen betaling excl binnen bestelnummer kvk""",
    "fr": """facture tva montant quantite designation total prix unitaire echeance le les des pour client
        adresse reglement commande siret conditions paiement avoir""",
    "en": """invoice date bill amount due quantity description unit price total tax subtotal the and for to of
        payment customer terms please thank you""",
    "it": """fattura partita iva importo quantita descrizione prezzo totale imponibile scadenza cliente di per
        pagamento aliquota spett""",
    "es": """factura fecha importe cantidad descripcion precio total iva cliente vencimiento base
        imponible el los para pago cif nif""",
    "pt": """fatura factura data quantidade descricao preco total iva cliente vencimento nif contribuinte
        valor para""",
    "da": """faktura fakturadato fakturanummer moms belob antal beskrivelse pris ialt betaling kunde cvr
        forfaldsdato og til levering""",
    "no": """faktura fakturadato fakturanummer mva belop antall beskrivelse pris sum forfallsdato kunde orgnr
        og til levering kontonummer""",
    "sv": """faktura fakturadatum fakturanummer moms belopp antal beskrivning pris summa forfallodatum kund
        orgnr och att betala bankgiro""",
    "fi": """lasku laskun paivays erapaiva alv maara yhteensa hinta veroton viitenumero asiakas maksettava
        tilinumero y tunnus""",
    "pl": """faktura data wystawienia sprzedawca nabywca nip ilosc cena netto vat brutto razem kwota zaplaty
        termin platnosci wartosc""",
}
_BY_WORD = {
    word: [lang for lang, words in _WORDS.items() if word in words.split()]
    for word in {word for words in _WORDS.values() for word in words.split()}
}
_FEWEST = 3


def language_of(text: str) -> str | None:
    """ISO 639-1 code, None when too few known words occur or two languages are level."""
    counted: Counter[str] = Counter()
    for word in set(folded(text).split()):
        for language in _BY_WORD.get(word, ()):
            counted[language] += 1
    ranked = counted.most_common(2)
    if not ranked or ranked[0][1] < _FEWEST:
        return None
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        return None
    return ranked[0][0]


def usual_date_order(language: str | None, currency: str | None, text: str) -> DateOrder | None:
    """How dates are written where the document comes from; None for English without a known country."""
    if language is not None and language != "en":
        return DateOrder.DAY_FIRST
    if language is None:
        return None
    if currency in ("GBP", "EUR", "DKK", "SEK", "NOK", "PLN", "INR", "AUD", "NZD", "CHF"):
        return DateOrder.DAY_FIRST
    words = folded(text)
    if currency == "USD" and ("sales tax" in words or _has_us_address(text)):
        return DateOrder.MONTH_FIRST
    return None


_STATES = frozenset(
    """AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC
        ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC""".split()
)


def _has_us_address(text: str) -> bool:
    """A state's two letters before a ZIP code."""
    words = text.replace(",", " ").split()
    return any(
        state in _STATES and zip_code[:5].isdigit() and len(zip_code) in (5, 10)
        for state, zip_code in zip(words, words[1:], strict=False)
    )
