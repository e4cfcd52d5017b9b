"""Tables and charts, with the totals Slack counts over a whole message."""

from typing import Any

from bot.sandbox.blockkit.composition import BLOCK_ID
from bot.sandbox.blockkit.richtext import RICH_TEXT
from bot.sandbox.blockkit.rules import (
    Inspection,
    among,
    characters,
    flag,
    items,
    may,
    must,
    number,
    one_of_types,
    shape,
    whole,
)

COLUMNS = 20
_LABEL = characters(20)
_RAW_TEXT = shape(must("text", characters(10_000, 0)))
_RAW_NUMBER = shape(must("value", number), may("text", characters(10_000, 0)))
_CELL = one_of_types({"raw_text": _RAW_TEXT, "rich_text": RICH_TEXT})
_DATA_CELL = one_of_types({"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER, "rich_text": RICH_TEXT})


def _table(inspection: Inspection, value: Any, _at: str) -> None:
    inspection.count("tables")
    inspection.count("table_characters", _text_in(value.get("rows")))


def _data_table(inspection: Inspection, value: Any, at: str) -> None:
    rows = value.get("rows") if isinstance(value.get("rows"), list) else []
    inspection.count("data_table_characters", _text_in(rows))
    widths = {len(row) for row in rows if isinstance(row, list)}
    if len(widths) > 1:
        inspection.report("rows", "all rows must have the same number of cells", f"{at}/rows", sorted(widths))
    header = rows[0] if rows and isinstance(rows[0], list) else []
    if any(isinstance(cell, dict) and cell.get("type") == "rich_text" for cell in header):
        inspection.report("unsupported_type", "rich_text is not allowed in the header row", f"{at}/rows/0", None)


def _text_in(part: Any) -> int:
    """Characters of every `text` below a part."""
    if isinstance(part, list):
        return sum(_text_in(one) for one in part)
    if isinstance(part, dict):
        own = len(part["text"]) if isinstance(part.get("text"), str) else 0
        return own + sum(_text_in(one) for key, one in part.items() if key != "text")
    return 0


def _axes(inspection: Inspection, value: Any, at: str) -> None:
    """Every series needs one value in every category, and none outside them."""
    config, series = value.get("axis_config"), value.get("series")
    if not isinstance(config, dict) or not isinstance(config.get("categories"), list) or not isinstance(series, list):
        return
    categories = [one for one in config["categories"] if isinstance(one, str)]
    if len(set(categories)) != len(categories):
        inspection.report("unique", "categories must be unique", f"{at}/axis_config/categories", None)
    names = [one.get("name") for one in series if isinstance(one, dict)]
    if len({name for name in names if isinstance(name, str)}) != len(names):
        inspection.report("unique", "series names must be unique", f"{at}/series", None)
    for place, one in enumerate(series):
        points = one.get("data") if isinstance(one, dict) else None
        labels = [point.get("label") for point in points if isinstance(point, dict)] if isinstance(points, list) else []
        if sorted(label for label in labels if isinstance(label, str)) != sorted(categories):
            words = "every series must have exactly one value for every category"
            inspection.report("categories", words, f"{at}/series/{place}/data", categories)


_POINT = shape(must("label", _LABEL), must("value", number))
_SERIES = shape(must("name", _LABEL), must("data", items(_POINT, 20)))
_AXES = shape(
    must("categories", items(_LABEL, 20)),
    may("x_label", characters(50)),
    may("y_label", characters(50)),
)
_PLOT = shape(must("series", items(_SERIES, 6)), must("axis_config", _AXES), also=_axes)
_CHART = one_of_types(
    {
        "line": _PLOT,
        "bar": _PLOT,
        "area": _PLOT,
        "pie": shape(must("segments", items(_POINT, 6))),
    },
)

TABLE = shape(
    must("rows", items(items(_CELL, COLUMNS), 100)),
    may(
        "column_settings",
        items(shape(may("align", among("left", "center", "right")), may("is_wrapped", flag)), COLUMNS, 0),
    ),
    BLOCK_ID,
    also=_table,
)
DATA_TABLE = shape(
    must("caption", characters(3_000)),
    must("rows", items(items(_DATA_CELL, COLUMNS), 100, 2)),
    may("page_size", whole(1, 100)),
    may("row_header_column_index", whole(0, COLUMNS - 1)),
    BLOCK_ID,
    also=_data_table,
)
DATA_VISUALIZATION = shape(
    must("title", characters(50)),
    must("chart", _CHART),
    BLOCK_ID,
    also=lambda inspection, _value, _at: inspection.count("charts"),
)
