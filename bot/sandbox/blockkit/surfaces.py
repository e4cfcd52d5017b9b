"""Whole payloads: the blocks of a message, a modal, a Home tab."""

from typing import Any

from bot.sandbox.blockkit.problems import Problem


def check_message(blocks: Any) -> list[Problem]:
    """What Slack would refuse in the blocks of a message; nothing when they are fine."""
    if not isinstance(blocks, list):
        return [Problem("type", "must provide an array", "", "array")]
    return []


def check_view(view: dict[str, Any], kind: str) -> list[Problem]:
    """What Slack would refuse in a view of this kind (modal or home); nothing when it is fine."""
    if view.get("type") != kind:
        return [Problem("enum", f"must be of type {kind}", "/type", kind)]
    if not isinstance(view.get("blocks"), list):
        return [Problem("required", "missing required field: blocks", "/blocks", None)]
    return []
