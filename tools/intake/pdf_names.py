"""What can be a company's name, and where a name ends in a line of a letterhead."""

from __future__ import annotations

import re

from tools.intake.pdf_dates import find_dates
from tools.intake.pdf_lines import folded

_FORMS = r"""
    g?gmbh(?:\s*&\s*co\.?\s*kg(?:aa)?)?|ag|kg|ohg|gbr|ug(?:\s*\(haftungsbeschränkt\))?|e\.\s?k\.|e\.\s?v\.|eg|mbh|
    b\.?\s?v\.?b?\.?a?\.?|n\.?v\.?|vof|v\.o\.f\.|c\.?v\.?|bvba|ltd\.?|limited|plc|llp|llc|l\.l\.c\.|
    inc\.?|incorporated|
    corp\.?|corporation|company|co\.|pty|gmbh\s*&\s*co|s\.?a\.?r\.?l\.?u?|s\.?a\.?s\.?u?|s\.a\.|sa|eurl|sci|snc|scop|
    s\.?p\.?a\.?|s\.?r\.?l\.?s?|s\.n\.c\.|s\.?l\.?u?|lda\.?|unipessoal|a/s|aps|i/s|asa|as|ab|hb|oyj?|ky|
    sp\.?\s?z\.?\s?o\.?\s?o\.?|s\.a|sp\.\s?k\.|s\.r\.o\.|a\.s\.|kft\.?|zrt\.?|d\.o\.o\.|a\.\s?g\.|se|stiftung|verein"""
_FORM = re.compile(rf"(?<![\w.])(?:{_FORMS})(?!\w)", re.IGNORECASE | re.VERBOSE)
_SEPARATORS = re.compile(
    r"\s+[-–—|•·∙*]\s*|\s*[|•·∙;]\s*|,\s+(?=\S*\d|[A-ZÄÖÜ][\w.-]+\s?(?:str|weg|all|pl|gas|laan|straat|rue|\d))|"
    r"\s{3,}"
)
_NOT_NAMES = re.compile(
    r"\s:\s|@|https?:|www\.|^\W*\d|^\+|\bIBAN\b|\bBIC\b|tel\.|fax|^(?:p\.?\s?o\.?\s?box|postfach|postbus|bp\s\d)|[€$£]|"
    r"\d{4,}|%|^(?:herrn?|frau|mr|mrs|ms|mme|m\.|dhr|mevr)\.?$|^(?:attn|t\.a\.v|z\.\s?hd|c/o|à l'attention)",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"(?:str(?:\.|aße|asse|aat)?|weg|allee|platz|gasse|laan|plein|gracht|kade|rue|avenue|road|street|lane|"
    r"drive|blvd|way|via|viale|calle|gade|vej|gate|gatan|vägen|katu|ulica|ul\.|chemin|place|quai|square|st\.?|ave\.?)\b.*\d|"
    r"\d+[a-z]?,?\s+(?:rue|avenue|chemin|place|boulevard|bd|\w+ (?:st|street|road|way|drive|ave|lane)\b)",
    re.IGNORECASE,
)
POSTCODE_PLACE = re.compile(
    r"(?:^|\s)(?:[A-Z]{1,2}[- ])?\d{4,5}\s(?:[A-Z]{2}\s)?[A-ZÄÖÜÉÀ][\w'’.-]+|"
    r"\b[A-Z]{2},?\s+\d{5}(?:-\d{4})?$|"
    r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}$|^\d{2}-\d{3}\s\w|^\d{3}\s\d{2}\s\w|^\d{4}-\d{3}\s\w|"
    r"^\d{5}[A-ZÄÖÜ][a-zäöüß]{3,}$"
)

_PLACE_AND_STATE = re.compile(r"^[\w .'-]+,\s*[A-Z]{2},?\s*\d{5}")

_ADDRESSING = re.compile(
    r"\b(?:(?i:your|our(?!\s+lady)|votre|ihre[mnrs]?|unsere?[mnrs]?|jouw|vuestr[oa]s?|nuestr[oa]s?)|"
    r"vos|nos|notre|uw|onze|(?:Vos|Nos|Notre|Uw|Onze)(?=\s[a-zà-ÿ]))\b"
)
"""Dutch families are named Vos, churches Notre-Dame: those words count only where a sentence goes on."""
_VERBS = re.compile(
    r"\b(?:is|are|was|were|has|have|will|ist|sind|wird|werden|haben|sont|sera|serez|avez|zijn|wordt|heeft)\b"
)
_FULL_STOP = re.compile(r"\S+\s.*\s[a-zà-ÿ]{3,}\.$|[!?]$")
_PARTICLE = re.compile(
    r"(?:de|du|des|la|le|van|von|vom|zum|zur|der|den|ter|ten|di|da|del|dos|el|al|af|av|the)\s.*[A-ZÀ-Þ]"
)
_BESIDE_NAME = re.compile(
    r"(?:herrn?|frau|m|mm?e|mlle|mrs?|ms|monsieur|madame|dhr|mevr|dr|prof|sig|sra?|attn?|attention|fao|zhd|"
    r"geschäftsstelle|abteilung|abt|niederlassung|zweigstelle|buchhaltung|department|dept|division|"
    r"service|afdeling|avdelning|osasto|ufficio|reparto|departamento|dział)(?:\.|:)?(?:\s|$)",
    re.IGNORECASE,
)


def is_sentence(text: str) -> bool:
    """Whether the words come from running text: lower case at the start, an address of the reader, a verb,
    a full stop. A legal form at the end makes any words a name."""
    if has_legal_form(text):
        return False
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    starts_low = first.islower() and first != text and not _PARTICLE.match(text)
    return starts_low or any(one.search(text) for one in (_ADDRESSING, _VERBS, _FULL_STOP))


def stands_beside_name(text: str) -> bool:
    """A person with title or a department: what an address may show above the company's name."""
    return _BESIDE_NAME.match(text) is not None and not has_legal_form(text)


def runs_on(upper: str, lower: str) -> bool:
    """Whether a name in the upper line goes on in the lower: `Muster &` / `Sohn AG`, `Muster` / `GmbH`."""
    joint = re.compile(r"(?:&|\+|und|and|et|en)$", re.IGNORECASE)
    words = lower.split()
    only_form = _FORM.fullmatch(lower.strip()) is not None
    return only_form or bool(words and (joint.match(words[0]) or joint.search(upper.split()[-1])))


def has_legal_form(text: str) -> bool:
    """Whether the text ends, or nearly ends, like a registered company: `GmbH`, `B.V.`, `Ltd`."""
    found = list(_FORM.finditer(text))
    return bool(found) and found[-1].start() > 0 and len(text) - found[-1].end() <= 3


def clean_name(text: str) -> str | None:
    """The name at the start of a line; None when it begins with something else.

    `Au bon moulin SARL - 1242 chemin …` gives `Au bon moulin SARL`.
    """
    if _PLACE_AND_STATE.match(text):
        return None
    part = _SEPARATORS.split(text.strip(" :*#|-–•·,"))[0].strip(" ,:;|-–")
    if len(part) > 30:
        form = next((one for one in _FORM.finditer(part) if one.start() > 2), None)
        if form is not None and part[form.start() - 1] in " ,":
            part = part[: form.end()]
    letters = sum(c.isalpha() for c in part)
    if letters < 2 or letters < 0.5 * len(part.replace(" ", "")) or len(part) > 70:
        return None
    if _NOT_NAMES.search(part) or _STREET.search(part) or find_dates(part) or POSTCODE_PLACE.search(part):
        return None
    return None if is_sentence(part) else part


def name_key(name: str) -> str:
    """The same for all spellings of one name: letters and digits only."""
    return folded(name).replace(" ", "")


def domains_in(text: str) -> set[str]:
    """Names of mail and web domains without their ending; those of mail providers left out."""
    found = re.findall(
        r"(?:@|www\.|https?://(?:www\.)?)([\w-]+(?:\.[\w-]+)*)\.[a-z]{2,}", text, re.IGNORECASE
    )
    names = {folded(one.split(".")[-1]).replace(" ", "") for one in found}
    return {one for one in names if len(one) >= 4} - _PROVIDERS


_PROVIDERS = frozenset(
    "gmail gmx outlook hotmail yahoo icloud online web wanadoo orange live proton example mail".split()
)


def matches_domain(name: str, domains: set[str]) -> bool:
    key = name_key(_FORM.sub("", name))
    return len(key) >= 4 and any(domain in key or key in domain for domain in domains)
