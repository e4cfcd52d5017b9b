"""Interaction payloads in Slack's own shapes."""

from typing import Any

from bot.sandbox.state import App, Channel, Json, User, View
from bot.sandbox.world import World


def envelope(world: World, kind: str, app: App, user: User) -> Json:
    """What every interaction carries."""
    workspace = world.workspaces[user.team_id]
    return {
        "type": kind,
        "token": app.verification_token,
        "api_app_id": app.id,
        "team": {"id": workspace.id, "domain": workspace.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {
            "id": user.id,
            "username": user.slack["name"],
            "name": user.slack["name"],
            "team_id": user.team_id,
        },
    }


def command_form(world: World, app: App, user: User, channel: Channel, command: str, text: str) -> Json:
    """The form of a slash command, without trigger_id and response_url."""
    return {
        "token": app.verification_token,
        "team_id": user.team_id,
        "team_domain": world.workspaces[user.team_id].domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user.id,
        "user_name": user.slack["name"],
        "command": command,
        "text": text,
        "api_app_id": app.id,
        "is_enterprise_install": False,
    }


def channel_name(channel: Channel) -> str:
    if channel.kind == "im":
        return "directmessage"
    return "privategroup" if channel.kind == "private_channel" else str(channel.slack["name"])


def message_place(channel: Channel, message: Json) -> Json:
    """container, channel and message of an interaction that came from a message."""
    is_ephemeral = bool(message.get("is_ephemeral"))
    container: Json = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": is_ephemeral,
    }
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    place: Json = {"container": container, "channel": {"id": channel.id, "name": channel_name(channel)}}
    if not is_ephemeral:
        place["message"] = message
    return place


def view_place(view: View) -> Json:
    return {"container": {"type": "view", "view_id": view.id}, "view": view.slack}


def action(element: Json, block_id: str, value: Json, action_ts: str) -> Json:
    """One entry of `actions`: the element as it was sent, what was chosen, and when."""
    echoed = ("type", "action_id", "text", "style", "url", "placeholder", "confirm", "min_query_length")
    entry: Json = {key: element[key] for key in echoed if key in element}
    entry |= {key: element[key] for key in element if key.startswith("initial_")}
    return {**entry, **value, "block_id": block_id, "action_ts": action_ts}


def suggestion(element: Json, block_id: str, typed: str) -> Json:
    return {"action_id": element["action_id"], "block_id": block_id, "value": typed}


def state(values: dict[str, dict[str, Any]]) -> Json:
    return {"values": values}
