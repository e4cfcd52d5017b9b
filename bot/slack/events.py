"""Slack's events: each taken once, those of other workspaces not at all, and what they change for us."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.response import BoltResponse

from bot.db import deliveries
from bot.services import inbox, people
from bot.services.ports import SlackProblem
from bot.slack.desk import Desk
from bot.slack.directory import profile_of
from bot.slack.listeners import Listeners
from bot.slack.turn import Turn

log = logging.getLogger(__name__)

PROFILES = ("user_change", "team_join")
DISCONNECTS = ("tokens_revoked", "app_uninstalled")
Middleware = Callable[..., Awaitable[BoltResponse | None]]


def register(listeners: Listeners) -> None:
    for name in PROFILES:
        listeners.event(name, profile_changed, kept=True)
    for name in DISCONNECTS:
        listeners.event(name, disconnected, kept=True)


def only_ours(desk: Desk) -> Middleware:
    """A payload of another workspace is acknowledged and goes no further."""

    async def middleware(body: dict[str, Any], next: Callable[[], Awaitable[BoltResponse]]) -> BoltResponse | None:  # noqa: A002 - Bolt passes arguments by these names
        team = body.get("team_id") or (body.get("team") or {}).get("id")
        if team is not None and team != desk.team_id:
            log.warning("payload.foreign team=%s", team)
            return BoltResponse(status=200, body="")
        return await next()

    return middleware


def once(desk: Desk) -> Middleware:
    """A row in the inbox before the event is acknowledged: Bolt acknowledges before a listener runs, Slack repeats."""

    async def middleware(body: dict[str, Any], next: Callable[[], Awaitable[BoltResponse]]) -> BoltResponse | None:  # noqa: A002 - Bolt passes arguments by these names
        if body.get("type") != "event_callback":
            return await next()
        event = body["event"]
        key = natural_key(event)
        if key is None:
            return await next()
        now = desk.deps.clock.now()
        subject = subject_of(event)
        if not await inbox.first_time(desk.deps, desk.ws, body["event_id"], key, event["type"], subject, now):
            return BoltResponse(status=200, body="")
        return await next()

    return middleware


def natural_key(event: Mapping[str, Any]) -> str | None:
    """What makes two deliveries the same event, whatever their event ids; None where twice does no harm."""
    match event.get("type"):
        case "message":
            return f"message:{event.get('channel')}:{event.get('ts')}"
        case kind if kind in PROFILES:
            return f"{kind}:{subject_of(event)}:{event.get('event_ts') or event.get('cache_ts')}"
        case kind if kind in DISCONNECTS:
            return f"{kind}:{event.get('event_ts')}"
        case _:
            return None


def subject_of(event: Mapping[str, Any]) -> str:
    """The Slack id that the event is about, never a text."""
    user = event.get("user") or ""
    return str(user.get("id", "") if isinstance(user, dict) else user)


async def catch_up(desk: Desk) -> None:
    """After a crash: what was taken and never handled. A profile is asked for anew; a token that was revoked then is
    not the one we run with now; a message's text was never kept, so that nobody can be answered.
    """
    for event in await inbox.waiting(desk.deps, desk.ws):
        if event.kind in PROFILES and event.subject:
            try:
                profile = await desk.directory.find(event.subject)
            except SlackProblem as problem:
                log.warning("inbox.left kind=%s reason=%s", event.kind, problem.reason)
                continue
            await people.refresh(desk.deps, desk.ws, [profile] if profile else [])
        await inbox.handled(desk.deps, event.event_id, desk.deps.clock.now())


async def profile_changed(turn: Turn, event: Mapping[str, Any]) -> None:
    """A new name, zone, status, language, or an account that was closed."""
    profile = profile_of(event["user"], turn.desk.team_id)
    await people.refresh(turn.desk.deps, turn.desk.ws, [profile])
    turn.desk.forget_words(profile.slack_user)


async def disconnected(turn: Turn, event: Mapping[str, Any]) -> None:
    """Nothing can be sent any more: the workspace pauses, nothing is lost."""
    desk = turn.desk
    async with desk.deps.database.write() as session:
        await deliveries.pause(session, desk.ws, desk.deps.clock.now(), str(event["type"]))
    log.warning("workspace.disconnected kind=%s", event["type"])
