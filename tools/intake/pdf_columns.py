"""The head of an invoice's table of lines: which column holds what, by its words, in twelve languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from tools.intake.pdf_amounts import numerals
from tools.intake.pdf_lines import Layout, Line, folded
from tools.intake.pdf_words import Box, Word


class Column(StrEnum):
    POSITION = "position"
    ITEM = "item"
    DESCRIPTION = "description"
    QUANTITY = "quantity"
    UNIT = "unit"
    PRICE = "price"
    DISCOUNT = "discount"
    TAX_RATE = "tax_rate"
    AMOUNT = "amount"
    OTHER = "other"


_HEADS: dict[Column, str] = {
    Column.POSITION: """pos/position/posnr/pos nr/line/line no/#/ligne/lfd nr/nr/no/regel/lp/riga/linea/
        rad/# ligne fact""",
    Column.ITEM: """item code/item no/item number/sku/product code/article no/article/code article/art
        nr/artnr/artikelnummer/artikelnr/artikel nr/artikel/reference/ref/codice/codigo/varenr/
        varenummer/artikelkod/tuotekoodi/kod/code/part no/part number/product id/art nr kunde/art nr
        lieferant/gtin/ean/unsere art nr/ihre art nr/product no""",
    Column.DESCRIPTION: """description/item description/product/product description/item/items/service/
        services/details/beschreibung/bezeichnung/artikelbezeichnung/artikelbeschreibung/leistung/
        produkt/text/warenbezeichnung/omschrijving/product omschrijving/designation/nom designation/
        libelle/nom et designation/description article/descrizione/descripcion/concepto/descricao/
        designacao/beskrivelse/varebeskrivelse/beskrivning/benamning/produktnavn/kuvaus/tuote/selite/
        nimike/opis/nazwa/nazwa towaru lub uslugi/nazwa towaru/nazwa uslugi/vare/name description/
        designation des produits/prestation/article description/detalle/tekst""",
    Column.QUANTITY: """quantity/qty/units/hours/menge/anzahl/anz/stuckzahl/stunden/aantal/hoeveelheid/
        uren/quantite/qte/quantita/qta/cantidad/cant/uds/quantidade/qtd/antal/antall/mangde/maara/kpl/
        ilosc/hrs/qty hrs/billed qty/qty shipped/quant/nombre/hrs qty/days""",
    Column.UNIT: """unit/um/uom/einheit/einh/mengeneinheit/eh/me/eenheid/unite/unita/unidad/unidade/
        enhed/enhet/yksikko/jm/j m/u m/meng einheit/unit of measure/udm/ud""",
    Column.PRICE: """unit price/price/rate/price per unit/unit cost/price unit/unit price eur/unit price
        usd/net price/einzelpreis/preis/einzel/stuckpreis/nettopreis/preis einh/preis einheit/e preis/
        ep/einzelpreis eur/preis eur/prijs/stukprijs/prijs per stuk/eenheidsprijs/prijs eenheid/tarief/
        prix unitaire/prix/pu/p u/pu ht/p u ht/prix unitaire ht/prix unit/p u ht eur/prix u/tarif/
        prezzo/prezzo unitario/prezzo unit/precio/precio unitario/precio unit/p unitario/preco/preco
        unitario/preco unit/pris/enhedspris/enhetspris/stykpris/a pris/styckpris/hinta/yksikkohinta/a
        hinta/cena/cena netto/cena jedn/cena jednostkowa/cena jednostkowa netto/cost/prijs ex btw/unit
        price excl vat/prix unitaire hors taxe/einzelpreis netto/ep netto/price eur/rate usd/cost per
        unit/p u ht eur eur/preis einheit eur/precio ud/valor unitario""",
    Column.DISCOUNT: """discount/disc/discount %/rabatt/rabatt %/rab/korting/remise/rem/remise %/sconto/
        dto/descuento/desc/desconto/rabat/alennus/ale %/rabatt in %""",
    Column.TAX_RATE: """tax/vat/vat %/vat rate/tax rate/tax %/mwst/mwst %/ust/ust %/steuersatz/steuer/
        steuersatz %/ust satz/mwst satz/btw/btw %/btw tarief/tva/tva %/taux tva/taux/iva/iva %/aliquota/
        aliquota iva/moms/moms %/mva/mva %/alv/alv %/stawka vat/vat stawka/taxe/taxes/gst/btw vat/
        momssats/tipo iva""",
    Column.AMOUNT: """amount/total/line total/net amount/extended price/total price/subtotal/sub total/
        amount eur/amount usd/total ht/prix ht/montant/montant ht/total eur/prix total/total hors taxe/
        prix total ht/total h t/montant h t/betrag/gesamt/gesamtpreis/nettobetrag/summe/nettowert/gesamt
        netto/netto/positionsbetrag/positions betrag/entgelt/gesamt eur/betrag eur/gp/g preis/
        gesamtbetrag/preis gesamt/betrag netto/warenwert/total net/bedrag/totaal/regeltotaal/totaal ex
        btw/bedrag ex btw/nettobedrag/totaalprijs/bedrag excl btw/totaal excl btw/importo/totale/importo
        netto/prezzo totale/importe/total linea/total neto/valor/valor total/belob/belop/linjebelob/
        total excl moms/ialt/i alt/sum/summa/belopp/nettobelob/totalt/yhteensa/wartosc netto/wartosc/
        kwota netto/net/net value/line net/line amount/amount excl vat/total ht eur/total excl vat/
        value/total amount/net total/ext price/extension/charges""",
    Column.OTHER: """tax amount/vat amount/mwst betrag/steuerbetrag/btw bedrag/montant tva/brutto/gross/
        gross amount/bruttopreis/brutto betrag/wartosc brutto/kwota vat/bruttobetrag/total ttc/ttc/
        importo iva/wartosc vat/date/datum/leveringsdatum/delivery date/fecha/data/dato/training date/
        vke geb/charge/unit for p u/# ligne bc/total incl vat/totaal incl btw/referenzen/references/
        betrag brutto/remise charge/gesamtpreis brutto/amount incl vat/btw amount/period/periode""",
}
_BY_HEAD = {
    folded(head).replace(" ", "") or "#": column
    for column, heads in _HEADS.items()
    for head in heads.split("/")
}
_LONGEST = 5
_FEWEST_COLUMNS = 3
_BESIDE = 1.6
"""How far above or below the main line of a head its other lines stand, in text heights."""


@dataclass(frozen=True, slots=True)
class Head:
    column: Column
    box: Box
    text: str


@dataclass(frozen=True, slots=True)
class TableHead:
    """Heads from left to right; the table's rows begin after line `last`."""

    heads: tuple[Head, ...]
    last: int
    page: int

    def has(self, *columns: Column) -> bool:
        return all(any(head.column is column for head in self.heads) for column in columns)


@lru_cache(maxsize=8192)
def column_named(text: str) -> Column | None:
    squeezed = folded(text).replace(" ", "")
    return _BY_HEAD.get(squeezed) if squeezed else None


def table_heads(layout: Layout) -> Iterator[TableHead]:
    """Every line that heads a table with an amount, a description or article, and a price or quantity."""
    taken = -1
    for line in layout.lines:
        if line.index <= taken:
            continue
        heads = _heads_of(line)
        if len({head.column for head in heads} - {Column.OTHER}) < _FEWEST_COLUMNS:
            continue
        table = _with_neighbours(layout, line, heads)
        if _is_table(table):
            taken = table.last
            yield table


def _is_table(table: TableHead) -> bool:
    goods = table.has(Column.DESCRIPTION) or table.has(Column.ITEM)
    counted = table.has(Column.QUANTITY) or table.has(Column.PRICE)
    return goods and counted and table.has(Column.AMOUNT)


def _heads_of(line: Line) -> list[Head]:
    """Heads in a line; a line with plain numbers is no head."""
    if any(not one.percent and len(one.raw) > 1 for cell in line.cells for one in numerals(cell)):
        return []
    found: list[Head] = []
    for cell in line.cells:
        at = 0
        while at < len(cell.words):
            head = _head_at(cell.words, at)
            if head is None:
                at += 1
            else:
                found.append(head[0])
                at = head[1]
    return found


def _head_at(words: tuple[Word, ...], first: int) -> tuple[Head, int] | None:
    for last in range(min(len(words), first + _LONGEST), first, -1):
        text = " ".join(word.text for word in words[first:last])
        column = column_named(text) or (column_named(text.rpartition("/")[2]) if "/" in text else None)
        if column is not None:
            box = words[first].box
            for word in words[first + 1 : last]:
                box = box.join(word.box)
            return Head(column, box, text), last
    return None


def _with_neighbours(layout: Layout, line: Line, heads: list[Head]) -> TableHead:
    """Joins the lines right above and below: `Prix` over `unitaire`, `Positions` over `betrag`."""
    size = line.cells[0].size
    merged, last = list(heads), line.index
    for step in (-1, 1, 2):
        position = line.index + step
        if not 0 <= position < len(layout.lines):
            continue
        other = layout.lines[position]
        gap = other.box.y0 - line.box.y1 if step > 0 else line.box.y0 - other.box.y1
        if (
            other.page != line.page
            or gap > (_BESIDE - 1) * size * abs(step)
            or (step == 2 and last == line.index)
        ):
            continue
        extra = _heads_of(other)
        if not extra:
            continue
        for head in extra:
            _merge(merged, head, above=step < 0)
        last = max(last, position)
    return TableHead(tuple(sorted(merged, key=lambda head: head.box.x0)), last, line.page)


def _merge(heads: list[Head], extra: Head, above: bool) -> None:
    for position, head in enumerate(heads):
        if head.box.overlap_x(extra.box) > 0.3 * min(head.box.x1 - head.box.x0, extra.box.x1 - extra.box.x0):
            text = f"{extra.text} {head.text}" if above else f"{head.text} {extra.text}"
            column = column_named(text) or _stronger(head.column, extra.column)
            heads[position] = Head(column, head.box.join(extra.box), text)
            return
    heads.append(extra)


_RANK = (Column.AMOUNT, Column.PRICE, Column.QUANTITY, Column.DESCRIPTION, Column.TAX_RATE)


def _stronger(left: Column, right: Column) -> Column:
    """Of two heads that stand over each other, the one that says what the figures are."""
    return next((column for column in _RANK if column in (left, right)), left)
