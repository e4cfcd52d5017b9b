"""How much of what Slack lets through the outbox uses, and how often it is told to slow down.

3,000 direct messages under a ceiling that nobody is told, drawn from 60 to 600 a minute: a token bucket that holds one
second's worth and answers a 429 with a Retry-After in whole seconds. Time is virtual: an event loop whose clock jumps
to the next timer. Ours is the outbox's own pace (`bot.services.lanes`); the naive one a plain loop over slack_sdk's
client with its rate-limit handler, against the same bucket in the same run.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Self

from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.lanes import POST, Lanes
from bot.services.outbox import MOST_AT_ONCE

MESSAGES = 3000
RUNS = 7
SLOWEST, FASTEST = 60, 600
BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
_WORKSPACE = 1


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop without waiting: with nothing ready, its clock jumps to the next timer."""

    def __init__(self) -> None:
        super().__init__()
        self._virtual = 0.0

    def time(self) -> float:
        return self._virtual

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]  # the loop's own queues
            self._virtual = max(self._virtual, self._scheduled[0].when())  # type: ignore[attr-defined]  # as above
        super()._run_once()  # type: ignore[misc]  # as above


@dataclass
class HiddenCeiling:
    """Slack's side. `refused` counts the 429s; a request takes 20 to 120 ms."""

    per_minute: int
    chance: random.Random
    accepted: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self._tokens = self._most = max(1.0, self.per_minute / 60)
        self._filled = 0.0

    async def post(self) -> int:
        """0 when it was taken, else the seconds to wait."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.chance.uniform(0.01, 0.06))
        now, per_second = loop.time(), self.per_minute / 60
        self._tokens = min(self._most, self._tokens + (now - self._filled) * per_second)
        self._filled = now
        wait = 0
        if self._tokens >= 1:
            self._tokens -= 1
            self.accepted += 1
        else:
            wait = max(1, math.ceil((1 - self._tokens) / per_second))
            self.refused += 1
        await asyncio.sleep(self.chance.uniform(0.01, 0.06))
        return wait

    def efficiency(self, seconds: float) -> float:
        """The time it would take at the ceiling over the time it took."""
        return self.accepted / (self.per_minute / 60) / seconds

    @property
    def refused_share(self) -> float:
        return self.refused / (self.accepted + self.refused)


async def ours(slack: HiddenCeiling) -> None:
    """The outbox's passes: as many at once as the pace allows, each reply heard by the pace."""
    lanes, left = Lanes(), MESSAGES

    async def send() -> bool:
        wait = await slack.post()
        if wait:
            lanes.limited(_WORKSPACE, POST, _now(), wait)
        else:
            lanes.accepted(_WORKSPACE, POST, _now())
        return not wait

    while left:
        slots = lanes.slots(_WORKSPACE, POST, _now(), min(left, MOST_AT_ONCE))
        for _ in range(slots):
            lanes.take(_WORKSPACE, POST, _now())
        left -= sum(await asyncio.gather(*(send() for _ in range(slots))))
        again = lanes.next_pass_at(_WORKSPACE, POST, _now())
        await asyncio.sleep((again - _now()).total_seconds())


def _now() -> datetime:
    return BEGIN + timedelta(seconds=asyncio.get_running_loop().time())


async def naive(slack: HiddenCeiling) -> None:
    """What most bots do: post, and let the client wait when it is told to."""
    client = AsyncWebClient(
        token="xoxb-bench",
        session=_Session(slack),  # type: ignore[arg-type]  # as much of a session as the client uses
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=100)],
    )
    for number in range(MESSAGES):
        await client.chat_postMessage(channel=f"D{number}", text="How was today?")


class _Session:
    """In place of aiohttp's session: the request goes to the bucket."""

    closed = False

    def __init__(self, slack: HiddenCeiling) -> None:
        self._slack = slack

    def request(self, *_where: Any, **_what: Any) -> _Reply:
        return _Reply(self._slack)


class _Reply:
    content_type = "application/json"

    def __init__(self, slack: HiddenCeiling) -> None:
        self._slack = slack
        self._wait = 0

    async def __aenter__(self) -> Self:
        self._wait = await self._slack.post()
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Nothing to give back."""

    @property
    def status(self) -> int:
        return 429 if self._wait else 200

    @property
    def headers(self) -> dict[str, list[str]]:
        return {"Retry-After": [str(self._wait)]} if self._wait else {}

    async def json(self) -> dict[str, Any]:
        return {"ok": False, "error": "ratelimited"} if self._wait else {"ok": True, "channel": "D1", "ts": "1.0"}


def took(way: Callable[[HiddenCeiling], Awaitable[None]], slack: HiddenCeiling) -> float:
    """The virtual seconds it takes."""
    loop = VirtualLoop()
    try:
        loop.run_until_complete(way(slack))
        return loop.time()
    finally:
        loop.close()


def measure(*, runs: int = RUNS, seed: int = 1) -> dict[str, dict[str, float]]:
    """Alternating runs under seeded ceilings; keys as the issue names them."""
    draw = random.Random(seed)
    found: dict[str, list[float]] = {
        "dispatch.efficiency": [],
        "dispatch.rate_limited_share": [],
        "dispatch.naive_efficiency": [],
    }
    for _ in range(runs):
        ceiling, chance = draw.randint(SLOWEST, FASTEST), draw.random()
        paced, plain = (HiddenCeiling(ceiling, random.Random(chance)) for _ in range(2))
        found["dispatch.efficiency"].append(paced.efficiency(took(ours, paced)))
        found["dispatch.rate_limited_share"].append(paced.refused_share)
        found["dispatch.naive_efficiency"].append(plain.efficiency(took(naive, plain)))
    return {key: {"median": median(values), "low": min(values), "high": max(values)} for key, values in found.items()}


if __name__ == "__main__":
    for key, value in measure().items():
        print(key, value)  # noqa: T201 - what a benchmark is for
