"""What happens to messages: said by people or bots, edited, deleted, shown to one person only."""

from bot.sandbox import events
from bot.sandbox.elements import complete
from bot.sandbox.platform import Platform
from bot.sandbox.seed import channel_facts
from bot.sandbox.state import Channel, Installation, Json
from bot.sandbox.world import World

TEXT_CHARACTERS = 40_000


def say(platform: Platform, channel: Channel, user_id: str, text: str, thread_ts: str | None = None) -> Json:
    """A person writes a message; the bots in the conversation hear of it."""
    message = {
        "type": "message",
        "user": user_id,
        "ts": platform.world.next_ts(channel),
        "client_msg_id": platform.world.ids.uuid(),
        "text": text,
        "team": channel.team_id,
    }
    return _publish(platform, channel, message, thread_ts)


def post(
    platform: Platform,
    channel: Channel,
    bot: Installation,
    content: Json,
    *,
    thread_ts: str | None = None,
    broadcast: bool = False,
) -> Json:
    """A bot writes a message; `content` holds text, blocks, attachments, metadata, username, icons, files, subtype."""
    message = bot_message(platform.world, bot, content, ts=platform.world.next_ts(channel))
    return _publish(platform, channel, message, thread_ts, broadcast=broadcast)


def bot_message(world: World, bot: Installation, content: Json, *, ts: str) -> Json:
    """The message object as Slack stores it, with identifiers given to blocks and elements that came without."""
    message: Json = {
        "type": "message",
        "user": bot.bot_user_id,
        "ts": ts,
        "bot_id": bot.bot_id,
        "app_id": bot.app_id,
        "text": str(content.get("text") or "")[:TEXT_CHARACTERS],
        "team": bot.team_id,
        "bot_profile": bot_profile(world, bot),
    }
    if content.get("blocks"):
        message["blocks"] = complete(world.ids, content["blocks"])
    if content.get("attachments"):
        message["attachments"] = [
            {"id": number, **attachment} for number, attachment in enumerate(content["attachments"], start=1)
        ]
    if content.get("username"):
        message |= {"subtype": "bot_message", "username": content["username"]}
    icons = {key.removeprefix("icon_"): content[key] for key in ("icon_emoji",) if content.get(key)}
    if icons:
        message["icons"] = icons
    for key in ("metadata", "files", "subtype", "upload"):
        if content.get(key):
            message[key] = content[key]
    return message


def bot_profile(world: World, bot: Installation) -> Json:
    user = world.users[bot.bot_user_id]
    profile = user.slack["profile"]
    return {
        "id": bot.bot_id,
        "app_id": bot.app_id,
        "name": world.apps[bot.app_id].name,
        "icons": {f"image_{size}": profile["image_48"] for size in (36, 48, 72)},
        "deleted": False,
        "updated": user.slack["updated"],
        "team_id": bot.team_id,
    }


def show_to_one(
    platform: Platform,
    channel: Channel,
    bot: Installation | None,
    user_id: str,
    content: Json,
) -> Json:
    """An ephemeral message, kept beside the history and seen by one person; Slackbot's own where no bot is given."""
    world = platform.world
    ts = world.next_ts(channel)
    if bot is not None:
        message = bot_message(world, bot, content, ts=ts)
    else:
        message = {"type": "message", "user": "USLACKBOT", "ts": ts, "text": content["text"], "team": channel.team_id}
    if content.get("thread_ts"):
        message["thread_ts"] = content["thread_ts"]
    message |= {"is_ephemeral": True, "ephemeral_user": user_id}
    return world.add_ephemeral(channel, message)


def edit(platform: Platform, channel: Channel, message: Json, content: Json, editor: str) -> Json:
    """Replace what `content` names and keep the rest; an empty metadata object takes the metadata away."""
    previous = dict(message)  # what changes below is replaced, never changed in place
    if "text" in content:
        message["text"] = str(content["text"] or "")[:TEXT_CHARACTERS]
    for key in ("blocks", "attachments", "metadata"):
        if content.get(key):
            message[key] = complete(platform.world.ids, content[key]) if key == "blocks" else content[key]
        elif key in content:
            message.pop(key, None)
    platform.world.changed_message(channel, message["ts"])
    if not message.get("is_ephemeral"):
        message["edited"] = {"user": editor, "ts": f"{int(platform.world.clock.timestamp())}.000000"}
        events.message_changed(platform, channel, message, previous)
    return message


def delete(platform: Platform, channel: Channel, ts: str) -> bool:
    """Whether there was such a message; replies lose their place in the parent's count."""
    message = platform.world.remove_message(channel, ts)
    if message is None:
        return False
    parent = channel.log.by_ts.get(message.get("thread_ts", ""))
    if parent is not None:
        _count_replies(channel, parent)
    if not message.get("is_ephemeral"):
        events.message_deleted(platform, channel, message)
    return True


def open_im(world: World, one: str, other: str) -> tuple[Channel, bool]:
    """The direct message between a person and a bot (or two people), and whether it was there before."""
    known = world.im_between(one, other)
    if known is not None:
        return known, True
    team_id = world.users[one].team_id
    channel_id = world.ids.new("D")
    person = one if world.users[other].is_bot else other
    slack = channel_facts(world, channel_id, team_id, one) | {"is_im": True, "user": person, "is_user_deleted": False}
    del slack["creator"]
    return world.add_channel(Channel(channel_id, team_id, slack, dict.fromkeys((other, one)))), False


def _publish(
    platform: Platform,
    channel: Channel,
    message: Json,
    thread_ts: str | None,
    *,
    broadcast: bool = False,
) -> Json:
    parent = channel.log.by_ts.get(thread_ts or "")
    if parent is not None:
        message |= {"thread_ts": parent["ts"], "parent_user_id": parent["user"]}
        if broadcast:
            message["subtype"] = "thread_broadcast"
    platform.world.add_message(channel, message)
    if parent is not None:
        _count_replies(channel, parent)
        platform.world.changed_message(channel, parent["ts"])
    events.message_posted(platform, channel, message)
    return message


def _count_replies(channel: Channel, parent: Json) -> None:
    replies = channel.log.replies.get(parent["ts"], [])
    authors = list(dict.fromkeys(channel.log.by_ts[ts]["user"] for ts in replies))
    parent |= {
        "thread_ts": parent["ts"],
        "reply_count": len(replies),
        "reply_users_count": len(authors),
        "reply_users": authors,
        "subscribed": False,
        "is_locked": False,
    }
    if replies:
        parent["latest_reply"] = replies[-1]
