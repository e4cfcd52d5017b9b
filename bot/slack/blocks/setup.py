"""The form in which a coach sets up a team's pulse: choices with sensible starts, and a preview in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from bot.content import Mrkdwn
from bot.core.cadence import MonthlyByDate, MonthlyByWeekday, RRule, Rule, Weekday, Weekly
from bot.services.schedules import LOWEST_K, MOST_ITEMS, Plan, PreviewRound
from bot.slack.blocks.kit import (
    Block,
    Element,
    Rendered,
    actions,
    bold,
    button,
    context,
    divider,
    field,
    header,
    modal,
    option,
    section,
    select,
    several,
    text_field,
)
from bot.slack.blocks.pulse import seconds_for
from bot.slack.ids import (
    DryRun,
    Field,
    Form,
    Loading,
    PauseSchedule,
    ResumeSchedule,
    SaveSetup,
)
from bot.slack.words import Words

CADENCES = {"weekly": 1, "fortnightly": 2, "monthly": 4}
"""Weeks between two rounds."""
WINDOWS_HOURS = (24, 48, 72, 96, 168)
BANDS_MINUTES = (0, 15, 30, 60, 120)
DAYS = tuple(day.name.lower() for day in Weekday)
REMINDERS = ("none", "one", "two")
MOST_ROUNDS = 8
MOST_K = 12
MOST_DAYS = 20


@dataclass(frozen=True, slots=True)
class SetupValues:
    """The form as text and options, as people fill it in."""

    cadence: str = "weekly"
    day: str = "tue"
    at: str = "09:30"
    band: str = "30"
    hours: str = "08:00-18:00"
    working_days: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")
    items: str = "3"
    window: str = "48"
    reminders: str = "two"
    rounds: str = "4"
    k: str = "5"


def values_from(plan: Plan | None) -> SetupValues:
    """The form of a team that has a schedule, or the suggestion for one that has none."""
    if plan is None:
        return SetupValues()
    rule = plan.rule
    cadence, day = _cadence_of(rule)
    return SetupValues(
        cadence=cadence,
        day=day,
        at=f"{rule.at:%H:%M}",
        band=str(rule.band_minutes),
        hours=f"{rule.hours.start:%H:%M}-{rule.hours.end:%H:%M}",
        working_days=tuple(day.name.lower() for day in sorted(rule.working_days)),
        items=str(plan.items),
        window=str(rule.window_hours),
        reminders=REMINDERS[rule.reminders],
        rounds=str(plan.rounds_per_wave),
        k=str(plan.min_respondents),
    )


def _cadence_of(rule: Rule) -> tuple[str, str]:
    """The nearest choice of the form; what the form cannot say was set on the command line."""
    match rule.recurrence:
        case Weekly(days, every):
            named = {weeks: name for name, weeks in CADENCES.items()}
            return named.get(every, "weekly"), min(days).name.lower()
        case MonthlyByWeekday(_, weekday, _):
            return "monthly", weekday.name.lower()
        case MonthlyByDate() | RRule():
            return "monthly", SetupValues().day


def loading(words: Words) -> dict[str, Any]:
    return modal(Loading(), words("setup.title"), [section(words("setup.loading"))], close=words("setup.close"))


def choose_team(teams: Sequence[tuple[int, str]], words: Words) -> dict[str, Any]:
    menu = select(
        _at("team"),
        [option(name, str(team)) for team, name in teams],
        placeholder=words("setup.team.placeholder"),
    )
    block = field("team", words("setup.team.label"), menu, live=True)
    return modal(SaveSetup(None), words("setup.title"), [block], submit=words("setup.submit"))


def form(
    team: tuple[int, str], values: SetupValues, plan: Plan | None, preview: Sequence[Block], words: Words
) -> dict[str, Any]:
    team_id, name = team
    return modal(
        SaveSetup(team_id),
        words("setup.title"),
        [
            section(bold(name)),
            *_rhythm(values, words),
            *_limits(values, words),
            divider(),
            *preview,
            *_switches(team_id, plan, words),
        ],
        submit=words("setup.submit"),
        close=words("setup.close"),
    )


def _rhythm(values: SetupValues, words: Words) -> list[Block]:
    cadences = [option(words(f"setup.cadence.{name}"), name) for name in CADENCES]
    days = [option(words(f"setup.day.{day}"), day) for day in DAYS]
    hour = text_field(_at("at"), initial=values.at, longest=5)
    hours = text_field(_at("hours"), initial=values.hours, longest=11)
    return [
        _live("cadence", select(_at("cadence"), cadences, chosen=values.cadence), words),
        field("day", words("setup.day.label"), select(_at("day"), days, chosen=values.day), live=True),
        _live("at", hour, words, label="hour"),
        field("band", words("setup.band.label"), _band(values, words), live=True),
        _live("hours", hours, words),
        field(
            "working_days",
            words("setup.working_days.label"),
            several(_at("working_days"), days, values.working_days),
            live=True,
        ),
    ]


def _limits(values: SetupValues, words: Words) -> list[Block]:
    items = [
        option(words("setup.items.option", items=number, seconds=seconds_for(number)), str(number))
        for number in range(1, MOST_ITEMS + 1)
    ]
    windows = [option(words("setup.window.option", hours=hours), str(hours)) for hours in WINDOWS_HOURS]
    reminders = [option(words(f"setup.reminders.{name}"), name) for name in REMINDERS]
    rounds = [option(words("setup.rounds.option", rounds=number), str(number)) for number in range(1, MOST_ROUNDS + 1)]
    return [
        _live("items", select(_at("items"), items, chosen=values.items), words),
        field("window", words("setup.window.label"), select(_at("window"), windows, chosen=values.window), live=True),
        field(
            "reminders", words("setup.reminders.label"), select(_at("reminders"), reminders, chosen=values.reminders)
        ),
        _live("rounds", select(_at("rounds"), rounds, chosen=values.rounds), words),
        field("k", words("setup.k.label"), _fewest(values, words), hint=words("setup.k.hint")),
    ]


def _band(values: SetupValues, words: Words) -> Element:
    minutes = sorted({*BANDS_MINUTES, int(values.band)})
    choices = [option(words("setup.band.option", minutes=number), str(number)) for number in minutes]
    return select(_at("band"), choices, chosen=values.band)


def _fewest(values: SetupValues, words: Words) -> Element:
    numbers = sorted({*range(LOWEST_K, MOST_K + 1), int(values.k)})
    choices = [option(words("setup.k.option", people=number), str(number)) for number in numbers]
    return select(_at("k"), choices, chosen=values.k)


def _switches(team_id: int, plan: Plan | None, words: Words) -> list[Block]:
    if plan is None:
        return []
    dry_run = button(words("setup.button.dry_run"), DryRun(team_id))
    if plan.paused:
        return [actions(button(words("setup.button.resume"), ResumeSchedule(team_id)), dry_run)]
    return [actions(button(words("setup.button.pause"), PauseSchedule(team_id)), dry_run)]


def preview(rounds: Sequence[PreviewRound], release_in_rounds: int, plan: Plan | None, words: Words) -> list[Block]:
    """When the next rounds open and for whom, in words."""
    notes = [section(words("setup.preview_paused"))] if plan is not None and plan.paused else []
    if not rounds or rounds[0].people == 0:
        return [*notes, section(words("setup.preview_nobody"))]
    opens = [words("setup.preview_round", opens_at=one.opens_at) for one in rounds]
    text = words(
        "setup.preview_rounds",
        rounds=opens,
        people=rounds[0].people,
        groups=rounds[0].workgroups,
        wave=release_in_rounds,
    )
    return [*notes, section(text)]


def dry_run(rows: Sequence[Mapping[str, str | None]], words: Words) -> Rendered:
    """Who gets what when, and why not: one paragraph a day, as the service's rows have it."""
    title = words("setup.dry_run.header")
    days = [section(Mrkdwn("\n".join(_day(on, list(found), words)))) for on, found in groupby(rows, _local_day)]
    told = days[:MOST_DAYS] or [section(words("setup.dry_run.nothing"))]
    return Rendered(title, [header(title), *told, context(words("setup.dry_run.note"))])


def _local_day(row: Mapping[str, str | None]) -> str:
    """The day of a row; one that is not sent stands under its period."""
    return (row["local"] or row["period"] or "")[:10]


def _day(on: str, rows: Sequence[Mapping[str, str | None]], words: Words) -> Iterator[str]:
    yield words("setup.dry_run.day", on=date.fromisoformat(on))
    sent = [(datetime.fromisoformat(str(row["local"])), row["person"]) for row in rows if row["local"]]
    if sent:
        on_paper = Words(words.content, words.language)  # each on their own clock, as the row has it
        yield " · ".join(on_paper("setup.dry_run.at", at=at, person=_mention(person)) for at, person in sorted(sent))
    by_reason: dict[str, list[Mrkdwn]] = {}
    for row in rows:
        if row["reason"]:
            by_reason.setdefault(row["reason"], []).append(_mention(row["person"]))
    for reason, people in by_reason.items():
        yield words("setup.dry_run.not_sent", people=people, reason=words(f"setup.dry_run.reason.{reason}"))


def _mention(slack_user: str | None) -> Mrkdwn:
    return Mrkdwn(f"<@{slack_user}>")


def _at(name: str) -> Field:
    return Field(Form.SETUP, name)


def _live(name: str, element: Element, words: Words, *, label: str = "") -> Block:
    """An input that redraws the preview when it changes."""
    key = f"setup.{label or name}"
    return field(name, words(f"{key}.label"), element, hint=words(f"{key}.hint"), live=True)
