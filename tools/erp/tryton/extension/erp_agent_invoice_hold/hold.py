"""Why an invoice is held, since when, and who let it go: a record for each reason that nobody can change."""

from __future__ import annotations

import datetime as dt

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.model.exceptions import AccessError
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction, without_check_access

from .exceptions import InvoiceHoldError

_HOLDABLE = frozenset({"draft", "validated", "posted"})


class InvoiceHold(ModelSQL, ModelView):
    "Invoice Hold"

    __name__ = "account.invoice.hold"

    invoice = fields.Many2One(
        "account.invoice",
        "Invoice",
        required=True,
        # An invoice that was ever held is cancelled, not deleted: its holds tell why.
        ondelete="RESTRICT",
        domain=[("type", "=", "in")],
    )
    reason = fields.Char("Reason", required=True)
    released_at = fields.Timestamp("Released At", readonly=True)
    released_by = fields.Many2One("res.user", "Released By", readonly=True, ondelete="RESTRICT")
    blocked_lines = fields.Many2Many(
        "account.invoice.hold-account.move.line",
        "hold",
        "line",
        "Blocked Lines",
        readonly=True,
        help="The lines whose payment this hold blocked; others were blocked before.",
    )

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add("invoice")
        cls._order.insert(0, ("id", "DESC"))
        cls._buttons.update({"release": {"invisible": Bool(Eval("released_at")), "depends": ["released_at"]}})

    def get_rec_name(self, name):
        return f"{self.invoice.rec_name}: {self.reason}"

    @classmethod
    def create(cls, vlist):
        """Places each hold. Raises InvoiceHoldError for an invoice that is paid or cancelled, and for a
        reason that holds it already."""
        holds = super().create(vlist)
        with without_check_access():
            for hold in cls.browse(holds):
                hold._place()
        return holds

    def _place(self):
        pool = Pool()
        Invoice = pool.get("account.invoice")
        Line = pool.get("account.move.line")
        invoice = self.invoice
        if invoice.state not in _HOLDABLE:
            raise InvoiceHoldError(
                gettext("erp_agent_invoice_hold.msg_not_holdable", invoice=invoice.rec_name)
            )
        same = [hold for hold in self._standing(invoice) if hold.reason == self.reason and hold != self]
        if same:
            raise InvoiceHoldError(
                gettext(
                    "erp_agent_invoice_hold.msg_held_already", invoice=invoice.rec_name, reason=self.reason
                )
            )
        # The row itself changes, so whoever posts it at this moment meets a conflict.
        Invoice.write([invoice], {"on_hold": True})
        lines = []
        if invoice.state == "posted":
            lines = [line for line in invoice.lines_to_pay if not line.payment_blocked]
        if lines:
            Line.payment_block(lines)
            type(self).write([self], {"blocked_lines": [("add", [line.id for line in lines])]})

    @classmethod
    def _standing(cls, invoice):
        return cls.search([("invoice", "=", invoice.id), ("released_at", "=", None)])

    @classmethod
    @ModelView.button
    def release(cls, holds):
        """Ends the holds. With the last one the payment is free again, but for lines that somebody had
        blocked before."""
        pool = Pool()
        Invoice = pool.get("account.invoice")
        with without_check_access():
            now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
            cls.write(holds, {"released_at": now, "released_by": Transaction().user or None})
            for invoice in {hold.invoice for hold in holds}:
                if cls._standing(invoice):
                    continue
                Invoice.write([invoice], {"on_hold": False})
                cls._free_lines(invoice)

    @classmethod
    def _free_lines(cls, invoice):
        """Frees what holds blocked, and forgets it: what is blocked later is somebody else's."""
        Line = Pool().get("account.move.line")
        blocking = [hold for hold in cls.search([("invoice", "=", invoice.id)]) if hold.blocked_lines]
        ours = {line.id for hold in blocking for line in hold.blocked_lines}
        lines = [line for line in invoice.lines_to_pay if line.id in ours and line.payment_blocked]
        if lines:
            Line.payment_unblock(lines)
        for hold in blocking:
            cls.write([hold], {"blocked_lines": [("remove", [line.id for line in hold.blocked_lines])]})

    @classmethod
    def check_modification(cls, mode, holds, values=None, external=False):
        super().check_modification(mode, holds, values=values, external=external)
        told = mode == "create" and any(
            hold.released_at or hold.released_by or hold.blocked_lines for hold in holds
        )
        if external and (mode != "create" or told):
            raise AccessError(gettext("erp_agent_invoice_hold.msg_unchangeable"))


class HeldLine(ModelSQL):
    "Invoice Hold - Account Move Line"

    __name__ = "account.invoice.hold-account.move.line"

    hold = fields.Many2One("account.invoice.hold", "Hold", required=True, ondelete="CASCADE")
    line = fields.Many2One("account.move.line", "Line", required=True, ondelete="CASCADE")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add("hold")

    @classmethod
    def check_modification(cls, mode, records, values=None, external=False):
        super().check_modification(mode, records, values=values, external=external)
        if external:
            raise AccessError(gettext("erp_agent_invoice_hold.msg_unchangeable"))
