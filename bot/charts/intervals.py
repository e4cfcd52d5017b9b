"""A forest of intervals: how sure we are of each figure, in the order given and never sorted by value."""

from __future__ import annotations

import math

from bot.charts import letters
from bot.charts.layout import MARGIN, NAME_SIZE, SMALL, title_height, title_lines, write_lines, write_title
from bot.charts.sheet import Sheet
from bot.charts.tones import Canvas
from bot.core.pictures import Interval, IntervalChart, IntervalRow

WIDTH = 520.0
ROW = 36.0
LABEL_ROOM, VALUE_ROOM = 150.0, 46.0


class _Axis:
    """Values to pixels: the whole scale from 1 to 5, or differences as far to both sides as they reach."""

    def __init__(self, picture: IntervalChart) -> None:
        self.left, self.right = MARGIN + LABEL_ROOM, WIDTH - MARGIN - VALUE_ROOM
        self.low, self.high = 1.0, 5.0
        if picture.differences:
            ends = [abs(end) for row in picture.rows if row.interval for end in (row.interval.low, row.interval.high)]
            reach = max(1.0, float(math.ceil(max(ends, default=1.0))))
            self.low, self.high = -reach, reach

    @property
    def ticks(self) -> list[float]:
        """Whole numbers, or halves on a short axis; no change is always among them."""
        step = 1.0 if self.high - self.low > 2 else 0.5
        return [self.low + step * at for at in range(round((self.high - self.low) / step) + 1)]

    def x(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return self.left + (self.right - self.left) * (inside - self.low) / (self.high - self.low)


def draw_intervals(picture: IntervalChart, canvas: Canvas) -> Sheet:
    words = picture.words
    rows = [letters.drawable_text(row.label) for row in picture.rows]
    face = letters.face_for((picture.title, *rows, words.weaker, words.stronger, words.withheld, "−+"))
    title = title_lines(picture.title, face, WIDTH)
    axis, top = _Axis(picture), title_height(title) + 8
    bottom = top + ROW * len(rows)
    sheet = Sheet(WIDTH, bottom + 46 + MARGIN, canvas, face)
    write_title(sheet, title)
    _draw_scale(sheet, axis, picture, top, bottom)
    for at, row in enumerate(picture.rows):
        _draw_row(sheet, axis, row, top + ROW * (at + 0.5), picture)
    return sheet


def _draw_scale(sheet: Sheet, axis: _Axis, picture: IntervalChart, top: float, bottom: float) -> None:
    canvas, words = sheet.canvas, picture.words
    number = words.signed if picture.differences else words.number
    for tick in axis.ticks:
        zero = picture.differences and tick == 0
        sheet.line(
            [(axis.x(tick), top), (axis.x(tick), bottom)], color=canvas.muted if zero else canvas.grid, width=1, z=0.5
        )
        sheet.text((axis.x(tick), bottom + 13), number(tick), size=SMALL, color=canvas.muted, across="center")
    if picture.bands is not None:
        for cut in (picture.bands.weak_below, picture.bands.strong_above):
            sheet.line([(axis.x(cut), top), (axis.x(cut), bottom)], color=canvas.accent, width=1, dashes=(2, 3), z=0.6)
    if not picture.differences:
        sheet.text((axis.left, bottom + 32), words.weaker, size=SMALL, color=canvas.muted)
        sheet.text((axis.right, bottom + 32), words.stronger, size=SMALL, color=canvas.muted, across="right")


def _draw_row(sheet: Sheet, axis: _Axis, row: IntervalRow, y: float, picture: IntervalChart) -> None:
    canvas = sheet.canvas
    label = letters.drawable_text(row.label)
    lines = letters.wrapped(label, sheet.face, NAME_SIZE, room=LABEL_ROOM - 14, lines=2)
    write_lines(sheet, (axis.left - 12, y), lines, "right")
    if row.interval is None:
        sheet.line([(axis.left + 6, y), (axis.right - 6, y)], color=canvas.dashed, width=1.1, dashes=(2.8, 3.2))
        return
    _draw_interval(sheet, axis, y, row.interval)
    number = picture.words.signed if picture.differences else picture.words.number
    sheet.text((WIDTH - MARGIN, y), number(row.interval.value), size=NAME_SIZE, bold=True, across="right")


def _draw_interval(sheet: Sheet, axis: _Axis, y: float, interval: Interval) -> None:
    color = sheet.canvas.lines[0]
    sheet.line([(axis.x(interval.low), y), (axis.x(interval.high), y)], color=color, width=2.4)
    for end in (interval.low, interval.high):
        sheet.line([(axis.x(end), y - 5), (axis.x(end), y + 5)], color=color, width=1.6)
    sheet.mark((axis.x(interval.value), y), "D", color=color, size=11)
