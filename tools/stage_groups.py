"""Groups of stages that several questions to the database need, as the list of cases keeps them."""

from __future__ import annotations

NOTHING_OWED = ("rejected", "not_an_invoice", "unreadable")
"""Whatever the document asks for, nobody will pay it."""
AGREED = ("approved", "outcome_unknown", "posted", "parked")
"""It was or is being posted: a document that came later counts too."""
