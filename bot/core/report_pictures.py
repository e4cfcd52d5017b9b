"""From a report to the pictures of it: which cells, in which order, with which names. Words come from the caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from bot.core.figures import FigureKind, Shown
from bot.core.instrument import Bands, Dimension
from bot.core.pictures import (
    EventMark,
    HeatMap,
    HistoryChart,
    IntervalChart,
    IntervalRow,
    Line,
    LineChart,
    NetworkMap,
    PictureWords,
    Point,
    TieMatrix,
)
from bot.core.report_values import Report

Day = Callable[[date], str]
"""How a language writes a short date."""
MOST_POINTS = 20
"""What a line chart of Slack takes; older waves fall off the left."""
MOST_EVENTS = 12
"""Of the latest: each takes a line of the key below a history."""


def heat_map(report: Report, title: str, words: PictureWords) -> HeatMap:
    return HeatMap(title, _matrix(report), words)


def network_map(report: Report, title: str, words: PictureWords) -> NetworkMap:
    return NetworkMap(title, _matrix(report), words)


def line_chart(
    report: Report, title: str, words: PictureWords, *, names: Mapping[FigureKind, str], day: Day
) -> LineChart:
    """Index, communication and relationship by wave; ``names`` of the three lines."""
    waves = report.waves[-MOST_POINTS:]
    lines = (
        Line(names[FigureKind.INDEX], tuple(wave.index for wave in waves)),
        Line(names[FigureKind.COMMUNICATION], tuple(wave.communication for wave in waves)),
        Line(names[FigureKind.RELATIONSHIP], tuple(wave.relationship for wave in waves)),
    )
    return LineChart(title, tuple(day(wave.released_on) for wave in waves), lines, words)


def without_gaps(chart: LineChart) -> tuple[LineChart, tuple[str, ...]]:
    """For charts that want a value everywhere: the periods in which every line has one, and the names of the others.

    A withheld period is left out and said, never drawn as zero.
    """
    whole = [all(isinstance(line.cells[at], Shown) for line in chart.lines) for at, _ in enumerate(chart.categories)]
    kept = [at for at, complete in enumerate(whole) if complete]
    dropped = tuple(category for at, category in enumerate(chart.categories) if not whole[at])
    lines = tuple(Line(line.name, tuple(line.cells[at] for at in kept)) for line in chart.lines)
    return LineChart(chart.title, tuple(chart.categories[at] for at in kept), lines, chart.words), dropped


def history_chart(report: Report, title: str, words: PictureWords, *, day: Day) -> HistoryChart:
    """The index round by round, with its median and the latest events."""
    points = tuple(Point(day(point.opened_on), point.index) for point in report.rounds)
    return HistoryChart(title, points, report.history.median, _events(report), words)


def dimension_chart(
    report: Report, title: str, words: PictureWords, *, names: Mapping[Dimension, str], bands: Bands
) -> IntervalChart:
    """How sure we are of each dimension, in the instrument's order."""
    rows = tuple(IntervalRow(names[row.dimension], row.estimate) for row in report.dimensions)
    return IntervalChart(title, rows, words, bands)


def _matrix(report: Report) -> TieMatrix:
    return TieMatrix(tuple(group.name for group in report.workgroups), report.matrix)


def _events(report: Report) -> tuple[EventMark, ...]:
    """Each at the last round that opened no later than it; what happened before the first round is not marked."""
    marks: list[EventMark] = []
    for event in report.events:
        opened = sum(point.opened_on <= event.on for point in report.rounds)
        if opened:
            marks.append(EventMark(opened - 1, event.label))
    return tuple(marks[-MOST_EVENTS:])
