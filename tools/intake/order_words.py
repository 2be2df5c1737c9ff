"""What texts say that want a step past the people who decide: by intention, in the languages of Europe.

Stems, so that one entry serves all endings. A pattern needs two ideas near each other (who is told to do
what with which of our records), because each word alone stands on honest invoices.
"""

from __future__ import annotations

import re

_NEAR = r"[^.!?\n]{0,70}?"


def _any(words: str) -> str:
    """Alternatives from a list; `_` stands for a blank."""
    return "(?:" + "|".join(word.replace("_", r"\s+") for word in words.split()) + ")"


def _pair(first: str, second: str) -> re.Pattern[str]:
    """Both ideas in one sentence, in this order, each at the beginning of a word."""
    return re.compile(rf"\b{_any(first)}\w*{_NEAR}\b{_any(second)}", re.IGNORECASE)


_ALREADY = "already has_been was bereits schon ist reeds al déjà già ya já już allerede redan již"
_APPROVED = (
    "approved cleared authori[sz]ed signed_off freigegeben genehmigt goedgekeurd approuvé validé"
    " approvat aprobad"
    " autorizzat autorizad aprovad zatwierdzon godkendt godkänd godkjent schválen"
)
_BY_US = (
    "your_ management finance cfo ceo director board geschäftsführ vorstand direkti direct direzi"
    " dirett dirección"
    " direção direktion ledning zarząd vedení ledelsen la_direction"
)
_NOT = (
    "no not without skip ohne keine? entfällt zonder geen sans aucune? ne_pas senza nessun sin no_se"
    " não sem bez"
    " nie uden ingen utan uten inget"
)
_CONTROL = (
    "human\\w* further_(?:check|review|approval|control) second_(?:signature|approval|check)"
    " approval\\w*_(?:step|is|required|needed) confirming confirmation_call"
    " weitere_(?:prüf|freigab|kontroll|rück) rückfrage rücksprache vier-augen tweede_handtekening"
    " overleg goedkeuring verdere_controle validation vérification vous_rappeler nous_rappeler rappeler"
    " validation\\w* ulterior\\w*_controll approvazion otra_(?:firma|aprob) aprobaci revisi[oó]n llame llamar"
    " outra_aprov aprovação confirmação dalsze\\w* potwierdz další_kontrol yderligere_kontrol ytterligare"
    " at_ringe ringa ringe"
)
_FORGET = (
    "ignore disregard forget override skip vergiss vergessen ignorier übergeh negeer vergeet sla oubli"
    " ignor ignorez"
    " dimentic olvid ignora esque? zignoruj zapomnij glem se_bort bortse glöm bortse_från"
)
_RULES = (
    "instruction anweisung instructie instrucci istruzion instruç polece instruks instruktion rules"
    " regeln regels"
    " règles regole reglas everything_you all_(?:of_)?the_above warning warnung waarschuwing"
    " avertissement avvis"
    " advertencia duplicate_ dublett dubbele doublon duplicat controle_op prior_prompt"
)
_CHANGE = (
    "overwrite replace update change substitute amend delete aktualisier änder hinterleg ersetz lösch"
    " trag wijzig"
    " vervang werk pas neem verwijder opnemen mett?re_à_jour mettez_à_jour remplac modifi enregistr aggiorn"
    " sostitu cambi actuali sustitu reempla atuali substitu altere zmieni zaktualiz opdater ændr ret_"
    " uppdatera"
    " ändra oppdater endre změň aktualizuj verzoeken"
)
_ACCOUNT = (
    "iban (?:bank|beneficiary|stored|supplier|vendor)\\w*_(?:bank_)?account account_(?:number|details)"
    " bankverbindung"
    " kontoverbindung bankkonto kontonummer bankdaten rekening rib coordonnées_bancaires compte_bancaire"
    " cuenta_bancaria conto_(?:corrente|bancario) conta_bancária kont[oa]_bankow numer_konta"
    " leverand\\w+_konto"
    " leverant\\w+_bankkonto účtu"
)
_DEVIATION = (
    "difference deviation variance discrepanc \\w*abweichung \\w*differenz \\w*verschil \\w*afwijking écart"
    " différence differenz scostament diferencia diferença różnic odchyl afvigels avvikels avvik"
)
_ACCEPTED = (
    "accept ignored agreed waived treated akzeptier hinzunehmen zu_akzeptieren geaccepteerd accepté"
    " accettat acept"
    " aceit akcept godkend godkänn godta toler"
)
_ORDER = "bestellung bestelling purchase_order po_ commande ordine pedido zamówieni indkøbsordre inköpsorder"
_ADJUST = "anpass anzupass angepasst aanpas aan_te_pas match_the corresponde? conform dopas"
_IMPERATIVE_ADJUST = (
    "modifiez modifier adapter adaptez adjust amend ändern anpassen wijzig_ modificare modifique"
)
_SPLIT = "split divide break_up aufteil aufzuteil stückel splits opsplits verdeel divis dividi podziel"
_LIMIT = "limit grenze \\w*grenze limiet grens plafond seuil soglia límite umbral limite próg threshold"
_HUSHED = (
    "confidential secret discreet vertraulich geheim vertrouwelijk confidentiel riservat confidencial poufn"
)
_PAY = "pay zahl überweis betal payer paiement pagament pagar pago płatno betaling"
_POST = (
    "post book release register verbuch buche boek comptabilis contabilizz registr contabili lança zaksięguj"
    " bogfør bokför zaúčt"
)
_AT_ONCE = (
    "immediately straight right_away at_once sofort umgehend ohne direct meteen zonder immédiatement"
    " sans subito"
    " senza inmediatamente sin imediatamente natychmiast bez uden utan uten straks"
)
_READER = (
    "a\\.?i\\.?\\b assistant assistent asistent intelligence_artificielle intelligenza"
    " inteligencia\\w*_artificial"
    " ki\\b sztuczn\\w* kunstig\\w*"
)
_TELL = "print append include list reveal repeat attach output send"
_INSIDE = (
    "configuration system_prompt available_(?:functions|tools) list_of_(?:functions|tools) your_instructions"
)

PATTERNS: tuple[re.Pattern[str], ...] = (
    re.compile(rf"\b{_any(_ALREADY)}\b{_NEAR}\b{_any(_APPROVED)}{_NEAR}\b{_any(_BY_US)}", re.IGNORECASE),
    re.compile(rf"\b{_any(_NOT)}\b{_NEAR}\b{_any(_CONTROL)}", re.IGNORECASE),
    re.compile(
        r"\b(?:prüfung|freigabe|rückfrage)\w*\b" + _NEAR + r"\b(?:entfällt|nicht (?:nötig|erforderlich))",
        re.I,
    ),
    re.compile(
        r"\b\w*(?:warnung|sperre|prüfung)\b" + _NEAR + r"\b(?:übergehen|ignorieren|überspringen)", re.I
    ),
    _pair(_FORGET, _RULES),
    _pair(_CHANGE, _ACCOUNT),
    re.compile(
        rf"\b{_any(_ACCOUNT)}\w*{_NEAR}\b(?:auf{_NEAR}ändern|op_te_nemen|opnemen|löschen)", re.IGNORECASE
    ),
    _pair(_DEVIATION, _ACCEPTED),
    _pair(_ORDER, _ADJUST),
    _pair(_IMPERATIVE_ADJUST, _ORDER),
    _pair(_SPLIT, _LIMIT),
    re.compile(
        r"\b(?:as|in|into) (?:two|three|four|several|separate)\b" + _NEAR + r"\b(?:invoices|limit)", re.I
    ),
    _pair(
        "assign zuordn zuzuordn wijs assegn asign",
        "(?:supplier|vendor|lieferant\\w*|leverancier|fournisseur)_\\w*\\d",
    ),
    _pair(_HUSHED, _PAY),
    re.compile(r"\bdo not (?:discuss|tell|inform|involve|contact|call)\b", re.IGNORECASE),
    _pair(_POST, _AT_ONCE),
    re.compile(
        rf"\b(?:to|an|aan|à|a|al|all|do|til|till|para|per|achtung|attention)\b[^.!?\n]{{0,15}}?{_any(_READER)}",
        re.I,
    ),
    _pair(_TELL, _INSIDE),
    re.compile(r"<function|\"(?:approved|status|approval)\"\s*:", re.IGNORECASE),
)


def asks_for_a_step(text: str) -> bool:
    """Whether any of the intentions is expressed in one sentence of the text."""
    return any(pattern.search(text) for pattern in PATTERNS)
