from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.core.cadence import parse_rule
from bot.core.errors import BadInput, NotAllowed, UnknownTeam
from bot.services import people, rounds, schedules
from tests.cast import Stage

RULE = parse_rule(cadence="weekly", days=["tue"], at="10:00", start="2026-03-02", window_hours=24, reminders=1)


async def plan(stage: Stage) -> schedules.Plan:
    found = await schedules.read(stage.deps, stage.ws, "UCOACH", stage.team)
    assert found is not None
    return found


async def test_a_coach_sets_changes_pauses_and_resumes_a_schedule(stage: Stage) -> None:
    await stage.schedule()
    before = await plan(stage)
    await schedules.save(stage.deps, stage.ws, "UCOACH", stage.team, RULE, items=5)
    for act, paused in ((schedules.pause, True), (schedules.pause, True), (schedules.resume, False)):
        await act(stage.deps, stage.ws, "UCOACH", stage.team)
        assert (await plan(stage)).paused is paused
    found = await plan(stage)
    assert (found.items, found.rule.at.hour, found.rule.zone) == (5, 10, "Europe/Berlin")
    assert found.rule.seed == before.rule.seed, "nobody's minute is drawn anew"


@pytest.mark.parametrize("user", ["ULEAD", "UNUR0"])
async def test_only_a_coach_or_an_administrator_sets_a_schedule(quick_stage: Stage, user: str) -> None:
    with pytest.raises(NotAllowed):
        await schedules.save(quick_stage.deps, quick_stage.ws, user, quick_stage.team, RULE, items=3)
    await quick_stage.admin()
    await schedules.save(quick_stage.deps, quick_stage.ws, "UADMIN", quick_stage.team, RULE, items=3)
    assert await schedules.teams_to_coach(quick_stage.deps, quick_stage.ws, user) == []


async def test_what_cannot_be_is_refused_with_its_field(quick_stage: Stage) -> None:
    deps, ws, team = quick_stage.deps, quick_stage.ws, quick_stage.team
    with pytest.raises(BadInput) as refused:
        await schedules.save(deps, ws, "UCOACH", team, RULE, items=9)
    assert refused.value.field == "items"
    with pytest.raises(BadInput):
        await schedules.pause(deps, ws, "UCOACH", team)
    with pytest.raises(BadInput):
        await schedules.set_rounds_per_wave(deps, ws, "UCOACH", team, 9)
    with pytest.raises(UnknownTeam):
        await schedules.read(deps, ws, "UCOACH", 999)


async def test_the_fewest_people_behind_a_figure_can_be_raised_and_once_people_were_asked_never_lowered(
    quick_stage: Stage,
) -> None:
    deps, ws, team = quick_stage.deps, quick_stage.ws, quick_stage.team
    await quick_stage.schedule()
    for number in (6, 4):
        await schedules.set_min_respondents(deps, ws, "UCOACH", team, number)
        assert (await plan(quick_stage)).min_respondents == number
    with pytest.raises(BadInput):
        await schedules.set_min_respondents(deps, ws, "UCOACH", team, 3)
    await quick_stage.clock.advance(days=1)
    await rounds.open_due(deps, quick_stage.now)
    await schedules.set_min_respondents(deps, ws, "UCOACH", team, 5)
    with pytest.raises(BadInput) as refused:
        await schedules.set_min_respondents(deps, ws, "UCOACH", team, 4)
    assert (refused.value.field, (await plan(quick_stage)).min_respondents) == ("k", 5)


async def test_a_person_is_told_the_day_of_the_next_round_that_asks_them(quick_stage: Stage) -> None:
    deps, ws = quick_stage.deps, quick_stage.ws
    assert await schedules.next_pulse_on(deps, ws, "UNUR0") is None
    await quick_stage.schedule()
    assert await schedules.next_pulse_on(deps, ws, "UNUR0") == date(2026, 3, 2)
    await quick_stage.clock.advance(hours=3)
    assert await schedules.next_pulse_on(deps, ws, "UNUR0") == date(2026, 3, 9), "today's has opened already"
    assert await schedules.next_pulse_on(deps, ws, "UCOACH") is None
    await people.opt_out(deps, ws, "UNUR0")
    assert await schedules.next_pulse_on(deps, ws, "UNUR0") is None


async def test_the_preview_says_when_and_for_how_many_people(quick_stage: Stage) -> None:
    first, second = await schedules.preview(quick_stage.deps, quick_stage.ws, quick_stage.team, RULE, count=2)
    assert (first.people, first.workgroups) == (15, 3)
    assert second.opens_at - first.opens_at == timedelta(days=7)
