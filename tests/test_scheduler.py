from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.scheduler import FollowingWaker, IntervalWaker, guarded
from bot.services.clocks import SystemClock
from tests.fakes import FakeClock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PATIENCE = 20.0


@dataclass
class Ticks:
    """A tick that remembers. ``next_at``: what it names as due next; ``held`` keeps it from ending."""

    next_at: Callable[[datetime], datetime] = lambda now: now + HOUR
    trouble: Exception | None = None
    seen: list[tuple[datetime, bool]] = field(default_factory=list)
    held: asyncio.Event | None = None
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, now: datetime, *, look: bool = True) -> datetime:
        async with self._moved:
            self.seen.append((now, look))
            self._moved.notify_all()
        if self.held is not None:
            await self.held.wait()
        if self.trouble is not None:
            raise self.trouble
        return self.next_at(now)

    async def until(self, done: Callable[[list[tuple[datetime, bool]]], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._moved:
            await self._moved.wait_for(lambda: done(self.seen))


class SilentClock(FakeClock):
    """A followed clock that answers once, when it is first called, and never again."""

    answers = 1

    async def sleep_until(self, at: datetime) -> None:
        self.answers -= 1
        if self.answers < 0:
            raise ConnectionRefusedError
        await super().sleep_until(at)


async def test_a_tick_that_fails_is_logged_by_its_kind_alone_and_tried_again_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    again_at = await guarded(Ticks(trouble=ValueError("what somebody wrote")), FakeClock(NOON), HOUR)

    assert again_at == NOON + HOUR
    assert caplog.messages == ["tick.failed kind=ValueError"]


async def test_in_real_time_a_moment_named_sooner_than_the_interval_gets_a_tick_that_only_sends() -> None:
    ticks = Ticks(next_at=lambda now: now + timedelta(seconds=0.01))
    waker = IntervalWaker(ticks, SystemClock(), seconds=3600)
    await waker.start()
    await ticks.until(lambda seen: len(seen) >= 3)
    await waker.stop()

    assert [look for _, look in ticks.seen[:3]] == [True, False, False]


async def test_in_real_time_the_interval_looks_for_everything_though_nothing_was_named() -> None:
    ticks = Ticks()
    waker = IntervalWaker(ticks, SystemClock(), seconds=0.02)
    await waker.start()
    await ticks.until(lambda seen: len(seen) >= 3)
    await waker.stop()

    assert all(look for _, look in ticks.seen)


async def test_stopping_lets_the_running_tick_end_and_starts_no_other() -> None:
    ticks = Ticks(held=asyncio.Event())
    waker = IntervalWaker(ticks, SystemClock(), seconds=0.02)
    starting = asyncio.create_task(waker.start())
    await ticks.until(lambda seen: len(seen) == 1)
    stopping = asyncio.create_task(waker.stop())
    await asyncio.sleep(0)
    assert not stopping.done()

    assert ticks.held is not None
    ticks.held.set()
    await asyncio.gather(starting, stopping)
    assert len(ticks.seen) == 1


async def test_under_a_followed_clock_a_tick_comes_at_the_moment_that_the_last_one_named() -> None:
    clock, ticks = FakeClock(NOON), Ticks()
    waker = FollowingWaker(ticks, clock, lost=lambda: None)
    await waker.start()
    await ticks.until(lambda seen: (NOON, True) in seen)
    await clock.advance(HOUR)
    await ticks.until(lambda seen: (NOON + HOUR, False) in seen)
    await waker.stop()

    assert ticks.seen[0] == (NOON, True)


async def test_a_followed_clock_that_no_longer_answers_ends_the_rehearsal() -> None:
    lost = asyncio.Event()
    waker = FollowingWaker(Ticks(), SilentClock(NOON), lost.set, patience_seconds=0.5)
    await waker.start()
    async with asyncio.timeout(PATIENCE):
        await lost.wait()
    await waker.stop()
