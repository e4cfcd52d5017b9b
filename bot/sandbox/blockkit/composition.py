"""The small objects blocks are made of: texts, options, confirmations, filters."""

from typing import Any

from bot.sandbox.blockkit.rules import (
    Check,
    Inspection,
    Shape,
    among,
    characters,
    flag,
    items,
    may,
    must,
    one_of_types,
    shape,
)

BLOCK_ID = may("block_id", characters(255))
ACTION_ID = may("action_id", characters(255))
URL = characters(3_000)
ALT_TEXT = characters(2_000, 0)


def plain(most: int, least: int = 1) -> Check:
    """A plain_text object."""
    return one_of_types({"plain_text": shape(must("text", characters(most, least)), may("emoji", flag))})


def words(most: int, least: int = 1) -> Check:
    """A plain_text or mrkdwn object."""
    text = must("text", characters(most, least))
    return one_of_types({"plain_text": shape(text, may("emoji", flag)), "mrkdwn": shape(text, may("verbatim", flag))})


CONFIRM = shape(
    must("title", plain(100)),
    must("text", words(300)),
    must("confirm", plain(30)),
    must("deny", plain(30)),
    may("style", among("primary", "danger")),
)

SLACK_FILE = shape(
    may("id", characters(255)),
    may("url", URL),
    also=lambda inspection, value, at: _exactly_one(inspection, value, at, "id", "url"),
)

DISPATCH = shape(
    must("trigger_actions_on", items(among("on_enter_pressed", "on_character_entered"), 2)),
)

FILTER = shape(
    may("include", items(among("im", "mpim", "private", "public"), 4)),
    may("exclude_external_shared_channels", flag),
    may("exclude_bot_users", flag),
)


def option(text: Check, *, url: bool = False) -> Shape:
    keys = [must("text", text), must("value", characters(150)), may("description", words(75))]
    return shape(*keys, *([may("url", URL)] if url else []))


def image(inspection: Inspection, value: Any, at: str) -> None:
    """An image object: one source, and words for those who do not see it."""
    _IMAGE(inspection, value, at)


def source(inspection: Inspection, value: Any, at: str) -> None:
    """Exactly one of image_url and slack_file."""
    _exactly_one(inspection, value, at, "image_url", "slack_file")


def _exactly_one(inspection: Inspection, value: Any, at: str, one: str, other: str) -> None:
    if (one in value) == (other in value):
        inspection.report("one_of", f"exactly one of {one}, {other} must be given", at, [one, other])


_IMAGE = one_of_types(
    {
        "image": shape(
            must("alt_text", ALT_TEXT),
            may("image_url", URL),
            may("slack_file", SLACK_FILE),
            also=source,
        ),
    },
)
