"""What wakes the tick: APScheduler in real time, a loop under a followed clock. Neither holds any truth."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.services.ports import Clock

log = logging.getLogger(__name__)


class WakesUp(Protocol):
    """``services.tick.Tick.run``: ``look`` False where an earlier tick named this moment."""

    def __call__(self, now: datetime, *, look: bool = True) -> Awaitable[datetime]: ...


PATIENCE_SECONDS = 10.0
REAL_SECONDS = 0.25
"""Under a followed clock we also look so often in real time: people act while virtual time hardly moves."""


class Waker(Protocol):
    async def start(self) -> None: ...

    async def stop(self) -> None: ...


async def guarded(tick: WakesUp, clock: Clock, fallback: timedelta, *, look: bool = True) -> datetime:
    """One tick; a failure is logged by its kind, and the next one tries again."""
    now = clock.now()
    try:
        return await tick(now, look=look)
    except Exception as problem:  # noqa: BLE001 - the outermost loop: one bad tick must not end the bot
        log.error("tick.failed kind=%s", type(problem).__name__)  # noqa: TRY400 - a trace could quote what people wrote
        return now + fallback


class IntervalWaker:
    """APScheduler runs one interval job, never two at once; a late one is run once.

    What the last tick named as due sooner (the outbox's next turn) gets a job of its own.
    """

    def __init__(self, tick: WakesUp, clock: Clock, seconds: float) -> None:
        self._tick, self._clock, self._seconds = tick, clock, seconds
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._idle = asyncio.Lock()
        self._stopping = False

    async def start(self) -> None:
        self._scheduler.add_job(
            self._run, "interval", seconds=self._seconds, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._scheduler.start()
        await self._run()

    async def _run(self, *, look: bool = True) -> None:
        interval = timedelta(seconds=self._seconds)
        async with self._idle:
            at = await guarded(self._tick, self._clock, interval, look=look)
            if self._scheduler.running and at < self._clock.now() + interval and not self._stopping:
                self._scheduler.add_job(
                    self._run,
                    "date",
                    kwargs={"look": False},
                    run_date=at,
                    id="sooner",
                    replace_existing=True,
                    misfire_grace_time=None,
                    # This very run may still be ending when the next one is due; `_idle` keeps them apart.
                    max_instances=2,
                )

    async def stop(self) -> None:
        """No further tick starts; the one that is running ends first."""
        self._stopping = True
        self._scheduler.remove_all_jobs()
        async with self._idle:
            self._scheduler.shutdown(wait=False)


class FollowingWaker:
    """Ticks at each wake-up that the last tick named, by a clock that others move; and a few times a real second.

    When the clock has not answered for a while the rehearsal is over: ``lost`` is called.
    """

    def __init__(
        self, tick: WakesUp, clock: Clock, lost: Callable[[], None], *, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._tick, self._clock, self._lost = tick, clock, lost
        self._patience_seconds = patience_seconds
        self._silent = 0
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Time waits for us from here on: a first call makes us a follower, and we are at work until the next."""
        await self._clock.sleep_until(self._clock.now())
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        woken = False
        while not self._stopping.is_set():
            at = await guarded(self._tick, self._clock, timedelta(minutes=1), look=not woken)
            waiting = asyncio.create_task(self._clock.sleep_until(at))
            stopping = asyncio.create_task(self._stopping.wait())
            await asyncio.wait({waiting, stopping}, timeout=REAL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            woken = waiting.done()
            await self._hear(waiting)
            stopping.cancel()

    async def _hear(self, waiting: asyncio.Task[None]) -> None:
        """Give up a wait that is still running; notice a clock that no longer answers."""
        waiting.cancel()
        try:
            await waiting
        except asyncio.CancelledError:
            self._silent = 0
        except OSError:
            self._silent += 1
            if self._silent * REAL_SECONDS >= self._patience_seconds:
                self._lost()
            await asyncio.sleep(REAL_SECONDS)
        else:
            self._silent = 0

    async def stop(self) -> None:
        self._stopping.set()
        if self._task is not None:
            await self._task
