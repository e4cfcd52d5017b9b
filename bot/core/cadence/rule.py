"""What a coach configures about time: one frozen value, without a clock and without words."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum

from bot.core.reasons import Reason

MAX_REMINDERS = 2
LAST_WEEK = -1


class InvalidRule(ValueError):
    """A rule that cannot be. `field` is the argument at fault, `code` a stable word for the texts in `prompts/`."""

    def __init__(self, field_name: str, code: str, message: str) -> None:
        super().__init__(f"{field_name}: {message}")
        self.field = field_name
        self.code = code
        self.message = message


class Weekday(IntEnum):
    """Numbered as `date.weekday()` numbers them."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6


MON_TO_FRI = frozenset({Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI})


class ZoneMode(StrEnum):
    TEAM = "team"  # one moment for all, by the team's clock
    RECIPIENT = "recipient"  # the same time on everybody's own clock


class Shift(StrEnum):
    """What becomes of a round, or of one person's ask, on a day when nobody works."""

    SKIP = "skip"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Hours:
    """A daily span of local time, `end` excluded. It may pass midnight; `start == end` is the whole day."""

    start: time
    end: time

    @property
    def minutes(self) -> int:
        """Length on a day without clock changes, 1 to 1440."""
        return (_minute(self.end) - _minute(self.start) - 1) % 1440 + 1

    def holds(self, at: time) -> bool:
        return (_minute(at) - _minute(self.start)) % 1440 < self.minutes


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


@dataclass(frozen=True, slots=True)
class Weekly:
    """On these weekdays of every n-th week; weeks begin on Monday and are counted from the week of the rule's start."""

    days: frozenset[Weekday]
    every: int = 1


@dataclass(frozen=True, slots=True)
class MonthlyByDate:
    """On this day of every n-th month; a month that is too short uses its last day."""

    day: int
    every: int = 1


@dataclass(frozen=True, slots=True)
class MonthlyByWeekday:
    """On the n-th (1 to 4) or last (-1) such weekday of every n-th month."""

    week: int
    day: Weekday
    every: int = 1


@dataclass(frozen=True, slots=True)
class RRule:
    """RFC 5545 recurrence text, for what the others cannot say. Only its days count: the hour is the rule's own."""

    text: str


Recurrence = Weekly | MonthlyByDate | MonthlyByWeekday | RRule


@dataclass(frozen=True, slots=True)
class Pause:
    """No rounds from `from_on` to `until_on`, both included; without an end until somebody resumes."""

    from_on: date
    until_on: date | None = None

    def holds(self, on: date) -> bool:
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days on which nobody works, beside the weekdays. `country` is an ISO 3166 code, "" for none."""

    country: str = ""
    region: str = ""
    closures: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When rounds of one schedule open, for whom at what local time, and for how long.

    `zone` is the team's. The minute of an ask is drawn from `[at, at + band_minutes)`, from `seed`, period and person.
    """

    recurrence: Recurrence
    at: time
    start_on: date
    end_on: date | None = None
    pauses: tuple[Pause, ...] = ()
    zone: str = "UTC"
    zone_mode: ZoneMode = ZoneMode.RECIPIENT
    band_minutes: int = 0
    seed: str = ""
    working_days: frozenset[Weekday] = MON_TO_FRI
    hours: Hours = field(default_factory=lambda: Hours(time(8), time(18)))
    quiet: Hours | None = None
    calendar: Calendar = field(default_factory=Calendar)
    on_day_off: Shift = Shift.AFTER
    on_holiday: Shift = Shift.AFTER
    on_closure: Shift = Shift.AFTER
    window_hours: int = 48
    reminders: int = MAX_REMINDERS

    @property
    def window(self) -> timedelta:
        return timedelta(hours=self.window_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTime:
    """What is known about one person's time. Everything that is None follows the team.

    `away` is a vacation status, `away_until` its end where Slack tells one; `dnd_until` is the end of Do Not Disturb.
    """

    person: str
    zone: str
    working_days: frozenset[Weekday] | None = None
    hours: Hours | None = None
    quiet: Hours | None = None
    calendar: Calendar | None = None
    preferred_at: time | None = None
    snoozed_until: datetime | None = None
    away: bool = False
    away_until: datetime | None = None
    dnd_until: datetime | None = None
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """One period of a schedule.

    `period` is the ISO date of the nominal day and unique in the schedule; `on` is the day it came to.
    `next_on` is the day of the following period, None after the last: no round outlasts the next one's opening.
    `skipped` says why no round opens.
    """

    period: str
    on: date
    next_on: date | None = None
    skipped: Reason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DueAt:
    """When one person is asked: the instant, and the wall clock they will see it on."""

    utc: datetime
    local: datetime


@dataclass(frozen=True, slots=True)
class NotAsked:
    """`detail` is the holiday's own name where there is one."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """`opens_at` included, `closes_at` not; aware UTC."""

    opens_at: datetime
    closes_at: datetime

    def holds(self, at: datetime) -> bool:
        return self.opens_at <= at.astimezone(UTC) < self.closes_at
