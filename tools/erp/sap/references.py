"""A supplier's number in SAP's sixteen characters, and back.

Field `SupplierInvoiceIDByInvcgParty` keeps sixteen. A longer number is shortened so that two numbers hardly
ever become the same: eleven characters, a mark, four that its SHA-256 gives. The whole number goes into the
text of the supplier's line, fifty characters; what is read there counts only if it shortens to the reference
beside it, and the reference alone is enough to know a document of ours by. People keep the first or the last
sixteen characters of such a number: both are looked for.
"""

from __future__ import annotations

import base64
import hashlib

LONGEST = 16
LONGEST_TEXT = 50
_MARK = "~"


def shortened(number: str, longest: int = LONGEST) -> str:
    """At most `longest` characters; the same number always becomes the same text."""
    number = number.strip()
    if len(number) <= longest:
        return number
    digest = base64.b32encode(hashlib.sha256(number.casefold().encode()).digest()).decode()
    return f"{number[: longest - 5]}{_MARK}{digest[:4]}"


def whole(reference: str, text: str) -> str:
    """The supplier's number of a document: its reference, or the text where that is the longer form of it."""
    longer = len(text.strip()) > len(reference)
    return text.strip() if longer and shortened(text).casefold() == reference.casefold() else reference


def is_ours_of(number: str, reference: str, text: str) -> bool:
    """Whether a reference is what this connector makes of a number that is too long. The text beside it may
    have been written over and says nothing then; it only tells another long number of the same short form."""
    short = shortened(number).casefold()
    if short == number.strip().casefold() or reference.casefold() != short:
        return False
    told = whole(reference, text).casefold()
    return told in (short, number.strip().casefold())


def by_hand(number: str) -> tuple[str, ...]:
    """What a person may have entered for a number that is too long."""
    number = number.strip()
    return (number[:LONGEST], number[-LONGEST:]) if len(number) > LONGEST else ()


def forms(number: str) -> tuple[str, ...]:
    """All references that a document of this number may carry."""
    return (shortened(number), *by_hand(number))
