"""An app written with synchronous Bolt, unchanged, in threads of its own."""

import asyncio
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from tests.sandbox.clients import story
from tests.sandbox.desk import Desk
from tests.sandbox.exercise import GIF


def bolt_app(client: WebClient, signing_secret: str) -> App:
    app = App(client=client, signing_secret=signing_secret)

    @app.command("/hello")
    def hello(ack: Any, body: dict[str, Any]) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=story.FORM)

    @app.view("form")
    def saved(ack: Any, view: dict[str, Any]) -> None:
        if view["state"]["values"]["b"]["a"]["value"] == "bad":
            ack(response_action="errors", errors={"b": "not this"})
        else:
            ack()

    @app.event("message")
    def repeated(event: dict[str, Any]) -> None:
        posted = client.chat_postMessage(channel=event["channel"], text="you sait")
        client.chat_update(channel=event["channel"], ts=str(posted["ts"]), text=f"you said: {event['text']}")

    @app.event("app_home_opened")
    def opened(event: dict[str, Any]) -> None:
        client.views_publish(user_id=event["user"], view=story.HOME)

    @app.command("/count")
    def count(ack: Any, body: dict[str, Any]) -> None:
        ack()
        found = sum(len(page["members"]) for page in client.users_list(limit=200))
        client.chat_postMessage(channel=body["user_id"], text=f"{found} people")

    @app.command("/upload")
    def upload(ack: Any, body: dict[str, Any]) -> None:
        ack()
        channel = client.conversations_open(users=body["user_id"])["channel"]["id"]
        client.files_upload_v2(channel=channel, content=GIF, filename="a.gif", title="A picture")

    return app


async def test_a_synchronous_bolt_app_lives_through_the_story(crowd: Desk) -> None:
    sandbox, code = crowd.sandbox, await story.authorise(crowd)

    def connect() -> SocketModeHandler:
        grant = WebClient(base_url=sandbox.api_url).oauth_v2_access(
            client_id=sandbox.app.client_id, client_secret=sandbox.app.client_secret, code=code
        )
        client = WebClient(token=grant["access_token"], base_url=sandbox.api_url)
        handler = SocketModeHandler(bolt_app(client, sandbox.app.signing_secret), sandbox.app.app_token)
        handler.connect()  # type: ignore[no-untyped-call]  # slack ships no types for it
        return handler

    handler = await asyncio.to_thread(connect)
    await story.live_through(crowd)
    await asyncio.to_thread(handler.close)
