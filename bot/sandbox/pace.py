"""What the sandbox measures in real seconds, whatever its own clock says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Slack's own limits; tests that wait for them may make them short.

    `ack` for commands, actions, views and events; `trigger` for opening a view; `follower` for those who share the
    clock; `share` is how long an upload takes to appear where it was shared.
    """

    ack_seconds: float = 3.0
    trigger_seconds: float = 3.0
    follower_seconds: float = 5.0
    share_seconds: float = 0.05
