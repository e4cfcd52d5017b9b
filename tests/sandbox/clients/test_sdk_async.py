"""An app without a framework: asynchronous slack_sdk, its Web API client and its Socket Mode client."""

from dataclasses import dataclass
from typing import Any

import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.clients import story
from tests.sandbox.clients.test_bolt_async import installed
from tests.sandbox.desk import Desk
from tests.sandbox.exercise import GIF

# slack_sdk still passes aiohttp's BasicAuth, which aiohttp warns of: theirs to change.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


@dataclass
class RawApp:
    client: AsyncWebClient

    async def listen(self, socket: Any, request: SocketModeRequest) -> None:
        payload = request.payload
        await socket.send_socket_mode_response(
            SocketModeResponse(envelope_id=request.envelope_id, payload=self.refusal(payload))
        )
        if request.type == "slash_commands":
            await self.command(payload)
        elif request.type == "events_api" and payload["event"]["type"] == "app_home_opened":
            await self.client.views_publish(user_id=payload["event"]["user"], view=story.HOME)
        elif request.type == "events_api" and "client_msg_id" in payload["event"]:
            await self.repeat(payload["event"])

    def refusal(self, payload: Any) -> dict[str, Any] | None:
        if payload.get("type") != "view_submission":
            return None
        is_bad = payload["view"]["state"]["values"]["b"]["a"]["value"] == "bad"
        return {"response_action": "errors", "errors": {"b": "not this"}} if is_bad else None

    async def repeat(self, event: Any) -> None:
        posted = await self.client.chat_postMessage(channel=event["channel"], text="you sait")
        await self.client.chat_update(channel=event["channel"], ts=posted["ts"], text=f"you said: {event['text']}")

    async def command(self, body: Any) -> None:
        if body["command"] == "/hello":
            await self.client.views_open(trigger_id=body["trigger_id"], view=story.FORM)
        elif body["command"] == "/count":
            found = 0
            async for page in await self.client.users_list(limit=200):
                found += len(page["members"])
            await self.client.chat_postMessage(channel=body["user_id"], text=f"{found} people")
        else:
            opened = await self.client.conversations_open(users=body["user_id"])
            channel = opened["channel"]["id"]
            await self.client.files_upload_v2(channel=channel, content=GIF, filename="a.gif", title="A picture")


async def test_an_app_on_the_asynchronous_sdk_lives_through_the_story(crowd: Desk) -> None:
    app = RawApp(await installed(crowd))
    socket = SocketModeClient(app_token=crowd.sandbox.app.app_token, web_client=app.client)
    socket.socket_mode_request_listeners.append(app.listen)
    await socket.connect()  # type: ignore[no-untyped-call]  # slack ships no types for it
    await story.live_through(crowd)
    await socket.close()  # type: ignore[no-untyped-call]  # slack ships no types for it
