"""Which rule of the company codes a line."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from tools.domain.coding import CodingPolicy, CodingRule, CodingSource, Suggestion
from tools.domain.documents import InvoiceLine


def by_rule(
    policy: CodingPolicy, supplier_id: str, text: str, line: InvoiceLine | None, amount: Decimal | None
) -> Suggestion | None:
    """The first rule that fits. `amount` is the line's, without tax, in the company's currency; None where
    it is in another one: rules with a range then do not fit."""
    rule = next((rule for rule in policy.rules if _fits(rule, supplier_id, text, line, amount)), None)
    if rule is None:
        return None
    return Suggestion(
        account=rule.account,
        source=CodingSource.RULE,
        reason=f"rule “{rule.name}”",
        evidence=(rule.name,),
        cost_centre=rule.cost_centre,
        project=rule.project,
        tax_code=rule.tax_code,
        deferral_months=rule.deferral_months,
    )


def _fits(
    rule: CodingRule, supplier_id: str, text: str, line: InvoiceLine | None, amount: Decimal | None
) -> bool:
    if rule.suppliers and supplier_id not in rule.suppliers:
        return False
    if rule.text and not any(_pattern(words).search(_folded(text)) for words in rule.text):
        return False
    if rule.items and not rule.items & _items(line):
        return False
    return _in_range(rule, amount)


@lru_cache(maxsize=4096)
def _pattern(words: str) -> re.Pattern[str]:
    """Whole words in their order; a star stands for the rest of a word, as compounds need it."""
    parts = (r"\w*".join(map(re.escape, word.split("*"))) for word in _folded(words).split())
    phrase = r"\s+".join(parts)
    return re.compile(rf"(?<!\w){phrase}(?!\w)")


def _folded(text: str) -> str:
    """One spelling for letters with marks, whatever their case: `Strasse` is `STRASSE` is `Straße`."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _items(line: InvoiceLine | None) -> set[str]:
    return set() if line is None else {item for item in (line.supplier_item_id, line.buyer_item_id) if item}


def _in_range(rule: CodingRule, amount: Decimal | None) -> bool:
    if rule.amount_from is None and rule.amount_to is None:
        return True
    if amount is None:
        return False
    above = rule.amount_from is None or amount >= rule.amount_from
    return above and (rule.amount_to is None or amount <= rule.amount_to)
