"""Where an interactive element stands: what the script needs to report it and a screen reader needs to name it."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bot.sandbox.ui.context import Context, Json
from bot.sandbox.ui.html import Attribute, tag
from bot.sandbox.ui.text import as_json, items, words


@dataclass(frozen=True)
class Place:
    """The block an element stands in.

    `dispatch` says whether a change is reported at once (anything outside an input block, or `dispatch_action`);
    `labelled` that a visible label points at the field; `describedby` is the id of its hint or error.
    """

    block_id: str
    id: str
    dispatch: bool
    labelled: bool = False
    describedby: str | None = None
    invalid: bool = False
    required: bool = False

    def control(self, element: Json, kind: str) -> dict[str, Attribute]:
        """The attributes every control carries, whatever its kind."""
        return {
            "data_control": kind,
            "data_block": self.block_id,
            "data_action": str(element.get("action_id", "")),
            "data_dispatch": self.dispatch,
            **confirmation(element),
        }

    def field(self, element: Json, kind: str) -> dict[str, Attribute]:
        """Those of a single form field: also its id, and what describes it."""
        return {
            **self.control(element, kind),
            "id": self.id,
            "aria_label": None if self.labelled else spoken(element, kind),
            "aria_describedby": self.describedby,
            "aria_invalid": "true" if self.invalid else None,
            "aria_required": "true" if self.required else None,
        }


def spoken(element: Json, kind: str) -> str:
    """A name for a field that has no label of its own."""
    return placeholder(element) or kind.replace("_", " ").capitalize()


def placeholder(element: Json) -> str:
    return words(element.get("placeholder"))


def confirmation(element: Json) -> dict[str, Attribute]:
    """The confirm dialog's words, for the script to ask before it reports anything."""
    confirm = as_json(element.get("confirm"))
    if not confirm:
        return {}
    return {
        "data_confirm_title": words(confirm.get("title")) or "Are you sure?",
        "data_confirm_text": words(confirm.get("text")),
        "data_confirm_yes": words(confirm.get("confirm")) or "Yes",
        "data_confirm_no": words(confirm.get("deny")) or "Cancel",
        "data_confirm_style": str(confirm.get("style") or "primary"),
    }


def current(element: Json, place: Place, context: Context, name: str) -> Any:
    """What the field holds: what the person entered (`name` in Slack's state), else the app's initial value."""
    entered = context.values.get(place.block_id, {}).get(str(element.get("action_id", "")))
    if isinstance(entered, dict) and name in entered:
        return entered[name]
    return element.get(name.replace("selected_", "initial_") if name.startswith("selected_") else f"initial_{name}")


def option_values(value: Any) -> set[str]:
    """The values of chosen options (objects) or ids (strings)."""
    entries = value if isinstance(value, list) else [value]
    return {str(as_json(entry).get("value")) if isinstance(entry, dict) else str(entry) for entry in entries if entry}


def option_groups(element: Json) -> list[tuple[str, list[Json]]]:
    """Options under their groups' labels; ungrouped ones under an empty label."""
    groups = items(element.get("option_groups"))
    if groups:
        return [(words(group.get("label")), items(group.get("options"))) for group in groups]
    return [("", items(element.get("options")))]


def caption(text: str, *, id_: str | None = None) -> Markup:
    """Small print under a field."""
    return tag("p", text, class_="hint", id=id_)
