from __future__ import annotations

from sqlmodel import select

from bot.core.figures import Shown
from bot.core.states import AskState
from bot.db import figures as figure_queries
from bot.db.tables import Ask, Person, Wave
from bot.services import closings, rounds, schedules, waves
from tests.cast import Stage, people_of

WEEK = 7
EVERYTHING = 14
"""Seven dimensions of two other workgroups."""


async def _wave(
    stage: Stage, *, week: int, without: frozenset[str] = frozenset(), half: str = "", rest_on: str = "UNUR0"
) -> int:
    """One round with everybody but ``without`` answering; ``half`` stops before the last question.

    How many figures are out that rest on the answers of ``rest_on``'s workgroup.
    """
    await stage.clock.set(stage.now.replace(hour=8, minute=30, day=2 + WEEK * week))
    await rounds.open_due(stage.deps, stage.now)
    for user, _ in people_of(stage.groups):
        if user not in without:
            await stage.answer(user, only=EVERYTHING - 1 if user == half else None)
    await stage.clock.advance(days=2)
    await closings.close_due(stage.deps, stage.now)
    await waves.release_due(stage.deps, stage.now)
    async with stage.deps.database.read() as session:
        (wave,) = (await session.exec(select(Wave.id).where(Wave.number == week + 1))).all()
        group = (
            await session.exec(select(Ask.workgroup_id).join(Person).where(Person.slack_user_id == rest_on))
        ).first()
        figures = await figure_queries.of_waves(session, [wave])
    return sum(isinstance(one.cell, Shown) and one.key.rater in {None, group} for one in figures)


async def _full_design(stage: Stage, items: int = EVERYTHING) -> None:
    await stage.schedule()
    async with stage.deps.database.write() as session:
        schedule = await schedules.of_team(session, stage.team)
        assert schedule is not None
        schedule.items = items
    await schedules.set_rounds_per_wave(stage.deps, stage.ws, "UCOACH", stage.team, 1)


async def test_a_wave_asked_in_full_repeats_over_the_same_people(quick_stage: Stage) -> None:
    await _full_design(quick_stage)
    assert await _wave(quick_stage, week=0) > 10
    assert await _wave(quick_stage, week=1) > 10


async def test_one_person_who_stays_away_cannot_be_computed_from_two_full_waves(quick_stage: Stage) -> None:
    await _full_design(quick_stage)
    assert await _wave(quick_stage, week=0) > 10
    assert await _wave(quick_stage, week=1, without=frozenset({"UNUR0"})) == 0


async def test_who_stopped_before_the_last_question_cannot_be_computed_either(quick_stage: Stage) -> None:
    await _full_design(quick_stage)
    assert await _wave(quick_stage, week=0, half="UNUR0") > 10
    async with quick_stage.deps.database.read() as session:
        states = (await session.exec(select(Ask.state))).all()
    assert states.count(AskState.LAPSED) == 1
    assert await _wave(quick_stage, week=1, without=frozenset({"UNUR0"})) > 10
    assert await _wave(quick_stage, week=2) == 0


async def test_a_wave_that_showed_nothing_is_nothing_to_compare_with(quick_stage: Stage) -> None:
    await _full_design(quick_stage)
    everybody = frozenset(user for user, _ in people_of(quick_stage.groups))
    assert await _wave(quick_stage, week=0, without=everybody - {"UNUR0", "UPHY0", "UPHA0"}) == 0
    assert await _wave(quick_stage, week=1) > 10


async def test_three_questions_of_many_are_a_sample_and_repeat_whoever_answers(quick_stage: Stage) -> None:
    await _full_design(quick_stage, items=3)
    assert await _wave(quick_stage, week=0) > 5
    assert await _wave(quick_stage, week=1, without=frozenset({"UNUR0"})) > 5
