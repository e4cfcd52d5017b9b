"""The other end of the wire for benchmarks: a Slack that says yes to everything, and people who tap as Slack signs.

Both do as little as can be done in Python, so that what is measured is the bot.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bot.slack.ids import TapAnswer, encode
from tests.benchmarks.workspaces import user_name
from tests.slack.floor import sign

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
_YES = json.dumps(
    {"ok": True, "url": "https://t1.slack.com/", "team": "Hospital", "team_id": "T1", "user": "rc", "user_id": "UBOT",
     "bot_id": "B1", "is_enterprise_install": False, "ts": "1.0", "channel": "D1"}
).encode()  # fmt: skip
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(_YES), _YES)


@dataclass
class QuickSlack:
    """``posted`` counts what was called, by path; ``replaced`` tells a waiting tap that its message has changed."""

    url: str = ""
    posted: dict[str, int] = field(default_factory=dict)
    replaced: dict[str, asyncio.Future[None]] = field(default_factory=dict)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                await reader.readexactly(_length(head))
                writer.write(_ANSWER)
                self._called(head.split(" ", 2)[1])
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
        finally:
            self._open.discard(writer)

    async def hang_up(self) -> None:
        """Close every connection and wait until nobody is served any more."""
        while self._open:
            for writer in self._open:
                writer.close()
            await asyncio.sleep(0.01)

    def _called(self, path: str) -> None:
        self.posted[path] = self.posted.get(path, 0) + 1
        waiting = self.replaced.get(path)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)


def _length(head: str) -> int:
    found = [line for line in head.lower().split("\r\n") if line.startswith("content-length:")]
    return int(found[0].split(":")[1]) if found else 0


@asynccontextmanager
async def quick_slack() -> AsyncIterator[QuickSlack]:
    slack = QuickSlack()
    server = await asyncio.start_server(slack.serve, "127.0.0.1", 0)
    slack.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield slack
    finally:
        server.close()
        await slack.hang_up()


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from a tap until it was acknowledged, and until the message showed the next question as well."""

    acked: float
    replaced: float


class Finger:
    """One connection on which signed taps go to the bot, one after the other."""

    def __init__(self, slack: QuickSlack, port: int, name: str) -> None:
        self._slack, self._port, self._name = slack, port, name
        self._taps = 0
        self._wire: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def tap(self, person: int, ask: int, position: int, *, option: int = 4) -> Times:
        """Tap, wait for the acknowledgement and the replaced message."""
        reader, writer = self._wire = self._wire or await asyncio.open_connection("127.0.0.1", self._port)
        self._taps += 1
        path = f"/r/{self._name}/{self._taps}"
        replaced = self._slack.replaced[path] = asyncio.get_running_loop().create_future()
        request = _request(person, TapAnswer(ask, position, option), f"{self._slack.url}{path}")
        began = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        await reader.readexactly(_length(head))
        acked = time.perf_counter() - began
        assert head.startswith("HTTP/1.1 200"), head
        async with asyncio.timeout(30):
            await replaced
        del self._slack.replaced[path]
        return Times(acked, time.perf_counter() - began)

    def lift(self) -> None:
        if self._wire is not None:
            self._wire[1].close()


def _request(person: int, button: TapAnswer, response_url: str) -> bytes:
    body = urlencode({"payload": json.dumps(_payload(person, button, response_url))})
    head = {
        "host": "127.0.0.1",
        "content-type": "application/x-www-form-urlencoded",
        "content-length": str(len(body)),
        **sign(body, SECRET),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"POST /slack/events HTTP/1.1\r\n{lines}\r\n{body}".encode()


def _payload(person: int, button: TapAnswer, response_url: str) -> dict[str, object]:
    """A tap in Slack's shape, with the message that was tapped."""
    user, place = user_name(person), {"type": "message", "message_ts": "1.000100", "channel_id": f"D{person:07}"}
    action = {"type": "button", "action_id": encode(button), "block_id": "b4", "action_ts": f"{time.time():.6f}",
              "text": {"type": "plain_text", "text": "Often", "emoji": True}}  # fmt: skip
    return {
        "type": "block_actions",
        "team": {"id": "T1", "domain": "hospital"},
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": "T1"},
        "api_app_id": "A1",
        "token": "made-up",
        "container": {**place, "is_ephemeral": False},
        "trigger_id": "1.2.3",
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": place["channel_id"], "name": "directmessage"},
        "message": {"type": "message", "user": "UBOT", "ts": "1.000100", "text": "A question", "blocks": _BLOCKS},
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [action],
    }


_BLOCKS = [
    {"type": "context", "block_id": "b1", "elements": [{"type": "mrkdwn", "text": "Question 1 of 3 for Ward 3"}]},
    {"type": "section", "block_id": "b2", "text": {"type": "mrkdwn", "text": "A question of about this length. " * 4}},
    {
        "type": "actions",
        "block_id": "b3",
        "elements": [
            {"type": "button", "action_id": f"tap/1/0/{number}", "text": {"type": "plain_text", "text": "An option"}}
            for number in range(7)
        ],
    },
]
"""As much as a pulse weighs."""
