"""Every state a row can be in, and every kind there is, by feature. Stored as text, guarded by CHECK constraints."""

from __future__ import annotations

from enum import StrEnum


class WorkgroupKind(StrEnum):
    STAFF = "staff"
    CLIENT = "client"
    LEADERSHIP = "leadership"
    PARTNER = "partner"


class Role(StrEnum):
    """What a person may do beyond answering. Admins belong to the workspace, coaches and leads to a team."""

    ADMIN = "admin"
    COACH = "coach"
    LEAD = "lead"
    SPONSOR = "sponsor"


class RoundState(StrEnum):
    OPEN = "open"
    SEALED = "sealed"
    MISSED = "missed"


class WaveState(StrEnum):
    OPEN = "open"
    RELEASED = "released"
    LOST = "lost"
    """Its key is gone (a backup was restored without the vault): its answers cannot be read and were deleted."""


class AskState(StrEnum):
    OPEN = "open"
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """The round closed before the person had finished."""


class DeliveryKind(StrEnum):
    PULSE = "pulse"
    REMINDER = "reminder"
    NUDGE = "nudge"
    HUDDLE = "huddle"
    FOLLOW_UP = "follow_up"
    REPORT = "report"
    NOTICE = "notice"
    """A closing, a repair or another change to a message that is already there."""


class DeliveryState(StrEnum):
    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    UNCONFIRMED = "unconfirmed"
    """The reply was lost: looked up in the conversation before anything is sent again."""
    FAILED = "failed"
    SKIPPED = "skipped"


class DebriefState(StrEnum):
    """Who may see a team's released wave: each step includes the ones before it."""

    COACH = "coach"
    LEAD = "lead"
    TEAM = "team"


class ChangeState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"
    ABANDONED = "abandoned"


class HuddleState(StrEnum):
    PLANNED = "planned"
    PROMPTED = "prompted"
    HELD = "held"
    SKIPPED = "skipped"


class CommitmentState(StrEnum):
    OPEN = "open"
    DONE = "done"
    CHANGED = "changed"
    STUCK = "stuck"
    DROPPED = "dropped"


class NudgeArm(StrEnum):
    SENT = "sent"
    HELD_OUT = "held_out"


class NudgeFeedback(StrEnum):
    TRY = "try"
    NOT_NOW = "not_now"
    NOT_FOR_US = "not_for_us"
    HELPED = "helped"
    """Said a week after *we'll try it*, like the next."""
    NO_DIFFERENCE = "no_difference"
