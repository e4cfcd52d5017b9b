"""Fakes of what is far away, with an API: a clock that tests move, a Slack that remembers and fails at will."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bot.core.messages import Message
from bot.services.ports import Profile, Sent, SlackProblem, Unconfirmed


class FakeClock:
    """Stands still until it is moved. Nobody really sleeps: a sleeper wakes when the clock has passed its time."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._now = now.astimezone(UTC)
        self._moved = asyncio.Condition()

    def now(self) -> datetime:
        return self._now

    async def advance(self, by: timedelta | None = None, **span: float) -> datetime:
        """Move on: ``await clock.advance(hours=2)``. Sleepers whose time has come are woken."""
        self._now += by if by is not None else timedelta(**span)
        async with self._moved:
            self._moved.notify_all()
        return self._now

    async def set(self, at: datetime) -> None:
        await self.advance(at.astimezone(UTC) - self._now)

    async def refresh(self) -> None:
        """Nobody else moves this clock."""

    async def sleep_until(self, at: datetime) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: self._now >= at)


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that our fake Slack holds."""

    channel: str
    ts: str
    message: Message
    metadata: Mapping[str, Any]
    language: str


@dataclass
class FakeMessenger:
    """Keeps what is sent, per channel. ``fail_next`` makes the next calls of one method raise.

    A failure that is Unconfirmed is a lost reply: the message is there all the same, unless ``accepted=False``.
    """

    posted: list[Posted] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _failures: dict[str, deque[tuple[SlackProblem, bool]]] = field(default_factory=lambda: defaultdict(deque))
    _ts: Any = field(default_factory=lambda: count(1))

    def fail_next(self, problem: SlackProblem, *, method: str = "send", times: int = 1, accepted: bool = True) -> None:
        self._failures[method].extend([(problem, accepted)] * times)

    def in_channel(self, channel: str) -> list[Posted]:
        return [one for one in self.posted if one.channel == channel]

    def to(self, slack_user: str) -> list[Posted]:
        return self.in_channel(self._dm(slack_user))

    async def open_dm(self, slack_user: str) -> str:
        self._count_and_fail("open_dm")
        return self._dm(slack_user)

    async def send(self, channel: str, message: Message, metadata: Mapping[str, Any], *, language: str = "en") -> Sent:
        self.calls["send"] += 1
        failure = self._failure("send")
        posted = Posted(channel, f"{next(self._ts)}.000000", message, dict(metadata), language)
        if failure is None or (isinstance(failure[0], Unconfirmed) and failure[1]):
            self.posted.append(posted)
        if failure is not None:
            raise failure[0]
        return Sent(channel, posted.ts)

    async def update(self, channel: str, ts: str, message: Message, *, language: str = "en") -> None:
        self._count_and_fail("update")
        for position, one in enumerate(self.posted):
            if (one.channel, one.ts) == (channel, ts):
                self.posted[position] = Posted(channel, ts, message, one.metadata, language)

    async def find(self, channel: str, delivery: str, since: datetime) -> Sent | None:  # noqa: ARG002 - the protocol's
        self._count_and_fail("find")
        found = (one for one in self.in_channel(channel) if one.metadata.get("delivery") == delivery)
        return next((Sent(channel, one.ts) for one in found), None)

    @staticmethod
    def _dm(slack_user: str) -> str:
        return f"D{slack_user[1:]}"

    def _failure(self, method: str) -> tuple[SlackProblem, bool] | None:
        return self._failures[method].popleft() if self._failures[method] else None

    def _count_and_fail(self, method: str) -> None:
        self.calls[method] += 1
        failure = self._failure(method)
        if failure is not None:
            raise failure[0]


@dataclass
class FakeDirectory:
    """The people that a test puts in."""

    profiles: dict[str, Profile] = field(default_factory=dict)
    quiet: dict[str, datetime] = field(default_factory=dict)
    _failures: deque[SlackProblem] = field(default_factory=deque)

    def add(self, slack_user: str, name: str = "", **details: Any) -> Profile:
        facts = {"timezone": "UTC", "language": "en", "is_person": True, "deactivated": False, **details}
        profile = Profile(slack_user=slack_user, name=name or slack_user, **facts)
        self.profiles[slack_user] = profile
        return profile

    def fail_next(self, problem: SlackProblem, *, times: int = 1) -> None:
        self._failures.extend([problem] * times)

    async def everyone(self) -> list[Profile]:
        self._fail()
        return list(self.profiles.values())

    async def find(self, slack_user_or_email: str) -> Profile | None:
        self._fail()
        by_email = (one for one in self.profiles.values() if one.email == slack_user_or_email)
        return self.profiles.get(slack_user_or_email) or next(by_email, None)

    async def do_not_disturb_until(self, slack_user: str, now: datetime) -> datetime | None:
        self._fail()
        until = self.quiet.get(slack_user)
        return until if until is not None and until > now else None

    def _fail(self) -> None:
        if self._failures:
            raise self._failures.popleft()


@dataclass
class FakeConnections:
    """Every workspace has the same Slack; ``disconnect`` takes it away."""

    slack: FakeMessenger = field(default_factory=FakeMessenger)
    people: FakeDirectory = field(default_factory=FakeDirectory)
    _gone: set[int] = field(default_factory=set)

    def disconnect(self, workspace_id: int) -> None:
        self._gone.add(workspace_id)

    def reconnect(self, workspace_id: int) -> None:
        self._gone.discard(workspace_id)

    def messenger(self, workspace_id: int) -> FakeMessenger | None:
        return None if workspace_id in self._gone else self.slack

    def directory(self, workspace_id: int) -> FakeDirectory | None:
        return None if workspace_id in self._gone else self.people
