"""Account numbers that no form tells: those that a word near them calls one.

A local account is a row of digits like an order's or an article's. The words around it decide: a word for an
account or for a bank's code, and no word in between that gives the number to something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

_FEWEST_DIGITS = 7
_SHORTEST_CODE = 5
"""Digits of a bank's code: Italy's ABI and CAB have five."""
_MOST_WORDS, _FARTHEST = 6, 90
"""Between the word and its number: words, and characters."""
_MOST_LABEL = 40
_LETTER = r"[^\W\d_]"
# German compounds that are no bank account; Skonto is a discount. A ledger's may have eight digits (DATEV).
_LEDGERS = (
    r"(?:s|kunden|lieferanten|sach|personen|debitoren|kreditoren|kosten|erl(?:ö|oe)s|aufwands|ertrags|bestands|gegen"
    r"|verrechnungs|steuer|abgrenzungs|benutzer|haupt?buch|zeit)"
)
_KONTO = (
    rf"(?!{_LEDGERS}-?kont)(?:{_LETTER}{{1,20}}-?)?kont(?:o|os|a|en|em)"
    r"(?:-?(?:nr|nummern?|num(?:m|b)er|verbindung|daten|angaben|inhaber))?|bankverbindung(?:en)?"
)
_ACCOUNT = (
    rf"{_KONTO}|kto|ktonr|kontonr|(?<!ledger )(?<!g/l )(?<!gl )(?<!cost )(?<!user )(?:bank)?accounts?"
    r"(?!\s+(?:payable|receivable|manager|department|dept|team|office)\b)|acc|accts?|a/c|"
    r"(?:bank|post|spaar|giro)?rekening(?:en)?(?:nummers?|nr)?|comptes?|ccp|rib|"
    r"cuentas?|ccc|conti|conto|c/c|contas?|nib|"
    r"rachun(?:ek|ku|kiem|ki)|nrb|(?:post|bank|plus)giro(?:konto)?|"
    r"coordonn[ée]es\s+bancaires|coordinate\s+bancarie"
)
_CODE = (
    r"blz|bankleitzahl|sort[ -]?code|routing(?:\s+(?:no|nr|number|code))?|aba|bsb|ifsc|clabe|bic|swift|"
    r"abi|cab|bank[ -]?codes?|code\s+(?:banque|guichet)|bankcode"
)
_OWNER = re.compile(rf"(?i)(?<![A-Za-z0-9])(?:(?P<code>{_CODE})|(?:{_ACCOUNT}))(?![A-Za-z0-9])")
DATE = (
    r"(?:(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:19|20)\d\d"
    r"|(?:19|20)\d\d[./-]\d[\d./-]*)(?!\d)"
)
SUM = r"[1-9]\d{0,2}(?:(?:[., ']\d{3})+|\d{0,9})[.,]\d{2}(?![\d]|[.,]\d)"
_CURRENCY = r"(?:€|\$|£|(?:EUR|USD|GBP|CHF|PLN|SEK|NOK|DKK|CZK|HUF|AUD|CAD|INR|MXN|JPY|euros?|zł)\b)"
_ROUND = rf"[1-9]\d{{0,2}}(?:(?:[., ']\d{{3}})+|\d{{0,9}})\s?{_CURRENCY}"
_NO_ACCOUNT = re.compile(rf"(?i){DATE}|{SUM}|{_ROUND}")
_APART = rf"(?: ?[./-] ?| {{1,2}}(?!{DATE}|{SUM}))"
_NUMBER = (
    rf"(?<![A-Za-z0-9])(?:[A-Z]{{4}}(?=\d))?\d[A-Z0-9]{{0,33}}"
    rf"(?:{_APART}(?:[A-Z]?\d[A-Z0-9]{{0,33}}|[A-Z](?={_APART}\d))(?![A-Za-z0-9])){{0,16}}(?![A-Za-z0-9])"
)
"""Groups of digits; letters inside as in France: `0500013M026`, `12 345 67 P 020`."""
_ID = r"[\W_]{0,3}(?:no|nr|num|n|number|nummer|id|code)\b"
_OTHERS = (
    r"(?:(?:purchase|sales)?orders?\b|pos?\b|positions?\b|purchase|bestell|auftrag|commande|ordin[ei]\b|"
    r"pedido|orden(?:es)?\b|zam[oó]wieni|invoice|rechnung|factu|fattur|faktur|bill\b|deliver|liefer(?:schein|ung)|"
    r"lever(?:ing|bon)|livraison|bon\b|consegn|bolla|ddt\b|albar|dostaw|shipment|tracking|items?\b|"
    r"arti[ck]|art[íi]culo|artyku|material|gtin|ean\b|sku\b|vat\b|ust\b|ustid|tax|tva\b|btw|iva\b|p\.?\s?iva|"
    r"partita|nip\b|nif\b|cif\b|regon|steuer|siret|siren|kvk|hrb|duns|"
    r"tel\b|telefo|phone|fon\b|fax|mobil|handy|t[ée]l[ée](?:ph|f)|gsm|cell\b|"
    rf"(?:customer|client[eai]?|kunden|klant|vendor|supplier){_ID}|"
    r"kunden-?n|klantn|lieferanten-?n|debitoren-?n|kreditoren-?n|contract|vertrag|contrat|umow|"
    r"case\b|fall\b|ticket|serial|s[ée]rie|ref\b|referen[cz]|r[ée]f[ée]ren|riferimento|"
    r"amount|betrag|bedrag|montant|import[eo]\b|kwot)"
)
_TOKEN = re.compile(
    rf"(?P<number>{_NUMBER})|(?P<other>(?i:(?<![^\W\d_]){_OTHERS}){_LETTER}*|\+(?=\s?\d))|(?P<word>{_LETTER}+)"
    r"|(?P<end>\.(?=\s+[^\sa-z])|[!?](?=\s))"
)
_SHORT_FORM = re.compile(r"(?i)(?<![^\W\d_])(?:[a-zà-ž]|nr|no|num|núm|nro|kto|acct?|bzw|ca|co|ltd|inc|resp)$")
"""A point after one of these ends no sentence."""
_EQUALS = r"(?::|=|\b(?:is|are|ist|sind|lautet|lauten|est|sont|es|son|[eè]|sono|luidt|jest|to)\b)"
_LINKED = re.compile(rf"(?i){_EQUALS}(?:\s*(?:now|jetzt|nun|nu|maintenant|ahora|ora|teraz|neu)\b)?\W{{0,3}}$")
_LINK_AHEAD = re.compile(rf"(?i)\s*(?:\w{{1,3}}\s)?{_EQUALS}")
_MEANT_FOR = re.compile(r"(?i)\b(?:for|für|pour|voor|per|para|dla|of|de|von|van)\s+(?:\w{1,8}\s+)?$")
_JOINING = frozenset({"and", "und", "et", "e", "y", "en", "i", "or", "oder", "ou", "o", "of", "lub"})
_BEFORE_CODE = re.compile(
    rf"(?P<number>{_NUMBER})[\s,;:/|()-]{{1,4}}(?i:(?:at|with|bei|mit|bij|met|avec|con|z)\s+)?"
    rf"(?i:(?:der|the|la|le|de|il)\s+)?(?i:(?:{_CODE})(?![A-Za-z0-9]))"
)
_LABEL = re.compile(rf"(?i)(?<![^\W\d_]){_OTHERS}{_LETTER}*[^\d,;]*$")


def named_spans(text: str) -> list[tuple[int, int]]:
    """Places of the numbers that words call an account or a bank's code, in `text` as a reader sees it."""
    after = chain.from_iterable(_owned(text, owner) for owner in _OWNER.finditer(text))
    return [*after, *_before_codes(text)]


def _owned(text: str, owner: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The numbers behind one word for an account, up to the end of its sentence."""
    words, near, spent, is_code = 0, owner.end(), False, owner["code"] is not None
    found = False
    for token in _TOKEN.finditer(text, owner.end()):
        if token.start() - near > _FARTHEST or (token["end"] and _ends(text, owner, token)):
            return
        if token["number"]:
            if _is_account(text, token, is_code and not found and not words) and (
                not spent or _LINKED.search(text, near, token.start())
            ):
                yield token.span()
                words, near, found, spent = 0, token.end(), True, False
            elif spent or _is_ledger(token, words):
                spent, near = True, token.end()
        elif token["other"]:
            spent = spent or not _is_purpose(text, token)
        elif token["word"]:
            words += 1
            if words > _MOST_WORDS or (found and token[0].lower() not in _JOINING):
                return


def _ends(text: str, owner: re.Match[str], point: re.Match[str]) -> bool:
    return point.start() > owner.end() and not _SHORT_FORM.search(text, owner.start(), point.start())


def _is_account(text: str, number: re.Match[str], is_code: bool) -> bool:
    if _NO_ACCOUNT.match(text, number.start()):
        return False
    return _digits(number[0]) >= (_SHORTEST_CODE if is_code else _FEWEST_DIGITS)


def _is_ledger(number: re.Match[str], words: int) -> bool:
    """`Konto 6100`: the word has its number, the next one is of something else."""
    return not words and _digits(number[0]) > 2


def _is_purpose(text: str, other: re.Match[str]) -> bool:
    """`the account for these orders: …`: the number is the account's."""
    start = max(0, other.start() - _MOST_LABEL)
    is_meant = _MEANT_FOR.search(text[start : other.start()]) is not None
    return is_meant and _LINK_AHEAD.match(text, other.end()) is not None


def _before_codes(text: str) -> Iterator[tuple[int, int]]:
    """`0532013000, Bankleitzahl …`, where no word before gives the number to something else."""
    for found in _BEFORE_CODE.finditer(text):
        label = text[max(0, found.start() - _MOST_LABEL) : found.start()]
        is_others = _LABEL.search(label) or label.endswith("+")
        if (
            not is_others
            and _is_account(text, found, is_code=False)
            and _digits(found["number"]) >= _FEWEST_DIGITS
        ):
            yield found.span("number")


def _digits(text: str) -> int:
    return sum(sign.isdigit() for sign in text)
