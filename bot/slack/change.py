"""``/rc-change``: the register of process changes that huddles, pulses and the run chart follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from bot.core.errors import Stale
from bot.core.states import ChangeState
from bot.services import changes, effects, overload
from bot.services.changes import ChangeDraft, ChangeView
from bot.slack.blocks import change as blocks
from bot.slack.forms import Values, errors, ids_of, text_of, values_of
from bot.slack.ids import EditChange, Field, MeasureChange, MoveChange, ShowChanges, ShowEffect, StartChange, decode_as
from bot.slack.listeners import FormResult, Listeners
from bot.slack.turn import Turn


def register(listeners: Listeners) -> None:
    listeners.command("/rc-change", command)
    listeners.action(ShowChanges, show)
    listeners.action(EditChange, edit)
    listeners.action(MoveChange, open_move)
    listeners.action(StartChange, start)
    listeners.action(ShowEffect, show_effect)
    listeners.action(MeasureChange, open_value)
    listeners.form(EditChange, save)
    listeners.form(MoveChange, move)
    listeners.form(MeasureChange, measure)


async def command(turn: Turn, text: str) -> None:
    """The list, of one team if it is named."""
    desk = turn.desk
    found = await changes.list_changes(desk.deps, desk.ws, turn.user, text or None)
    loads = await overload.loads(desk.deps, desk.ws, turn.user)
    message = blocks.listing(found, loads, turn.words)
    await turn.tell(message.text, message.blocks)


async def show(turn: Turn, _: ShowChanges) -> None:
    await command(turn, "")


async def edit(turn: Turn, tap: EditChange) -> None:
    await turn.fill(blocks.loading(turn.words), _form(turn, tap.change))


async def _form(turn: Turn, change_id: int | None) -> dict[str, Any]:
    desk = turn.desk
    options = await changes.options(desk.deps, desk.ws, turn.user)
    if change_id is None:
        teams = tuple(team for team, _ in options.teams)
        blank = ChangeDraft("", "", "", "", teams if len(teams) == 1 else (), (), owner=turn.user)
        return blocks.form(blank, None, options, turn.words)
    return blocks.form(_draft_of(await _change(turn, change_id)), change_id, options, turn.words)


async def changed(turn: Turn, _: Field) -> None:
    """Another approach has other stages: the form is drawn anew with what was filled in so far."""
    view = turn.view
    if view is None:
        raise Stale
    form = decode_as(EditChange, view["callback_id"])
    desk = turn.desk
    options = await changes.options(desk.deps, desk.ws, turn.user)
    draft = replace(_draft(values_of(view)), stage="")
    await turn.redraw(view, blocks.form(draft, form.change, options, turn.words))


async def save(turn: Turn, form: EditChange, values: Values) -> FormResult:
    """A new change starts at once, since its form has asked for all that a start needs; unless somebody would carry
    too much: then starting it is an act of its own.
    """
    desk, draft = turn.desk, _draft(values)
    problems = {}
    if not draft.measure_name and not draft.no_measure_reason:
        problems["no_measure_reason"] = turn.words("change.error.no_measure")
    if not draft.workgroup_ids:
        problems["workgroups"] = turn.words("change.error.no_workgroup")
    if problems:
        return errors(**problems)
    change_id = await changes.save(desk.deps, desk.ws, turn.user, draft, form.change)
    if form.change is not None:
        await turn.ack()
        await turn.tell(turn.words("change.saved", change=draft.title))
        return None
    burdened = await overload.overloaded(desk.deps, desk.ws, change_id)
    if burdened:
        await turn.ack()
        warning = blocks.warning(change_id, burdened, turn.words)
        await turn.tell(warning.text, warning.blocks)
        return None
    await changes.move(desk.deps, desk.ws, turn.user, change_id, state=ChangeState.ACTIVE)
    await turn.ack()
    await turn.tell(blocks.started(await _change(turn, change_id), turn.words))
    return None


async def start(turn: Turn, tap: StartChange) -> None:
    """After the warning."""
    await changes.move(turn.desk.deps, turn.desk.ws, turn.user, tap.change, state=ChangeState.ACTIVE)
    await turn.tell(blocks.started(await _change(turn, tap.change), turn.words))


async def open_move(turn: Turn, tap: MoveChange) -> None:
    await turn.fill(blocks.loading(turn.words), _move_form(turn, tap.change))


async def _move_form(turn: Turn, change_id: int) -> dict[str, Any]:
    return blocks.move(await _change(turn, change_id), turn.words)


async def move(turn: Turn, form: MoveChange, values: Values) -> FormResult:
    desk, why = turn.desk, text_of(values, "why")
    if not why:
        return errors(why=turn.words("errors.required"))
    state = ChangeState(values["state"]) if values.get("state") else None
    await changes.move(
        desk.deps, desk.ws, turn.user, form.change, stage=values.get("stage") or None, state=state, why=why
    )
    await turn.ack()
    await turn.tell(blocks.moved(await _change(turn, form.change), why, turn.words))
    return None


async def show_effect(turn: Turn, tap: ShowEffect) -> None:
    """Before the first map after its start there is nothing to tell yet."""
    found = await effects.of_change(turn.desk.deps, turn.desk.ws, turn.user, tap.change)
    if found is None:
        await turn.tell(turn.words("change.effect.not_yet"))
        return
    message = blocks.effects([found], turn.words)
    await turn.tell(message.text, message.blocks)


async def open_value(turn: Turn, tap: MeasureChange) -> None:
    change = await _change(turn, tap.change)
    today = turn.desk.deps.clock.now().astimezone(turn.words.zone).date()
    await turn.open(blocks.value_form(change, today, turn.words))


async def measure(turn: Turn, form: MeasureChange, values: Values) -> FormResult:
    desk = turn.desk
    try:
        value = float(text_of(values, "value"))
    except ValueError:
        return errors(value=turn.words("errors.required"))
    on = date.fromisoformat(values["on"])
    await changes.measure(desk.deps, desk.ws, turn.user, form.change, on, value)
    await turn.ack()
    await turn.tell(turn.words("change.value.saved"))
    return None


async def _change(turn: Turn, change_id: int) -> ChangeView:
    """The change, if it is among those that this person sees."""
    desk = turn.desk
    for change in await changes.list_changes(desk.deps, desk.ws, turn.user):
        if change.id == change_id:
            return change
    raise Stale


def _draft(values: Values) -> ChangeDraft:
    live = values.get("goes_live_on")
    return ChangeDraft(
        title=text_of(values, "title"),
        aim=text_of(values, "aim"),
        playbook=text_of(values, "playbook"),
        stage=text_of(values, "stage"),
        team_ids=ids_of(values, "teams"),
        workgroup_ids=ids_of(values, "workgroups"),
        owner=values.get("owner"),
        sponsor=values.get("sponsor"),
        measure_name=text_of(values, "measure_name"),
        measure_direction=text_of(values, "measure_direction") or "up",
        no_measure_reason=text_of(values, "no_measure_reason"),
        takes_away=text_of(values, "takes_away"),
        goes_live_on=date.fromisoformat(live) if live else None,
    )


def _draft_of(change: ChangeView) -> ChangeDraft:
    measure = change.measure or {}
    return ChangeDraft(
        title=change.title,
        aim=change.aim,
        playbook=change.playbook,
        stage=change.stage,
        team_ids=change.team_ids,
        workgroup_ids=change.workgroup_ids,
        owner=change.owner,
        sponsor=change.sponsor,
        measure_name=str(measure.get("name") or ""),
        measure_unit=str(measure.get("unit") or ""),
        measure_direction=str(measure.get("direction") or "up"),
        no_measure_reason=change.no_measure_reason,
        takes_away=change.takes_away,
        goes_live_on=change.goes_live_on,
    )
