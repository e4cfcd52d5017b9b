"""`table` and `data_table`: real HTML tables that scroll sideways on their own."""

from typing import Any

from markupsafe import Markup

from bot.sandbox.ui.context import Context, Json
from bot.sandbox.ui.html import tag
from bot.sandbox.ui.richtext import rich_text
from bot.sandbox.ui.text import as_json, items, whole, words

ALIGNMENTS = frozenset({"left", "center", "right"})


def table(block: Json, context: Context) -> Markup:
    """Slack's plain table: the first row is the header."""
    columns = items(block.get("column_settings"))
    rows = rows_of(block)
    header = (
        tag("tr", *(cell("th", value, align(columns, n), context) for n, value in enumerate(rows[0]))) if rows else None
    )
    body = [
        tag("tr", *(cell("td", value, align(columns, n), context) for n, value in enumerate(row))) for row in rows[1:]
    ]
    return framed(tag("table", tag("thead", header), tag("tbody", *body)), "Table")


def data_table(block: Json, context: Context) -> Markup:
    """The table with a caption, a row header, sorting by column and pages (both done by the page's script)."""
    rows = rows_of(block)
    caption = words(block.get("caption"))
    key = whole(block.get("row_header_column_index"))
    size = whole(block.get("page_size"), 5)
    head = (
        tag(
            "tr",
            *(
                sortable(value, "align-right" if is_figures(rows, n) else None, context)
                for n, value in enumerate(rows[0])
            ),
        )
        if rows
        else None
    )
    body = [
        tag("tr", *(cell("th" if n == key else "td", value, None, context) for n, value in enumerate(row)))
        for row in rows[1:]
    ]
    grid = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), data_page_size=size)
    return framed(grid, caption or "Table")


def framed(grid: Markup, label: str) -> Markup:
    return tag("div", grid, class_="scroll", tabindex=0, role="group", aria_label=label)


def rows_of(block: Json) -> list[list[Any]]:
    rows = block.get("rows")
    return [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []


def align(columns: list[Json], number: int) -> str | None:
    name = columns[number].get("align") if number < len(columns) else None
    return f"align-{name}" if name in ALIGNMENTS else None


def is_figures(rows: list[list[Any]], number: int) -> bool:
    """Whether a column holds numbers, judged by its first cell."""
    return any(as_json(row[number]).get("type") == "raw_number" for row in rows[1:2] if number < len(row))


def sortable(value: Any, class_: str | None, context: Context) -> Markup:
    button = tag("button", content(value, context), type="button", class_="sort")
    return tag("th", button, scope="col", aria_sort="none", class_=class_)


def cell(name: str, value: Any, class_: str | None, context: Context) -> Markup:
    number = as_json(value).get("type") == "raw_number"
    scope = "row" if name == "th" and not class_ else "col" if name == "th" else None
    return tag(name, content(value, context), class_=class_ or ("align-right" if number else None), scope=scope)


def content(value: Any, context: Context) -> Markup | str:
    """A cell: raw text, a raw number, or rich text."""
    found = as_json(value)
    match found.get("type"):
        case "rich_text":
            return rich_text(found, context)
        case "raw_number":
            return str(found.get("text") or found.get("value", ""))
        case _:
            return str(found.get("text", "")) if found else str(value if value is not None else "")
