"""The Slack side, wired: client, messenger, directory, listeners, sockets or the signed endpoint."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.db.tables import Workspace
from bot.services.deps import Deps
from bot.services.ports import Disconnected, Refused
from bot.settings import Settings, WrongSetting
from bot.slack import (
    change,
    commitments,
    errors,
    events,
    home,
    huddles,
    library,
    nudges,
    pulse,
    report,
    setup,
    talk,
)
from bot.slack.client import make_client, open_session
from bot.slack.desk import Desk, Draws, Records
from bot.slack.directory import SlackDirectory
from bot.slack.ids import Field, Form
from bot.slack.listeners import Listeners
from bot.slack.messenger import SlackMessenger
from bot.slack.socket import Sockets
from bot.slack.turn import Turn

FEATURES = (pulse, report, setup, change, huddles, nudges, commitments, home, library, talk, events)
FOREIGN_VARIABLES = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET")
"""Bolt reads these by itself; with the first two it silently changes to OAuth with token files."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in Slack. ``team_id`` is the enterprise's for an organisation-wide installation."""

    team_id: str
    team_name: str
    bot_user_id: str


async def identify(settings: Settings) -> Identity:
    """Ask Slack whose token this is. Raises WrongSetting with one sentence that names the variable."""
    async with open_session(settings) as session:
        try:
            answer = await make_client(settings, session).auth_test()
        except errors.TROUBLE as error:
            raise _wrong(settings, error) from None
    team = answer.get("team_id") or answer.get("enterprise_id")
    return Identity(str(team), str(answer.get("team") or ""), str(answer["user_id"]))


def _wrong(settings: Settings, error: Exception) -> WrongSetting:
    problem = errors.problem(error, sends=False)
    if isinstance(problem, Disconnected | Refused):
        return WrongSetting(
            f"RC_PULSE_SLACK_BOT_TOKEN is not accepted by Slack ({problem.reason}): install the app again and copy its "
            "bot token."
        )
    return WrongSetting(
        f"RC_PULSE_SLACK_API_URL ({settings.slack_api_url}) cannot be reached ({problem.reason}): "
        "check the network, or the address."
    )


@dataclass
class SlackApp:
    """The running Slack side of one workspace."""

    bolt: AsyncApp
    desk: Desk
    session: aiohttp.ClientSession
    sockets: Sockets | None

    @property
    def messenger(self) -> SlackMessenger:
        return self.desk.messenger

    @property
    def directory(self) -> SlackDirectory:
        return self.desk.directory

    @property
    def connected(self) -> bool:
        """With a signing secret Slack calls us: there is nothing to be connected to."""
        return self.sockets is None or self.sockets.connected

    async def endpoint(self, request: Request) -> Response:
        """Answer one of Slack's signed requests; anything that is no text is refused before it is read."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - the server runs every request in a task
        self.desk.running.add(task)
        try:
            return await AsyncSlackRequestHandler(self.bolt).handle(request)
        except UnicodeDecodeError:
            return PlainTextResponse("bad request\n", status_code=400)
        finally:
            self.desk.running.discard(task)

    async def start(self) -> None:
        """Finish what a crash left, and connect the sockets, if there are any. Raises WrongSetting."""
        await events.catch_up(self.desk)
        if self.sockets is not None:
            await self.sockets.start()

    async def stop(self, seconds: float = 10.0) -> None:
        """Let running listeners come to their end, then close. What is still running after ``seconds`` is left."""
        await self.desk.drain(seconds)
        if self.sockets is not None:
            await self.sockets.stop()
        await self.session.close()


async def build(deps: Deps, settings: Settings, *, recorder: Records, charts: Draws, workspace_id: int) -> SlackApp:
    """Wire everything; nothing is connected yet."""
    for name in FOREIGN_VARIABLES:
        os.environ.pop(name, None)
    session = open_session(settings)
    client = make_client(settings, session)
    secret = settings.slack_signing_secret
    bolt = AsyncApp(client=client, signing_secret=secret.get_secret_value() if secret else "", name="rc-pulse")
    async with deps.database.read() as reading:
        workspace = await reading.get_one(Workspace, workspace_id)
    desk = Desk(
        deps=deps,
        ws=workspace_id,
        team_id=workspace.slack_team_id,
        client=client,
        session=session,
        messenger=SlackMessenger(client, deps.content),
        directory=SlackDirectory(client, workspace.slack_team_id),
        recorder=recorder,
        charts=charts,
    )
    _listen(bolt, desk)
    token = settings.slack_app_token
    sockets = None
    if not settings.http_mode and token is not None:
        sockets = Sockets(bolt, token.get_secret_value(), client, desk.running)
    return SlackApp(bolt, desk, session, sockets)


def _listen(bolt: AsyncApp, desk: Desk) -> None:
    bolt.use(events.only_ours(desk))
    bolt.use(events.once(desk))
    listeners = Listeners(bolt, desk)
    for feature in FEATURES:
        feature.register(listeners)
    listeners.action(Field, _field_changed)


_LIVE_FORMS: Mapping[Form, Callable[[Turn, Field], Awaitable[Any]]] = {
    Form.SETUP: setup.changed,
    Form.CHANGE: change.changed,
    Form.REPORT: report.picked,
    Form.LIBRARY: library.picked,
}


async def _field_changed(turn: Turn, field: Field) -> None:
    """An input that redraws its form, or a menu that is its own button; the others wait for the submit."""
    changed = _LIVE_FORMS.get(field.form)
    if changed is not None:
        await changed(turn, field)
