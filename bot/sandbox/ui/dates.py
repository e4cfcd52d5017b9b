"""How instants read in the page: `<!date^…>` tokens, message times, day dividers; American English, Slack's default."""

import re
from datetime import UTC, datetime, timedelta

from bot.sandbox.ui.context import Context

PLACEHOLDER = re.compile(r"\{(\w+)\}")


def formatted(seconds: int, pattern: str, context: Context) -> str:
    """`pattern` with its `{date…}` and `{time}` placeholders filled in the viewer's time zone; unknown ones stay."""
    at = instant(seconds).astimezone(context.zone)

    def fill(match: re.Match[str]) -> str:
        return placeholder(match.group(1), at, context) or match.group(0)

    return PLACEHOLDER.sub(fill, pattern)


def placeholder(name: str, at: datetime, context: Context) -> str | None:
    pretty = name.endswith("_pretty")
    plain = name.removesuffix("_pretty")
    if pretty and (word := near_day(at, context)):
        return word
    match plain:
        case "date_num":
            return f"{at:%Y-%m-%d}"
        case "date_slash":
            return f"{at:%m/%d/%Y}"
        case "date":
            return f"{at:%B} {ordinal(at.day)}, {at.year}"
        case "date_short":
            return f"{at:%b} {at.day}, {at.year}"
        case "date_long" | "day_divider":
            return f"{at:%A}, {at:%B} {ordinal(at.day)}, {at.year}"
        case "time":
            return clock_time(at)
        case "time_secs":
            return f"{at.hour % 12 or 12}:{at:%M:%S %p}"
        case "ago":
            return ago(at, context.now)
        case _:
            return None


def instant(seconds: float) -> datetime:
    """An aware instant from Unix seconds, held inside the years that exist."""
    limited = min(max(seconds, -62_135_596_800 + 172_800), 253_402_300_799 - 172_800)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=limited)


def near_day(at: datetime, context: Context) -> str | None:
    """Today, yesterday or tomorrow in one word, seen from the viewer's day."""
    days = (at.date() - context.now.astimezone(context.zone).date()).days
    return {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)


def clock_time(at: datetime) -> str:
    """9:05 AM."""
    return f"{at.hour % 12 or 12}:{at:%M %p}"


def day_name(at: datetime, context: Context) -> str:
    """The words of a day divider: "Today", or "Tuesday, March 3rd"; the year only where it is another one."""
    word = near_day(at, context)
    if word in {"today", "yesterday"}:
        return word.capitalize()
    year = "" if at.year == context.now.astimezone(context.zone).year else f", {at.year}"
    return f"{at:%A}, {at:%B} {ordinal(at.day)}{year}"


def ordinal(day: int) -> str:
    suffix = "th" if 10 < day % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def ago(at: datetime, now: datetime) -> str:
    """As in "3 minutes ago" or "in 2 days"."""
    seconds = int((now - at).total_seconds())
    size = abs(seconds)
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if size >= length:
            count = size // length
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now"
