"""Slack's rate limits on the sandbox's clock: tiers, one message a second and channel, a ceiling nobody is told."""

from collections import deque
from dataclasses import dataclass, field
from math import ceil

TIER_CALLS = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}
"""Calls a minute by tier; 5 stands for Slack's "special" tiers, which are generous and unpublished."""

_MINUTE = 60.0
_POST_METHODS = frozenset({"chat.postMessage", "chat.postEphemeral"})


@dataclass(slots=True)
class Limits:
    """What is allowed, and what was used.

    `enabled` switches everything off for fast rehearsals. `workspace_posts` is the ceiling of chat.postMessage per
    workspace and minute: a parameter of the sandbox that no app can read. A channel takes one message a second;
    `channel_burst` is how many may come at once before that.
    """

    enabled: bool = True
    workspace_posts: int = 300
    channel_burst: int = 1
    _windows: dict[tuple[str, ...], deque[float]] = field(default_factory=dict)
    _channels: dict[str, float] = field(default_factory=dict)

    def wait(self, *, method: str, tier: int, app_id: str, team_id: str, channel: str | None, now: float) -> int:
        """Seconds until this call would be allowed; 0 means that it is, and that it has been counted."""
        if not self.enabled:
            return 0
        posts = method in _POST_METHODS
        key = ("posts", team_id) if posts else (app_id, team_id, method)
        allowed = self.workspace_posts if posts else TIER_CALLS[tier]
        window = self._windows.setdefault(key, deque())
        while window and (window[0] <= now - _MINUTE or window[0] > now):
            window.popleft()
        if len(window) >= allowed:
            return max(1, ceil(window[0] + _MINUTE - now))
        pause = self._channel_wait(channel, now) if posts and channel is not None else 0
        if not pause:
            window.append(now)
        return pause

    def _channel_wait(self, channel: str, now: float) -> int:
        """A leaky bucket: each message fills one second, and `channel_burst` of them fit."""
        level = self._channels.get(channel, now)
        if level > now + self.channel_burst:
            level = now  # the clock was set back
        excess = max(level, now) + 1.0 - now - self.channel_burst
        if excess > 0:
            return max(1, ceil(excess))
        self._channels[channel] = max(level, now) + 1.0
        return 0
