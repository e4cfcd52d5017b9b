"""Messages: every sentence the product says, by key, with where it goes and the longest values it must survive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Template, TemplateError, TemplateSyntaxError

from bot.content.problems import Problems
from bot.content.source import Entry, read_mapping
from bot.content.templates import LIMITS, MRKDWN_PLACES, Calendar, Place, Renderer, render

_EMPHASIS = re.compile(r"\*\S[^*]*\*")


@dataclass(frozen=True, slots=True)
class Message:
    """One text in one language. ``variables`` are exactly those that must be given to render it."""

    key: str
    place: Place
    variables: frozenset[str]
    template: Template


def read_calendar(folder: Path, problems: Problems) -> Calendar:
    entry = read_mapping(folder / "language.yaml", problems)
    if entry is None:
        return Calendar(weekdays=(), months=(), day="", short_day="", last="")
    entry.text("name")
    weekdays, months = entry.texts("weekdays"), entry.texts("months")
    if len(weekdays) != 7:
        entry.report("“weekdays” must list seven days, Monday first.", at="weekdays")
    if len(months) != 12:
        entry.report("“months” must list twelve months.", at="months")
    calendar = Calendar(
        weekdays=weekdays,
        months=months,
        day=entry.text("day"),
        short_day=entry.text("short_day"),
        last=f" {entry.text('last')} ",
    )
    entry.finish()
    return calendar


def read_messages(folder: Path, renderer: Renderer, problems: Problems) -> dict[str, Message]:
    """All messages of one language's folder, by key. A file's messages all begin with the file's name."""
    messages: dict[str, Message] = {}
    for file in sorted(folder.glob("*.yaml")):
        entry = read_mapping(file, problems)
        if entry is None:
            continue
        for key in entry.names():
            body = entry.entry(key)
            if body is None:
                continue
            if not key.startswith(f"{file.stem}."):
                body.report(f"“{key}” stands in the wrong file: its keys begin with “{file.stem}.”.")
            message = _read_message(key, body, renderer)
            if message is not None:
                messages[key] = message
    return messages


def _read_message(key: str, entry: Entry, renderer: Renderer) -> Message | None:
    text = entry.text("text")
    place = entry.choice("place", Place)
    sample = entry.values("sample")
    entry.finish()
    if place is None or not text:
        return None
    template = checked_template(entry, "text", text, place=place, sample=sample, renderer=renderer)
    return Message(key, place, frozenset(sample), template) if template else None


def checked_template(
    entry: Entry,
    field: str,
    text: str,
    *,
    place: Place,
    sample: dict[str, Any],
    renderer: Renderer,
    all_needed: bool = True,
) -> Template | None:
    """The compiled text, or None after reporting what is wrong with it.

    The sample must name the text's variables (exactly those, if ``all_needed``), and the text rendered with it must fit
    its place.
    """
    try:
        used = renderer.variables_of(text)
        template = renderer.compile(text, place)
    except TemplateSyntaxError as error:
        entry.report(f"the text cannot be read ({error.message}): check the braces {{{{ }}}}.", at=field)
        return None
    for name in sorted(used - sample.keys()):
        entry.report(
            f"“{{{{ {name} }}}}” has no sample: add its longest value under “sample”, or correct its name.", at=field
        )
    for name in sorted(sample.keys() - used) if all_needed else ():
        entry.report(f"the sample “{name}” is not used in the text: remove it, or use {{{{ {name} }}}}.", at="sample")
    if used - sample.keys():
        return None
    return _fitting(entry, field, template, place, sample)


def _fitting(entry: Entry, field: str, template: Template, place: Place, sample: dict[str, Any]) -> Template | None:
    try:
        length = len(render(template, place, sample))
    except (TemplateError, TypeError, ValueError) as error:
        entry.report(f"the text cannot be filled with its sample ({error}): check filters and sample values.", at=field)
        return None
    if place not in MRKDWN_PLACES and _EMPHASIS.search(entry.text(field)):
        entry.report(f"a {_name(place)} shows plain text: take out the * signs.", at=field)
    if length > LIMITS[place]:
        entry.report(
            f"the text has {length} characters with its sample, but a {_name(place)} takes {LIMITS[place]}: "
            "make it shorter.",
            at=field,
        )
        return None
    return template


def _name(place: Place) -> str:
    return place.replace("_", " ")
