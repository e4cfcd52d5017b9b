"""Block Kit as plain dicts, each piece cut to what Slack takes.

Slack's own classes are not used: they drop block types they do not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.content import LIMITS, Mrkdwn, Place, clip, escape
from bot.slack.ids import Id, encode

Block = dict[str, Any]
Element = dict[str, Any]

MOST_BLOCKS = 50
MOST_VIEW_BLOCKS = 100
MOST_OPTIONS = 100
MOST_CHECKBOXES = 10
MOST_TABLE_ROWS, MOST_TABLE_COLUMNS, MOST_TABLE_CHARACTERS = 100, 20, 10_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to be sent. ``text`` is the notification, and what a screen reader reads first; Slack takes it
    for mrkdwn, so that a title in plain words is escaped like everything else.
    """

    text: str
    blocks: list[Block]

    def __post_init__(self) -> None:
        if not isinstance(self.text, Mrkdwn):
            object.__setattr__(self, "text", escape(self.text))


def mrkdwn(text: str, limit: int = LIMITS[Place.SECTION]) -> Element:
    """What does not come ready for mrkdwn is escaped, so that no name becomes a link or a mention."""
    ready = text if isinstance(text, Mrkdwn) else escape(text)
    return {"type": "mrkdwn", "text": clip(ready, limit)}


def bold(name: str) -> Mrkdwn:
    return Mrkdwn(f"*{escape(name)}*")


def plain(text: str, limit: int) -> Element:
    return {"type": "plain_text", "text": clip(text, limit), "emoji": True}


def section(text: str, accessory: Element | None = None) -> Block:
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if accessory:
        block["accessory"] = accessory
    return block


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text, LIMITS[Place.CONTEXT]) for text in texts[:10]]}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, LIMITS[Place.HEADER])}


def divider() -> Block:
    return {"type": "divider"}


def actions(*elements: Element) -> Block:
    return {"type": "actions", "elements": list(elements)}


def button(
    label: str, action: Id, *, style: Literal["primary", "danger"] | None = None, confirm: Element | None = None
) -> Element:
    """``value`` repeats the id, so that a click can be read from either."""
    text = encode(action)
    element: Element = {
        "type": "button",
        "text": plain(label, LIMITS[Place.BUTTON]),
        "action_id": text,
        "value": text,
    }
    if style:
        element["style"] = style
    if confirm:
        element["confirm"] = confirm
    return element


def confirm(title: str, text: str, yes: str, no: str) -> Element:
    return {
        "title": plain(title, LIMITS[Place.CONFIRM_TITLE]),
        "text": plain(text, LIMITS[Place.CONFIRM_TEXT]),
        "confirm": plain(yes, LIMITS[Place.CONFIRM_BUTTON]),
        "deny": plain(no, LIMITS[Place.CONFIRM_BUTTON]),
    }


def option(label: str, value: str) -> Element:
    return {"text": plain(label, LIMITS[Place.OPTION]), "value": value}


def overflow(action: Id, options: Sequence[Element]) -> Element:
    return {"type": "overflow", "action_id": encode(action), "options": list(options)}


def select(action: Id, options: Sequence[Element], *, placeholder: str = "", chosen: str | None = None) -> Element:
    """One of a list. ``chosen`` is an option's value; one that is not among the options is left out."""
    element: Element = {"type": "static_select", "action_id": encode(action), "options": list(options[:MOST_OPTIONS])}
    if placeholder:
        element["placeholder"] = plain(placeholder, LIMITS[Place.PLACEHOLDER])
    initial = [one for one in element["options"] if one["value"] == chosen]
    if initial:
        element["initial_option"] = initial[0]
    return element


def several(action: Id, options: Sequence[Element], chosen: Iterable[str] = ()) -> Element:
    """Any of a list: check boxes while they are few, a menu beyond that."""
    kind = "checkboxes" if len(options) <= MOST_CHECKBOXES else "multi_static_select"
    element: Element = {"type": kind, "action_id": encode(action), "options": list(options[:MOST_OPTIONS])}
    wanted = set(chosen)
    initial = [one for one in element["options"] if one["value"] in wanted]
    if initial:
        element["initial_options"] = initial
    return element


def text_field(action: Id, *, initial: str = "", longest: int = 500, lines: bool = False) -> Element:
    element: Element = {
        "type": "plain_text_input",
        "action_id": encode(action),
        "multiline": lines,
        "max_length": longest,
    }
    if initial:
        element["initial_value"] = initial[:longest]
    return element


def field(
    name: str, label: str, element: Element, *, hint: str = "", optional: bool = False, live: bool = False
) -> Block:
    """An input. ``name`` is its block_id: the key of its value and of its error. ``live``: each change is reported."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label, LIMITS[Place.LABEL]),
        "element": element,
        "optional": optional,
    }
    if hint:
        block["hint"] = plain(hint, LIMITS[Place.HINT])
    if live:
        block["dispatch_action"] = True
    return block


def modal(
    form: Id, title: str, blocks: Sequence[Block], *, submit: str = "", close: str = "", keep: str = ""
) -> dict[str, Any]:
    """``keep`` is private metadata: ids only."""
    view: dict[str, Any] = {
        "type": "modal",
        "callback_id": encode(form),
        "title": plain(title, LIMITS[Place.MODAL_TITLE]),
        "blocks": list(blocks[:MOST_VIEW_BLOCKS]),
        "private_metadata": keep,
    }
    if submit:
        view["submit"] = plain(submit, LIMITS[Place.MODAL_BUTTON])
    if close:
        view["close"] = plain(close, LIMITS[Place.MODAL_BUTTON])
    return view


def table(header_row: Sequence[str], rows: Sequence[Sequence[str]]) -> Block | None:
    """A table, or None where it is larger than Slack takes."""
    all_rows = [list(header_row), *(list(row) for row in rows)]
    characters = sum(len(cell) for row in all_rows for cell in row)
    if len(all_rows) > MOST_TABLE_ROWS or len(header_row) > MOST_TABLE_COLUMNS or characters > MOST_TABLE_CHARACTERS:
        return None
    return {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": cell or "–"} for cell in row] for row in all_rows],
        "column_settings": [{"is_wrapped": True}] + [{"align": "right"}] * (len(header_row) - 1),
    }


def line_chart(
    title: str, categories: Sequence[str], series: Mapping[str, Sequence[float]], *, x_label: str, y_label: str
) -> Block:
    """Slack's own line chart: every series has a value in every category (a withheld one is left out by the caller)."""
    names = [clip(category, LIMITS[Place.CHART_LABEL]) for category in categories]
    return {
        "type": "data_visualization",
        "title": clip(title, LIMITS[Place.CHART_TITLE]),
        "chart": {
            "type": "line",
            "series": [
                {
                    "name": clip(name, LIMITS[Place.CHART_LABEL]),
                    "data": [{"label": label, "value": value} for label, value in zip(names, values, strict=True)],
                }
                for name, values in series.items()
            ],
            "axis_config": {
                "categories": names,
                "x_label": clip(x_label, LIMITS[Place.AXIS_LABEL]),
                "y_label": clip(y_label, LIMITS[Place.AXIS_LABEL]),
            },
        },
    }
