"""The whole Slack side against a local Slack: people click, write and fill in forms; the real dispatcher answers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.core.messages import Message
from bot.core.pictures import Picture
from bot.sandbox.server import Sandbox
from bot.services import closings, rounds, waves
from bot.services.answers import Recorder
from bot.settings import Settings
from bot.slack import app as slack_app
from bot.slack.ids import Id, encode
from tests.cast import GROUPS, MONDAY, Stage, people_of

Json = dict[str, Any]
PATIENCE_SECONDS = 5.0
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""The smallest picture."""


@dataclass
class Painter:
    """Draws nothing; remembers what it was asked to draw. ``broken`` makes it fail."""

    drawn: list[Picture] = field(default_factory=list)
    broken: Exception | None = None

    async def draw(self, picture: Picture, *, dark: bool = False) -> bytes:  # noqa: ARG002 - the protocol's
        if self.broken is not None:
            raise self.broken
        self.drawn.append(picture)
        return DOT


@dataclass
class Floor:
    """A stage with its Slack side. ``painter`` stands in for the worker that draws."""

    stage: Stage
    sandbox: Sandbox
    slack: slack_app.SlackApp
    painter: Painter
    http: aiohttp.ClientSession

    # --- what people do --------------------------------------------------------------------------------------------

    async def click(self, user: str, action: Id | str, message: Json, **more: Any) -> Json:
        """A button or menu of a message in the person's direct messages."""
        where = {"channel": await self.dm(user), "message_ts": message["ts"]}
        return await self._act({"user": user, "action_id": _text(action), **where, **more})

    async def act_in(self, channel: str, user: str, action: Id, message: Json, **more: Any) -> Json:
        """A button of a message in a channel."""
        where = {"channel": channel, "message_ts": message["ts"]}
        return await self._act({"user": user, "action_id": _text(action), **where, **more})

    async def press(self, user: str, view: Json, action: Id | str, **more: Any) -> Json:
        """A button or an input of a modal, or of the Home tab."""
        return await self._act({"user": user, "action_id": _text(action), "view_id": view["id"], **more})

    async def command(self, user: str, command: str, text: str = "") -> Json:
        body = {"user": user, "channel": "C1", "command": command, "text": text}
        return await self._settled(await self.post("commands", body))

    async def submit(self, user: str, view: Json, **values: Any) -> Json:
        """Submit a modal; ``values`` by field name (each field has one input)."""
        inputs = {block["block_id"]: block["element"]["action_id"] for block in view["blocks"] if "element" in block}
        entered = {name: {inputs[name]: value} for name, value in values.items()}
        return await self._settled(await self.post(f"views/{view['id']}/submit", {"user": user, "values": entered}))

    async def write(self, user: str, text: str) -> list[Json]:
        """Somebody writes to the bot; returns what the bot says after it."""
        channel = await self.dm(user)
        known = len(await self.messages(channel, user))
        await self.post("messages", {"user": user, "channel": channel, "text": text})
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(await self.messages(channel, user)) <= known + 1:  # noqa: ASYNC110 - another task answers
                await asyncio.sleep(0.01)
        await self.slack.desk.drain(PATIENCE_SECONDS)
        return (await self.messages(channel, user))[known + 1 :]

    async def open_home(self, user: str) -> Json:
        await self.post(f"home/{user}/open", {})
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.sandbox.world.home(user) is None:  # noqa: ASYNC110 - another task publishes
                await asyncio.sleep(0.01)
        await self.slack.desk.drain(PATIENCE_SECONDS)
        view: Json = (await self.get(f"home/{user}"))["view"]
        return view

    # --- what they see ---------------------------------------------------------------------------------------------

    async def dm(self, user: str) -> str:
        return await self.slack.messenger.open_dm(user)

    async def dms(self, user: str) -> list[Json]:
        """What stands in a person's direct messages, what only they see included; oldest first."""
        return await self.messages(await self.dm(user), user)

    async def shares(self, user: str, least: int) -> list[Json]:
        """The files in a person's direct messages, once there are ``least``: sharing is asynchronous."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                found = [file for one in await self.dms(user) for file in one.get("files", [])]
                if len(found) >= least:
                    return found
                await asyncio.sleep(0.02)

    async def seen(self, user: str, channel: str = "C1") -> list[Json]:
        return await self.messages(channel, user)

    async def messages(self, channel: str, user: str = "") -> list[Json]:
        found: list[Json] = (await self.get(f"channels/{channel}/messages" + (f"?user={user}" if user else "")))[
            "messages"
        ]
        return found

    async def view(self, user: str) -> Json:
        """The modal on top."""
        views: list[Json] = (await self.get(f"views?user={user}"))["views"]
        assert views, f"{user} has no modal open"
        return views[-1]

    async def send(self, user: str, message: Message) -> Json:
        """A message by the outbox's way; returns it as Slack has it."""
        channel = await self.dm(user)
        sent = await self.slack.messenger.send(channel, message, {"kind": "pulse", "delivery": "d1"})
        return next(one for one in await self.messages(channel) if one["ts"] == sent.ts)

    # --- the services underneath -----------------------------------------------------------------------------------

    async def open_round(self) -> None:
        """The weekly pulse of the cast is open."""
        await self.stage.schedule()
        await self.stage.clock.set(self.stage.now.replace(hour=8, minute=30))
        await rounds.open_due(self.stage.deps, self.stage.now)

    async def fault(self, fault: str, **more: Any) -> None:
        await self.post("faults", {"fault": fault, **more})

    # --- the control API -------------------------------------------------------------------------------------------

    async def get(self, path: str) -> Any:
        async with self.http.get(f"{self.sandbox.base_url}/_sandbox/{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def post(self, path: str, body: Json) -> Json:
        async with self.http.post(f"{self.sandbox.base_url}/_sandbox/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            found: Json = await answer.json()
            return found

    async def _act(self, body: Json) -> Json:
        return await self._settled(await self.post("actions", body))

    async def _settled(self, outcome: Json) -> Json:
        await self.slack.desk.drain(PATIENCE_SECONDS)
        return outcome


def _text(action: Id | str) -> str:
    return action if isinstance(action, str) else encode(action)


def texts(message: Json) -> str:
    """Every word of a message: its text and its blocks'."""
    return " ".join([message.get("text", ""), *_strings(message.get("blocks", []))])


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for one in value.values() for text in _strings(one)]
    return [text for one in value for text in _strings(one)] if isinstance(value, list) else []


def buttons(message: Json) -> list[Json]:
    return [one for block in message["blocks"] if block["type"] == "actions" for one in block["elements"]]


def sign(body: str, secret: str, *, at: float | None = None) -> dict[str, str]:
    """The two headers with which Slack signs a request."""
    stamp = str(int(at or time.time()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}


async def release(stage: Stage, *, maps: int = 1) -> None:
    """Everybody answers waves of four weekly rounds, and their maps come out: to the coach first."""
    await stage.schedule()
    deps, clock = stage.deps, stage.clock
    await clock.set(MONDAY.replace(hour=8, minute=30))
    for week in range(4 * maps):
        await rounds.open_due(deps, clock.now())
        for user, group in people_of(GROUPS):
            await stage.answer(user, 3 if group == "Pharmacy" else 4 + week % 2)
        await clock.advance(days=7)
        await closings.close_due(deps, clock.now())
        await waves.release_due(deps, clock.now())


@asynccontextmanager
async def opened(stage: Stage, sandbox: Sandbox, settings: Settings) -> AsyncIterator[Floor]:
    """Over Socket Mode, in one process with the local Slack."""
    painter = Painter()
    slack = await slack_app.build(
        stage.deps, settings, recorder=Recorder(stage.deps), charts=painter, workspace_id=stage.ws
    )
    await slack.start()
    async with aiohttp.ClientSession() as http:
        yield Floor(stage, sandbox, slack, painter, http)
    await slack.stop(1)
