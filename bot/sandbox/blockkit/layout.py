"""Every block, and on which surfaces it may stand."""

from typing import Any

from bot.sandbox.blockkit.composition import ALT_TEXT, BLOCK_ID, SLACK_FILE, URL, image, plain, source, words
from bot.sandbox.blockkit.elements import ELEMENTS, IN_ACTIONS, IN_INPUT, IN_SECTION, ONLY_IN_MODAL_INPUT
from bot.sandbox.blockkit.figures import DATA_TABLE, DATA_VISUALIZATION, TABLE
from bot.sandbox.blockkit.richtext import RICH_TEXT
from bot.sandbox.blockkit.rules import (
    Check,
    Inspection,
    among,
    characters,
    flag,
    items,
    may,
    must,
    one_of_types,
    shape,
    whole,
)

MARKDOWN_CHARACTERS = 12_000
_CARD_KEYS = ("hero_image", "title", "body", "actions")


def _section(inspection: Inspection, value: Any, at: str) -> None:
    if "text" not in value and "fields" not in value:
        inspection.report("required", "missing required field: text", at, ["text", "fields"])


def _actions(inspection: Inspection, value: Any, at: str) -> None:
    seen: set[str] = set()
    elements = value.get("elements")
    for place, element in enumerate(elements if isinstance(elements, list) else []):
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if isinstance(action_id, str) and action_id in seen:
            words_ = f"`action_id` {action_id} already exists"
            inspection.report("unique", words_, f"{at}/elements/{place}/action_id", None)
        elif isinstance(action_id, str):
            seen.add(action_id)


def _input_element(inspection: Inspection, value: Any, at: str) -> None:
    allowed = IN_INPUT | ONLY_IN_MODAL_INPUT if inspection.surface == "modal" else IN_INPUT
    one_of_types(ELEMENTS, allowed)(inspection, value, at)


def _markdown(inspection: Inspection, value: Any, _at: str) -> None:
    text = value.get("text")
    inspection.count("markdown_characters", len(text) if isinstance(text, str) else 0)


def _card(inspection: Inspection, value: Any, at: str) -> None:
    if not any(key in value for key in _CARD_KEYS):
        inspection.report("required", f"at least one of {', '.join(_CARD_KEYS)} is required", at, list(_CARD_KEYS))


def _container(inspection: Inspection, value: Any, at: str) -> None:
    if "title" not in value and "rich_text_title" not in value:
        inspection.report("required", "missing required field: title", at, ["title", "rich_text_title"])
    if value.get("is_collapsible") is True and value.get("has_header_divider") is True:
        inspection.report("conflict", "has_header_divider needs is_collapsible to be false", at, None)


def _child(inspection: Inspection, value: Any, at: str) -> None:
    one_of_types(BLOCKS, SURFACES[inspection.surface] - {"container", "carousel"})(inspection, value, at)


_BUTTONS = items(one_of_types(ELEMENTS, ("button",)), 3)
_CARD = shape(
    may("hero_image", image),
    may("icon", image),
    may("slack_icon", shape(may("name", characters(255)))),
    may("title", words(150)),
    may("subtitle", words(150)),
    may("body", words(200)),
    may("actions", _BUTTONS),
    BLOCK_ID,
    also=_card,
)
_CONTEXT_PART = one_of_types({"image": image, "plain_text": words(3_000), "mrkdwn": words(3_000)})
_TASK = shape(
    must("task_id", characters(255)),
    must("title", characters(3_000)),
    may("details", one_of_types({"rich_text": RICH_TEXT})),
    may("output", one_of_types({"rich_text": RICH_TEXT})),
    may("sources", items(one_of_types({"url": shape(must("url", URL), must("text", characters(3_000)))}), 100, 0)),
    must("status", among("pending", "in_progress", "complete", "error")),
    BLOCK_ID,
)

BLOCKS: dict[str, Check] = {
    "section": shape(
        may("text", words(3_000)),
        may("fields", items(words(2_000), 10)),
        may("accessory", one_of_types(ELEMENTS, IN_SECTION)),
        may("expand", flag),
        BLOCK_ID,
        also=_section,
    ),
    "divider": shape(BLOCK_ID),
    "header": shape(must("text", plain(150)), may("level", whole(1, 6)), BLOCK_ID),
    "image": shape(
        must("alt_text", ALT_TEXT),
        may("image_url", URL),
        may("slack_file", SLACK_FILE),
        may("title", plain(2_000)),
        BLOCK_ID,
        also=source,
    ),
    "context": shape(must("elements", items(_CONTEXT_PART, 10)), BLOCK_ID),
    "actions": shape(must("elements", items(one_of_types(ELEMENTS, IN_ACTIONS), 25)), BLOCK_ID, also=_actions),
    "context_actions": shape(
        must("elements", items(one_of_types(ELEMENTS, ("feedback_buttons", "icon_button")), 5)),
        BLOCK_ID,
    ),
    "input": shape(
        must("label", plain(2_000)),
        must("element", _input_element),
        may("hint", plain(2_000)),
        may("optional", flag),
        may("dispatch_action", flag),
        BLOCK_ID,
    ),
    "rich_text": RICH_TEXT,
    "markdown": shape(must("text", characters(MARKDOWN_CHARACTERS)), BLOCK_ID, also=_markdown),
    "video": shape(
        must("alt_text", ALT_TEXT),
        must("title", plain(199)),
        must("thumbnail_url", URL),
        must("video_url", URL),
        may("author_name", characters(49)),
        may("description", plain(199)),
        may("provider_icon_url", URL),
        may("provider_name", characters(255)),
        may("title_url", URL),
        BLOCK_ID,
    ),
    "table": TABLE,
    "data_table": DATA_TABLE,
    "data_visualization": DATA_VISUALIZATION,
    "card": _CARD,
    "carousel": shape(must("elements", items(one_of_types({"card": _CARD}), 10)), BLOCK_ID),
    "container": shape(
        may("title", plain(150)),
        may("rich_text_title", one_of_types({"rich_text": RICH_TEXT})),
        may("subtitle", words(150)),
        must("child_blocks", items(_child, 10)),
        may("width", among("narrow", "standard", "wide", "full")),
        may("icon", image),
        may("is_collapsible", flag),
        may("default_collapsed", flag),
        may("has_header_divider", flag),
        BLOCK_ID,
        also=_container,
    ),
    "alert": shape(
        must("text", words(200)),
        may("level", among("default", "info", "warning", "error", "success")),
        BLOCK_ID,
    ),
    "task_card": _TASK,
    "plan": shape(
        must("title", characters(3_000)),
        may("tasks", items(one_of_types({"task_card": _TASK}), 50)),
        BLOCK_ID,
    ),
}

_EVERYWHERE = frozenset({"section", "divider", "header", "image", "context", "actions", "input", "rich_text", "video"})
_FIGURES = frozenset({"table", "data_table", "data_visualization"})
_CARDS = frozenset({"card", "carousel", "container"})
SURFACES: dict[str, frozenset[str]] = {
    "message": _EVERYWHERE | _FIGURES | _CARDS | {"markdown", "context_actions", "task_card", "plan"},
    "modal": _EVERYWHERE | _CARDS | {"alert"},
    "home": _EVERYWHERE | _FIGURES | _CARDS,
}
