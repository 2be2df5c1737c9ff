"""What the words beside amounts mean, in twelve languages, and how a label is taken apart into them.

A label counts only when every piece of it is a known word: `Total Station rental` is goods, `Total VAT`
is a label. Labels are compared without blanks, so compounds and torn words are the same thing.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from tools.intake.pdf_lines import folded


class Part(StrEnum):
    """The role of one word in a label of an amount."""

    SUM = "sum"
    FINAL = "final"
    """A sum that says itself that it is the last: `Rechnungsbetrag`."""
    INVOICE = "invoice"
    """Makes a sum the document's: `total facture`."""
    NET = "net"
    GROSS = "gross"
    TAX = "tax"
    WITH = "with"
    WITHOUT = "without"
    PLUS = "plus"
    PAYABLE = "payable"
    PREPAID = "prepaid"
    PREVIOUS = "previous"
    CARRIED = "carried"
    PARTIAL = "partial"
    GOODS = "goods"
    DISCOUNT = "discount"
    CHARGE = "charge"
    RATE = "rate"
    BASE = "base"
    ROUNDING = "rounding"
    LINK = "link"


class Label(StrEnum):
    """What a labelled amount is."""

    NET = "net"
    TAX = "tax"
    GROSS = "gross"
    PAYABLE = "payable"
    PREPAID = "prepaid"
    LINES = "lines"
    ALLOWANCE = "allowance"
    CHARGE = "charge"
    BASE = "base"
    RATE = "rate"
    ROUNDING = "rounding"
    OTHER = "other"
    """An amount that is no total of this invoice: carried forward, an earlier balance."""


_WORDS: dict[Part, str] = {
    Part.SUM: """total totals totaal totaux totale totali totais totalt summe sum suma somme montant
        betrag betraege bedrag amount importe importo valor valore belob belop beloppet belobet summa
        yhteensa razem kwota wartosc value loppusumma ialt sammanlagt montante""",
    Part.FINAL: """rechnungsbetrag rechnungssumme gesamtbetrag gesamtbeitrag gesamtsumme endbetrag endsumme
        rechnungsendbetrag factuurbedrag eindtotaal eindbedrag totaalbedrag importototale importetotal
        fakturabelob fakturabelop fakturabeloppet fakturasumma laskunsumma loppusumma endtotal""",
    Part.INVOICE: """invoice rechnung rechnungs factuur faktura facture fattura factura fatura laskun
        documento generale general grand gesamt all overall final order""",
    Part.NET: """net netto ht htva nett imponibile nettopris netta nette netbelob base-imponible neto
        liquido exkludert veroton""",
    Part.GROSS: "gross brutto ttc bruto brut brutta verollinen",
    Part.TAX: """tax taxes vat mwst ust ustg umsatzsteuer mehrwertsteuer steuer steuern taxe tva btw iva
        moms mva alv arvonlisavero podatek podatku salestax gst impot impots impuesto impuestos imposta
        imposto impostos versicherungssteuer versicherungsteuer merverdiavgift mervardesskatt
        omzetbelasting dph hst pst""",
    Part.WITH: """com incluida incl inkl inclusive inklusive including includes incluse inclus incluso
        incluido con mit included med sis inkluderet""",
    Part.WITHOUT: """excl exkl exclusive exklusive excluding ex hors ohne zonder sans without senza sin
        sem ekskl eksklusive utan uden exclusief before""",
    Part.PLUS: "zzgl zuzueglich zuzuglich plus",
    Part.PAYABLE: """due payable zahlbetrag zuzahlen apayer netapayer tepayer tebetalen openstaand offen
        offener offene zahlbar balance saldo solde balancedue amountdue restbetrag verschuldigd apagar
        dapagare dovuto adebito attbetala abetale tilbetaling maksettava dozaplaty zahlungsbetrag payer
        restant pagar betalen openstehend outstanding ueberweisungsbetrag verbleibend resteapayer reste
        pay zahlen""",
    Part.PREPAID: """prepaid paid bezahlt gezahlt erhaltene anzahlung anzahlungen anzahlungsbetrag
        abschlagszahlungen abschlagszahlung deposit acompte acomptes paye deja aanbetaling betaald
        voldaan bereits already pagado anticipo acconto pagato vooruitbetaald payments received
        vorauszahlung geleistete advance credit forskud forskott zaliczka betalt regle reglement""",
    Part.PREVIOUS: """previous unpaid vorherige vorheriger vorige precedent precedente anterior
        tidligere edellinen poprzednie overdue""",
    Part.CARRIED: """uebertrag ubertrag transport report aretenir overdracht transportieren carried
        brought forward riporto arrastre carriedforward broughtforward areporter seite page pagina
        transportbedrag side sida""",
    Part.PARTIAL: """subtotal subtotaal zwischensumme soustotal subtotale subtotais subtotalt valisumma
        delsumma mellomsum subsum tussentotaal sumaczesciowa sub sous zwischen""",
    Part.GOODS: """position positionen positionssumme warenwert goods lines line lignes articles artikel
        merchandise items item leistung leistungen services posten regels produits summeposition""",
    Part.DISCOUNT: """discount discounts rabatt rabatte abschlag abschlaege abschlage remise remises
        korting sconto descuento desconto rabat alennus nachlass sondernachlass allowances allowance
        skonto abzuege""",
    Part.CHARGE: """charge charges zuschlag zuschlaege zuschlage versand versandkosten shipping freight
        fracht frachtkosten transportkosten port frais verzendkosten handling delivery lieferkosten
        postage porto spedizione envio fragt frakt rahti wysylka surcharge livraison verpackung""",
    Part.RATE: "rate satz taux tarief tarif aliquota tipo taxa sats kanta stawka steuersatz",
    Part.BASE: """basis base basisbetrag grondslag bemessungsgrundlage assiette baseimponible grundlag
        underlag taxable maatstaf steuerbasis netbasis basebtw""",
    Part.ROUNDING: "rounding rundung afronding arrondi arrotondamento redondeo oresavrunding oresutjamning",
    Part.LINK: """the of zu de du des la le les l in auf von der die das und et en e y i a to for im per
        van het op di del della do da dos and s n your this currency waehrung devise document eur euro
        usd gbp chf sek dkk nok pln cad aud your our unsere uw in-eur collectee vente abzgl minus less
        moins sur te no nr gesetzliche gesetzl der-gesamten xxx erhoben""",
}
_ROLES = {word.replace("-", ""): part for part, words in _WORDS.items() for word in words.split()}
_LONGEST = max(map(len, _ROLES))
_NOISE = re.compile(r"\d+(?:[.,]\d+)?\s*%?|[€$£%():*#|/]|\b[SEOKZG]\b(?=\))")

_DATE_WORD = re.compile(r"\b(?:date|datum|data|fecha|dato|dag|day)\b", re.IGNORECASE)
_CURRENCY = re.compile(r"\b(?:EUR|USD|GBP|CHF|SEK|DKK|NOK|PLN|CZK|HUF|CAD|AUD|NZD|JPY|INR|DEM|SGD|ZAR|BRL)\b")
_BARE_PERCENT = re.compile(r"(?<![\d\s])\s*%")


def parts_of(text: str) -> tuple[Part, ...] | None:
    """The roles of the words of a label; None when a piece of it is no known word, or nothing is left."""
    if _DATE_WORD.search(text):
        return None
    text = _BARE_PERCENT.sub(" rate ", _CURRENCY.sub(" ", text))
    words = folded(_NOISE.sub(" ", text))
    return _split(words) if 0 < len(words) <= 80 else None


@lru_cache(maxsize=4096)
def _split(words: str) -> tuple[Part, ...] | None:
    """Fewest known words that make up the text completely: a plain shortest-path word break.

    Small words (`de`, `à`) must stand alone, else `is` and `days` would be made of them.
    """
    text = words.replace(" ", "")
    edges = {len(words[:at].replace(" ", "")) for at, c in enumerate(words) if c == " "} | {0, len(text)}
    best: list[tuple[int, tuple[Part, ...]] | None] = [(0, ())] + [None] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - _LONGEST), end):
            so_far, role = best[start], _ROLES.get(text[start:end])
            if so_far is None or role is None:
                continue
            if role is Part.LINK and end - start <= 2 and not _stands_alone(text, start, end, edges):
                continue
            cost = so_far[0] + (3 if end - start <= 2 else 1)
            here = best[end]
            if here is None or cost < here[0]:
                best[end] = (cost, (*so_far[1], role))
    found = best[len(text)]
    return found[1] if found else None


def names_tax(text: str) -> bool:
    """Whether a tax is named anywhere in a text."""
    return any(_ROLES.get(word) is Part.TAX for word in set(folded(text).split()))


def _stands_alone(text: str, start: int, end: int, edges: set[int]) -> bool:
    """A word of its own, or the joint of a compound (`Rechnung-s-betrag`)."""
    joint = text[start:end] in ("s", "n") and start not in edges and end not in edges
    return joint or (start in edges and end in edges)


_FIRST: tuple[tuple[Part, Label], ...] = (
    (Part.CARRIED, Label.OTHER),
    (Part.PREVIOUS, Label.OTHER),
    (Part.ROUNDING, Label.ROUNDING),
)


def label_of(text: str) -> tuple[Label, int] | None:
    """What amount a label names, and how surely (3 sure, 1 vague); None when it is no such label."""
    parts = parts_of(text)
    if parts is None:
        return None
    return _meaning(frozenset(parts) - {Part.LINK})


def _meaning(parts: frozenset[Part]) -> tuple[Label, int] | None:
    for part, label in _FIRST:
        if part in parts:
            return (label, 3) if len(parts) > 1 or part is not Part.ROUNDING else (label, 2)
    if Part.PREPAID in parts:
        return Label.PREPAID, 3 if Part.PAYABLE not in parts else 2
    if Part.TAX in parts and parts & {Part.CHARGE, Part.DISCOUNT, Part.GOODS}:
        return _tax_meaning(parts)
    if Part.PAYABLE in parts:
        return Label.PAYABLE, 3
    for part, label in ((Part.DISCOUNT, Label.ALLOWANCE), (Part.CHARGE, Label.CHARGE)):
        if part in parts:
            return label, 3
    return _tax_meaning(parts) if Part.TAX in parts else _sum_meaning(parts)


def _tax_meaning(parts: frozenset[Part]) -> tuple[Label, int]:
    sums = bool(parts & {Part.SUM, Part.FINAL, Part.INVOICE, Part.PARTIAL, Part.GOODS, Part.NET, Part.GROSS})
    if Part.WITHOUT in parts:
        return Label.NET, 3 if sums and Part.PARTIAL not in parts else 2
    if Part.WITH in parts:
        return (Label.GROSS, 3) if sums else (Label.TAX, 2)
    if Part.BASE in parts:
        return Label.BASE, 3
    if Part.RATE in parts:
        return Label.RATE, 3
    return Label.TAX, 3 if Part.PARTIAL not in parts else 2


def _sum_meaning(parts: frozenset[Part]) -> tuple[Label, int] | None:
    if Part.RATE in parts:
        return Label.RATE, 2
    if Part.NET in parts or Part.WITHOUT in parts:
        return (Label.LINES, 2) if Part.GOODS in parts else (Label.NET, 3)
    if Part.GROSS in parts:
        return Label.GROSS, 3
    if Part.GOODS in parts:
        return Label.LINES, 2
    if Part.PARTIAL in parts:
        return Label.NET, 1
    if Part.BASE in parts:
        return Label.BASE, 2
    if Part.FINAL in parts or {Part.SUM, Part.INVOICE} <= parts:
        return Label.GROSS, 3
    if Part.SUM in parts:
        return Label.GROSS, 2
    return None
