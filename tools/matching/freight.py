"""Words for the cost of delivery, so that freight on an invoice is recognised in several languages."""

from __future__ import annotations

import re
from functools import lru_cache

# Stems at the start of a word: German, Dutch, English, French, Spanish, Italian, Danish, Polish.
_STEMS = (
    "fracht transportkosten transportpauschale versand lieferkosten porto zustell speditions verpackung "
    "vracht verzend bezorg verpakking transportkosten portokosten "
    "freight shipping shipment postage carriage delivery packing packaging handling courier haulage "
    "livraison emballage envio envío embalaje portes spedizione trasporto imballo "
    "fragt forsendelse wysył dostaw"
).split()
# Germanic compounds end in the word: Luftfracht, Spoedtransport, Expressversandkosten. One that begins with
# transport (Transportband, Transportwagen) is a thing.
_ENDS = (
    r"\w{3,}(?:fracht|vracht|fragt|transport|versand|verzending|zustellung)(?:s?kosten|pauschale|toeslag)?\b"
)
_FREIGHT = re.compile(
    r"\b(?:" + "|".join(sorted(set(_STEMS))) + rf"|frais de port\b|transporte?s?\b|port\b|p&p\b|{_ENDS})"
)
_GOODS = re.compile(r"\b(?:delivery note|packing list|usb|handling unit)")


@lru_cache(maxsize=2048)
def is_freight(text: str | None) -> bool:
    """Whether a line's text speaks of freight, postage or packing."""
    folded = (text or "").casefold()
    return _FREIGHT.search(folded) is not None and _GOODS.search(folded) is None
