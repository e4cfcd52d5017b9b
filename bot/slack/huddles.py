"""Huddles in Slack: what came out of one, who was there by role, one test with an owner and a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bot.services import huddles
from bot.services.huddles import HuddleForm
from bot.slack.blocks.kit import Block, bold, context, field, modal, option, section, several, text_field
from bot.slack.forms import Values, errors, ids_of, text_of
from bot.slack.ids import Field, Form, RecordHuddle, SkipHuddle, encode
from bot.slack.listeners import FormResult, Listeners
from bot.slack.turn import Turn
from bot.slack.words import Words

USUAL_WAIT = timedelta(days=7)


def register(listeners: Listeners) -> None:
    listeners.action(RecordHuddle, open_form)
    listeners.action(SkipHuddle, skip)
    listeners.form(RecordHuddle, record)


async def open_form(turn: Turn, tap: RecordHuddle) -> None:
    desk = turn.desk
    form = await huddles.outcome_form(desk.deps, desk.ws, turn.user, tap.huddle)
    await turn.open(_form(form, turn))


async def skip(turn: Turn, tap: SkipHuddle) -> None:
    await huddles.skip(turn.desk.deps, turn.desk.ws, turn.user, tap.huddle)
    await turn.tell(turn.words("huddle.skipped"))


async def record(turn: Turn, form: RecordHuddle, values: Values) -> FormResult:
    """A test needs somebody who looks after it and a day; without a test, what was learned is enough."""
    problems = _problems(values, turn)
    if problems:
        return errors(**problems)
    desk, what = turn.desk, text_of(values, "what")
    due_on = date.fromisoformat(values["due_on"]) if what else None
    await huddles.record(
        desk.deps,
        desk.ws,
        turn.user,
        form.huddle,
        attended=ids_of(values, "attended"),
        learned=text_of(values, "learned"),
        what=what,
        prediction=text_of(values, "prediction"),
        owner=values["owner"] if what else None,
        due_on=due_on,
    )
    await turn.ack()
    if due_on is None:
        await turn.tell(turn.words("huddle.outcome.learned_only"))
    else:
        await turn.tell(turn.words("huddle.outcome.saved", test=what, due_on=due_on))
    return None


def _problems(values: Values, turn: Turn) -> dict[str, str]:
    required = turn.words("errors.required")
    needed = ["attended"]
    if text_of(values, "what"):
        needed += ["owner", "due_on"]
    elif not text_of(values, "learned"):
        needed.append("learned")
    problems = {name: required for name in needed if not values.get(name)}
    if values.get("due_on") and date.fromisoformat(values["due_on"]) < _today(turn):
        problems["due_on"] = turn.words("errors.not_a_date", earliest=_today(turn))
    return problems


def _today(turn: Turn) -> date:
    return turn.desk.deps.clock.now().astimezone(turn.words.zone).date()


def _form(form: HuddleForm, turn: Turn) -> dict[str, Any]:
    words = turn.words
    there = several(_at("attended"), [option(name, str(group)) for group, name in form.workgroups])
    owner = {"type": "users_select", "action_id": encode(_at("owner")), "initial_user": turn.user}
    due_on = (_today(turn) + USUAL_WAIT).isoformat()
    day = {"type": "datepicker", "action_id": encode(_at("due_on")), "initial_date": due_on}
    notes: list[Block] = [section(bold(form.change or form.team))]
    if form.recorded:
        notes.append(context(words("huddle.outcome.already")))
    return modal(
        RecordHuddle(form.huddle_id),
        words("huddle.outcome.title"),
        [
            *notes,
            field("attended", words("huddle.outcome.present.label"), there),
            _text("learned", "learned", words),
            _text("what", "test", words),
            _text("prediction", "prediction", words),
            field("owner", words("huddle.outcome.owner.label"), owner, optional=True),
            field("due_on", words("huddle.outcome.due.label"), day, optional=True),
        ],
        submit=words("huddle.outcome.submit"),
        close=words("huddle.outcome.close"),
    )


def _at(name: str) -> Field:
    return Field(Form.HUDDLE, name)


def _text(name: str, key: str, words: Words) -> Block:
    return field(
        name,
        words(f"huddle.outcome.{key}.label"),
        text_field(_at(name), longest=300, lines=name == "learned"),
        hint=words(f"huddle.outcome.{key}.hint"),
        optional=True,
    )
