"""The addresses apps use beside the Web API: sockets, upload addresses, files, response_urls."""

from aiohttp import BodyPartReader, web

from bot.sandbox import interactions, messages, uploads
from bot.sandbox.control import answering
from bot.sandbox.errors import ControlError, SlackError
from bot.sandbox.platform import Platform
from bot.sandbox.state import Json
from bot.sandbox.triggers import ResponseUrl
from bot.sandbox.web import dispatch
from bot.sandbox.web.call import Call
from bot.sandbox.web.content import check_blocks
from bot.sandbox.web.wire import read_args


def add_routes(app: web.Application, platform: Platform) -> None:
    async def api(request: web.Request) -> web.StreamResponse:
        return await dispatch.answer(request, platform)

    app.router.add_route("*", "/api/{method}", api)
    for verb, path, endpoint in (
        ("GET", "/link/", connect),
        ("POST", "/upload/v1/{key}", upload),
        ("GET", "/files-pri/{place}/{name}", private_file),
        ("POST", "/actions/{team}/{number}/{secret}", respond),
        ("POST", "/commands/{team}/{number}/{secret}", respond),
    ):
        app.router.add_route(verb, path, answering(platform, endpoint))


async def connect(platform: Platform, request: web.Request, _body: Json) -> web.StreamResponse:
    """A Socket Mode connection for a ticket from apps.connections.open."""
    app_id = platform.hub.redeem(request.query.get("ticket", ""))
    if app_id is None:
        raise ControlError("This ticket is spent, too old or was never issued.", 404)
    return await platform.hub.serve(request, platform.world.apps[app_id])


async def upload(platform: Platform, request: web.Request, _body: Json) -> web.Response:
    """The bytes of a file: as they are (whatever the content type says), or as multipart."""
    file = platform.world.files.get(platform.world.uploads.get(request.match_info["key"], ""))
    if file is None:
        raise ControlError("There is no upload under this address.", 404)
    if request.content_type == "multipart/form-data":
        content = b""
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and not content:
                content = bytes(await part.read())
    else:
        content = await request.read()
    uploads.receive(platform.world, file, content)
    _note(platform, "upload", file.id, {"bytes": len(content)}, 200, f"OK - {len(content)}")
    return web.Response(text=f"OK - {len(content)}")


async def private_file(platform: Platform, request: web.Request, _body: Json) -> web.Response:
    """url_private: the bytes, for whoever shows a token of the same workspace."""
    team_id, _, file_id = request.match_info["place"].partition("-")
    token = platform.world.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    file = platform.world.files.get(file_id)
    if file is None or file.team_id != team_id:
        raise ControlError("There is no such file.", 404)
    if token is None or token.team_id != team_id or token.refusal is not None:
        raise ControlError("This file needs a token of its workspace.", 403)
    return web.Response(body=file.content, content_type=str(file.slack["mimetype"]))


async def respond(platform: Platform, request: web.Request, _body: Json) -> web.Response:
    """An answer at a response_url."""
    body = await read_args(request)
    key = request.path.removeprefix("/")
    try:
        right = platform.response_urls.use(key)
        _carry_out(platform, right, body)
    except SlackError as error:
        refusal = {"ok": False, "error": error.code, **error.facts}
        status = 404 if error.code in {"expired_url", "used_url"} else 400
        _note(platform, "response_url", key, body, status, refusal)
        return web.json_response(refusal, status=status)
    fault = platform.faults.strike("response_url", ("reply_lost",))
    _note(platform, "response_url", key, body, 200, "ok", fault.name if fault is not None else None)
    if fault is not None and request.transport is not None:
        request.transport.abort()
    return web.json_response({"ok": True})


def _carry_out(platform: Platform, right: ResponseUrl, body: Json) -> None:
    world = platform.world
    channel = world.channels[right.channel_id]
    bot = world.apps[right.app_id].installations.get(right.team_id)
    if bot is None:
        raise SlackError("expired_url")
    if body.get("blocks"):
        call = Call(platform, "response_url", {}, world.tokens[bot.bot_token])
        check_blocks(call, channel, body["blocks"])
    original = channel.log.find(right.message_ts) if right.message_ts is not None else None
    if body.get("delete_original") in {True, "true"} and original is not None:
        messages.delete(platform, channel, original["ts"])
        return
    replaces = body.get("replace_original") in {True, "true"}
    if original is not None and replaces and original.get("bot_id") == bot.bot_id:
        content: Json = {key: body[key] for key in ("text", "blocks", "attachments", "metadata") if key in body}
        messages.edit(platform, channel, original, content, bot.bot_user_id)
    elif interactions.speak(platform, bot, channel, right.user_id, body) is None:
        raise SlackError("no_text")


def _note(
    platform: Platform,
    kind: str,
    method: str,
    args: Json,
    status: int,
    response: object,
    fault: str | None = None,
) -> None:
    platform.world.journal.record(
        at=platform.world.clock.now(),
        direction="in",
        kind=kind,
        method=method,
        args=args,
        status=status,
        response=response,
        fault=fault,
    )
