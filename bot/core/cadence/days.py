"""The days of a rule: which ones it names, and which they come to when nobody works."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain, islice, pairwise

import holidays
from dateutil.rrule import rrulestr

from bot.core.cadence.localtime import wall_clock
from bot.core.cadence.rule import (
    LAST_WEEK,
    Calendar,
    MonthlyByDate,
    MonthlyByWeekday,
    NotAsked,
    Opening,
    RRule,
    Rule,
    Shift,
    Weekday,
    Weekly,
)
from bot.core.reasons import Reason

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_FURTHEST_SHIFT = timedelta(days=31)
_HORIZON = timedelta(days=5 * 366)


def nominal_days(rule: Rule) -> Iterator[date]:
    """The days the rule names, ascending, each once, from its start to its end; endless where the rule has no end."""
    for on in _recurring(rule):
        if rule.end_on is not None and on > rule.end_on:
            return
        if on >= rule.start_on:
            yield on


def _recurring(rule: Rule) -> Iterator[date]:
    match rule.recurrence:
        case Weekly():
            return _weekly(rule.recurrence, rule.start_on)
        case MonthlyByDate() | MonthlyByWeekday():
            return _monthly(rule.recurrence, rule.start_on)
        case RRule():
            return _rrule_days(rule.recurrence.text, rule.start_on)


def _weekly(weekly: Weekly, start_on: date) -> Iterator[date]:
    monday = start_on - start_on.weekday() * _DAY
    while monday <= date.max - _WEEK * (weekly.every + 1):
        for day in sorted(weekly.days):
            yield monday + day * _DAY
        monday += weekly.every * _WEEK


def _monthly(monthly: MonthlyByDate | MonthlyByWeekday, start_on: date) -> Iterator[date]:
    month = start_on.year * 12 + start_on.month - 1
    while month < date.max.year * 12:
        year, zero_based = divmod(month, 12)
        yield _in_month(monthly, year, zero_based + 1)
        month += monthly.every


def _in_month(monthly: MonthlyByDate | MonthlyByWeekday, year: int, month: int) -> date:
    first_weekday, length = monthrange(year, month)
    if isinstance(monthly, MonthlyByDate):
        return date(year, month, min(monthly.day, length))
    first = 1 + (monthly.day - first_weekday) % 7
    fits = range(first, length + 1, 7)
    return date(year, month, fits[-1] if monthly.week == LAST_WEEK else fits[monthly.week - 1])


def _rrule_days(text: str, start_on: date) -> Iterator[date]:
    last = None
    for moment in rrulestr(text, dtstart=datetime.combine(start_on, time.min)):
        if moment.date() != last:
            last = moment.date()
            yield last


def openings(rule: Rule, from_on: date, to_on: date) -> Iterator[Opening]:
    """Exactly one opening per period, in the order of their days, whose nominal day lies from..to inclusive.

    A day on which the team does not work is moved as the rule says, but never onto or past the next period's nominal
    day or the previous period's own: then the period is skipped, since one day does not ask twice.
    """
    for opening, following in pairwise(chain(_all_openings(rule), [None])):
        if opening is None or opening.period > to_on.isoformat():
            return
        if opening.period >= from_on.isoformat():
            yield replace(opening, next_on=following.on if following else None)


def next_openings(rule: Rule, now: datetime, count: int) -> list[Opening]:
    """The next `count` openings that will take place, from the team's today on; fewer where the rule ends first."""
    today = wall_clock(now, rule.zone).date()
    coming = openings(rule, today - _FURTHEST_SHIFT, today + _HORIZON)
    return list(islice((opening for opening in coming if opening.on >= today and opening.skipped is None), count))


def _all_openings(rule: Rule) -> Iterator[Opening]:
    last_on = rule.start_on - _DAY
    for nominal, following in pairwise(chain(nominal_days(rule), [date.max])):
        opening = _opening(rule, last_on, nominal, following)
        last_on = opening.on
        yield opening


def _opening(rule: Rule, last_on: date, nominal: date, following: date) -> Opening:
    period = nominal.isoformat()
    if _paused(rule, nominal):
        return Opening(period, nominal, skipped=Reason.PAUSED)
    free = day_off(rule.calendar, rule.working_days, nominal)
    if free is None:
        return Opening(period, nominal)
    moved = _moved(rule, shift_for(rule, free.reason), last_on, nominal, following)
    if moved is None:
        return Opening(period, nominal, skipped=free.reason, detail=free.detail)
    return Opening(period, moved, detail=free.detail)


def _moved(rule: Rule, shift: Shift, last_on: date, nominal: date, following: date) -> date | None:
    if shift is Shift.SKIP:
        return None
    step = _DAY if shift is Shift.AFTER else -_DAY
    on = nominal + step
    while last_on < on < following and abs(on - nominal) <= _FURTHEST_SHIFT and not _paused(rule, on):
        if day_off(rule.calendar, rule.working_days, on) is None:
            return on
        on += step
    return None


def _paused(rule: Rule, on: date) -> bool:
    return any(pause.holds(on) for pause in rule.pauses)


def shift_for(rule: Rule, reason: Reason) -> Shift:
    """What the rule says about a day that is off for this reason."""
    return {Reason.HOLIDAY: rule.on_holiday, Reason.CLOSURE: rule.on_closure}.get(reason, rule.on_day_off)


def day_off(calendar: Calendar, working_days: frozenset[Weekday], on: date) -> NotAsked | None:
    """Why nobody works on this day; None on a working day."""
    if on in calendar.closures:
        return NotAsked(Reason.CLOSURE)
    if calendar.country and (name := public_holidays(calendar.country, calendar.region, on.year).get(on)):
        return NotAsked(Reason.HOLIDAY, name)
    if on.weekday() not in working_days:
        return NotAsked(Reason.DAY_OFF)
    return None


@lru_cache(maxsize=512)
def public_holidays(country: str, region: str, year: int) -> dict[date, str]:
    """Names of the public holidays by day, in English: the environment's language would be a hidden input.

    Raises NotImplementedError for a country or region that is not known.
    """
    found = holidays.country_holidays(country, subdiv=region or None, years=year, expand=False, language="en_US")
    return dict(found.items())
