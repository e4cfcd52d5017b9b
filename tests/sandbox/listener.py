"""An app reduced to its socket: it acknowledges what it is told to and remembers every frame."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

from tests.sandbox.desk import Desk

Json = dict[str, Any]
Answer = Callable[[Json], Json | None]


@dataclass
class Listener:
    """`answer` gives the payload of an acknowledgement for an envelope; `silent` envelopes get none at all."""

    socket: aiohttp.ClientWebSocketResponse
    frames: list[Json] = field(default_factory=list)
    answer: Answer = lambda _envelope: None
    silent: bool = False
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    @asynccontextmanager
    async def connected(cls, desk: Desk) -> AsyncIterator[Self]:
        opened = await desk.call("apps.connections.open", token=desk.sandbox.app.app_token)
        async with desk.http.ws_connect(opened["url"]) as socket:
            listening = cls(socket)
            reading = asyncio.create_task(listening._read())
            await listening.wait_for(lambda frame: frame["type"] == "hello")
            yield listening
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self) -> None:
        async for message in self.socket:
            frame = json.loads(message.data)
            self.frames.append(frame)
            if "envelope_id" in frame and not self.silent:
                payload = self.answer(frame)
                ack = {"envelope_id": frame["envelope_id"]}
                await self.socket.send_json(ack if payload is None else {**ack, "payload": payload})
            self._arrived.set()

    async def wait_for(self, wanted: Callable[[Json], bool], seconds: float = 5) -> Json:
        """The first frame that is wanted, now or soon."""
        async with asyncio.timeout(seconds):
            while True:
                for frame in self.frames:
                    if wanted(frame):
                        return frame
                self._arrived.clear()
                await self._arrived.wait()

    async def event(self, kind: str, **facts: Any) -> Json:
        """The envelope of the first event of a kind whose keys hold what is given."""

        def wanted(frame: Json) -> bool:
            event = frame.get("payload", {}).get("event", {}) if frame["type"] == "events_api" else {}
            return event.get("type") == kind and all(event.get(key) == value for key, value in facts.items())

        return await self.wait_for(wanted)

    def interactions(self, kind: str) -> list[Json]:
        return [frame["payload"] for frame in self.frames if frame.get("payload", {}).get("type") == kind]
