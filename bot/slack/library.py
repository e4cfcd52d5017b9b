"""``/rc-library``: coaches look at what I suggest, say it in their own words, switch it off, add to it."""

from __future__ import annotations

from typing import Any

from bot.core.errors import Stale
from bot.core.instrument import Dimension
from bot.core.library import Foundation, HuddleKind, Side
from bot.services import library
from bot.slack.blocks import library as blocks
from bot.slack.blocks.kit import modal, section
from bot.slack.forms import Values, errors, text_of
from bot.slack.ids import AddIdea, AddPrompt, EditEntry, Field, Loading, RestoreEntry, SwitchOff
from bot.slack.listeners import FormResult, Listeners
from bot.slack.turn import Turn

MOST_MINUTES = 60


def register(listeners: Listeners) -> None:
    listeners.command("/rc-library", command)
    listeners.action(EditEntry, look)
    listeners.action(SwitchOff, switch_off)
    listeners.action(RestoreEntry, restore)
    listeners.action(AddIdea, open_idea)
    listeners.action(AddPrompt, open_prompt)
    listeners.form(EditEntry, reword)
    listeners.form(AddIdea, add_idea)
    listeners.form(AddPrompt, add_prompt)


async def command(turn: Turn, _: str) -> None:
    await library.shelf(turn.desk.deps, turn.desk.ws, turn.user, library.IDEAS)
    message = blocks.shelves(turn.words)
    await turn.tell(message.text, message.blocks)


async def picked(turn: Turn, _: Field) -> None:
    """A shelf was chosen from the menu."""
    chosen = str((turn.action.get("selected_option") or {}).get("value") or "")
    found = await library.shelf(turn.desk.deps, turn.desk.ws, turn.user, chosen)
    message = blocks.shelf(found, turn.words)
    await turn.tell(message.text, message.blocks)


async def look(turn: Turn, tap: EditEntry) -> None:
    loading = modal(Loading(), turn.words("library.entry.title"), [section(turn.words("change.loading"))])
    await turn.fill(loading, _entry(turn, tap.entry))


async def _entry(turn: Turn, entry: str) -> dict[str, Any]:
    return blocks.entry(await library.entry(turn.desk.deps, turn.desk.ws, turn.user, entry), turn.words)


async def reword(turn: Turn, form: EditEntry, values: Values) -> FormResult:
    desk = turn.desk
    said = {name: text_of(values, name) for name in values}
    await library.reword(desk.deps, desk.ws, turn.user, form.entry, said)
    await turn.ack()
    await turn.tell(turn.words("library.saved"))
    return None


async def switch_off(turn: Turn, tap: SwitchOff) -> None:
    await library.switch_off(turn.desk.deps, turn.desk.ws, turn.user, tap.entry)
    await _done(turn, "library.off")


async def restore(turn: Turn, tap: RestoreEntry) -> None:
    await library.restore(turn.desk.deps, turn.desk.ws, turn.user, tap.entry)
    await _done(turn, "library.restored")


async def _done(turn: Turn, key: str) -> None:
    """In place of the entry's form, since that shows what is no longer so."""
    if turn.view is None:
        raise Stale
    text = turn.words(key)
    await turn.redraw(turn.view, modal(Loading(), turn.words("library.entry.title"), [section(text)]))


async def open_idea(turn: Turn, _: AddIdea) -> None:
    await turn.open(blocks.new_idea(turn.words))


async def open_prompt(turn: Turn, _: AddPrompt) -> None:
    await turn.open(blocks.new_prompt(turn.words))


async def add_idea(turn: Turn, _: AddIdea, values: Values) -> FormResult:
    minutes = text_of(values, "minutes")
    if not minutes.isdecimal() or not 1 <= int(minutes) <= MOST_MINUTES:
        return errors(minutes=turn.words("errors.not_a_number", least=1, most=MOST_MINUTES))
    await library.add_idea(
        turn.desk.deps,
        turn.desk.ws,
        turn.user,
        dimension=Dimension(values["dimension"]),
        side=Side(values["side"]),
        minutes=int(minutes),
        action=text_of(values, "action"),
        why=text_of(values, "why"),
    )
    await turn.ack()
    await turn.tell(turn.words("library.added"))
    return None


async def add_prompt(turn: Turn, _: AddPrompt, values: Values) -> FormResult:
    theme = values["theme"]
    first, second, third = (text_of(values, name) for name in blocks.QUESTIONS)
    await library.add_prompt(
        turn.desk.deps,
        turn.desk.ws,
        turn.user,
        theme=Foundation(theme) if theme in set(Foundation) else Dimension(theme),
        kind=HuddleKind(values["kind"]),
        focus=text_of(values, "focus"),
        questions=(first, second, third),
    )
    await turn.ack()
    await turn.tell(turn.words("library.added"))
    return None
