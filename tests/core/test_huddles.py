from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import Content
from bot.core.changes import Change, PastHuddle
from bot.core.figures import Cell, Figure, FigureKey, FigureKind, Withheld
from bot.core.huddles import (
    RELATIONAL_ORDER,
    FollowUpOccasion,
    Occasion,
    Plan,
    facilitator,
    follow_up,
    missing_perspectives,
    plan,
)
from bot.core.instrument import Dimension
from bot.core.library import Foundation, HuddleKind, Playbook
from bot.core.states import CommitmentState, HuddleState
from tests.core.released_figures import BETWEEN, PROCESS, TEAM, shown, wave_figures

CONTENT = Content.load(Path(__file__).parents[2] / "prompts")
LEAN = CONTENT.library().playbook("lean")
NURSES, DOCTORS, PHARMACY = 11, 12, 13
MONDAY = date(2026, 6, 1)
FLOW = Change(id=1, playbook=LEAN, stage="flow", stage_since_on=MONDAY)
OCCASION = Occasion(team=TEAM, figures=[], bands=BETWEEN, huddles=[], general=CONTENT.huddles, change=FLOW)


def planned(occasion: Occasion) -> Plan:
    found = plan(occasion)
    assert found is not None
    return found


def held(prompt: str, *, week: int = 0, stage: str = "flow", present: frozenset[int] = frozenset()) -> PastHuddle:
    return PastHuddle(MONDAY + timedelta(weeks=week), HuddleState.HELD, stage, prompt, present)


def safety(cell: Cell) -> Figure:
    return Figure(FigureKey(FigureKind.COMPANION, PROCESS, 1, TEAM, construct="psychological_safety"), cell)


def test_the_prompt_is_about_the_weakest_released_tie_and_dimension_at_the_changes_stage() -> None:
    figures = wave_figures(1, tie_dimensions={(NURSES, PHARMACY, Dimension.TIMELY): 2.8})

    found = planned(replace(OCCASION, figures=figures))

    assert found.prompt.id == "lean.flow.timely"
    assert (found.rater, found.rated) == (NURSES, PHARMACY)
    assert found.tool is not None
    assert found.tool.id == "kaizen"


def test_low_psychological_safety_comes_before_anything_else() -> None:
    figures = [safety(shown(3.1)), *wave_figures(1, dimensions={Dimension.SHARED_GOALS: 1.5})]
    losing = replace(FLOW, takes_away=True)

    assert planned(replace(OCCASION, figures=figures, change=losing)).theme is Foundation.PSYCHOLOGICAL_SAFETY


@pytest.mark.parametrize("cell", [shown(3.9), Withheld()])
def test_safety_that_is_not_known_to_be_low_takes_no_huddle(cell: Cell) -> None:
    assert planned(replace(OCCASION, figures=[safety(cell)])).theme is not Foundation.PSYCHOLOGICAL_SAFETY


def test_shared_goals_come_before_timeliness_though_both_are_weak() -> None:
    figures = wave_figures(1, dimensions={Dimension.TIMELY: 2.0, Dimension.SHARED_GOALS: 3.3})

    assert planned(replace(OCCASION, figures=figures)).theme is Dimension.SHARED_GOALS


def test_a_loss_is_acknowledged_once_in_each_stage() -> None:
    losing = replace(OCCASION, change=replace(FLOW, takes_away=True))
    first = planned(losing)
    then = planned(replace(losing, huddles=[held(first.prompt.id)]))
    next_stage = replace(losing.change or FLOW, stage="pull")

    assert first.theme is Foundation.LOSS
    assert then.theme is not Foundation.LOSS
    assert planned(replace(losing, change=next_stage, huddles=[held(first.prompt.id)])).theme is Foundation.LOSS


def test_before_go_live_commitment_is_talked_about_once() -> None:
    pull = replace(OCCASION, change=replace(FLOW, stage="pull"))
    first = planned(pull)

    assert first.theme is Foundation.COMMITMENT
    assert planned(replace(pull, huddles=[held(first.prompt.id, stage="pull")])).theme is not Foundation.COMMITMENT


def test_without_released_figures_the_dimensions_come_in_relational_order() -> None:
    huddles: list[PastHuddle] = []
    themes = []
    for week in range(7):
        found = planned(replace(OCCASION, huddles=huddles))
        themes.append(found.theme)
        assert (found.rater, found.rated) == (None, None)
        huddles.append(held(found.prompt.id, week=week))

    assert tuple(themes) == RELATIONAL_ORDER


def test_what_was_talked_about_twice_in_a_row_stands_back() -> None:
    figures = wave_figures(1, dimensions={Dimension.TIMELY: 2.0, Dimension.ACCURATE: 3.0})
    twice = [held("lean.flow.timely"), held("timely.test", week=1)]

    assert planned(replace(OCCASION, figures=figures, huddles=twice)).theme is Dimension.ACCURATE


def test_no_prompt_comes_again_while_others_on_the_theme_are_left() -> None:
    figures = wave_figures(1, dimensions={Dimension.TIMELY: 2.0})
    first = planned(replace(OCCASION, figures=figures))

    again = planned(replace(OCCASION, figures=figures, huddles=[held(first.prompt.id)]))

    assert again.theme is Dimension.TIMELY
    assert again.prompt.id != first.prompt.id


def test_a_general_prompt_borrows_the_stages_tool_that_builds_its_theme() -> None:
    figures = wave_figures(1, dimensions={Dimension.ACCURATE: 2.0})

    found = planned(replace(OCCASION, figures=figures, huddles=[held("lean.flow.accurate")]))

    assert found.prompt.tool is None
    assert found.tool is not None
    assert Dimension.ACCURATE in found.tool.builds


def test_the_wanted_kind_of_huddle_is_preferred_and_never_a_reason_for_silence() -> None:
    figures = wave_figures(1, dimensions={Dimension.TIMELY: 2.0})
    debrief = planned(replace(OCCASION, kind=HuddleKind.DEBRIEF))

    assert debrief.theme is Dimension.SHARED_GOALS
    assert planned(replace(OCCASION, figures=figures, kind=HuddleKind.DEBRIEF)).theme is Dimension.TIMELY


@settings(max_examples=40)
@given(
    released=st.dictionaries(
        st.sampled_from(list(Dimension)), st.integers(13, 47).map(lambda tenths: tenths / 10), max_size=4
    ),
    withheld=st.sets(st.tuples(st.sampled_from([11, 12, 13]), st.sampled_from([11, 12, 13]))),
    stage=st.sampled_from([stage.id for stage in LEAN.stages]),
)
def test_the_prompt_is_the_same_whatever_withheld_figures_hold(
    released: dict[Dimension, float], withheld: set[tuple[int, int]], stage: str
) -> None:
    figures = wave_figures(1, dimensions=released)
    hidden = [Figure(FigureKey(FigureKind.TIE, PROCESS, 1, TEAM, *pair), Withheld()) for pair in sorted(withheld)]
    occasion = replace(OCCASION, change=replace(FLOW, stage=stage), figures=figures)

    assert plan(replace(occasion, figures=[*hidden, *figures, safety(Withheld())])) == plan(occasion)


def test_a_teams_own_huddle_needs_no_change_and_has_no_tool() -> None:
    found = planned(replace(OCCASION, change=None))

    assert found.tool is None
    assert found.theme is Dimension.SHARED_GOALS


@pytest.mark.parametrize("playbook", CONTENT.playbooks, ids=lambda playbook: playbook.id)
def test_every_stage_of_every_playbook_has_something_to_talk_about_for_half_a_year(playbook: Playbook) -> None:
    for stage in playbook.stages:
        change = Change(id=1, playbook=playbook, stage=stage.id, stage_since_on=MONDAY, takes_away=True)
        huddles: list[PastHuddle] = []
        for week in range(26):
            found = planned(replace(OCCASION, change=change, huddles=huddles))
            assert found.tool is not None
            huddles.append(held(found.prompt.id, week=week, stage=stage.id))
        assert len({huddle.prompt for huddle in huddles[:10]}) == 10


def test_affected_roles_that_were_in_none_of_the_last_huddles_are_missing() -> None:
    huddles = [
        held("a", week=0, present=frozenset({PHARMACY})),
        *(held("b", week=week, present=frozenset({NURSES})) for week in (1, 2, 3)),
        PastHuddle(MONDAY + timedelta(weeks=4), HuddleState.SKIPPED, "flow", "c", frozenset({DOCTORS})),
    ]

    assert missing_perspectives({NURSES, DOCTORS, PHARMACY}, huddles) == (DOCTORS, PHARMACY)


def test_nobody_is_missing_before_the_first_huddle() -> None:
    assert missing_perspectives({NURSES, DOCTORS}, []) == ()


def test_keeping_the_time_goes_round_the_roles() -> None:
    huddles: list[PastHuddle] = []
    turns = []
    for week in range(6):
        turn = facilitator({NURSES, DOCTORS, PHARMACY}, huddles)
        turns.append(turn)
        huddles.append(replace(held("a", week=week), facilitator=turn))

    assert turns == [NURSES, DOCTORS, PHARMACY] * 2
    assert facilitator([], huddles) is None


@pytest.mark.parametrize(
    ("days", "asked", "expected"),
    [
        (-2, frozenset(), None),
        (-1, frozenset(), FollowUpOccasion.DAY_BEFORE),
        (-1, frozenset({FollowUpOccasion.DAY_BEFORE}), None),
        (0, frozenset(), FollowUpOccasion.ON_THE_DAY),
        (3, frozenset({FollowUpOccasion.DAY_BEFORE}), FollowUpOccasion.ON_THE_DAY),
        (3, frozenset({FollowUpOccasion.ON_THE_DAY}), None),
    ],
)
def test_a_promise_comes_back_the_day_before_and_on_the_day(
    days: int, asked: frozenset[FollowUpOccasion], expected: FollowUpOccasion | None
) -> None:
    today = MONDAY + timedelta(days=days)

    assert follow_up(state=CommitmentState.OPEN, due_on=MONDAY, asked=asked, today=today) is expected


@pytest.mark.parametrize("state", [state for state in CommitmentState if state is not CommitmentState.OPEN])
def test_an_answered_promise_is_left_alone(state: CommitmentState) -> None:
    assert follow_up(state=state, due_on=MONDAY, asked=frozenset(), today=MONDAY) is None
