"""When rounds open and when each person is asked: recurrence, time zones, working hours, holidays, budget.

Pure: every function is a function of its arguments; nothing reads a clock. Start with `due.due_at`.
"""

from bot.core.cadence.budget import Budget, pulses_to_come, week_of, within_budget
from bot.core.cadence.days import next_openings, openings, public_holidays
from bot.core.cadence.due import due_at, later, reminder_times, round_window, window_in
from bot.core.cadence.localtime import instant, wall_clock
from bot.core.cadence.rule import (
    Calendar,
    DueAt,
    Hours,
    InvalidRule,
    MonthlyByDate,
    MonthlyByWeekday,
    NotAsked,
    Opening,
    Pause,
    PersonTime,
    RRule,
    Rule,
    Shift,
    Weekday,
    Weekly,
    Window,
    ZoneMode,
)
from bot.core.cadence.text import parse_days, parse_hours, parse_rule, rule_fields, rule_from
from bot.core.reasons import Reason

__all__ = [
    "Budget",
    "Calendar",
    "DueAt",
    "Hours",
    "InvalidRule",
    "MonthlyByDate",
    "MonthlyByWeekday",
    "NotAsked",
    "Opening",
    "Pause",
    "PersonTime",
    "RRule",
    "Reason",
    "Rule",
    "Shift",
    "Weekday",
    "Weekly",
    "Window",
    "ZoneMode",
    "due_at",
    "instant",
    "later",
    "next_openings",
    "openings",
    "parse_days",
    "parse_hours",
    "parse_rule",
    "public_holidays",
    "pulses_to_come",
    "reminder_times",
    "round_window",
    "rule_fields",
    "rule_from",
    "wall_clock",
    "week_of",
    "window_in",
    "within_budget",
]
