"""Do the answers of a full survey hang together? Cronbach's α, ICC(1), ICC(2), rwg(j), and what to make of them.

These are for complete questionnaires (``rc-pulse analyze``, baselines). Pulses have no complete cases by design; they
report λ (``bot.core.estimation``). Scores are in any unit, NaN is *not answered*. What cannot be computed is NaN,
never a warning: the conditions are in each docstring. A wrong shape is a ValueError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_NOTHING = 1e-12
"""Relative size below which a sum of squares is rounding error of the arithmetic, not variation."""


@dataclass(frozen=True, slots=True)
class OneWay:
    """One-way analysis of variance. ``between`` and ``within`` are mean squares, ``size`` is N / groups (Bliese)."""

    between: float
    within: float
    groups: int
    size: float


@dataclass(frozen=True, slots=True)
class TwoWay:
    """Targets × judges, one rating each (Shrout & Fleiss 1979): mean squares of targets, within targets, judges,
    error.
    """

    targets: float
    within: float
    judges: float
    error: float
    n_targets: int
    n_judges: int

    @property
    def icc2_1(self) -> float:
        """Absolute agreement of one judge out of a random set: ICC(2,1)."""
        k, n = self.n_judges, self.n_targets
        spread = self.targets + (k - 1) * self.error + k * (self.judges - self.error) / n
        return _ratio(self.targets - self.error, spread)

    @property
    def icc3_1(self) -> float:
        """Consistency of one judge out of a fixed set: ICC(3,1)."""
        return _ratio(self.targets - self.error, self.targets + (self.n_judges - 1) * self.error)

    @property
    def icc3_k(self) -> float:
        """Consistency of the mean of all judges, ICC(3,k); the same number as Cronbach's α."""
        return _ratio(self.targets - self.error, self.targets)


def cronbach_alpha(items: ArrayLike) -> float:
    """α = J/(J−1) · (1 − Σ var_j / var_sum) over complete rows; ``items`` is [n respondents, J items].

    NaN with fewer than two items, fewer than two complete rows, or when the row sums do not vary. Can be negative.
    """
    table = _table(items)
    complete = table[~np.isnan(table).any(axis=1)]
    rows, columns = complete.shape
    if rows < 2 or columns < 2:
        return float("nan")
    of_items = float(complete.var(axis=0, ddof=1).sum())
    of_sum = float(complete.sum(axis=1).var(ddof=1))
    if of_sum <= _NOTHING * max(1.0, float(np.square(complete).max())):
        return float("nan")
    return float(columns / (columns - 1) * (1 - of_items / of_sum))


def icc1(values: ArrayLike, groups: Sequence[object] | NDArray[np.generic]) -> float:
    """ICC(1) = (MSB − MSW) / (MSB + (k−1) MSW), k = N / groups (Bliese): how alike members of one group are.

    Missing values are left out. NaN with fewer than two groups, no two values in any group, or no variation at all.
    Negative values (members differ more than chance would have it) are returned as they come, down to −1/(k−1).
    """
    squares = one_way(values, groups)
    if squares is None:
        return float("nan")
    return _ratio(squares.between - squares.within, squares.between + (squares.size - 1) * squares.within)


def icc2(values: ArrayLike, groups: Sequence[object] | NDArray[np.generic]) -> float:
    """ICC(2) = (MSB − MSW) / MSB: how reliable the groups' means are.

    NaN as for ``icc1``, and where the groups' means do not differ at all. Has no lower bound.
    """
    squares = one_way(values, groups)
    return float("nan") if squares is None else _ratio(squares.between - squares.within, squares.between)


def one_way(values: ArrayLike, groups: Sequence[object] | NDArray[np.generic]) -> OneWay | None:
    """Mean squares between and within ``groups`` (one label per value); None where they are undefined.

    Undefined: fewer than two groups with a value, or as many groups as values. Raises ValueError on unequal lengths.
    """
    scores = np.asarray(values, dtype=np.float64)
    if scores.ndim != 1 or len(scores) != len(groups):
        raise ValueError("values and groups must be two flat sequences of the same length")
    numbers: dict[object, int] = {}
    codes = np.array([numbers.setdefault(group, len(numbers)) for group in groups], dtype=np.intp)
    known = ~np.isnan(scores)
    scores, codes = scores[known], np.unique(codes[known], return_inverse=True)[1]
    counts = np.bincount(codes) if len(codes) else np.zeros(0, dtype=np.intp)
    n, j = len(scores), len(counts)
    if j < 2 or n <= j:
        return None
    scale = float(np.square(scores).sum())
    scores = scores - scores.mean()
    means = np.bincount(codes, weights=scores) / counts
    between = float((counts * np.square(means - scores.mean())).sum())
    within = float(np.square(scores - means[codes]).sum())
    floor = _NOTHING * scale
    return OneWay(_above(between, floor) / (j - 1), _above(within, floor) / (n - j), j, n / j)


def two_way(ratings: ArrayLike) -> TwoWay:
    """Mean squares of a complete targets × judges table. Raises ValueError below 2 × 2 or with a missing value."""
    table = _table(ratings)
    n, k = table.shape
    if n < 2 or k < 2 or np.isnan(table).any():
        raise ValueError("needs at least two targets and two judges, and every rating")
    centred = table - table.mean()
    targets = k * float(np.square(centred.mean(axis=1)).sum())
    judges = n * float(np.square(centred.mean(axis=0)).sum())
    within = float(np.square(centred).sum()) - targets
    return TwoWay(
        targets=targets / (n - 1),
        within=within / (n * (k - 1)),
        judges=judges / (k - 1),
        error=(within - judges) / ((n - 1) * (k - 1)),
        n_targets=n,
        n_judges=k,
    )


def rwg_j(items: ArrayLike, options: int) -> float:
    """Agreement of raters over J items with ``options`` answer options each; ``items`` is [n raters, J].

    rwg(j) = J(1 − s̄²/σ²) / (J(1 − s̄²/σ²) + s̄²/σ²), σ² = (options² − 1)/12, s̄² the mean variance of the items over
    the raters who answered them (available case); 0 where raters differ more than by chance (James, Demaree & Wolf
    1984). Items with fewer than two raters are left out; NaN when none is left. Raises ValueError for fewer than two
    options.
    """
    if options < 2:
        raise ValueError("an item needs at least two options")
    table = _table(items)
    answered = (~np.isnan(table)).sum(axis=0)
    usable = table[:, answered >= 2]
    j = usable.shape[1]
    if j == 0:
        return float("nan")
    share = float(np.nanvar(usable, axis=0, ddof=1).mean()) / ((options**2 - 1) / 12)
    agreement = j * (1 - share)
    return max(0.0, agreement / (agreement + share)) if share < 1 else 0.0


class Advice(StrEnum):
    """What a value means for this team; ``prompts/`` has the words (what it is, what to do)."""

    NOT_KNOWN = "not_known"
    ALPHA_LOW = "alpha_low"
    ALPHA_GOOD = "alpha_good"
    ALPHA_REDUNDANT = "alpha_redundant"
    TEAMS_ALIKE = "teams_alike"
    TEAMS_DIFFER = "teams_differ"
    MEANS_UNSURE = "means_unsure"
    MEANS_RELIABLE = "means_reliable"
    RATERS_DISAGREE = "raters_disagree"
    RATERS_AGREE = "raters_agree"


@dataclass(frozen=True, slots=True)
class Advised:
    """A value with what it means. ``value`` is NaN where it could not be computed."""

    value: float
    advice: Advice


def advise_alpha(alpha: float) -> Advised:
    """Below .70 the items do not measure one thing here; above .95 some of them could be left out."""
    if np.isnan(alpha):
        return Advised(alpha, Advice.NOT_KNOWN)
    if alpha < 0.70:
        return Advised(alpha, Advice.ALPHA_LOW)
    return Advised(alpha, Advice.ALPHA_REDUNDANT if alpha > 0.95 else Advice.ALPHA_GOOD)


def advise_icc1(value: float) -> Advised:
    """From about .05 on, which team a person is in makes a difference that is worth a look."""
    if np.isnan(value):
        return Advised(value, Advice.NOT_KNOWN)
    return Advised(value, Advice.TEAMS_DIFFER if value >= 0.05 else Advice.TEAMS_ALIKE)


def advise_icc2(value: float) -> Advised:
    """Below .70 the teams' means are too uncertain to be set side by side."""
    if np.isnan(value):
        return Advised(value, Advice.NOT_KNOWN)
    return Advised(value, Advice.MEANS_RELIABLE if value >= 0.70 else Advice.MEANS_UNSURE)


def advise_rwg(value: float) -> Advised:
    """Below .70 raters disagree. In relational coordination this is information (rotating against fixed staff), not
    an error.
    """
    if np.isnan(value):
        return Advised(value, Advice.NOT_KNOWN)
    return Advised(value, Advice.RATERS_AGREE if value >= 0.70 else Advice.RATERS_DISAGREE)


def _table(items: ArrayLike) -> Floats:
    table = np.asarray(items, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError("needs a table of rows and columns")
    return table


def _above(value: float, floor: float) -> float:
    return value if value > floor else 0.0


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
