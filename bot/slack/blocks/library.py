"""The coaches' library: its shelves, an entry as a team would read it, and the forms that say it in other words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.content import Mrkdwn
from bot.core.instrument import DIMENSIONS
from bot.core.library import Foundation, HuddleKind, Side
from bot.services.library import HUDDLES, IDEAS, Entry, Origin
from bot.slack.blocks.kit import (
    Block,
    Element,
    Rendered,
    actions,
    button,
    context,
    field,
    header,
    modal,
    option,
    section,
    select,
    text_field,
)
from bot.slack.ids import AddIdea, AddPrompt, EditEntry, Field, Form, RestoreEntry, SwitchOff, encode
from bot.slack.words import Words

MOST_SHOWN = 45
QUESTIONS = ("question_1", "question_2", "question_3")
LONGEST = {"why": 400, "action": 400, "focus": 300}


def shelves(words: Words) -> Rendered:
    title = words("library.header")
    own = [option(words(f"library.shelf.{name}"), name) for name in (IDEAS, HUDDLES)]
    books = [option(book.name, book.id) for book in words.library.playbooks]
    menu = select(Field(Form.LIBRARY, "shelf"), [*own, *books], placeholder=words("library.shelf.placeholder"))
    more = actions(
        button(words("library.button.add_idea"), AddIdea()), button(words("library.button.add_prompt"), AddPrompt())
    )
    return Rendered(title, [header(title), section(words("library.intro"), menu), more])


def shelf(entries: Sequence[Entry], words: Words) -> Rendered:
    """Each entry by its first words, with a button that opens it."""
    title = words("library.header")
    look = words("library.button.look")
    lines = [section(_line(one, words), button(look, EditEntry(one.id))) for one in entries[:MOST_SHOWN]]
    return Rendered(title, [header(title), *lines])


def _line(one: Entry, words: Words) -> str:
    origin = "" if one.origin is Origin.SHIPPED else words(f"library.origin.{one.origin}")
    return words("library.line", theme=_theme(one.theme, words), origin=origin, text=next(iter(one.preview.values())))


def _theme(theme: str, words: Words) -> str:
    return words(f"library.theme.{theme}" if theme in set(Foundation) else f"dimensions.{theme}.name")


def entry(one: Entry, words: Words) -> dict[str, Any]:
    """Read it, say it in other words, switch it off, or take the shipped words back."""
    preview = "\n".join(f"• {text}" for text in one.preview.values())
    inputs = [_text(name, words, initial=text) for name, text in one.words.items()]
    return modal(
        EditEntry(one.id),
        words("library.entry.title"),
        [
            section(_line(one, words)),
            context(words("library.entry.preview")),
            section(Mrkdwn(preview)),
            actions(*_buttons(one, words)),
            *inputs,
            context(words("library.entry.names")),
        ],
        submit=words("library.entry.submit"),
        close=words("library.entry.close"),
    )


def _buttons(one: Entry, words: Words) -> list[Element]:
    off = button(words("library.button.off"), SwitchOff(one.id))
    back = button(words("library.button.original"), RestoreEntry(one.id))
    match one.origin:
        case Origin.SHIPPED:
            return [off]
        case Origin.REWORDED:
            return [off, back]
        case Origin.OFF:
            return [back]
        case Origin.ADDED:
            return [button(words("library.button.take_out"), SwitchOff(one.id))]


def new_idea(words: Words) -> dict[str, Any]:
    themes = [option(words(f"dimensions.{one}.name"), one.value) for one in DIMENSIONS]
    sides = [option(words(f"library.side.{one}"), one.value) for one in Side]
    minutes: Element = {
        "type": "number_input", "action_id": encode(_at("minutes")), "is_decimal_allowed": False,
        "min_value": "1", "max_value": "60", "initial_value": "5",
    }  # fmt: skip
    blocks = [
        field("dimension", words("library.field.dimension"), select(_at("dimension"), themes)),
        field("side", words("library.field.side"), select(_at("side"), sides, chosen=Side.BOTH.value)),
        field("minutes", words("library.field.minutes"), minutes),
        *(_text(name, words) for name in ("action", "why")),
    ]
    return _new(AddIdea(), blocks, words)


def new_prompt(words: Words) -> dict[str, Any]:
    themes = [option(_theme(one.value, words), one.value) for one in (*DIMENSIONS, *Foundation)]
    kinds = [option(words(f"library.kind.{one}"), one.value) for one in HuddleKind]
    blocks = [
        field("theme", words("library.field.theme"), select(_at("theme"), themes)),
        field("kind", words("library.field.kind"), select(_at("kind"), kinds, chosen=HuddleKind.HUDDLE.value)),
        *(_text(name, words) for name in ("focus", *QUESTIONS)),
    ]
    return _new(AddPrompt(), blocks, words)


def _new(form: AddIdea | AddPrompt, blocks: Sequence[Block], words: Words) -> dict[str, Any]:
    return modal(
        form,
        words("library.add.title"),
        [*blocks, context(words("library.entry.names"))],
        submit=words("library.entry.submit"),
        close=words("library.entry.close"),
    )


def _text(name: str, words: Words, *, initial: str = "") -> Block:
    element = text_field(_at(name), initial=initial, longest=max(LONGEST.get(name, 300), len(initial)), lines=True)
    return field(name, words(f"library.field.{name}"), element)


def _at(name: str) -> Field:
    return Field(Form.LIBRARY, name)
