"""Whole payloads: the blocks of a message, a modal, a Home tab, and what is counted over all of them."""

from typing import Any

from bot.sandbox.blockkit.composition import plain
from bot.sandbox.blockkit.layout import BLOCKS, MARKDOWN_CHARACTERS, SURFACES
from bot.sandbox.blockkit.problems import Problem
from bot.sandbox.blockkit.rules import Check, Inspection, characters, flag, items, may, must, one_of_types, shape

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
_TOTALS = {
    "markdown_characters": (MARKDOWN_CHARACTERS, "markdown text must be less than 12001 characters in all"),
    "tables": (1, "only one table is allowed"),
    "table_characters": (10_000, "table text must be less than 10001 characters in all"),
    "data_table_characters": (20_000, "data_table text must be less than 20001 characters in all"),
    "charts": (2, "no more than 2 data_visualization blocks allowed"),
}
_COMMON = (
    may("private_metadata", characters(3_000, 0)),
    may("callback_id", characters(255, 0)),
    may("external_id", characters(255, 0)),
)


def check_message(blocks: Any) -> list[Problem]:
    """What Slack would refuse in the blocks of a message; nothing when they are fine."""
    inspection = Inspection("message")
    _blocks(inspection, blocks, "", least=0)
    return inspection.problems


def check_view(view: Any, kind: str) -> list[Problem]:
    """What Slack would refuse in a view of this kind (modal or home); nothing when it is fine."""
    inspection = Inspection(kind)
    one_of_types(_VIEWS, (kind,))(inspection, view, "")
    return inspection.problems


def _blocks(inspection: Inspection, blocks: Any, at: str, *, least: int) -> None:
    block = one_of_types(BLOCKS, SURFACES[inspection.surface])
    items(block, MOST_BLOCKS[inspection.surface], least)(inspection, blocks, at)
    for place, one in enumerate(blocks if isinstance(blocks, list) else []):
        block_id = one.get("block_id") if isinstance(one, dict) else None
        if isinstance(block_id, str) and block_id in inspection.block_ids:
            inspection.report("unique", f"`block_id` {block_id} already exists", f"{at}/{place}/block_id", None)
        elif isinstance(block_id, str):
            inspection.block_ids.add(block_id)
    for total, (most, words) in _TOTALS.items():
        if inspection.totals.get(total, 0) > most:
            inspection.report("total", words, at, most)


def _view_blocks(inspection: Inspection, blocks: Any, at: str) -> None:
    _blocks(inspection, blocks, at, least=0)


def _submit_with_inputs(inspection: Inspection, view: Any, at: str) -> None:
    """A modal with inputs must have something to submit them with."""
    blocks = view.get("blocks")
    inputs = [one for one in blocks if isinstance(one, dict) and one.get("type") == "input"] if blocks else []
    if inputs and "submit" not in view:
        inspection.report("required", "missing required field: submit", at, "submit")


_VIEWS: dict[str, Check] = {
    "modal": shape(
        must("title", plain(24)),
        must("blocks", _view_blocks),
        may("close", plain(24)),
        may("submit", plain(24)),
        may("submit_disabled", flag),
        may("clear_on_close", flag),
        may("notify_on_close", flag),
        *_COMMON,
        also=_submit_with_inputs,
    ),
    "home": shape(must("blocks", _view_blocks), *_COMMON),
}
