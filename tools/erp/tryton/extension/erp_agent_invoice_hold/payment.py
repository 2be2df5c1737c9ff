"""No payment of a held invoice is made, submitted, approved or sent. One that the bank has carried out can
still be marked so: what happened is told, whatever was held."""

from __future__ import annotations

from trytond.model import ModelView, Workflow
from trytond.pool import Pool, PoolMeta


class Payment(metaclass=PoolMeta):
    __name__ = "account.payment"

    @classmethod
    def _refuse_held(cls, payments):
        lines = [payment.line for payment in payments if payment.line]
        if lines:
            Pool().get("account.invoice").refuse_held_lines(lines)

    @classmethod
    def check_modification(cls, mode, payments, values=None, external=False):
        super().check_modification(mode, payments, values=values, external=external)
        if mode == "create":
            cls._refuse_held(payments)

    @classmethod
    @ModelView.button
    @Workflow.transition("submitted")
    def submit(cls, payments):
        cls._refuse_held(payments)
        super().submit(payments)

    @classmethod
    @ModelView.button
    @Workflow.transition("approved")
    def approve(cls, payments):
        cls._refuse_held(payments)
        super().approve(payments)

    @classmethod
    @ModelView.button
    @Workflow.transition("processing")
    def proceed(cls, payments):
        cls._refuse_held([one for one in payments if one.state not in {"succeeded", "failed"}])
        super().proceed(payments)
