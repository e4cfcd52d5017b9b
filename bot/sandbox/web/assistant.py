"""assistant.threads.*: kept, shown by the control API, and otherwise without effect."""

from bot.sandbox.errors import SlackError
from bot.sandbox.state import Json
from bot.sandbox.web.call import Call, Handler


def set_status(call: Call) -> Json:
    return _keep(call, {"status": call.text("status"), "loading_messages": call.args.get("loading_messages", [])})


def set_title(call: Call) -> Json:
    return _keep(call, {"title": call.text("title")})


def set_prompts(call: Call) -> Json:
    return _keep(call, {"prompts": call.args["prompts"], "prompts_title": call.text("title")})


def _keep(call: Call, facts: Json) -> Json:
    channel = call.channel("channel_id")
    thread_ts = call.text("thread_ts")
    if thread_ts and channel.log.by_ts.get(thread_ts) is None:
        raise SlackError("invalid_thread_ts")
    channel.assistant[thread_ts] = channel.assistant.get(thread_ts, {}) | facts
    call.world.feed.publish("channel", channel=channel.id)
    return {}


HANDLERS: dict[str, Handler] = {
    "assistant.threads.setStatus": set_status,
    "assistant.threads.setTitle": set_title,
    "assistant.threads.setSuggestedPrompts": set_prompts,
}
