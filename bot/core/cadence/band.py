"""The minutes in which a person may be written to: working days and hours, less quiet hours, on the wall clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.core.cadence.days import day_off
from bot.core.cadence.localtime import has_day, instant, wall_clock
from bot.core.cadence.rule import Hours, NotAsked, PersonTime, Rule
from bot.core.reasons import Reason

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Band:
    """One person's open time: their own settings where they have any, the team's where not."""

    rule: Rule
    person: PersonTime

    @property
    def hours(self) -> Hours:
        return self.person.hours or self.rule.hours

    @property
    def quiet(self) -> Hours | None:
        return self.person.quiet or self.rule.quiet

    @property
    def closed_for(self) -> NotAsked:
        """What to say when no minute was left: the person's own settings are nobody's business."""
        own = self.person.hours or self.person.quiet or self.person.working_days is not None
        return NotAsked(Reason.OWN_HOURS if own else Reason.NO_OPEN_HOUR)

    def off(self, on: date) -> NotAsked | None:
        """Why this person does not work on `on`; None on a working day."""
        mine = self.person.working_days
        days = self.rule.working_days if mine is None else mine
        free = day_off(self.person.calendar or self.rule.calendar, days, on)
        if free is not None and free.reason is Reason.DAY_OFF and mine is not None:
            return NotAsked(Reason.OWN_HOURS)
        return free

    def holds(self, at: datetime) -> bool:
        """Whether the clock on the wall is inside the hours; spans from `spans` make sure of the day."""
        shown = wall_clock(at, self.person.zone).time()
        return self.hours.holds(shown) and not (self.quiet and self.quiet.holds(shown))

    def spans(self, from_at: datetime, to_at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open spans in UTC, ascending, end excluded, that meet from..to; a night shift belongs to the day it began."""
        on = wall_clock(from_at, self.person.zone).date() - _DAY
        last = wall_clock(to_at, self.person.zone).date()
        while on <= last:
            for start, end in self._spans_of(on):
                if start < to_at and end > from_at:
                    yield start, end
            on += _DAY

    def first_open(self, at: datetime, end: datetime) -> datetime | None:
        """The first minute in `[at, end)` inside the hours: an hour that happens twice can hide a quiet one."""
        while at < end:
            if self.holds(at):
                return at
            at = at.replace(second=0, microsecond=0) + _MINUTE
        return None

    def _spans_of(self, on: date) -> Iterator[tuple[datetime, datetime]]:
        zone = self.person.zone
        if not has_day(on, zone) or self.off(on) is not None:
            return
        for start, end in self._minutes_of_a_day():
            opens, closes = (datetime.combine(on, time.min) + edge for edge in (start, end))
            span = instant(opens.date(), opens.time(), zone), instant(closes.date(), closes.time(), zone)
            if span[0] < span[1]:
                yield span

    def _minutes_of_a_day(self) -> list[tuple[timedelta, timedelta]]:
        """Working hours less quiet hours, as distances from midnight; the end may lie beyond the next midnight."""
        open_spans = [_distance(self.hours, 0)]
        for offset in (-1, 0, 1):
            if self.quiet is not None:
                open_spans = [part for span in open_spans for part in _without(span, _distance(self.quiet, offset))]
        return open_spans


def _distance(hours: Hours, days: int) -> tuple[timedelta, timedelta]:
    start = timedelta(days=days, hours=hours.start.hour, minutes=hours.start.minute)
    return start, start + hours.minutes * _MINUTE


def _without(span: tuple[timedelta, timedelta], hole: tuple[timedelta, timedelta]) -> list[tuple[timedelta, timedelta]]:
    parts = [(span[0], min(span[1], hole[0])), (max(span[0], hole[1]), span[1])]
    return [(start, end) for start, end in parts if start < end]
