"""The rate of a printed invoice's tax, believed only where it explains the tax to the cent."""

from __future__ import annotations

from decimal import Decimal

from tools.intake.pdf_amount_rows import CENT
from tools.intake.pdf_evidence import Evidence, Figure
from tools.intake.pdf_vocabulary import Label


def proven_rate(net: Figure, tax: Figure, evidence: Evidence) -> Decimal | None:
    """Percent, of all that is taxed: the one rate that stands beside the tax amount (`MwSt. 19 %  230,85`)
    and gives this tax on the net total. None where several stand there, where none does, or without tax."""
    beside = {
        one.rate for one in evidence.amounts if one.label is Label.TAX and one.value == tax.value and one.rate
    }
    if len(beside) != 1 or not tax.value:
        return None
    rate = beside.pop()
    return rate if abs(net.value * rate / 100 - tax.value) <= CENT else None
