"""Did it help? The effect of a change or a nudge, from released figures, with an honest interval and a plain verdict.

A change: interrupted time series. Every tie or index keeps its own level, and the change adds a step from its start on;
teams without the change, where there are any, show what the time would have done anyway (difference in differences).
The noise of each point is known from its counts; how far the points really scatter about the model is estimated and
joined with that as if it had been seen in ``PRIOR_FREEDOM`` points before, so that few points neither alarm nor
soothe.

A nudge: a random tenth is held out; the difference between the arms, pooled over teams, is its effect.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import fmean
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from bot.core.estimation import shrink
from bot.core.series import Point, Series

Floats = NDArray[np.float64]
Subject = TypeVar("Subject")

PRIOR_FREEDOM = 10
FEWEST_BEFORE, FEWEST_AFTER = 2, 2
AIM = 0.3
"""The best published gain on the index in a year; what a change is taken to aim at where nobody has said."""
POWER = 0.8
MOST_FURTHER = 26
_DRIFT_LEVEL = 0.995


class Verdict(StrEnum):
    IMPROVED = "improved"
    DECLINED = "declined"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Effect:
    """``value`` with its 95 % interval; None while there are too few points on either side.

    ``drifting``: the figures were already moving before the change, so that no verdict is given without comparison
    teams. ``further``: how many more times (waves, rounds, nudges or weeks) until an effect of the size aimed at would
    be found with 80 % probability. 0: by now it would have been, whatever the verdict. None: more times will not do.
    """

    verdict: Verdict
    value: float | None
    low: float | None
    high: float | None
    further: int | None
    compared: bool = False
    drifting: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the figure that a nudge was about: ``change`` from before to after, with the variance of its
    noise.

    ``held_out``: the nudge was chosen but, by chance, not sent.
    """

    held_out: bool
    change: float
    variance: float


def effect_of_change(series: Sequence[Series], *, aim: float = AIM) -> Effect:
    """The step at the start of a change, in points of the 1-5 scale.

    1. The series of each unit are joined to one, each keeping its own level.
    2. Weighted least squares: unit levels, the step, and with comparison units a level for each time.
    3. Scatter about the model, joined with the noise that the counts imply; a t interval.

    ``aim`` is the effect that ``further`` is computed for. Raises ValueError where no series has a start.
    """
    if all(one.starts_at is None for one in series):
        raise ValueError("no series has a change")
    units = [joined for one in _by_unit(series) if (joined := _joined(one)).points]
    compared = any(one.starts_at is None for one in units) and any(one.starts_at is not None for one in units)
    treated = [one for one in units if one.starts_at is not None]
    if not compared:
        units = treated
    if not any(_enough(one) for one in treated):
        return Effect(Verdict.CANNOT_TELL, None, None, None, _missing(treated), compared)
    step, deviation, freedom = _fit(*_design(units, compared=compared))
    half = float(stdtrit(freedom, 0.975)) * deviation
    drifting = not compared and any(_drifts(one) for one in treated)
    verdict = Verdict.CANNOT_TELL if drifting else _verdict(step - half, step + half)
    further = _further_times(treated, deviation, aim)
    return Effect(verdict, step, step - half, step + half, further, compared, drifting)


def suffered(effects: Mapping[Subject, Effect]) -> list[Subject]:
    """Which of several fell by more than chance explains, though so many were looked at (Bonferroni's correction)."""
    looked_at = max(1, sum(one.value is not None for one in effects.values()))
    stricter = float(ndtri(1 - 0.025 / looked_at) / ndtri(0.975))
    return [
        subject
        for subject, one in effects.items()
        if one.value is not None and one.high is not None and one.value + stricter * (one.high - one.value) < 0
    ]


def effect_of_nudges(outcomes: Sequence[Outcome], *, aim: float = AIM, per_week: float | None = None) -> Effect:
    """Mean change where the nudge was sent minus where it was held out, pooled over teams.

    ``further`` counts nudges, or weeks when ``per_week`` says how many are chosen a week over all teams.
    """
    sent = [one for one in outcomes if not one.held_out]
    held = [one for one in outcomes if one.held_out]
    if len(sent) < 2 or len(held) < 2:
        return Effect(Verdict.CANNOT_TELL, None, None, None, None)
    rows = np.array([[1.0, float(not one.held_out)] for one in outcomes])
    values, variances = _columns(outcomes)
    effect, deviation, freedom = _fit(rows, values, variances, place=1)
    half = float(stdtrit(freedom, 0.975)) * deviation
    verdict = _verdict(effect - half, effect + half)
    nudges = len(outcomes) * max(0.0, (deviation / _needed(aim)) ** 2 - 1)
    further = math.ceil(nudges / per_week if per_week else nudges)
    return Effect(verdict, effect, effect - half, effect + half, further, compared=True)


def effects_of_prompts(outcomes: Mapping[str, Sequence[Outcome]]) -> dict[str, Effect]:
    """What each prompt (or nudge) of the library brings, by its id: mean change where it was sent minus all held out.

    Most prompts are tried a few times only, so each is shrunken towards the mean of all: a lucky one earns no place
    by it. Prompts never sent are absent; empty below two held out or two prompts sent.
    """
    held = [one for own in outcomes.values() for one in own if one.held_out]
    sent = {prompt: tried for prompt, own in outcomes.items() if (tried := [one for one in own if not one.held_out])}
    if len(held) < 2 or len(sent) < 2:
        return {}
    everything = [(place, one) for place, own in enumerate([held, *sent.values()]) for one in own]
    design = np.zeros((len(everything), 1 + len(sent)))
    design[np.arange(len(everything)), [place for place, _ in everything]] = 1
    values, variances = _columns([one for _, one in everything])
    baseline, deviation, freedom = _fit(design, values, variances)
    noise = deviation**2 * len(held)
    means = [fmean(one.change for one in own) for own in sent.values()]
    shrunken = shrink(means, [len(own) for own in sent.values()], noise)
    quantile = float(stdtrit(freedom, 0.975))
    found: dict[str, Effect] = {}
    for prompt, mean, trust in zip(sent, shrunken.values, shrunken.reliability, strict=True):
        common = (1 - trust) ** 2 * noise / sum(len(own) for own in sent.values())
        half = quantile * math.sqrt(trust * noise / len(sent[prompt]) + common + deviation**2)
        value = mean - baseline
        verdict = _verdict(value - half, value + half)
        found[prompt] = Effect(verdict, value, value - half, value + half, None, compared=True)
    return found


def _columns(of: Sequence[Outcome] | Sequence[Point]) -> tuple[Floats, Floats]:
    """Values and variances."""
    values = [one.change if isinstance(one, Outcome) else one.value for one in of]
    return np.array(values), np.array([one.variance for one in of])


def _by_unit(series: Iterable[Series]) -> list[list[Series]]:
    units: dict[tuple[int | None, int | None], list[Series]] = defaultdict(list)
    for one in series:
        units[one.unit, one.starts_at].append(one)
    return list(units.values())


def _joined(series: Sequence[Series]) -> Series:
    """One series for a unit: levels by time, after each of its series has been given its own level.

    Where a tie is withheld at some time, the others still show how that time differs.
    """
    rows = [(which, point) for which, one in enumerate(series) for point in one.points]
    times = sorted({point.at for _, point in rows})
    if len(series) == 1 or not rows:
        return replace(series[0], points=tuple(point for _, point in rows))
    design = np.zeros((len(rows), len(times) + len(series)))
    for row, (which, point) in enumerate(rows):
        design[row, times.index(point.at)] = design[row, len(times) + which] = 1
    weights = np.array([1 / point.variance for _, point in rows])
    root = np.sqrt(weights)[:, None]
    values = np.array([point.value for _, point in rows])
    # Levels of times and of series are known up to a constant between them: the smallest solution will do.
    levels = np.linalg.lstsq(design * root, values * root[:, 0], rcond=None)[0]
    precision = design[:, : len(times)].T @ weights
    points = tuple(
        Point(at, float(level), float(1 / weight))
        for at, level, weight in zip(times, levels[: len(times)], precision, strict=True)
    )
    return replace(series[0], points=points)


def _design(units: Sequence[Series], *, compared: bool) -> tuple[Floats, Floats, Floats]:
    """Design matrix (step first, then levels of units, then of times), values and variances of all points."""
    rows = [(which, one, point) for which, one in enumerate(units) for point in one.points]
    times = sorted({point.at for _, _, point in rows})
    design = np.zeros((len(rows), 1 + len(units) + (len(times) - 1 if compared else 0)))
    for row, (which, one, point) in enumerate(rows):
        design[row, 0] = float(one.starts_at is not None and point.at >= one.starts_at)
        design[row, 1 + which] = 1
        if compared and point.at != times[0]:
            design[row, len(units) + times.index(point.at)] = 1
    return design, *_columns([point for _, _, point in rows])


def _fit(design: Floats, values: Floats, variances: Floats, *, place: int = 0) -> tuple[float, float, float]:
    """Weighted least squares: coefficient at ``place``, its standard error, degrees of freedom."""
    root = 1 / np.sqrt(variances)
    rows = design * root[:, None]
    inverse = np.linalg.pinv(rows.T @ rows)
    coefficients = inverse @ rows.T @ (values * root)
    scatter = float(np.square(values * root - rows @ coefficients).sum())
    freedom = len(values) - int(np.linalg.matrix_rank(rows))
    scale = (PRIOR_FREEDOM + scatter) / (PRIOR_FREEDOM + freedom)
    return float(coefficients[place]), math.sqrt(scale * float(inverse[place, place])), PRIOR_FREEDOM + freedom


def _enough(one: Series) -> bool:
    before, after = _sides(one)
    return len(before) >= FEWEST_BEFORE and len(after) >= FEWEST_AFTER


def _sides(one: Series) -> tuple[list[Point], list[Point]]:
    start = math.inf if one.starts_at is None else one.starts_at
    return [p for p in one.points if p.at < start], [p for p in one.points if p.at >= start]


def _missing(treated: Sequence[Series]) -> int | None:
    """Times until there is anything to compute: only points after the start can still come."""
    waits = [FEWEST_AFTER - len(_sides(one)[1]) for one in treated if len(_sides(one)[0]) >= FEWEST_BEFORE]
    return min(waits, default=None)


def _drifts(one: Series) -> bool:
    """Whether the points before the change have a clear slope of their own."""
    before, _ = _sides(one)
    if len(before) < 3:
        return False
    design = np.array([[float(point.at), 1.0] for point in before])
    slope, deviation, freedom = _fit(design, *_columns(before))
    return abs(slope) > float(stdtrit(freedom, _DRIFT_LEVEL)) * deviation


def _verdict(low: float, high: float) -> Verdict:
    if low > 0:
        return Verdict.IMPROVED
    return Verdict.DECLINED if high < 0 else Verdict.CANNOT_TELL


def _needed(aim: float) -> float:
    """Standard error at which an effect of ``aim`` is found with the wanted power."""
    return abs(aim) / float(ndtri(0.975) + ndtri(POWER))


def _further_times(treated: Sequence[Series], deviation: float, aim: float) -> int | None:
    """How many more times after the start until the standard error is small enough to find ``aim``."""
    sides = [_sides(one) for one in treated]
    before = sum(1 / point.variance for side, _ in sides for point in side)
    after = [1 / point.variance for _, side in sides for point in side]
    if not before or not after:
        return None
    scale = deviation**2 / (1 / before + 1 / sum(after))
    each = sum(after) / max(len(side) for _, side in sides)
    for further in range(MOST_FURTHER + 1):
        if scale * (1 / before + 1 / (sum(after) + further * each)) <= _needed(aim) ** 2:
            return further
    return None
