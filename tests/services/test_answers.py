from __future__ import annotations

import asyncio

from sqlmodel import func, select

from bot.core.errors import BadInput, NotYours, Stale
from bot.core.messages import Pulse, PulseStage
from bot.db.tables import Answer
from bot.services import answers, my_data, rounds
from bot.services.answers import Click, Recorder, record_many
from tests.cast import Stage
from tests.services.test_rounds import HALF_PAST_NINE

NURSE, OTHER = "UNUR0", "UNUR1"


async def opened(stage: Stage) -> Pulse:
    await stage.schedule()
    await stage.clock.set(HALF_PAST_NINE)
    await rounds.open_due(stage.deps, stage.now)
    return await stage.pulse_of(NURSE)


async def chosen(stage: Stage, user: str = NURSE) -> list[int | None]:
    """The options that are stored for a person's open pulse, by question."""
    return [one["option"] for one in (await my_data.my_data(stage.deps, stage.ws, user))["open_answers"]]


async def test_by_slacks_time_of_the_tap_the_newest_wins_whatever_the_order_of_arrival(stage: Stage) -> None:
    pulse = await opened(stage)
    late = Click(stage.ws, NURSE, pulse.ask, 0, 5, "1700000009.000100")
    early = Click(stage.ws, NURSE, pulse.ask, 0, 2, "1700000001.000100")
    await record_many(stage.deps, [late], stage.now)
    await record_many(stage.deps, [early], stage.now)
    assert await chosen(stage) == [5]
    await record_many(stage.deps, [early, late, early], stage.now)
    assert await chosen(stage) == [5]


async def test_a_change_of_mind_counts_and_a_double_click_changes_nothing(stage: Stage) -> None:
    pulse = await opened(stage)
    for option, ts in ((1, "1.0"), (1, "1.0"), (4, "2.0")):
        await record_many(stage.deps, [Click(stage.ws, NURSE, pulse.ask, 0, option, ts)], stage.now)
    assert await chosen(stage) == [4]


async def test_one_bad_click_never_fails_its_neighbours(stage: Stage) -> None:
    pulse = await opened(stage)
    outcomes = await record_many(
        stage.deps,
        [
            Click(stage.ws, NURSE, pulse.ask, 0, 3, "1.0"),
            Click(stage.ws, OTHER, pulse.ask, 0, 1, "2.0"),
            Click(stage.ws, NURSE, pulse.ask, 0, 6, "3.0"),
            Click(stage.ws, NURSE, pulse.ask, 99, 1, "4.0"),
            Click(stage.ws, NURSE, 987654, 0, 1, "5.0"),
            Click(stage.ws + 1, NURSE, pulse.ask, 0, 1, "6.0"),
        ],
        stage.now,
    )
    assert [type(outcome) for outcome in outcomes] == [Pulse, NotYours, BadInput, Stale, Stale, Stale]
    assert await chosen(stage) == [3]


async def test_i_dont_work_with_them_is_an_answer_and_the_pulse_moves_on(stage: Stage) -> None:
    pulse = await opened(stage)
    (after,) = await record_many(stage.deps, [Click(stage.ws, NURSE, pulse.ask, 0, None, "1.0")], stage.now)
    assert isinstance(after, Pulse)
    assert after.position == 1
    assert await chosen(stage) == [None]


async def test_taps_that_arrive_together_are_all_stored_and_each_gets_its_own_pulse(stage: Stage) -> None:
    await opened(stage)
    recorder = Recorder(stage.deps)
    pulses = [await stage.pulse_of(f"UNUR{number}") for number in range(5)]
    clicks = [
        Click(stage.ws, f"UNUR{number}", pulse.ask, position, 3, "1.0")
        for number, pulse in enumerate(pulses)
        for position in range(3)
    ]
    shown = await asyncio.gather(*(recorder.record(click) for click in clicks))
    await recorder.drain()
    assert [one.ask for one in shown] == [click.ask for click in clicks]
    async with stage.deps.database.read() as session:
        assert (await session.exec(select(func.count()).select_from(Answer))).one() == 15


async def test_a_finished_pulse_can_still_be_changed_and_shown_again_without_what_was_chosen(stage: Stage) -> None:
    await opened(stage)
    finished = await stage.answer(NURSE)
    assert finished.stage is PulseStage.FINISHED
    shown = await answers.show(stage.deps, stage.ws, NURSE, finished.ask, 0)
    assert (shown.stage, shown.position) == (PulseStage.ASKING, 0)
    assert "4" not in {option for question in shown.questions for option in question.options}
    await record_many(stage.deps, [Click(stage.ws, NURSE, shown.ask, 0, 1, "9999999999.0")], stage.now)
    assert (await chosen(stage))[0] == 1
