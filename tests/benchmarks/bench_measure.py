"""How well are ties known after four weeks of three taps?

Over seeded organisations of three teams: the error of the estimates from released figures against the plain mean of
what was answered, against the best linear predictor that knows the true variances, the whole design and the same
figures, and how often the 95 % intervals cover the truth. Figures are cut as the gate cuts them (k people, rounded,
clamped, banded).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from bot.core.estimation import estimate_ties
from bot.core.instrument import DIMENSIONS
from bot.core.simulation import play
from tests.benchmarks.organisations import (
    DIMENSION,
    INTERACTION,
    MEAN_SD,
    TIE,
    Answered,
    Floats,
    Ints,
    Organisation,
    expected_mean,
    organisation,
    people,
    released,
    variances,
    wave,
)

ORGANISATIONS = 240
GATED, GATED_SIZES = 40, (6, 4, 3, 2)


@dataclass(frozen=True, slots=True)
class Errors:
    """Per tie with k raters: errors of estimate, plain mean and best linear predictor; whether the interval covers."""

    estimate: Floats
    plain: Floats
    best: Floats
    covered: Floats


def measure() -> dict[str, float | dict[str, float]]:
    found = [errors(seed) for seed in range(ORGANISATIONS)]
    estimate, plain, best, covered = (
        np.concatenate([getattr(one, name) for one in found]) for name in ("estimate", "plain", "best", "covered")
    )
    return {
        "measure.rmse_ratio": _rms(estimate) / _rms(plain),
        "measure.blp_rmse_ratio": _rms(best) / _rms(plain),
        "measure.coverage95": float(covered.mean()),
        "measure.through_the_gate": _through_the_gate(),
    }


def _through_the_gate() -> dict[str, float]:
    """The same for the first wave of small teams, with people who leave, sit in two teams and seldom answer."""
    found = []
    for seed in range(GATED):
        year = play(seed, 4, GATED_SIZES)
        (played,) = year.waves
        scores = defaultdict(list)
        for answer in played.answers:
            scores[answer.seat.team, answer.seat.workgroup, answer.rated].append(answer.score)
        truth = year.organisation.expected().mean(axis=3)
        for key, one in estimate_ties([considered.figure for considered in played.considered]).items():
            if key.team is not None:
                tie = (key.team, key.rater or 0, key.rated or 0)
                true = truth[tie]
                found.append((one.value - true, np.mean(scores[tie]) - true, one.low <= true <= one.high))
    estimate, plain, covered = np.array(found, dtype=float).T
    return {"rmse_ratio": _rms(estimate) / _rms(plain), "coverage95": float(covered.mean()), "ties": float(len(found))}


def _rms(errors: Floats) -> float:
    return float(np.sqrt(np.square(errors).mean()))


def errors(seed: int) -> Errors:
    rng = np.random.default_rng(seed)
    org = organisation(rng)
    answers = wave(rng, org, people(rng, org))
    figures = released(answers, org, wave_id=1)
    estimates = estimate_ties([one.figure for one in figures])
    ties = [(key.team or 0, org.ties.index((key.rater or 0, key.rated or 0))) for key in estimates]
    truth = np.array([org.truth[tie] for tie in ties])
    values = list(estimates.values())
    plain = np.array([answers.score[(answers.team == team) & (answers.tie == tie)].mean() for team, tie in ties])
    best = _best(answers, org, [(one.value, one.rows) for one in figures if one.is_mean])
    return Errors(
        estimate=np.array([one.value for one in values]) - truth,
        plain=plain - truth,
        best=np.array([best[tie] for tie in ties]) - truth,
        covered=np.array([one.low <= true <= one.high for one, true in zip(values, truth, strict=True)], dtype=float),
    )


def _best(answers: Answered, org: Organisation, figures: list[tuple[float, Ints]]) -> Floats:
    """Best linear prediction of every tie from the figures, with the true variances and who answered what."""
    slope, answer_variance, rater_variance = variances()
    mixing = np.zeros((len(figures), len(answers.score)))
    for row, (_, behind) in enumerate(figures):
        mixing[row, behind] = 1 / len(behind)
    ties, each = org.teams * len(org.ties), len(DIMENSIONS)
    tie = answers.team * len(org.ties) + answers.tie
    of_tie, of_dimension = _mixed(mixing, tie, ties), _mixed(mixing, answers.dimension, each)
    of_cell = _mixed(mixing, tie * each + answers.dimension, ties * each)
    of_person = _mixed(mixing, answers.person, int(answers.person.max()) + 1)
    effects = MEAN_SD**2 + TIE**2 * of_tie @ of_tie.T + DIMENSION**2 * of_dimension @ of_dimension.T
    noise = rater_variance * of_person @ of_person.T + (answer_variance - rater_variance) * mixing @ mixing.T
    covariance = slope * (effects + INTERACTION**2 * of_cell @ of_cell.T) + noise + np.eye(len(figures)) * 0.1**2 / 12
    own_cells = np.repeat(np.eye(ties), each, axis=1) / each
    shared = MEAN_SD**2 + TIE**2 * of_tie.T + DIMENSION**2 * of_dimension.mean(axis=1)
    cross = slope * (shared + INTERACTION**2 * own_cells @ of_cell.T)
    values = np.array([value for value, _ in figures])
    guess = expected_mean() + cross @ np.linalg.solve(covariance, values - expected_mean())
    return np.asarray(guess).reshape(org.teams, len(org.ties))


def _mixed(mixing: Floats, codes: Ints, size: int) -> Floats:
    indicator = np.zeros((len(codes), size))
    indicator[np.arange(len(codes)), codes] = 1
    return np.asarray(mixing @ indicator)
