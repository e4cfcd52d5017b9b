"""OAuth's page: a person of the workspace allows an app, or does not."""

from html import escape
from urllib.parse import urlencode, urlsplit, urlunsplit

from aiohttp import web

from bot.sandbox import installing
from bot.sandbox import manifest as manifests
from bot.sandbox.control import answering
from bot.sandbox.errors import ControlError
from bot.sandbox.places import user_of
from bot.sandbox.platform import Platform
from bot.sandbox.state import App, Json

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Allow {app}?</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
main {{ max-width: 34rem; margin: 3rem auto; padding: 0 1rem }}
select, button {{ font: inherit; padding: .5rem 1rem; border-radius: .5rem; border: 1px solid GrayText }}
button[value=allow] {{ background: #17694d; color: #fff; border-color: #17694d }}
</style></head>
<body><main>
<h1>{app} asks for access</h1>
<p>It would be able to:</p>
<ul>{scopes}</ul>
<form method="post">
<p><label>You are <select name="user">{people}</select></label></p>
<p><button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Cancel</button></p>
</form>
</main></body>
</html>
"""


def add_routes(app: web.Application, platform: Platform) -> None:
    app.router.add_get("/oauth/v2/authorize", answering(platform, ask))
    app.router.add_post("/oauth/v2/authorize", answering(platform, decide))


async def ask(platform: Platform, request: web.Request, _body: Json) -> web.Response:
    """The page itself: who is asked is chosen there, because in a sandbox one is everybody."""
    app = _app(platform, request)
    asked = (*installing.scopes_of(app, request.query.get("scope")), *_user_scopes(request))
    page = _PAGE.format(
        app=escape(app.name),
        scopes="".join(f"<li><code>{escape(scope)}</code></li>" for scope in asked),
        people="".join(
            f'<option value="{user.id}">{escape(str(user.slack["real_name"]))}, '
            f"{escape(platform.world.workspaces[user.team_id].name)}</option>"
            for user in platform.world.users.values()
            if not user.is_bot and not user.deleted and user.id != "USLACKBOT"
        ),
    )
    return web.Response(text=page, content_type="text/html")


async def decide(platform: Platform, request: web.Request, _body: Json) -> web.Response:
    """Back to the app: with a code, or with access_denied."""
    app = _app(platform, request)
    form = await request.post()
    answer = {"state": request.query["state"]} if "state" in request.query else {}
    if form.get("decision") == "allow":
        user = user_of(platform.world, form.get("user"))
        scopes = installing.scopes_of(app, request.query.get("scope"))
        wanted = request.query.get("redirect_uri")
        answer["code"] = installing.allow(platform, app, user.id, scopes, _user_scopes(request), wanted)
    else:
        answer["error"] = "access_denied"
    parts = urlsplit(_redirect(app, request))
    query = "&".join(one for one in (parts.query, urlencode(answer)) if one)
    raise web.HTTPFound(urlunsplit(parts._replace(query=query)))


def _app(platform: Platform, request: web.Request) -> App:
    client_id = request.query.get("client_id")
    for app in platform.world.apps.values():
        if app.client_id == client_id:
            return app
    raise ControlError("No app has this client_id.", 404)


def _user_scopes(request: web.Request) -> tuple[str, ...]:
    return tuple(one for one in request.query.get("user_scope", "").replace(" ", ",").split(",") if one)


def _redirect(app: App, request: web.Request) -> str:
    """Where to go afterwards: what was asked for, if it lies under an address of the manifest."""
    declared = manifests.redirect_urls(app.manifest)
    wanted = request.query.get("redirect_uri") or next(iter(declared), None)
    if wanted is None or (declared and not any(wanted.startswith(one) for one in declared)):
        raise ControlError("redirect_uri is missing or not under an address that the manifest declares.")
    return wanted
