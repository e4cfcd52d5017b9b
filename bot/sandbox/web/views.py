"""views.*: modals and Home tabs."""

from bot.sandbox import manifest as manifests
from bot.sandbox import modals
from bot.sandbox.errors import SlackError
from bot.sandbox.state import Json
from bot.sandbox.web.call import Call, Handler


def opened(call: Call) -> Json:
    return {"view": modals.open_view(call.platform, call.bot, _trigger(call), call.args["view"]).slack}


def pushed(call: Call) -> Json:
    return {"view": modals.push_view(call.platform, call.bot, _trigger(call), call.args["view"]).slack}


def updated(call: Call) -> Json:
    view = modals.find(call.world, call.bot, call.args.get("view_id"), call.args.get("external_id"))
    if view is None:
        raise SlackError("not_found")
    return {"view": modals.update_view(call.platform, call.bot, view, call.args["view"], call.args.get("hash")).slack}


def published(call: Call) -> Json:
    if not manifests.home_tab_enabled(call.app.manifest):
        raise SlackError("not_enabled")
    user = call.world.users.get(call.text("user_id"))
    if user is None or user.team_id != call.team_id:
        raise SlackError.with_messages("invalid_arguments", ["[ERROR] no such user: user_id"])
    view = modals.publish_home(call.platform, call.bot, user.id, call.args["view"], call.args.get("hash"))
    return {"view": view.slack}


def _trigger(call: Call) -> str:
    if "trigger_id" not in call.args:
        raise SlackError.with_messages("invalid_arguments", ["[ERROR] missing required field: trigger_id"])
    return call.text("trigger_id")


HANDLERS: dict[str, Handler] = {
    "views.open": opened,
    "views.push": pushed,
    "views.update": updated,
    "views.publish": published,
}
