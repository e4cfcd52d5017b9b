"""The demo's hands in the local Slack: what a browser would do, over the same control API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import aiohttp

Json = dict[str, Any]


class Hands:
    """Reads, taps, types and moves the clock, as anybody with a browser can."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None), connector=aiohttp.TCPConnector(limit=40)
        )

    async def close(self) -> None:
        await self._session.close()

    async def get(self, path: str) -> Any:
        async with self._session.get(f"{self._base}/_sandbox/{path}") as answer:
            return await answer.json()

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        async with self._session.post(f"{self._base}/_sandbox/{path}", json=body) as answer:
            return await answer.json()

    async def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        async with self._session.patch(f"{self._base}/_sandbox/{path}", json=body) as answer:
            return await answer.json()

    async def events(self) -> AsyncIterator[Json]:
        """Every change, as it happens."""
        async with self._session.get(f"{self._base}/_sandbox/events") as stream:
            async for line in stream.content:
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])

    async def message(self, channel: str, ts: str) -> Json | None:
        """A message as it stands, or None when it is gone."""
        found = (await self.get(f"channels/{channel}/messages"))["messages"]
        return next((one for one in found if one["ts"] == ts), None)

    async def tap(self, user: str, channel: str, ts: str, action_id: str, **more: Any) -> Json:
        body = {"user": user, "channel": channel, "message_ts": ts, "action_id": action_id, **more}
        answer: Json = await self.post("actions", body)
        return answer

    async def changed(self, channel: str, before: Json, seconds: float = 3.0) -> Json:
        """The message once it shows something else than ``before``; as it was when nothing comes."""
        waited = 0.0
        while waited < seconds:
            now = await self.message(channel, before["ts"])
            if now is None or now.get("blocks") != before.get("blocks"):
                return now or before
            await asyncio.sleep(0.01)
            waited += 0.01
        return before

    async def now(self) -> datetime:
        return datetime.fromisoformat((await self.get("clock"))["now"])

    async def advance(self, seconds: float) -> None:
        await self.post("clock", {"advance_seconds": seconds})

    async def notice(self, text: str, progress: float | None = None) -> None:
        await self.post("notice", {"text": text, "progress": progress})


def elements(message: Mapping[str, Any]) -> list[Json]:
    """All buttons and menus of a message."""
    return [
        element
        for block in message.get("blocks", [])
        for element in block.get("elements", [])
        if "action_id" in element
    ]
