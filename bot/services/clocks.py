"""Clocks: the system's, and one that follows a sandbox's virtual time (rehearsals and tests only)."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import aiohttp

LONG_POLL_SECONDS = 40


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def refresh(self) -> None:
        """Real time needs no asking."""

    async def sleep_until(self, at: datetime) -> None:
        await asyncio.sleep(max(0.0, (at - self.now()).total_seconds()))

    async def close(self) -> None:
        """There is nothing to close."""


class FollowerClock:
    """The virtual clock of a sandbox: ``now`` is what it said last, running on at 1×; sleeping is a long poll there.

    The sandbox waits for its followers, so a call of ``sleep_until`` also says: what was due is done.
    """

    def __init__(self, base_url: str, name: str) -> None:
        self._url = f"{base_url.rstrip('/')}/_sandbox/clock"
        self._name = name
        self._session: aiohttp.ClientSession | None = None
        self._said = datetime.now(UTC)
        self._heard = time.monotonic()

    def now(self) -> datetime:
        return self._said + timedelta(seconds=time.monotonic() - self._heard)

    async def refresh(self) -> None:
        """Ask for the time: it may have been moved since we last heard. Raises OSError when nobody answers."""
        async with self._connected().get(self._url) as answer:
            self._hear(await answer.json())

    async def sleep_until(self, at: datetime) -> None:
        while True:
            body = {"follower": self._name, "at": at.isoformat()}
            async with self._connected().post(f"{self._url}/next", json=body) as answer:
                self._hear(await answer.json())
            if self.now() >= at:
                return

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LONG_POLL_SECONDS))
        return self._session

    def _hear(self, said: dict[str, str]) -> None:
        self._said = datetime.fromisoformat(said["now"])
        self._heard = time.monotonic()
