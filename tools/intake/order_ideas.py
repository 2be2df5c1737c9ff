"""Ideas that meet in one sentence, in any order: a wider net than the phrases of `order_words`.

Each entry is two or three lists of stems; a sentence that has one of each is worth a warning. The stems are
beginnings of words.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_ACCOUNT = (
    "bankverbind bankdaten konto kontoverb iban rib rekening bankgegevens banque compte coordonn conto"
    " cuenta conta_"
    " rachunek rachunku bankowy kontoen kontonummer bankkonto bank_account bank_details our_bank another_bank"
    " beneficiary banco"
)
_CHANGED = (
    "moved changed switched new_ geändert gewechselt neue veranderd gewijzigd nieuwe changé nouvel"
    " nouveau cambiat"
    " nuov cambiad nuev mudou nova zmien uległ nowy nowe skiftet nyt ændret bytt ny_ only nur_noch"
    " alleen seulement"
    " uniquement solo sólo tylko kun_ endast gesperrt closed closing old_ alte anciennes vecchi antigu"
)
_APPROVAL = (
    "approval approved signed_off sign-off released freigabe freigegeben genehmig goedkeur goedgekeurd"
    " akkoord accord"
    " approuv validation approv autoriz aprob aprov zatwierdz zgod godken godkän schvál"
)
_GO_ON = (
    "just_pay pay_ payment skip bypass nothing_left anweisen zahlung buchen verbuch betaal betaling"
    " payer paiement"
    " pagament procedere pago pagar contabil płac zapłać betal circuit vorlegen sufficient straight"
    " directly direkt"
    " directamente direttamente directement"
)
_NOT_ASKED = (
    "no_further nothing_left without_further nicht_mehr ohne_weitere direkt_zur zonder_verdere"
    " sans_passer sans_autre"
    " già_concess senza_ulterior directamente sin_más bez_dalsz uden_yderlig utan_ytterlig yesterday"
    " already bereits"
)
_CONSIDER = (
    "count_ consider treat regard mark_ assume betracht behandle werte beschouw behandel considèr"
    " considér traite"
    " considera tratta trate uznaj betragt betrakta"
)
_SETTLED = (
    "delivered received matched perfect_match complete agreed correct conform geklärt erhalten"
    " geliefert erledigt"
    " ontvangen akkoord geleverd conforme reçu livré ricevut consegnat recibid entregad recebid otrzyman"
    " modtaget"
    " mottag"
)
_AI = r"(?:assistant|assistent\w*|asistente|asystent\w*|bot|chatbot|ai|ki|ia|sprachmodell|language model)"
_ADDRESSED = re.compile(
    rf"(?:^|[.!?\n]\s*)(?:dear |hey |liebe[rs]? |cher |caro )?{_AI}\s*[,:]", re.IGNORECASE
)
_URGENT = (
    "today this_hour within_the_hour urgent immediately heute"
    " sofort vandaag nog_vandaag aujourd urgent oggi hoy"
)
_URGENT += " dziś i_dag idag brådskande omgående hoje"
_PAY = "wire pay_ transfer zahl überweis betaal payer payez virement pagare pagate pagar pague zapłać betal"
_NOBODY = (
    "nobody no_one cannot_take_calls do_not niemand mit_niemandem keine_rück keinem personne ne_pas"
    " nessun nadie"
    " nikomu nikogo ingen ikke_ inte_ ninguém kontakta_ingen discreet"
)
_COMPANY_RULES = "your_rules your_limits which_rules your_company your_instructions ihre_regeln vos_règles"
_TELL = "state_ tell print list answer reveal nennen auflisten indiquez"
_IDEAS = (
    (_ACCOUNT, _CHANGED),
    (_APPROVAL, _GO_ON, _NOT_ASKED),
    (_CONSIDER, _SETTLED),
    (_URGENT, _PAY, _NOBODY),
    (_COMPANY_RULES, _TELL),
)


def _stems(words: str) -> re.Pattern[str]:
    """Any of the stems at the beginning of a word; `_` stands for a blank."""
    stems = sorted(dict.fromkeys(words.split()), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(s).replace("_", r"\s+") for s in stems) + ")", re.I)


_COMPILED = tuple(tuple(map(_stems, idea)) for idea in _IDEAS[1:])
_ACCOUNT_IDEA = tuple(map(_stems, _IDEAS[0]))


def ideas_meet(text: str) -> bool:
    """Whether a sentence joins the ideas of an order, or speaks to software by name."""
    if _ADDRESSED.search(text):
        return True
    sentences = _SENTENCE.findall(text)
    return any(all(part.search(sentence) for part in idea) for sentence in sentences for idea in _COMPILED)


def account_is_news(text: str) -> bool:
    """Whether a sentence speaks of an account and of a change."""
    return any(all(part.search(each) for part in _ACCOUNT_IDEA) for each in _SENTENCE.findall(text))
