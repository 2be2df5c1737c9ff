"""The process dies at any call, before or after the call took effect; the next process carries on."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import ORDER
from tests.tools.posting.fake_erp import FakeErp, Mood
from tests.tools.posting.office import NOW, Office, billing, current, no_pause
from tools.domain import audit
from tools.domain.decision import PostingOrder
from tools.erp.errors import (
    ErpAccessDenied,
    ErpChanged,
    ErpError,
    ErpRejected,
    ErpUnavailable,
    OutcomeUnknown,
)
from tools.erp.posting import post_once

LOG_CALLS = ("begin", "billing_versions", "sent", "done", "not_sent", "refused", "unknown")
ERP_CALLS = ("find", "write", "orders", "suppliers_by_id")


class Killed(BaseException):
    """Stands for the end of the process: no handler for errors may see it as one."""


@dataclass
class Death:
    """Strikes at the n-th call of anything it watches; `after` the inner call took effect, or before."""

    at: int
    after: bool
    calls: int = 0
    struck: str | None = None

    def strike(self, name: str, *, after: bool) -> None:
        self.calls += not after
        if self.calls == self.at and after is self.after:
            self.struck = name
            raise Killed(name)


@dataclass
class Watched:
    """Passes every call on and lets death strike around the named ones."""

    inner: Any
    names: tuple[str, ...]
    death: Death

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        return self._around(name, found) if name in self.names else found

    def _around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def plain(*args: Any, **named: Any) -> Any:
            self.death.strike(name, after=False)
            try:
                return call(*args, **named)
            finally:
                self.death.strike(name, after=True)

        async def waiting(*args: Any, **named: Any) -> Any:
            self.death.strike(name, after=False)
            try:
                return await call(*args, **named)
            finally:
                self.death.strike(name, after=True)

        return waiting if inspect.iscoroutinefunction(call) else plain


MOODS: dict[str, tuple[Mood | ErpError, ...]] = {
    "fine": (),
    "reply lost": (Mood.REPLY_LOST,),
    "request lost": (Mood.REQUEST_LOST,),
    "under way": (Mood.UNDER_WAY,),
    "draft only": (Mood.DRAFT_ONLY,),
    "refused connection": (ErpUnavailable("nobody answers"),),
    "rejected once": (ErpRejected("the period is closed"),),
    "draft, then unavailable": (Mood.DRAFT_ONLY, ErpUnavailable("nobody answers")),
    "draft, then denied": (Mood.DRAFT_ONLY, ErpAccessDenied("no right")),
    "twice under way": (Mood.UNDER_WAY, Mood.UNDER_WAY),
}


@dataclass
class Story:
    """One document from approval to the end, over as many processes as it takes."""

    office: Office
    erp: FakeErp
    order: PostingOrder

    @classmethod
    def begin(cls, path: Path, erp: FakeErp) -> Story:
        office = Office(path)
        return cls(office, erp, office.approve(billing(), versions=current(office)))

    @property
    def booked(self) -> int:
        return len(self.erp.posted(self.order.key))

    async def live(self, death: Death | None = None) -> str:
        """One process's life: `done`, `unknown`, `killed`, or the kind of error it ended with."""
        death = death or Death(at=0, after=False)
        log, erp = Watched(self.office.ledger, LOG_CALLS, death), Watched(self.erp, ERP_CALLS, death)
        try:
            await post_once(erp, self.order, log, no_pause)
        except Killed:
            return "killed"
        except OutcomeUnknown:
            return "unknown"
        except ErpError as error:
            return type(error).__name__
        finally:
            self.office = self.office.restarted()
        return "done"

    def check(self) -> None:
        """What must be true at every moment."""
        assert self.booked <= 1
        done = self.office.events(audit.PostingDone)
        assert len(done) <= 1
        assert not done or self.booked == 1
        assert self.office.log.verify() == len(self.office.events())

    async def settle(self) -> None:
        """Go on until it is posted; a person who is asked looks and does not find it, even where it is
        still under way."""
        for _ in range(12):
            ended = await self.live()
            self.check()
            if ended == "done":
                return
            if ended == "unknown":
                self.office.resolve(self.order, posted=False)
        raise AssertionError(f"does not come to an end: {self.office.story()}")

    def check_end(self) -> None:
        self.check()
        assert self.booked == 1
        assert self.office.events()[-1].kind == "posting_done"
        assert [line.quantity for line in self.office.ledger.billed([ORDER])] == [10]


@pytest.mark.parametrize("mood", MOODS)
async def test_dying_at_any_call_posts_at_most_once_and_ends_with_exactly_one(
    tmp_path: Path, mood: str
) -> None:
    reached = set()
    for number in count(2):
        at, after = divmod(number, 2)
        story = Story.begin(tmp_path / f"{number}.db", FakeErp(moods=deque(MOODS[mood])))
        death = Death(at, bool(after))
        ended = await story.live(death)
        reached.add(death.struck)
        story.check()
        await story.settle()
        story.check_end()
        story.office.store.close()
        if death.calls < at:
            break
        assert ended == "killed"
    assert {"begin", "find", "orders", "suppliers_by_id", "billing_versions", "sent", "write"} <= reached


@given(
    deaths=st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=2, max_size=4),
    moods=st.lists(st.sampled_from(Mood), max_size=3),
    delay=st.integers(1, 8),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_dying_again_and_again_posts_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, deaths: list[tuple[int, bool]], moods: list[Mood], delay: int
) -> None:
    path = tmp_path_factory.mktemp("story") / "erp-agent.db"
    story = Story.begin(path, FakeErp(moods=deque(moods), delay=delay))
    for at, after in deaths:
        if await story.live(Death(at, after)) == "unknown":
            story.office.resolve(story.order, posted=False)
        story.check()
    await story.settle()
    story.check_end()
    story.office.store.close()


@pytest.mark.parametrize("delay", range(1, 12))
async def test_a_request_that_lands_late_is_found_and_known_as_ours(tmp_path: Path, delay: int) -> None:
    story = Story.begin(tmp_path / "a.db", FakeErp(moods=deque([Mood.UNDER_WAY]), delay=delay))
    await story.settle()
    story.check_end()
    assert not story.office.events(audit.PostingRefused)


async def test_a_late_request_after_a_person_freed_the_document_makes_the_refusal_an_echo(
    tmp_path: Path,
) -> None:
    """The first request lands between the last look and the second write."""
    erp = FakeErp(moods=deque([Mood.UNDER_WAY]), delay=99)
    story = Story.begin(tmp_path / "a.db", erp)
    assert await story.live() == "unknown"
    story.office.resolve(story.order, posted=False)
    erp.under_way = [(len(erp.calls) + 4, story.order)]
    assert await story.live() == "done"
    assert erp.calls[-5:] == ["find", "orders", "suppliers_by_id", "write", "find"]
    story.check_end()


@pytest.mark.parametrize("answers", [1, 2])
async def test_an_erp_that_takes_duplicates_is_sent_a_second_one_only_on_a_persons_word(
    tmp_path: Path, answers: int
) -> None:
    """Nothing on our side can take back a request that is under way. Where the ERP does not refuse the
    second document, the person who says 'it is not there' answers for it; without that word we stop."""
    erp = FakeErp(moods=deque([Mood.UNDER_WAY]), delay=99, refuses_duplicates=False)
    story = Story.begin(tmp_path / "a.db", erp)
    for _ in range(3):
        assert await story.live() == "unknown"
    assert erp.calls.count("write") == 1
    if answers == 2:
        story.office.resolve(story.order, posted=False)
        assert await story.live() == "done"
    erp.land(story.order)
    assert story.booked == answers
    if answers == 1:
        assert await story.live() == "done"


async def test_a_draft_of_an_attempt_that_broke_off_is_finished_without_asking(tmp_path: Path) -> None:
    story = Story.begin(tmp_path / "a.db", FakeErp(moods=deque([Mood.DRAFT_ONLY])))
    assert await story.live(Death(at=8, after=False)) == "killed"
    assert await story.live() == "done"
    story.check_end()


async def test_once_the_outcome_is_noted_as_unknown_a_draft_is_not_posted_without_a_person(
    tmp_path: Path,
) -> None:
    story = Story.begin(tmp_path / "a.db", FakeErp(moods=deque([Mood.DRAFT_ONLY])))
    assert [await story.live(), await story.live()] == ["unknown", "unknown"]
    assert story.erp.calls.count("write") == 1
    story.office.resolve(story.order, posted=False)
    assert await story.live() == "done"
    story.check_end()


@pytest.mark.parametrize("error", [ErpUnavailable("no"), ErpAccessDenied("no"), ErpChanged("no")])
async def test_a_failed_second_attempt_leaves_open_what_the_first_one_did(
    tmp_path: Path, error: ErpError
) -> None:
    """After the broken first attempt the second one surely did nothing; the first may still arrive."""
    erp = FakeErp(moods=deque([Mood.DRAFT_ONLY, error]))
    story = Story.begin(tmp_path / "a.db", erp)
    assert await story.live(Death(at=8, after=False)) == "killed"
    assert await story.live() == type(error).__name__
    assert [line.quantity for line in story.office.ledger.billed([ORDER])] == [10]
    erp.land(story.order)
    assert await story.live() == "done"
    story.check_end()


async def test_a_refusal_of_a_later_attempt_does_not_settle_what_the_first_one_sent(tmp_path: Path) -> None:
    """A draft under the number, a clerk's perhaps, is refused; the first request may still arrive."""
    erp = FakeErp(moods=deque([Mood.DRAFT_ONLY, ErpRejected("a draft of other content stands there")]))
    story = Story.begin(tmp_path / "a.db", erp)
    assert await story.live(Death(at=8, after=False)) == "killed"
    assert await story.live() == "unknown"
    assert [line.quantity for line in story.office.ledger.billed([ORDER])] == [10]
    erp.land(story.order)
    assert await story.live() == "done"
    story.check_end()


async def test_a_record_that_moved_while_a_draft_waits_stops_without_forgetting_the_draft(
    tmp_path: Path,
) -> None:
    erp = FakeErp(moods=deque([Mood.DRAFT_ONLY]))
    story = Story.begin(tmp_path / "a.db", erp)
    assert await story.live(Death(at=8, after=False)) == "killed"
    moved = erp.known_orders[ORDER].model_copy(update={"version": "2"})
    erp.known_orders[ORDER] = moved
    assert await story.live() == "ErpChanged"
    erp.land(story.order)
    assert await story.live() == "done"
    story.check_end()


async def test_an_answer_given_before_does_not_free_what_was_sent_since(tmp_path: Path) -> None:
    """A step that is cut off runs again with its old answer."""
    erp = FakeErp(moods=deque([Mood.REQUEST_LOST, Mood.UNDER_WAY]), delay=99, refuses_duplicates=False)
    story = Story.begin(tmp_path / "a.db", erp)
    assert await story.live() == "unknown"
    answered_at = story.office.clock()
    story.office.resolve(story.order, posted=False, answered_at=answered_at)
    assert await story.live(Death(at=7, after=True)) == "killed"
    story.office.resolve(story.order, posted=False, answered_at=answered_at)
    assert await story.live() == "unknown"
    story.office.resolve(story.order, posted=False, answered_at=answered_at)
    assert await story.live() == "unknown"
    assert erp.calls.count("write") == 2
    assert len(story.office.events(audit.UnknownResolved)) == 1


async def test_a_person_who_says_it_is_there_makes_us_look_and_nothing_else(tmp_path: Path) -> None:
    erp = FakeErp(moods=deque([Mood.UNDER_WAY]), delay=99)
    story = Story.begin(tmp_path / "a.db", erp)
    assert await story.live() == "unknown"
    story.office.resolve(story.order, posted=True)
    assert await story.live() == "unknown"
    erp.land(story.order)
    assert await story.live() == "done"
    assert erp.calls.count("write") == 1
    story.check_end()


async def test_what_nobody_asked_about_is_settled_by_no_answer(tmp_path: Path) -> None:
    story = Story.begin(tmp_path / "a.db", FakeErp())
    story.office.resolve(story.order, posted=False)
    assert await story.live() == "done"
    story.office.resolve(story.order, posted=False)
    story.check_end()
    assert story.order.approval.decided_at == NOW
