"""The three dialects apps speak to the Web API: JSON bodies, forms, and everything in the query string."""

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.sandbox.errors import SlackError
from bot.sandbox.state import Json
from bot.sandbox.web.specs import Kind, Spec

_TRUE = frozenset({"1", "true", "True", "yes"})
_BLOCKS_ARE_STRICTER = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}


async def read_args(request: web.Request) -> Json:
    """All arguments of a call, as they came; a body in JSON wins over a query string.

    Clients of OAuth show their id and secret by HTTP's basic authentication.
    """
    args: Json = dict(request.query) | _basic_credentials(request)
    kind = request.content_type
    if request.method == "GET" or not request.body_exists:
        return args
    if kind == "application/json":
        try:
            body = await request.json()
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise SlackError("invalid_form_data") from error
        if not isinstance(body, dict):
            raise SlackError("invalid_form_data")
        return args | body
    if kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return args | dict(await request.post())
    return args


def _basic_credentials(request: web.Request) -> Json:
    header = request.headers.get("Authorization", "")
    if not header.startswith("Basic "):
        return {}
    try:
        name, _, secret = b64decode(header.removeprefix("Basic ").encode()).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": name, "client_secret": secret}


def token_of(request: web.Request, args: Mapping[str, Any]) -> str | None:
    """The credential of a call: the Authorization header, or the old `token` argument."""
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return header.removeprefix("Bearer ").strip()
    return str(args["token"]) if args.get("token") else None


def coerce(spec: Spec, args: Mapping[str, Any], *, strict_blocks: bool) -> Json:
    """The arguments a method knows, in their own types; nulls are left out.

    Raises SlackError with Slack's codes for what is missing or of the wrong kind.
    """
    known: Json = {}
    for name, kind in spec.args.items():
        value = args.get(name)
        if value is not None and not (value == "" and kind != "text"):
            known[name] = _convert(name, kind, value, strict_blocks=strict_blocks)
    missing = [name for name in spec.required if known.get(name, "") == ""]
    if missing:
        words = [f"[ERROR] missing required field: {name}" for name in missing]
        raise SlackError.with_messages("invalid_arguments", words)
    return known


def _convert(name: str, kind: Kind, value: Any, *, strict_blocks: bool) -> Any:
    if kind == "json":
        return _from_json(name, value, strict_blocks=strict_blocks)
    if kind == "bool":
        return value if isinstance(value, bool) else str(value) in _TRUE
    if kind == "int":
        try:
            return int(value)
        except (TypeError, ValueError) as error:
            raise SlackError.with_messages("invalid_arguments", [f"[ERROR] must be an integer: {name}"]) from error
    if isinstance(value, list):
        return ",".join(str(one) for one in value)
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(value)


def _from_json(name: str, value: Any, *, strict_blocks: bool) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        if strict_blocks and name in _BLOCKS_ARE_STRICTER:
            raise SlackError(_BLOCKS_ARE_STRICTER[name]) from error
        raise SlackError.with_messages("invalid_arguments", [f"[ERROR] failed to decode JSON: {name}"]) from error
