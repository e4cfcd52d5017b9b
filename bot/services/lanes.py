"""Pace by workspace and method: the mutable side of `core.pacing`; and the second between messages in one channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core import pacing
from bot.core.pacing import CHANNEL_SPACING, Pacer
from bot.services import metrics

POST = "chat.postMessage"
UPDATE = "chat.update"
OPEN = "conversations.open"
HISTORY = "conversations.history"
DND = "dnd.info"

_BREATH = timedelta(seconds=0.4)
_MANY_CHANNELS = 5000


@dataclass(slots=True)
class Lanes:
    """One lane a workspace and method. A lane is forgotten with the process: the next one finds the ceiling again."""

    _pacers: dict[tuple[int, str], Pacer] = field(default_factory=dict)
    _channels: dict[tuple[int, str], datetime] = field(default_factory=dict)

    def slots(self, workspace_id: int, method: str, now: datetime, most: int) -> int:
        """How many calls may be made at `now`, up to `most`."""
        pacer, free = self._pacer(workspace_id, method, now), 0
        while free < most and pacer.ready_at(now) <= now:
            pacer, free = pacing.taken(pacer, now), free + 1
        return free

    def ready_at(self, workspace_id: int, method: str, now: datetime) -> datetime:
        return self._pacer(workspace_id, method, now).ready_at(now)

    def next_pass_at(self, workspace_id: int, method: str, now: datetime) -> datetime:
        """When to come back to a queue: a few calls together cost less than each alone, and the pace evens it out."""
        return max(self.ready_at(workspace_id, method, now), now + _BREATH)

    def take(self, workspace_id: int, method: str, now: datetime) -> None:
        self._pacers[workspace_id, method] = pacing.taken(self._pacer(workspace_id, method, now), now)

    def accepted(self, workspace_id: int, method: str, now: datetime) -> None:
        self._keep(workspace_id, method, pacing.accepted(self._pacer(workspace_id, method, now)))

    def limited(self, workspace_id: int, method: str, now: datetime, seconds: float) -> None:
        metrics.LIMITED.labels(method).inc()
        self._keep(workspace_id, method, pacing.limited(self._pacer(workspace_id, method, now), now, seconds))

    def channel_ready_at(self, workspace_id: int, channel: str, now: datetime) -> datetime:
        return max(now, self._channels.get((workspace_id, channel), now))

    def take_channel(self, workspace_id: int, channel: str, now: datetime) -> None:
        if len(self._channels) >= _MANY_CHANNELS:
            self._channels = {key: at for key, at in self._channels.items() if at > now}
        self._channels[workspace_id, channel] = now + CHANNEL_SPACING

    def _pacer(self, workspace_id: int, method: str, now: datetime) -> Pacer:
        return self._pacers.get((workspace_id, method)) or pacing.start(now, method)

    def _keep(self, workspace_id: int, method: str, pacer: Pacer) -> None:
        self._pacers[workspace_id, method] = pacer
        metrics.PACE.labels(str(workspace_id), method).set(pacer.per_minute)
