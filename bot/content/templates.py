"""Renders words: where a text goes decides how long it may be and whether Slack's control characters are escaped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from enum import StrEnum
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Mrkdwn(str):
    """Text that is ready for Slack's mrkdwn: already escaped, or a mention such as ``Mrkdwn("<@U123>")``.

    Everything else that is put into a text is escaped, so that nobody's name or sentence becomes a link or a mention.
    """

    __slots__ = ()


class Place(StrEnum):
    """Where a text goes in Slack."""

    SECTION = "section"
    CONTEXT = "context"
    NOTIFICATION = "notification"
    FRAGMENT = "fragment"
    """A piece that is put into other texts."""
    HEADER = "header"
    BUTTON = "button"
    OPTION = "option"
    OPTION_DESCRIPTION = "option_description"
    PLACEHOLDER = "placeholder"
    LABEL = "label"
    HINT = "hint"
    FIELD_ERROR = "field_error"
    MODAL_TITLE = "modal_title"
    MODAL_BUTTON = "modal_button"
    CONFIRM_TITLE = "confirm_title"
    CONFIRM_TEXT = "confirm_text"
    CONFIRM_BUTTON = "confirm_button"
    ALT_TEXT = "alt_text"
    CHART_TITLE = "chart_title"
    CHART_LABEL = "chart_label"
    AXIS_LABEL = "axis_label"
    TABLE_CELL = "table_cell"
    DOCUMENT = "document"
    """A line in a picture, an export or a talk guide."""


LIMITS: dict[Place, int] = {
    Place.SECTION: 3000,
    Place.CONTEXT: 2000,
    Place.NOTIFICATION: 4000,
    Place.FRAGMENT: 2000,
    Place.HEADER: 150,
    Place.BUTTON: 75,
    Place.OPTION: 75,
    Place.OPTION_DESCRIPTION: 75,
    Place.PLACEHOLDER: 150,
    Place.LABEL: 2000,
    Place.HINT: 2000,
    Place.FIELD_ERROR: 2000,
    Place.MODAL_TITLE: 24,
    Place.MODAL_BUTTON: 24,
    Place.CONFIRM_TITLE: 100,
    Place.CONFIRM_TEXT: 300,
    Place.CONFIRM_BUTTON: 30,
    Place.ALT_TEXT: 2000,
    Place.CHART_TITLE: 50,
    Place.CHART_LABEL: 20,
    Place.AXIS_LABEL: 50,
    Place.TABLE_CELL: 500,
    Place.DOCUMENT: 3000,
}
"""Characters (code points) that Slack accepts; for the last three our own limits."""

MRKDWN_PLACES = frozenset({Place.SECTION, Place.CONTEXT, Place.NOTIFICATION, Place.FRAGMENT})


def escape(text: str) -> Mrkdwn:
    """Slack's three control characters, escaped."""
    return Mrkdwn(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clip(text: str, limit: int) -> str:
    """At most ``limit`` characters, cut at the end with an ellipsis and never inside an escaped character."""
    if len(text) <= limit:
        return text
    return re.sub(r"&[a-z]{0,3}$", "", text[: limit - 1]).rstrip() + "…"


class Calendar:
    """How a language writes days and lists. ``weekdays`` from Monday, ``months`` from January."""

    def __init__(self, *, weekdays: Iterable[str], months: Iterable[str], day: str, short_day: str, last: str) -> None:
        self._weekdays = tuple(weekdays)
        self._months = tuple(months)
        self._day = day
        self._short_day = short_day
        self._last = last

    def day(self, on: date) -> str:
        return self._fill(self._day, on)

    def short_day(self, on: date) -> str:
        return self._fill(self._short_day, on)

    def joined(self, parts: Iterable[str]) -> str:
        """“a, b and c”. Parts that are not ready for Slack are escaped before they are joined."""
        names = [part if isinstance(part, Mrkdwn) else escape(part) for part in parts]
        text = self._last.join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
        return Mrkdwn(text)

    def _fill(self, pattern: str, on: date) -> str:
        return (
            pattern.replace("WEEKDAY", self._weekdays[on.weekday()])
            .replace("MONTH", self._months[on.month - 1])
            .replace("DAY", str(on.day))
        )


class Renderer:
    """Compiles and renders the texts of one language. Templates are sandboxed, and a forgotten variable is an error."""

    def __init__(self, calendar: Calendar) -> None:
        self._mrkdwn = _environment(calendar, _for_mrkdwn)
        self._plain = _environment(calendar, _for_plain)
        self._compiled = lru_cache(maxsize=2048)(self._compile)

    def compile(self, text: str, place: Place) -> Template:
        """Raises ``jinja2.TemplateSyntaxError``. The same few texts come again and again, so they are kept."""
        return self._compiled(text, place)

    def _compile(self, text: str, place: Place) -> Template:
        environment = self._mrkdwn if place in MRKDWN_PLACES else self._plain
        return environment.from_string(text)

    def variables_of(self, text: str) -> set[str]:
        """Raises ``jinja2.TemplateSyntaxError``."""
        return meta.find_undeclared_variables(self._mrkdwn.parse(text))


def render(template: Template, place: Place, variables: dict[str, Any]) -> str:
    """The text as it would go out, not yet clipped. ``Mrkdwn`` where the place takes mrkdwn."""
    text = template.render(variables).strip()
    return Mrkdwn(text) if place in MRKDWN_PLACES else text


def _environment(calendar: Calendar, finalize: Callable[[object], str]) -> ImmutableSandboxedEnvironment:
    # autoescape is about HTML; Slack's escaping is done by `finalize`.
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = calendar.day
    environment.filters["short_day"] = calendar.short_day
    environment.filters["joined"] = calendar.joined
    environment.filters["plural"] = _plural
    return environment


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _for_mrkdwn(value: object) -> str:
    if isinstance(value, Mrkdwn):
        return value
    return escape(_as_text(value))


def _for_plain(value: object) -> str:
    return unescape(value) if isinstance(value, Mrkdwn) else _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, time | datetime):
        return value.strftime("%H:%M")
    return str(value)
