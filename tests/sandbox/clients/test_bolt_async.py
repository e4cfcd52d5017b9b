"""An app written with asynchronous Bolt, unchanged, over Socket Mode and over signed HTTP."""

from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.clients import story
from tests.sandbox.desk import Desk
from tests.sandbox.exercise import GIF

# slack_sdk still passes aiohttp's BasicAuth, which aiohttp warns of: theirs to change.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


async def installed(desk: Desk) -> AsyncWebClient:
    """The app's own end of OAuth: a code for a token."""
    app = desk.sandbox.app
    code = await story.authorise(desk)
    client = AsyncWebClient(base_url=desk.sandbox.api_url)
    grant = await client.oauth_v2_access(client_id=app.client_id, client_secret=app.client_secret, code=code)
    return AsyncWebClient(token=grant["access_token"], base_url=desk.sandbox.api_url)


def bolt_app(client: AsyncWebClient, signing_secret: str) -> AsyncApp:
    app = AsyncApp(client=client, signing_secret=signing_secret)

    @app.command("/hello")
    async def hello(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=story.FORM)

    @app.view("form")
    async def saved(ack: Any, view: dict[str, Any]) -> None:
        if view["state"]["values"]["b"]["a"]["value"] == "bad":
            await ack(response_action="errors", errors={"b": "not this"})
        else:
            await ack()

    @app.event("message")
    async def repeated(event: dict[str, Any]) -> None:
        posted = await client.chat_postMessage(channel=event["channel"], text="you sait")
        await client.chat_update(channel=event["channel"], ts=posted["ts"], text=f"you said: {event['text']}")

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any]) -> None:
        await client.views_publish(user_id=event["user"], view=story.HOME)

    @app.command("/count")
    async def count(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        found = 0
        async for page in await client.users_list(limit=200):
            found += len(page["members"])
        await client.chat_postMessage(channel=body["user_id"], text=f"{found} people")

    @app.command("/upload")
    async def upload(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        opened_im = await client.conversations_open(users=body["user_id"])
        channel = opened_im["channel"]["id"]
        await client.files_upload_v2(channel=channel, content=GIF, filename="a.gif", title="A picture")

    return app


async def test_an_asynchronous_bolt_app_lives_through_the_story(crowd: Desk) -> None:
    app = bolt_app(await installed(crowd), crowd.sandbox.app.signing_secret)
    handler = AsyncSocketModeHandler(app, crowd.sandbox.app.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # slack ships no types for it
    await story.live_through(crowd)
    await handler.close_async()  # type: ignore[no-untyped-call]  # slack ships no types for it
