"""What released figures tell: estimates with intervals, and whether a difference is more than noise.

Everything here is computed from released figures only (``bot.core.figures``), so it cannot reveal more than they do.
The figures are rounded to .1 and clamped to 1.3-4.7; the rounding counts as noise. ``spread`` is the standard
deviation of single answers about the mean of their tie and dimension: the one that was released for the team and
wave, or ``SPREAD``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from scipy.special import stdtrit

from bot.core.figures import Figure, FigureKey, FigureKind, Shown
from bot.core.instrument import DIMENSIONS, Dimension
from bot.core.tie_model import (
    DIMENSION_SD,
    RATER_SHARE,
    ROUNDING_VARIANCE,
    Guess,
    Observed,
    Pair,
    TeamFigures,
    guess_ties,
)

SPREAD = 0.65
"""Taken where no spread is released."""
LOWEST, HIGHEST = 1.0, 5.0
FIGURES_TOGETHER = 300
"""Teams tell each other how dimensions differ; a few of them suffice, and the work grows with the cube of the
figures.
"""

Place = tuple[int, int | None]
"""A wave and a team, None for what is pooled over the teams of the process."""
ShownFigure = tuple[FigureKey, Shown]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A tie's mean over all seven dimensions, adjusted and shrunken, with its 95 % interval.

    ``reliability`` is λ, the share of the variance between ties that the figures have explained (0: only the team's
    mean is known, 1: certain). ``respondents`` is the released band of distinct respondents.
    """

    value: float
    low: float
    high: float
    reliability: float
    respondents: tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Shrunken:
    """Group means pulled towards their common mean. ``between_variance`` is τ², ``reliability`` λ of each group."""

    values: tuple[float, ...]
    between_variance: float
    reliability: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A released value, adjusted for the dimensions behind it, with the variance of its noise.

    ``respondents``: at least so many distinct people.
    """

    value: float
    variance: float
    respondents: int


@dataclass(frozen=True, slots=True)
class Difference:
    """``value`` with its 95 % interval, and the smallest difference that is more than noise."""

    value: float
    low: float
    high: float
    smallest_real: float

    @property
    def real(self) -> bool:
        return abs(self.value) > self.smallest_real


def estimate_ties(figures: Sequence[Figure], *, spread: float = SPREAD) -> dict[FigureKey, Estimate]:
    """An estimate for every tie of which a figure is shown, by the tie's key (``TIE``, or ``POOLED_TIE`` over teams).

    Ties of which only single dimensions are shown get the key of their tie. All figures of a focal process together
    tell how much ties differ; each team and wave is otherwise estimated for itself. ``spread`` stands in where none
    is released.
    """
    found: dict[FigureKey, Estimate] = {}
    for process, parts in _by_place(figures).items():
        waves = _waves(parts)
        guessed = guess_ties([[_team_figures(_with_dimensions(p, parts), spread) for p in places] for places in waves])
        for places, teams in zip(waves, guessed, strict=True):
            for place, guesses in zip(places, teams, strict=True):
                known = any(key.kind is FigureKind.SPREAD for key, _ in parts[place])
                for pair, guess in guesses.items():
                    estimate = _estimate(guess, _respondents(parts[place], pair), known=known)
                    found[_tie_key(process, place, pair)] = estimate
    return found


def shrink(means: Sequence[float], counts: Sequence[int], noise_variance: float) -> Shrunken:
    """Empirical Bayes: each mean of n values moves to the common mean by 1 − λ, λ = nτ²/(nτ² + σ²), τ² ≥ 0.

    τ² by moments, (MSB − σ²)/n₀ with n₀ the effective group size. Raises ValueError below two groups or an empty group.
    """
    if len(means) != len(counts) or len(means) < 2 or min(counts) < 1:
        raise ValueError("needs at least two groups, each with a value")
    total = sum(counts)
    centre = sum(n * mean for n, mean in zip(counts, means, strict=True)) / total
    between = sum(n * (mean - centre) ** 2 for n, mean in zip(counts, means, strict=True)) / (len(means) - 1)
    size = (total - sum(n * n for n in counts) / total) / (len(means) - 1)
    variance = max(0.0, (between - noise_variance) / size)
    trust = [n * variance / (n * variance + noise_variance) if variance else 0.0 for n in counts]
    values = tuple(centre + own * (mean - centre) for own, mean in zip(trust, means, strict=True))
    return Shrunken(values, variance, tuple(trust))


def half_width(respondents: int, spread: float = SPREAD) -> float:
    """Half of the 95 % interval of a mean over ``respondents`` (at least 2) whose own means have this spread."""
    return float(stdtrit(respondents - 1, 0.975)) * spread / math.sqrt(respondents)


def smallest_real_change(before: int, after: int, spread: float = SPREAD) -> float:
    """Smallest difference between the means of two independent waves with so many respondents that is not noise."""
    return float(stdtrit(before + after - 2, 0.975)) * spread * math.sqrt(1 / before + 1 / after)


def dimension_effects(figures: Iterable[Figure]) -> dict[Dimension, float]:
    """How far each dimension lies above the mean of the seven, from released dimension figures; they sum to zero.

    Over all teams and waves given, weighted by answers and shrunken by the noise. 0 where nothing is released.
    """
    sums: dict[Dimension, float] = dict.fromkeys(DIMENSIONS, 0.0)
    counts: dict[Dimension, int] = dict.fromkeys(DIMENSIONS, 0)
    by_place: dict[tuple[int, int, int | None], list[tuple[Dimension, Shown]]] = defaultdict(list)
    for key, cell in _shown(figures):
        if key.kind is FigureKind.DIMENSION and key.dimension is not None:
            by_place[key.process, key.wave, key.team].append((key.dimension, cell))
    for cells in by_place.values():
        centre = fmean(cell.value for _, cell in cells)
        for dimension, cell in cells:
            sums[dimension] += _answers(cell) * (cell.value - centre)
            counts[dimension] += _answers(cell)
    effects = {d: sums[d] / (counts[d] + _PRIOR_ANSWERS) for d in DIMENSIONS}
    centre = fmean(effects.values())
    return {d: effect - centre for d, effect in effects.items()}


def reading(cell: Shown, effects: Mapping[Dimension, float], *, spread: float = SPREAD) -> Reading:
    """``cell`` as it would be, had every dimension been asked equally often.

    ``effects`` are those of dimensions released *before* (``dimension_effects``). The noise: the same people's
    answers are alike (``RATER_SHARE`` of the variance), and the value is rounded.
    """
    answers = max(1, _answers(cell))
    offset = sum(cell.counts[d] * effects.get(d, 0.0) for d in cell.counts) / answers
    people = min(answers, cell.respondents[0]) or 1
    variance = spread**2 * ((1 - RATER_SHARE) / answers + RATER_SHARE / people) + ROUNDING_VARIANCE
    return Reading(cell.value - offset, variance, people)


def compare(before: Reading, after: Reading) -> Difference:
    """``after`` − ``before``: is this change real?"""
    return _difference(after.value - before.value, before, after)


def asymmetry(one: Reading, other: Reading) -> Difference:
    """Score of A→B (``one``) minus score of B→A (``other``), each released.

    ``real`` flags it; the side with the lower score is under-served, and the *other* side is invited to ask.
    """
    return _difference(one.value - other.value, one, other)


def released_spread(figures: Iterable[Figure], *, team: int, wave: int) -> float:
    """The spread released for this team and wave, or ``SPREAD``."""
    for key, cell in _shown(figures):
        if key.kind is FigureKind.SPREAD and (key.team, key.wave) == (team, wave):
            return cell.value
    return SPREAD


_OF_TIES = frozenset({FigureKind.TIE, FigureKind.TIE_DIMENSION, FigureKind.POOLED_TIE})
_PRIOR_ANSWERS = SPREAD**2 / DIMENSION_SD**2
_RELEASED_FREEDOM, _ASSUMED_FREEDOM = 30, 15
"""What a released (an assumed) spread is worth, in answers that it was computed from: intervals are a little wider."""


def _shown(figures: Iterable[Figure]) -> Iterable[ShownFigure]:
    return ((figure.key, figure.cell) for figure in figures if isinstance(figure.cell, Shown))


def _answers(cell: Shown) -> int:
    return sum(cell.counts.values())


def _difference(value: float, one: Reading, other: Reading) -> Difference:
    freedom = max(1, one.respondents + other.respondents - 2)
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(one.variance + other.variance)
    return Difference(value, value - half, value + half, half)


def _by_place(figures: Iterable[Figure]) -> dict[int, dict[Place, list[ShownFigure]]]:
    """Shown figures by focal process, then by wave and team."""
    found: dict[int, dict[Place, list[ShownFigure]]] = defaultdict(dict)
    for key, cell in _shown(figures):
        found[key.process].setdefault((key.wave, key.team), []).append((key, cell))
    return found


def _waves(parts: Mapping[Place, Sequence[ShownFigure]]) -> list[list[Place]]:
    """What is estimated together: a wave's teams, as many as make ``FIGURES_TOGETHER`` figures.

    What is pooled over the teams holds the same answers and stands alone.
    """
    waves: dict[tuple[int, bool], list[list[Place]]] = defaultdict(lambda: [[]])
    for (wave, team), part in parts.items():
        if any(key.kind in _OF_TIES or (key.kind is FigureKind.DIMENSION and team is not None) for key, _ in part):
            batches = waves[wave, team is None]
            if sum(len(parts[place]) for place in batches[-1]) + len(part) > FIGURES_TOGETHER and batches[-1]:
                batches.append([])
            batches[-1].append((wave, team))
    return [batch for batches in waves.values() for batch in batches]


def _estimate(guess: Guess, respondents: tuple[int, int | None], *, known: bool) -> Estimate:
    half = float(stdtrit(_RELEASED_FREEDOM if known else _ASSUMED_FREEDOM, 0.975)) * guess.sd
    return Estimate(
        value=min(HIGHEST, max(LOWEST, guess.value)),
        low=max(LOWEST, guess.value - half),
        high=min(HIGHEST, guess.value + half),
        reliability=guess.reliability,
        respondents=respondents,
    )


def _tie_key(process: int, place: Place, pair: Pair) -> FigureKey:
    wave, team = place
    kind = FigureKind.POOLED_TIE if team is None else FigureKind.TIE
    return FigureKey(kind, process, wave, team=team, rater=pair[0], rated=pair[1])


def _pair(key: FigureKey) -> Pair | None:
    return None if key.rater is None or key.rated is None else (key.rater, key.rated)


def _respondents(part: Iterable[ShownFigure], pair: Pair) -> tuple[int, int | None]:
    """The highest band of the tie's figures: there are at least as many raters as any of them has."""
    return max(
        (cell.respondents for key, cell in part if key.kind in _OF_TIES and _pair(key) == pair),
        key=lambda band: (band[0], math.inf if band[1] is None else band[1]),
    )


def _raters(part: Iterable[ShownFigure], pair: Pair, answers: Mapping[Dimension, int]) -> int:
    """About how many people rated this tie: the middle of what its band and its counts leave open.

    Each of them answers an item at most once a wave, so there are at least as many as answers to any one dimension.
    """
    low, high = _respondents(part, pair)
    most = max(low, sum(answers.values()))
    return round((max(low, *answers.values()) + (most if high is None else min(high, most))) / 2)


def _with_dimensions(place: Place, parts: Mapping[Place, list[ShownFigure]]) -> list[ShownFigure]:
    """The figures of one team and wave. Ties pooled over teams borrow the dimension figures of the wave's teams."""
    wave, team = place
    if team is not None or any(key.kind is FigureKind.DIMENSION for key, _ in parts[place]):
        return parts[place]
    of_dimension: dict[FigureKey, list[Shown]] = defaultdict(list)
    for (other, _), part in parts.items():
        for key, cell in part:
            if other == wave and key.kind is FigureKind.DIMENSION:
                of_dimension[replace(key, team=None)].append(cell)
    return parts[place] + [(key, _joined(cells)) for key, cells in of_dimension.items()]


def _joined(cells: Sequence[Shown]) -> Shown:
    """The mean over all answers behind these figures (of one dimension, of different teams)."""
    counts: dict[Dimension, int] = defaultdict(int)
    for cell in cells:
        for dimension, answers in cell.counts.items():
            counts[dimension] += answers
    value = sum(cell.value * _answers(cell) for cell in cells) / max(1, sum(counts.values()))
    return Shown(value, (sum(cell.respondents[0] for cell in cells), None), counts)


def _team_figures(part: Sequence[ShownFigure], spread: float) -> TeamFigures:
    of_ties = [(pair, key, cell) for key, cell in part if key.kind in _OF_TIES and (pair := _pair(key)) is not None]
    known: dict[tuple[Pair, Dimension], int] = {}
    for pair, _, cell in of_ties:
        for dimension, answers in cell.counts.items():
            known[pair, dimension] = max(answers, known.get((pair, dimension), 0))
    observed = [
        Observed(cell.value, {(pair, dimension): n for dimension, n in cell.counts.items() if n})
        for pair, _, cell in of_ties
    ]
    for key, cell in part:
        if key.kind is FigureKind.DIMENSION and key.dimension is not None:
            observed.append(Observed(cell.value, _parts_of_dimension(key.dimension, _answers(cell), known)))
    of_pair: dict[Pair, dict[Dimension, int]] = defaultdict(dict)
    for (pair, dimension), answers in known.items():
        of_pair[pair][dimension] = answers
    released = [cell.value for key, cell in part if key.kind is FigureKind.SPREAD]
    raters = {pair: _raters(part, pair, own) for pair, own in of_pair.items()}
    return TeamFigures(observed, raters, (released or [spread])[0])


def _parts_of_dimension(
    dimension: Dimension, answers: int, known: Mapping[tuple[Pair, Dimension], int]
) -> dict[tuple[Pair | None, Dimension], int]:
    """A dimension's answers by tie: the shown ties between groups, and what is left for the withheld ones."""
    parts: dict[tuple[Pair | None, Dimension], int] = {
        (pair, asked): n for (pair, asked), n in known.items() if asked is dimension and pair[0] != pair[1]
    }
    left = answers - sum(parts.values())
    return parts | {(None, dimension): left} if left > 0 else parts or {(None, dimension): answers}
