"""The entry of a held invoice is not posted by another door, and its lines are not freed or moved on."""

from __future__ import annotations

from trytond.model import ModelView, dualmethod
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access


class Move(metaclass=PoolMeta):
    __name__ = "account.move"

    @dualmethod
    @ModelView.button
    def post(cls, moves):
        Invoice = Pool().get("account.invoice")
        with without_check_access():
            held = Invoice.search([("on_hold", "=", True), ("move", "in", [move.id for move in moves])])
        # A posted invoice's entry is posted already; calling the button again changes nothing.
        Invoice.refuse_held([one for one in held if one.state != "posted"], "msg_not_posted")
        super().post(moves)


class MoveLine(metaclass=PoolMeta):
    __name__ = "account.move.line"

    @classmethod
    @ModelView.button
    def payment_unblock(cls, lines):
        Pool().get("account.invoice").refuse_held_lines(lines, "msg_not_unblocked")
        super().payment_unblock(lines)


class GroupLines(metaclass=PoolMeta):
    __name__ = "account.move.line.group"

    @classmethod
    def group_lines(cls, lines, *args, **kwargs):
        Pool().get("account.invoice").refuse_held_lines(lines)
        return super().group_lines(lines, *args, **kwargs)


class RescheduleLines(metaclass=PoolMeta):
    __name__ = "account.move.line.reschedule"

    @classmethod
    def reschedule_lines(cls, lines, *args, **kwargs):
        Pool().get("account.invoice").refuse_held_lines(lines)
        return super().reschedule_lines(lines, *args, **kwargs)


class DelegateLines(metaclass=PoolMeta):
    __name__ = "account.move.line.delegate"

    @classmethod
    def delegate_lines(cls, lines, *args, **kwargs):
        Pool().get("account.invoice").refuse_held_lines(lines)
        return super().delegate_lines(lines, *args, **kwargs)
