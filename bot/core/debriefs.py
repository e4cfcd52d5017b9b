"""The debrief order: sealed, the coach previews, then the lead, then the whole team together.

Feedback can harm, the more so the lower it is: so each step is a deliberate act of somebody who has seen the map, and
nobody jumps the order, administrators included. A coach who does nothing for three working days does not hold it up:
the lead then gets the map with the talk guide. Where there is no coach the lead is first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.core.errors import NotAllowed, Stale
from bot.core.states import DebriefState

COACH_DAYS = 3
"""Working days that a coach has for a look before the map goes on to the lead."""
_ORDER = (DebriefState.COACH, DebriefState.LEAD, DebriefState.TEAM)


class Relation(StrEnum):
    """What a person is to a team now. A person may be several; somebody of another workspace is none of these."""

    COACH = "coach"
    LEAD = "lead"
    MEMBER = "member"
    SPONSOR = "sponsor"
    """Of a change that affects the team."""
    ADMIN = "admin"
    """Runs the installation; sees no figures by that."""
    ELSEWHERE = "elsewhere"
    """In the same workspace, on other teams only; whatever they are there."""


class Action(StrEnum):
    OPEN_REPORT = "open_report"
    """Report, dimensions, history, effects: with bands and words, for those who help the team to read it."""
    OPEN_MAP = "open_map"
    """The same released map, untoned, in Home."""
    EXPORT = "export"
    PREPARE_TALK = "prepare_talk"
    PASS_TO_LEAD = "pass_to_lead"  # noqa: S105 - passing on, not a password
    SHARE_WITH_TEAM = "share_with_team"
    RECORD_TALK = "record_talk"
    """*We heard, we will try.*"""
    SEE_EFFECTS = "see_effects"
    """What a change did, as a sponsor reads it."""


FROM: Mapping[tuple[Relation, Action], DebriefState] = {
    (Relation.COACH, Action.OPEN_REPORT): DebriefState.COACH,
    (Relation.COACH, Action.OPEN_MAP): DebriefState.COACH,
    (Relation.COACH, Action.EXPORT): DebriefState.COACH,
    (Relation.COACH, Action.PREPARE_TALK): DebriefState.COACH,
    (Relation.COACH, Action.PASS_TO_LEAD): DebriefState.COACH,
    (Relation.COACH, Action.SHARE_WITH_TEAM): DebriefState.LEAD,
    (Relation.COACH, Action.RECORD_TALK): DebriefState.LEAD,
    (Relation.COACH, Action.SEE_EFFECTS): DebriefState.COACH,
    (Relation.LEAD, Action.OPEN_REPORT): DebriefState.LEAD,
    (Relation.LEAD, Action.OPEN_MAP): DebriefState.LEAD,
    (Relation.LEAD, Action.EXPORT): DebriefState.LEAD,
    (Relation.LEAD, Action.PREPARE_TALK): DebriefState.LEAD,
    (Relation.LEAD, Action.SHARE_WITH_TEAM): DebriefState.LEAD,
    (Relation.LEAD, Action.RECORD_TALK): DebriefState.LEAD,
    (Relation.LEAD, Action.SEE_EFFECTS): DebriefState.LEAD,
    (Relation.MEMBER, Action.OPEN_MAP): DebriefState.TEAM,
    (Relation.SPONSOR, Action.SEE_EFFECTS): DebriefState.TEAM,
}
"""From which state on a person who is this to the team may do that; what is not listed nobody may, in any state."""

STEPS: Mapping[Action, tuple[DebriefState, DebriefState]] = {
    Action.PASS_TO_LEAD: (DebriefState.COACH, DebriefState.LEAD),
    Action.SHARE_WITH_TEAM: (DebriefState.LEAD, DebriefState.TEAM),
}
"""The two acts that move a debrief on, each from exactly one state to the next."""

HEARS: Mapping[DebriefState, Relation] = {
    DebriefState.COACH: Relation.COACH,
    DebriefState.LEAD: Relation.LEAD,
    DebriefState.TEAM: Relation.MEMBER,
}
"""Who is told, without asking, when a debrief enters a state."""


@dataclass(frozen=True, slots=True)
class PassOn:
    """The map goes on to the lead now, with the talk guide first."""


@dataclass(frozen=True, slots=True)
class WaitForCoach:
    """It is the coach's until then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing happens by itself any more."""


def first_state(*, has_coach: bool) -> DebriefState:
    """Whose a freshly released wave is."""
    return DebriefState.COACH if has_coach else DebriefState.LEAD


def reached(state: DebriefState, wanted: DebriefState) -> bool:
    """Whether ``state`` is ``wanted`` or lies after it."""
    return _ORDER.index(state) >= _ORDER.index(wanted)


def may(relations: Iterable[Relation], action: Action, state: DebriefState) -> bool:
    """Whether somebody who is all of ``relations`` to the team may do this while its wave is in ``state``."""
    return any((relation, action) in FROM and reached(state, FROM[relation, action]) for relation in relations)


def advance(relations: Iterable[Relation], action: Action, state: DebriefState) -> DebriefState:
    """The state after a step. Raises NotAllowed, and Stale where the step was already taken (a replayed button)."""
    before, after = STEPS[action]
    if not may(relations, action, state):
        raise NotAllowed
    if state is not before:
        raise Stale
    return after


def visible_waves(relations: Iterable[Relation], states: Mapping[int, DebriefState], action: Action) -> tuple[int, ...]:
    """Which released waves ``action`` may be done with, in the order given: a lead keeps the last map while the new
    one is still with the coach.
    """
    held = frozenset(relations)
    return tuple(wave for wave, state in states.items() if may(held, action, state))


def decide(
    state: DebriefState,
    opened_at: datetime,
    now: datetime,
    *,
    has_coach: bool,
    zone: ZoneInfo,
    works: Callable[[date], bool],
) -> PassOn | WaitForCoach | Settled:
    """What time does to a debrief. ``works`` says whether a day is a working day of the team, in its ``zone``.

    A coach who has left the team holds nothing up.
    """
    if state is not DebriefState.COACH:
        return Settled()
    until = coach_until(opened_at, zone=zone, works=works)
    return WaitForCoach(until) if has_coach and now < until else PassOn()


def coach_until(opened_at: datetime, *, zone: ZoneInfo, works: Callable[[date], bool]) -> datetime:
    """The hour of opening, on the third working day after the day of opening; a year on where nobody ever works."""
    local = opened_at.astimezone(zone)
    left, on = COACH_DAYS, local.date()
    for _ in range(366):
        on += timedelta(days=1)
        left -= works(on)
        if left == 0:
            break
    return datetime.combine(on, local.time(), zone).astimezone(opened_at.tzinfo)


def guide_first(*, low: bool, by_itself: bool) -> bool:
    """Whether the lead meets the talk guide before the figures: always when they are low, or when no coach passed them
    on in person.
    """
    return low or by_itself


def in_debrief(state: DebriefState) -> bool:
    """Until the team has looked at its map together, nudges about it keep still."""
    return state is not DebriefState.TEAM
