"""Seeded organisations with a known truth, for the benchmarks of the measurement.

The default truth of ``rc-pulse simulate``: an answer is the rounded and clipped sum of a mean, a tie effect, a
dimension effect, their interaction, the rater's habit and chance. Small and vectorised; no gate and no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bot.core.disclosure.answers import Answers
from bot.core.disclosure.cells import shown, spread
from bot.core.figures import Figure, FigureKey, FigureKind, Shown, Withheld
from bot.core.instrument import DIMENSIONS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TIE, DIMENSION, INTERACTION, RATER, ANSWER = 0.45, 0.35, 0.2, 0.35, 0.6
MEAN, MEAN_SD = 3.8, 0.2
RESPONSE = 0.7
K = 5
SIZES = (12, 8, 6, 5)


@dataclass(frozen=True, slots=True)
class Answered:
    """One row per answer; ``tie`` is a position in ``Organisation.ties`` of the team."""

    team: Ints
    person: Ints
    tie: Ints
    dimension: Ints
    round: Ints
    score: Ints


@dataclass(frozen=True, slots=True)
class Organisation:
    """``latent`` cell means by team, tie and dimension; ``ties`` are (rater, rated) workgroups, the same in each
    team.
    """

    sizes: tuple[int, ...]
    teams: int
    mean: float
    ties: tuple[tuple[int, int], ...]
    latent: Floats

    @property
    def truth(self) -> Floats:
        """Expected answers on the 1-5 scale by team and tie: the mean over the seven dimensions."""
        return np.asarray(expected_answer(self.latent).mean(axis=2))


def organisation(rng: np.random.Generator, *, sizes: tuple[int, ...] = SIZES, teams: int = 3) -> Organisation:
    ties = tuple((a, b) for a in range(len(sizes)) for b in range(len(sizes)) if a != b)
    mean = rng.normal(MEAN, MEAN_SD)
    latent = (
        mean
        + rng.normal(0, TIE, (teams, len(ties), 1))
        + rng.normal(0, DIMENSION, (1, 1, len(DIMENSIONS)))
        + rng.normal(0, INTERACTION, (teams, len(ties), len(DIMENSIONS)))
    )
    return Organisation(sizes, teams, mean, ties, latent)


@dataclass(frozen=True, slots=True)
class People:
    """Team, workgroup and habit of each person; they stay the same from wave to wave."""

    team: Ints
    group: Ints
    habit: Floats


def people(rng: np.random.Generator, org: Organisation) -> People:
    group = np.tile(np.repeat(np.arange(len(org.sizes)), org.sizes), org.teams)
    team = np.repeat(np.arange(org.teams), sum(org.sizes))
    return People(team, group, rng.normal(0, RATER, len(group)))


def wave(
    rng: np.random.Generator,
    org: Organisation,
    who: People,
    *,
    rounds: int = 4,
    taps: int = 3,
    shift: Floats | None = None,
) -> Answered:
    """One wave: in each round every person is asked ``taps`` items, each about another workgroup, no item twice.

    ``shift`` is added to the latent cells by (round, team, tie).
    """
    others = len(org.sizes) - 1
    n = len(who.team)
    targets = rng.permuted(np.tile(np.arange(others), (n, rounds, 1)), axis=2)[:, :, : min(taps, others)]
    items = rng.permuted(np.tile(np.arange(len(DIMENSIONS)), (n, others, 1)), axis=2)
    came = rng.random((n, rounds)) < RESPONSE
    person, turn = np.nonzero(came)
    target = targets[person, turn]
    dimension = items[person[:, None], target, turn[:, None]]
    person, turn = (np.repeat(column, target.shape[1]) for column in (person, turn))
    target, dimension = target.ravel(), dimension.ravel()
    tie = who.group[person] * others + target
    latent = org.latent[who.team[person], tie, dimension] + who.habit[person]
    if shift is not None:
        latent = latent + shift[turn, who.team[person], tie]
    score = np.clip(np.rint(latent + rng.normal(0, ANSWER, len(latent))), 1, 5).astype(np.int64)
    return Answered(who.team[person], person, tie, dimension, turn, score)


def expected_answer(latent: Floats) -> Floats:
    """Mean of the rounded and clipped answer about a latent cell mean."""
    sd = np.hypot(RATER, ANSWER)
    return np.asarray(1 + sum(stats.norm.sf((cut - latent) / sd) for cut in (1.5, 2.5, 3.5, 4.5)))


@cache
def variances() -> tuple[float, float, float]:
    """On the answers' scale: squared slope of the expected answer, variance of an answer within its cell, rater's
    part.
    """
    rng = np.random.default_rng(0)
    cells = rng.normal(MEAN, np.sqrt(MEAN_SD**2 + TIE**2 + DIMENSION**2 + INTERACTION**2), 200_000)
    answers = np.clip(np.rint(cells + rng.normal(0, np.hypot(RATER, ANSWER), cells.size)), 1, 5)
    slope = float(np.cov(cells, answers)[0, 1] / cells.var())
    within = float(np.square(answers - expected_answer(cells)).mean())
    return slope**2, within, slope**2 * RATER**2


@cache
def expected_mean() -> float:
    """Mean answer over all organisations."""
    rng = np.random.default_rng(0)
    spread = np.sqrt(MEAN_SD**2 + TIE**2 + DIMENSION**2 + INTERACTION**2)
    return float(expected_answer(rng.normal(MEAN, spread, 200_000)).mean())


@dataclass(frozen=True, slots=True)
class Released:
    """A shown figure with the rows of the answers behind it."""

    figure: Figure
    value: float
    rows: Ints

    @property
    def is_mean(self) -> bool:
        return self.figure.key.kind is not FigureKind.SPREAD


def released(answers: Answered, org: Organisation, *, wave_id: int) -> list[Released]:
    """Per team what k people stand behind: dimensions, ties, and from 2k on the spread, as cells of the gate."""
    columns = _columns(answers, org)
    found = []
    for team in range(org.teams):
        mine = answers.team == team
        parts = [
            (FigureKey(FigureKind.DIMENSION, 1, wave_id, team, dimension=d), answers.dimension == place)
            for place, d in enumerate(DIMENSIONS)
        ]
        parts += [
            (FigureKey(FigureKind.TIE, 1, wave_id, team, rater, rated), answers.tie == place)
            for place, (rater, rated) in enumerate(org.ties)
        ]
        parts.append((FigureKey(FigureKind.SPREAD, 1, wave_id, team), mine))
        for key, chosen in parts:
            rows = np.flatnonzero(mine & chosen)
            cut = spread if key.kind is FigureKind.SPREAD else shown
            cell = cut(columns, rows, K) if len(np.unique(answers.person[rows])) >= K else Withheld()
            if isinstance(cell, Shown):
                found.append(Released(Figure(key, cell), cell.value, rows))
    return found


def _columns(answers: Answered, org: Organisation) -> Answers:
    """The answers as the gate is given them."""
    ties = np.array(org.ties)[answers.tie]
    none = np.full(len(answers.score), -1, dtype=np.int64)
    return Answers(
        respondent=answers.person,
        team=answers.team,
        round=answers.round,
        rater=ties[:, 0],
        rated=ties[:, 1],
        dimension=answers.dimension,
        construct=none,
        change=none,
        score=answers.score,
    )
