"""Names for the identifiers of the trade, and whether an IBAN or a VAT id can be valid.

The check digits are python-stdnum's; nothing here asks a register, so 'valid' means 'well formed'.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NewType

from stdnum import iban as _iban
from stdnum.ch import uid as _swiss
from stdnum.eu import vat as _eu_vat
from stdnum.exceptions import ValidationError as _Invalid
from stdnum.gb import vat as _british
from stdnum.no import orgnr as _norwegian

CaseId = NewType("CaseId", str)
DocumentId = NewType("DocumentId", str)
"""SHA-256 of the file's bytes, hexadecimal."""
CompanyId = NewType("CompanyId", str)
"""The legal entity of ours that owes the invoice, as the ERP names it."""
SupplierId = NewType("SupplierId", str)
"""The supplier's number in the ERP."""
OrderNumber = NewType("OrderNumber", str)
PersonId = NewType("PersonId", str)
"""A natural person, by the login name of the machine or the identity provider."""


BETWEEN_GROUPS = r"[\s./_\u00ad\u2010-\u2015\u200b-\u200f\u2060\ufeff-]"
"""What stands between the groups of an account number: blanks, dots, dashes, and what nobody sees."""


def compact(text: str) -> str:
    """Upper case, letters and digits only: no blank or invisible character hides an identifier."""
    return "".join(sign for sign in text if sign.isalnum()).upper()


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def with_plain_digits(text: str) -> str:
    """The text with the decimal digits of every script, and full-width signs, as those of ASCII.

    >>> with_plain_digits("\u0664\u0663\u0661 \uff0b\uff17")
    '431 +7'
    """
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text.translate(_FULL_WIDTH)
    )


def is_iban(text: str) -> bool:
    """Whether `text` has the length and the mod-97 check digits of an IBAN of its country."""
    try:
        _iban.validate(compact(text), check_country=False)
    except _Invalid:
        return False
    return True


def looks_like_iban(text: str) -> bool:
    """Two letters, two digits, 11 to 30 letters or digits: the form, without the check digits."""
    return re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", compact(text)) is not None


def is_vat_id(text: str) -> bool:
    """Whether `text` is a well-formed VAT id of an EU member (or XI) with right check digits."""
    try:
        _eu_vat.validate(compact(text))
    except _Invalid:
        return False
    return True


EU_VAT_COUNTRIES = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split()
)
"""Where the VAT of the Union applies (Directive 2006/112/EC; protocol on Northern Ireland), as ISO 3166."""
_VAT_PREFIXES = {"EL": "GR"}
"""Prefixes of VAT ids that are no country codes of ISO 3166."""
EU_VAT_PREFIXES = EU_VAT_COUNTRIES - {*_VAT_PREFIXES.values()} | {*_VAT_PREFIXES}
"""With which a VAT id of the Union begins (art. 215)."""


def vat_country(text: str) -> str | None:
    """The country (ISO 3166, Northern Ireland as XI) whose prefix a VAT id has; None without one."""
    found = re.match(r"[A-Z]{2}(?=[A-Z0-9]*\d)", compact(text))
    return None if found is None else _VAT_PREFIXES.get(found[0], found[0])


def vat_id_verdict(text: str) -> bool | None:
    """Whether form and check digits of a VAT id are those of its country; None where there is no prefix
    or no rule for it. Outside the Union: the United Kingdom, Switzerland and Norway."""
    country = vat_country(text)
    if country is None:
        return None
    if country in EU_VAT_COUNTRIES:
        return is_vat_id(text)
    rule = _NATIONAL.get(country)
    return None if rule is None else bool(rule(compact(text)))


def _is_swiss(text: str) -> bool:
    return bool(_swiss.is_valid(re.sub(r"(MWST|TVA|IVA|VAT|TPV)$", "", text)))


def _is_norwegian(text: str) -> bool:
    return bool(_norwegian.is_valid(text.removeprefix("NO").removesuffix("MVA")))


_NATIONAL = {"GB": _british.is_valid, "CH": _is_swiss, "NO": _is_norwegian}


def masked(identifier: str) -> str:
    """A bank account for logs and screens of people who need not know it: country and last four."""
    text = compact(identifier)
    return f"{text[:2]}…{text[-4:]}" if len(text) > 8 else "…"
