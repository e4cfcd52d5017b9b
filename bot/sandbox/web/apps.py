"""apps.* and oauth.v2.access: connections, installations, and their end."""

from bot.sandbox import installing
from bot.sandbox.errors import SlackError
from bot.sandbox.state import Json
from bot.sandbox.web.call import Call, Handler


def open_connection(call: Call) -> Json:
    ticket = call.platform.hub.open_ticket(call.caller.app_id)
    address = call.world.base_url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={ticket}&app_id={call.caller.app_id}"}


def uninstall(call: Call) -> Json:
    if call.text("client_id") != call.app.client_id:
        raise SlackError("invalid_client_id")
    if call.text("client_secret") != call.app.client_secret:
        raise SlackError("bad_client_secret")
    installing.uninstall(call.platform, call.bot)
    return {}


def access(call: Call) -> Json:
    """The end of an OAuth flow: a code for a token."""
    if call.text("grant_type", "authorization_code") != "authorization_code":
        raise SlackError("invalid_grant_type")
    app = next((one for one in call.world.apps.values() if one.client_id == call.text("client_id")), None)
    if app is None:
        raise SlackError("invalid_client_id")
    if app.client_secret != call.text("client_secret"):
        raise SlackError("bad_client_secret")
    return installing.exchange(call.platform, app, call.text("code"), call.args.get("redirect_uri"))


HANDLERS: dict[str, Handler] = {
    "apps.connections.open": open_connection,
    "apps.uninstall": uninstall,
    "oauth.v2.access": access,
}
