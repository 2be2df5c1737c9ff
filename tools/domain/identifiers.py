"""Names for the identifiers of the trade, and whether an IBAN or a VAT id can be valid.

The check digits are python-stdnum's; nothing here asks a register, so 'valid' means 'well formed'.
"""

from __future__ import annotations

import re
from typing import NewType

from stdnum import iban as _iban
from stdnum.eu import vat as _eu_vat
from stdnum.exceptions import ValidationError as _Invalid

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


def masked(identifier: str) -> str:
    """A bank account for logs and screens of people who need not know it: country and last four."""
    text = compact(identifier)
    return f"{text[:2]}…{text[-4:]}" if len(text) > 8 else "…"
