"""Every element of Block Kit that people can use."""

from typing import Any

from bot.sandbox.blockkit.composition import (
    ACTION_ID,
    CONFIRM,
    DISPATCH,
    FILTER,
    URL,
    image,
    option,
    plain,
    words,
)
from bot.sandbox.blockkit.rules import (
    Check,
    Inspection,
    Key,
    among,
    characters,
    flag,
    items,
    matching,
    may,
    must,
    shape,
    whole,
)

_VALUE = characters(2_000)
_ID = characters(255)
_DATE = matching(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "a date such as 2026-03-31")
_TIME = matching(r"([01]\d|2[0-3]):[0-5]\d", "a time such as 09:30")
_MENU_OPTION = option(plain(75))
_CHOICE_OPTION = option(words(75))
_GROUP = shape(must("label", plain(75)), must("options", items(_MENU_OPTION, 100)))
_PLACEHOLDER = may("placeholder", plain(150))
_FOCUS = may("focus_on_load", flag)
_CONFIRM = may("confirm", CONFIRM)
_MOST_SELECTED = may("max_selected_items", whole(1, 1_000_000))
_QUERY = may("min_query_length", whole(0, 1_000))
_RESPONSE_URL = may("response_url_enabled", flag)


def _options_or_groups(inspection: Inspection, value: Any, at: str) -> None:
    if ("options" in value) == ("option_groups" in value):
        inspection.report("one_of", "exactly one of options, option_groups must be given", at, ["options"])
        return
    options = value.get("options") if isinstance(value.get("options"), list) else None
    if options is None and isinstance(value.get("option_groups"), list):
        groups = [one for one in value["option_groups"] if isinstance(one, dict)]
        options = [held for one in groups if isinstance(one.get("options"), list) for held in one["options"]]
    _unique_values(inspection, options or [], at)
    _initial_among(inspection, value, options or [], at)


def _fixed_options(inspection: Inspection, value: Any, at: str) -> None:
    options = value.get("options") if isinstance(value.get("options"), list) else []
    _unique_values(inspection, options or [], at)
    _initial_among(inspection, value, options or [], at)


def _unique_values(inspection: Inspection, options: list[Any], at: str) -> None:
    seen: set[str] = set()
    for one in options:
        value = one.get("value") if isinstance(one, dict) else None
        if isinstance(value, str) and value in seen:
            inspection.report("unique", f"option values must be unique: {value}", f"{at}/options", None)
        elif isinstance(value, str):
            seen.add(value)


def _initial_among(inspection: Inspection, value: Any, options: list[Any], at: str) -> None:
    """An initial option must be one of the options, to the letter."""
    if "initial_option" in value and value["initial_option"] not in options:
        inspection.report("enum", "must be one of the provided options", f"{at}/initial_option", None)
    initial = value.get("initial_options")
    for place, one in enumerate(initial if isinstance(initial, list) else []):
        if one not in options:
            inspection.report("enum", "must be one of the provided options", f"{at}/initial_options/{place}", None)


def _static(*more: Key) -> Check:
    return shape(
        ACTION_ID,
        _PLACEHOLDER,
        may("options", items(_MENU_OPTION, 100)),
        may("option_groups", items(_GROUP, 100)),
        _CONFIRM,
        _FOCUS,
        *more,
        also=_options_or_groups,
    )


def _menu(*more: Key) -> Check:
    return shape(ACTION_ID, _PLACEHOLDER, _CONFIRM, _FOCUS, *more)


def _typed(*more: Key) -> Check:
    return shape(ACTION_ID, _PLACEHOLDER, _FOCUS, may("dispatch_action_config", DISPATCH), *more)


def _feedback(inspection: Inspection, value: Any, at: str) -> None:
    _FEEDBACK_BUTTON(inspection, value, at)


def _lengths(inspection: Inspection, value: Any, at: str) -> None:
    least, most = value.get("min_length"), value.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        inspection.report("range", "min_length must not be above max_length", f"{at}/min_length", most)


_FEEDBACK_BUTTON = shape(must("text", plain(75)), must("value", _VALUE), may("accessibility_label", characters(75)))
_TRIGGER = shape(must("url", URL), may("customizable_input_parameters", items(shape(), 100, 0)))

ELEMENTS: dict[str, Check] = {
    "button": shape(
        ACTION_ID,
        must("text", plain(75)),
        may("url", URL),
        may("value", _VALUE),
        may("style", among("primary", "danger")),
        _CONFIRM,
        may("accessibility_label", characters(75)),
        may("agent_prompt", characters(4_000)),
    ),
    "workflow_button": shape(
        ACTION_ID,
        must("text", plain(75)),
        must("workflow", shape(must("trigger", _TRIGGER))),
        may("style", among("primary", "danger")),
        may("accessibility_label", characters(75)),
    ),
    "icon_button": shape(
        ACTION_ID,
        must("icon", characters(255)),
        must("text", plain(75)),
        may("value", _VALUE),
        _CONFIRM,
        may("accessibility_label", characters(75)),
        may("visible_to_user_ids", items(_ID, 10, 0)),
    ),
    "feedback_buttons": shape(ACTION_ID, must("positive_button", _feedback), must("negative_button", _feedback)),
    "overflow": shape(
        ACTION_ID,
        must("options", items(option(plain(75), url=True), 5)),
        _CONFIRM,
        also=_fixed_options,
    ),
    "checkboxes": shape(
        ACTION_ID,
        must("options", items(_CHOICE_OPTION, 10)),
        may("initial_options", items(_CHOICE_OPTION, 10)),
        _CONFIRM,
        _FOCUS,
        also=_fixed_options,
    ),
    "radio_buttons": shape(
        ACTION_ID,
        must("options", items(_CHOICE_OPTION, 10)),
        may("initial_option", _CHOICE_OPTION),
        _CONFIRM,
        _FOCUS,
        also=_fixed_options,
    ),
    "static_select": _static(may("initial_option", _MENU_OPTION)),
    "multi_static_select": _static(may("initial_options", items(_MENU_OPTION, 100)), _MOST_SELECTED),
    "external_select": _menu(may("initial_option", _MENU_OPTION), _QUERY),
    "multi_external_select": _menu(may("initial_options", items(_MENU_OPTION, 100)), _QUERY, _MOST_SELECTED),
    "users_select": _menu(may("initial_user", _ID)),
    "multi_users_select": _menu(may("initial_users", items(_ID, 1_000)), _MOST_SELECTED),
    "conversations_select": _menu(
        may("initial_conversation", _ID),
        may("default_to_current_conversation", flag),
        _RESPONSE_URL,
        may("filter", FILTER),
    ),
    "multi_conversations_select": _menu(
        may("initial_conversations", items(_ID, 1_000)),
        may("default_to_current_conversation", flag),
        may("filter", FILTER),
        _MOST_SELECTED,
    ),
    "channels_select": _menu(may("initial_channel", _ID), _RESPONSE_URL),
    "multi_channels_select": _menu(may("initial_channels", items(_ID, 1_000)), _MOST_SELECTED),
    "datepicker": _menu(may("initial_date", _DATE)),
    "timepicker": _menu(may("initial_time", _TIME), may("timezone", characters(255))),
    "datetimepicker": shape(
        ACTION_ID,
        may("initial_date_time", whole(1_000_000_000, 9_999_999_999)),
        _CONFIRM,
        _FOCUS,
    ),
    "plain_text_input": shape(
        ACTION_ID,
        _PLACEHOLDER,
        _FOCUS,
        may("dispatch_action_config", DISPATCH),
        may("initial_value", characters(3_000, 0)),
        may("multiline", flag),
        may("min_length", whole(0, 3_000)),
        may("max_length", whole(1, 3_000)),
        also=_lengths,
    ),
    "email_text_input": _typed(may("initial_value", characters(3_000, 0))),
    "url_text_input": _typed(may("initial_value", characters(3_000, 0))),
    "number_input": _typed(
        must("is_decimal_allowed", flag),
        may("initial_value", characters(100, 0)),
        may("min_value", characters(100)),
        may("max_value", characters(100)),
    ),
    "rich_text_input": _typed(may("initial_value", shape(must("elements", items(shape(), 1_000, 0))))),
    "file_input": shape(
        ACTION_ID,
        may("filetypes", items(characters(20), 100)),
        may("max_files", whole(1, 10)),
    ),
    "image": image,
}

SELECTS = frozenset(kind for kind in ELEMENTS if kind.endswith("_select"))
CHOICES = frozenset({"checkboxes", "radio_buttons"})
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
IN_ACTIONS = SELECTS | CHOICES | PICKERS | {"button", "workflow_button", "overflow"}
IN_SECTION = SELECTS | CHOICES | {"button", "workflow_button", "overflow", "image", "datepicker", "timepicker"}
IN_INPUT = SELECTS | CHOICES | PICKERS | {"plain_text_input", "rich_text_input"}
ONLY_IN_MODAL_INPUT = frozenset({"email_text_input", "url_text_input", "number_input", "file_input"})

__all__ = ["CHOICES", "ELEMENTS", "IN_ACTIONS", "IN_INPUT", "IN_SECTION", "ONLY_IN_MODAL_INPUT"]
