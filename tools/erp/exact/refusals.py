"""Sentences that are known to be Exact Online's business refusals.

Business rules refuse with HTTP 500, and so does a database that gave up waiting: its sentence ("Execution
Timeout Expired …") says nothing of what was kept. Only what users have seen Exact say of a rule is believed,
in the two languages they quoted; another sentence, and these in another language, leave a write unknown.
"""

from __future__ import annotations

import re

_RULE = re.compile(
    # "Mandatory: Relationship", "Invalid reference: Cost unit": picqer/exact-php-client issue 325;
    # "Verplicht: Serie": issue 161; "Ongeldige referentie: Besteld door": issue 249;
    # "Invalid: VAT percentage" with status 500: support.simplicate.nl/en/articles/6717960.
    r"(?:Mandatory|Verplicht|Invalid|Ongeldig|Invalid reference|Ongeldige referentie): ?\S.{0,120}"
    # In both languages by support.spend.cloud ("an error message when exporting invoices to Exact Online").
    r"|(?:Period is closed|Periode is afgesloten)\.?"
)


def is_known_refusal(sentence: str) -> bool:
    """Whether every line is one: several rules are told in one answer, a line each."""
    lines = [line.strip() for line in sentence.splitlines() if line.strip()]
    return bool(lines) and all(_RULE.fullmatch(line) for line in lines)
