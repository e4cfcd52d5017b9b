"""The wall clock against a brute-force reading of tzdata, minute by minute, in every zone there is."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.cadence import instant, wall_clock
from bot.core.cadence.localtime import has_day

ZONES = sorted(available_timezones())
_DAY = timedelta(days=1)


@cache
def clock_changes(zone: str) -> tuple[date, ...]:
    """The UTC days in 2000-2040 on which the offset differs from the day before."""
    tz = ZoneInfo(zone)
    weeks = [datetime(2000, 1, 1, tzinfo=UTC) + n * 7 * _DAY for n in range(41 * 52)]
    changed = [week for week in weeks if _offset(week, tz) != _offset(week + 7 * _DAY, tz)]
    days = [week + n * _DAY for week in changed for n in range(1, 8)]
    return tuple(day.date() for day in days if _offset(day - _DAY, tz) != _offset(day, tz))


def _offset(at: datetime, tz: ZoneInfo) -> timedelta | None:
    return at.astimezone(tz).utcoffset()


@st.composite
def zones_and_days(draw: st.DrawFn) -> tuple[str, date]:
    """Any zone; half of the days lie beside one of its clock changes, where it has any."""
    zone = draw(st.sampled_from(ZONES))
    any_day = st.dates(date(2000, 1, 1), date(2040, 12, 31))
    changes = clock_changes(zone)
    beside_a_change: bool = draw(st.booleans())
    if changes and beside_a_change:
        return zone, draw(st.sampled_from(changes)) + draw(st.integers(-2, 1)) * _DAY
    return zone, draw(any_day)


def read_off(on: date, at: time, zone: str) -> datetime:
    """The same question answered by looking at every minute of the surrounding days."""
    tz = ZoneInfo(zone)
    wall = datetime.combine(on, at)
    minute = datetime.combine(on, at, tzinfo=UTC) - timedelta(hours=17)
    shown = [
        (utc := minute + n * timedelta(minutes=1), utc.astimezone(tz).replace(tzinfo=None)) for n in range(42 * 60)
    ]
    if all(local.date() != on for _, local in shown):
        return read_off(on + _DAY, at, zone)
    exact = [utc for utc, local in shown if local == wall]
    return exact[0] if exact else next(utc for utc, local in shown if local > wall)


@settings(max_examples=150, deadline=None)
@given(where=zones_and_days(), at=st.times().map(lambda t: t.replace(second=0, microsecond=0)))
def test_an_instant_is_what_a_clock_on_the_wall_shows_first(where: tuple[str, date], at: time) -> None:
    zone, on = where
    assert instant(on, at, zone) == read_off(on, at, zone)


@pytest.mark.parametrize(
    ("on", "at", "zone", "shown"),
    [
        ("2026-03-29", "02:30", "Europe/Berlin", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T02:30:00+02:00"),
        ("2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00"),  # half an hour is skipped
        ("2026-04-05", "01:45", "Australia/Lord_Howe", "2026-04-05T01:45:00+11:00"),  # half an hour happens twice
        ("2011-12-30", "09:30", "Pacific/Apia", "2011-12-31T09:30:00+14:00"),  # the day was skipped
        ("2011-12-30", "09:30", "Pacific/Fakaofo", "2011-12-31T09:30:00+13:00"),
        ("2018-11-04", "00:10", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00"),  # midnight does not exist
        ("2024-03-30", "23:30", "America/Nuuk", "2024-03-31T00:00:00-01:00"),  # the last hour of a day is skipped
        ("2016-10-01", "00:00", "Asia/Kathmandu", "2016-10-01T00:00:00+05:45"),
        ("2015-08-15", "00:10", "Asia/Pyongyang", "2015-08-15T00:10:00+08:30"),  # the rules of the zone changed
    ],
)
def test_known_clock_changes_resolve_as_people_would(on: str, at: str, zone: str, shown: str) -> None:
    found = wall_clock(instant(date.fromisoformat(on), time.fromisoformat(at), zone), zone)
    assert found.isoformat() == shown


def test_a_day_that_a_zone_skipped_is_no_day_there() -> None:
    assert not has_day(date(2011, 12, 30), "Pacific/Apia")
    assert has_day(date(2011, 12, 30), "Pacific/Auckland")
