"""What was put into a form: by field, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Values = dict[str, Any]
"""By field name (block_id): text, an option's value, a list of them, a user's id, a date; None where empty."""


def values_of(view: Mapping[str, Any]) -> Values:
    """The current state of every input of a view."""
    state: Mapping[str, Mapping[str, Any]] = (view.get("state") or {}).get("values") or {}
    return {name: _value(next(iter(elements.values()))) for name, elements in state.items() if elements}


def _value(element: Mapping[str, Any]) -> Any:
    match element.get("type"):
        case "static_select" | "radio_buttons" | "external_select":
            chosen = element.get("selected_option")
            return chosen and chosen["value"]
        case "checkboxes" | "multi_static_select":
            return [one["value"] for one in element.get("selected_options") or ()]
        case "users_select":
            return element.get("selected_user")
        case "datepicker":
            return element.get("selected_date")
        case "timepicker":
            return element.get("selected_time")
        case _:
            return element.get("value")


def text_of(values: Values, name: str) -> str:
    return str(values.get(name) or "").strip()


def ids_of(values: Values, name: str) -> tuple[int, ...]:
    """The rows chosen in a list whose option values are row ids."""
    chosen = values.get(name) or []
    return tuple(int(one) for one in (chosen if isinstance(chosen, list) else [chosen]))


def errors(**by_field: str) -> dict[str, Any]:
    """The answer that shows errors beside their fields and keeps the form open."""
    return {"response_action": "errors", "errors": by_field}
