"""The asynchronous Bolt app again, told of everything over signed HTTP instead of a socket."""

import pytest
from aiohttp import web

from tests.sandbox.clients import story
from tests.sandbox.clients.test_bolt_async import bolt_app, installed
from tests.sandbox.desk import Desk

# slack_sdk still passes aiohttp's BasicAuth, which aiohttp warns of: theirs to change.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


async def test_a_bolt_app_behind_signed_http_lives_through_the_story(crowd: Desk) -> None:
    app = bolt_app(await installed(crowd), crowd.sandbox.app.signing_secret)
    runner = web.AppRunner(app.web_app(path="/slack/events"))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    changed = await crowd.patch(f"apps/{crowd.sandbox.app.id}", request_url=url)
    assert changed["socket_mode"] is False
    await story.live_through(crowd)
    await runner.cleanup()


async def test_a_request_url_that_fails_the_challenge_is_not_taken(crowd: Desk) -> None:
    refused = await crowd.patch(f"apps/{crowd.sandbox.app.id}", status=400, request_url="http://127.0.0.1:9/none")
    assert "did not answer the challenge" in refused["error"]
    assert (await crowd.get("state"))["apps"][0]["socket_mode"] is True
