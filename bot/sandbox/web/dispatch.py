"""From an HTTP request to a method and back: credentials, faults, limits, scopes, arguments, answer headers."""

import asyncio
import inspect
from dataclasses import dataclass, field

from aiohttp import web

from bot.sandbox.errors import SlackError
from bot.sandbox.faults import HTTP_FAULT, Fault
from bot.sandbox.platform import Platform
from bot.sandbox.state import Json, Token
from bot.sandbox.web import HANDLERS
from bot.sandbox.web.call import Call
from bot.sandbox.web.specs import SPECS, Spec
from bot.sandbox.web.wire import coerce, read_args, token_of

_WITHOUT_TOKEN = frozenset({"api.test", "oauth.v2.access", "blocks.validate"})
_WITH_APP_TOKEN = frozenset({"apps.connections.open"})
_BEFORE = ("request_lost", "ratelimited", "http_5xx", "token_revoked", "account_inactive", "missing_scope")
_AFTER = ("reply_lost", "slow_reply")
_STRICT_BLOCKS = ("chat.postMessage", "chat.postEphemeral", "chat.update", "chat.scheduleMessage")


@dataclass(slots=True)
class _Answer:
    """What goes back, and how."""

    body: Json
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


async def answer(request: web.Request, platform: Platform) -> web.StreamResponse:
    """Answer one call of /api/{method}, whatever happens on the way, and write it into the journal."""
    method = request.match_info["method"]
    try:
        args = await read_args(request)
    except SlackError as error:
        return _respond(platform, _Answer(_refusal(error)), None, None)
    spec = SPECS.get(method)
    secret = token_of(request, args)
    args.pop("token", None)
    token = platform.world.tokens.get(secret or "")
    fault = platform.faults.strike(method, _BEFORE)
    if fault is not None and fault.name == "request_lost":
        _note(platform, method, args, None, None, fault)
        return _abort(request)
    given = await _perform(platform, method, spec, args, secret, token, fault)
    if given.body["ok"]:  # only what was done can be done without an answer
        fault = platform.faults.strike(method, _AFTER)
    _note(platform, method, args, given.status, given.body, fault)
    if fault is not None and fault.name == "reply_lost":
        return _abort(request)
    if fault is not None and fault.name == "slow_reply":
        await asyncio.sleep(fault.seconds)
    return _respond(platform, given, spec, token)


async def _perform(
    platform: Platform,
    method: str,
    spec: Spec | None,
    args: Json,
    secret: str | None,
    token: Token | None,
    fault: Fault | None,
) -> _Answer:
    """Steps: 1 is there such a method, 2 who asks, 3 a fault, 4 the limits, 5 the scopes, 6 the arguments, 7 do it."""
    if spec is None:
        return _Answer({"ok": False, "error": "unknown_method", "req_method": method})
    try:
        if method not in _WITHOUT_TOKEN:
            token = _authorised(method, secret, token)
        if fault is not None:
            return _struck(fault, spec, token)
        wait = _wait(platform, method, spec, args, token)
        if wait:
            return _Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait)})
        _check_scopes(spec, token)
        known = coerce(spec, args, strict_blocks=method in _STRICT_BLOCKS)
        result = HANDLERS[method](Call(platform, method, known, token))
        return _Answer({"ok": True, **(await result if inspect.isawaitable(result) else result)})
    except SlackError as error:
        if not spec.explains:
            error.facts.pop("response_metadata", None)
        return _Answer(_refusal(error))


def _authorised(method: str, secret: str | None, token: Token | None) -> Token:
    if secret is None:
        raise SlackError("not_authed")
    if token is None:
        raise SlackError("invalid_auth")
    if token.refusal is not None:
        raise SlackError(token.refusal)
    if (token.kind == "app") != (method in _WITH_APP_TOKEN):
        raise SlackError("not_allowed_token_type")
    return token


def _check_scopes(spec: Spec, token: Token | None) -> None:
    if spec.scopes and token is not None and not set(spec.scopes) & set(token.scopes):
        raise SlackError("missing_scope", needed=spec.scopes[-1], provided=",".join(token.scopes))


def _struck(fault: Fault, spec: Spec, token: Token | None) -> _Answer:
    if fault.name == "ratelimited":
        return _Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(fault.retry_after)})
    status = HTTP_FAULT.fullmatch(fault.name)
    if status is not None:
        return _Answer({"ok": False, "error": "internal_error"}, int(status.group(1)))
    if fault.name == "missing_scope":
        provided = ",".join(token.scopes) if token is not None else ""
        raise SlackError("missing_scope", needed=(spec.scopes or ("admin",))[-1], provided=provided)
    if token is not None and fault.name in {"token_revoked", "account_inactive"} and fault.times is None:
        token.refusal = fault.name
    raise SlackError(fault.name)


def _wait(platform: Platform, method: str, spec: Spec, args: Json, token: Token | None) -> int:
    if not platform.limits.enabled or token is None:
        return 0
    return platform.limits.wait(
        method=method,
        tier=spec.tier,
        app_id=token.app_id,
        team_id=token.team_id,
        channel=str(args["channel"]) if args.get("channel") else None,
        now=platform.world.clock.timestamp(),
    )


def _refusal(error: SlackError) -> Json:
    return {"ok": False, "error": error.code, **error.facts}


def _respond(platform: Platform, given: _Answer, spec: Spec | None, token: Token | None) -> web.Response:
    headers = {"x-slack-req-id": platform.world.ids.hex(), "Cache-Control": "no-store", **given.headers}
    if token is not None and spec is not None:
        headers |= {"x-oauth-scopes": ",".join(token.scopes), "x-accepted-oauth-scopes": ",".join(spec.scopes)}
    return web.json_response(given.body, status=given.status, headers=headers)


def _abort(request: web.Request) -> web.Response:
    """Break the connection without an answer, as a network would."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _note(
    platform: Platform,
    method: str,
    args: Json,
    status: int | None,
    body: Json | None,
    fault: Fault | None,
) -> None:
    platform.world.journal.record(
        at=platform.world.clock.now(),
        direction="in",
        kind="api",
        method=method,
        args=args,
        status=status,
        response=body,
        fault=fault.name if fault is not None else None,
    )
