"""The sandbox's own time: real time at 1×, moved on by hand, and shared fairly with everyone who follows it."""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_POLL_SECONDS = 25.0


@dataclass(slots=True)
class _Follower:
    """Someone who wants to be woken; `poll` is None while they are at work."""

    at: datetime | None = None
    poll: asyncio.Future[None] | None = None


@dataclass(order=True, slots=True)
class _Timer:
    at: datetime
    number: int
    run: Callable[[], Awaitable[None]] = field(compare=False)


class Clock:
    """A clock that can be moved, with followers that are never overtaken.

    At rest it runs with real time. `advance` moves it from wake-up to wake-up: at each one it wakes whoever asked for
    that instant and stands still until all have done their work and asked again, or five real seconds have passed.
    Who misses once is forgotten until they call again. The sandbox's own timers (retries, scheduled messages) are kept
    in the same order. `jump` sets the time without waking anyone in between: that is a fault, and meant as one.
    """

    def __init__(self, start_at: datetime | None = None, patience_seconds: float = 5.0) -> None:
        self._patience_seconds = patience_seconds
        self._base = (start_at or datetime.now(UTC)).astimezone(UTC)
        self._started: float | None = None
        self._held_at: datetime | None = None
        self._followers: dict[str, _Follower] = {}
        self._timers: list[_Timer] = []
        self._numbers = itertools.count()
        self._waiting: set[asyncio.Event] = set()
        self._moving = asyncio.Lock()
        self._in_flight = 0
        self.on_change: Callable[[datetime], None] = lambda _now: None

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        if self._held_at is not None:
            return self._held_at
        return self._base + timedelta(seconds=self._elapsed())

    def _elapsed(self) -> float:
        loop_time = asyncio.get_running_loop().time()
        if self._started is None:
            self._started = loop_time
        return loop_time - self._started

    def timestamp(self) -> float:
        return self.now().timestamp()

    def call_at(self, at: datetime, run: Callable[[], Awaitable[None]]) -> None:
        """Run something once the clock has reached an instant; also while time is being moved."""
        heapq.heappush(self._timers, _Timer(at, next(self._numbers), run))
        self._notify()

    def call_later(self, seconds: float, run: Callable[[], Awaitable[None]]) -> None:
        self.call_at(self.now() + timedelta(seconds=seconds), run)

    def began(self) -> None:
        """A delivery to an app has left; time that is being moved waits for its answer."""
        self._in_flight += 1

    def ended(self) -> None:
        self._in_flight -= 1
        self._notify()

    def jump(self, to: datetime) -> datetime:
        """Set the time, forwards or back. Whoever is due by then is woken late, once."""
        if self._held_at is None:
            self._rest_at(to.astimezone(UTC))
        else:
            self._held_at = to.astimezone(UTC)
        self.on_change(self.now())
        return self.now()

    async def follow(self, name: str, at: datetime | None) -> bool:
        """Wait for an instant; the answer says whether it has come (a long wait is cut, and asked again).

        A second call under the same name replaces the first: that is how a follower changes its mind.
        """
        follower = self._followers.setdefault(name, _Follower())
        if follower.poll is not None and not follower.poll.done():
            follower.poll.set_result(None)
        poll: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        follower.at, follower.poll = at, poll
        self._notify()
        try:
            await asyncio.wait_for(poll, _POLL_SECONDS)
        except TimeoutError:
            pass  # an ordinary long poll that ends empty: the follower asks again
        finally:
            if follower.poll is poll:
                follower.poll = None
                self._notify()
        return at is not None and at <= self.now()

    async def advance(self, seconds: float) -> datetime:
        """Move on by a span, stopping at every wake-up on the way; returns when all followers are done."""
        async with self._moving:
            self._held_at = self.now()
            target = self._held_at + timedelta(seconds=seconds)
            try:
                while True:
                    await self._settle()
                    step = self._next_wake_up()
                    if step is None or step > target:
                        break
                    self._held_at = max(self._held_at, step)
                    self.on_change(self._held_at)
                    await self._wake_due()
                    await asyncio.sleep(0)
            finally:
                self._rest_at(max(target, self._held_at))
            self.on_change(self.now())
            return self.now()

    async def run(self) -> None:
        """Serve followers and timers at 1× for as long as the sandbox lives."""
        while True:
            if self._held_at is None:
                await self._wake_due()
            step = None if self._held_at is not None else self._next_wake_up()
            await self._change(None if step is None else max(0.0, (step - self.now()).total_seconds()))

    def _rest_at(self, at: datetime) -> None:
        self._base, self._started, self._held_at = at, asyncio.get_running_loop().time(), None
        self._notify()

    def _notify(self) -> None:
        for waiting in self._waiting:
            waiting.set()

    async def _change(self, seconds: float | None) -> None:
        """Wait until something about followers, timers or deliveries has changed, or for so many real seconds."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            pass  # the time was up, which is one of the two things waited for
        finally:
            self._waiting.discard(event)

    def _next_wake_up(self) -> datetime | None:
        wishes = [f.at for f in self._followers.values() if f.poll is not None and f.at is not None]
        if self._timers:
            wishes.append(self._timers[0].at)
        return min(wishes, default=None)

    async def _wake_due(self) -> None:
        now = self.now()
        for follower in self._followers.values():
            if follower.poll is not None and follower.at is not None and follower.at <= now:
                if not follower.poll.done():
                    follower.poll.set_result(None)
                follower.poll = None
        while self._timers and self._timers[0].at <= now:
            await heapq.heappop(self._timers).run()

    async def _settle(self) -> None:
        """Wait until every follower has come back and nothing is in flight; forget those who miss."""
        deadline = asyncio.get_running_loop().time() + self._patience_seconds
        while self._busy() or self._in_flight > 0:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                for name in self._busy():
                    del self._followers[name]
                return
            await self._change(left)

    def _busy(self) -> list[str]:
        return [name for name, follower in self._followers.items() if follower.poll is None]
