"""The page's own addresses: they draw, and take the notice and the guide. What people do goes to the control API."""

from importlib.resources import files
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from bot.sandbox import messages, uploads
from bot.sandbox.state import User
from bot.sandbox.ui import scene
from bot.sandbox.ui.pages import Pages, Visit
from bot.sandbox.ui.stage import Stage, StageError, read_guide, read_notice
from bot.sandbox.world import World

MOST_MESSAGES = 2_000
STATIC = {path.name: path for path in Path(str(files("bot.sandbox.ui") / "static")).iterdir()}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' http: https: data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def add_routes(app: web.Application, world: World) -> None:
    """Add the page, its parts, its static files, the gallery, the notice and the guide to a server."""
    desk = Desk(Pages(world, Stage()))
    app.router.add_get("/", desk.front_door)
    app.router.add_get("/as/{user}", desk.front_door)
    app.router.add_get("/as/{user}/{place}", desk.page)
    app.router.add_get("/_sandbox/ui/parts", desk.parts)
    app.router.add_post("/_sandbox/ui/files", desk.upload)
    app.router.add_get("/_sandbox/gallery", desk.gallery)
    app.router.add_get("/_sandbox/notice", desk.get_notice)
    app.router.add_post("/_sandbox/notice", desk.set_notice)
    app.router.add_post("/_sandbox/guide", desk.set_guide)
    app.router.add_get("/_sandbox/static/{name}", static_file)


class Desk:
    """The handlers, around one `Pages`."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._world = pages.world

    async def front_door(self, request: web.Request) -> web.Response:
        """Leads to the person asked for, or the first one there is, at the place that matters most to them."""
        name = request.match_info.get("user")
        viewer = self._world.person(name) if name else self._first_person()
        if viewer is None:
            raise web.HTTPNotFound(text="Nobody by that name is in this workspace.")
        raise web.HTTPFound(f"/as/{viewer.id}/{self._pages.first_place(viewer)}")

    async def page(self, request: web.Request) -> web.Response:
        """The document; a draft meant for an app's Home tab goes to the conversation with it, where one can write."""
        visit = self._visit(request, request.match_info["user"], request.match_info["place"])
        app = self._pages.app(visit)
        if visit.draft and app is not None:
            bot = app.installations[visit.viewer.team_id]
            talk, _known = messages.open_im(self._world, visit.viewer.id, bot.bot_user_id)
            raise web.HTTPFound(f"/as/{visit.viewer.id}/{talk.id}?{urlencode({'draft': visit.draft})}")
        self._pages.seen(visit)
        return html(self._pages.page(visit))

    async def parts(self, request: web.Request) -> web.Response:
        """`?user&place&thread&length&names=sidebar,main`: the parts asked for, as an object of HTML by name."""
        visit = self._visit(request, request.query.get("user", ""), request.query.get("place", ""))
        if request.query.get("seen"):
            self._pages.seen(visit)
        return web.json_response(
            self._pages.parts(visit, request.query.get("names", "").split(",")), headers={"Cache-Control": "no-store"}
        )

    async def upload(self, request: web.Request) -> web.Response:
        """`?user&name` and the bytes: a file that somebody chose in a form, before they submit it."""
        viewer = self._world.person(request.query.get("user", ""))
        bot = next(iter(self._world.installations_in(viewer.team_id)), None) if viewer else None
        if viewer is None or bot is None:
            raise web.HTTPNotFound(text="There is nobody, or no app, to upload this for.")
        content = await request.read()
        file = uploads.announce(self._world, bot, request.query.get("name") or "file", len(content), "")
        uploads.receive(self._world, file, content)
        uploads.complete(file, None)
        file.slack["user"] = viewer.id
        return web.json_response({"file": file.slack})

    async def gallery(self, _request: web.Request) -> web.Response:
        return html(self._pages.gallery())

    async def get_notice(self, _request: web.Request) -> web.Response:
        notice = self._pages.stage.notice
        return web.json_response({"text": notice.text, "progress": notice.progress})

    async def set_notice(self, request: web.Request) -> web.Response:
        try:
            self._pages.stage.notice = read_notice(await json_body(request))
        except StageError as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        self._world.feed.publish("notice")
        return web.json_response({"ok": True})

    async def set_guide(self, request: web.Request) -> web.Response:
        try:
            self._pages.stage.guide = read_guide(await json_body(request))
        except StageError as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        self._world.feed.publish("guide")
        return web.json_response({"ok": True})

    def _first_person(self) -> User | None:
        return next((user for user in self._world.users.values() if scene.is_playable(user)), None)

    def _visit(self, request: web.Request, user: str, place: str) -> Visit:
        viewer = self._world.person(user)
        if viewer is None:
            raise web.HTTPNotFound(text="Nobody by that name is in this workspace.")
        found = self._world.conversation(place, viewer.team_id)
        app = self._world.default_app()
        if place == "home" and app is not None:
            place = f"{scene.HOME}{app.id}"
        length = request.query.get("length", "")
        return Visit(
            viewer,
            found.id if found else place,
            request.query.get("thread") or None,
            min(int(length), MOST_MESSAGES) if length.isdecimal() else scene.PAGE_LENGTH,
            request.query.get("draft", ""),
        )


async def static_file(request: web.Request) -> web.FileResponse:
    """A script, the style sheet or the icon; browsers ask each time whether it has changed."""
    path = STATIC.get(request.match_info["name"])
    if path is None:
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})


def html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers=HEADERS)


async def json_body(request: web.Request) -> dict[str, object]:
    """The request's JSON object. Raises StageError for anything else."""
    try:
        body = await request.json()
    except ValueError as error:
        raise StageError("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise StageError("The body is not a JSON object.")
    return body
