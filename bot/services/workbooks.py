"""A workbook of two sheets: a read-me and a table. Apart from ``exports``, because openpyxl is slow to import."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Value = str | float | int | date | None
HEAD = PatternFill("solid", start_color="FF0E3F6E")
LONGEST_TITLE = 31
"""Of a sheet, as spreadsheets have it."""


def write(
    titles: tuple[str, str],
    readme: Sequence[str],
    columns: Sequence[str],
    rows: Sequence[Sequence[Value]],
    widths: Mapping[str, int],
) -> bytes:
    """XLSX bytes: ``readme`` one line a row; ``columns`` as a fixed, filtered header; scores with one decimal.

    ``widths`` in letters by column; others are 16 wide.
    """
    book = Workbook()
    first = book.active
    if not isinstance(first, Worksheet):
        raise TypeError("a new workbook has a worksheet")
    _write_readme(first, titles[0], readme)
    _write_table(book.create_sheet(titles[1][:LONGEST_TITLE]), columns, rows, widths)
    book.properties.creator = "RC Pulse"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _write_readme(sheet: Worksheet, title: str, lines: Sequence[str]) -> None:
    sheet.title = title[:LONGEST_TITLE]
    sheet.column_dimensions["A"].width = 100
    for number, line in enumerate(lines, start=1):
        cell = sheet.cell(number, 1)
        _fill(cell, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _write_table(
    sheet: Worksheet, columns: Sequence[str], rows: Sequence[Sequence[Value]], widths: Mapping[str, int]
) -> None:
    for number, name in enumerate(columns, start=1):
        head = sheet.cell(1, number, name)
        head.font, head.fill = Font(bold=True, color="FFFFFFFF"), HEAD
        sheet.column_dimensions[get_column_letter(number)].width = widths.get(name, 16)
    for at, row in enumerate(rows, start=2):
        for number, value in enumerate(row, start=1):
            _fill(sheet.cell(at, number), value)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _fill(cell: Cell | MergedCell, value: Value) -> None:
    """A text is never a formula, not even when somebody edits the cell later."""
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = not value[:1].isalnum()
    elif isinstance(value, float):
        cell.number_format = "0.0#"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
