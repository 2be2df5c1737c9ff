"""What is found after an unknown outcome counts as ours only with the coding that was approved."""

from __future__ import annotations

from typing import Any

import pytest

from tests.erp.orders import (
    MemoryLog,
    a_line,
    an_action,
    an_invoice,
    approved,
    billing_lines,
    invoice_fields,
    times_booked,
)
from tests.erp.under_test import ErpUnderTest
from tests.erp.world import LONG
from tools.domain.decision import ParkInvoice, PostCreditNote, PostInvoice
from tools.domain.money import Money
from tools.erp.contract import Capability
from tools.erp.errors import ErpChanged, OutcomeUnknown
from tools.erp.posting import post_once

Entered = PostInvoice | ParkInvoice | PostCreditNote
KINDS: dict[Capability, tuple[type[ParkInvoice | PostCreditNote], str]] = {
    Capability.PARK_INVOICE: (ParkInvoice, "VD-90001"),
    Capability.POST_CREDIT_NOTE: (PostCreditNote, "VD-C-90001"),
}


async def no_pause(seconds: float) -> None:
    return None


async def look_for(under_test: ErpUnderTest, theirs: Entered, ours: Entered) -> MemoryLog:
    """`theirs` stands in the ERP, and `ours` went out without an answer."""
    await under_test.erp.write(approved(theirs))
    log = MemoryLog()
    log.sent(approved(ours))
    await post_once(under_test.erp, approved(ours), log, no_pause)
    return log


@pytest.mark.parametrize("changed", [{"account": "4200"}, {"account": "4200", "tax_code": "S21"}])
async def test_a_posted_invoice_on_another_account_is_for_a_person(
    under_test: ErpUnderTest, changed: dict[str, Any]
) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    under_test.applies("coding_shown")
    other = an_invoice(lines=(a_line(**changed),))
    with pytest.raises(OutcomeUnknown, match="but "):
        await look_for(under_test, other, an_invoice())


@pytest.mark.parametrize("capability", KINDS)
async def test_a_parked_invoice_or_credit_note_on_another_account_is_for_a_person(
    under_test: ErpUnderTest, capability: Capability
) -> None:
    under_test.claimed(capability)
    under_test.applies("coding_shown")
    kind, number = KINDS[capability]
    theirs = kind(**invoice_fields(number=number, lines=(a_line(account="4200"),)))
    ours = kind(**invoice_fields(number=number))
    with pytest.raises(OutcomeUnknown, match="but "):
        await look_for(under_test, theirs, ours)


async def test_a_posted_invoice_that_bills_another_order_line_is_for_a_person(
    under_test: ErpUnderTest,
) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    under_test.claimed(Capability.LINK_ORDER_LINES)
    theirs = an_invoice("50.00", "10.50", lines=billing_lines({"10000": ("5", "10.00")}))
    ours = an_invoice("50.00", "10.50", lines=billing_lines({"20000": ("5", "10.00")}))
    with pytest.raises(OutcomeUnknown, match="but "):
        await look_for(under_test, theirs, ours)


async def test_a_posted_invoice_that_bills_an_order_is_known_as_ours(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    ours = an_invoice("250.00", "52.50", lines=billing_lines({"10000": ("25", "10.00")}))
    log = await look_for(under_test, ours, ours)
    assert log.notes == ["sent", "found"]


async def test_a_change_of_an_order_that_a_colleague_changed_since_is_refused(
    under_test: ErpUnderTest,
) -> None:
    """Whoever writes may read the order anew: what was approved is what counts."""
    under_test.claimed(Capability.AMEND_ORDER_LINE)
    read = (await under_test.erp.orders([LONG]))[LONG]
    order = approved(
        an_action(Capability.AMEND_ORDER_LINE, under_test.company), {f"order:{LONG}": read.version}
    )
    theirs = Money.of("2.75", "EUR")
    under_test.company.purchasing.amend_line(LONG, "20000", unit_price=theirs)
    with pytest.raises(ErpChanged):
        await under_test.erp.write(order)
    assert under_test.company.purchasing.line(LONG, "20000").unit_price == theirs


async def test_a_change_of_an_order_that_nobody_changed_is_made(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.AMEND_ORDER_LINE)
    read = (await under_test.erp.orders([LONG]))[LONG]
    action = an_action(Capability.AMEND_ORDER_LINE, under_test.company)
    await under_test.erp.write(approved(action, {f"order:{LONG}": read.version}))
    assert times_booked(under_test.company, action) == 1
