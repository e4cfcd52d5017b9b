"""Writing to the bot: short wishes, why and what about me, guided conversations. Nothing that is written is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.core.coaching import Dialogue, Step, understand
from bot.core.errors import Stale
from bot.services import answers, nudges
from bot.slack import home, pulse, report
from bot.slack.blocks.home import delete_button
from bot.slack.blocks.kit import Block, Rendered, actions, button, context, section
from bot.slack.ids import Later, OptIn, OptOut, ShowMyData, TalkStep
from bot.slack.listeners import Listeners
from bot.slack.turn import Turn
from bot.slack.words import Words

MOST_DIALOGUES = 5


def register(listeners: Listeners) -> None:
    listeners.event("message", heard, kept=True)
    listeners.action(TalkStep, step)


async def heard(turn: Turn, event: Mapping[str, Any]) -> None:
    """Only what a person writes in their own conversation with the bot; edits and our own posts are left alone."""
    if event.get("channel_type") != "im" or event.get("subtype") or event.get("bot_id") or not turn.user:
        return
    meant = understand(str(event.get("text") or ""), turn.words.library.coaching)
    if isinstance(meant, Dialogue):
        await turn.post(_spoken(meant, meant.step(meant.start), turn.words))
        return
    answer = _ANSWERS.get(meant.id) if meant else None
    await (answer or _not_understood)(turn)


async def step(turn: Turn, tap: TalkStep) -> None:
    """The next step takes the place of the one before, so that the conversation leaves one message."""
    for dialogue in turn.words.library.coaching.dialogues:
        if dialogue.id == tap.dialogue and any(one.id == tap.step for one in dialogue.steps):
            await turn.replace(_spoken(dialogue, dialogue.step(tap.step), turn.words))
            return
    raise Stale


def _spoken(dialogue: Dialogue, where: Step, words: Words) -> Rendered:
    text = words.fill(where.text)
    blocks: list[Block] = [section(text)]
    if where.choices:
        blocks.append(actions(*(button(one.label, TalkStep(dialogue.id, one.step)) for one in where.choices)))
    if where.id == dialogue.start:
        blocks.append(context(words("coaching.keeps_nothing")))
    return Rendered(text, blocks)


async def _not_understood(turn: Turn) -> None:
    """Better to offer what there is than to guess."""
    text = turn.words("coaching.not_understood")
    dialogues = turn.words.library.coaching.dialogues[:MOST_DIALOGUES]
    offers = [button(one.title, TalkStep(one.id, one.start)) for one in dialogues]
    await turn.post(Rendered(text, [section(text), *([actions(*offers)] if offers else [])]))


async def _say(turn: Turn, *keys: str) -> None:
    texts = [turn.words(key) for key in keys]
    await turn.post(Rendered(texts[0], [section(texts[0]), *(context(text) for text in texts[1:])]))


async def _help(turn: Turn) -> None:
    await _say(turn, "coaching.help", "coaching.help_lead")


async def _thanks(turn: Turn) -> None:
    await _say(turn, "coaching.welcome")


async def _opt_out(turn: Turn) -> None:
    await pulse.opt_out(turn, OptOut())


async def _opt_in(turn: Turn) -> None:
    await pulse.opt_in(turn, OptIn())


def _snooze(choice: Later) -> Callable[[Turn], Awaitable[None]]:
    async def snooze(turn: Turn) -> None:
        desk = turn.desk
        found = await answers.open_pulses(desk.deps, desk.ws, turn.user)
        until = pulse.later(choice, desk.deps.clock.now(), turn)
        await pulse.snooze(turn, until, found[0] if found else None)

    return snooze


async def _why(turn: Turn) -> None:
    found = await home.why(turn)
    await turn.post(Rendered(found, [section(found)]))


async def _my_data(turn: Turn) -> None:
    text = turn.words("coaching.your_data")
    show = button(turn.words("home.button.my_data"), ShowMyData())
    await turn.post(Rendered(text, [section(text), actions(show, delete_button(turn.words))]))


async def _report(turn: Turn) -> None:
    await report.ask(turn)


async def _stop_ideas(turn: Turn) -> None:
    await nudges.stop(turn.desk.deps, turn.desk.ws, turn.user)
    await _say(turn, "nudge.stopped")


async def _start_ideas(turn: Turn) -> None:
    await nudges.resume(turn.desk.deps, turn.desk.ws, turn.user)
    await _say(turn, "nudge.resumed")


_ANSWERS: dict[str, Callable[[Turn], Awaitable[None]]] = {
    "help": _help,
    "pulse": pulse.bring_open,
    "snooze_hour": _snooze(Later.HOUR),
    "snooze_tomorrow": _snooze(Later.TOMORROW),
    "snooze_monday": _snooze(Later.MONDAY),
    "snooze": _snooze(Later.TOMORROW),
    "opt_out": _opt_out,
    "opt_in": _opt_in,
    "why": _why,
    "my_data": _my_data,
    "delete": _my_data,
    "stop_ideas": _stop_ideas,
    "start_ideas": _start_ideas,
    "report": _report,
    "thanks": _thanks,
}
"""By intent of the library. One without an answer here is not understood, and says so."""
