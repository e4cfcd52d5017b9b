"""api.test, auth.*, blocks.validate: who am I, is this thing on, would this be accepted."""

from bot.sandbox import blockkit, installing
from bot.sandbox.errors import SlackError
from bot.sandbox.state import Json
from bot.sandbox.web.call import Call, Handler


def api_test(call: Call) -> Json:
    if "error" in call.args:
        raise SlackError(call.text("error"), args={"error": call.text("error")})
    return {}


def auth_test(call: Call) -> Json:
    workspace = call.world.workspaces[call.team_id]
    user = call.world.users[call.caller.user_id]
    answer: Json = {
        "url": f"{call.world.base_url}/",
        "team": workspace.name,
        "user": user.slack["name"],
        "team_id": workspace.id,
        "user_id": user.id,
        "is_enterprise_install": False,
    }
    return answer | {"bot_id": call.bot.bot_id} if call.caller.kind == "bot" else answer


def revoke(call: Call) -> Json:
    if call.args.get("test"):
        return {"revoked": False}
    installing.revoke(call.platform, call.caller)
    return {"revoked": True}


def validate(call: Call) -> Json:
    """Structured errors from the very rules that guard posting."""
    if "blocks" in call.args:
        refusal, prefix, problems = "invalid_blocks", "/blocks", blockkit.check_message(call.args["blocks"])
    elif "message" in call.args:
        message = call.args["message"]
        blocks = message.get("blocks", []) if isinstance(message, dict) else None
        refusal, prefix, problems = "invalid_message", "/message/blocks", blockkit.check_message(blocks)
    elif isinstance(call.args.get("view"), dict):
        view = call.args["view"]
        kind = "home" if view.get("type") == "home" else "modal"
        refusal, prefix, problems = "invalid_view", "/view", blockkit.check_view(view, kind)
    else:
        raise SlackError("invalid_arguments")
    if problems:
        raise SlackError(refusal, errors=[problem.describe(prefix) for problem in problems])
    return {}


HANDLERS: dict[str, Handler] = {
    "api.test": api_test,
    "auth.test": auth_test,
    "auth.revoke": revoke,
    "blocks.validate": validate,
}
