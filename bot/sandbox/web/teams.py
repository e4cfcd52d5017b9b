"""team.info, bots.info, bookmarks.list: the workspace, its bots, what is pinned to a channel's top."""

from bot.sandbox.errors import SlackError
from bot.sandbox.state import Json
from bot.sandbox.web.call import Call, Handler


def team_info(call: Call) -> Json:
    workspace = call.world.workspaces.get(call.text("team", call.team_id))
    if workspace is None or workspace.id != call.team_id:
        raise SlackError("team_not_found")
    icon: Json = {f"image_{size}": f"{call.world.base_url}/_sandbox/team.svg" for size in (34, 44, 68, 88, 102, 132)}
    return {
        "team": {
            "id": workspace.id,
            "name": workspace.name,
            "domain": workspace.domain,
            "email_domain": "",
            "url": f"{call.world.base_url}/",
            "icon": {**icon, "image_default": True},
        },
    }


def bot_info(call: Call) -> Json:
    wanted = call.text("bot", call.bot.bot_id)
    bot = next((one for one in call.world.installations_in(call.team_id) if one.bot_id == wanted), None)
    if bot is None:
        raise SlackError("bot_not_found")
    user = call.world.users[bot.bot_user_id]
    return {
        "bot": {
            "id": bot.bot_id,
            "app_id": bot.app_id,
            "user_id": bot.bot_user_id,
            "name": call.world.apps[bot.app_id].name,
            "deleted": False,
            "updated": user.slack["updated"],
            "icons": {f"image_{size}": user.slack["profile"]["image_48"] for size in (36, 48, 72)},
        },
    }


def bookmarks(call: Call) -> Json:
    return {"bookmarks": call.channel("channel_id").bookmarks}


HANDLERS: dict[str, Handler] = {
    "team.info": team_info,
    "bots.info": bot_info,
    "bookmarks.list": bookmarks,
}
