from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.debriefs import (
    FROM,
    HEARS,
    STEPS,
    Action,
    PassOn,
    Relation,
    Settled,
    WaitForCoach,
    advance,
    coach_until,
    decide,
    first_state,
    guide_first,
    in_debrief,
    may,
    reached,
    visible_waves,
)
from bot.core.errors import NotAllowed, Stale
from bot.core.states import DebriefState

COACH, LEAD, TEAM = DebriefState.COACH, DebriefState.LEAD, DebriefState.TEAM
VIENNA = ZoneInfo("Europe/Vienna")
FRIDAY = datetime(2026, 10, 23, 8, 30, tzinfo=UTC)
"""The Friday before the clocks go back."""


def weekday(on: date) -> bool:
    return on.weekday() < 5


CELLS = (
    "action           coach  lead  member  sponsor  admin  elsewhere",
    "open_report      C      L     -       -        -      -",
    "open_map         C      L     T       -        -      -",
    "export           C      L     -       -        -      -",
    "prepare_talk     C      L     -       -        -      -",
    "pass_to_lead     C      -     -       -        -      -",
    "share_with_team  L      L     -       -        -      -",
    "record_talk      L      L     -       -        -      -",
    "see_effects      C      L     -       T        -      -",
)
RELATIONS = [Relation(name) for name in CELLS[0].split()[1:]]
FIRST = {"C": COACH, "L": LEAD, "T": TEAM, "-": None}
TABLE = [
    (relation, Action(row.split()[0]), FIRST[letter])
    for row in CELLS[1:]
    for relation, letter in zip(RELATIONS, row.split()[1:], strict=True)
]


def test_the_table_of_the_tests_covers_every_cell() -> None:
    assert {(relation, action) for relation, action, _ in TABLE} == {(r, a) for r in Relation for a in Action}


@pytest.mark.parametrize(("relation", "action", "first"), TABLE)
def test_who_may_do_what_from_which_state_on(relation: Relation, action: Action, first: DebriefState | None) -> None:
    allowed = [state for state in DebriefState if may([relation], action, state)]
    assert allowed == ([state for state in DebriefState if reached(state, first)] if first else [])


def test_a_stranger_may_nothing_in_any_state() -> None:
    assert not any(may([], action, state) for action in Action for state in DebriefState)


def test_an_administrator_who_is_also_a_lead_is_a_lead_and_no_more() -> None:
    both = [Relation.ADMIN, Relation.LEAD]
    assert not may(both, Action.OPEN_REPORT, COACH)
    assert may(both, Action.OPEN_REPORT, LEAD)


def test_without_a_coach_the_lead_is_first() -> None:
    assert first_state(has_coach=True) is COACH
    assert first_state(has_coach=False) is LEAD


def test_a_debrief_goes_from_coach_to_lead_to_team_and_no_further() -> None:
    state = advance([Relation.COACH], Action.PASS_TO_LEAD, COACH)
    assert state is LEAD
    assert advance([Relation.LEAD], Action.SHARE_WITH_TEAM, state) is TEAM


@pytest.mark.parametrize("relation", [Relation.LEAD, Relation.ADMIN, Relation.MEMBER, Relation.SPONSOR])
def test_nobody_takes_the_coachs_step_for_them(relation: Relation) -> None:
    with pytest.raises(NotAllowed):
        advance([relation], Action.PASS_TO_LEAD, COACH)


def test_even_the_coach_does_not_jump_over_the_lead() -> None:
    with pytest.raises(NotAllowed):
        advance([Relation.COACH], Action.SHARE_WITH_TEAM, COACH)


def test_a_button_pressed_twice_is_stale_and_changes_nothing() -> None:
    with pytest.raises(Stale):
        advance([Relation.COACH], Action.PASS_TO_LEAD, LEAD)
    with pytest.raises(Stale):
        advance([Relation.LEAD], Action.SHARE_WITH_TEAM, TEAM)


@given(st.lists(st.tuples(st.sampled_from(Relation), st.sampled_from(sorted(STEPS))), max_size=12))
def test_no_sequence_of_attempts_skips_a_state_or_goes_back(attempts: list[tuple[Relation, Action]]) -> None:
    state, path = COACH, [COACH]
    for relation, action in attempts:
        try:
            state = advance([relation], action, state)
        except (NotAllowed, Stale):
            continue
        path.append(state)
    assert path == [COACH, LEAD, TEAM][: len(path)]


@given(st.sets(st.sampled_from(Relation)), st.sampled_from(Action))
def test_what_is_allowed_once_stays_allowed(relations: set[Relation], action: Action) -> None:
    allowed = [may(relations, action, state) for state in (COACH, LEAD, TEAM)]
    assert allowed == sorted(allowed)


def test_a_lead_keeps_the_last_map_while_the_new_one_is_with_the_coach() -> None:
    states = {1: TEAM, 2: LEAD, 3: COACH}
    assert visible_waves([Relation.LEAD], states, Action.OPEN_REPORT) == (1, 2)
    assert visible_waves([Relation.COACH], states, Action.OPEN_REPORT) == (1, 2, 3)
    assert visible_waves([Relation.MEMBER], states, Action.OPEN_MAP) == (1,)
    assert visible_waves([Relation.ADMIN], states, Action.OPEN_MAP) == ()


def test_three_working_days_skip_the_weekend_and_keep_the_hour_on_the_wall() -> None:
    until = coach_until(FRIDAY, zone=VIENNA, works=weekday)
    assert until.astimezone(VIENNA).isoformat() == "2026-10-28T10:30:00+01:00"


def test_a_coach_who_does_nothing_loses_the_turn_after_three_working_days() -> None:
    until = coach_until(FRIDAY, zone=VIENNA, works=weekday)
    before = decide(COACH, FRIDAY, until - timedelta(seconds=1), has_coach=True, zone=VIENNA, works=weekday)
    assert before == WaitForCoach(until)
    assert decide(COACH, FRIDAY, until, has_coach=True, zone=VIENNA, works=weekday) == PassOn()


def test_a_coach_who_has_left_holds_nothing_up() -> None:
    assert decide(COACH, FRIDAY, FRIDAY, has_coach=False, zone=VIENNA, works=weekday) == PassOn()


@pytest.mark.parametrize("state", [LEAD, TEAM])
def test_time_never_shares_a_map_with_the_team(state: DebriefState) -> None:
    later = FRIDAY + timedelta(days=365)
    assert decide(state, FRIDAY, later, has_coach=True, zone=VIENNA, works=weekday) == Settled()


def test_a_calendar_without_working_days_still_ends() -> None:
    until = coach_until(FRIDAY, zone=VIENNA, works=lambda _: False)
    assert until - FRIDAY > timedelta(days=360)


@pytest.mark.parametrize(
    ("low", "by_itself", "first"), [(False, False, False), (True, False, True), (False, True, True)]
)
def test_low_results_and_those_that_no_coach_passed_on_come_with_the_guide_first(
    low: bool, by_itself: bool, first: bool
) -> None:
    assert guide_first(low=low, by_itself=by_itself) is first


def test_nudges_keep_still_until_the_team_has_talked() -> None:
    assert [in_debrief(state) for state in (COACH, LEAD, TEAM)] == [True, True, False]


def test_whoever_hears_of_a_map_may_open_it() -> None:
    for state, relation in HEARS.items():
        assert may([relation], Action.OPEN_MAP, state)
    assert set(STEPS) <= {action for _, action in FROM}
