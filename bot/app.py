"""The composition root: wires everything by hand and knows the order of starting and stopping.

Start: database and vault are checked, Slack says who we are, the outbox and the tick are made, HTTP listens, sockets
connect, the tick begins. Stop, in reverse: no new work, running listeners and the answer queue drain, leases are let
go.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import secrets
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sqlalchemy import text
from sqlmodel import select

from bot.charts.worker import ChartWorker
from bot.content import Content
from bot.db import schema
from bot.db.session import Database
from bot.db.tables import Wave
from bot.http import Http, routes
from bot.scheduler import FollowingWaker, IntervalWaker, Waker, WakesUp
from bot.services import people, waves
from bot.services.answers import Recorder
from bot.services.clocks import FollowerClock, SystemClock
from bot.services.deps import Deps
from bot.services.outbox import Outbox, Timing
from bot.services.ports import Directory, Messenger
from bot.services.tick import Tick
from bot.services.vault import Vault
from bot.settings import Settings, WrongSetting, require_bot_token, require_slack
from bot.slack import app as slack_app

log = logging.getLogger(__name__)

PROMPTS = (Path(__file__).parent / "_data" / "prompts", Path(__file__).parent.parent / "prompts")
DRAIN_SECONDS = 10.0


def prompts_folder(settings: Settings) -> Path:
    """The folder of words: the one that is set, else the shipped one."""
    return settings.prompts or next(folder for folder in PROMPTS if folder.is_dir())


async def open_database(settings: Settings) -> Database:
    """The database at this program's revision; an empty one is set up. Raises WrongSetting, WrongRevision."""
    try:
        database = Database(settings.database_url)
    except ValueError as problem:
        raise WrongSetting(f"RC_PULSE_DATABASE_URL {problem}.") from None
    try:
        if await schema.current(database) is None:
            await schema.upgrade(database)
        await schema.require_head(database)
    except BaseException:  # whatever it was, also a cancellation: it goes on, with the connection closed
        await database.close()
        raise
    return database


async def open_vault(settings: Settings, database: Database) -> Vault:
    """The vault; made new only while no wave has ever been opened. Raises VaultMissing."""
    vault = Vault(settings.vault)
    if not vault.present:
        async with database.read() as session:
            any_wave = (await session.exec(select(Wave.id).limit(1))).first()
        if any_wave is not None:
            vault.require()
        vault.prepare()
    return vault


@dataclass
class _OneWorkspace:
    """The workspace whose token is in the settings."""

    workspace_id: int = 0
    slack: slack_app.SlackApp | None = None

    def messenger(self, workspace_id: int) -> Messenger | None:
        return self.slack.messenger if self.slack and workspace_id == self.workspace_id else None

    def directory(self, workspace_id: int) -> Directory | None:
        return self.slack.directory if self.slack and workspace_id == self.workspace_id else None


@dataclass
class App:
    """Everything, wired. ``run`` serves until it is told to stop."""

    settings: Settings
    deps: Deps
    workspace_id: int
    slack: slack_app.SlackApp
    recorder: Recorder
    charts: ChartWorker
    outbox: Outbox
    clock: SystemClock | FollowerClock
    http: Http
    waker: Waker
    lock: IO[str] | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Serve until SIGTERM, SIGINT or ``stopping``; then drain and close."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.stopping.set)
        serving = asyncio.create_task(self.http.serve())
        try:
            await waves.sweep_keys(self.deps)
            await self.slack.start()
            await self.waker.start()
            log.info("serve.ready port=%s workspace=%s", self.http.port, self.workspace_id)
            stop = asyncio.create_task(self.stopping.wait())
            await asyncio.wait({stop, serving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._stop(serving)

    async def _stop(self, serving: asyncio.Task[None]) -> None:
        await self.waker.stop()
        self.http.stop()
        await self.slack.stop(DRAIN_SECONDS)
        await self.recorder.drain()
        await self.outbox.stop()
        await self.charts.close()
        await asyncio.wait({serving}, timeout=DRAIN_SECONDS)
        await self.clock.close()
        await self.deps.database.close()
        if self.lock is not None:
            self.lock.close()
        log.info("serve.stopped")

    async def ready(self) -> str | None:
        """Why we are not ready, or None."""
        try:
            async with self.deps.database.read() as session:
                await session.exec(text("SELECT 1"))  # type: ignore[call-overload]  # SQLModel types exec for selects
        except OSError:
            return "the database does not answer"
        return None if self.slack.connected else "Slack is not connected"


@asynccontextmanager
async def commands(settings: Settings) -> AsyncIterator[Deps]:
    """The services' dependencies for a short command that speaks to nobody outside the database.

    Raises WrongSetting, WrongRevision, VaultMissing, ContentError.
    """
    database = await open_database(settings)
    try:
        deps, _, clock = await assemble(settings, database, Content.load(prompts_folder(settings)))
        try:
            yield deps
        finally:
            await clock.close()
    finally:
        await database.close()


@asynccontextmanager
async def connected_commands(settings: Settings) -> AsyncIterator[tuple[Deps, int]]:
    """The same for a command that also asks Slack; gives the workspace whose token is set. Raises SlackProblem too."""
    require_bot_token(settings)
    async with commands(settings) as deps:
        identity = await slack_app.identify(settings)
        ws = await people.remember_workspace(deps, identity.team_id, identity.team_name, identity.bot_user_id)
        charts = ChartWorker()
        slack = await slack_app.build(deps, settings, recorder=Recorder(deps), charts=charts, workspace_id=ws)
        connections = deps.connections
        assert isinstance(connections, _OneWorkspace)  # noqa: S101 - made by assemble
        connections.workspace_id, connections.slack = ws, slack
        try:
            yield deps, ws
        finally:
            await slack.session.close()


async def build(settings: Settings) -> App:
    """Wire everything. Raises WrongSetting, WrongRevision, VaultMissing, ContentError before anything has happened."""
    require_slack(settings)
    content = Content.load(prompts_folder(settings))
    async with AsyncExitStack() as undo:
        database = await open_database(settings)
        undo.push_async_callback(database.close)
        lock = _only_one(database)
        if lock is not None:
            undo.callback(lock.close)
        deps, connections, clock = await assemble(settings, database, content)
        undo.push_async_callback(clock.close)
        identity = await slack_app.identify(settings)
        ws = await people.remember_workspace(deps, identity.team_id, identity.team_name, identity.bot_user_id)
        recorder, charts, outbox = Recorder(deps), ChartWorker(), Outbox(deps, _timing(settings))
        slack = await slack_app.build(deps, settings, recorder=recorder, charts=charts, workspace_id=ws)
        undo.push_async_callback(slack.session.close)
        connections.workspace_id, connections.slack = ws, slack
        stopping = asyncio.Event()

        async def ready() -> str | None:
            return await app.ready()

        http = Http(routes(ready, slack.endpoint if settings.http_mode else None), settings.host, settings.port)
        waker = _waker(Tick(deps, outbox).run, clock, settings, stopping)
        app = App(settings, deps, ws, slack, recorder, charts, outbox, clock, http, waker, lock, stopping)
        undo.pop_all()
    return app


def _waker(
    tick: WakesUp, clock: SystemClock | FollowerClock, settings: Settings, stopping: asyncio.Event
) -> IntervalWaker | FollowingWaker:
    if settings.clock:
        return FollowingWaker(tick, clock, stopping.set)
    return IntervalWaker(tick, clock, settings.tick_seconds)


async def assemble(
    settings: Settings, database: Database, content: Content
) -> tuple[Deps, _OneWorkspace, SystemClock | FollowerClock]:
    """The services' dependencies, not yet connected to Slack (commands that need none stop here)."""
    vault = await open_vault(settings, database)
    replica = secrets.token_hex(8)
    clock = FollowerClock(settings.clock, f"rc-pulse-{replica}") if settings.clock else SystemClock()
    try:
        await clock.refresh()
    except OSError:
        await clock.close()
        raise WrongSetting(f"RC_PULSE_CLOCK ({settings.clock}) does not answer: start the sandbox first.") from None
    connections = _OneWorkspace()
    deps = Deps(
        database=database,
        vault=vault,
        content=content,
        clock=clock,
        connections=connections,
        replica=replica,
        reached=_stop_point(settings.stop_at) if settings.stop_at else lambda _point: None,
    )
    return deps, connections, clock


def _timing(settings: Settings) -> Timing:
    return Timing(
        send_timeout_seconds=settings.send_timeout_seconds,
        lease_seconds=settings.lease_seconds,
        confirm_after_seconds=settings.confirm_after_seconds,
    )


def _only_one(database: Database) -> IO[str] | None:
    """SQLite takes one ``serve`` per file. Raises WrongSetting when another one runs."""
    if database.file is None:
        return None
    lock = database.file.with_name(f"{database.file.name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise WrongSetting(
            f"Another RC Pulse already serves {database.file}: stop that one, "
            "or set RC_PULSE_DATABASE_URL to a PostgreSQL that replicas can share."
        ) from None
    return lock


def _stop_point(wanted: str) -> Callable[[str], None]:
    """End this process hard when ``name`` (or ``name:3``, the third time) is reached: what a power cut does."""
    name, _, times = wanted.partition(":")
    seen: Counter[str] = Counter()

    def reached(point: str) -> None:
        seen[point] += 1
        if point == name and seen[point] == int(times or 1):
            os.kill(os.getpid(), signal.SIGKILL)

    return reached
