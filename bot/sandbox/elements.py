"""The interactive parts of blocks: finding them, naming them, and what they hold once somebody has used them."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.errors import ControlError
from bot.sandbox.ids import Ids
from bot.sandbox.state import Json

TEXT_INPUTS = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})
ONE_OPTION = frozenset({"static_select", "external_select", "radio_buttons", "overflow"})
MANY_OPTIONS = frozenset({"multi_static_select", "multi_external_select", "checkboxes"})
ONE_ID = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
MANY_IDS = {
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
}
INITIAL = {
    "selected_user": "initial_user",
    "selected_conversation": "initial_conversation",
    "selected_channel": "initial_channel",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
    "selected_users": "initial_users",
    "selected_conversations": "initial_conversations",
    "selected_channels": "initial_channels",
}
BUTTONS = frozenset({"button", "workflow_button", "icon_button", "feedback_buttons"})
OTHER_INPUTS = frozenset({"rich_text_input", "file_input"})
STATEFUL = (TEXT_INPUTS | ONE_OPTION | MANY_OPTIONS | OTHER_INPUTS | ONE_ID.keys() | MANY_IDS.keys()) - {"overflow"}
INTERACTIVE = STATEFUL | BUTTONS | {"overflow"}


def complete(ids: Ids, blocks: list[Json]) -> list[Json]:
    """A copy as Slack stores it: every block has a block_id, every interactive element an action_id, and the flags
    of texts and inputs have their defaults.
    """
    completed = [filled(block) for block in blocks]
    for block in completed:
        block.setdefault("block_id", ids.secret(5))
        for _block_id, element in _walk(block, str(block["block_id"])):
            element.setdefault("action_id", ids.secret(5))
    return completed


def filled(part: Any) -> Any:
    """A copy of a block or of a part of one, with the defaults Slack writes into it."""
    if isinstance(part, list):
        return [filled(one) for one in part]
    if not isinstance(part, dict):
        return part
    copy = {key: filled(value) for key, value in part.items()}
    kind = part.get("type")
    if kind == "plain_text":
        copy.setdefault("emoji", True)
    elif kind == "mrkdwn":
        copy.setdefault("verbatim", False)
    elif kind == "input":
        copy.setdefault("optional", False)
        copy.setdefault("dispatch_action", False)
    return copy


def interactive(blocks: list[Json]) -> Iterator[tuple[str, Json]]:
    """Every interactive element with the id of its block."""
    for block in blocks:
        yield from _walk(block, str(block.get("block_id", "")))


def find(blocks: list[Json], action_id: str, block_id: str | None, value: Any = None) -> tuple[str, Json] | None:
    """The element with an action_id, within one block where that is named; of several the one that has the value."""
    found = [
        (owner, element)
        for owner, element in interactive(blocks)
        if element.get("action_id") == action_id and (not block_id or block_id == owner)
    ]
    exact = (one for one in found if value is not None and one[1].get("value") == value)
    return next(exact, found[0] if found else None)


def inputs(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every input block with its element."""
    for block in blocks:
        if block.get("type") == "input" and isinstance(block.get("element"), dict):
            yield block, block["element"]


def initial_state(blocks: list[Json]) -> dict[str, dict[str, Json]]:
    """What Slack reports for elements nobody has touched: their initial values."""
    values: dict[str, dict[str, Json]] = {}
    for block_id, element in interactive(blocks):
        if element["type"] in STATEFUL:
            values.setdefault(block_id, {})[str(element["action_id"])] = initial_value(element)
    return values


def initial_value(element: Json) -> Json:
    kind = str(element["type"])
    if kind in TEXT_INPUTS:
        return {"type": kind, "value": element.get("initial_value")}
    if kind in ONE_OPTION:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in MANY_OPTIONS:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    if kind in ONE_ID:
        return {"type": kind, ONE_ID[kind]: element.get(INITIAL[ONE_ID[kind]])}
    if kind in MANY_IDS:
        return {"type": kind, MANY_IDS[kind]: element.get(INITIAL[MANY_IDS[kind]], [])}
    if kind == "rich_text_input":
        return {"type": kind, "rich_text_value": element.get("initial_value")}
    return {"type": kind, "files": []}


def chosen(element: Json, choice: Any) -> Json:
    """The value object after somebody entered or picked `choice` (a scalar, or a list where many may be picked).

    Raises ControlError when a choice is not among the options: a person could not have picked it.
    """
    kind = str(element["type"])
    if kind in TEXT_INPUTS:
        return {"type": kind, "value": None if choice is None or choice == "" else str(choice)}
    if kind in ONE_OPTION:
        return {"type": kind, "selected_option": None if choice is None else _option(element, choice)}
    if kind in MANY_OPTIONS:
        return {"type": kind, "selected_options": [_option(element, one) for one in _as_list(choice)]}
    if kind in ONE_ID:
        return {"type": kind, ONE_ID[kind]: choice}
    if kind in MANY_IDS:
        return {"type": kind, MANY_IDS[kind]: _as_list(choice)}
    if kind == "rich_text_input":
        return {"type": kind, "rich_text_value": _rich_text(choice)}
    if kind == "file_input":
        return {"type": kind, "files": _as_list(choice)}
    raise ControlError(f"Nothing can be entered in a {kind}.")


def is_empty(value: Json) -> bool:
    """Whether a value object holds nothing: what a required input must not."""
    return not any(held for key, held in value.items() if key != "type")


def options_of(element: Json) -> list[Json]:
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(option for group in groups for option in group.get("options", []))]


def _option(element: Json, choice: Any) -> Json:
    wanted = choice.get("value") if isinstance(choice, dict) else str(choice)
    for option in options_of(element):
        if option.get("value") == wanted:
            return option
    if "external" in str(element["type"]):
        if isinstance(choice, dict):
            return choice
        return {"text": {"type": "plain_text", "text": str(choice), "emoji": True}, "value": str(choice)}
    raise ControlError(f"{element.get('action_id')} has no option with the value {wanted!r}.")


def _as_list(choice: Any) -> list[Any]:
    if choice is None:
        return []
    return list(choice) if isinstance(choice, list) else [choice]


def _rich_text(choice: Any) -> Json | None:
    if choice is None or isinstance(choice, dict):
        return choice
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(choice)}]}
    return {"type": "rich_text", "elements": [section]}


def _walk(part: Any, block_id: str) -> Iterator[tuple[str, Json]]:
    if isinstance(part, list):
        for one in part:
            yield from _walk(one, block_id)
    elif isinstance(part, dict):
        block_id = str(part.get("block_id") or block_id)
        if part.get("type") in INTERACTIVE:
            yield block_id, part
        else:
            for one in part.values():
                if isinstance(one, (dict, list)):
                    yield from _walk(one, block_id)
