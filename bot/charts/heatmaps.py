"""The heat map of who rates whom: rows rate columns, within ties are rings on the diagonal."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.charts import letters
from bot.charts.layout import (
    LEGEND_HEIGHT,
    MARGIN,
    NAME_SIZE,
    SMALL,
    cell_number,
    draw_legend_of_ties,
    face_of_ties,
    title_height,
    title_lines,
    write_lines,
    write_title,
)
from bot.charts.sheet import XY, Sheet
from bot.charts.tones import Canvas
from bot.core.figures import Cell, Shown
from bot.core.pictures import HeatMap, PictureWords

NAMED_COLUMNS = 12
"""Up to so many workgroups the columns carry names; beyond, the numbers that the rows carry too."""
TURN_DEGREES = 40
GAP = 16.0
"""Between the cells and the legend."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the cells lie and what is written beside and above them."""

    left: float
    top: float
    side: float
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    turned: bool

    @property
    def end(self) -> XY:
        """The bottom right corner."""
        return (self.left + len(self.columns) * self.side, self.top + len(self.rows) * self.side)

    def corner(self, i: int, j: int) -> XY:
        return (self.left + j * self.side, self.top + i * self.side)

    def centre(self, i: int, j: int) -> XY:
        return (self.left + (j + 0.5) * self.side, self.top + (i + 0.5) * self.side)


def draw_heat_map(picture: HeatMap, canvas: Canvas) -> Sheet:
    words = picture.words
    names = letters.drawable_names(picture.ties.workgroups)
    face = face_of_ties(picture.title, names, words)
    grid = _grid(names, face, words)
    overhang = max(letters.width(column, face, NAME_SIZE) for column in grid.columns) if grid.turned else 0.0
    axis_end = grid.left + letters.width(words.rated_axis, face, SMALL)
    name_end = grid.end[0] - grid.side / 2 + overhang * math.cos(math.radians(TURN_DEGREES))
    width = max(440.0, max(grid.end[0], name_end, axis_end) + MARGIN)
    title = title_lines(picture.title, face, width)
    head = title_height(title)
    grid = _lowered(grid, head)
    sheet = Sheet(width, grid.end[1] + GAP + LEGEND_HEIGHT, canvas, face)
    write_title(sheet, title)
    sheet.text((grid.left, head + 6), words.rated_axis, size=SMALL, color=canvas.muted)
    sheet.text((grid.left - 10, grid.top - 9), words.rater_axis, size=SMALL, color=canvas.muted, across="right")
    _write_names(sheet, grid)
    for i, row in enumerate(picture.ties.cells):
        for j, cell in enumerate(row):
            _draw_cell(sheet, grid, (i, j), cell, words)
    draw_legend_of_ties(sheet, grid.end[1] + GAP, words, as_lines=False)
    return sheet


def _grid(names: tuple[str, ...], face: letters.Face, words: PictureWords) -> _Grid:
    """The grid as if it began at the top of the sheet; ``top`` leaves room for the names of the columns."""
    size = len(names)
    turned = size <= NAMED_COLUMNS
    labels = names if turned else tuple(_numbered(at, name) for at, name in enumerate(names, start=1))
    rows = tuple(letters.wrapped(label, face, NAME_SIZE, room=128, lines=2) for label in labels)
    columns = (
        tuple(letters.wrapped(name, face, NAME_SIZE, room=112, lines=1)[0] for name in names)
        if turned
        else tuple(str(number) for number in range(1, size + 1))
    )
    row_room = max(letters.width(line, face, NAME_SIZE) for row in rows for line in row)
    longest = max(letters.width(column, face, NAME_SIZE) for column in columns)
    rise = longest * math.sin(math.radians(TURN_DEGREES)) + 14 if turned else 20.0
    left = MARGIN + max(row_room, letters.width(words.rater_axis, face, SMALL)) + 10
    side = 60.0 if size <= 4 else 52.0 if size <= 6 else 46.0 if size <= 8 else 38.0
    return _Grid(left, rise + 18, side, rows, columns, turned)


def _lowered(grid: _Grid, by: float) -> _Grid:
    return _Grid(grid.left, grid.top + by, grid.side, grid.rows, grid.columns, grid.turned)


def _numbered(number: int, name: str) -> str:
    return name if name == str(number) else f"{number}  {name}"


def _write_names(sheet: Sheet, grid: _Grid) -> None:
    for at, row in enumerate(grid.rows):
        write_lines(sheet, (grid.left - 10, grid.centre(at, 0)[1]), row, "right")
    for at, column in enumerate(grid.columns):
        x = grid.centre(0, at)[0]
        if grid.turned:
            sheet.text((x - 2, grid.top - 7), column, size=NAME_SIZE, rotation=TURN_DEGREES)
        else:
            sheet.text((x, grid.top - 10), column, size=NAME_SIZE, across="center", bold=True)


def _draw_cell(sheet: Sheet, grid: _Grid, place: tuple[int, int], cell: Cell, words: PictureWords) -> None:
    within = place[0] == place[1]
    if within:
        _draw_within(sheet, grid, place[0], cell)
    else:
        _draw_between(sheet, grid, place, cell)
    if isinstance(cell, Shown):
        number = cell_number(cell, words)
        ground = sheet.canvas.ground if within else sheet.canvas.tone(cell.value)
        size = NAME_SIZE if grid.side > 40 else 8.0 if len(number) == 3 else 6.6
        sheet.text(grid.centre(*place), number, size=size, across="center", color=sheet.canvas.ink_on(ground))


def _draw_between(sheet: Sheet, grid: _Grid, place: tuple[int, int], cell: Cell) -> None:
    x, y = grid.corner(*place)
    at, size = (x + 1.5, y + 1.5), (grid.side - 3, grid.side - 3)
    if isinstance(cell, Shown):
        sheet.box(at, size, fill=sheet.canvas.tone(cell.value), edge=sheet.canvas.grid)
    else:
        sheet.box(at, size, fill=None, edge=sheet.canvas.dashed, dashes=(2.5, 2.5))


def _draw_within(sheet: Sheet, grid: _Grid, at: int, cell: Cell) -> None:
    radius = grid.side / 2 - 4
    if isinstance(cell, Shown):
        sheet.ring(grid.centre(at, at), radius, edge=sheet.canvas.line_tone(cell.value), width=4)
    else:
        sheet.ring(grid.centre(at, at), radius, edge=sheet.canvas.dashed, width=1.1, dashes=(2.8, 2.8))
