"""What is far away, as Protocols: the clock, Slack, and the pictures. Fakes with an API live in ``tests/fakes.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.core.messages import Message


class Clock(Protocol):
    """Time enters here and nowhere else; everything below takes ``now``."""

    def now(self) -> datetime:
        """The present as aware UTC."""
        ...

    async def refresh(self) -> None:
        """Before something that came from outside is handled: a followed clock may have been moved meanwhile."""
        ...

    async def sleep_until(self, at: datetime) -> None:
        """Return at ``at`` or soon after; at once if it has passed."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    channel: str
    ts: str


class SlackProblem(Exception):
    """Slack did not take it. ``reason`` is Slack's own error string: an identifier, never content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(SlackProblem):
    """Permanent: trying again changes nothing (``account_inactive``, ``channel_not_found``, …)."""


class SlowDown(SlackProblem):
    """Slack asks us to wait ``seconds``. Nothing was sent."""

    def __init__(self, seconds: float, reason: str = "ratelimited") -> None:
        super().__init__(reason)
        self.seconds = seconds


class TryLater(SlackProblem):
    """Slack had trouble of its own and certainly did not accept it (``internal_error``, 5xx before acceptance)."""


class Unconfirmed(SlackProblem):
    """The reply was lost: it may or may not have been accepted. Look before sending again."""


class Disconnected(SlackProblem):
    """The token is revoked or the app removed: the whole workspace pauses."""


class Messenger(Protocol):
    """One workspace's Slack, as far as sending goes. Every call may raise a SlackProblem."""

    async def open_dm(self, slack_user: str) -> str:
        """The id of the person's direct-message channel."""
        ...

    async def send(self, channel: str, message: Message, metadata: Mapping[str, Any], *, language: str = "en") -> Sent:
        """Post once; never retried inside. ``metadata`` is ``{kind, delivery, round?}``."""
        ...

    async def update(self, channel: str, ts: str, message: Message, *, language: str = "en") -> None:
        """Replace what a message shows (closings and repairs)."""
        ...

    async def find(self, channel: str, delivery: str, since: datetime) -> Sent | None:
        """The message that carries this delivery's id in its metadata, if Slack has it."""
        ...


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack knows of a person that matters to us."""

    slack_user: str
    name: str
    timezone: str | None
    language: str
    is_person: bool
    """False for bots, Slackbot, strangers and people of other workspaces."""
    deactivated: bool
    email: str | None = None
    away: bool = False
    """Their status says vacation."""
    away_until: datetime | None = None


class Directory(Protocol):
    """One workspace's people, as Slack has them. Every call may raise a SlackProblem."""

    async def everyone(self) -> list[Profile]: ...

    async def find(self, slack_user_or_email: str) -> Profile | None: ...

    async def do_not_disturb_until(self, slack_user: str, now: datetime) -> datetime | None:
        """When their Do Not Disturb ends, or None while it is off."""
        ...
