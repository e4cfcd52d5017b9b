from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.services.ports import Disconnected, Refused, SlackProblem, SlowDown, TryLater, Unconfirmed
from bot.slack import errors
from bot.slack.methods import SCOPES_BY_METHOD


def _answer(error: str, status: int = 200, **headers: str) -> SlackApiError:
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="",
        req_args={},
        data={"ok": False, "error": error} if error else {},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        status_code=status,
    )
    return SlackApiError("The request failed", response)  # type: ignore[no-untyped-call]  # Slack's


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        ("channel_not_found", Refused),
        ("invalid_blocks", Refused),
        ("user_disabled", Refused),
        ("token_revoked", Disconnected),
        ("account_inactive", Disconnected),
        ("ratelimited", SlowDown),
        ("service_unavailable", TryLater),
        ("internal_error", Unconfirmed),
        ("fatal_error", Unconfirmed),
    ],
)
def test_each_error_of_a_post_has_one_meaning(error: str, meaning: type[SlackProblem]) -> None:
    assert type(errors.problem(_answer(error), sends=True)) is meaning


@pytest.mark.parametrize("error", ["internal_error", "fatal_error", "request_timeout"])
def test_what_may_have_happened_can_be_repeated_where_repeating_does_no_harm(error: str) -> None:
    assert type(errors.problem(_answer(error), sends=False)) is TryLater


def test_a_server_error_of_a_post_may_have_been_accepted() -> None:
    assert type(errors.problem(_answer("", 503), sends=True)) is Unconfirmed
    assert errors.problem(_answer("", 503), sends=True).reason == "http_503"


def test_retry_after_is_obeyed_and_has_a_value_where_slack_gives_none() -> None:
    told = errors.problem(_answer("ratelimited", 429, Retry_After="7"), sends=True)
    untold = errors.problem(_answer("ratelimited", 429), sends=True)

    assert isinstance(told, SlowDown)
    assert isinstance(untold, SlowDown)
    assert (told.seconds, untold.seconds) == (7, errors.DEFAULT_WAIT_SECONDS)


@pytest.mark.parametrize("lost", [TimeoutError(), aiohttp.ServerDisconnectedError(), ConnectionResetError()])
def test_a_lost_reply_of_a_post_is_unconfirmed(lost: Exception) -> None:
    assert type(errors.problem(lost, sends=True)) is Unconfirmed
    assert type(errors.problem(lost, sends=False)) is TryLater


@pytest.mark.reference
def test_no_error_that_slack_documents_for_our_methods_is_taken_for_a_lost_reply_unless_it_says_so(
    reference: Path,
) -> None:
    described = json.loads((reference / "slack" / "methods.json").read_text(encoding="utf-8"))
    documented = {
        error
        for method in SCOPES_BY_METHOD
        for error in described["methods"][method]["errors"] + described["common_errors"]
    }

    unconfirmed = {one for one in documented if isinstance(errors.problem(_answer(one), sends=True), Unconfirmed)}
    assert unconfirmed == documented & errors.MAYBE_ACCEPTED
    assert {"invalid_auth", "token_revoked"} <= documented & errors.DISCONNECTED
