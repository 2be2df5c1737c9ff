"""What no version tells is looked at once more, right before the write and only then."""

from __future__ import annotations

from collections import deque

import pytest

from tests.tools.posting.fake_erp import FakeErp, Mood
from tests.tools.posting.office import Office, no_pause
from tools.domain import audit
from tools.domain.decision import Posting, PostingOrder
from tools.erp.errors import ErpChanged, ErpUnavailable, OutcomeUnknown
from tools.erp.posting import post_once


class Watch:
    """Answers the recheck and counts how often it was asked."""

    def __init__(self, reason: str | None = None, error: Exception | None = None) -> None:
        self.reason, self.error, self.asked = reason, error, 0

    async def __call__(self) -> str | None:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.reason


async def post(office: Office, erp: FakeErp, order: PostingOrder, watch: Watch) -> Posting:
    return await post_once(erp, order, office.ledger, no_pause, recheck=watch)


async def test_a_reason_found_right_before_the_write_stops_it_and_is_noted(
    office: Office, erp: FakeErp
) -> None:
    order, watch = office.approve(), Watch("a copy was posted meanwhile")
    with pytest.raises(ErpChanged, match="a copy was posted meanwhile"):
        await post(office, erp, order, watch)
    assert office.story() == ["started", "refused"] and "write" not in erp.calls
    (refused,) = office.events(audit.PostingRefused)
    assert refused.reason == "a copy was posted meanwhile"  # type: ignore[attr-defined]
    await post(office, erp, order, Watch())
    assert len(erp.posted(order.key)) == 1


async def test_an_erp_that_cannot_be_asked_leaves_the_document_unsent(office: Office, erp: FakeErp) -> None:
    order = office.approve()
    with pytest.raises(ErpUnavailable):
        await post(office, erp, order, Watch(error=ErpUnavailable("down")))
    assert "write" not in erp.calls
    await post(office, erp, order, Watch())
    assert len(erp.posted(order.key)) == 1


async def test_what_may_have_arrived_is_looked_for_and_never_called_in_question(office: Office) -> None:
    erp, order = FakeErp(moods=deque([Mood.REQUEST_LOST])), office.approve()
    with pytest.raises(OutcomeUnknown):
        await post(office, erp, order, Watch())
    watch = Watch("a copy was posted meanwhile")
    with pytest.raises(OutcomeUnknown):
        await post(office, erp, order, watch)
    assert watch.asked == 0
