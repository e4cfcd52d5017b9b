"""chat.*: posting, changing and removing messages."""

from bot.sandbox import messages
from bot.sandbox.errors import SlackError
from bot.sandbox.messages import TEXT_CHARACTERS
from bot.sandbox.state import Channel, Json
from bot.sandbox.web import content
from bot.sandbox.web.call import Call, Handler

_UPDATED_KEYS = frozenset(
    {"type", "user", "text", "team", "blocks", "attachments", "bot_id", "app_id", "bot_profile", "edited", "metadata"},
)
_POSTED_KEYS = _UPDATED_KEYS - {"edited"} | {"ts", "thread_ts", "parent_user_id", "subtype", "username", "icons"}


def post_message(call: Call) -> Json:
    channel = call.channel_to_write()
    said = content.read(call, channel)
    content.require_something(said)
    if ("username" in said or "icon_emoji" in said) and "chat:write.customize" not in call.caller.scopes:
        said = {key: value for key, value in said.items() if key not in {"username", "icon_emoji", "icon_url"}}
    message = messages.post(
        call.platform,
        channel,
        call.bot,
        said,
        thread_ts=_thread(call, channel),
        broadcast=bool(call.args.get("reply_broadcast")),
    )
    return {"channel": channel.id, "ts": message["ts"], "message": _only(message, _POSTED_KEYS)}


def post_ephemeral(call: Call) -> Json:
    channel = call.channel_to_write()
    if call.text("user") not in channel.members:
        raise SlackError("user_not_in_channel")
    said = content.read(call, channel)
    content.require_something(said)
    if len(said.get("text", "")) > TEXT_CHARACTERS:
        raise SlackError("msg_too_long")
    said["thread_ts"] = call.args.get("thread_ts")
    message = messages.show_to_one(call.platform, channel, call.bot, call.text("user"), said)
    return {"message_ts": message["ts"]}


def update(call: Call) -> Json:
    channel = call.channel()
    message = channel.log.by_ts.get(call.text("ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.get("bot_id") != call.bot.bot_id:
        raise SlackError("cant_update_message")
    said = content.read(call, channel)
    if not said.keys() & {"text", "blocks", "attachments", "metadata"}:
        raise SlackError("no_text")
    if len(said.get("text", "")) > TEXT_CHARACTERS:
        raise SlackError("msg_too_long")
    messages.edit(call.platform, channel, message, said, call.bot.bot_user_id)
    return {
        "channel": channel.id,
        "ts": message["ts"],
        "text": message["text"],
        "message": _only(message, _UPDATED_KEYS),
    }


def delete(call: Call) -> Json:
    channel = call.channel()
    message = channel.log.by_ts.get(call.text("ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.get("bot_id") != call.bot.bot_id:
        raise SlackError("cant_delete_message")
    messages.delete(call.platform, channel, message["ts"])
    return {"channel": channel.id, "ts": message["ts"]}


def get_permalink(call: Call) -> Json:
    channel = call.channel()
    if channel.log.by_ts.get(call.text("message_ts")) is None:
        raise SlackError("message_not_found")
    return {"channel": channel.id, "permalink": permalink(call, channel, call.text("message_ts"))}


def permalink(call: Call, channel: Channel, ts: str) -> str:
    return f"{call.world.base_url}/archives/{channel.id}/p{ts.replace('.', '')}"


def _thread(call: Call, channel: Channel) -> str | None:
    """The parent's ts; a reply to a reply goes to the parent, as in Slack."""
    ts = call.args.get("thread_ts")
    if ts is None:
        return None
    parent = channel.log.by_ts.get(str(ts))
    if parent is None:
        raise SlackError("cannot_reply_to_message")
    return str(parent.get("thread_ts") or parent["ts"])


def _only(message: Json, keys: frozenset[str]) -> Json:
    return {key: value for key, value in message.items() if key in keys}


HANDLERS: dict[str, Handler] = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
}
