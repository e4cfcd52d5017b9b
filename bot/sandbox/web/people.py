"""users.*, dnd.*, usergroups.*: who is here, whether they are to be disturbed, and which groups they are in."""

from bot.sandbox.errors import SlackError
from bot.sandbox.state import Json, User
from bot.sandbox.web.call import Call, Handler, page

_WITHOUT_LIMIT = 5_000
_UNUSED: Json = {
    "fields": {},
    "pronouns": "",
    "start_date": "",
    "huddle_state": "default_unset",
    "huddle_state_expiration_ts": 0,
    "status_emoji_display_info": [],
}
_ONLY_IN_USERS = frozenset({"api_app_id", "bot_id", "always_active", "team"})


def users_list(call: Call) -> Json:
    ids = call.world.user_ids_of(call.team_id)
    if "limit" not in call.args and "cursor" not in call.args:
        if len(ids) > _WITHOUT_LIMIT:
            raise SlackError("limit_required")
        some, metadata = ids, {"next_cursor": ""}
    else:
        some, metadata = page(call, ids)
    members = [_described(call, call.world.users[one]) for one in some]
    return {"members": members, "cache_ts": int(call.world.clock.timestamp()), "response_metadata": metadata}


def users_info(call: Call) -> Json:
    return {"user": _described(call, call.user(call.text("user")))}


def lookup_by_email(call: Call) -> Json:
    user = call.world.user_by_email(call.team_id, call.text("email"))
    if user is None or user.deleted:
        raise SlackError("users_not_found")
    return {"user": _described(call, user)}


def profile(call: Call) -> Json:
    user = call.user(call.text("user", call.caller.user_id))
    shown = {key: value for key, value in user.slack["profile"].items() if key not in _ONLY_IN_USERS}
    if "users:read.email" not in call.caller.scopes:
        shown.pop("email", None)
    return {"profile": {**_UNUSED, **shown}}


def presence(call: Call) -> Json:
    return {"presence": call.user(call.text("user", call.caller.user_id), "invalid_arguments").presence}


def dnd_info(call: Call) -> Json:
    return dict(call.user(call.text("user", call.caller.user_id)).dnd)


def dnd_team(call: Call) -> Json:
    wanted = [one.strip() for one in call.text("users").split(",") if one.strip()]
    if not wanted:
        raise SlackError("no_users_provided")
    return {"users": {one: dict(call.user(one, "user_not_visible").dnd) for one in wanted}}


def usergroups_list(call: Call) -> Json:
    _require_paid_plan(call)
    include_disabled = bool(call.args.get("include_disabled"))
    groups = []
    for group in call.world.usergroups.values():
        if group.team_id != call.team_id or (group.slack["date_delete"] and not include_disabled):
            continue
        described = dict(group.slack)
        if call.args.get("include_users"):
            described["users"] = list(group.members)
        if call.args.get("include_count"):
            described["user_count"] = len(group.members)
        groups.append(described)
    return {"usergroups": groups}


def usergroup_users(call: Call) -> Json:
    _require_paid_plan(call)
    group = call.world.usergroups.get(call.text("usergroup"))
    if group is None or group.team_id != call.team_id:
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}


def _require_paid_plan(call: Call) -> None:
    if not call.world.workspaces[call.team_id].paid:
        raise SlackError("plan_upgrade_required")


def _described(call: Call, user: User) -> Json:
    described = dict(user.slack)
    if not call.args.get("include_locale"):
        described.pop("locale", None)
    if "users:read.email" not in call.caller.scopes and "email" in described["profile"]:
        described["profile"] = {key: value for key, value in described["profile"].items() if key != "email"}
    return described


HANDLERS: dict[str, Handler] = {
    "users.list": users_list,
    "users.info": users_info,
    "users.lookupByEmail": lookup_by_email,
    "users.profile.get": profile,
    "users.getPresence": presence,
    "dnd.info": dnd_info,
    "dnd.teamInfo": dnd_team,
    "usergroups.list": usergroups_list,
    "usergroups.users.list": usergroup_users,
}
