"""The pulse in Slack: taps, going back, *not now*, opting out, and asking for it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bot.core.errors import BadInput, Stale
from bot.core.messages import Pulse, PulseStage
from bot.services import answers, people, schedules
from bot.services.answers import Click
from bot.slack.blocks import pulse as blocks
from bot.slack.ids import Later, NotNow, OptIn, OptOut, ShowQuestion, TapAnswer
from bot.slack.listeners import Listeners
from bot.slack.turn import Turn

MORNING = time(9)
MONDAY = 0


def register(listeners: Listeners) -> None:
    listeners.action(TapAnswer, answer, acks_itself=True)
    listeners.action(ShowQuestion, show)
    listeners.action(NotNow, not_now)
    listeners.action(OptOut, opt_out)
    listeners.action(OptIn, opt_in)
    listeners.command("/rc-pulse", command)


async def answer(turn: Turn, tap: TapAnswer) -> None:
    """Stored, then acknowledged, then the next question. An acknowledged answer is a stored answer."""
    desk = turn.desk
    click = Click(desk.ws, turn.user, tap.ask, tap.position, tap.option, turn.action["action_ts"])
    try:
        standing = await desk.recorder.record(click)
    except (Stale, BadInput):
        # The question has changed since the message was sent: it is repaired, not refused.
        standing = await answers.show(desk.deps, desk.ws, turn.user, tap.ask)
    await turn.ack()
    await turn.replace(blocks.pulse(standing, turn.words))
    if standing.stage is PulseStage.CLOSED:
        await turn.tell(turn.words("pulse.closed"))


async def show(turn: Turn, where: ShowQuestion) -> None:
    desk = turn.desk
    standing = await answers.show(desk.deps, desk.ws, turn.user, where.ask, where.position)
    await turn.replace(blocks.pulse(standing, turn.words))


async def not_now(turn: Turn, menu: NotNow) -> None:
    choice = Later(turn.action["selected_option"]["value"])
    if choice is Later.STOP:
        await opt_out(turn, OptOut())
        return
    desk = turn.desk
    standing = await answers.show(desk.deps, desk.ws, turn.user, menu.ask)
    await snooze(turn, later(choice, desk.deps.clock.now(), turn), standing)


async def snooze(turn: Turn, until: datetime, standing: Pulse | None = None) -> None:
    await people.snooze(turn.desk.deps, turn.desk.ws, turn.user, until)
    if standing is not None and until >= standing.closes_at:
        await turn.tell(turn.words("pulse.snoozed_too_late"))
    else:
        await turn.tell(turn.words("pulse.snoozed", at=until))


def later(choice: Later, now: datetime, turn: Turn) -> datetime:
    """When *in an hour*, *tomorrow* and *on Monday* are, on the person's own clock."""
    if choice is Later.HOUR:
        return now + timedelta(hours=1)
    local = now.astimezone(turn.words.zone)
    days = 1 if choice is Later.TOMORROW else (MONDAY - local.weekday() - 1) % 7 + 1
    return datetime.combine(local.date() + timedelta(days=days), MORNING, local.tzinfo)


async def opt_out(turn: Turn, _: OptOut) -> None:
    await people.opt_out(turn.desk.deps, turn.desk.ws, turn.user)
    message = blocks.opted_out(turn.words)
    if (turn.body.get("container") or {}).get("type") == "message":
        await turn.replace(message)
    else:
        await turn.tell(message.text, message.blocks)


async def opt_in(turn: Turn, _: OptIn) -> None:
    await people.opt_in(turn.desk.deps, turn.desk.ws, turn.user)
    await turn.tell(turn.words("pulse.opted_in"))


async def command(turn: Turn, text: str) -> None:
    """``/rc-pulse`` brings what is open; ``/rc-pulse help`` says what else there is."""
    if text.lower() in {"help", "?"}:
        await turn.tell(turn.words("coaching.help"))
        return
    await bring_open(turn)


async def bring_open(turn: Turn) -> None:
    """Every pulse that is open for this person, as fresh messages in their direct messages."""
    desk = turn.desk
    found = await answers.open_pulses(desk.deps, desk.ws, turn.user)
    for standing in found:
        await turn.post(blocks.pulse(standing, turn.words))
    if not found:
        next_on = await schedules.next_pulse_on(desk.deps, desk.ws, turn.user)
        await turn.tell(turn.words("pulse.nothing_open", next_on=next_on))
    elif turn.body.get("command"):
        await turn.tell(turn.words("pulse.late", closes_at=found[0].closes_at))
