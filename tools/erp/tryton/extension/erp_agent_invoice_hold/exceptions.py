"""What the module refuses."""

from __future__ import annotations

from trytond.exceptions import UserError


class InvoiceHoldError(UserError):
    """An invoice is on hold, or cannot be put on hold."""
