"""Pictures as values: what is drawn, before anything is drawn.

A picture holds released cells (``Shown | Withheld``) or what was computed from them, and every word that is written
on it. It is frozen and picklable, so that ``bot.charts`` can draw it in another process, and
``bot.core.picture_texts`` can say the same in words. Withheld and empty are one value here, and so look alike in
every picture.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.figures import Cell, Shown
from bot.core.instrument import Bands

LOWEST_SHOWN, HIGHEST_SHOWN = 1.3, 4.7
"""The gate clamps means to this range: a value at either end means "or less" and "or more"."""


@dataclass(frozen=True, slots=True)
class PictureWords:
    """The words written on pictures and in their text twins; the caller takes them from ``prompts/``.

    Some hold places: ``at_most`` and ``at_least`` {value}; ``tie`` {rater}, {rated}, {value}; ``within_tie`` {group},
    {value}; ``interval`` {value}, {low}, {high}; ``event`` {label}, {when}; ``key`` {number}, {name}.
    """

    withheld: str
    """In a cell and in the legend: "not shown"."""
    all_others: str
    """Closes the sentences about ties: "All others: not shown"."""
    within: str
    """Legend of the ring and the diagonal: "within the group"."""
    weaker: str
    stronger: str
    rater_axis: str
    """What a row is: "says …"."""
    rated_axis: str
    """What a column is: "… about"."""
    corner: str
    """The corner of the matrix as a table: "rater ↓ · rated →"."""
    how_to_read: str
    """One line under the network map: "The half of a line next to a group shows what that group says"."""
    median: str
    score_axis: str
    period: str
    events: str
    at_most: str
    at_least: str
    tie: str
    within_tie: str
    interval: str
    event: str
    key: str
    decimal_sign: str = "."

    def signed(self, value: float) -> str:
        """A difference with its sign; a true minus sign, which screen readers say."""
        sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
        return sign + self.number(abs(value))

    def number(self, value: float) -> str:
        """``value`` with one decimal, in the language's own notation."""
        return f"{value:.1f}".replace(".", self.decimal_sign)

    def value(self, cell: Cell) -> str:
        """A cell in words: a number, "4.7 or more", "1.3 or less", or the word for withheld."""
        if not isinstance(cell, Shown):
            return self.withheld
        if cell.value >= HIGHEST_SHOWN - 1e-9:
            return self.at_least.format(value=self.number(HIGHEST_SHOWN))
        if cell.value <= LOWEST_SHOWN + 1e-9:
            return self.at_most.format(value=self.number(LOWEST_SHOWN))
        return self.number(cell.value)


@dataclass(frozen=True, slots=True)
class TieMatrix:
    """Who rates whom. ``cells[i][j]``: workgroup i's experience of workgroup j; the diagonal holds the within ties."""

    workgroups: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        size = len(self.workgroups)
        if len(self.cells) != size or any(len(row) != size for row in self.cells):
            raise ValueError(f"a matrix of {size} workgroups needs {size} x {size} cells")


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Rows rate columns; the tone says how strong, the number says it again."""

    title: str
    ties: TieMatrix
    words: PictureWords


@dataclass(frozen=True, slots=True)
class NetworkMap:
    """A node is a workgroup, its ring the within tie; of the two half-edges between A and B the one at A is what A
    says of B.
    """

    title: str
    ties: TieMatrix
    words: PictureWords


@dataclass(frozen=True, slots=True)
class Point:
    """One period on a time axis; ``label`` is short (a date or a number)."""

    label: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class EventMark:
    """Something that happened, at the point with index ``at`` (0 = the first)."""

    at: int
    label: str


@dataclass(frozen=True, slots=True)
class HistoryChart:
    """A run chart: points in time, their median (None: not yet worth drawing), changes marked as events."""

    title: str
    points: tuple[Point, ...]
    median: float | None
    events: tuple[EventMark, ...]
    words: PictureWords


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval, on the 1 to 5 scale (or a difference, where the chart says so)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class IntervalRow:
    label: str
    interval: Interval | None
    """None: withheld."""


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """A forest of intervals, one row each, in the order given (never sorted by value: that would be a ranking).

    ``bands`` marks the provisional cuts between weak, moderate and strong. ``differences``: the axis is centred on no
    change.
    """

    title: str
    rows: tuple[IntervalRow, ...]
    words: PictureWords
    bands: Bands | None = None
    differences: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """At most six lines over the same categories; a withheld point is a gap, never a zero."""

    title: str
    categories: tuple[str, ...]
    lines: tuple[Line, ...]
    words: PictureWords

    def __post_init__(self) -> None:
        if len(self.lines) > 6 or any(len(line.cells) != len(self.categories) for line in self.lines):
            raise ValueError("a line chart holds at most six lines, each with one cell per category")


Picture = HeatMap | NetworkMap | HistoryChart | IntervalChart | LineChart
