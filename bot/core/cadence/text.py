"""Rules as plain fields: what a modal, the command line and the database hold. The two directions are inverse."""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, time
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfoNotFoundError

from dateutil.rrule import rrulestr

from bot.core.cadence.days import nominal_days, public_holidays
from bot.core.cadence.localtime import zone_of
from bot.core.cadence.rule import (
    LAST_WEEK,
    MAX_REMINDERS,
    Calendar,
    Hours,
    InvalidRule,
    MonthlyByDate,
    MonthlyByWeekday,
    Pause,
    Recurrence,
    RRule,
    Rule,
    Shift,
    Weekday,
    Weekly,
    ZoneMode,
)

_Choice = TypeVar("_Choice", bound=StrEnum)
_MAX_BAND_MINUTES = 12 * 60
_MAX_WINDOW_HOURS = 28 * 24
_LEAP_YEAR = 2024
_FREQUENCY = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;|$)")


class Cadence(StrEnum):
    WEEKLY = "weekly"
    MONTHLY = "monthly"  # by date where `month_day` is given, else by weekday: `days` of one, `month_week`
    RRULE = "rrule"


def parse_rule(
    *,
    cadence: str,
    at: str,
    start: str | date,
    days: Iterable[str] = (),
    every: int = 1,
    month_day: int | None = None,
    month_week: int | None = None,
    rrule: str = "",
    end: str | date | None = None,
    pauses: Iterable[Iterable[str | date | None]] = (),
    zone: str = "UTC",
    zone_mode: str = ZoneMode.RECIPIENT.value,
    band_minutes: int = 0,
    seed: str = "",
    working_days: str | Iterable[str] = "mon-fri",
    hours: str = "08:00-18:00",
    quiet: str | None = None,
    country: str = "",
    region: str = "",
    closures: Iterable[str | date] = (),
    on_day_off: str = Shift.AFTER.value,
    on_holiday: str = Shift.AFTER.value,
    on_closure: str = Shift.AFTER.value,
    window_hours: int = 48,
    reminders: int = MAX_REMINDERS,
) -> Rule:
    """A rule from text as people type it: days `mon`..`sun`, times `HH:MM`, dates ISO 8601, hours `08:00-18:00`.

    Raises `InvalidRule`, which names the field that is wrong.
    """
    start_on, end_on = _span(start, end)
    rule = Rule(
        recurrence=_recurrence(
            cadence, days=tuple(days), every=every, month_day=month_day, month_week=month_week, rrule=rrule
        ),
        at=_time("at", at),
        start_on=start_on,
        end_on=end_on,
        pauses=tuple(_pause(pause) for pause in pauses),
        zone=_zone(zone),
        zone_mode=_choice("zone_mode", ZoneMode, zone_mode),
        band_minutes=_within("band_minutes", band_minutes, 0, _MAX_BAND_MINUTES),
        seed=seed,
        working_days=parse_days("working_days", working_days),
        hours=parse_hours("hours", hours),
        quiet=parse_hours("quiet", quiet) if quiet else None,
        calendar=_calendar(country, region, closures, start_on),
        on_day_off=_choice("on_day_off", Shift, on_day_off),
        on_holiday=_choice("on_holiday", Shift, on_holiday),
        on_closure=_choice("on_closure", Shift, on_closure),
        window_hours=_within("window_hours", window_hours, 1, _MAX_WINDOW_HOURS),
        reminders=_within("reminders", reminders, 0, MAX_REMINDERS),
    )
    if next(nominal_days(rule), None) is None:
        raise InvalidRule("end" if end_on else "rrule", "never", "this schedule would never open a round")
    return rule


def rule_fields(rule: Rule) -> dict[str, Any]:
    """The arguments of `parse_rule` that give this rule again, all of them JSON values."""
    calendar = rule.calendar
    return {
        **_recurrence_fields(rule.recurrence),
        "at": f"{rule.at:%H:%M}",
        "start": rule.start_on.isoformat(),
        "end": rule.end_on.isoformat() if rule.end_on else None,
        "pauses": [[p.from_on.isoformat(), p.until_on.isoformat() if p.until_on else None] for p in rule.pauses],
        "zone": rule.zone,
        "zone_mode": rule.zone_mode.value,
        "band_minutes": rule.band_minutes,
        "seed": rule.seed,
        "working_days": [day.name.lower() for day in sorted(rule.working_days)],
        "hours": _hours_text(rule.hours),
        "quiet": _hours_text(rule.quiet) if rule.quiet else None,
        "country": calendar.country,
        "region": calendar.region,
        "closures": [on.isoformat() for on in sorted(calendar.closures)],
        "on_day_off": rule.on_day_off.value,
        "on_holiday": rule.on_holiday.value,
        "on_closure": rule.on_closure.value,
        "window_hours": rule.window_hours,
        "reminders": rule.reminders,
    }


def rule_from(fields: Mapping[str, Any]) -> Rule:
    """The rule whose `rule_fields` these are. Raises `InvalidRule` for a field that does not exist, too."""
    unknown = set(fields) - set(parse_rule.__kwdefaults__ or {}) - {"cadence", "at", "start"}
    if unknown:
        raise InvalidRule(min(unknown), "unknown_field", "no such field")
    return parse_rule(**fields)


def _recurrence_fields(recurrence: Recurrence) -> dict[str, Any]:
    match recurrence:
        case Weekly(days, every):
            return {"cadence": "weekly", "days": [day.name.lower() for day in sorted(days)], "every": every}
        case MonthlyByDate(day, every):
            return {"cadence": "monthly", "month_day": day, "every": every}
        case MonthlyByWeekday(week, weekday, every):
            return {"cadence": "monthly", "month_week": week, "days": [weekday.name.lower()], "every": every}
        case RRule(text):
            return {"cadence": "rrule", "rrule": text}


def _recurrence(
    cadence: str, *, days: tuple[str, ...], every: int, month_day: int | None, month_week: int | None, rrule: str
) -> Recurrence:
    kind = _choice("cadence", Cadence, cadence)
    if kind is Cadence.RRULE:
        return _rrule(rrule)
    _within("every", every, 1, 52)
    if kind is Cadence.WEEKLY:
        return Weekly(parse_days("days", days), every)
    if month_day is not None:
        return MonthlyByDate(_within("month_day", month_day, 1, 31), every)
    if month_week is None:
        raise InvalidRule(
            "month_day", "missing", "a monthly schedule needs a day of the month, or a weekday and its week"
        )
    weekdays = parse_days("days", days)
    if len(weekdays) != 1:
        raise InvalidRule("days", "one_weekday", "a monthly schedule by weekday takes exactly one weekday")
    if month_week not in (1, 2, 3, 4, LAST_WEEK):
        raise InvalidRule("month_week", "out_of_range", "must be 1, 2, 3, 4 or -1 for the last")
    return MonthlyByWeekday(month_week, next(iter(weekdays)), every)


def _rrule(text: str) -> RRule:
    cleaned = text.strip().upper().removeprefix("RRULE:")
    if not _FREQUENCY.search(cleaned) or "\n" in cleaned:
        raise InvalidRule("rrule", "frequency", "must be one line with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")
    cleaned = re.sub(r"UNTIL=(\d{8})T\d{6}Z?", r"UNTIL=\1", cleaned)  # only days count here
    try:
        rrulestr(cleaned)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidRule("rrule", "not_understood", f"not understood: {error}") from error
    if _names_no_day(dict(part.split("=", 1) for part in cleaned.split(";") if part)):
        raise InvalidRule("rrule", "never", "this schedule would never open a round")
    return RRule(cleaned)


def _names_no_day(parts: Mapping[str, str]) -> bool:
    """Whether no calendar has such a day. dateutil would look for it until the year 9999, for seconds."""
    if "BYSETPOS" in parts and parts["FREQ"] in {"DAILY", "WEEKLY"}:
        return True
    if "BYMONTH" not in parts or "BYMONTHDAY" not in parts:
        return False
    days = [abs(int(day)) for day in parts["BYMONTHDAY"].split(",")]
    return min(days) > max(monthrange(_LEAP_YEAR, int(month))[1] for month in parts["BYMONTH"].split(","))


def parse_days(field: str, days: str | Iterable[str]) -> frozenset[Weekday]:
    """`mon,wed`, `mon-fri`, `sat-mon`, or a list of such words."""
    words = days.split(",") if isinstance(days, str) else list(days)
    found: set[Weekday] = set()
    for word in words:
        first, _, last = word.strip().lower().partition("-")
        start, end = _weekday(field, first), _weekday(field, last or first)
        found.update(Weekday((start + step) % 7) for step in range((end - start) % 7 + 1))
    if not found:
        raise InvalidRule(field, "missing", "at least one weekday is needed")
    return frozenset(found)


def _weekday(field: str, word: str) -> Weekday:
    try:
        return Weekday[word.strip()[:3].upper()]
    except KeyError:
        raise InvalidRule(field, "weekday", f"{word!r} is no weekday; use mon, tue, wed, thu, fri, sat, sun") from None


def parse_hours(field: str, text: str) -> Hours:
    start, dash, end = text.partition("-")
    if not dash:
        raise InvalidRule(field, "hours", f"{text!r} is no span of hours; use 08:00-18:00")
    return Hours(_time(field, start), _time(field, "00:00" if end.strip() == "24:00" else end))


def _hours_text(hours: Hours) -> str:
    return f"{hours.start:%H:%M}-{hours.end:%H:%M}"


def _time(field: str, text: str) -> time:
    found = re.fullmatch(r"\s*([01]?\d|2[0-3]):([0-5]\d)\s*", text)
    if not found:
        raise InvalidRule(field, "time", f"{text!r} is no time; use HH:MM, 00:00 to 23:59")
    return time(int(found[1]), int(found[2]))


def _day(field: str, day: str | date | None) -> date:
    if isinstance(day, date):
        return day
    try:
        return date.fromisoformat(day or "")
    except ValueError:
        raise InvalidRule(field, "date", f"{day!r} is no date; use YYYY-MM-DD") from None


def _span(start: str | date, end: str | date | None) -> tuple[date, date | None]:
    start_on, end_on = _day("start", start), _day("end", end) if end else None
    if end_on is not None and end_on < start_on:
        raise InvalidRule("end", "end_before_start", f"{end_on} is before the start, {start_on}")
    return start_on, end_on


def _pause(pause: Iterable[str | date | None]) -> Pause:
    from_on, until_on = pause
    found = Pause(_day("pauses", from_on), None if until_on is None else _day("pauses", until_on))
    if found.until_on is not None and found.until_on < found.from_on:
        raise InvalidRule("pauses", "end_before_start", f"{found.until_on} is before {found.from_on}")
    return found


def _zone(name: str) -> str:
    try:
        zone_of(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidRule("zone", "zone", f"{name!r} is no time zone; use a name like Europe/Berlin") from None
    return name


def _calendar(country: str, region: str, closures: Iterable[str | date], start_on: date) -> Calendar:
    code, part = country.strip().upper(), region.strip().upper()
    if code:
        try:
            public_holidays(code, "", start_on.year)
        except NotImplementedError:
            raise InvalidRule("country", "country", f"no public holidays are known for {country!r}") from None
        try:
            public_holidays(code, part, start_on.year)
        except NotImplementedError:
            raise InvalidRule("region", "region", f"{region!r} is no region of {code}") from None
    elif part:
        raise InvalidRule("region", "region_without_country", "a region needs its country")
    return Calendar(code, part, frozenset(_day("closures", on) for on in closures))


def _choice(field: str, choices: type[_Choice], text: str) -> _Choice:
    try:
        return choices(text.strip().lower())
    except ValueError:
        known = ", ".join(choices)
        raise InvalidRule(field, "choice", f"{text!r} is none of {known}") from None


def _within(field: str, number: int, low: int, high: int) -> int:
    if not low <= number <= high:
        raise InvalidRule(field, "out_of_range", f"must be from {low} to {high}, not {number}")
    return number
