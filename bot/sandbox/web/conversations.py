"""conversations.* and users.conversations: where people talk, and what was said there."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from bot.sandbox import events, messages, seed
from bot.sandbox.errors import SlackError
from bot.sandbox.state import Channel, Json
from bot.sandbox.web.call import Call, Handler, cursor, page, read_cursor

_TYPES = ("public_channel", "private_channel", "mpim", "im")
_SCOPE_FAMILIES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
_NAME_CHARACTERS = 80
_NEVER_READ = {"last_read": "0000000000.000000"}
_HISTORY_DEFAULT, _HISTORY_MOST = 100, 999
_HIDDEN_KEYS = frozenset({"streaming_state", "subscribed", "is_locked"})


def describe(call: Call, channel: Channel, *without: str) -> Json:
    """A conversation as the caller sees it."""
    described = dict(channel.slack)
    if channel.kind == "im":
        described["user"] = next((one for one in channel.members if one != call.caller.user_id), call.caller.user_id)
    else:
        described["is_member"] = call.is_in(channel)
    for key in without:
        described.pop(key, None)
    return described


def listed(call: Call) -> Json:
    types = _types(call)
    exclude_archived = bool(call.args.get("exclude_archived"))
    visible = [
        channel
        for channel in (call.world.channels[one] for one in call.world.channel_ids_of(call.team_id))
        if channel.kind in types and call.sees(channel) and not (exclude_archived and channel.slack["is_archived"])
    ]
    some, metadata = page(call, visible)
    found = []
    for channel in some:
        described = describe(call, channel)
        if channel.kind != "im":
            described["num_members"] = len(channel.members)
        found.append(described)
    return {"channels": found, "response_metadata": metadata}


def of_user(call: Call) -> Json:
    types = _types(call)
    user_id = call.text("user", call.caller.user_id)
    exclude_archived = bool(call.args.get("exclude_archived"))
    theirs = [
        channel
        for channel in call.world.channels_of(user_id)
        if channel.kind in types and call.sees(channel) and not (exclude_archived and channel.slack["is_archived"])
    ]
    some, metadata = page(call, theirs)
    found = [describe(call, channel, "is_member", "updated") for channel in some]
    return {"channels": found, "response_metadata": metadata}


def info(call: Call) -> Json:
    channel = call.channel()
    call.need_for(channel, "read")
    described = describe(call, channel, "user", "is_user_deleted")
    described |= {"is_frozen": False, "parent_conversation": None, "properties": {"tabs": []}}
    if call.args.get("include_num_members"):
        described["num_members"] = len(channel.members)
    return {"channel": described}


def members(call: Call) -> Json:
    channel = call.channel()
    call.need_for(channel, "read")
    some, metadata = page(call, list(channel.members))
    return {"members": some, "response_metadata": metadata}


def opened(call: Call) -> Json:
    """conversations.open by channel or by users: one person is a direct message, several a group."""
    if "channel" in call.args:
        channel = call.channel()
        if channel.kind not in {"im", "mpim"}:
            raise SlackError("method_not_supported_for_channel_type")
        known = True
    else:
        channel, known = _open_with(call)
    described: Json = {"id": channel.id}
    if call.args.get("return_im"):
        keys = ("created", "is_archived", "is_im", "is_org_shared", "context_team_id", "updated")
        described |= {key: channel.slack[key] for key in keys}
        described |= {"user": describe(call, channel).get("user", ""), "is_open": True, "priority": 0}
    return {"no_op": True, "already_open": True, "channel": described} if known else {"channel": described}


def _open_with(call: Call) -> tuple[Channel, bool]:
    wanted = [one.strip() for one in call.text("users").split(",") if one.strip()]
    if not wanted:
        raise SlackError("users_list_not_supplied")
    for user_id in wanted:
        if call.user(user_id).deleted:
            raise SlackError("user_disabled")
    if len(wanted) == 1:
        return messages.open_im(call.world, wanted[0], call.caller.user_id)
    if len(wanted) > 8:
        raise SlackError("too_many_users")
    everyone = sorted({*wanted, call.caller.user_id})
    name = "mpdm-" + "--".join(str(call.world.users[one].slack["name"]) for one in everyone) + "-1"
    known = call.world.channel_by_name(call.team_id, name)
    if known is not None:
        return known, True
    return seed.add_channel(
        call.world, call.team_id, {"name": name, "is_mpim": True, "is_private": True}, everyone
    ), False


def close(call: Call) -> Json:
    channel = call.channel()
    if channel.kind not in {"im", "mpim"}:
        raise SlackError("method_not_supported_for_channel_type")
    return {}


def create(call: Call) -> Json:
    name = call.text("name")
    if len(name) > _NAME_CHARACTERS:
        raise SlackError("invalid_name_maxlength")
    if name != name.lower() or not name.replace("-", "").replace("_", "").isalnum():
        raise SlackError("invalid_name_specials")
    if call.world.channel_by_name(call.team_id, name) is not None:
        raise SlackError("name_taken")
    facts = {"name": name, "is_private": bool(call.args.get("is_private"))}
    channel = seed.add_channel(call.world, call.team_id, facts, [call.caller.user_id])
    unread: Json = {"unread_count": 0, "unread_count_display": 0, "latest": None, "properties": {}}
    return {"channel": describe(call, channel) | _NEVER_READ | unread | {"priority": 0}}


def invite(call: Call) -> Json:
    channel = call.channel()
    if not call.is_in(channel):
        raise SlackError("not_in_channel")
    if channel.slack["is_archived"]:
        raise SlackError("is_archived")
    wanted = [one.strip() for one in call.text("users").split(",") if one.strip()]
    if not wanted:
        raise SlackError("no_user")
    if wanted == [call.caller.user_id]:
        raise SlackError("cant_invite_self")
    for user_id in wanted:
        call.user(user_id)
    fresh = call.world.join(channel, wanted)
    if not fresh:
        raise SlackError("already_in_channel")
    for user_id in fresh:
        events.membership_changed(call.platform, channel, user_id, joined=True, inviter=call.caller.user_id)
    return {"channel": describe(call, channel, "updated") | _NEVER_READ | {"is_read_only": False}}


def join(call: Call) -> Json:
    channel = call.channel()
    if channel.kind != "public_channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.slack["is_archived"]:
        raise SlackError("is_archived")
    if not call.world.join(channel, [call.caller.user_id]):
        warnings = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
        return {"channel": describe(call, channel), **warnings}
    events.membership_changed(call.platform, channel, call.caller.user_id, joined=True)
    return {"channel": describe(call, channel)}


def history(call: Call) -> Json:
    """Newest first, as Slack pages it."""
    channel = call.channel()
    call.need_for(channel, "history")
    if not call.is_in(channel):
        raise SlackError("not_in_channel")
    line = channel.log.timeline
    low, high = _span(call, line)
    after = read_cursor(call.text("cursor"), "next_ts")
    if after is not None:
        high = min(high, bisect_right(line, _dotted(after)))
    start = max(low, high - _limit(call))
    found = [_as_history(call, channel.log.by_ts[ts]) for ts in reversed(line[start:high])]
    answer: Json = {
        "messages": found,
        "has_more": start > low,
        "pin_count": len(channel.pins),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    if start > low:
        answer["response_metadata"] = {"next_cursor": cursor("next_ts", line[start - 1].replace(".", ""))}
    for bound in ("latest", "oldest"):
        if bound in call.args:
            answer[bound] = call.text(bound)
    return answer


def replies(call: Call) -> Json:
    """A thread: its parent first, then the replies, oldest first."""
    channel = call.channel()
    call.need_for(channel, "history")
    root = channel.log.by_ts.get(call.text("ts"))
    if root is None:
        raise SlackError("thread_not_found")
    parent = str(root.get("thread_ts") or root["ts"])
    line = [parent, *channel.log.replies.get(parent, [])]
    low, high = _span(call, line)
    after = read_cursor(call.text("cursor"), "next_ts")
    if after is not None:
        low = max(low, bisect_left(line, _dotted(after)))
    end = min(high, low + _limit(call))
    found = [_as_history(call, channel.log.by_ts[ts]) for ts in line[low:end]]
    if found and found[0]["ts"] == parent and len(line) > 1:
        found[0] |= {"subscribed": True, "last_read": line[-1], "unread_count": 0}
    answer: Json = {"messages": found, "has_more": end < high}
    if end < high:
        answer["response_metadata"] = {"next_cursor": cursor("next_ts", line[end].replace(".", ""))}
    return answer


def _as_history(call: Call, message: Json) -> Json:
    hidden = _HIDDEN_KEYS if call.args.get("include_all_metadata") else _HIDDEN_KEYS | {"metadata"}
    return {key: value for key, value in message.items() if key not in hidden}


def _span(call: Call, line: Sequence[str]) -> tuple[int, int]:
    inclusive = bool(call.args.get("inclusive"))
    oldest, latest = _bound(call, "oldest"), _bound(call, "latest")
    low = 0 if oldest is None else (bisect_left if inclusive else bisect_right)(line, oldest)
    high = len(line) if latest is None else (bisect_right if inclusive else bisect_left)(line, latest)
    return low, max(low, high)


def _bound(call: Call, name: str) -> str | None:
    text = call.text(name)
    if not text or text == "0":
        return None
    try:
        seconds, _, fraction = text.partition(".")
        return f"{int(seconds):010d}.{fraction:0<6}"
    except ValueError as error:
        raise SlackError(f"invalid_ts_{name}") from error


def _dotted(digits: str) -> str:
    return f"{digits[:-6]}.{digits[-6:]}"


def _limit(call: Call) -> int:
    limit = int(call.args.get("limit") or _HISTORY_DEFAULT)
    if limit < 1:
        raise SlackError("invalid_arguments")
    return min(limit, _HISTORY_MOST)


def _types(call: Call) -> frozenset[str]:
    wanted = frozenset(one.strip() for one in call.text("types", "public_channel").split(","))
    if not wanted <= set(_TYPES):
        raise SlackError("invalid_types")
    for kind in sorted(wanted):
        call.need(f"{_SCOPE_FAMILIES[kind]}:read")
    return wanted


HANDLERS: dict[str, Handler] = {
    "conversations.list": listed,
    "users.conversations": of_user,
    "conversations.info": info,
    "conversations.members": members,
    "conversations.open": opened,
    "conversations.close": close,
    "conversations.create": create,
    "conversations.invite": invite,
    "conversations.join": join,
    "conversations.history": history,
    "conversations.replies": replies,
}
