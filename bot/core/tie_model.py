"""The best linear guess of every tie, from released figures alone.

A cell is one tie × one dimension of one team and wave. Its mean is

    y = μ + tie + dimension + tie × dimension + (what raters and chance add)

Every released figure is a known mixture of cells: the counts per dimension are released with it, and what a dimension's
count holds beyond the ties that are shown belongs to the withheld ones. So the figures are jointly normal with a
covariance that follows from the counts, and the guess of a tie (its mean over all seven dimensions, whatever was asked)
is a regression on all figures of its wave at once. That adjusts for the dimensions that happened to be asked and
shrinks towards the team's mean (Henderson's best linear unbiased prediction; empirical Bayes, λ = nτ²/(nτ² + σ²) in
the simplest case). The spread between ties is not known: the guess is averaged over a grid of τ, weighted by how
well each explains the figures of all teams and waves of the process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from bot.core.instrument import DIMENSIONS, Dimension

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Pair = tuple[int, int]

TIE_SDS: tuple[float, ...] = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.85, 1.0)
"""Candidates for τ, the standard deviation between ties."""
USUAL_TIE_SD, USUAL_TIES = 0.45, 8
"""What is taken to be known before: τ as it would be found in so many ties elsewhere (published ties and process
means run from 2.7 to 4.7). A team's few ties say little about how much ties differ; a large process outweighs it."""
DIMENSION_SD = 0.35
"""Item means differ by almost a point from lowest to highest of seven, hence this standard deviation between them."""
INTERACTION_SD = 0.2
"""How much a tie's profile over the dimensions departs from its team's."""
RATER_SHARE = 0.25
"""Share of an answer's variance within a cell that is the rater's habit and returns in each of their answers."""
TEAM_DIMENSION_SD = 0.1
"""How much a team's profile over the dimensions departs from that of its focal process."""
MEAN, MEAN_SD, TEAM_SD = 3.8, 0.8, 0.2
WITHIN_OFFSET, WITHIN_OFFSET_SD = 0.3, 0.4
"""Groups rate themselves higher; the bands of full surveys lie .6 above those between groups."""
ROUNDING_VARIANCE = 0.1**2 / 12
CLAMP_LOW, CLAMP_HIGH = 1.3, 4.7
CLAMPED_VARIANCE = 0.15**2
"""A value at a clamp says only *this or further out*."""
HIDDEN_TIES = 3
"""How many ties the withheld answers of a team are taken to be spread over."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A released mean over cells. ``parts`` are answers by (tie, dimension); tie None stands for all withheld ties."""

    value: float
    parts: Mapping[tuple[Pair | None, Dimension], int]


@dataclass(frozen=True, slots=True)
class TeamFigures:
    """What is known of one team and wave: its figures, distinct raters by tie, and the answers' spread within cells."""

    observed: Sequence[Observed]
    raters: Mapping[Pair, int]
    spread: float


@dataclass(frozen=True, slots=True)
class Guess:
    """``value`` ± ``sd`` of a tie's mean over the seven dimensions; ``reliability`` λ is what the figures have
    explained.
    """

    value: float
    sd: float
    reliability: float


@dataclass(frozen=True, slots=True)
class _Joint:
    """Covariances of one team's figures: ``fixed`` + τ²·``between``, and of the ties' true means with the figures."""

    values: Floats
    means: Floats
    fixed: Floats
    between: Floats
    target_means: Floats
    target_fixed: Floats
    target_between: Floats
    target_variance: Floats


def guess_ties(waves: Sequence[Sequence[TeamFigures]]) -> list[list[dict[Pair, Guess]]]:
    """Guesses for each tie in ``raters``, by wave and team, with one τ for all (they are of one focal process)."""
    joints = [_joint(teams) for teams in waves]
    chances = _log_prior()
    found: list[list[tuple[Floats, Floats]]] = []
    for position, tie_sd in enumerate(TIE_SDS):
        results = [_condition(joint, tie_sd**2) for joint in joints]
        chances[position] += sum(result[2] for result in results)
        found.append([(mean, variance) for mean, variance, _ in results])
    weights = np.exp(chances - chances.max())
    weights /= weights.sum()
    guesses = [iter(_mix(weights, [grid[place] for grid in found])) for place in range(len(waves))]
    return [
        [{pair: next(guesses[place]) for pair in team.raters} for team in teams] for place, teams in enumerate(waves)
    ]


def _log_prior() -> Floats:
    """Scaled inverse χ² for τ²; each candidate stands for the stretch of τ around it."""
    sds = np.array(TIE_SDS)
    density = -(USUAL_TIES + 1) * np.log(sds) - USUAL_TIES * USUAL_TIE_SD**2 / (2 * np.square(sds))
    return np.asarray(density + np.log(np.gradient(sds)))


def _mix(weights: Floats, grid: Sequence[tuple[Floats, Floats]]) -> list[Guess]:
    """Average over τ; what the candidates disagree about is part of the uncertainty."""
    means = np.array([mean for mean, _ in grid])
    variances = np.array([variance for _, variance in grid])
    mean = weights @ means
    variance = weights @ (variances + np.square(means - mean))
    spread_of_ties = float(weights @ np.square(TIE_SDS)) + INTERACTION_SD**2 / len(DIMENSIONS)
    explained = np.clip(1 - variance / spread_of_ties, 0, 1)
    return [Guess(*map(float, row)) for row in zip(mean, np.sqrt(variance), explained, strict=True)]


def _condition(joint: _Joint, tie_variance: float) -> tuple[Floats, Floats, float]:
    """Mean and variance of the ties given the figures, and the figures' log likelihood, for one τ²."""
    factor = np.linalg.cholesky(joint.fixed + tie_variance * joint.between)
    residual = solve_triangular(factor, joint.values - joint.means, lower=True)
    cross = solve_triangular(factor, (joint.target_fixed + tie_variance * joint.target_between).T, lower=True)
    mean = joint.target_means + cross.T @ residual
    variance = joint.target_variance + tie_variance - np.square(cross).sum(axis=0)
    likelihood = -float(np.log(np.diag(factor)).sum()) - float(residual @ residual) / 2
    return mean, np.maximum(variance, 1e-6), likelihood


@dataclass(frozen=True, slots=True)
class _Cells:
    """All cells of a wave, in blocks of seven: each team's ties in the order of ``raters``, then its withheld ties."""

    team: Ints
    tie: Ints
    dimension: Ints
    within: Floats
    hidden: Flags
    place: Mapping[tuple[int, Pair | None], int]


def _cells(teams: Sequence[TeamFigures]) -> _Cells:
    blocks: list[tuple[int, Pair | None]] = [
        (number, pair) for number, team in enumerate(teams) for pair in (*team.raters, None)
    ]
    each = len(DIMENSIONS)
    return _Cells(
        team=np.repeat([number for number, _ in blocks], each),
        tie=np.repeat(np.arange(len(blocks)), each),
        dimension=np.tile(np.arange(each), len(blocks)),
        within=np.repeat([float(pair is not None and pair[0] == pair[1]) for _, pair in blocks], each),
        hidden=np.repeat([pair is None for _, pair in blocks], each),
        place={block: number for number, block in enumerate(blocks)},
    )


def _joint(teams: Sequence[TeamFigures]) -> _Joint:
    """Covariances of the cells, then of the figures that mix them and of the ties' true means."""
    cells = _cells(teams)
    figures = [(number, figure) for number, team in enumerate(teams) for figure in team.observed]
    answers = np.array([_answers(cells, number, figure) for number, figure in figures])
    mixing = answers / answers.sum(axis=1, keepdims=True)
    same_tie = (cells.tie[:, None] == cells.tie) * np.where(cells.hidden, 1 / HIDDEN_TIES, 1.0)
    truth = _truth(cells)
    noise = _noise(answers.max(axis=0).reshape(-1, len(DIMENSIONS)), teams)
    shown = np.flatnonzero(~cells.hidden[:: len(DIMENSIONS)])
    wanted = np.kron(np.eye(len(cells.place))[shown], np.full(len(DIMENSIONS), 1 / len(DIMENSIONS)))
    expected = MEAN + WITHIN_OFFSET * cells.within
    inexact = np.diag([_inexactness(figure.value) for _, figure in figures])
    return _Joint(
        values=np.array([figure.value for _, figure in figures]),
        means=mixing @ expected,
        fixed=mixing @ (truth + noise) @ mixing.T + inexact,
        between=mixing @ same_tie @ mixing.T,
        target_means=wanted @ expected,
        target_fixed=wanted @ truth @ mixing.T,
        target_between=wanted @ same_tie @ mixing.T,
        target_variance=np.diag(wanted @ truth @ wanted.T),
    )


def _truth(cells: _Cells) -> Floats:
    """Covariance of the cells' true means, but for τ²."""
    same_team = cells.team[:, None] == cells.team
    same_dimension = cells.dimension[:, None] == cells.dimension
    covariance = MEAN_SD**2 + TEAM_SD**2 * same_team + WITHIN_OFFSET_SD**2 * np.outer(cells.within, cells.within)
    covariance = covariance + (DIMENSION_SD**2 + TEAM_DIMENSION_SD**2 * same_team) * same_dimension
    return np.asarray(covariance + np.diag(np.where(cells.hidden, 1 / HIDDEN_TIES, 1.0) * INTERACTION_SD**2))


def _answers(cells: _Cells, team: int, figure: Observed) -> Floats:
    """Answers behind a figure by cell."""
    counts = np.zeros(len(cells.tie))
    for (pair, dimension), count in figure.parts.items():
        counts[cells.place[team, pair] * len(DIMENSIONS) + DIMENSIONS.index(dimension)] = count
    return counts


def _noise(counts: Floats, teams: Sequence[TeamFigures]) -> Floats:
    """Covariance of the cells' means from raters and chance; ``counts`` by tie and dimension.

    Nobody is asked an item about a group twice in a wave: within a cell all answers are of different people.
    Two cells of different ties of one rating group share a person's habit with the chance 1 / R that two answers are by
    the same of its R raters; two cells of one tie with the chance that N answers by R raters, no item twice, imply.
    """
    each = len(DIMENSIONS)
    own = np.repeat(np.square([team.spread for team in teams for _ in (*team.raters, None)]), each)
    noise = np.diag(own / np.maximum(counts.ravel(), 1))
    start = 0
    for team in teams:
        of_team = counts[start : start + len(team.raters)]
        here = slice(start * each, (start + len(of_team)) * each)
        shared = np.kron(_shared_raters(team, of_team), np.ones((each, each)))
        noise[here, here] += RATER_SHARE * team.spread**2 * shared * (1 - np.eye(len(shared)))
        start += len(of_team) + 1
    return noise


def _shared_raters(team: TeamFigures, counts: Floats) -> Floats:
    """Chance that an answer about one tie and another answer about another (or the same) tie are by one person."""
    groups = np.array([rater for rater, _ in team.raters], dtype=np.int64)
    raters = np.array(list(team.raters.values()), dtype=np.float64)
    of_group = np.array([raters[groups == group].max() for group in groups])
    chances = (groups[:, None] == groups) / np.maximum.outer(of_group, of_group)
    np.fill_diagonal(chances, [_same_rater(own, people) for own, people in zip(counts, raters, strict=True)])
    return np.asarray(chances, dtype=np.float64)


def _same_rater(counts: Floats, raters: float) -> float:
    """Chance that two answers from different cells of a tie are by one person, who answers no item twice."""
    answers = counts.sum()
    apart = answers**2 - np.square(counts).sum()
    return float(min(1 / raters, max(0.0, answers * (answers / raters - 1) / apart))) if apart else 0.0


def _inexactness(value: float) -> float:
    return CLAMPED_VARIANCE if value <= CLAMP_LOW or value >= CLAMP_HIGH else ROUNDING_VARIANCE
