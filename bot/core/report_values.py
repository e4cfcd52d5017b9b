"""What a report says, as values: findings that ``prompts/`` has words for. ``bot.core.reports`` finds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.core.figures import Cell, FigureKind
from bot.core.instrument import Band, Dimension
from bot.core.pictures import Interval


@dataclass(frozen=True, slots=True)
class Workgroup:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class RoundOf:
    """A sealed round of a released wave."""

    id: int
    opened_on: date


@dataclass(frozen=True, slots=True)
class WaveOf:
    """A released wave with its rounds, oldest first."""

    id: int
    released_on: date
    rounds: tuple[RoundOf, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something to mark on the history: a change started, moved a stage, a commitment was tried. ``label`` is shown
    as it is.
    """

    label: str
    on: date


class TakeawayKind(StrEnum):
    """The one sentence on top. Movement is only claimed beyond the smallest real change."""

    NOTHING_SHOWN = "nothing_shown"
    FIRST_MAP = "first_map"
    TOO_EARLY = "too_early"
    IMPROVED = "improved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Takeaway:
    """``index`` is the latest wave's, ``change`` against the wave before; both None where withheld."""

    kind: TakeawayKind
    index: float | None = None
    band: Band | None = None
    change: float | None = None


@dataclass(frozen=True, slots=True)
class WavePoint:
    """One wave: communication and relationship as released, the index (4 com + 3 rel) / 7 where both are."""

    wave: int
    released_on: date
    index: Cell
    communication: Cell
    relationship: Cell


@dataclass(frozen=True, slots=True)
class RoundPoint:
    """One round's released index, as the run chart shows it."""

    round: int
    opened_on: date
    index: Cell


@dataclass(frozen=True, slots=True)
class Finding:
    """A released figure worth a sentence: a tie (``rater``, ``rated``), a dimension, or both. ``within``: a group
    about itself.

    ``pooled``: over all teams that share the focal process, not this team alone.
    """

    kind: FigureKind
    value: Cell
    band: Band
    rater: int | None = None
    rated: int | None = None
    dimension: Dimension | None = None
    pooled: bool = False

    @property
    def within(self) -> bool:
        return self.rater is not None and self.rater == self.rated


class Pattern(StrEnum):
    """What an open question is about; ``prompts/`` has the questions."""

    WEAK_BOTH_WAYS = "weak_both_ways"
    ASYMMETRIC = "asymmetric"
    WEAK_EVERYWHERE = "weak_everywhere"
    FALLING = "falling"
    TWO_MINDS = "two_minds"
    IMPROVING = "improving"
    STRENGTH_TO_SPREAD = "strength_to_spread"


@dataclass(frozen=True, slots=True)
class Question:
    """A pattern with its subject. For an asymmetric tie ``rater`` is the side that rates higher: it is invited to ask
    ``rated``.
    """

    pattern: Pattern
    rater: int | None = None
    rated: int | None = None
    dimension: Dimension | None = None


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure we are of the index: its 95 % interval, and the smallest difference between two waves that is not
    noise.
    """

    interval: Interval
    smallest_real_change: float


@dataclass(frozen=True, slots=True)
class TieRow:
    """One row of the table for screen readers. ``estimate`` is the shrunken value with its interval, where there is
    one.
    """

    rater: int
    rated: int
    cell: Cell
    band: Band | None
    pooled: bool
    estimate: Interval | None


@dataclass(frozen=True, slots=True)
class DimensionRow:
    dimension: Dimension
    cell: Cell
    band: Band | None
    before: Cell
    estimate: Interval | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one report shows. Lists are in the instrument's and the team's own order, never sorted by value."""

    team: int
    process: int
    wave: int
    released_on: date
    workgroups: tuple[Workgroup, ...]
    takeaway: Takeaway
    waves: tuple[WavePoint, ...]
    rounds: tuple[RoundPoint, ...]
    events: tuple[Event, ...]
    matrix: tuple[tuple[Cell, ...], ...]
    """``matrix[i][j]``: how workgroup i experiences workgroup j, the team's own tie or else the one pooled over the
    process."""
    pooled: bool
    """Whether any cell of the matrix is pooled over the teams of the process (the caption says so)."""
    ties: tuple[TieRow, ...]
    dimensions: tuple[DimensionRow, ...]
    respondents: tuple[int, int | None] | None
    certainty: Certainty | None
    strength: Finding | None
    curious: Finding | None
    questions: tuple[Question, ...]
    """At most three, the most useful first."""
    organisation: Mapping[FigureKind, Band]
    """Index, communication and relationship of the other teams together, as a band for orientation: no league table."""
