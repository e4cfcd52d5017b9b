"""A rehearsal: a local Slack in the test's own loop, and the real bot beside it in processes that can be killed.

Only Slack is local. ``python -m bot serve`` runs as it would anywhere, over Socket Mode or signed HTTP, on SQLite or
PostgreSQL; people act through the sandbox's control API, and time is the sandbox's. The database and the vault can be
looked into beside the running bot. Whatever was started here is ended here, by its own process.
"""

from __future__ import annotations

import asyncio
import math
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr
from sqlmodel import col, select

from bot.app import connected_commands
from bot.core.cadence import parse_rule
from bot.core.errors import Stale
from bot.core.states import DeliveryState
from bot.db.session import Database
from bot.db.tables import Delivery, FocalProcess, Team
from bot.sandbox.limits import Limits
from bot.sandbox.pace import Pace
from bot.sandbox.server import Sandbox
from bot.services import rosters, schedules
from bot.services.deps import Deps
from bot.services.vault import Vault
from bot.settings import Settings
from bot.slack.ids import Id, TapAnswer, decode, encode
from tests.cast import GROUPS, MONDAY, TEAM, people_of, profiles, roster
from tests.launcher import ROOT, Forked, Launcher

MANIFEST = ROOT / "deploy" / "slack-manifest.yaml"
READY_SECONDS = 120.0
SETTLED_SECONDS = 90.0
SEEN_SECONDS = 30.0
FOLLOWER_SECONDS = 2.0
"""How long time waits for a bot that was killed; five in real life."""
SHORT = {"send_timeout_seconds": 1.0, "lease_seconds": 2.0, "confirm_after_seconds": 0.5}
"""What a real installation waits a minute for."""

Json = dict[str, Any]


class NotThere(Exception):
    """What a person wanted to do can't be done in Slack: the button has gone, say."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap on an answer, and whether the person was told that it arrived."""

    user: str
    button: TapAnswer
    acked: bool


@dataclass
class Replica:
    """One process of the bot."""

    process: asyncio.subprocess.Process | Forked
    log: Path

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    async def gone(self) -> int:
        """Wait for its end; its exit code, negative for a signal."""
        async with asyncio.timeout(READY_SECONDS):
            return await self.process.wait()

    async def kill(self) -> None:
        """What a power cut does."""
        if self.alive:
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """What an operator does; the exit code."""
        if self.alive:
            self.process.terminate()
        return await self.gone()


@dataclass
class Rehearsal:
    """``settings`` are the bot's. With a ``launcher`` its processes are forked instead of started anew."""

    sandbox: Sandbox
    settings: Settings
    folder: Path
    http: aiohttp.ClientSession
    database: Database
    vault: Vault
    groups: Mapping[str, int]
    launcher: Launcher | None = None
    replicas: list[Replica] = field(default_factory=list)
    taps: list[Tap] = field(default_factory=list)

    # --- the bot ---------------------------------------------------------------------------------------------------

    async def start(self, *, stop_at: str = "", program: tuple[str, ...] = ("bot", "serve"), **extra: str) -> Replica:
        """Another process of the bot, once it is ready; one with ``stop_at`` may have ended before it is."""
        log = self.folder / f"serve-{len(self.replicas)}.log"
        log.touch()
        replica = Replica(await self._process(program, self._environment(stop_at=stop_at, **extra), log), log)
        self.replicas.append(replica)
        async with asyncio.timeout(READY_SECONDS):
            while replica.alive and "serve.ready" not in replica.said:  # noqa: ASYNC110 - another process says so
                await asyncio.sleep(0.05)
        if replica.alive and self.settings.http_mode:
            await self._call("PATCH", f"apps/{self.sandbox.app.id}", {"request_url": self._endpoint(replica)})
        assert replica.alive or stop_at, replica.said[-3000:]
        return replica

    async def _process(
        self, words: tuple[str, ...], environment: dict[str, str], log: Path
    ) -> asyncio.subprocess.Process | Forked:
        if self.launcher is not None:
            return await self.launcher.launch(words, environment, log)
        with log.open("wb") as said:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", *words, env=environment, cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip

    @property
    def running(self) -> list[Replica]:
        return [one for one in self.replicas if one.alive]

    async def end(self) -> None:
        """End what is still running."""
        for replica in self.running:
            await replica.kill()

    async def cli(self, *words: str, code: int = 0) -> str:
        """An ``rc-pulse`` command beside the running bot; what it says."""
        log = self.folder / "command.log"
        process = await self._process(("bot", *words), self._environment(), log)
        assert await process.wait() == code, log.read_text(encoding="utf-8")
        return log.read_text(encoding="utf-8")

    @staticmethod
    def _endpoint(replica: Replica) -> str:
        found = re.search(r"serve\.ready port=(\d+)", replica.said)
        assert found is not None
        return f"http://127.0.0.1:{found[1]}/slack/events"

    def _environment(self, **extra: str) -> dict[str, str]:
        values = self.settings.model_dump(exclude_none=True) | {name: value for name, value in extra.items() if value}
        plain = {
            name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for name, value in values.items()
        }
        foreign = {name: value for name, value in os.environ.items() if not name.startswith("RC_PULSE_")}
        return foreign | {f"RC_PULSE_{name.upper()}": value for name, value in plain.items()}

    # --- the team ----------------------------------------------------------------------------------------------------

    @property
    def people(self) -> list[str]:
        """Everybody who is asked."""
        return [user for user, _ in people_of(dict(self.groups))]

    @property
    def roster(self) -> Path:
        file = self.folder / "roster.csv"
        file.write_text(roster(dict(self.groups)), encoding="utf-8")
        return file

    async def set_up(self, *, rounds_per_wave: int = 1, items: int = 3, **rule: object) -> None:
        """The roster and a weekly pulse on Mondays at half past nine; ``rule`` overrides."""
        async with self.office() as (deps, ws):
            await rosters.import_roster(deps, ws, self.roster)
            async with deps.database.write() as session:
                team = (await session.exec(select(Team).where(Team.name == TEAM))).one()
                (await session.get_one(FocalProcess, team.focal_process_id)).rounds_per_wave = rounds_per_wave
            weekly: dict[str, object] = {
                "cadence": "weekly", "days": ["mon"], "at": "09:30", "start": MONDAY.date().isoformat(),
                "zone": "Europe/Berlin", "window_hours": 48, "reminders": 1,
            }  # fmt: skip
            parsed = parse_rule(**(weekly | rule))  # type: ignore[arg-type]  # a table of cases
            await schedules.save(deps, ws, "UCOACH", team.id, parsed, items=items)

    @asynccontextmanager
    async def office(self) -> AsyncIterator[tuple[Deps, int]]:
        """What a command of ours works with: the services, connected, beside the running bot."""
        async with connected_commands(self.settings) as connected:
            yield connected

    # --- time --------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.sandbox.world.clock.now()

    async def advance(self, **span: float) -> None:
        await self._call("POST", "clock", {"advance_seconds": timedelta(**span).total_seconds()})

    async def advance_to(self, at: datetime) -> None:
        await self.advance(seconds=max(0.0, (at - self.now).total_seconds()))

    async def jump(self, **span: float) -> None:
        """Time that passes for nobody: a fault."""
        await self._call("POST", "clock", {"set": (self.now + timedelta(**span)).isoformat()})

    async def settled(self) -> None:
        """Wait until the bot owes nobody anything that is due, lost replies and dead leases included."""
        await self.until(self.owes_nothing, seconds=SETTLED_SECONDS)

    async def owes_nothing(self) -> bool:
        under_way = col(Delivery.state).in_([DeliveryState.SENDING, DeliveryState.UNCONFIRMED])
        due = (col(Delivery.state) == DeliveryState.PLANNED) & (col(Delivery.due_at) <= self.now)
        async with self.database.read() as session:
            return (await session.exec(select(Delivery.id).where(under_way | due).limit(1))).first() is None

    async def until(self, true: Callable[[], Awaitable[bool]], *, seconds: float = SEEN_SECONDS) -> None:
        async with asyncio.timeout(seconds):
            while not await true():  # noqa: ASYNC110 - other processes bring it about
                await asyncio.sleep(0.05)

    # --- what people see ---------------------------------------------------------------------------------------------

    def messages(self, place: str) -> list[Json]:
        """What stands in a channel, or in somebody's direct messages with the bot; oldest first."""
        channel = self._channel(place)
        return [] if channel is None else list(self.sandbox.world.channels[channel].log.by_ts.values())

    def direct(self, user: str) -> str | None:
        """The channel of somebody's direct messages with the bot, once there is one."""
        channel = self.sandbox.world.im_between(user, self.sandbox.bot.bot_user_id)
        return None if channel is None else channel.id

    def _channel(self, place: str) -> str | None:
        return place if place in self.sandbox.world.channels else self.direct(place)

    def of_kind(self, place: str, kind: str) -> list[Json]:
        """The outbox's messages of one kind, by their metadata."""
        return [one for one in self.messages(place) if _payload(one).get("kind") == kind]

    async def newest(self, place: str, kind: str) -> Json:
        async def there() -> bool:
            return bool(self.of_kind(place, kind))

        await self.until(there)
        return self.of_kind(place, kind)[-1]

    def sent(self) -> Iterator[tuple[str, Json]]:
        """Every message of the outbox that anybody ever saw: where, and its metadata."""
        for channel in self.sandbox.world.channels.values():
            for message in channel.log.by_ts.values():
                if payload := _payload(message):
                    yield channel.id, payload

    # --- what people do ----------------------------------------------------------------------------------------------

    async def answer(self, user: str, option: int = 4, *, only: int | None = None) -> list[Tap]:
        """Answer the newest pulse's open questions (the first ``only``), one tap each, as they come."""
        message, done = await self.newest(user, "pulse"), list[Tap]()
        while only is None or len(done) < only:
            button = next((one for one in taps_of(message) if one.option == option), None)
            if button is None:
                break
            before = message["blocks"]
            tap = await self.tap(user, message, button)
            done.append(tap)
            if not tap.acked:
                break
            message = await self.changed(user, message["ts"], before)
        return done

    async def tap(self, user: str, message: Json, button: TapAnswer) -> Tap:
        """One tap on an answer; what became of it is remembered."""
        tap = Tap(user, button, (await self.press(user, user, message, button))["acked"])
        self.taps.append(tap)
        return tap

    async def press(self, user: str, place: str, message: Json, button: Id, **more: Any) -> Json:
        where = {"channel": self._channel(place), "message_ts": message["ts"]}
        return await self._call("POST", "actions", {"user": user, "action_id": encode(button), **where, **more})

    async def changed(self, user: str, ts: str, before: list[Json], *, seconds: float = 3.0) -> Json:
        """The message once it shows something else, or as it is when nothing comes: a lost reply is no harm."""
        message = next(one for one in self.messages(user) if one["ts"] == ts)
        for _ in range(math.ceil(seconds / 0.02)):
            message = next(one for one in self.messages(user) if one["ts"] == ts)
            if message["blocks"] != before:
                break
            await asyncio.sleep(0.02)
        return message

    async def command(self, user: str, command: str, text: str = "") -> Json:
        return await self._call("POST", "commands", {"user": user, "channel": "C1", "command": command, "text": text})

    async def fill_in(self, user: str, **values: Any) -> Json:
        """Submit the form that opens for this person; ``values`` by the names of its fields."""

        async def opened() -> bool:
            views = self.sandbox.world.open_views(user)
            return bool(views) and any(block["type"] == "input" for block in views[-1].slack["blocks"])

        await self.until(opened)
        view = self.sandbox.world.open_views(user)[-1]
        inputs = {block["block_id"]: block["element"] for block in view.slack["blocks"] if block["type"] == "input"}
        entered = {
            name: {element["action_id"]: values.get(name, element.get("initial_date") or element.get("initial_user"))}
            for name, element in inputs.items()
        }
        return await self._call("POST", f"views/{view.id}/submit", {"user": user, "values": entered})

    async def fault(self, fault: str, **more: Any) -> None:
        await self._call("POST", "faults", {"fault": fault, **more})

    async def no_faults(self) -> None:
        await self._call("POST", "faults", {"clear": True})

    async def _call(self, verb: str, path: str, body: Json) -> Json:
        async with self.http.request(verb, f"{self.sandbox.base_url}/_sandbox/{path}", json=body) as answer:
            found: Json = await answer.json()
            if not answer.ok:
                raise NotThere(found.get("error"))
            return found


def _payload(message: Json) -> Json:
    found: Json = (message.get("metadata") or {}).get("event_payload") or {}
    return found


def buttons(message: Json) -> list[Id]:
    """What the buttons and menus of a message stand for."""
    found = []
    for block in message.get("blocks", []):
        for element in block.get("elements", []):
            try:
                found.append(decode(element.get("action_id", "")))
            except Stale:
                continue
    return found


def taps_of(message: Json) -> list[TapAnswer]:
    return [one for one in buttons(message) if isinstance(one, TapAnswer)]


def words_of(message: Json) -> str:
    """Every word of a message: its text and its blocks'."""
    return " ".join([message.get("text", ""), *_strings(message.get("blocks", []))])


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


@asynccontextmanager
async def rehearsal(
    url: str,
    folder: Path,
    *,
    groups: Mapping[str, int] = GROUPS,
    http_mode: bool = False,
    limits: Limits | None = None,
    seed: int = 0,
    log_level: str = "INFO",
    launcher: Launcher | None = None,
) -> AsyncIterator[Rehearsal]:
    """The cast's team in a local Slack on a virtual Monday morning; no bot runs yet."""
    people = [
        {
            "id": one.slack_user, "name": one.slack_user.lower(), "real_name": one.name, "email": one.email,
            "tz": one.timezone,
        }
        for one in profiles(dict(groups))
    ]  # fmt: skip
    world = {
        "team": {"id": "T1", "name": "Hospital", "domain": "hospital"},
        "people": people,
        "channels": [{"id": "C1", "name": "ward-3", "members": [one["name"] for one in people]}],
    }
    sandbox = await Sandbox.start(
        seed=world, manifest=MANIFEST, start_at=MONDAY, random_seed=seed, limits=limits or Limits(enabled=False),
        pace=Pace(follower_seconds=FOLLOWER_SECONDS),
    )  # fmt: skip
    sandbox.world.join(sandbox.world.channels["C1"], [sandbox.bot.bot_user_id])
    settings = Settings.model_validate(
        {
            "database_url": url, "vault": folder / "vault", "slack_bot_token": sandbox.bot.bot_token,
            "slack_app_token": None if http_mode else sandbox.app.app_token,
            "slack_signing_secret": sandbox.app.signing_secret if http_mode else None,
            "slack_api_url": sandbox.api_url, "clock": sandbox.base_url, "port": 0, "log_level": log_level, **SHORT,
        }
    )  # fmt: skip
    database, http = Database(url), aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    vault = Vault(folder / "vault")
    one = Rehearsal(sandbox, settings, folder, http, database, vault, groups, launcher)
    try:
        yield one
    finally:
        await one.end()
        await http.close()
        await database.close()
        await sandbox.stop()


KILLED = -signal.SIGKILL
