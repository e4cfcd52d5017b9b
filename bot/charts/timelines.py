"""Time from left to right: the run chart with its events, and the chart of at most six lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.charts import letters
from bot.charts.layout import LINE, MARGIN, NAME_SIZE, SMALL, title_height, title_lines, write_title
from bot.charts.sheet import XY, Sheet
from bot.charts.tones import Canvas
from bot.core.figures import Cell, Shown
from bot.core.pictures import EventMark, HistoryChart, LineChart, PictureWords

WIDTH = 520.0
PLOT_HEIGHT = 190.0
FOOT_LINE = 19.0
KEY_LINE = LINE * 1.15
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES: tuple[tuple[float, ...] | None, ...] = (None, (7, 3), (2, 2.5), (9, 3, 2, 3), (4, 2), (1.5, 4))
EVENT_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class _Plot:
    """The part of a sheet with the lines: from scores and positions to pixels."""

    left: float
    top: float
    right: float
    count: int
    low: float
    high: float

    @property
    def bottom(self) -> float:
        return self.top + PLOT_HEIGHT

    def x(self, at: int) -> float:
        if self.count == 1:
            return (self.left + self.right) / 2
        return self.left + 14 + (self.right - self.left - 28) * at / (self.count - 1)

    def y(self, value: float) -> float:
        return self.bottom - PLOT_HEIGHT * (value - self.low) / (self.high - self.low)


def draw_history(picture: HistoryChart, canvas: Canvas) -> Sheet:
    """Points with their median; withheld periods are gaps, events are lettered lines keyed below."""
    cells = [point.cell for point in picture.points]
    labels = [letters.drawable_text(point.label) for point in picture.points]
    events = [(name, event.at, letters.drawable_text(event.label)) for name, event in _lettered(picture.events)]
    face = letters.face_for((picture.title, *labels, *(label for _, _, label in events), *_texts(picture.words)))
    title = title_lines(picture.title, face, WIDTH)
    plot = _plot([cells], title_height(title) + (34 if events else 16))
    foot = plot.bottom + 2 * FOOT_LINE + 4
    sheet = Sheet(WIDTH, foot + (8 if events else 0) + KEY_LINE * len(events) + MARGIN, canvas, face)
    write_title(sheet, title)
    _draw_frame(sheet, plot, picture.words, labels)
    for name, at, _ in events:
        _draw_event(sheet, plot, at, name)
    if picture.median is not None:
        y = plot.y(picture.median)
        sheet.line([(plot.left, y), (plot.right, y)], color=canvas.muted, width=1.3, z=2)
    _draw_line(sheet, plot, cells, 0)
    _draw_foot(sheet, plot, [cells], picture.words, picture.median)
    _write_events(sheet, foot + 8, [(name, labels[at], label) for name, at, label in events])
    return sheet


def draw_lines(picture: LineChart, canvas: Canvas) -> Sheet:
    """Lines told apart by tone, dashes and marker; the legend stands above the plot."""
    words = picture.words
    cells = [line.cells for line in picture.lines]
    names = [letters.drawable_text(line.name) for line in picture.lines]
    face = letters.face_for((picture.title, *picture.categories, *names, *_texts(words)))
    title = title_lines(picture.title, face, WIDTH)
    places = _flow([letters.width(name, face, NAME_SIZE) + 52 for name in names], WIDTH - 2 * MARGIN)
    legend = max((row for row, _ in places), default=-1) + 1
    plot = _plot(cells, title_height(title) + legend * 20 + 18)
    sheet = Sheet(WIDTH, plot.bottom + 2 * FOOT_LINE + 4 + MARGIN, canvas, face)
    write_title(sheet, title)
    _draw_frame(sheet, plot, words, [letters.drawable_text(category) for category in picture.categories])
    for at, (name, (row, x)) in enumerate(zip(names, places, strict=True)):
        left, y = MARGIN + x, title_height(title) + 10 + row * 20
        sheet.line([(left, y), (left + 28, y)], color=canvas.lines[at], width=2.2, dashes=DASHES[at])
        sheet.mark((left + 14, y), MARKERS[at], color=canvas.lines[at], size=8)
        sheet.text((left + 35, y), name, size=NAME_SIZE)
    for at, line in reversed(list(enumerate(cells))):
        _draw_line(sheet, plot, line, at)
    _draw_foot(sheet, plot, cells, words, None)
    return sheet


def _texts(words: PictureWords) -> tuple[str, ...]:
    return (words.median, words.score_axis, words.withheld, words.stronger, words.weaker)


def _lettered(events: Sequence[EventMark]) -> list[tuple[str, EventMark]]:
    """Events in time with a letter each; those of one point share it."""
    ordered = sorted(events, key=lambda event: event.at)
    names: dict[int, str] = {}
    for event in ordered:
        names.setdefault(event.at, EVENT_NAMES[len(names) % len(EVENT_NAMES)])
    return [(names[event.at], event) for event in ordered]


def _plot(lines: Sequence[Sequence[Cell]], top: float) -> _Plot:
    """Scores from half a point below the lowest to half above the highest, at least one and a half points: never a
    magnifying glass on noise.
    """
    values = [cell.value for line in lines for cell in line if isinstance(cell, Shown)] or [3.0]
    low, high = math.floor(2 * min(values) - 0.6) / 2, math.ceil(2 * max(values) + 0.6) / 2
    while high - low < 1.5:
        low, high = low - 0.5, high + 0.5
    low, high = max(low, 1.0), min(high, 5.0)
    return _Plot(MARGIN + 30, top, WIDTH - MARGIN, max((len(line) for line in lines), default=1), low, high)


def _draw_frame(sheet: Sheet, plot: _Plot, words: PictureWords, labels: list[str]) -> None:
    """Lines of the grid at half points, the score axis's name above, the periods below as densely as they fit."""
    canvas = sheet.canvas
    steps = round(2 * (plot.high - plot.low))
    for step in range(steps + 1):
        value = plot.low + step / 2
        sheet.line([(plot.left, plot.y(value)), (plot.right, plot.y(value))], color=canvas.grid, width=1, z=0.5)
        sheet.text((plot.left - 8, plot.y(value)), words.number(value), size=SMALL, color=canvas.muted, across="right")
    widest = max((letters.width(label, sheet.face, SMALL) for label in labels), default=0)
    room = (plot.right - plot.left) / max(len(labels), 1)
    every = max(1, math.ceil((widest + 10) / room))
    for at, label in enumerate(labels):
        if (len(labels) - 1 - at) % every == 0:
            at_foot = (plot.x(at), plot.bottom + FOOT_LINE - 4)
            sheet.text(at_foot, label, size=SMALL, color=canvas.muted, across="center")


def _draw_line(sheet: Sheet, plot: _Plot, cells: Sequence[Cell], style: int) -> None:
    color = sheet.canvas.lines[style]
    points = [(plot.x(at), plot.y(cell.value)) if isinstance(cell, Shown) else None for at, cell in enumerate(cells)]
    for stretch in _stretches(points):
        sheet.line(stretch, color=color, width=2.2, dashes=DASHES[style], z=3)
    for at, point in enumerate(points):
        if point is not None:
            sheet.mark(point, MARKERS[style], color=color, size=8 if len(cells) <= 30 else 6)
        else:
            x = plot.x(at)
            sheet.line([(x, plot.bottom - 4), (x, plot.bottom + 4)], color=sheet.canvas.dashed, width=1.4)


def _stretches(points: Sequence[XY | None]) -> list[list[XY]]:
    """Runs of at least two neighbouring points: a line never crosses a gap."""
    stretches: list[list[XY]] = []
    for before, after in pairwise(points):
        if before is None or after is None:
            continue
        if stretches and stretches[-1][-1] == before:
            stretches[-1].append(after)
        else:
            stretches.append([before, after])
    return stretches


def _draw_event(sheet: Sheet, plot: _Plot, at: int, name: str) -> None:
    x = plot.x(at)
    sheet.line([(x, plot.top - 4), (x, plot.bottom)], color=sheet.canvas.accent, width=1.2, dashes=(4, 3), z=0.8)
    sheet.text((x, plot.top - 14), name, size=NAME_SIZE, color=sheet.canvas.accent, bold=True, across="center")


def _draw_foot(
    sheet: Sheet, plot: _Plot, lines: Sequence[Sequence[Cell]], words: PictureWords, median: float | None
) -> None:
    """One line below the periods: what the median's line and the gap's tick mean, and what the scale is."""
    y, x, muted = plot.bottom + 2 * FOOT_LINE - 4, plot.left, sheet.canvas.muted
    if median is not None:
        text = f"{words.median} {words.number(median)}"
        sheet.line([(x, y), (x + 20, y)], color=muted, width=1.3)
        sheet.text((x + 27, y), text, size=SMALL, color=muted)
        x += 27 + letters.width(text, sheet.face, SMALL) + 22
    if any(not isinstance(cell, Shown) for line in lines for cell in line):
        sheet.line([(x, y - 4), (x, y + 4)], color=sheet.canvas.dashed, width=1.4)
        sheet.text((x + 9, y), words.withheld, size=SMALL, color=muted)
    sheet.text((plot.right, y), words.score_axis, size=SMALL, color=muted, across="right")


def _write_events(sheet: Sheet, top: float, events: Sequence[tuple[str, str, str]]) -> None:
    """Letter, period and label, one line an event."""
    period_room = max((letters.width(when, sheet.face, NAME_SIZE) for _, when, _ in events), default=0)
    for at, (name, when, label) in enumerate(events):
        y, x = top + KEY_LINE * (at + 0.5), MARGIN + 22
        sheet.text((MARGIN + 4, y), name, size=NAME_SIZE, color=sheet.canvas.accent, bold=True)
        sheet.text((x, y), when, size=NAME_SIZE, color=sheet.canvas.muted)
        x += period_room + 12
        line = letters.wrapped(label, sheet.face, NAME_SIZE, room=WIDTH - MARGIN - x, lines=1)
        sheet.text((x, y), "".join(line), size=NAME_SIZE)


def _flow(widths: list[float], room: float) -> list[tuple[int, float]]:
    """Row and offset of each legend entry when they are set one after another and broken like words."""
    places: list[tuple[int, float]] = []
    row, x = 0, 0.0
    for width in widths:
        if x and x + width > room:
            row, x = row + 1, 0.0
        places.append((row, x))
        x += width
    return places
