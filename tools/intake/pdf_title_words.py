"""What documents of purchasing call themselves, in twelve languages, and what a clerk does with each."""

from __future__ import annotations

TITLES: dict[str, str] = {
    "credit_note": """credit note/credit memo/gutschrift/stornorechnung/rechnungsgutschrift/avoir/
        facture d avoir/note de credit/creditnota/creditfactuur/nota di credito/nota de credito/
        factura de abono/factura rectificativa/kreditnota/kreditfaktura/hyvityslasku/faktura korygujaca/
        nota kredytowa/creditnote/credit invoice/storno/gutschrift storno""",
    "invoice": """invoice/tax invoice/vat invoice/sales invoice/commercial invoice/rechnung/
        kostenrechnung/warenrechnung/handelsrechnung/facture/factuur/fattura/factura/faktura/lasku/fatura/
        faktura vat/teilrechnung/baurechnung/schlussrechnung/abschlagsrechnung/rechnungskorrektur/
        sammelrechnung/verkoopfactuur/kopie factuur/rechnungs korrektur/liquidacion/note d honoraires/
        honorarrechnung/beitragsrechnung/korrekturrechnung/facture d acompte/fattura accompagnatoria/
        rechnung original/rechnung kopie/rechnung des versicherers/bill/facture de solde/
        facture rectificative/duplicate invoice/invoice copy/factuurnummer/project statement""",
    "order_confirmation": """order confirmation/order acknowledgement/auftragsbestatigung/
        auftragsbestaetigung/orderbevestiging/opdrachtbevestiging/confirmation de commande/
        accuse de reception de commande/conferma d ordine/conferma ordine/confirmacion de pedido/
        ordrebekreftelse/ordrebekraeftelse/orderbekraftelse/tilausvahvistus/potwierdzenie zamowienia/
        confirmacao de encomenda/bestellbestatigung/order response/sales order confirmation/
        confirmacao de pedido/auftrags bestatigung""",
    "delivery_note": """delivery note/delivery slip/packing slip/packing list/despatch note/dispatch note/
        lieferschein/pakbon/leverbon/bon de livraison/bordereau de livraison/documento di trasporto/ddt/
        bolla di consegna/albaran/albaran de entrega/nota de entrega/folgeseddel/folgeseddel/pakkseddel/
        foljesedel/lahetysluettelo/list przewozowy/wydanie zewnetrzne/guia de remessa/guia de transporte/
        despatch advice/lieferavis/packliste/delivery receipt""",
    "statement": """statement/statement of account/account statement/kontoauszug/saldenbestatigung/
        saldenmitteilung/saldenabstimmung/
        rekeningoverzicht/rekeningafschrift/releve de compte/releve/estratto conto/extracto de cuenta/
        estado de cuenta/kontoudtog/kontoutskrift/kontoutdrag/tiliote/wyciag/extrato de conta/
        offene posten/openstaande posten/customer statement/kontoubersicht/debtor statement""",
    "reminder": """reminder/payment reminder/final notice/overdue notice/past due notice/mahnung/
        zahlungserinnerung/letzte mahnung/1 mahnung/2 mahnung/3 mahnung/erste mahnung/zweite mahnung/
        herinnering/betalingsherinnering/aanmaning/rappel/relance/lettre de relance/rappel de paiement/
        mise en demeure/sollecito/sollecito di pagamento/recordatorio de pago/rykker/rykkerskrivelse/
        betalingspaminnelse/purring/inkassovarsel/paminnelse/maksumuistutus/wezwanie do zaplaty/
        ponaglenie/lembrete de pagamento/dunning notice/dunning letter/second reminder/first reminder/
        friendly reminder/tweede herinnering""",
    "quote": """quote/quotation/estimate/proposal/angebot/kostenvoranschlag/offerte/prijsopgave/devis/
        preventivo/offerta/presupuesto/cotizacion/tilbud/pristilbud/offert/tarjous/oferta/wycena/
        orcamento/sales quote/price quotation""",
    "pro_forma": """proforma/pro forma/proforma invoice/pro forma invoice/proforma rechnung/
        pro forma rechnung/proformarechnung/proforma factuur/pro forma factuur/facture proforma/
        facture pro forma/fattura proforma/fattura pro forma/factura proforma/factura pro forma/
        proformafaktura/proforma faktura/proformalasku/faktura proforma/fatura proforma/fatura pro forma""",
    "remittance_advice": """remittance advice/payment advice/remittance/zahlungsavis/avis/betalingsadvies/
        betaalspecificatie/avis de paiement/avis de virement/avviso di pagamento/aviso de pago/
        betalingsadvis/betalningsavi/maksuilmoitus/awizo platnosci/aviso de pagamento/zahlungsmitteilung/
        payment notification""",
    "purchase_order": """purchase order/bestellung/inkooporder/bestelbon/bon de commande/commande/
        ordine d acquisto/ordine di acquisto/orden de compra/pedido/hoja de pedido/indkobsordre/
        innkjopsordre/inkopsorder/ostotilaus/zamowienie/nota de encomenda/blanket order/order form/
        purchase order change/bestellschein""",
    "receipt": """receipt/payment receipt/sales receipt/quittung/kassenbon/kassabon/kvitto/kvittering/
        recu/ticket de caisse/scontrino/ricevuta/recibo/paragon/kuitti/kwitantie/zahlungsbeleg/
        betalingsbewijs/recu de paiement""",
}
MESSAGES = {
    "order_confirmation": "The document is an order confirmation, not an invoice. File it with the order.",
    "delivery_note": "The document is a delivery note, not an invoice. Hand it to goods receiving.",
    "statement": "The document is a statement of account. It lists invoices; post the invoices themselves.",
    "reminder": "The document is a payment reminder. Check whether the invoice it names was received.",
    "quote": "The document is an offer, not an invoice.",
    "pro_forma": "The document is a pro-forma invoice. It is not posted; ask for the invoice itself.",
    "remittance_advice": "The document is a payment advice, not an invoice.",
    "purchase_order": "The document is a purchase order, not an invoice.",
    "receipt": "The document is a receipt for a payment, not an invoice.",
}
