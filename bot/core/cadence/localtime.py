"""From a wall clock to an instant, in any zone and across every kind of clock change."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """Raises `zoneinfo.ZoneInfoNotFoundError` for a zone that tzdata does not know."""
    return ZoneInfo(name)


def instant(on: date, at: time, zone: str) -> datetime:
    """The instant, in UTC, at which a clock in `zone` shows `at` on `on`.

    A time that happens twice means the first. A time that does not exist means the first valid minute after; a whole
    day that the zone skips (Samoa, 30 December 2011) means the same time on the next day.
    """
    wall = datetime.combine(on, at)
    tz = zone_of(zone)
    utc = wall.replace(tzinfo=tz, fold=0).astimezone(UTC)
    if utc.astimezone(tz).replace(tzinfo=None) == wall:
        return utc
    resumed = _end_of_gap(wall, tz)
    local = resumed.astimezone(tz)
    if local.date() > on and not has_day(on, zone):
        return instant(local.date(), at, zone)
    return resumed


def wall_clock(at: datetime, zone: str) -> datetime:
    """What a clock in `zone` shows at the instant `at`: aware, in that zone."""
    return at.astimezone(zone_of(zone))


@lru_cache(maxsize=4096)
def has_day(on: date, zone: str) -> bool:
    """Whether a clock in `zone` ever shows this day."""
    tz = zone_of(zone)
    midnight = datetime.combine(on, time.min)
    return _exists(midnight, tz) or _end_of_gap(midnight, tz).astimezone(tz).date() == on


def _exists(wall: datetime, tz: ZoneInfo) -> bool:
    return wall.replace(tzinfo=tz).astimezone(UTC).astimezone(tz).replace(tzinfo=None) == wall


def _end_of_gap(wall: datetime, tz: ZoneInfo) -> datetime:
    """The instant of the clock change that jumps over `wall`, by bisection between its two readings."""
    low = wall.replace(tzinfo=tz, fold=1).astimezone(UTC)
    high = wall.replace(tzinfo=tz, fold=0).astimezone(UTC)
    before = low.astimezone(tz).utcoffset()
    while high - low > _MINUTE:
        middle = low + (high - low) // _MINUTE // 2 * _MINUTE
        if middle.astimezone(tz).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
