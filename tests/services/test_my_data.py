from __future__ import annotations

from bot.services import rounds
from bot.services.my_data import my_data
from tests.cast import Stage, member

NURSE = member("Nurses", 0)


async def test_open_answers_come_back_in_the_clear_with_the_workgroups_own_name(quick_stage: Stage) -> None:
    stage = quick_stage
    await stage.schedule()
    await stage.clock.advance(hours=2.5)
    await rounds.open_due(stage.deps, stage.now)
    await stage.answer(NURSE, 2)
    held = (await my_data(stage.deps, stage.ws, NURSE))["open_answers"]
    assert [one["option"] for one in held] == [2, 2, 2]
    assert {one["workgroup"] for one in held} <= {"Nurses", "Physicians", "Pharmacy"}
    assert {one["item"] for one in held} <= {item.id for item in stage.deps.content.instrument("rc_pulse").items}
