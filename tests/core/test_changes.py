from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.content import Content
from bot.core.changes import (
    Action,
    AskAboutHuddles,
    Change,
    PastHuddle,
    PromptHuddle,
    Rest,
    RestReason,
    Step,
    after,
    complies_without_wanting,
    items_of_stage,
    may_start,
    next_step,
    overloaded,
)
from bot.core.figures import Cell, Figure, FigureKey, FigureKind, Withheld
from bot.core.states import ChangeState, HuddleState
from tests.core.released_figures import BETWEEN, PROCESS, TEAM, shown

CONTENT = Content.load(Path(__file__).parents[2] / "prompts")
LEAN, REENGINEERING = CONTENT.library().playbook("lean"), CONTENT.library().playbook("reengineering")
MONDAY = date(2026, 6, 1)
CHANGE = Change(id=1, playbook=LEAN, stage="flow", stage_since_on=MONDAY, workgroups=frozenset({11, 12}))


def huddle(days: int, state: HuddleState = HuddleState.HELD) -> PastHuddle:
    return PastHuddle(MONDAY + timedelta(days=days), state, "flow", "lean.flow.timely")


def step_on(days: int, huddles: Sequence[PastHuddle], *, change: Change = CHANGE, asked: date | None = None) -> Step:
    today = MONDAY + timedelta(days=days)
    return next_step(change, huddles, every_days=7, today=today, asked_about_huddles_on=asked)


def test_the_first_prompt_is_due_as_soon_as_the_change_has_started() -> None:
    assert step_on(0, []) == PromptHuddle()
    assert step_on(-1, []) == Rest(RestReason.NOT_DUE, MONDAY)


def test_the_next_prompt_follows_the_rhythm() -> None:
    assert step_on(6, [huddle(0)]) == Rest(RestReason.NOT_DUE, MONDAY + timedelta(days=7))
    assert step_on(7, [huddle(0)]) == PromptHuddle()


def test_a_new_stage_does_not_wait_for_the_rhythm_and_does_not_come_the_day_after() -> None:
    moved = replace(CHANGE, stage="pull", stage_since_on=MONDAY + timedelta(days=1))

    assert step_on(1, [huddle(0)], change=moved) == Rest(RestReason.NOT_DUE, MONDAY + timedelta(days=2))
    assert step_on(2, [huddle(0)], change=moved) == PromptHuddle()


@pytest.mark.parametrize("state", [ChangeState.DRAFT, ChangeState.PAUSED, ChangeState.FINISHED, ChangeState.ABANDONED])
def test_a_change_that_is_not_under_way_prompts_nothing(state: ChangeState) -> None:
    assert step_on(30, [], change=replace(CHANGE, state=state)) == Rest(RestReason.NOT_ACTIVE)


def test_huddles_that_keep_being_skipped_bring_one_question_then_silence() -> None:
    skipped = [huddle(0, HuddleState.SKIPPED), huddle(7, HuddleState.PROMPTED), huddle(14, HuddleState.SKIPPED)]

    assert step_on(21, skipped) == AskAboutHuddles()
    assert step_on(22, skipped, asked=MONDAY + timedelta(days=21)) == Rest(RestReason.GONE_QUIET)


def test_a_huddle_that_is_still_to_come_has_not_been_skipped() -> None:
    planned = [huddle(0, HuddleState.SKIPPED), huddle(7, HuddleState.SKIPPED), huddle(14, HuddleState.PROMPTED)]

    assert step_on(14, planned) == Rest(RestReason.NOT_DUE, MONDAY + timedelta(days=21))


def test_a_huddle_that_takes_place_ends_the_silence() -> None:
    history = [*(huddle(7 * week, HuddleState.SKIPPED) for week in range(3)), huddle(28)]

    assert step_on(35, history, asked=MONDAY + timedelta(days=21)) == PromptHuddle()


@pytest.mark.parametrize(
    ("state", "action", "expected"),
    [
        (ChangeState.DRAFT, Action.START, ChangeState.ACTIVE),
        (ChangeState.ACTIVE, Action.MOVE, ChangeState.ACTIVE),
        (ChangeState.ACTIVE, Action.PAUSE, ChangeState.PAUSED),
        (ChangeState.PAUSED, Action.RESUME, ChangeState.ACTIVE),
        (ChangeState.PAUSED, Action.MOVE, None),
        (ChangeState.DRAFT, Action.FINISH, None),
        (ChangeState.FINISHED, Action.RESUME, None),
        (ChangeState.ABANDONED, Action.START, None),
    ],
)
def test_only_sensible_moves_are_possible(state: ChangeState, action: Action, expected: ChangeState | None) -> None:
    assert after(state, action) is expected


def test_a_change_without_a_measure_starts_only_with_a_reason() -> None:
    assert may_start(has_measure=True, no_measure_reason="")
    assert may_start(has_measure=False, no_measure_reason="We want to learn first.")
    assert not may_start(has_measure=False, no_measure_reason="  ")


def test_before_go_live_commitment_is_asked_three_times_over() -> None:
    asked = items_of_stage(replace(CHANGE, stage="pull"))

    assert {f"commitment_{kind}" for kind in ("affective", "normative", "continuance")} <= set(asked)


def test_a_loss_is_asked_about_in_every_stage_of_a_change_that_takes_something_away() -> None:
    for stage in LEAN.stages:
        assert "loss_acknowledged" in items_of_stage(replace(CHANGE, stage=stage.id, takes_away=True))


def test_nobody_is_asked_about_a_loss_that_there_is_not() -> None:
    for stage in REENGINEERING.stages:
        items = items_of_stage(Change(id=2, playbook=REENGINEERING, stage=stage.id, stage_since_on=MONDAY))
        assert not [item for item in items if item.startswith("loss_")]


def test_workgroups_that_would_carry_too_many_changes_are_named() -> None:
    others = [CHANGE, replace(CHANGE, id=2, workgroups=frozenset({12, 13})), replace(CHANGE, id=3)]
    idle = replace(CHANGE, id=4, state=ChangeState.PAUSED, workgroups=frozenset({13}))

    assert overloaded([*others, idle], [11, 12, 13, 14]) == (11, 12)


def commitment(want: Cell, owe: Cell, have_to: Cell) -> list[Figure]:
    cells = {"affective": want, "normative": owe, "continuance": have_to}
    return [
        Figure(FigureKey(FigureKind.COMPANION, PROCESS, 1, TEAM, construct=f"commitment_{kind}", change=1), cell)
        for kind, cell in cells.items()
    ]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (commitment(shown(2.5), shown(2.9), shown(4.2)), True),
        (commitment(shown(4.2), shown(2.9), shown(4.2)), False),
        (commitment(shown(2.5), shown(2.9), shown(2.0)), False),
        (commitment(shown(2.5), Withheld(), shown(4.2)), False),
        ([], False),
    ],
)
def test_compliance_without_commitment_is_named_only_where_all_three_are_released(
    figures: list[Figure], expected: bool
) -> None:
    assert complies_without_wanting(figures, change=1, team=TEAM, bands=BETWEEN) is expected
