"""``/rc-setup``: a coach sets up a team's pulse in Slack, and sees in words what will happen before saving."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from bot.core.cadence import InvalidRule, Rule, parse_hours, parse_rule, rule_fields
from bot.core.errors import Stale, UnknownTeam
from bot.services import plans, schedules
from bot.services.schedules import Plan
from bot.slack.blocks import setup as blocks
from bot.slack.blocks.kit import Block, modal, section
from bot.slack.blocks.setup import CADENCES, REMINDERS, SetupValues
from bot.slack.forms import Values, errors, values_of
from bot.slack.ids import (
    DryRun,
    Field,
    Loading,
    OpenSetup,
    PauseSchedule,
    ResumeSchedule,
    SaveSetup,
    decode_as,
)
from bot.slack.listeners import FormResult, Listeners
from bot.slack.turn import Turn
from bot.slack.words import Words

DRY_RUN_AHEAD = timedelta(days=14)
_FIELD_OF_RULE = {"days": "day", "band_minutes": "band", "window_hours": "window"}


def register(listeners: Listeners) -> None:
    listeners.command("/rc-setup", command)
    listeners.action(OpenSetup, open_for_team)
    listeners.action(PauseSchedule, pause)
    listeners.action(ResumeSchedule, resume)
    listeners.action(DryRun, dry_run)
    listeners.form(SaveSetup, save)


async def command(turn: Turn, text: str) -> None:
    """A trigger lives for three seconds: a light form opens first, what it shows is read afterwards."""
    await turn.fill(blocks.loading(turn.words), _first_view(turn, text))


async def _first_view(turn: Turn, text: str) -> dict[str, Any]:
    teams = await schedules.teams_to_coach(turn.desk.deps, turn.desk.ws, turn.user)
    named = [team for team in teams if team[1].lower() == text.lower()] if text else teams
    if not teams:
        return _only(turn.words("setup.no_teams"), turn.words)
    if not named:
        names = [name for _, name in teams]
        return _only(turn.words("errors.unknown_team", name=text, teams=names), turn.words)
    if len(named) > 1:
        return blocks.choose_team(named, turn.words)
    return await _fresh(turn, named[0])


async def open_for_team(turn: Turn, tap: OpenSetup) -> None:
    await turn.fill(blocks.loading(turn.words), _view_of(turn, tap.team))


async def _view_of(turn: Turn, team_id: int) -> dict[str, Any]:
    return await _fresh(turn, await _team(turn, team_id))


async def changed(turn: Turn, field: Field) -> None:
    """An input changed: a chosen team opens its form, everything else redraws the preview."""
    view = turn.view
    if view is None:
        raise Stale
    values = values_of(view)
    if field.name == "team":
        await turn.redraw(view, await _view_of(turn, int(values["team"])))
        return
    form = decode_as(SaveSetup, view["callback_id"])
    if form.team is None:
        raise Stale
    team = await _team(turn, form.team)
    await turn.redraw(view, await _form(turn, team, _filled(values), await _plan(turn, form.team)))


async def save(turn: Turn, form: SaveSetup, values: Values) -> FormResult:
    """All errors at once; then the schedule, and what happens next in words."""
    if form.team is None:
        return errors(team=turn.words("errors.required"))
    desk, filled = turn.desk, _filled(values)
    plan = await _plan(turn, form.team)
    rule, problems = _rule(filled, plan, turn)
    if rule is None:
        return errors(**problems)
    await schedules.set_min_respondents(desk.deps, desk.ws, turn.user, form.team, int(filled.k))
    one_workgroup = plan is not None and plan.one_workgroup
    await schedules.save(
        desk.deps, desk.ws, turn.user, form.team, rule, items=int(filled.items), one_workgroup=one_workgroup
    )
    await schedules.set_rounds_per_wave(desk.deps, desk.ws, turn.user, form.team, int(filled.rounds))
    team = await _team(turn, form.team)
    rounds = await schedules.preview(desk.deps, desk.ws, form.team, rule)
    opens = [turn.words("setup.preview_round", opens_at=one.opens_at) for one in rounds]
    note = _only(turn.words("setup.saved", team=team[1], rounds=opens), turn.words)
    return {"response_action": "update", "view": note}


async def pause(turn: Turn, tap: PauseSchedule) -> None:
    desk = turn.desk
    await schedules.pause(desk.deps, desk.ws, turn.user, tap.team)
    await _switched(turn, tap.team, "setup.paused")


async def resume(turn: Turn, tap: ResumeSchedule) -> None:
    desk = turn.desk
    await schedules.resume(desk.deps, desk.ws, turn.user, tap.team)
    await _switched(turn, tap.team, "setup.running_again")


async def _switched(turn: Turn, team_id: int, key: str) -> None:
    team = await _team(turn, team_id)
    if turn.view is not None:
        await turn.redraw(turn.view, await _fresh(turn, team))
    else:
        await turn.tell(turn.words(key, team=team[1]))


async def dry_run(turn: Turn, tap: DryRun) -> None:
    """Who gets what, when, and why not, for the next two weeks, as a direct message."""
    desk = turn.desk
    _, name = await _team(turn, tap.team)
    today = desk.deps.clock.now().astimezone(turn.words.zone).date()
    rows = await plans.who_gets_what_when(desk.deps, desk.ws, name, today, today + DRY_RUN_AHEAD)
    await turn.post(blocks.dry_run(rows, turn.words))


async def _fresh(turn: Turn, team: tuple[int, str]) -> dict[str, Any]:
    plan = await _plan(turn, team[0])
    return await _form(turn, team, blocks.values_from(plan), plan)


async def _form(turn: Turn, team: tuple[int, str], values: SetupValues, plan: Plan | None) -> dict[str, Any]:
    rule, problems = _rule(values, plan, turn)
    if rule is None:
        preview: list[Block] = [section(problem) for problem in problems.values()]
    else:
        rounds = await schedules.preview(turn.desk.deps, turn.desk.ws, team[0], rule)
        preview = blocks.preview(rounds, int(values.rounds), plan, turn.words)
    return blocks.form(team, values, plan, preview, turn.words)


def _filled(values: Values) -> SetupValues:
    given = {name: values[name] for name in asdict(SetupValues()) if values.get(name)}
    days = given.pop("working_days", None)
    filled = replace(SetupValues(), **given)
    return replace(filled, working_days=tuple(days)) if days else filled


def _rule(values: SetupValues, plan: Plan | None, turn: Turn) -> tuple[Rule | None, dict[str, str]]:
    """The rule that the form stands for, or what is wrong with it, by field.

    What the form does not ask for (holidays, closures, quiet hours, an end, …) stays as an operator has set it.
    """
    problems = {}
    usual = SetupValues()
    try:
        hours = parse_hours("hours", values.hours)
    except InvalidRule:
        problems["hours"] = turn.words("setup.error.hours")
        hours = parse_hours("hours", usual.hours)
    try:
        rule = parse_rule(
            **{
                **_held(values, plan, turn),
                "at": values.at,
                "band_minutes": int(values.band),
                "working_days": values.working_days,
                "hours": usual.hours if problems else values.hours,
                "window_hours": int(values.window),
                "reminders": REMINDERS.index(values.reminders),
            }
        )
    except InvalidRule as problem:
        field = _FIELD_OF_RULE.get(problem.field, problem.field)
        return None, {**problems, field: turn.words("errors.not_a_time") if field == "at" else problem.message}
    if not problems and not hours.holds(rule.at):
        limits = {"start": f"{hours.start:%H:%M}", "until": f"{hours.end:%H:%M}"}
        problems["at"] = turn.words("errors.outside_hours", **limits)
    return (None, problems) if problems else (rule, {})


def _held(values: SetupValues, plan: Plan | None, turn: Turn) -> dict[str, Any]:
    """The held rule's fields. A recurrence finer than the form can say stays until another one is chosen."""
    held = rule_fields(plan.rule) if plan else {"start": turn.desk.deps.clock.now().date()}
    opened_with = blocks.values_from(plan)
    if plan is not None and (values.cadence, values.day) == (opened_with.cadence, opened_with.day):
        return held
    return {**held, "cadence": "weekly", "days": [values.day], "every": CADENCES[values.cadence]}


async def _plan(turn: Turn, team_id: int) -> Plan | None:
    return await schedules.read(turn.desk.deps, turn.desk.ws, turn.user, team_id)


async def _team(turn: Turn, team_id: int) -> tuple[int, str]:
    """The team, if this person may set its schedule. The id comes from a form, which anybody could have made up."""
    teams = await schedules.teams_to_coach(turn.desk.deps, turn.desk.ws, turn.user)
    for team in teams:
        if team[0] == team_id:
            return team
    raise UnknownTeam


def _only(text: str, words: Words) -> dict[str, Any]:
    return modal(Loading(), words("setup.title"), [section(text)], close=words("setup.close"))
