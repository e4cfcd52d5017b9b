"""How apps are told: signatures, retries on the sandbox's clock, several sockets, tickets."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio
from aiohttp import web

from tests.sandbox.desk import Desk, Json
from tests.sandbox.listener import Listener


@dataclass
class HttpApp:
    """An app behind HTTP that answers with the statuses it is given, then with 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        told = json.loads(body) if request.content_type == "application/json" else {}
        if told.get("type") == "url_verification":
            return web.json_response({"challenge": told["challenge"]})
        self.requests.append((dict(request.headers), body))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@pytest_asyncio.fixture
async def http_app(desk: Desk) -> AsyncIterator[HttpApp]:
    app = HttpApp()
    application = web.Application()
    application.router.add_post("/slack", app.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    app.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
    await desk.patch(f"apps/{desk.sandbox.app.id}", request_url=app.url)
    yield app
    await runner.cleanup()


async def say(desk: Desk) -> None:
    direct = await desk.direct_message("ada")
    await desk.post("messages", user="ada", channel=direct, text="hello")
    await desk.settled()


async def test_requests_are_signed_as_slack_signs_them_with_real_time(desk: Desk, http_app: HttpApp) -> None:
    await desk.post("clock", set="2020-01-01T00:00:00+00:00")
    await say(desk)
    headers, body = http_app.requests[0]
    stamp = headers["X-Slack-Request-Timestamp"]
    secret = desk.sandbox.app.signing_secret.encode()
    expected = hmac.new(secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    assert headers["X-Slack-Signature"] == f"v0={expected}"
    assert abs(time.time() - int(stamp)) < 60


async def test_events_are_retried_at_once_after_one_and_after_five_minutes(desk: Desk, http_app: HttpApp) -> None:
    http_app.statuses = [500, 500, 500, 500]
    await say(desk)
    assert _attempts(http_app) == [None, "1"]
    await desk.post("clock", advance_seconds=60)
    assert _attempts(http_app) == [None, "1", "2"]
    await desk.post("clock", advance_seconds=299)
    assert len(http_app.requests) == 3
    await desk.post("clock", advance_seconds=86_400)
    assert _attempts(http_app) == [None, "1", "2", "3"]
    assert {headers.get("x-slack-retry-reason") for headers, _body in http_app.requests} == {None, "http_error"}
    assert len({json.loads(body)["event_id"] for _headers, body in http_app.requests}) == 1


def _attempts(app: HttpApp) -> list[str | None]:
    return [headers.get("x-slack-retry-num") for headers, _body in app.requests]


async def test_interactions_and_commands_are_forms_and_come_once(desk: Desk, http_app: HttpApp) -> None:
    http_app.statuses = [500]
    outcome = await desk.post("commands", user="ada", channel="general", command="/hello", text="a b")
    await desk.post("clock", advance_seconds=3_600)
    assert (outcome["acked"], outcome["status"]) == (False, 500)
    assert len(http_app.requests) == 1
    headers, body = http_app.requests[0]
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert b"command=%2Fhello" in body
    assert b"is_enterprise_install=false" in body


async def test_a_socket_event_without_an_acknowledgement_comes_again(desk: Desk, listener: Listener) -> None:
    await desk.post("faults", fault="ack_lost", method="message")
    await say(desk)
    attempts = [frame["retry_attempt"] for frame in listener.frames if frame["type"] == "events_api"]
    assert attempts == [0, 1]


async def test_hello_counts_the_connections_and_any_of_them_may_be_told(desk: Desk) -> None:
    async with Listener.connected(desk) as first, Listener.connected(desk) as second:
        assert [one.frames[0]["num_connections"] for one in (first, second)] == [1, 2]
        assert first.frames[0]["connection_info"] == {"app_id": desk.sandbox.app.id}
        for _ in range(20):
            await desk.post("commands", user="ada", channel="general", command="/hello")
        told = [len(one.frames) - 1 for one in (first, second)]
        assert sum(told) == 20
        assert min(told) > 0


async def test_an_eleventh_connection_is_one_too_many(desk: Desk) -> None:
    tickets = [await desk.call("apps.connections.open", token=desk.sandbox.app.app_token) for _ in range(11)]
    sockets = [await desk.http.ws_connect(one["url"]) for one in tickets]
    frames: list[Json] = [await socket.receive_json() for socket in sockets]
    assert [frame["type"] for frame in frames] == ["hello"] * 10 + ["disconnect"]
    assert frames[-1]["reason"] == "too_many_websockets"
    for socket in sockets:
        await socket.close()


async def test_a_ticket_opens_one_socket(desk: Desk) -> None:
    opened = await desk.call("apps.connections.open", token=desk.sandbox.app.app_token)
    socket = await desk.http.ws_connect(opened["url"])
    async with desk.http.get(opened["url"].replace("ws://", "http://")) as answer:
        assert answer.status == 404
    await socket.close()


async def test_a_ping_of_the_sdk_is_echoed(desk: Desk, listener: Listener) -> None:
    await listener.socket.ping(b"sdk-ping-pong:1.5")  # aiohttp checks the pong itself; the socket stays open
    assert (await desk.post("commands", user="ada", channel="general", command="/hello"))["acked"]


async def test_apps_hear_only_what_they_subscribed_to_and_can_see(desk: Desk) -> None:
    quiet: Json = {
        "display_information": {"name": "Quiet"},
        "oauth_config": {"scopes": {"bot": ["chat:write"]}},
        "settings": {"socket_mode_enabled": True, "event_subscriptions": {"bot_events": ["team_join"]}},
    }
    made = await desk.post("apps?install=true", **quiet)
    opened: Any = await desk.call("apps.connections.open", token=made["app_token"])
    async with desk.http.ws_connect(opened["url"]) as socket, Listener.connected(desk) as ours:
        assert (await socket.receive_json())["type"] == "hello"
        await say(desk)
        await desk.post("users", name="new-one")
        frame = await socket.receive_json()
        assert frame["payload"]["event"]["type"] == "team_join"
        await ours.event("message", text="hello")
