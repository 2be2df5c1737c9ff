"""Several windows at once, a day that outlasts the process, and what answers tell of both."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.erp.clocks import StillClock
from tools.erp.day_book import DayBook
from tools.erp.errors import ErpUnavailable
from tools.erp.pacing import Limits, Pacing
from tools.erp.state_file import StateFile
from tools.erp.taught_pacing import TaughtPacing, Told, ToldLimits

MIDNIGHT = 1_773_619_200.0
"""2026-03-16 00:00 UTC."""
DAY = 86_400.0


class Wall:
    def __init__(self) -> None:
        self.now = MIDNIGHT + 10 * 3600

    def __call__(self) -> float:
        return self.now


async def take(pacing: Pacing, calls: int = 1) -> None:
    for _ in range(calls):
        async with pacing.turn():
            pass


async def test_every_window_holds_at_the_same_time() -> None:
    clock = StillClock()
    pacing = Pacing(Limits(1, 3, 10.0, ((5, 100.0),)), clock)
    await take(pacing, 3)
    assert clock.slept == []
    await take(pacing)
    assert clock.slept == [10.0]
    await take(pacing)
    assert clock.slept == [10.0]
    await take(pacing)
    assert clock.slept == [10.0, 90.0], "the longer window is full"


async def test_a_call_heavier_than_a_window_takes_the_whole_of_it() -> None:
    clock = StillClock()
    pacing = Pacing(Limits(1, 3, 10.0), clock)
    async with pacing.turn(50):
        pass
    await take(pacing)
    assert clock.slept == [10.0]


def a_book(wall: Wall, folder: Path | None = None, limit: int = 5) -> DayBook:
    return DayBook("The ERP", limit, wall, None if folder is None else StateFile(folder / "calls.json"))


@pytest.mark.parametrize("kept", [True, False])
def test_a_day_that_is_used_up_says_when_the_next_one_begins(tmp_path: Path, kept: bool) -> None:
    wall = Wall()
    book = a_book(wall, tmp_path if kept else None)
    for _ in range(5):
        book.take(1)
    with pytest.raises(ErpUnavailable, match=r"5 calls of this day are used up.*2026-03-17 00:00 UTC"):
        book.take(1)
    wall.now = MIDNIGHT + DAY
    book.take(1)
    assert book.today().left == 4


def test_the_count_outlasts_the_process_and_is_shared(tmp_path: Path) -> None:
    wall = Wall()
    first, second = a_book(wall, tmp_path), a_book(wall, tmp_path)
    first.take(3)
    second.take(1)
    assert a_book(wall, tmp_path).today().used == 4


def test_a_batch_of_calls_that_does_not_fit_is_not_counted(tmp_path: Path) -> None:
    book = a_book(Wall(), tmp_path)
    book.take(3)
    with pytest.raises(ErpUnavailable):
        book.take(3)
    assert book.today().left == 2


def test_the_vendors_count_wins_where_it_is_higher(tmp_path: Path) -> None:
    wall = Wall()
    book = a_book(wall, tmp_path, limit=5000)
    book.take(10)
    book.learn(4000, 3000, MIDNIGHT + DAY)
    assert (book.today().used, book.today().limit, book.today().left) == (1000, 4000, 3000)
    book.take(5)
    book.learn(4000, 3000, MIDNIGHT + DAY)
    assert book.today().used == 1005, "calls under way are not in the vendor's count yet"


def test_a_day_of_the_vendor_ends_when_the_vendor_says(tmp_path: Path) -> None:
    wall = Wall()
    book = a_book(wall, tmp_path)
    book.learn(5, 0, MIDNIGHT + 11 * 3600)
    with pytest.raises(ErpUnavailable, match="2026-03-16 11:00"):
        book.take(1)
    wall.now = MIDNIGHT + 11 * 3600
    book.take(1)


def test_a_lower_limit_that_was_told_holds_on_the_next_day_too() -> None:
    wall = Wall()
    book = a_book(wall, limit=5000)
    book.learn(100, 50, MIDNIGHT + DAY)
    wall.now = MIDNIGHT + DAY + 1
    assert book.today().left == 100


def test_a_count_that_nobody_can_read_begins_anew_and_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "calls.json").write_text('{"used": "many"}')
    assert a_book(Wall(), tmp_path).today().used == 0
    (tmp_path / "file").write_text("")
    with pytest.raises(ErpUnavailable, match="cannot be counted"):
        a_book(Wall(), tmp_path / "file").take(1)


class Teacher:
    """Says what it is given with the next answer."""

    def __init__(self) -> None:
        self.says = ToldLimits()

    def __call__(self, headers: object) -> ToldLimits:
        return self.says


def taught(teacher: Teacher, clock: StillClock, book: DayBook, concurrent: int = 1) -> TaughtPacing:
    return TaughtPacing(Limits(concurrent, 60, 60.0), clock, read=teacher, day=book, now=book._now)  # noqa: SLF001


async def learned(pacing: TaughtPacing) -> None:
    async with pacing.turn():
        pacing.learn({})


async def test_a_window_that_others_used_up_is_waited_for() -> None:
    teacher, clock, book = Teacher(), StillClock(), a_book(Wall(), limit=5000)
    pacing = taught(teacher, clock, book)
    teacher.says = ToldLimits(short=Told(60, 0, 12.5))
    await learned(pacing)
    await take(pacing)
    assert clock.slept == [12.5]


async def test_what_is_left_is_used_before_anybody_waits() -> None:
    teacher, clock = Teacher(), StillClock()
    pacing = taught(teacher, clock, a_book(Wall(), limit=5000))
    teacher.says = ToldLimits(short=Told(60, 2, 30.0))
    await learned(pacing)
    teacher.says = ToldLimits()
    await take(pacing, 2)
    assert clock.slept == []
    await take(pacing)
    assert clock.slept == [30.0]


async def test_calls_under_way_are_taken_off_what_the_vendor_says_is_left() -> None:
    teacher, clock = Teacher(), StillClock()
    pacing = taught(teacher, clock, a_book(Wall(), limit=5000), concurrent=3)
    release = asyncio.Event()

    async def slow() -> None:
        async with pacing.turn():
            await release.wait()

    running = [asyncio.create_task(slow()) for _ in range(2)]
    await asyncio.sleep(0)
    teacher.says = ToldLimits(short=Told(60, 2, 30.0))
    await learned(pacing)
    await take(pacing)
    assert clock.slept == [30.0], "the two under way may have taken the two that were left"
    release.set()
    await asyncio.gather(*running)


async def test_the_day_is_counted_with_each_call_and_learned_from_each_answer() -> None:
    wall, teacher = Wall(), Teacher()
    book = a_book(wall, limit=5000)
    pacing = taught(teacher, StillClock(), book)
    await take(pacing, 3)
    assert book.today().used == 3
    teacher.says = ToldLimits(day=Told(5000, 1, 14 * 3600.0))
    await learned(pacing)
    assert book.today().left == 1
    teacher.says = ToldLimits()
    await take(pacing)
    with pytest.raises(ErpUnavailable, match="used up"):
        await take(pacing)
