"""Events as Slack words them, and who is told."""

from collections.abc import Iterable

from bot.sandbox import manifest as manifests
from bot.sandbox.courier import Parcel
from bot.sandbox.platform import Platform
from bot.sandbox.state import Channel, Installation, Json, User

_MESSAGE_SUBSCRIPTIONS = {
    "im": "message.im",
    "mpim": "message.mpim",
    "private_channel": "message.groups",
    "public_channel": "message.channels",
}
_CHANNEL_TYPES = {"im": "im", "mpim": "mpim", "private_channel": "group", "public_channel": "channel"}
_MEMBERSHIP_TYPES = {"im": "D", "mpim": "G", "private_channel": "G", "public_channel": "C"}
_MESSAGE_KEYS = frozenset(
    {
        *("type", "user", "ts", "text", "team", "blocks", "attachments", "bot_id", "bot_profile", "client_msg_id"),
        *("edited", "thread_ts", "parent_user_id"),
    },
)
_CHANGED_KEYS = _MESSAGE_KEYS | {"reply_count", "reply_users_count", "latest_reply", "subtype", "upload"}


def emit(
    platform: Platform,
    team_id: str,
    subscription: str,
    event: Json,
    *,
    only: Iterable[Installation] | None = None,
) -> None:
    """Tell every app of a workspace that subscribed (or only some of them) that something happened."""
    world = platform.world
    for installation in world.installations_in(team_id) if only is None else only:
        app = world.apps[installation.app_id]
        if subscription not in manifests.bot_events(app.manifest):
            continue
        payload = {
            "token": app.verification_token,
            "team_id": team_id,
            "api_app_id": app.id,
            "event": event,
            "type": "event_callback",
            "event_id": world.ids.new("Ev"),
            "event_time": int(world.clock.timestamp()),
            "event_context": f"4-{world.ids.secret(40)}",
            "is_ext_shared_channel": False,
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team_id,
                    "user_id": installation.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                },
            ],
        }
        platform.courier.tell(
            Parcel(
                app=app,
                kind="event",
                method=str(event["type"]),
                envelope="events_api",
                payload=payload,
                url=manifests.events_url(app.manifest),
                accepts_response=False,
            ),
        )


def event_ts(platform: Platform) -> str:
    return f"{platform.world.clock.timestamp():.6f}"


def message_posted(platform: Platform, channel: Channel, message: Json) -> None:
    """Tell the bots in a conversation about an ordinary message."""
    if "subtype" in message:
        return
    event = {key: value for key, value in message.items() if key in _MESSAGE_KEYS}
    event |= {"channel": channel.id, "channel_type": _CHANNEL_TYPES[channel.kind], "event_ts": message["ts"]}
    _to_members(platform, channel, event)
    mentioned = [bot for bot in _bots_of_team(platform, channel) if f"<@{bot.bot_user_id}>" in message["text"]]
    if mentioned and channel.kind != "im" and "bot_id" not in message:
        mention = {key: value for key, value in event.items() if key != "channel_type"} | {"type": "app_mention"}
        emit(platform, channel.team_id, "app_mention", mention, only=mentioned)


def message_changed(platform: Platform, channel: Channel, message: Json, previous: Json) -> None:
    stamp = event_ts(platform)
    event = {
        "type": "message",
        "subtype": "message_changed",
        "channel": channel.id,
        "channel_type": _CHANNEL_TYPES[channel.kind],
        "hidden": True,
        "ts": stamp,
        "event_ts": stamp,
        "message": {key: value for key, value in message.items() if key in _CHANGED_KEYS},
        "previous_message": {key: value for key, value in previous.items() if key in _CHANGED_KEYS},
    }
    _to_members(platform, channel, event)


def message_deleted(platform: Platform, channel: Channel, message: Json) -> None:
    stamp = event_ts(platform)
    event = {
        "type": "message",
        "subtype": "message_deleted",
        "channel": channel.id,
        "channel_type": _CHANNEL_TYPES[channel.kind],
        "hidden": True,
        "deleted_ts": message["ts"],
        "ts": stamp,
        "event_ts": stamp,
        "previous_message": {key: value for key, value in message.items() if key in _CHANGED_KEYS},
    }
    _to_members(platform, channel, event)


def membership_changed(platform: Platform, channel: Channel, user_id: str, *, joined: bool, inviter: str = "") -> None:
    """member_joined_channel or member_left_channel, to the apps that can see the conversation."""
    kind = "member_joined_channel" if joined else "member_left_channel"
    event: Json = {
        "type": kind,
        "user": user_id,
        "channel": channel.id,
        "channel_type": _MEMBERSHIP_TYPES[channel.kind],
        "team": channel.team_id,
        "event_ts": event_ts(platform),
    }
    if joined and inviter:
        event["inviter"] = inviter
    bots = [
        bot
        for bot in _bots_of_team(platform, channel)
        if channel.kind == "public_channel" or bot.bot_user_id in channel.members or bot.bot_user_id == user_id
    ]
    emit(platform, channel.team_id, kind, event, only=bots)


def user_event(platform: Platform, kind: str, user: User) -> None:
    """team_join or user_change."""
    event: Json = {"type": kind, "user": user.slack}
    if kind == "user_change":
        event["cache_ts"] = int(platform.world.clock.timestamp())
    emit(platform, user.team_id, kind, event)


def _to_members(platform: Platform, channel: Channel, event: Json) -> None:
    bots = [bot for bot in _bots_of_team(platform, channel) if bot.bot_user_id in channel.members]
    if bots:
        emit(platform, channel.team_id, _MESSAGE_SUBSCRIPTIONS[channel.kind], event, only=bots)


def _bots_of_team(platform: Platform, channel: Channel) -> list[Installation]:
    return platform.world.installations_in(channel.team_id)
