"""A whole world as one JSON document, and back: to stop today and go on tomorrow, or to file a strange state."""

from base64 import b64decode, b64encode
from dataclasses import asdict
from datetime import datetime

from bot.sandbox import state
from bot.sandbox.errors import ControlError
from bot.sandbox.platform import Platform
from bot.sandbox.state import Json
from bot.sandbox.web.scheduled import wait_for
from bot.sandbox.world import World

VERSION = 1


def dump(world: World) -> Json:
    """Everything that is remembered; not connections, triggers, response_urls, limits, faults and the journal."""
    return {
        "version": VERSION,
        "now": world.clock.now().isoformat(),
        "workspaces": [asdict(one) for one in world.workspaces.values()],
        "users": [asdict(one) for one in world.users.values()],
        "channels": [_channel(one) for one in world.channels.values()],
        "usergroups": [asdict(one) for one in world.usergroups.values()],
        "apps": [asdict(one) for one in world.apps.values()],
        "tokens": [asdict(one) for one in world.tokens.values()],
        "views": [asdict(one) for one in world.views.values()],
        "stacks": [[user, app, stack] for (user, app), stack in world.stacks.items() if stack],
        "homes": [[user, app, view] for (user, app), view in world.homes.items()],
        "files": [{**asdict(one), "content": b64encode(one.content).decode()} for one in world.files.values()],
        "scheduled": list(world.scheduled.values()),
    }


def load(platform: Platform, document: Json) -> None:
    """Put a dumped world in the place of the present one; addresses are those of the sandbox that loads it.

    Raises ControlError for a document of another version.
    """
    if document.get("version") != VERSION:
        raise ControlError(f"This state has version {document.get('version')!r}; this sandbox reads {VERSION}.")
    world = platform.world
    world.clear()
    world.clock.jump(datetime.fromisoformat(document["now"]))
    for one in document["workspaces"]:
        world.add_workspace(state.Workspace(**one))
    for one in document["users"]:
        world.add_user(state.User(**one))
    for one in document["channels"]:
        _add_channel(world, one)
    for one in document["usergroups"]:
        world.add_usergroup(state.UserGroup(**one))
    for one in document["apps"]:
        _add_app(world, one)
    for one in document["tokens"]:
        world.add_token(state.Token(**{**one, "scopes": tuple(one["scopes"])}))
    _add_views(world, document)
    for one in document["files"]:
        file = state.File(**{**one, "content": b64decode(one["content"])})
        world.files[file.id] = file
        world.uploads[file.upload_key] = file.id
    for one in document["scheduled"]:
        world.scheduled[one["id"]] = one
        wait_for(platform, one["id"])
    world.feed.publish("reset")


def _channel(channel: state.Channel) -> Json:
    return {
        "id": channel.id,
        "team_id": channel.team_id,
        "slack": channel.slack,
        "members": list(channel.members),
        "messages": list(channel.log.by_ts.values()),
        "ephemeral": list(channel.log.ephemeral.values()),
        "pins": channel.pins,
        "bookmarks": channel.bookmarks,
        "assistant": channel.assistant,
    }


def _add_channel(world: World, facts: Json) -> None:
    kept = {key: facts[key] for key in ("id", "team_id", "slack", "pins", "bookmarks", "assistant")}
    channel = state.Channel(**kept, members=dict.fromkeys(facts["members"]))
    world.add_channel(channel)
    for message in facts["messages"]:
        channel.log.add(message)
    for message in facts["ephemeral"]:
        channel.log.ephemeral[message["ts"]] = message
        channel.log.last_ts = max(channel.log.last_ts, message["ts"])


def _add_app(world: World, facts: Json) -> None:
    world.add_app(state.App(**{**facts, "installations": {}}))
    for one in facts["installations"].values():
        world.add_installation(state.Installation(**{**one, "scopes": tuple(one["scopes"])}))


def _add_views(world: World, document: Json) -> None:
    for one in document["views"]:
        view = state.View(**one)
        view.slack["state"] = {"values": view.values}
        world.views[view.id] = view
    for user, app, stack in document["stacks"]:
        world.stacks[user, app] = list(stack)
    for user, app, view_id in document["homes"]:
        world.homes[user, app] = view_id
