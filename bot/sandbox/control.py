"""The control API under /_sandbox: what a person or a test does to the sandbox, as opposed to what an app does."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.sandbox import describing, interactions, messages, places
from bot.sandbox.errors import ControlError, SlackError
from bot.sandbox.manifest import ManifestError
from bot.sandbox.platform import Platform
from bot.sandbox.seed import SeedError
from bot.sandbox.state import Json

_KEEP_ALIVE_SECONDS = 15.0
_CENTURY_SECONDS = 100 * 365 * 86_400

Endpoint = Callable[[Platform, web.Request, Json], Awaitable[Any]]


def add_routes(app: web.Application, platform: Platform) -> None:
    """Attach the part of the control API that people, demos and tests use all the time."""
    routes: list[tuple[str, str, Endpoint]] = [
        ("GET", "/_sandbox/state", state),
        ("GET", "/_sandbox/channels/{channel}/messages", channel_messages),
        ("GET", "/_sandbox/views", views),
        ("GET", "/_sandbox/home/{user}", home),
        ("GET", "/_sandbox/journal", journal),
        ("GET", "/_sandbox/files/{file}", file_bytes),
        ("GET", "/_sandbox/clock", clock),
        ("GET", "/_sandbox/faults", faults),
        ("GET", "/_sandbox/events", stream_changes),
        ("POST", "/_sandbox/messages", say),
        ("POST", "/_sandbox/commands", command),
        ("POST", "/_sandbox/actions", act),
        ("POST", "/_sandbox/options", suggest),
        ("POST", "/_sandbox/shortcuts", shortcut),
        ("POST", "/_sandbox/views/{view}/submit", submit),
        ("POST", "/_sandbox/views/{view}/close", close),
        ("POST", "/_sandbox/home/{user}/open", open_home),
        ("POST", "/_sandbox/clock", move_clock),
        ("POST", "/_sandbox/clock/next", follow),
        ("POST", "/_sandbox/faults", set_fault),
    ]
    attach(app, platform, routes)


def attach(app: web.Application, platform: Platform, routes: list[tuple[str, str, Endpoint]]) -> None:
    for verb, path, endpoint in routes:
        app.router.add_route(verb, path, answering(platform, endpoint))


def answering(platform: Platform, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """An endpoint as a route: JSON in, JSON out, a sentence and a 4xx for what makes no sense."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            body = await _body(request)
            result = await endpoint(platform, request, body)
        except ControlError as error:
            return web.json_response({"error": error.message}, status=error.status)
        except (ManifestError, SeedError) as error:
            return web.json_response({"error": str(error)}, status=400)
        except SlackError as error:
            return web.json_response({"error": error.code, **error.facts}, status=400)
        return result if isinstance(result, web.StreamResponse) else web.json_response(result)

    return handle


async def _body(request: web.Request) -> Json:
    if request.method == "GET" or not request.body_exists or request.content_type != "application/json":
        return {}
    try:
        body = await request.json()
    except json.JSONDecodeError as error:
        raise ControlError(f"The body is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise ControlError("The body must be a JSON object.")
    return body


# What there is


async def state(platform: Platform, _request: web.Request, _body: Json) -> Json:
    return describing.state(platform)


async def channel_messages(platform: Platform, request: web.Request, _body: Json) -> Json:
    """`?user=U…` leaves out what only others can see; `?limit=` keeps the newest."""
    channel = platform.world.conversation(request.match_info["channel"])
    if channel is None:
        raise ControlError(f"There is no channel {request.match_info['channel']}.", 404)
    found = describing.channel_messages(channel, request.query.get("user"))
    limit = request.query.get("limit")
    return {"messages": found[-_whole(limit, "limit") :] if limit else found}


async def views(platform: Platform, request: web.Request, _body: Json) -> Json:
    """The modals somebody has open, bottom first; `errors` as the app gave them on the last submission."""
    user = places.user_of(platform.world, request.query.get("user"))
    return {"views": [{**view.slack, "errors": view.errors} for view in platform.world.open_views(user.id)]}


async def home(platform: Platform, request: web.Request, _body: Json) -> Json:
    """The Home tab (of the app named by `?app=`, else the first that published one); null where there is none."""
    user = places.user_of(platform.world, request.match_info["user"])
    view = platform.world.home(user.id, request.query.get("app"))
    return {"view": view.slack if view is not None else None}


async def journal(platform: Platform, request: web.Request, _body: Json) -> Json:
    """Oldest first; `?limit=` keeps the newest, `?method=` and `?kind=` filter."""
    limit = request.query.get("limit")
    entries = platform.world.journal.entries()
    for key in ("method", "kind", "direction"):
        if key in request.query:
            entries = [entry for entry in entries if entry[key] == request.query[key]]
    return {"journal": entries[-_whole(limit, "limit") :] if limit else entries}


async def file_bytes(platform: Platform, request: web.Request, _body: Json) -> web.Response:
    file = platform.world.files.get(request.match_info["file"])
    if file is None or not file.content:
        raise ControlError(f"There is no file {request.match_info['file']}.", 404)
    return web.Response(body=file.content, content_type=str(file.slack["mimetype"]))


# What people do


async def say(platform: Platform, _request: web.Request, body: Json) -> Json:
    user = places.user_of(platform.world, body.get("user"))
    channel = places.channel_of(platform.world, user, body.get("channel"))
    if user.id not in channel.members:
        raise ControlError(f"{user.slack['name']} is not in {body.get('channel')}.")
    message = messages.say(platform, channel, user.id, str(body.get("text") or ""), body.get("thread_ts"))
    return {"ok": True, "channel": channel.id, "ts": message["ts"], "message": message}


async def command(platform: Platform, _request: web.Request, body: Json) -> Json:
    user = places.user_of(platform.world, body.get("user"))
    channel = places.channel_of(platform.world, user, body.get("channel"))
    name = "/" + str(body.get("command") or "").removeprefix("/")
    outcome = await interactions.command(platform, user, channel, name, str(body.get("text") or ""))
    return outcome.describe()


async def act(platform: Platform, _request: web.Request, body: Json) -> Json:
    user, place = _place(platform, body)
    choice = body.get("selected", body.get("value"))
    outcome = await interactions.press(platform, user, place, _text(body, "action_id"), body.get("block_id"), choice)
    return outcome.describe()


async def suggest(platform: Platform, _request: web.Request, body: Json) -> Json:
    user, place = _place(platform, body)
    typed = str(body.get("value") or "")
    outcome = await interactions.suggest(platform, user, place, _text(body, "action_id"), body.get("block_id"), typed)
    return outcome.describe()


async def shortcut(platform: Platform, _request: web.Request, body: Json) -> Json:
    user = places.user_of(platform.world, body.get("user"))
    channel = message = None
    if body.get("message_ts"):
        channel = places.channel_of(platform.world, user, body.get("channel"))
        message = places.message_in(channel, _text(body, "message_ts"), user)
    outcome = await interactions.shortcut(platform, user, _text(body, "callback_id"), channel, message)
    return outcome.describe()


async def submit(platform: Platform, request: web.Request, body: Json) -> Json:
    user = places.user_of(platform.world, body.get("user"))
    view = places.view_of(platform.world, user, request.match_info["view"])
    outcome = await interactions.submit(platform, user, view, body.get("values") or {})
    return outcome.describe()


async def close(platform: Platform, request: web.Request, body: Json) -> Json:
    """`clear: true` is the cross that closes the whole stack."""
    user = places.user_of(platform.world, body.get("user"))
    view = places.view_of(platform.world, user, request.match_info["view"])
    outcome = await interactions.close_view(platform, user, view, clear=bool(body.get("clear")))
    return outcome.describe()


async def open_home(platform: Platform, request: web.Request, body: Json) -> Json:
    """Answers what the person sees at once; the app may publish something newer a moment later."""
    user = places.user_of(platform.world, request.match_info["user"])
    app = platform.world.apps.get(str(body.get("app") or "")) or platform.world.default_app()
    bot = app.installations.get(user.team_id) if app is not None else None
    if bot is None:
        raise ControlError("There is no app here whose Home tab could be opened.", 404)
    view = interactions.open_home(platform, user, bot, str(body.get("tab") or "home"))
    return {"ok": True, "view": view.slack if view is not None else None}


# Time


async def clock(platform: Platform, _request: web.Request, _body: Json) -> Json:
    return {"now": platform.world.clock.now().isoformat()}


async def move_clock(platform: Platform, _request: web.Request, body: Json) -> Json:
    """`advance_seconds` goes from wake-up to wake-up and answers when all followers are done; `set` jumps."""
    if body.get("set") is not None:
        now = platform.world.clock.jump(_instant(body["set"]))
    elif "advance_seconds" in body:
        now = await platform.world.clock.advance(_number(body, "advance_seconds", 0))
    else:
        raise ControlError("Say advance_seconds (0 or more) or set (an ISO 8601 instant).")
    return {"now": now.isoformat()}


async def follow(platform: Platform, _request: web.Request, body: Json) -> Json:
    """Long poll: answers `{now, due}` once `at` has come; `due: false` says ask again. `at: null` waits for nothing."""
    at = None if body.get("at") is None else _instant(body["at"])
    due = await platform.world.clock.follow(_text(body, "follower"), at)
    return {"now": platform.world.clock.now().isoformat(), "due": due}


# Faults


async def faults(platform: Platform, _request: web.Request, _body: Json) -> Json:
    return {"faults": platform.faults.in_force()}


async def set_fault(platform: Platform, _request: web.Request, body: Json) -> Json:
    """Set one rule, or do at once what needs no call to wait for; `{clear: true}` ends them all."""
    if body.get("clear"):
        platform.faults.clear()
    elif not await _at_once(platform, body):
        platform.faults.add(body)
    return {"ok": True, "faults": platform.faults.in_force()}


async def _at_once(platform: Platform, body: Json) -> bool:
    waits = body.keys() & {"method", "nth", "probability", "times"}
    if body.get("fault") == "clock_jump":
        span = timedelta(seconds=_number(body, "seconds", 3_600))
        platform.world.clock.jump(platform.world.clock.now() + span)
    elif body.get("fault") == "user_deactivated":
        user = places.user_of(platform.world, body.get("user"))
        user.slack["deleted"] = True
        platform.world.feed.publish("user", user=user.id)
    elif body.get("fault") == "socket_drop" and not waits:
        platform.hub.drop()
    elif body.get("fault") == "disconnect" and not waits:
        await platform.hub.disconnect(None, str(body.get("reason") or "refresh_requested"))
    else:
        return False
    platform.world.journal.record(
        at=platform.world.clock.now(),
        direction="out",
        kind="fault",
        method=str(body["fault"]),
        args=body,
        status=None,
        response=None,
        fault=str(body["fault"]),
    )
    return True


async def stream_changes(platform: Platform, request: web.Request, _body: Json) -> web.StreamResponse:
    """Server-sent events: one JSON object a change, a comment now and then so that dead listeners are noticed."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    async with platform.world.feed.listen() as queue:
        with contextlib.suppress(ConnectionError):  # a listener who goes away ends the stream, and nothing else
            await _write_changes(response, queue)
    return response


async def _write_changes(response: web.StreamResponse, queue: asyncio.Queue[Json]) -> None:
    await response.write(b": connected\n\n")
    while True:
        try:
            change = await asyncio.wait_for(queue.get(), _KEEP_ALIVE_SECONDS)
        except TimeoutError:
            await response.write(b": still here\n\n")
        else:
            await response.write(b"data: " + json.dumps(change).encode() + b"\n\n")


def _place(platform: Platform, body: Json) -> tuple[Any, places.Place]:
    user = places.user_of(platform.world, body.get("user"))
    if body.get("view_id"):
        return user, places.of_view(platform, user, _text(body, "view_id"))
    channel = places.channel_of(platform.world, user, body.get("channel"))
    return user, places.of_message(platform, user, channel, _text(body, "message_ts"))


def _text(body: Json, key: str) -> str:
    if not body.get(key):
        raise ControlError(f"{key} is missing.")
    return str(body[key])


def _number(body: Json, key: str, default: float) -> float:
    """A number of seconds that a clock can be moved by."""
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _CENTURY_SECONDS:
        raise ControlError(f"{key} must be a number of seconds, 0 or more, and less than a century.")
    return float(value)


def _whole(text: str, name: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ControlError(f"{name} must be a whole number above 0.")
    return int(text)


def _instant(value: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ControlError(f"{value!r} is no ISO 8601 instant.") from error
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
