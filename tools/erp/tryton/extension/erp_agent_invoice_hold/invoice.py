"""The invoice: on hold or not; while it is, it is neither posted nor paid."""

from __future__ import annotations

from trytond.i18n import gettext
from trytond.model import fields
from trytond.model.exceptions import AccessError
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access

from .exceptions import InvoiceHoldError


class Invoice(metaclass=PoolMeta):
    __name__ = "account.invoice"

    on_hold = fields.Boolean("On Hold", readonly=True)
    hold_reasons = fields.Function(fields.Char("Hold Reasons"), "get_hold_reasons")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._check_modify_exclude.add("on_hold")

    @classmethod
    def default_on_hold(cls):
        return False

    @classmethod
    def get_hold_reasons(cls, invoices, name):
        """The reasons that stand, oldest first."""
        Hold = Pool().get("account.invoice.hold")
        domain = [("invoice", "in", [invoice.id for invoice in invoices]), ("released_at", "=", None)]
        found = {invoice.id: [] for invoice in invoices}
        for hold in Hold.search(domain, order=[("id", "ASC")]):
            found[hold.invoice.id].append(hold.reason)
        return {key: ", ".join(reasons) or None for key, reasons in found.items()}

    @classmethod
    def refuse_held(cls, invoices, message):
        """Raises InvoiceHoldError with the first invoice that is on hold."""
        with without_check_access():
            for invoice in cls.browse(invoices):
                if invoice.on_hold:
                    raise InvoiceHoldError(
                        gettext(
                            f"erp_agent_invoice_hold.{message}",
                            invoice=invoice.rec_name,
                            reasons=invoice.hold_reasons,
                        )
                    )

    @classmethod
    def refuse_held_lines(cls, lines, message="msg_not_paid"):
        """The same for lines of the ledger: those of the invoice's entry and of what came after it, and the
        lines that stand for them after grouping or delegating."""
        ids = [line.id for line in lines]
        entries = ("move", "additional_moves")
        own = [(f"{entry}.lines.id", "in", ids) for entry in entries]
        moved = [(f"{entry}.lines.reconciliation.delegate_to", "in", ids) for entry in entries]
        behind = ["OR", *own, *moved]
        with without_check_access():
            held = cls.search([("on_hold", "=", True), behind])
        cls.refuse_held(held, message)

    @classmethod
    def post_batch(cls, invoices):
        cls.refuse_held(invoices, "msg_not_posted")
        super().post_batch(invoices)

    @classmethod
    def _post(cls, invoices):
        cls.refuse_held(invoices, "msg_not_posted")
        super()._post(invoices)

    def pay_invoice(self, *args, **kwargs):
        self.refuse_held([self], "msg_not_paid")
        return super().pay_invoice(*args, **kwargs)

    @classmethod
    def check_modification(cls, mode, invoices, values=None, external=False):
        super().check_modification(mode, invoices, values=values, external=external)
        told = mode == "create" and any(invoice.on_hold for invoice in invoices)
        if external and (told or (mode == "write" and "on_hold" in values)):
            raise AccessError(gettext("erp_agent_invoice_hold.msg_unchangeable"))
