"""Run charts: is the process doing something else than before, or is this noise?

Two sets of rules on one series. Perla, Provost & Murray (2011): shift, trend, too few or too many runs about the
median. Anhøj (2014): unusually long runs or unusually few crossings, the better pair. Values in any unit, in order of
time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from itertools import groupby, pairwise

import numpy as np
from scipy.special import bdtr, ndtr

FEWEST_POINTS = 10
"""Below this many useful points nothing is said."""
SHIFT_POINTS = 6
TREND_POINTS = 5
RUNS_TABLE: dict[int, tuple[int, int]] = {
    10: (3, 9), 11: (3, 10), 12: (3, 11), 13: (4, 11), 14: (4, 12), 15: (5, 12), 16: (5, 13), 17: (5, 13), 18: (6, 14),
    19: (6, 15), 20: (6, 16), 21: (7, 16), 22: (7, 17), 23: (7, 17), 24: (8, 18), 25: (8, 18), 26: (9, 19),
}  # fmt: skip
"""Fewest and most runs by number of useful points, as published; from 27 on sources disagree."""
_TAIL = Fraction(1, 40)


class Signal(StrEnum):
    SHIFT = "shift"
    TREND = "trend"
    TOO_FEW_RUNS = "too_few_runs"
    TOO_MANY_RUNS = "too_many_runs"
    ANHOJ_LONGEST_RUN = "anhoj_longest_run"
    ANHOJ_CROSSINGS = "anhoj_crossings"


@dataclass(frozen=True, slots=True)
class RunChart:
    """What a run chart says.

    ``useful`` counts points off the median; ``runs``, ``longest_run`` and ``crossings`` are of these. ``runs_low`` and
    ``runs_high`` are the fewest and most runs that chance explains, None below ten useful points. The trend rule
    alone is never a verdict: see ``verdict``.
    """

    median: float
    useful: int
    runs: int
    runs_low: int | None
    runs_high: int | None
    longest_run: int
    crossings: int
    signals: tuple[Signal, ...]

    @property
    def verdict(self) -> bool:
        """Whether something other than chance is at work; a trend alone is next to useless and does not count."""
        return any(signal is not Signal.TREND for signal in self.signals)


@dataclass(frozen=True, slots=True)
class RunsTest:
    """Wald–Wolfowitz test of the number of runs. ``p`` is one-sided, towards the side on which ``runs`` lies."""

    expected: float
    z: float
    p_normal: float
    p_exact: float


def analyse(values: Sequence[float], *, median: float | None = None) -> RunChart:
    """Apply all rules to ``values``; ``median`` freezes the centre line of a baseline.

    NaN is a gap and left out. An empty series has a NaN median and no signal; infinite values raise ValueError.
    """
    points = [float(value) for value in values if not math.isnan(value)]
    if any(math.isinf(point) for point in points):
        raise ValueError("a run chart needs finite values")
    centre = median if median is not None else float(np.median(points)) if points else float("nan")
    sides = [point > centre for point in points if point != centre]
    lengths = [len(list(run)) for _, run in groupby(sides)]
    useful, runs = len(sides), len(lengths)
    low, high = runs_limits(useful) if useful >= FEWEST_POINTS else (None, None)
    longest, crossings = max(lengths, default=0), max(0, runs - 1)
    return RunChart(
        median=centre,
        useful=useful,
        runs=runs,
        runs_low=low,
        runs_high=high,
        longest_run=longest,
        crossings=crossings,
        signals=_signals(points, useful, runs, longest) if useful >= FEWEST_POINTS else (),
    )


def baseline_median(values: Sequence[float]) -> float | None:
    """The median to freeze for later points, or None while the baseline has under ten useful points or shows a
    signal.
    """
    chart = analyse(values)
    return None if chart.useful < FEWEST_POINTS or chart.signals else chart.median


def runs_limits(useful: int) -> tuple[int, int]:
    """Fewest and most runs that chance explains: the published table up to 26 useful points, from 27 on exact.

    Exact: both sides of the median hold half of the points, at most 2.5 % in either tail. Raises ValueError below ten.
    """
    if useful < FEWEST_POINTS:
        raise ValueError(f"nothing is said below {FEWEST_POINTS} useful points")
    return RUNS_TABLE[useful] if useful in RUNS_TABLE else exact_runs_limits(useful)


@cache
def exact_runs_limits(useful: int) -> tuple[int, int]:
    """The fewest and most runs outside which lies at most 2.5 % on either side, for halves above and below."""
    chances = _runs_chances(useful // 2, useful - useful // 2)
    below, low = Fraction(0), 2
    while below + chances[low] <= _TAIL:
        below, low = below + chances[low], low + 1
    above, high = Fraction(0), max(chances)
    while above + chances[high] <= _TAIL:
        above, high = above + chances[high], high - 1
    return low, high


def anhoj_limits(useful: int) -> tuple[int, int]:
    """Longest run and fewest crossings that chance explains: round(log2 n) + 3, and the 5 % quantile of Bin(n−1, ½)."""
    if useful < 1:
        raise ValueError("needs at least one useful point")
    return round(math.log2(useful)) + 3, next(k for k in range(useful) if bdtr(k, useful - 1, 0.5) >= 0.05)


def runs_test(sides: Sequence[bool]) -> RunsTest:
    """Is the order of two kinds of points random? ``sides`` in order of time. Raises ValueError unless both kinds
    occur.
    """
    first = sum(sides)
    second = len(sides) - first
    if not first or not second:
        raise ValueError("a runs test needs points on both sides")
    n, runs = first + second, 1 + sum(a != b for a, b in pairwise(sides))
    expected = 2 * first * second / n + 1
    variance = (expected - 1) * (expected - 2) / (n - 1)
    distance = max(0.0, abs(runs - expected) - 0.5)
    z = math.copysign(distance / math.sqrt(variance), runs - expected) if variance else 0.0
    chances = _runs_chances(first, second)
    tail = [chance for count, chance in chances.items() if (count >= runs if runs > expected else count <= runs)]
    return RunsTest(expected=expected, z=z, p_normal=float(ndtr(-abs(z))), p_exact=float(sum(tail)))


@cache
def _runs_chances(first: int, second: int) -> dict[int, Fraction]:
    """Exact distribution of the number of runs of ``first`` and ``second`` points in random order (Wald)."""
    ways = math.comb(first + second, first)
    most = 2 * min(first, second) + (first != second)
    chances = {}
    for runs in range(2, most + 1):
        half = runs // 2
        if runs % 2:
            hits = math.comb(first - 1, half) * math.comb(second - 1, half - 1)
            hits += math.comb(first - 1, half - 1) * math.comb(second - 1, half)
        else:
            hits = 2 * math.comb(first - 1, half - 1) * math.comb(second - 1, half - 1)
        chances[runs] = Fraction(hits, ways)
    return chances


def _signals(points: Sequence[float], useful: int, runs: int, longest: int) -> tuple[Signal, ...]:
    low, high = runs_limits(useful)
    longest_limit, fewest_crossings = anhoj_limits(useful)
    found = {
        Signal.SHIFT: longest >= SHIFT_POINTS,
        Signal.TREND: _longest_trend(points) >= TREND_POINTS,
        Signal.TOO_FEW_RUNS: runs < low,
        Signal.TOO_MANY_RUNS: runs > high,
        Signal.ANHOJ_LONGEST_RUN: longest > longest_limit,
        Signal.ANHOJ_CROSSINGS: runs - 1 < fewest_crossings,
    }
    return tuple(signal for signal, present in found.items() if present)


def _longest_trend(points: Sequence[float]) -> int:
    """Most points in a row that all rise or all fall; equal neighbours count once, points on the median count."""
    distinct = [point for point, _ in groupby(points)]
    directions = [later > earlier for earlier, later in pairwise(distinct)]
    return max((len(list(same)) + 1 for _, same in groupby(directions)), default=len(distinct))
