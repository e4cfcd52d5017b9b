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
    """A released wave with its rounds, oldest first. Waves with different ``instrument`` are not compared."""

    id: int
    released_on: date
    rounds: tuple[RoundOf, ...]
    instrument: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something to mark on the history: a change started, moved a stage, a commitment was tried. ``label`` as shown."""

    label: str
    on: date


class Response(StrEnum):
    """How many of those asked finished, as a band: under a half, up to three quarters, more."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


class TakeawayKind(StrEnum):
    """The one sentence on top. Movement is only claimed beyond the smallest real change."""

    BETTER = "better"
    WORSE = "worse"
    STRONG = "strong"
    STRONG_AND_CURIOUS = "strong_and_curious"
    CURIOUS = "curious"
    STEADY = "steady"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True)
class Takeaway:
    """``what``: for BETTER and WORSE the kind of figure that moved (index, communication or relationship).

    The other kinds speak of the report's ``strength`` and ``curious``.
    """

    kind: TakeawayKind
    what: FigureKind | None = None


@dataclass(frozen=True, slots=True)
class WavePoint:
    """One wave: communication and relationship as released, the index (4 com + 3 rel) / 7 where both are.

    ``comparable``: asked with the same instrument as the wave before; where not, the trend has a break.
    """

    wave: int
    released_on: date
    index: Cell
    communication: Cell
    relationship: Cell
    comparable: bool


@dataclass(frozen=True, slots=True)
class RoundPoint:
    """One round's released index, as the run chart shows it."""

    round: int
    opened_on: date
    index: Cell


@dataclass(frozen=True, slots=True)
class History:
    """What the run of rounds tells. ``median`` is None while there are too few points to say anything.

    ``shifted_since``: the first round of a run that chance does not explain.
    """

    median: float | None
    signal: bool
    shifted_since: date | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A released figure worth a sentence: a tie (``rater``, ``rated``), a dimension, or both.

    ``pooled``: over all teams that share the focal process, not this team alone.
    """

    kind: FigureKind
    value: Cell
    band: Band
    rater: int | None = None
    rated: int | None = None
    dimension: Dimension | None = None
    pooled: bool = False


class Pattern(StrEnum):
    """What an open question is about, the most useful first; ``prompts/`` has the questions."""

    WEAK_BOTH_WAYS = "weak_both_ways"
    ASYMMETRIC = "asymmetric"
    FALLING = "falling"
    WEAK_EVERYWHERE = "weak_everywhere"
    TWO_MINDS = "two_minds"
    IMPROVING = "improving"
    STRONG = "strong"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True)
class Question:
    """A pattern with its subject: a tie, a dimension, or (both None) the team as a whole.

    For an asymmetric tie ``rater`` is the side that rates higher: it is invited to ask ``rated``.
    """

    pattern: Pattern
    rater: int | None = None
    rated: int | None = None
    dimension: Dimension | None = None


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure we are of the index: its 95 % interval, and the smallest difference between two waves that is not noise.

    ``change`` is the difference to the wave before, None where they can't be compared.
    """

    interval: Interval
    smallest_real_change: float
    change: Interval | None


@dataclass(frozen=True, slots=True)
class TieRow:
    """One tie. ``estimate`` is the shrunken value with its interval, where there is one."""

    rater: int
    rated: int
    cell: Cell
    band: Band | None
    pooled: bool
    estimate: Interval | None


@dataclass(frozen=True, slots=True)
class DimensionRow:
    """One dimension over all ties of the team; ``before`` is the wave before."""

    dimension: Dimension
    cell: Cell
    band: Band | None
    before: Cell
    estimate: Interval | None


@dataclass(frozen=True, slots=True)
class RestRow:
    """What is left to say of a workgroup whose ties are partly withheld: how it experiences those others together, and
    how they together experience it. Never a total beside its parts.
    """

    workgroup: int
    experiences: Cell
    experienced: Cell


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
    history: History
    matrix: tuple[tuple[Cell, ...], ...]
    """``matrix[i][j]``: how workgroup i experiences j, the team's own tie or else the one pooled over the process."""
    pooled: bool
    """Whether any cell of the matrix is pooled over the teams of the process (the caption says so)."""
    ties: tuple[TieRow, ...]
    rests: tuple[RestRow, ...]
    dimensions: tuple[DimensionRow, ...]
    respondents: tuple[int, int | None] | None
    """Band of distinct respondents behind the wave's figures, None where nothing is shown."""
    response: Response | None
    certainty: Certainty | None
    strength: Finding | None
    curious: Finding | None
    questions: tuple[Question, ...]
    """One to three, the most useful first."""
    low: bool
    """Something released is weak: the talk guide comes before the figures."""
    organisation: Mapping[FigureKind, Band]
    """Communication and relationship of the other teams together, as a band for orientation: no league table."""
