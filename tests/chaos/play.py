"""Chaos, by a seed: rounds are asked, answered and sealed while processes die, replies are lost and clocks jump.

Each week, on one team:

1. the faults of the week are set; the clock goes to the opening, and jumps there;
2. while messages go out a process is killed, once so many have been seen, and started again; on PostgreSQL all
   database connections are cut;
3. people answer, several at a time, tap twice, change their minds, and tap again where nothing happened; another
   process is killed meanwhile;
4. the faults end, the bot settles what it owes, and the witness compares; the round is sealed, and again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from bot.sandbox.limits import Limits
from bot.slack.ids import ShowQuestion
from tests.chaos.witness import broken_promises
from tests.launcher import Launcher
from tests.rehearsal import NotThere, Rehearsal, buttons, rehearsal, taps_of

ITEMS = 2
AT_ONCE = 8
CALM_SECONDS = 120.0
STEPS = ("", "delivery.claimed:2", "delivery.sent:5", "round.opened", "answers.stored:3", "round.sealed")
"""Where a process that was started again may end itself; most live on."""
LOST = {"probability": 0.08}
FAULTS: tuple[Mapping[str, Any], ...] = (
    {"fault": "reply_lost", "method": "chat.postMessage", **LOST},
    {"fault": "http_500", "method": "chat.postMessage", "probability": 0.05},
    {"fault": "http_503", "method": "conversations.open", "probability": 0.05},
    {"fault": "ratelimited", "method": "chat.postMessage", "probability": 0.05, "retry_after": 3},
    {"fault": "ratelimited", "method": "conversations.history", "probability": 0.1, "retry_after": 2},
    {"fault": "reply_lost", "method": "response_url", **LOST},
    {"fault": "request_lost", "method": "chat.postMessage", "probability": 0.03},
    {"fault": "request_lost", "method": "conversations.open", "probability": 0.03},
    {"fault": "redelivery", "probability": 0.1},
    {"fault": "ack_lost", "probability": 0.03},
    {"fault": "socket_drop", "probability": 0.01},
)


@dataclass
class Score:
    """What a run did to the bot, and what the witness found."""

    seed: int
    asks: int = 0
    taps: int = 0
    kills: int = 0
    cuts: int = 0
    faults: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.asks} asks, {self.taps} taps, {self.kills} kills, {self.cuts} times without a "
            f"database, {self.faults} faults, {len(self.problems)} promises broken"
        )


async def play(url: str, folder: Path, launcher: Launcher, *, asks: int, seed: int, replicas: int) -> Score:
    """At least ``asks`` asks; the same seed makes the same choices, though no two runs end at the same instant."""
    people = 50 if asks <= 400 else 100
    groups = {"Nurses": people // 2, "Physicians": people // 4, "Pharmacy": people - people // 2 - people // 4}
    score = Score(seed)
    limits = Limits(workspace_posts=600)
    async with rehearsal(url, folder, groups=groups, limits=limits, seed=seed, launcher=launcher) as ward:
        await ward.set_up(rounds_per_wave=4, items=ITEMS, band_minutes=10)
        chaos = _Chaos(ward, random.Random(seed), score, replicas)
        async with chaos.supervised():
            while score.asks < asks and not score.problems:
                await chaos.a_week()
                score.asks += people
        score.taps = len(ward.taps)
    return score


@dataclass
class _Chaos:
    ward: Rehearsal
    chance: random.Random
    score: Score
    replicas: int
    week: int = 0
    _next_stops_at: str = ""

    async def a_week(self) -> None:
        self.week += 1
        ward, chance = self.ward, self.chance
        monday = ward.now
        for fault in FAULTS:
            await ward.fault(**fault, seed=chance.randrange(1 << 30))
        await ward.advance(hours=2.3)
        await ward.jump(minutes=chance.uniform(8, 25))
        enough = len(list(ward.sent())) + chance.randrange(1, len(ward.people) // 2)
        async with _meanwhile(lambda: len(list(ward.sent())) >= enough, self._kill):
            await self._everybody_is_asked()
        if not ward.database.sqlite:
            await self._cut_connections()
        taps = len(ward.taps) + chance.randrange(1, len(ward.people))
        async with _meanwhile(lambda: len(ward.taps) >= taps, self._kill):
            await self._everybody_answers()
        await self._calm()
        self.score.problems += await broken_promises(ward)
        await ward.advance(days=2)
        await self._calm()
        self.score.problems += await broken_promises(ward)
        await ward.advance_to(monday + timedelta(days=7))

    # --- what happens to the bot -------------------------------------------------------------------------------------

    @asynccontextmanager
    async def supervised(self) -> AsyncIterator[None]:
        """What an operating system does for a service: a process that has ended is started again."""

        async def watch() -> None:
            while True:
                for _ in range(self.replicas - len(self.ward.running)):
                    stop_at, self._next_stops_at = self._next_stops_at, ""
                    await self.ward.start(stop_at=stop_at)
                await asyncio.sleep(0.05)

        watching = asyncio.create_task(watch())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            self.score.kills = len(self.ward.replicas) - self.replicas

    async def _kill(self) -> None:
        """A random replica ends where it is; the one that takes its place may end itself at a named step."""
        self._next_stops_at = self.chance.choice(STEPS)
        await self.chance.choice(self.ward.running or self.ward.replicas).kill()

    async def _cut_connections(self) -> None:
        self.score.cuts += 1
        url = self.ward.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name <> 'witness' AND pid <> pg_backend_pid()"
            )

    async def _calm(self) -> None:
        """No more faults; what is owed is settled, a quarter of a minute at a time."""
        self.score.faults += sum(rule["struck"] for rule in self.ward.sandbox.platform.faults.in_force())
        await self.ward.no_faults()
        async with asyncio.timeout(CALM_SECONDS):
            while not await self.ward.owes_nothing():
                await self.ward.advance(seconds=15)
                await asyncio.sleep(0.05)

    # --- what people do ----------------------------------------------------------------------------------------------

    async def _everybody_is_asked(self) -> None:
        """A third of a minute at a time, until everybody has this week's pulse."""
        ward = self.ward
        async with asyncio.timeout(CALM_SECONDS):
            while any(len(ward.of_kind(user, "pulse")) < self.week for user in ward.people):
                await ward.advance(seconds=20)
                await asyncio.sleep(0.02)

    async def _everybody_answers(self) -> None:
        """Several at a time."""
        desk = asyncio.Semaphore(AT_ONCE)
        people = self.chance.sample(self.ward.people, len(self.ward.people))
        seeds = [self.chance.randrange(1 << 30) for _ in people]

        async def one(user: str, seed: int) -> None:
            async with desk:
                await _answer(self.ward, user, random.Random(seed))

        await asyncio.gather(*(one(user, seed) for user, seed in zip(people, seeds, strict=True)))


async def _answer(ward: Rehearsal, user: str, chance: random.Random) -> None:
    """Tap until the thanks come: now and then twice, or back to change one's mind; some give up before.

    Nobody says more than once that they do not work with a role: who works with none is asked nothing any more.
    """
    message = await ward.newest(user, "pulse")
    lonely = any(tap.user == user and tap.button.option is None for tap in ward.taps)
    for _ in range(chance.choice((2, 12, 12, 12))):
        offered, back = taps_of(message), [one for one in buttons(message) if isinstance(one, ShowQuestion)]
        if not offered and chance.random() < 0.8:
            return
        before = message["blocks"]
        with suppress(NotThere):  # the message has just changed under the finger
            if back and (not offered or chance.random() < 0.1):
                await ward.press(user, user, message, back[0])
            else:
                wanted = chance.choice([one for one in offered if one.option is not None or not lonely])
                lonely = lonely or wanted.option is None
                await asyncio.gather(*(ward.tap(user, message, wanted) for _ in range(1 + (chance.random() < 0.1))))
        message = await ward.changed(user, message["ts"], before, seconds=0.5)


@asynccontextmanager
async def _meanwhile(true: Callable[[], bool], do: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Do it as soon as it is true, in the middle of what goes on inside; at its end, if it never was."""
    over = asyncio.Event()

    async def watch() -> None:
        while not (over.is_set() or true()):  # noqa: ASYNC110 - other processes bring it about
            await asyncio.sleep(0.002)
        await do()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        over.set()
        await watching
