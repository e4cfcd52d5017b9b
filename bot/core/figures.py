"""What has left the gate: released figures, as values.

Everything outside ``core/disclosure`` and the services that record, seal and release sees figures only in this form.
A cell is ``Shown`` or ``Withheld``; withheld and empty are the same value and carry no reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.core.instrument import Dimension


class FigureKind(StrEnum):
    """In the order of priority in which figures are considered for release."""

    INDEX = "index"
    COMMUNICATION = "communication"
    RELATIONSHIP = "relationship"
    DIMENSION = "dimension"
    TIE_DIMENSION = "tie_dimension"
    TIE = "tie"
    POOLED_TIE = "pooled_tie"
    RATED_BY_REST = "rated_by_rest"
    RATED_OF_REST = "rated_of_rest"
    COMPANION = "companion"
    SPREAD = "spread"


@dataclass(frozen=True, slots=True, order=True)
class FigureKey:
    """Which figure: ids are database ids. ``team`` is None for figures pooled over the teams of a focal process.

    ``rater`` rates ``rated`` (workgroup ids; equal for a within tie). ``round`` is set for figures per round,
    ``construct`` for companion figures (psychological safety, commitment, loss, …), ``change`` where a companion
    is about a named change.
    """

    kind: FigureKind
    process: int
    wave: int
    team: int | None = None
    rater: int | None = None
    rated: int | None = None
    dimension: Dimension | None = None
    round: int | None = None
    construct: str | None = None
    change: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A released figure. ``value``: rounded to one decimal, clamped to 1.3-4.7 (a spread: rounded to .05).

    ``respondents``: the band (low, high) in which the number of distinct respondents lies; high None means "or more".
    ``counts``: answers per dimension behind the figure (empty for spread and companion figures), released with it.
    """

    value: float
    respondents: tuple[int, int | None]
    counts: Mapping[Dimension, int]


@dataclass(frozen=True, slots=True)
class Withheld:
    """Not shown. The same for too few, for none, and for what would reveal another figure."""


Cell = Shown | Withheld


@dataclass(frozen=True, slots=True)
class Figure:
    key: FigureKey
    cell: Cell
