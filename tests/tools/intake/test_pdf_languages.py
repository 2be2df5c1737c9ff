"""One small invoice in each language that suppliers write, laid out without headings of the parties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from tests.tools.intake.pdf_builder import Text, a_pdf, table_row
from tests.tools.intake.pdf_invoices import Pairs, errors, read, rows_at, totals_at, totals_of


@dataclass(frozen=True)
class Sample:
    sender: tuple[str, str]
    addressee: tuple[str, str, str]
    title: str
    meta: Pairs
    """Number, issue date, due date, order."""
    head: tuple[str, str, str, str]
    totals: tuple[str, str, str]
    foot: str
    currency: str
    vat_id: str


SAMPLES = {
    "Dutch": Sample(
        ("De Vries Techniek B.V.", "Kade 12, 1011 AB Amsterdam"),
        ("Bakker Bouw B.V.", "Dorpsstraat 5", "3511 AA Utrecht"),
        "Factuur",
        (("Factuurnummer:", "A-77"), ("Factuurdatum:", "03-04-2026"), ("Vervaldatum:", "03-05-2026"),
         ("Uw bestelnummer:", "P-5")),
        ("Omschrijving", "Aantal", "Prijs", "Bedrag"),
        ("Totaal excl. btw", "21% btw", "Totaal incl. btw EUR"),
        "KvK 12345678 - BTW NL001234567B01", "EUR", "NL001234567B01",
    ),
    "German": Sample(
        ("Muster Technik GmbH", "Hafenweg 3, 20457 Hamburg"),
        ("Kunden AG", "Kundenweg 5", "80331 München"),
        "Rechnung",
        (("Rechnungsnummer:", "A-77"), ("Rechnungsdatum:", "03.04.2026"), ("Fällig am:", "03.05.2026"),
         ("Ihre Bestellnummer:", "P-5")),
        ("Bezeichnung", "Menge", "Einzelpreis", "Gesamtpreis"),
        ("Nettobetrag", "zzgl. 19% MwSt.", "Rechnungsbetrag EUR"),
        "Amtsgericht Hamburg - USt-IdNr. DE136695976", "EUR", "DE136695976",
    ),
    "French": Sample(
        ("Menuiserie Durand SARL", "4 rue Neuve, 69002 Lyon"),
        ("Hotel Bellevue SAS", "12 avenue Foch", "75016 Paris"),
        "Facture",
        (("Facture n°", "A-77"), ("Date de facture", "03/04/2026"), ("Date d'échéance", "03/05/2026"),
         ("Bon de commande", "P-5")),
        ("Désignation", "Quantité", "Prix unitaire HT", "Montant HT"),
        ("Total HT", "TVA 20%", "Total TTC €"),
        "SIRET 12345678900011 - TVA FR40303265045", "EUR", "FR40303265045",
    ),
    "Italian": Sample(
        ("Rossi Impianti S.r.l.", "Via Roma 1, 20121 Milano"),
        ("Bianchi S.p.A.", "Via Verdi 9", "10121 Torino"),
        "Fattura",
        (("Fattura n.", "A-77"), ("Data fattura", "03/04/2026"), ("Scadenza", "03/05/2026"),
         ("Vostro ordine", "P-5")),
        ("Descrizione", "Quantità", "Prezzo unitario", "Importo"),
        ("Imponibile", "IVA 22%", "Totale fattura EUR"),
        "P. IVA IT00743110157", "EUR", "IT00743110157",
    ),
    "Spanish": Sample(
        ("Talleres Garcia S.L.", "Calle Mayor 3, 28013 Madrid"),
        ("Obras Norte S.A.", "Calle Sol 8", "48001 Bilbao"),
        "Factura",
        (("Factura nº", "A-77"), ("Fecha factura", "03/04/2026"), ("Vencimiento", "03/05/2026"),
         ("Su pedido", "P-5")),
        ("Descripción", "Cantidad", "Precio", "Importe"),
        ("Base imponible", "IVA 21%", "Total factura EUR"),
        "NIF ESB58378431", "EUR", "ESB58378431",
    ),
    "Portuguese": Sample(
        ("Silva Lda.", "Rua Nova 5, 1100-001 Lisboa"),
        ("Obras Sul S.A.", "Rua Velha 3", "4000-001 Porto"),
        "Fatura",
        (("Fatura n.º", "A-77"), ("Data da fatura", "03/04/2026"), ("Vencimento", "03/05/2026"),
         ("Encomenda", "P-5")),
        ("Descrição", "Quantidade", "Preço unitário", "Valor"),
        ("Total sem IVA", "IVA 23%", "Total com IVA EUR"),
        "NIF PT501964843", "EUR", "PT501964843",
    ),
    "Danish": Sample(
        ("Jensen Maskiner ApS", "Havnegade 2, 8000 Aarhus C"),
        ("Nordbyg A/S", "Algade 7", "4000 Roskilde"),
        "Faktura",
        (("Fakturanr.", "A-77"), ("Fakturadato", "03.04.2026"), ("Forfaldsdato", "03.05.2026"),
         ("Deres ordre", "P-5")),
        ("Beskrivelse", "Antal", "Pris", "Beløb"),
        ("Subtotal ekskl. moms", "Moms 25%", "I alt DKK"),
        "CVR-nr. DK13585628", "DKK", "DK13585628",
    ),
    "Norwegian": Sample(
        ("Hansen Verksted AS", "Storgata 2, 0155 Oslo"),
        ("Fjordbygg AS", "Kaigaten 1", "5015 Bergen"),
        "Faktura",
        (("Fakturanummer", "A-77"), ("Fakturadato", "03.04.2026"), ("Forfallsdato", "03.05.2026"),
         ("Deres ref", "P-5")),
        ("Beskrivelse", "Antall", "Pris", "Beløp"),
        ("Netto", "MVA 25%", "Sum å betale NOK"),
        "Org.nr NO 995 525 828 MVA", "NOK", "NO995525828MVA",
    ),
    "Swedish": Sample(
        ("Svensson Bygg AB", "Storgatan 5, 111 22 Stockholm"),
        ("Malmö Hus AB", "Hamngatan 3", "211 22 Malmö"),
        "Faktura",
        (("Fakturanummer", "A-77"), ("Fakturadatum", "2026-04-03"), ("Förfallodatum", "2026-05-03"),
         ("Er order", "P-5")),
        ("Beskrivning", "Antal", "Pris", "Belopp"),
        ("Netto", "Moms 25%", "Att betala SEK"),
        "Momsreg.nr SE556042722001", "SEK", "SE556042722001",
    ),
    "Finnish": Sample(
        ("Virtanen Oy", "Katu 5, 00100 Helsinki"),
        ("Lahti Rakennus Oy", "Kauppakatu 3", "15110 Lahti"),
        "Lasku",
        (("Laskun numero", "A-77"), ("Laskun päiväys", "3.4.2026"), ("Eräpäivä", "3.5.2026"),
         ("Tilausnumero", "P-5")),
        ("Kuvaus", "Määrä", "Hinta", "Yhteensä"),
        ("Veroton", "ALV 24%", "Yhteensä EUR"),
        "ALV-numero FI20774740", "EUR", "FI20774740",
    ),
    "Polish": Sample(
        ("Kowalski Sp. z o.o.", "ul. Nowa 5, 00-001 Warszawa"),
        ("Budex S.A.", "ul. Polna 3", "30-001 Krakow"),
        "Faktura VAT",
        (("Numer faktury", "A-77"), ("Data wystawienia", "03.04.2026"), ("Termin platnosci", "03.05.2026"),
         ("Numer zamówienia", "P-5")),
        ("Nazwa", "Ilosc", "Cena netto", "Wartosc netto"),
        ("Razem netto", "VAT 23%", "Razem brutto PLN"),
        "NIP PL8567346215", "PLN", "PL8567346215",
    ),
    "English": Sample(
        ("Northwind Tools Ltd", "1 Dock Road, London E1 6AN"),
        ("Acme Widgets plc", "5 High Street", "Leeds LS1 4AP"),
        "Invoice",
        (("Invoice no.", "A-77"), ("Invoice date", "3 April 2026"), ("Due date", "3 May 2026"),
         ("Your order", "P-5")),
        ("Description", "Qty", "Unit price", "Amount"),
        ("Subtotal", "VAT 20%", "Total GBP"),
        "VAT No. GB980780684", "GBP", "GB980780684",
    ),
}  # fmt: skip


def _page(sample: Sample) -> list[Text]:
    name, address = sample.sender
    comma = "." if sample.currency == "GBP" else ","
    rows = (("Widget A", "2", "50,00", "100,00"), ("Widget B", "1", "100,00", "100,00"))
    totals = zip(sample.totals, ("200,00", "42,00", "242,00"), strict=True)
    return [
        Text(50, 50, name, 16),
        Text(50, 68, address, 8),
        *(Text(50, 120 + 13 * n, line) for n, line in enumerate(sample.addressee)),
        Text(50, 220, sample.title, 18),
        *(Text(50, 250 + 14 * n, label) for n, (label, _) in enumerate(sample.meta)),
        *(Text(200, 250 + 14 * n, value) for n, (_, value) in enumerate(sample.meta)),
        *table_row(360, *zip((50, -300, -400, -520), sample.head, strict=True)),
        *rows_at(378, [(a, b, c.replace(",", comma), d.replace(",", comma)) for a, b, c, d in rows]),
        *totals_at(450, [(label, value.replace(",", comma)) for label, value in totals]),
        Text(50, 800, sample.foot, 7),
    ]


@pytest.mark.parametrize("language", SAMPLES)
def test_an_invoice_is_read_in(language: str) -> None:
    sample = SAMPLES[language]
    reading = read(a_pdf(_page(sample)))
    invoice = reading.invoice
    assert invoice is not None
    assert errors(reading) == set()
    assert (invoice.supplier.name, invoice.supplier.vat_id) == (sample.sender[0], sample.vat_id)
    assert invoice.buyer.name == sample.addressee[0]
    assert (invoice.number, invoice.order_number) == ("A-77", "P-5")
    assert (invoice.issue_date, invoice.due_date) == (date(2026, 4, 3), date(2026, 5, 3))
    assert totals_of(invoice) == tuple(f"{n} {sample.currency}" for n in ("200.00", "42.00", "242.00"))
    assert [(line.description, line.quantity) for line in invoice.lines] == [
        ("Widget A", Decimal(2)),
        ("Widget B", Decimal(1)),
    ]
