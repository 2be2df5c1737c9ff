"""What stands under the identity of an order whose outcome is unknown, and says something else."""

from __future__ import annotations

from collections import deque

import pytest

from tests.builders import COMPANY, SUPPLIER, a_posting, eur
from tests.tools.posting.fake_erp import FakeErp, Mood
from tests.tools.posting.office import Office
from tools.domain.decision import HoldInvoice
from tools.erp.errors import OutcomeUnknown


@pytest.mark.parametrize(
    ("otherwise", "told"),
    [
        ({"net": eur("99.00"), "tax": eur("22.00")}, "a net amount of 99.00 EUR instead of 100.00 EUR"),
        ({"tax": eur("20.00")}, "tax of 20.00 EUR instead of 21.00 EUR"),
        ({"differs": "the account of line 1 is 4200 there and 4100 here"}, "line 1 is 4200 there and 4100"),
    ],
)
async def test_a_document_over_the_same_amount_with_another_coding_is_not_taken_for_ours(
    office: Office, otherwise: dict[str, object], told: str
) -> None:
    order = office.approve()

    class Recoding(FakeErp):
        def books(self, order: object) -> object:
            held = super().books(order).model_copy(update=otherwise)
            self.documents[-1] = (order.key, held)
            return held

    other = Recoding(moods=deque([Mood.REPLY_LOST]))
    with pytest.raises(OutcomeUnknown, match=told):
        await office.post(other, order)
    assert office.story() == ["started", "sent", "unknown"]


async def test_an_entry_that_says_otherwise_is_not_taken_for_ours(office: Office, erp: FakeErp) -> None:
    hold = HoldInvoice(company=COMPANY, supplier_id=SUPPLIER, posted_number="PI-1", reason_code="PRICE")
    order = office.approve(hold)
    told = "its reason is BLOCKED there and PRICE here"

    class Holding(FakeErp):
        def books(self, order: object) -> object:
            self.documents.append((order.key, a_posting("PI-1", differs=told)))
            return self.documents[-1][1]

    with pytest.raises(OutcomeUnknown, match=told):
        await office.post(Holding(moods=deque([Mood.REPLY_LOST])), order)
