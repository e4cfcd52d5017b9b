"""When one person is asked, reminded, or has to be left alone."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from bot.core.cadence.band import Band
from bot.core.cadence.days import shift_for
from bot.core.cadence.localtime import instant, wall_clock
from bot.core.cadence.rule import DueAt, NotAsked, Opening, PersonTime, Rule, Shift, Window, ZoneMode
from bot.core.reasons import Reason

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def window_in(rule: Rule, opening: Opening, zone: str) -> Window:
    """The round as it is open to people in `zone`; it ends when the next one opens there, at the latest."""
    clock = rule.zone if rule.zone_mode is ZoneMode.TEAM else zone
    opens_at = instant(opening.on, rule.at, clock)
    closes_at = opens_at + rule.window
    if opening.next_on is not None:
        closes_at = min(closes_at, instant(opening.next_on, rule.at, clock))
    return Window(opens_at, closes_at)


def round_window(rule: Rule, opening: Opening, zones: Iterable[str]) -> Window:
    """From the first zone's opening to the last zone's closing, over the team's own zone and those of its people."""
    windows = [window_in(rule, opening, zone) for zone in {rule.zone, *zones}]
    return Window(min(w.opens_at for w in windows), max(w.closes_at for w in windows))


def due_at(rule: Rule, opening: Opening, person: PersonTime) -> DueAt | NotAsked:
    """When this person is asked in this period, or why not.

    1. Day, hour and minute are drawn on the wall clock.
    2. Clock changes are resolved.
    3. The working band is checked: what falls outside moves to the nearest minute inside it on the same day, else to
       the next day that has one within the window.
    """
    if opening.skipped is not None:
        return NotAsked(opening.skipped, opening.detail)
    if person.opted_out:
        return NotAsked(Reason.OPTED_OUT)
    window = window_in(rule, opening, person.zone)
    if window.opens_at >= window.closes_at:
        return NotAsked(Reason.NO_SUCH_DAY)
    free = Band(rule, person).off(wall_clock(window.opens_at, person.zone).date())
    if free is not None and shift_for(rule, free.reason) is Shift.SKIP:
        return free
    minute = _minute_of(rule, opening, person)
    found: DueAt | NotAsked = NotAsked(Reason.NO_OPEN_HOUR)
    for wish in _wishes(rule, opening, person, window):
        found = _settled(rule, person, wish, window, minute)
        if isinstance(found, DueAt):
            break
    return found


def later(rule: Rule, person: PersonTime, at: datetime, before: datetime) -> DueAt | NotAsked:
    """`at` or the first moment after it, before `before`, at which this person may be written to."""
    return _settled(rule, person, at, Window(at, before), timedelta(0))


def _minute_of(rule: Rule, opening: Opening, person: PersonTime) -> timedelta:
    """The random minute: a function of seed, period and person, so that the dry run and the round agree."""
    if rule.band_minutes <= 0:
        return timedelta(0)
    digest = hashlib.sha256(f"{rule.seed}\0{opening.period}\0{person.person}".encode()).digest()
    return int.from_bytes(digest[:8]) % rule.band_minutes * _MINUTE


def _wishes(rule: Rule, opening: Opening, person: PersonTime, window: Window) -> Iterator[datetime]:
    """What to aim at, best first, before the working band is looked at.

    A preferred hour counts where its next occurrence lies in the first half of the window: later leaves too little.
    """
    minute = _minute_of(rule, opening, person)
    if person.preferred_at is not None:
        first_on = wall_clock(window.opens_at, person.zone).date()
        half_at = window.opens_at + (window.closes_at - window.opens_at) / 2
        nearest = (_instant_after(on, person.preferred_at, minute, person.zone) for on in (first_on, first_on + _DAY))
        yield from (wish for wish in nearest if window.opens_at <= wish < half_at)
    yield _instant_after(opening.on, rule.at, minute, rule.zone if rule.zone_mode is ZoneMode.TEAM else person.zone)


def _instant_after(on: date, at: time, minute: timedelta, zone: str) -> datetime:
    drawn = datetime.combine(on, at) + minute
    return instant(drawn.date(), drawn.time(), zone)


def _settled(rule: Rule, person: PersonTime, wish: datetime, window: Window, spread: timedelta) -> DueAt | NotAsked:
    """The wish, moved out of absences and into the band; `spread` keeps those who move from arriving together."""
    band = Band(rule, person)
    held = _held(person, wish)
    if isinstance(held, NotAsked):
        return held
    earliest, because = held
    if earliest >= window.closes_at:
        return because or band.closed_for
    if because is None and (at := _same_day(band, wish, window, spread)):
        return _due(at, person)
    for start, end in band.spans(earliest, window.closes_at):
        end_at = min(end, window.closes_at)
        begin = max(start, earliest)
        drawn = begin + spread if begin > earliest else begin
        at = (drawn < end_at and band.first_open(drawn, end_at)) or band.first_open(begin, end_at)
        if at:
            return _due(at, person)
    return because or band.off(wall_clock(wish, person.zone).date()) or band.closed_for


def _held(person: PersonTime, wish: datetime) -> tuple[datetime, NotAsked | None] | NotAsked:
    """The first moment that absences allow, and the last of them that moved it."""
    if person.away and person.away_until is None:
        return NotAsked(Reason.STATUS)
    earliest, because = wish, None
    for until, reason in (
        (person.snoozed_until, Reason.SNOOZED),
        (person.away_until if person.away else None, Reason.STATUS),
        (person.dnd_until, Reason.DND),
    ):
        if until is not None and until > earliest:
            earliest, because = until, NotAsked(reason)
    return earliest, because


def _same_day(band: Band, wish: datetime, window: Window, spread: timedelta) -> datetime | None:
    """The wish itself where it is inside the band, else the nearest minute of the band on the same day."""
    on = wall_clock(wish, band.person.zone).date()
    late: datetime | None = None
    for start, end in band.spans(window.opens_at, min(window.closes_at, wish + _DAY)):
        end_at = min(end, window.closes_at)
        if start <= wish < end_at and band.holds(wish):
            return wish
        last = max(start, window.opens_at, end_at - _MINUTE - spread)
        if end_at <= wish and wall_clock(last, band.person.zone).date() == on:
            late = band.first_open(last, end_at)
        if start > wish and wall_clock(start, band.person.zone).date() == on:
            drawn = start + spread
            return (drawn < end_at and band.first_open(drawn, end_at)) or band.first_open(start, end_at)
    return late


def _due(at: datetime, person: PersonTime) -> DueAt:
    return DueAt(at, wall_clock(at, person.zone))


def reminder_times(rule: Rule, due: DueAt, person: PersonTime, closes_at: datetime) -> tuple[datetime, ...]:
    """When to remind whoever has not finished: spread over what is left of the window, never twice at the same hour.

    The hour is the one on the person's wall clock, the first ask's included. Fewer than the rule's number where the
    window or the working band has no room.
    """
    used = {due.local.hour}
    times: list[datetime] = []
    gap = (closes_at - due.utc) / (rule.reminders + 1)
    for nth in range(1, rule.reminders + 1):
        found = _at_a_new_hour(rule, person, due.utc + nth * gap, closes_at, used)
        if found is None or (times and found.utc <= times[-1]):
            continue
        used.add(found.local.hour)
        times.append(found.utc)
    return tuple(times)


def _at_a_new_hour(rule: Rule, person: PersonTime, wish: datetime, closes_at: datetime, used: set[int]) -> DueAt | None:
    at = wish.replace(second=0, microsecond=0)
    while at < closes_at:
        found = later(rule, person, at, closes_at)
        if isinstance(found, NotAsked):
            return None
        if found.local.hour not in used:
            return found
        at = found.utc + _HOUR
    return None
