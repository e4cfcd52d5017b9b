"""What a message costs when four replicas share the work of forty workspaces, against one replica alone.

Processor time of the bot's processes from the first tick until the last message is out, over the messages; PostgreSQL
and Slack's side are not counted. Each replica runs the real tick (its outbox, leases and pace) as ``serve`` does, and
posts to a local Slack that counts: a message sent twice fails the run.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
from sqlalchemy import delete, func, update
from sqlmodel import col, select

from bot.core.states import DeliveryState
from bot.db import schema
from bot.db.session import Database
from bot.db.tables import Delivery, Lease, Schedule
from bot.services import rounds
from bot.services.clocks import SystemClock
from bot.services.deps import Deps
from bot.services.outbox import Outbox, Timing
from bot.services.ports import Directory, Messenger
from bot.services.tick import Tick
from bot.services.vault import Vault
from bot.settings import Settings
from bot.slack.client import make_client, open_session
from bot.slack.messenger import SlackMessenger
from tests import postgres
from tests.benchmarks.processes import apart
from tests.benchmarks.quick_slack import QuickSlack, quick_slack
from tests.benchmarks.workspaces import MONDAY, RUNS, Size, deps_on, fill, summary
from tests.cast import words

REPLICAS = 4
WORKSPACES = 40
PATIENCE_SECONDS = 300.0
LOOK_EVERY = timedelta(seconds=5)
_POST = "/api/chat.postMessage"


class RunningClock(SystemClock):
    """Monday morning, running on."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> datetime:
        return MONDAY + timedelta(minutes=1, seconds=time.monotonic() - self._began)


@dataclass(frozen=True, slots=True)
class OneSlack:
    """Every workspace is reached through the same client; nobody is asked about Do Not Disturb."""

    slack: SlackMessenger

    def messenger(self, workspace_id: int) -> Messenger:
        del workspace_id
        return self.slack

    def directory(self, workspace_id: int) -> Directory | None:
        del workspace_id
        return None


async def _replicate(url: str, vault: Path, api_url: str, name: str, pipe: Connection) -> None:
    """A replica: each "go" makes it serve until "stop", and it answers with the processor seconds in between."""
    settings = Settings.model_validate({"slack_api_url": api_url, "slack_bot_token": "xoxb-1-made-up"})
    database = Database(url)
    async with open_session(settings) as session:
        slack = SlackMessenger(make_client(settings, session), words())
        base = replace(deps_on(database, Vault(vault)), connections=OneSlack(slack), replica=name)
        pipe.send("ready")
        while await asyncio.to_thread(pipe.recv) == "go":
            pipe.send(await _serve(replace(base, clock=RunningClock()), pipe))
    await database.close()


async def _serve(deps: Deps, pipe: Connection) -> float:
    began = time.process_time()
    outbox = Outbox(deps, Timing())
    ticking = asyncio.create_task(_tick(deps, Tick(deps, outbox)))
    told = asyncio.create_task(asyncio.to_thread(pipe.recv))
    await asyncio.wait({ticking, told}, return_when=asyncio.FIRST_COMPLETED)
    used = time.process_time() - began
    if ticking.done():
        ticking.result()
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
    await outbox.stop()
    return used


async def _tick(deps: Deps, tick: Tick) -> None:
    """As ``scheduler.IntervalWaker`` wakes it, on a clock of our own."""
    look_at = deps.clock.now()
    while True:
        now = deps.clock.now()
        look = now >= look_at
        look_at = now + LOOK_EVERY if look else look_at
        at = await tick.run(now, look=look)
        await deps.clock.sleep_until(min(at, look_at))


def _replica(url: str, vault: Path, api_url: str, name: str, pipe: Connection) -> None:
    asyncio.run(_replicate(url, vault, api_url, name, pipe))


@contextmanager
def _replicas(url: str, vault: Path, api_url: str, count: int) -> Iterator[list[Connection]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(apart(_replica, url, vault, api_url, f"replica-{number}", last_word="end"))
            for number in range(count)
        ]


async def _cost(database: Database, slack: QuickSlack, pipes: list[Connection], messages: int) -> float:
    """Processor seconds a message, when these replicas send them all."""
    async with database.write() as session:
        planned = {"state": DeliveryState.PLANNED, "sent_at": None, "sent_channel": None, "sent_ts": None}
        sent = update(Delivery).where(col(Delivery.state) == DeliveryState.SENT)
        await session.exec(sent.values(**planned, lease_owner=None, lease_until=None))
        await session.exec(delete(Lease))
    before = slack.posted.get(_POST, 0)
    for pipe in pipes:
        pipe.send("go")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await _owed(database):  # noqa: ASYNC110 - other processes send
            await asyncio.sleep(0.2)
    for pipe in pipes:
        pipe.send("stop")
    seconds = sum([float(await asyncio.to_thread(pipe.recv)) for pipe in pipes])
    posted = slack.posted[_POST] - before
    assert posted == messages, f"{posted} messages went out in place of {messages}"
    return seconds / messages


async def _owed(database: Database) -> int:
    owed = (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.UNCONFIRMED)
    async with database.read() as session:
        return (await session.exec(select(func.count()).where(col(Delivery.state).in_(owed)))).one()


@asynccontextmanager
async def _opened(url: str, vault: Path, size: Size, workspaces: int) -> AsyncIterator[Database]:
    """A round is open in every workspace, and its pulses are due."""
    Vault(vault).prepare()
    database = Database(url)
    await schema.upgrade(database)
    await fill(database, size, workspaces=workspaces)
    await rounds.open_due(deps_on(database, Vault(vault)), MONDAY)
    async with database.write() as session:
        far = MONDAY + timedelta(days=7)
        await session.exec(update(Schedule).where(col(Schedule.next_check_at).is_not(None)).values(next_check_at=far))
    yield database
    await database.close()


async def _measure(
    url: str, folder: Path, size: Size, workspaces: int, runs: int
) -> dict[str, float | dict[str, float]]:
    ratios, alone = [], []
    async with _opened(url, folder / "vault", size, workspaces) as database, quick_slack() as slack:
        messages = await _owed(database)
        with _replicas(url, folder / "vault", slack.api_url, REPLICAS) as pipes:
            for pipe in pipes:
                await asyncio.to_thread(pipe.recv)
            await _cost(database, slack, pipes, messages)  # all of them have warmed up
            for _ in range(runs):
                one = await _cost(database, slack, pipes[:1], messages)
                four = await _cost(database, slack, pipes, messages)
                ratios.append(four / one)
                alone.append(1000 * one)
    return {"replicas.cpu_ratio_4": summary(ratios), "replicas.cpu_ms_a_message": summary(alone)}


def measure(
    *, size: Size | None = None, workspaces: int = WORKSPACES, runs: int = RUNS
) -> dict[str, float | dict[str, float]]:
    wanted = size or Size(teams=1, reminders=0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = postgres.shared(folder / "postgres")
        try:
            with psycopg.connect(f"{server.url}/postgres", autocommit=True) as connection:
                connection.execute(b"CREATE DATABASE bench")
            return asyncio.run(_measure(f"{server.url}/bench", folder, wanted, workspaces, runs))
        finally:
            postgres.stop(folder / "postgres")


if __name__ == "__main__":
    for key, value in measure().items():
        print(key, value)  # noqa: T201 - what a benchmark is for
