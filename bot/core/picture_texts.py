"""The text twin of every picture: the same content as sentences and as tables, for those who do not see the picture.

Workgroups are numbered in the order of the picture. The key (number and name) is always part of the twin, because a
picture shows the number alone where no installed font has a name's letters, and where columns are narrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.figures import Shown
from bot.core.pictures import (
    HeatMap,
    HistoryChart,
    IntervalChart,
    LineChart,
    NetworkMap,
    Picture,
    PictureWords,
    TieMatrix,
)

MAX_COLUMNS = 20
"""What a table block of Slack takes."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of plain texts; every row is as wide as the header."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def describe(picture: Picture) -> str:
    """The picture in sentences, one a line: title, key of numbers where there are workgroups, then every value
    shown.
    """
    return "\n".join([picture.title, *_sentences(picture)])


def tables(picture: Picture, *, max_columns: int = MAX_COLUMNS) -> tuple[TextTable, ...]:
    """The picture as tables of at most ``max_columns`` columns: several only where a matrix is wider than that."""
    rows: tuple[tuple[str, ...], ...]
    match picture:
        case HeatMap() | NetworkMap():
            return tuple(_matrix_tables(picture.title, picture.ties, picture.words, max_columns))
        case HistoryChart():
            marks = _events_by_point(picture)
            rows = tuple(
                (point.label, picture.words.value(point.cell), "; ".join(marks[at]))
                for at, point in enumerate(picture.points)
            )
            header = (picture.words.period, picture.words.score_axis, picture.words.events)
            return (TextTable(picture.title, header, rows),)
        case IntervalChart():
            rows = tuple((row.label, _interval_text(picture, at)) for at, row in enumerate(picture.rows))
            return (TextTable(picture.title, (picture.title, picture.words.score_axis), rows),)
        case LineChart():
            rows = tuple(
                (category, *(picture.words.value(line.cells[at]) for line in picture.lines))
                for at, category in enumerate(picture.categories)
            )
            return (TextTable(picture.title, (picture.words.period, *(line.name for line in picture.lines)), rows),)


def key(names: tuple[str, ...], words: PictureWords) -> tuple[str, ...]:
    """Number and name of every workgroup, counted from 1."""
    return tuple(words.key.format(number=number, name=name) for number, name in enumerate(names, start=1))


def _sentences(picture: Picture) -> Iterator[str]:
    words = picture.words
    match picture:
        case HeatMap() | NetworkMap():
            yield " · ".join(key(picture.ties.workgroups, words))
            yield from _tie_sentences(picture.ties, words)
        case HistoryChart():
            for point in picture.points:
                yield f"{point.label}: {words.value(point.cell)}"
            if picture.median is not None:
                yield f"{words.median}: {words.number(picture.median)}"
            for event in picture.events:
                yield words.event.format(label=event.label, when=picture.points[event.at].label)
        case IntervalChart():
            for at, row in enumerate(picture.rows):
                yield f"{row.label}: {_interval_text(picture, at)}"
        case LineChart():
            for line in picture.lines:
                values = (
                    f"{category} {words.value(cell)}"
                    for category, cell in zip(picture.categories, line.cells, strict=True)
                )
                yield f"{line.name}: {', '.join(values)}"


def _tie_sentences(ties: TieMatrix, words: PictureWords) -> Iterator[str]:
    """Shown ties one by one; withheld ones are not listed, as empty ones are not: one closing word covers both."""
    withheld = False
    for i, rater in enumerate(ties.workgroups):
        for j, rated in enumerate(ties.workgroups):
            cell = ties.cells[i][j]
            if not isinstance(cell, Shown):
                withheld = True
            elif i == j:
                yield words.within_tie.format(group=rater, value=words.value(cell))
            else:
                yield words.tie.format(rater=rater, rated=rated, value=words.value(cell))
    if withheld:
        yield words.all_others


def _matrix_tables(title: str, ties: TieMatrix, words: PictureWords, max_columns: int) -> Iterator[TextTable]:
    numbered = key(ties.workgroups, words)
    width = max_columns - 1
    for start in range(0, len(numbered), width):
        columns = slice(start, start + width)
        rows = tuple(
            (name, *(words.value(cell) for cell in row[columns]))
            for name, row in zip(numbered, ties.cells, strict=True)
        )
        yield TextTable(title, (words.corner, *numbered[columns]), rows)


def _events_by_point(chart: HistoryChart) -> list[list[str]]:
    marks: list[list[str]] = [[] for _ in chart.points]
    for event in chart.events:
        marks[event.at].append(event.label)
    return marks


def _interval_text(chart: IntervalChart, at: int) -> str:
    interval = chart.rows[at].interval
    if interval is None:
        return chart.words.withheld
    number = chart.words.signed if chart.differences else chart.words.number
    return chart.words.interval.format(
        value=number(interval.value), low=number(interval.low), high=number(interval.high)
    )
