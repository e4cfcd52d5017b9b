"""Released figures over time: what the effect of a change is estimated from, and what a history shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.core.estimation import SPREAD, dimension_effects, reading, released_spread
from bot.core.figures import Figure, FigureKey, FigureKind, Shown
from bot.core.instrument import DIMENSIONS
from bot.core.tie_model import INTERACTION_SD, RATER_SHARE, ROUNDING_VARIANCE

HABIT_LEFT = 0.2
"""Mostly the same people answer each time, so that their habits cancel but for those who were away."""


@dataclass(frozen=True, slots=True)
class Point:
    """``at``: number of the wave or round, in order of time. ``variance`` of the noise of ``value`` from time to
    time.
    """

    at: int
    value: float
    variance: float


@dataclass(frozen=True, slots=True)
class Series:
    """One tie or index over time.

    ``unit`` is its team, None for what is pooled over the teams of a process. ``starts_at`` is the first time with the
    change, None for a comparison.
    """

    unit: int | None
    points: tuple[Point, ...]
    starts_at: int | None


def tie_series(
    figures: Sequence[Figure],
    *,
    team: int | None,
    pairs: Iterable[tuple[int, int]],
    waves: Sequence[int],
    starts_at: int | None,
) -> list[Series]:
    """One series for each of a team's ties in ``pairs``, by wave; ``at`` is the position in ``waves``, oldest first.

    ``team`` None: the ties pooled over the teams of the process that ``figures`` are of.
    """
    kind = FigureKind.POOLED_TIE if team is None else FigureKind.TIE
    wanted = [FigureKey(kind, 0, 0, team=team, rater=a, rated=b) for a, b in pairs]
    return [_series(figures, key, [(wave, None) for wave in waves], starts_at) for key in wanted]


def index_series(
    figures: Sequence[Figure], *, team: int, rounds: Sequence[tuple[int, int]], starts_at: int | None
) -> Series:
    """A team's index by round; ``rounds`` are (wave, round) in order of time, ``at`` the position in it."""
    return _series(figures, FigureKey(FigureKind.INDEX, 0, 0, team=team), list(rounds), starts_at)


def noise_over_time(cell: Shown, *, spread: float = SPREAD) -> float:
    """Variance with which a figure moves from time to time when nothing changes.

    From single answers, from those of the same people who were away, from the mix of dimensions, and from rounding.
    """
    answers = max(1, sum(cell.counts.values()))
    people = min(answers, cell.respondents[0]) or 1
    chance = spread**2 * ((1 - RATER_SHARE) / answers + HABIT_LEFT * RATER_SHARE / people)
    mix = sum((cell.counts.get(d, 0) / answers - 1 / len(DIMENSIONS)) ** 2 for d in DIMENSIONS)
    return chance + INTERACTION_SD**2 * mix + ROUNDING_VARIANCE


def _series(
    figures: Sequence[Figure], key: FigureKey, times: Sequence[tuple[int, int | None]], starts_at: int | None
) -> Series:
    effects = dimension_effects(figure for figure in figures if key.team in (None, figure.key.team))
    position = {time: at for at, time in enumerate(times)}
    points = []
    for figure in figures:
        found = figure.key
        at = position.get((found.wave, found.round))
        same = replace(found, process=0, wave=0, round=None) == key
        if same and at is not None and isinstance(figure.cell, Shown):
            spread = SPREAD if key.team is None else released_spread(figures, team=key.team, wave=found.wave)
            value = reading(figure.cell, effects, spread=spread).value
            points.append(Point(at, value, noise_over_time(figure.cell, spread=spread)))
    return Series(key.team, tuple(sorted(points, key=lambda point: point.at)), starts_at)
