from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlmodel import col, func, select

from bot.core.figures import Shown
from bot.core.messages import PulseStage
from bot.core.reasons import Reason
from bot.core.states import AskState, DeliveryKind, DeliveryState, RoundState, WaveState
from bot.db import figures as figure_queries
from bot.db.tables import Answer, Ask, AskedItems, Delivery, Person, Round, SealedRound, Wave
from bot.services import answers, closings, people, pulses, rounds, schedules, waves
from tests.cast import GROUPS, Stage, people_of

HALF_PAST_NINE = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


async def open_first_round(stage: Stage) -> None:
    await stage.schedule()
    await stage.clock.set(HALF_PAST_NINE)
    await rounds.open_due(stage.deps, stage.now)


async def close_round(stage: Stage) -> None:
    await stage.clock.advance(days=2)
    await closings.close_due(stage.deps, stage.now)


async def count(stage: Stage, table: type) -> int:
    async with stage.deps.database.read() as session:
        return int((await session.exec(select(func.count()).select_from(table))).one())


async def test_a_round_asks_every_member_once_with_one_pulse_and_two_reminders(stage: Stage) -> None:
    await open_first_round(stage)
    async with stage.deps.database.read() as session:
        kinds = (await session.exec(select(Delivery.kind, func.count()).group_by(col(Delivery.kind)))).all()
    assert await count(stage, Ask) == 15
    assert dict(kinds) == {DeliveryKind.PULSE: 15, DeliveryKind.REMINDER: 30}


async def test_opening_again_late_or_twice_changes_nothing(stage: Stage) -> None:
    await open_first_round(stage)
    await stage.clock.advance(hours=3)
    await rounds.open_due(stage.deps, stage.now)
    async with stage.deps.database.write() as session:
        schedule = await schedules.of_team(session, stage.team)
        assert schedule is not None
        schedule.next_check_at = None
    await rounds.open_due(stage.deps, stage.now)
    assert await count(stage, Round) == 1
    assert await count(stage, Ask) == 15


async def test_nothing_opens_before_its_time_or_while_paused(stage: Stage) -> None:
    await stage.schedule()
    await rounds.open_due(stage.deps, stage.now)
    assert await count(stage, Round) == 0
    await schedules.pause(stage.deps, stage.ws, "UCOACH", stage.team)
    await stage.clock.set(HALF_PAST_NINE)
    await rounds.open_due(stage.deps, stage.now)
    assert await count(stage, Round) == 0


async def test_a_round_that_could_not_open_while_the_bot_was_down_is_stored_as_missed(stage: Stage) -> None:
    await stage.schedule()
    await stage.clock.set(HALF_PAST_NINE + timedelta(hours=40))
    await rounds.open_due(stage.deps, stage.now)
    async with stage.deps.database.read() as session:
        (found,) = (await session.exec(select(Round))).all()
    assert (found.state, found.reason) == (RoundState.MISSED, "missed")


async def test_a_round_opens_late_while_enough_of_its_window_is_left(stage: Stage) -> None:
    await stage.schedule()
    await stage.clock.set(HALF_PAST_NINE + timedelta(hours=5))
    await rounds.open_due(stage.deps, stage.now)
    async with stage.deps.database.read() as session:
        due = (await session.exec(select(Delivery.due_at).where(Delivery.kind == DeliveryKind.PULSE))).all()
    assert len(due) == 15
    assert all(at >= stage.now for at in due)


async def test_whoever_opted_out_is_skipped_with_a_stored_reason(stage: Stage) -> None:
    await stage.schedule()
    await people.opt_out(stage.deps, stage.ws, "UNUR0")
    await stage.clock.set(HALF_PAST_NINE)
    await rounds.open_due(stage.deps, stage.now)
    async with stage.deps.database.read() as session:
        skipped = (await session.exec(select(Delivery).where(Delivery.state == DeliveryState.SKIPPED))).all()
    assert [one.reason for one in skipped] == ["opted_out"]
    assert await count(stage, Ask) == 14


async def test_an_answered_pulse_moves_on_question_by_question_and_ends_finished(stage: Stage) -> None:
    await open_first_round(stage)
    pulse = await stage.pulse_of("UNUR0")
    assert (pulse.stage, pulse.position, len(pulse.questions)) == (PulseStage.ASKING, 0, 3)
    pulse = await stage.answer("UNUR0", only=1)
    assert (pulse.stage, pulse.position) == (PulseStage.ASKING, 1)
    pulse = await stage.answer("UNUR0")
    assert pulse.stage is PulseStage.FINISHED


async def test_a_wave_of_four_rounds_is_released_and_its_answers_and_key_are_gone(stage: Stage) -> None:
    await stage.schedule()
    for week in range(4):
        await stage.clock.set(HALF_PAST_NINE + timedelta(weeks=week))
        await rounds.open_due(stage.deps, stage.now)
        for user, _ in people_of(GROUPS):
            await stage.answer(user, option=4)
        await close_round(stage)
        await waves.release_due(stage.deps, stage.now)
    async with stage.deps.database.read() as session:
        (wave,) = (await session.exec(select(Wave))).all()
        figures = await figure_queries.of_waves(session, [wave.id])
    assert wave.state is WaveState.RELEASED
    assert sum(isinstance(figure.cell, Shown) for figure in figures) > 10
    for table in (Answer, AskedItems, SealedRound):
        assert await count(stage, table) == 0
    assert stage.deps.vault.names() == set()


async def test_closing_keeps_who_finished_and_marks_who_did_not(stage: Stage) -> None:
    await open_first_round(stage)
    await stage.answer("UNUR0")
    await stage.answer("UNUR1", only=2)
    await close_round(stage)
    async with stage.deps.database.read() as session:
        states = (await session.exec(select(Ask.state, func.count()).group_by(col(Ask.state)))).all()
        (closed,) = (await session.exec(select(Round))).all()
    assert dict(states) == {AskState.FINISHED: 1, AskState.LAPSED: 14}
    assert (closed.asked, closed.finished) == (15, 1)


async def test_a_click_after_closing_is_told_so_and_stores_nothing(stage: Stage) -> None:
    await open_first_round(stage)
    pulse = await stage.pulse_of("UNUR0")
    await close_round(stage)
    click = answers.Click(stage.ws, "UNUR0", pulse.ask, 0, 3, "1.0")
    (late,) = await answers.record_many(stage.deps, [click], stage.now)
    assert getattr(late, "stage", None) is PulseStage.CLOSED
    assert await count(stage, Answer) == 0


async def test_who_works_with_none_of_the_roles_is_asked_nothing_and_that_is_written_down(stage: Stage) -> None:
    loner, _ = people_of(GROUPS)[0]
    await open_first_round(stage)
    for _ in range(3):  # the four rounds of one wave
        for pulse in await answers.open_pulses(stage.deps, stage.ws, loner):
            clicks = [
                answers.Click(stage.ws, loner, pulse.ask, position, None, f"{stage.now.timestamp():.6f}")
                for position in range(len(pulse.questions))
            ]
            await answers.record_many(stage.deps, clicks, stage.now)
        await stage.clock.advance(days=7)
        await closings.close_due(stage.deps, stage.now)
        await rounds.open_due(stage.deps, stage.now)
    async with stage.deps.database.read() as session:
        query = select(Round.asked, Delivery.state, Delivery.reason).join(Round).join(Person)
        mine = query.where(Person.slack_user_id == loner, Delivery.kind == DeliveryKind.PULSE)
        found = (await session.exec(mine.order_by(col(Round.id)))).all()
    assert len(found) == 4  # in each round an ask or a reason
    assert (14, DeliveryState.SKIPPED, Reason.ANSWERED.value) in found
    assert {(asked, state) for asked, state, reason in found if reason is None} == {(15, DeliveryState.PLANNED)}


async def test_a_round_does_not_close_while_an_answer_to_it_is_being_stored(stage: Stage) -> None:
    await open_first_round(stage)
    pulse = await stage.pulse_of("UNUR0")
    await stage.clock.advance(days=2)
    async with stage.deps.database.write() as session:
        await pulses.standings(session, {pulse.ask}, hold=True)
        closing = asyncio.create_task(closings.close_due(stage.deps, stage.now))
        closed, _ = await asyncio.wait({closing}, timeout=0.2)
        assert not closed
    await closing
