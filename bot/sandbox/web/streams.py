"""chat.startStream, appendStream, stopStream: a message that grows while it is written."""

from bot.sandbox import messages
from bot.sandbox.errors import SlackError
from bot.sandbox.state import Channel, Json
from bot.sandbox.web import content
from bot.sandbox.web.call import Call, Handler


def start(call: Call) -> Json:
    channel = call.channel_to_write()
    if channel.kind != "im" and "recipient_user_id" not in call.args:
        raise SlackError("missing_recipient_user_id")
    said = {"text": call.text("markdown_text")}
    thread_ts = call.args.get("thread_ts")
    message = messages.post(call.platform, channel, call.bot, said, thread_ts=thread_ts)
    message["streaming_state"] = "in_progress"
    return {"channel": channel.id, "ts": message["ts"]}


def append(call: Call) -> Json:
    channel, message = _growing(call)
    message["text"] += call.text("markdown_text")
    call.world.changed_message(channel, message["ts"])
    return {"channel": channel.id, "ts": message["ts"]}


def stop(call: Call) -> Json:
    channel, message = _growing(call)
    said: Json = {"text": message["text"] + call.text("markdown_text")}
    if "blocks" in call.args:
        said["blocks"] = content.check_blocks(call, channel, call.args["blocks"])
    del message["streaming_state"]
    messages.edit(call.platform, channel, message, said, call.bot.bot_user_id)
    shown = {key: message[key] for key in ("type", "text", "ts", "bot_id")}
    shown["subtype"] = "bot_message"
    return {"channel": channel.id, "ts": message["ts"], "message": shown}


def _growing(call: Call) -> tuple[Channel, Json]:
    channel = call.channel()
    message = channel.log.by_ts.get(call.text("ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.get("bot_id") != call.bot.bot_id:
        raise SlackError("message_not_owned_by_app")
    if "streaming_state" not in message:
        raise SlackError("message_not_in_streaming_state")
    return channel, message


HANDLERS: dict[str, Handler] = {
    "chat.startStream": start,
    "chat.appendStream": append,
    "chat.stopStream": stop,
}
