"""How often a person may be written to in a week, over everything that asks something of them."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.core.cadence.days import openings
from bot.core.cadence.localtime import instant, wall_clock
from bot.core.cadence.rule import Rule, Window


@dataclass(frozen=True, slots=True)
class Budget:
    """Pulses, reminders, nudges and huddle prompts together, per person and week (from Monday, on their own clock)."""

    per_week: int = 7


def within_budget(budget: Budget, spent: int, *, reserved: int = 0) -> bool:
    """Whether one more message fits after `spent` this week.

    `reserved` places are kept for what is due later in the week and matters more: a nudge does not use up Friday's
    pulse. A pulse itself reserves nothing.
    """
    return spent + reserved < budget.per_week


def week_of(at: datetime, zone: str) -> Window:
    """The person's week around an instant."""
    on = wall_clock(at, zone).date()
    monday = on - timedelta(days=on.weekday())
    return Window(instant(monday, time.min, zone), instant(monday + timedelta(days=7), time.min, zone))


def pulses_to_come(rule: Rule, now: datetime, zone: str) -> int:
    """How many rounds open on later days of the person's week: places that nothing else should use up."""
    today = wall_clock(now, zone).date()
    last_on = today + timedelta(days=6 - today.weekday())
    found = openings(rule, today - timedelta(days=7), last_on + timedelta(days=7))
    return sum(1 for opening in found if opening.skipped is None and today < opening.on <= last_on)
