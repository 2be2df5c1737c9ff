"""The words that name a field on an invoice, in twelve languages.

Phrases stand without accents and punctuation, as they are compared.
"""

from __future__ import annotations

from enum import StrEnum


class Field(StrEnum):
    NUMBER = "invoice_number"
    ISSUED = "issue_date"
    DUE = "due_date"
    DELIVERED = "delivery_date"
    ORDER = "order_reference"
    CURRENCY = "currency"
    SUPPLIER = "supplier_name"
    BUYER = "buyer_name"
    SUPPLIER_VAT = "supplier_vat_id"
    BUYER_VAT = "buyer_vat_id"
    IBAN = "iban"
    HOLDER = "account_holder"
    NAME = "name"
    """`Name:` inside a block that a heading gives to one party."""
    PLACE = "place"
    """Another block of an address (delivery, remittance) that ends the one before."""
    PRECEDING = "preceding_invoice"
    OTHER = "other"
    """A label we know and do not need: it keeps its value from being taken for another field."""


# Field, strength (3 says it alone, 1 needs help), phrases separated by `/`.
LABEL_WORDS: tuple[tuple[Field, int, str], ...] = (
    (
        Field.NUMBER,
        3,
        """invoice number/invoice no/invoice nr/invoice id/inv no/inv number/tax invoice no/
            rechnungsnummer/rechnungs nr/rechnung nr/rechnungsnr/rechnung nummer/re nr/rg nr/
            rechnungs nummer/handelsrechnung nr/factuurnummer/factuur nr/factuurnr/factuur nummer/fact nr/
            numero de facture/no facture/facture no/no de facture/facture numero/num facture/
            numero facture/numero fattura/fattura n/fattura no/n fattura/nr fattura/fattura numero/
            numero de factura/factura no/no factura/factura n/n de factura/factura numero/num factura/
            fakturanummer/faktura nr/fakturanr/faktura nummer/laskun numero/laskunumero/numer faktury/
            nr faktury/faktura vat nr/numero da fatura/fatura no/fatura n/no da fatura/avoir no/
            avoir numero/no avoir/gutschrift nr/gutschriftsnummer/gutschriftnummer/gutschrift nummer/
            credit note no/credit note number/credit memo no/credit note nr/creditnota nr/
            creditnotanummer/creditfactuur/kreditnota nr/kreditnotanummer/nota de credito no/
            nota di credito n/hyvityslaskun numero/stornorechnung nr/rechnungskorrektur nr/belegnummer/
            beleg nr/belegnr/beleg nummer/baurechnung nr/abschlagsrechnung nr/schlussrechnung nr/
            rechnungs id/factuur id/betaaloverzichtnummer/bill number/bill no/betalingskenmerk factuur/
            invoice reference/tax invoice number/vat invoice number""",
    ),
    (
        Field.NUMBER,
        2,
        """document number/document no/document nr/doc no/receipt no/receipt number/receipt/
            numero documento/n documento/numero de documento/documento no/dokumentnummer/bilagsnummer/
            bilag nr/bonnummer/referentienummer/no de piece/numero de piece/no piece/stuknummer/
            voucher no/statement number""",
    ),
    (
        Field.NUMBER,
        1,
        """invoice/rechnung/facture/factuur/fattura/factura/faktura/lasku/fatura/handelsrechnung/avoir/
     gutschrift/credit note/creditnota/kreditnota/nota de credito/nota di credito/baurechnung/storno/
     stornorechnung/abschlagsrechnung/schlussrechnung/rechnungskorrektur/teilrechnung/korrekturrechnung/
     tax invoice/vat invoice/commercial invoice/rechnung des versicherers/beleg/credit memo/creditfactuur/
     facture d avoir/facture d acompte/kopie factuur/korrektur/endrechnung/warenrechnung/kreditfaktura""",
    ),
    (
        Field.ISSUED,
        3,
        """invoice date/date of invoice/inv date/tax date/date of issue/issue date/issued on/issued/
            rechnungsdatum/datum der rechnung/rechnung vom/rechnungs datum/belegdatum/beleg datum/
            ausstellungsdatum/factuurdatum/factuur datum/datum factuur/date de facture/date facture/
            date de la facture/date d emission/date facturation/date de facturation/data fattura/
            data documento/data della fattura/data emissione/fecha de factura/fecha factura/
            fecha de emision/fecha emision/fakturadato/faktura dato/fakturadatum/laskun paivays/
            laskun pvm/laskupaiva/data wystawienia/data faktury/data da fatura/data de emissao/
            data emissao/fecha expedicion/fecha de expedicion/gutschriftsdatum/date de l avoir/date avoir/
            credit note date/creditnota datum/kreditnotadato/betaaloverzichtdatum/bill date/document date/
            udstedelsesdato""",
    ),
    (Field.ISSUED, 2, "date/datum/data/fecha/dato/paivays/pvm/dated/den/le/date du document/statement date"),
    (
        Field.DUE,
        3,
        """due date/payment due/payment due date/due on/due by/pay by/date due/invoice due date/
            payable by/falligkeit/faellig/fallig am/faellig am/falligkeitsdatum/faelligkeitsdatum/
            faelligkeit/zahlbar bis/zahlungsziel/zahlungstermin/zu zahlen bis/fallig/zahlbar bis zum/
            vervaldatum/vervaldag/uiterste betaaldatum/te betalen voor/betalen voor/te betalen voor/
            date d echeance/echeance/date echeance/date limite de paiement/a payer avant le/payable le/
            scadenza/data scadenza/data di scadenza/vencimiento/fecha de vencimiento/fecha vencimiento/
            forfaldsdato/forfall/forfallsdato/forfalder/betalingsfrist/forfallodatum/forfallodag/erapaiva/
            termin platnosci/data platnosci/data de vencimento/vencimento/sidste betalingsdag/
            sista betalningsdag""",
    ),
    (Field.DUE, 1, "netto bis/rein netto bis/bis spatestens/uberweisen bis zum/bis zum/before/avant le/voor"),
    (
        Field.DELIVERED,
        3,
        """delivery date/date of delivery/date of supply/supply date/service date/ship date/shipping date/
            lieferdatum/leistungsdatum/liefer und leistungsdatum/leistungs datum/lieferschein datum/
            leistungszeitraum/leverdatum/leveringsdatum/datum levering/date de livraison/date livraison/
            data consegna/fecha de entrega/leveringsdato/leveransdatum/toimituspaiva/data dostawy/
            data sprzedazy/service period/order date/bestelldatum/bestell datum/orderdatum/auftragsdatum/
            auftrag datum lief/besteldatum/date de commande/aankoopdatum/vertrags datum/
            date de debut de prestation/date de fin de prestation/data de entrega/print date/druckdatum/
            ordredato/tilausnumero pvm/fecha pedido/fecha de pedido/data ordine/billing period/periode/
            period/abrechnungszeitraum/date de facture associee/date debut/date fin/datum bestelling/
            bestellung vom/auftrag vom/birth date/valid until/gueltig bis/date de reglement""",
    ),
    (
        Field.ORDER,
        3,
        """po number/p o number/po no/p o no/po/p o/purchase order/purchase order number/
            purchase order no/your order/your order number/your order no/your po/customer po/
            customer order/customer order no/order reference/bestellnr/bestellung nr kunde/bestellnummer/
            bestell nr/ihre bestellung/ihre bestellnummer/ihre bestell nr/bestellung nr/ihr auftrag/
            kundenbestellnummer/ihre auftragsnummer/bestellreferenz/uw bestelling/uw ordernummer/uw order/
            uw bestelnummer/bestelnummer/inkoopordernummer/inkooporder/inkoopnummer/votre commande/
            no de commande/numero de commande/no commande/commande no/bon de commande/no bon de commande/
            no de bon de commande/votre numero de commande/ref commande/reference commande/vostro ordine/
            numero ordine/ordine n/rif ordine/ordine di acquisto/su pedido/numero de pedido/no pedido/
            pedido no/no de pedido/pedido/orden de compra/deres ordre/ordrenummer/rekvisisjon/
            rekvisitionsnr/indkobsordre/ert ordernummer/er order/inkopsorder/ostotilaus/tilausnumero/
            tilausnro/numer zamowienia/nr zamowienia/zamowienie nr/encomenda/nota de encomenda/
            numero da encomenda/gemaess bestellung nr/rechnung gemass bestellung nr/order no/order number/
            order nr/ordernummer/order id/best nr kunde/bestellung/ordrenr/order ref""",
    ),
    (
        Field.ORDER,
        2,
        """order/votre reference/uw referentie/uw kenmerk/your reference/your ref/ihre referenz/
            ihr zeichen/reference client/ref client/vostro riferimento/su referencia/deres ref/
            er referens/auftragsnummer/auftrags nr/customer reference/klant referentie""",
    ),
    (
        Field.CURRENCY,
        3,
        """currency/wahrung/waehrung/rechnungswahrung/valuta/devise/divisa/moneda/valuutta/waluta/moeda/
            betrage in/betraege in/amounts in/alle bedragen in/invoice currency/montants en/importi in/
            all amounts in""",
    ),
    (
        Field.SUPPLIER,
        3,
        """seller/supplier/vendor/verkaufer/verkaeufer/lieferant/rechnungssteller/rechnungsersteller/
            rechnungsaussteller/absender/leverancier/verkoper/vendeur/fournisseur/emetteur/fornitore/
            venditore/cedente/cedente prestatore/proveedor/vendedor/emisor/leverandor/selger/saelger/
            saljare/leverantor/myyja/toimittaja/sprzedawca/dostawca/fornecedor/emitente/from/issued by/
            sold by/billed by/auftragnehmer/bill from/invoice from/leistungserbringer/de/prestataire""",
    ),
    (
        Field.BUYER,
        3,
        """bill to/billed to/invoice to/invoiced to/sold to/invoice for/customer/client/buyer/
            customer name/billing address/invoice address/invoicee/kaufer/kaeufer/kunde/
            kaufer leistungsempfanger/leistungsempfanger/leistungsempfaenger/rechnungsempfanger/
            rechnungsempfaenger/rechnungsadresse/rechnungsanschrift/rechnung an/an/auftraggeber/empfanger/
            empfaenger/kunde name/factuuradres/factuur aan/klant/afnemer/koper/aan/facture a/factures a/
            adresse de facturation/adresse du client/destinataire/acheteur/cliente/spett le/spettabile/
            cessionario committente/intestatario/destinatario/facturar a/datos del cliente/comprador/
            adquirente/faktureres til/kunden/faktura til/faktureringsadresse/kopare/fakturamottagare/
            faktureringsadress/ostaja/asiakas/laskutusosoite/nabywca/odbiorca/faturar a/ship to customer/
            attention/attn/client name/debiteur/facturatieadres/facturatie adres/fakturaadresse/
            fakturaadress/kjoper/kober/billed for/invoice recipient/bill to address/claimant/
            beneficiario del servicio""",
    ),
    (
        Field.BUYER_VAT,
        3,
        """customer vat/customer vat no/customer vat number/your vat no/your vat number/your vat/
            your vat id/ihre ust idnr/ihre ust id nr/ihre ust id/ihre umsatzsteuer id/ihre ust identnr/
            ihre ust ident nr/kunden ust idnr/ust id kunde/uw btw nummer/uw btw nr/uw btw/
            btw nummer klant/btw klant/btw nr klant/no tva client/tva client/votre no tva/
            no de tva client/tva intracommunautaire client/partita iva cliente/nif cliente/cif cliente/
            deres cvr/vat no of customer/buyer vat id/customer tax id/client vat/no tva intracom client/
            kundens momsnr/ert vat nr/nip nabywcy/votre tva/invoicee vat id/
            ihre umsatzsteuer identifikationsnummer""",
    ),
    (
        Field.SUPPLIER_VAT,
        2,
        """vat id/vat no/vat number/vat reg no/vat registration number/vat registration no/vat reg/vat/
            tax id/ust idnr/ust id nr/ust id/ustidnr/ust identnr/ust ident nr/umsatzsteuer id/
            umsatzsteuer identifikationsnummer/umsatzsteuer identnummer/ust nr/mwst nr/uid/uid nr/
            uid nummer/umsatzsteuer id nr/umsatzsteuer idnr/btw nr/btw nummer/btw/btw id/btwnr/
            btw identificatienummer/no tva/tva/tva intracommunautaire/no tva intracommunautaire/no de tva/
            numero tva/no tva intra/tva intracom/no tva intracom/numero de tva/
            no de tva intracommunautaire/id tva/n tva/partita iva/p iva/piva/p iva cod fisc/
            codice fiscale e partita iva/nif/cif/nif iva/numero iva/cvr/cvr nr/se nr/mva nr/org nr/orgnr/
            organisasjonsnr/moms nr/momsnr/momsreg nr/momsregistreringsnummer/alv nro/alv numero/y tunnus/
            nip/nif contribuinte/contribuinte/seller vat id/vat registration/eu vat/eu vat no/steuer id/
            ust-id-nr""",
    ),
    (
        Field.IBAN,
        3,
        "iban/iban nr/iban no/iban nummer/iban number/rekeningnummer/kontonummer/compte iban/bank account",
    ),
    (
        Field.HOLDER,
        3,
        """account holder/account name/kontoinhaber/kontoname/beneficiary/begunstigde/ten name van/t n v/
            tnv/titulaire/titulaire du compte/intestatario conto/titular/beneficiaire/payable to/
            make checks payable to/make all checks payable to/rekeninghouder/kontohaver/mottaker/saaja/
            empfangsberechtigter/zahlungsempfanger/name of account holder/nom""",
    ),
    (Field.NAME, 3, "name/naam/nom/nome/nombre/navn/namn/nimi/nazwa/firma/company/company name/firmenname"),
    (
        Field.PLACE,
        3,
        """ship to/deliver to/delivery address/shipping address/remit to/service address/lieferadresse/
            lieferanschrift/warenempfanger/afleveradres/af leveradres/bezorgadres/leveradres/
            adresse de livraison/livraison/livraison adresse references/livrer a/indirizzo di consegna/
            destinazione/direccion de entrega/leveringsadresse/leveransadress/toimitusosoite/
            adres dostawy/morada de entrega/representant fiscal/steuervertreter/payee/
            abweichender zahlungsempfanger/bemerkungen/vos identifiants/nos references/vos references/
            contact commercial/payment information/payment details/bank details/bankverbindung/
            zahlungsinformationen/endverbraucher""",
    ),
    (
        Field.PRECEDING,
        3,
        """facture liee/no de facture associee/original invoice/original invoice no/corrected invoice/
            related invoice/ursprungsbeleg nr/ursprungliche rechnung/ursprungsrechnung/referenzrechnung/
            zu rechnung/zu rechnung nr/oorspronkelijke factuur/facture d origine/ref invoice/
            against invoice/fattura di riferimento/factura rectificada/reference facture/
            korrektur zu rechnung/vorausgegangene rechnung/rechnungsbezug/zur rechnung nr/
            vorherige rechnung/credit for invoice/betreft factuur/facture rectifiee""",
    ),
    (
        Field.OTHER,
        3,
        """customer no/customer id/customer number/client no/client id/account no/account number/
            kundennummer/kunden nr/kundennr/kd nr/debitorennummer/debitor nr/klantnummer/klantnr/klant nr/
            debiteurnummer/debiteurnr/no client/no de client/code client/numero client/cliente n/
            codice cliente/numero de cliente/kundenr/kundenummer/kundnummer/kundnr/asiakasnumero/
            numer klienta/lieferschein nr/lieferscheinnummer/delivery note no/delivery note/pakbonnummer/
            pakbon/no bon de livraison/bon de livraison/ddt/albaran/no bon de reception/no contrat/
            contract no/vertrags nr/vertragsnummer/contractnummer/steuernummer/steuer nr/siret/siren/
            siren siret/rcs/ape/naf/kvk/kvk nummer/kvk nr/handelsregister/hrb/hrb nr/gln/gtin/ean/bic/
            swift/bic swift/phone/telephone/telefon/tel/telefoon/fax/mobile/email/e mail/mail/website/web/
            page/seite/pagina/side/sida/blatt/lief nr/lieferantennummer/lieferanten nr/supplier no/
            vendor no/unsere referenz/our reference/our ref/onze referentie/nummer/globale nummer/
            anschrift/adresse/address/contact/ansprechpartner/bearbeiter/sachbearbeiter/salesperson/
            sales rep/terms/payment terms/zahlungsbedingungen/zahlungsbedingung/betalingstermijn/
            conditions de paiement/auftrag nr lief/our order/sales order/so number/unser auftrag/
            no bon de vente/projekt/project/projectnummer/ref marche/ref projet/ref appel d offres/
            ref comptable/service executant/charges/quantity/description/qty/amount/total/price/
            unit price/tax/discount/item code/item/um/shipped via/f o b point/requisitioner/
            reference avis de paiement/reklamationsnummer/leasingnummer/zahlungsreferenz/referenz/kenmerk/
            betreff/betref f/inhalt/bemerkung/zeit/time/wee reg nr/oko kontr nr/incoterms/kostenstelle/
            zahlpunkt/abteilung/buchungsreferenz/weitere referenz/referenz des kaufers/art der referenz/
            zahlungstyp codiert/zahlungsart/von seiten""",
    ),
)
