from __future__ import annotations

from bot.core.cadence import Weekday, Weekly
from bot.services import people, schedules
from bot.slack.ids import DryRun, Field, Form, PauseSchedule, ResumeSchedule
from tests.slack.floor import Floor, Json, texts

COACH = "UCOACH"


async def _form(floor: Floor) -> Json:
    await floor.command(COACH, "/rc-setup")
    return await floor.view(COACH)


async def test_a_coach_sets_up_a_pulse_and_reads_when_the_next_three_open_and_for_whom(floor: Floor) -> None:
    form = await _form(floor)
    preview = texts(form)
    outcome = await floor.submit(COACH, form, cadence="fortnightly", day="wed", at="10:15", items="5", window="72")

    plan = await schedules.read(floor.stage.deps, floor.stage.ws, COACH, floor.stage.team)
    assert plan is not None
    assert plan.rule.recurrence == Weekly(frozenset({Weekday.WED}), 2)
    assert (f"{plan.rule.at:%H:%M}", plan.items, plan.rule.window_hours) == ("10:15", 5, 72)
    assert "Next rounds:" in preview
    assert "for 15 people in 3 roles" in preview
    assert "Saved." in texts(outcome["response"]["view"])


async def test_changing_an_input_redraws_the_preview_and_keeps_what_was_filled_in(floor: Floor) -> None:
    form = await _form(floor)
    await floor.press(COACH, form, Field(Form.SETUP, "day"), selected="fri")
    redrawn = await floor.view(COACH)

    assert "Friday" in texts(redrawn).split("Next rounds:")[1].split("for 15")[0]
    assert redrawn["hash"] != form["hash"]


async def test_all_errors_are_shown_at_once_in_the_form_and_nothing_is_saved(floor: Floor) -> None:
    form = await _form(floor)
    outcome = await floor.submit(COACH, form, at="half nine", hours="early to late")

    assert set(outcome["response"]["errors"]) == {"at", "hours"}
    assert await schedules.read(floor.stage.deps, floor.stage.ws, COACH, floor.stage.team) is None


async def test_an_hour_outside_the_working_hours_is_explained_beside_it(floor: Floor) -> None:
    outcome = await floor.submit(COACH, await _form(floor), at="22:00")

    assert "outside the working hours" in outcome["response"]["errors"]["at"]


async def test_a_running_schedule_is_paused_and_resumed_from_its_form(floor: Floor) -> None:
    await floor.stage.schedule()
    await floor.press(COACH, await _form(floor), PauseSchedule(floor.stage.team))
    paused = await schedules.read(floor.stage.deps, floor.stage.ws, COACH, floor.stage.team)
    view = await floor.view(COACH)
    await floor.press(COACH, view, ResumeSchedule(floor.stage.team))
    running = await schedules.read(floor.stage.deps, floor.stage.ws, COACH, floor.stage.team)

    assert paused is not None
    assert paused.paused
    assert "nothing goes out until you resume" in texts(view)
    assert running is not None
    assert not running.paused


async def test_the_form_keeps_what_only_an_operator_can_say(floor: Floor) -> None:
    finer = {"cadence": "monthly", "days": ["mon"], "month_week": -1, "country": "DE", "closures": ["2026-12-24"]}
    await floor.stage.schedule(**finer, quiet="12:00-13:00")
    before = await schedules.read(floor.stage.deps, floor.stage.ws, COACH, floor.stage.team)
    await floor.submit(COACH, await _form(floor), items="5")
    after = await schedules.read(floor.stage.deps, floor.stage.ws, COACH, floor.stage.team)

    assert before is not None
    assert after is not None
    assert (after.items, after.rule) == (5, before.rule)


async def test_the_fewest_people_behind_a_figure_are_raised_in_the_form_and_not_lowered_again(floor: Floor) -> None:
    await floor.submit(COACH, await _form(floor), k="6")
    await floor.open_round()
    refused = await floor.submit(COACH, await _form(floor), k="5")
    plan = await schedules.read(floor.stage.deps, floor.stage.ws, COACH, floor.stage.team)

    assert "only go up" in refused["response"]["errors"]["k"]
    assert plan is not None
    assert plan.min_respondents == 6


async def test_somebody_without_a_team_to_coach_is_told_kindly(floor: Floor) -> None:
    await floor.command("UNUR0", "/rc-setup")

    assert "There is no team yet" in texts(await floor.view("UNUR0"))


async def test_an_unknown_team_names_the_known_ones(floor: Floor) -> None:
    await floor.command(COACH, "/rc-setup", "Ward 99")

    assert "Ward 3" in texts(await floor.view(COACH))


async def test_a_form_with_a_forged_team_saves_nothing(floor: Floor) -> None:
    await floor.stage.schedule()
    form = await _form(floor)
    forged = floor.sandbox.world.views[form["id"]]
    forged.slack["callback_id"] = "save_setup/999"
    outcome = await floor.submit(COACH, form, items="7")
    plan = await schedules.read(floor.stage.deps, floor.stage.ws, COACH, floor.stage.team)

    assert "belongs to an older message" in texts(outcome["response"]["view"])
    assert plan is not None
    assert plan.items == 3


async def test_a_dry_run_says_who_gets_what_when_and_why_not(floor: Floor) -> None:
    await floor.stage.schedule()
    await people.opt_out(floor.stage.deps, floor.stage.ws, "UNUR0")
    await floor.press(COACH, await _form(floor), DryRun(floor.stage.team))

    told = texts((await floor.dms(COACH))[-1])
    assert "Monday 2 March" in told
    assert "09:30 <@UNUR1>" in told
    assert "Not sent to <@UNUR0>: their own settings." in told
