"""Who gets what when, and why not: the dry run. It asks the same functions as the round itself, so the two agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.core.cadence import (
    Budget,
    DueAt,
    NotAsked,
    Opening,
    PersonTime,
    Rule,
    due_at,
    openings,
    round_window,
    week_of,
    within_budget,
)
from bot.core.reasons import Reason

_FURTHEST_MOVE = timedelta(days=62)
"""A round may be moved by a month, an ask by its window: openings this far outside a range can fall into it."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on the roster, from when to when."""

    time: PersonTime
    joined_at: datetime
    left_at: datetime | None = None
    deactivated: bool = False


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One team's schedule with its roster. `paused` stops it until somebody resumes.

    Periods up to `decided` have had their round, or never will; days before `since` belong to an earlier rule.
    """

    name: str
    rule: Rule
    members: tuple[Member, ...]
    paused: bool = False
    since: date = date.min
    decided: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """One person in one period: `due` where they are asked, `reason` where not. `on` is the local day it is about."""

    schedule: str
    period: str
    person: str
    zone: str
    on: date
    due: DueAt | None
    reason: Reason | None = None

    def row(self) -> dict[str, str | None]:
        """What anybody may read: personal reasons are one word."""
        return {
            "schedule": self.schedule,
            "period": self.period,
            "person": self.person,
            "timezone": self.zone,
            "local": self.due.local.isoformat() if self.due else None,
            "utc": self.due.utc.isoformat() if self.due else None,
            "status": "planned" if self.due else "skipped",
            "reason": self.reason.shown if self.reason else None,
        }


def who_gets_what_when(
    schedules: Iterable[Scheduled],
    from_on: date,
    to_on: date,
    *,
    decided: Iterable[Planned] = (),
    budget: Budget | None = None,
) -> list[Planned]:
    """Every person and period whose local day lies from..to, both included, by time and then by person.

    `decided` are the rounds that are there already, as they were stored.
    """
    planned = [one for schedule in schedules for one in _of_schedule(schedule, from_on, to_on)]
    planned.extend(decided)
    ordered = sorted(planned, key=lambda one: (one.on, one.due.utc.isoformat() if one.due else "", one.person))
    return [one for one in _within_budget(ordered, budget or Budget()) if from_on <= one.on <= to_on]


def _of_schedule(schedule: Scheduled, from_on: date, to_on: date) -> Iterator[Planned]:
    zones = {member.time.zone for member in schedule.members}
    for opening in openings(schedule.rule, from_on - _FURTHEST_MOVE, to_on + _FURTHEST_MOVE):
        if opening.period <= schedule.decided or opening.on < schedule.since:
            continue
        opens_at = round_window(schedule.rule, opening, zones).opens_at
        for member in schedule.members:
            yield _of_member(schedule, opening, opens_at, member)


def _of_member(schedule: Scheduled, opening: Opening, opens_at: datetime, member: Member) -> Planned:
    asked = _roster_reason(member, opens_at) or _asked(schedule, opening, member)
    due = asked if isinstance(asked, DueAt) else None
    return Planned(
        schedule=schedule.name,
        period=opening.period,
        person=member.time.person,
        zone=member.time.zone,
        on=due.local.date() if due else opening.on,
        due=due,
        reason=None if isinstance(asked, DueAt) else asked.reason,
    )


def _roster_reason(member: Member, opens_at: datetime) -> NotAsked | None:
    """Members are counted as of the round's opening: joiners are asked from the next round on."""
    if member.deactivated:
        return NotAsked(Reason.DEACTIVATED)
    if member.left_at is not None and member.left_at <= opens_at:
        return NotAsked(Reason.LEFT)
    if member.joined_at > opens_at:
        return NotAsked(Reason.JOINED_LATER)
    return None


def _asked(schedule: Scheduled, opening: Opening, member: Member) -> DueAt | NotAsked:
    if schedule.paused and opening.skipped is None:
        return NotAsked(Reason.PAUSED)
    return due_at(schedule.rule, opening, member.time)


def _within_budget(planned: Iterable[Planned], budget: Budget) -> Iterator[Planned]:
    """Pulses beyond a person's weekly budget are not sent; reminders and nudges never take a pulse's place."""
    spent: Counter[tuple[str, datetime]] = Counter()
    for one in planned:
        if one.due is None:
            yield one
            continue
        week = one.person, week_of(one.due.utc, one.zone).opens_at
        if within_budget(budget, spent[week]):
            spent[week] += 1
            yield one
        else:
            yield replace(one, due=None, reason=Reason.BUDGET)
