"""The two short-lived rights an interaction gives an app: to open one view, and to answer at one address."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import SlackError
from bot.sandbox.ids import Ids
from bot.sandbox.world import World

RESPONSE_SECONDS = 30 * 60
RESPONSE_USES = 5
_KEPT = 5_000


@dataclass(slots=True)
class Trigger:
    """The right to open or push one view for one person, for a few seconds of real time."""

    id: str
    app_id: str
    team_id: str
    user_id: str
    view_id: str | None
    until: float
    is_spent: bool = False


@dataclass(slots=True)
class Triggers:
    ids: Ids
    seconds: float
    _issued: dict[str, Trigger] = field(default_factory=dict)

    def issue(self, app_id: str, team_id: str, user_id: str, view_id: str | None = None) -> str:
        until = asyncio.get_running_loop().time() + self.seconds
        trigger_id = f"{self.ids.digits(13)}.{self.ids.digits(12)}.{self.ids.hex()}"
        self._issued[trigger_id] = Trigger(trigger_id, app_id, team_id, user_id, view_id, until)
        _trim(self._issued)
        return trigger_id

    def look(self, trigger_id: str, app_id: str) -> Trigger:
        """The trigger if it may still be used by this app; raises Slack's three errors otherwise."""
        trigger = self._issued.get(trigger_id)
        if trigger is None or trigger.app_id != app_id:
            raise SlackError("invalid_trigger_id")
        if trigger.is_spent:
            raise SlackError("exchanged_trigger_id")
        if asyncio.get_running_loop().time() > trigger.until:
            raise SlackError("expired_trigger_id")
        return trigger


@dataclass(slots=True)
class ResponseUrl:
    """Where an app may answer an interaction: five times within thirty minutes of the sandbox's clock."""

    app_id: str
    team_id: str
    user_id: str
    channel_id: str
    message_ts: str | None
    until: float
    uses_left: int = RESPONSE_USES


@dataclass(slots=True)
class ResponseUrls:
    world: World
    _issued: dict[str, ResponseUrl] = field(default_factory=dict)

    def issue(
        self, kind: str, *, app_id: str, team_id: str, user_id: str, channel_id: str, message_ts: str | None
    ) -> str:
        """A new address; `kind` is actions or commands, as in Slack's own."""
        key = f"{kind}/{team_id}/{self.world.ids.digits(13)}/{self.world.ids.secret()}"
        until = self.world.clock.timestamp() + RESPONSE_SECONDS
        self._issued[key] = ResponseUrl(app_id, team_id, user_id, channel_id, message_ts, until)
        _trim(self._issued)
        return f"{self.world.base_url}/{key}"

    def use(self, key: str) -> ResponseUrl:
        """Spend one use; raises used_url or expired_url when there is none left."""
        right = self._issued.get(key)
        if right is None or self.world.clock.timestamp() > right.until:
            raise SlackError("expired_url")
        if right.uses_left <= 0:
            raise SlackError("used_url")
        right.uses_left -= 1
        return right


def _trim(issued: dict[str, Any]) -> None:
    while len(issued) > _KEPT:
        del issued[next(iter(issued))]
