"""A coach's own wording over the shipped library: checked as the files are, laid over them, taken back at any time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.content.library import HUDDLE_VARIABLES, PLAYBOOK_VARIABLES, Library, LibraryReader
from bot.content.problems import Problems
from bot.content.source import entry_of
from bot.content.templates import Renderer
from bot.core.library import HuddlePrompt, Nudge

Editable = Nudge | HuddlePrompt
Words = Mapping[str, str]
"""An entry's words by field: ``action`` and ``why`` of a nudge, ``focus`` and ``question_1`` to ``_3`` of a prompt."""
QUESTIONS = ("question_1", "question_2", "question_3")
_NAME = re.compile(r"\{\{\s*\w+\s*\}\}")
_COMPUTES = re.compile(r"\{[{%#]|[#%}]\}")
_MARKUP = re.compile(r"<[^\s<>][^<>]*>")
"""What Slack would take for a mention, a call to everybody or a link that hides where it goes."""


def words_of(entry: Editable) -> dict[str, str]:
    if isinstance(entry, Nudge):
        return {"action": entry.action, "why": entry.why}
    return {"focus": entry.focus, **dict(zip(QUESTIONS, entry.questions, strict=True))}


def reworded(entry: Editable, words: Words) -> Editable:
    """The entry in these words; fields that are not given stay as they are. Raises KeyError for an unknown field."""
    merged = words_of(entry)
    for field, text in words.items():
        if field not in merged:
            raise KeyError(field)
        merged[field] = text.strip()
    if isinstance(entry, Nudge):
        return replace(entry, action=merged["action"], why=merged["why"])
    first, second, third = (merged[field] for field in QUESTIONS)
    return replace(entry, focus=merged["focus"], questions=(first, second, third))


def problems_of(entry: Editable, renderer: Renderer) -> dict[str, str]:
    """What the checks of the files would say about the entry, by field; empty where it may be used."""
    words = words_of(entry)
    found: dict[str, str] = {}
    for field, text in words.items():
        unfit = _unfit(text)
        if unfit:
            found[field] = unfit
            continue
        body = _as_in_a_file(entry, {**dict.fromkeys(words, "What?"), field: text})
        problems = Problems()
        _read(entry, body, renderer, problems)
        if problems.found:
            found[field] = problems.found[0].message
    return found


def _unfit(text: str) -> str | None:
    """The files are the operator's; what is typed into a form may fill in names, neither compute nor call people."""
    if _COMPUTES.search(_NAME.sub("", text)):
        return "only names in double braces can be filled in, as in {{ process }}."
    return "write it without mentions and links in angle brackets." if _MARKUP.search(text) else None


def with_edits(library: Library, edits: Mapping[str, Words | None], added: Iterable[Editable] = ()) -> Library:
    """The library with the coaches' wording, without what they switched off (None), and with what they added."""
    extra = list(added)

    def apply_to_nudges(entries: Iterable[Nudge]) -> tuple[Nudge, ...]:
        return tuple(new for one in entries if isinstance(new := _edited(one, edits), Nudge))

    def apply_to_prompts(entries: Iterable[HuddlePrompt]) -> tuple[HuddlePrompt, ...]:
        return tuple(new for one in entries if isinstance(new := _edited(one, edits), HuddlePrompt))

    playbooks = tuple(
        replace(
            playbook,
            stages=tuple(replace(stage, prompts=apply_to_prompts(stage.prompts)) for stage in playbook.stages),
        )
        for playbook in library.playbooks
    )
    return replace(
        library,
        nudges=apply_to_nudges([*library.nudges, *(one for one in extra if isinstance(one, Nudge))]),
        huddles=apply_to_prompts([*library.huddles, *(one for one in extra if isinstance(one, HuddlePrompt))]),
        playbooks=playbooks,
    )


def _edited(entry: Editable, edits: Mapping[str, Words | None]) -> Editable | None:
    if entry.id not in edits:
        return entry
    words = edits[entry.id]
    return None if words is None else reworded(entry, words)


def _as_in_a_file(entry: Editable, words: Words) -> dict[str, Any]:
    if isinstance(entry, Nudge):
        return {"id": entry.id, "side": entry.side.value, "minutes": entry.minutes, **words}
    body = {"id": entry.id, "kind": entry.kind.value, "focus": words["focus"]}
    tool = {"tool": entry.tool} if entry.tool else {}
    return {**body, **tool, "questions": [words[field] for field in QUESTIONS]}


def _read(entry: Editable, body: dict[str, Any], renderer: Renderer, problems: Problems) -> None:
    source = entry_of(Path(entry.id), body, problems)
    reader = LibraryReader(renderer, problems)
    if isinstance(entry, Nudge):
        reader.nudge(source, entry.dimension)
    else:
        reader.prompt(source, entry.theme, entry.stages, PLAYBOOK_VARIABLES if entry.tool else HUDDLE_VARIABLES)
