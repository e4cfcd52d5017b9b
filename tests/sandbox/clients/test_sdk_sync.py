"""An app without a framework: synchronous slack_sdk, its Web API client and its Socket Mode client."""

import asyncio
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from tests.sandbox.clients import story
from tests.sandbox.desk import Desk
from tests.sandbox.exercise import GIF


@dataclass
class RawApp:
    client: WebClient

    def listen(self, socket: Any, request: SocketModeRequest) -> None:
        payload = request.payload
        response = SocketModeResponse(envelope_id=request.envelope_id, payload=self.refusal(payload))
        socket.send_socket_mode_response(response)
        if request.type == "slash_commands":
            self.command(payload)
        elif request.type == "events_api" and payload["event"]["type"] == "app_home_opened":
            self.client.views_publish(user_id=payload["event"]["user"], view=story.HOME)
        elif request.type == "events_api" and "client_msg_id" in payload["event"]:
            self.repeat(payload["event"])

    def refusal(self, payload: Any) -> dict[str, Any] | None:
        if payload.get("type") != "view_submission":
            return None
        is_bad = payload["view"]["state"]["values"]["b"]["a"]["value"] == "bad"
        return {"response_action": "errors", "errors": {"b": "not this"}} if is_bad else None

    def repeat(self, event: Any) -> None:
        posted = self.client.chat_postMessage(channel=event["channel"], text="you sait")
        self.client.chat_update(channel=event["channel"], ts=str(posted["ts"]), text=f"you said: {event['text']}")

    def command(self, body: Any) -> None:
        if body["command"] == "/hello":
            self.client.views_open(trigger_id=body["trigger_id"], view=story.FORM)
        elif body["command"] == "/count":
            found = sum(len(page["members"]) for page in self.client.users_list(limit=200))
            self.client.chat_postMessage(channel=body["user_id"], text=f"{found} people")
        else:
            channel = self.client.conversations_open(users=body["user_id"])["channel"]["id"]
            self.client.files_upload_v2(channel=channel, content=GIF, filename="a.gif", title="A picture")


async def test_an_app_on_the_synchronous_sdk_lives_through_the_story(crowd: Desk) -> None:
    sandbox, code = crowd.sandbox, await story.authorise(crowd)

    def connect() -> SocketModeClient:
        grant = WebClient(base_url=sandbox.api_url).oauth_v2_access(
            client_id=sandbox.app.client_id, client_secret=sandbox.app.client_secret, code=code
        )
        app = RawApp(WebClient(token=grant["access_token"], base_url=sandbox.api_url))
        socket = SocketModeClient(app_token=sandbox.app.app_token, web_client=app.client)
        socket.socket_mode_request_listeners.append(app.listen)
        socket.connect()
        return socket

    socket = await asyncio.to_thread(connect)
    await story.live_through(crowd)
    await asyncio.to_thread(socket.close)
