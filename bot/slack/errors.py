"""The one table of Slack's error strings: what each means for us."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.services.ports import Disconnected, Refused, SlackProblem, SlowDown, TryLater, Unconfirmed

DISCONNECTED = frozenset(
    {
        "account_inactive",
        "app_missing_action_url",
        "invalid_auth",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
"""The token no longer works: nothing can be sent for this workspace until it is connected again."""

LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
NOT_ACCEPTED = frozenset({"accesslimited", "service_unavailable", "team_added_to_org"})
"""Slack had trouble and says that nothing was done."""

MAYBE_ACCEPTED = frozenset({"fatal_error", "internal_error", "request_timeout"})
"""Slack's own words for these: some aspect of the operation may have succeeded."""

DEFAULT_WAIT_SECONDS = 30.0
TROUBLE = (SlackApiError, aiohttp.ClientError, asyncio.TimeoutError, ConnectionError)
"""What the SDK raises when a call did not succeed."""


def problem(error: Exception, *, sends: bool) -> SlackProblem:
    """What a failed call means. ``sends``: it would be seen twice if it were repeated, so that a lost reply is
    Unconfirmed; everything else can simply be tried again.
    """
    if isinstance(error, SlackApiError):
        return _answered(error, sends=sends)
    if isinstance(error, aiohttp.ClientConnectorError):
        return TryLater("not_connected")  # it never left
    reason = type(error).__name__
    return Unconfirmed(reason) if sends else TryLater(reason)


def reason_of(error: SlackApiError) -> str:
    """Slack's error string; ``http_503`` and the like where it gave none."""
    data = getattr(error.response, "data", None)
    if isinstance(data, dict) and data.get("error"):
        return str(data["error"])
    return f"http_{_status(error)}"


def _status(error: SlackApiError) -> int:
    # An unreadable body leaves aiohttp's own response in the error, which calls it `status`.
    response: Any = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))


def _answered(error: SlackApiError, *, sends: bool) -> SlackProblem:
    reason, status = reason_of(error), _status(error)
    if status == 429 or reason in LIMITED:
        return SlowDown(_retry_after(error))
    if reason in DISCONNECTED:
        return Disconnected(reason)
    if reason in NOT_ACCEPTED:
        return TryLater(reason)
    if reason in MAYBE_ACCEPTED or status >= 500 or reason == f"http_{status}":
        return Unconfirmed(reason) if sends else TryLater(reason)
    return Refused(reason)


def _retry_after(error: SlackApiError) -> float:
    headers: Mapping[str, str] = getattr(error.response, "headers", None) or {}
    value = headers.get("Retry-After") or headers.get("retry-after") or ""
    try:
        return max(float(value), 0.0)
    except ValueError:
        return DEFAULT_WAIT_SECONDS
