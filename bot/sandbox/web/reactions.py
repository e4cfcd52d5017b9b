"""reactions.* and pins.*: the small signs people and bots leave on messages."""

from bot.sandbox import events
from bot.sandbox.errors import SlackError
from bot.sandbox.state import Channel, Json
from bot.sandbox.web.call import Call, Handler
from bot.sandbox.web.chat import permalink

_MOST_KINDS = 23
_MOST_PINS = 100
_SHOWN = frozenset({"type", "user", "ts", "text", "team", "blocks", "bot_id", "app_id", "reactions"})


def add(call: Call) -> Json:
    channel, message = _message(call)
    name = call.text("name").strip(":")
    react(call, channel, message, name)
    return {}


def react(call: Call, channel: Channel, message: Json, name: str) -> None:
    reactions = message.setdefault("reactions", [])
    known = next((one for one in reactions if one["name"] == name), None)
    if known is None:
        if len(reactions) >= _MOST_KINDS:
            raise SlackError("too_many_emoji")
        known = {"name": name, "users": [], "count": 0}
        reactions.append(known)
    if call.caller.user_id in known["users"]:
        raise SlackError("already_reacted")
    known["users"].append(call.caller.user_id)
    known["count"] = len(known["users"])
    call.world.changed_message(channel, message["ts"])
    event = {
        "type": "reaction_added",
        "user": call.caller.user_id,
        "reaction": name,
        "item": {"type": "message", "channel": channel.id, "ts": message["ts"]},
        "item_user": message["user"],
        "event_ts": events.event_ts(call.platform),
    }
    events.emit(call.platform, call.team_id, "reaction_added", event)


def remove(call: Call) -> Json:
    channel, message = _message(call)
    reactions = message.get("reactions", [])
    known = next((one for one in reactions if one["name"] == call.text("name").strip(":")), None)
    if known is None or call.caller.user_id not in known["users"]:
        raise SlackError("no_reaction")
    known["users"].remove(call.caller.user_id)
    known["count"] = len(known["users"])
    message["reactions"] = [one for one in reactions if one["users"]]
    call.world.changed_message(channel, message["ts"])
    return {}


def get(call: Call) -> Json:
    channel, message = _message(call)
    shown = {key: value for key, value in message.items() if key in _SHOWN}
    shown.setdefault("reactions", [])
    shown["permalink"] = permalink(call, channel, message["ts"])
    return {"type": "message", "channel": channel.id, "message": shown}


def pin(call: Call) -> Json:
    channel, message = _message(call)
    if message["ts"] in channel.pins:
        raise SlackError("already_pinned")
    if len(channel.pins) >= _MOST_PINS:
        raise SlackError("too_many_pins")
    channel.pins.append(message["ts"])
    call.world.changed_message(channel, message["ts"])
    return {}


def unpin(call: Call) -> Json:
    channel, message = _message(call)
    if message["ts"] not in channel.pins:
        raise SlackError("no_pin")
    channel.pins.remove(message["ts"])
    call.world.changed_message(channel, message["ts"])
    return {}


def _message(call: Call) -> tuple[Channel, Json]:
    if "channel" not in call.args or "timestamp" not in call.args:
        raise SlackError("no_item_specified")
    channel = call.channel()
    message = channel.log.by_ts.get(call.text("timestamp"))
    if message is None:
        raise SlackError("message_not_found")
    return channel, message


HANDLERS: dict[str, Handler] = {
    "reactions.add": add,
    "reactions.remove": remove,
    "reactions.get": get,
    "pins.add": pin,
    "pins.remove": unpin,
}
