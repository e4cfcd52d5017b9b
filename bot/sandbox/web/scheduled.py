"""chat.scheduleMessage and its kin: messages that wait for the sandbox's clock."""

from datetime import UTC, datetime
from math import inf

from bot.sandbox import messages
from bot.sandbox.errors import SlackError
from bot.sandbox.platform import Platform
from bot.sandbox.state import Channel, Installation, Json
from bot.sandbox.web import content
from bot.sandbox.web.call import Call, Handler, page

_MOST_SECONDS = 120 * 86_400


def schedule(call: Call) -> Json:
    channel = call.channel_to_write()
    said = content.read(call, channel)
    content.require_something(said)
    post_at = int(call.args["post_at"])
    ahead = post_at - call.world.clock.timestamp()
    if ahead <= 0:
        raise SlackError("time_in_past")
    if ahead > _MOST_SECONDS:
        raise SlackError("time_too_far")
    scheduled_id = call.world.ids.new("Q")
    call.world.scheduled[scheduled_id] = {
        "id": scheduled_id,
        "app_id": call.app.id,
        "team_id": call.team_id,
        "channel_id": channel.id,
        "post_at": post_at,
        "date_created": int(call.world.clock.timestamp()),
        "content": said,
    }
    wait_for(call.platform, scheduled_id)
    preview = messages.bot_message(call.world, call.bot, said, ts="")
    shown: Json = {key: preview[key] for key in ("text", "bot_id", "blocks", "attachments") if key in preview}
    shown |= {"type": "delayed_message", "subtype": "bot_message", "username": call.app.name}
    return {"channel": channel.id, "scheduled_message_id": scheduled_id, "post_at": post_at, "message": shown}


def wait_for(platform: Platform, scheduled_id: str) -> None:
    """Set the timer of a scheduled message; what carries metadata is dropped when its time comes, as in Slack."""

    async def send() -> None:
        held = platform.world.scheduled.pop(scheduled_id, None)
        bot = _bot(platform, held) if held is not None else None
        if held is not None and bot is not None and not held["content"].get("metadata"):
            messages.post(platform, platform.world.channels[held["channel_id"]], bot, held["content"])

    post_at = datetime.fromtimestamp(platform.world.scheduled[scheduled_id]["post_at"], UTC)
    platform.world.clock.call_at(post_at, send)


def delete(call: Call) -> Json:
    channel = call.channel()
    held = call.world.scheduled.get(call.text("scheduled_message_id"))
    if held is None or held["channel_id"] != channel.id or held["app_id"] != call.app.id:
        raise SlackError("invalid_scheduled_message_id")
    del call.world.scheduled[held["id"]]
    return {}


def listed(call: Call) -> Json:
    """Newest last; bounded by oldest and latest where given."""
    channel: Channel | None = None
    if "channel" in call.args:
        channel = call.world.channels.get(call.text("channel"))
        if channel is None:
            raise SlackError("invalid_channel")
    oldest, latest = call.instant("oldest", 0), call.instant("latest", inf)
    mine = [
        {
            "id": held["id"],
            "channel_id": held["channel_id"],
            "post_at": held["post_at"],
            "date_created": held["date_created"],
            "text": held["content"].get("text", ""),
        }
        for held in call.world.scheduled.values()
        if held["app_id"] == call.app.id
        and held["team_id"] == call.team_id
        and (channel is None or held["channel_id"] == channel.id)
        and oldest <= held["post_at"] <= latest
    ]
    some, metadata = page(call, mine)
    return {"scheduled_messages": some, "response_metadata": metadata}


def _bot(platform: Platform, held: Json) -> Installation | None:
    return platform.world.apps[held["app_id"]].installations.get(held["team_id"])


HANDLERS: dict[str, Handler] = {
    "chat.scheduleMessage": schedule,
    "chat.deleteScheduledMessage": delete,
    "chat.scheduledMessages.list": listed,
}
