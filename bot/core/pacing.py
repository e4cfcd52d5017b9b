"""How fast one workspace takes one method: a rate that finds the hidden ceiling by itself.

`Pacer` is a value. It spaces calls evenly, grows while they are accepted, and after a 429 obeys Retry-After and falls
back to what was measured to go through: additive increase, measured decrease.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf

PER_METHOD = {"chat.update": 50.0, "conversations.open": 50.0, "conversations.history": 50.0, "dnd.info": 50.0}
"""Slack's published tiers, calls a minute and workspace. `chat.postMessage` has none that is known exactly."""

START_PER_MINUTE = 240.0
SLOWEST_PER_MINUTE = 6.0
FASTEST_PER_MINUTE = 3000.0
CHANNEL_SPACING = timedelta(seconds=1)
"""Slack takes about one message a second and channel."""

_BURST = timedelta(seconds=0.5)
"""How much lost time is caught up at once: less than the second's worth that Slack is thought to allow."""
_TIER_BURST = timedelta(seconds=10)
"""A tier is a number a minute: a few at once are fine when there were none before."""
_GROWTH_PER_CALL = 0.03  # while far from where the ceiling was last met
_NEAR = 0.9
_CLIMB_PER_MINUTE = 3.0  # near it: so many calls a minute more, each minute
_UNDER_THE_CEILING = 0.98
_DEEPEST_CUT = 0.5
_BUCKET_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacer:
    """`per_minute` is the present rate, `next_at` the next call's turn, `blocked_until` the end of a pause Slack
    asked for.

    `since` and `accepted` measure what has gone through since the last pause. `met_at` is the rate that last
    met a 429.
    """

    next_at: datetime
    since: datetime
    per_minute: float = START_PER_MINUTE
    limit: float = FASTEST_PER_MINUTE
    accepted: int = 0
    met_at: float = inf
    blocked_until: datetime | None = None
    burst: timedelta = _BURST

    def ready_at(self, now: datetime) -> datetime:
        """When the next call may be made: `now` or later."""
        return max(now, self.next_at, self.blocked_until or now)


def start(now: datetime, method: str = "chat.postMessage") -> Pacer:
    """A pacer for one method of one workspace. Tiered methods begin just under their tier and never exceed it."""
    tier = PER_METHOD.get(method)
    if tier is None:
        return Pacer(next_at=now, since=now)
    limit = tier * _UNDER_THE_CEILING
    return Pacer(next_at=now - _TIER_BURST, since=now, per_minute=limit, limit=limit, burst=_TIER_BURST)


def taken(pacer: Pacer, now: datetime) -> Pacer:
    """One call is being made at `now`."""
    step = timedelta(minutes=1 / pacer.per_minute)
    return replace(pacer, next_at=max(pacer.next_at, now - pacer.burst) + step)


def accepted(pacer: Pacer) -> Pacer:
    """A call went through: a little faster from now on."""
    if pacer.per_minute < _NEAR * pacer.met_at:
        rate = min(pacer.per_minute * (1 + _GROWTH_PER_CALL), _NEAR * pacer.met_at)
    else:
        rate = pacer.per_minute + _CLIMB_PER_MINUTE / pacer.per_minute
    return replace(pacer, per_minute=min(rate, pacer.limit), accepted=pacer.accepted + 1)


def limited(pacer: Pacer, now: datetime, retry_after_seconds: float) -> Pacer:
    """A call met the ceiling. Calls that were under way with it tell nothing new and only prolong the pause.

    What went through since the last pause, and a full bucket of about a second at its beginning, measure the ceiling:
    accepted / (elapsed + 1 s).
    """
    until = now + timedelta(seconds=retry_after_seconds)
    if pacer.blocked_until is not None and now < pacer.blocked_until:
        return replace(pacer, blocked_until=max(pacer.blocked_until, until))
    elapsed = max((now - pacer.since).total_seconds(), 0.0)
    measured = 60.0 * pacer.accepted / (elapsed + _BUCKET_SECONDS) * _UNDER_THE_CEILING
    rate = min(max(measured, pacer.per_minute * _DEEPEST_CUT), pacer.per_minute * _UNDER_THE_CEILING)
    return replace(
        pacer,
        per_minute=max(rate, SLOWEST_PER_MINUTE),
        met_at=pacer.per_minute,
        blocked_until=until,
        next_at=until,
        since=until,
        accepted=0,
    )
