"""From accepted answers to the cell that leaves: rounded, clamped, with bands instead of numbers of people."""

from __future__ import annotations

from collections import Counter

import numpy as np

from bot.core.disclosure.answers import Answers, Ints
from bot.core.figures import Cell, Shown, Withheld
from bot.core.instrument import DIMENSIONS

LOWEST, HIGHEST = 13, 47
"""Tenths at which a mean stops: unanimity at an end of the scale has no look of its own."""

SPREAD_STEP = 20
LOWEST_SPREAD, HIGHEST_SPREAD = 0.4, 1.2

WITHHELD = Withheld()


def rounded_mean(total: int, count: int) -> float:
    """Mean to one decimal (halves up, in integers, so that no platform rounds differently), clamped to 1.3-4.7."""
    tenths = (20 * total + count) // (2 * count)
    return min(max(tenths, LOWEST), HIGHEST) / 10


def respondents_band(respondents: int, k: int) -> tuple[int, int | None]:
    """The band of a number of respondents: k to k+2, to k+6, to k+14, to k+44, or more."""
    low = k
    for high in (k + 2, k + 6, k + 14, k + 44):
        if respondents <= high:
            return low, high
        low = high + 1
    return low, None


def shown(answers: Answers, rows: Ints, k: int) -> Cell:
    """The cell of a figure that was accepted; ``rows`` are the answers behind it."""
    if not len(rows):
        return WITHHELD
    asked = Counter(answers.dimension[rows].tolist())
    return Shown(
        value=rounded_mean(int(answers.score[rows].sum()), len(rows)),
        respondents=respondents_band(people(answers, rows), k),
        counts={DIMENSIONS[place]: asked[place] for place in sorted(asked) if place >= 0},
    )


def people(answers: Answers, rows: Ints) -> int:
    """Distinct respondents. Most figures are small, and a set of a short list is quicker than sorting an array."""
    return len(set(answers.respondent[rows].tolist()))


def spread(answers: Answers, rows: Ints, k: int) -> Cell:
    """One spread for a team and wave: the pooled standard deviation of answers to the same question about the same tie.

    Rounded to .05 and kept within .4 to 1.2, so that full agreement has no look of its own. Withheld below ``2 * k``
    respondents, or while fewer than ``2 * k`` answers stand beside another one to the same question.
    """
    ties = np.stack([answers.rater[rows], answers.rated[rows], answers.dimension[rows]])
    cell = np.unique(ties, axis=1, return_inverse=True)[1].reshape(-1)
    scores = answers.score[rows].astype(float)
    count = np.bincount(cell)
    deviations = float((scores**2).sum() - (np.bincount(cell, scores) ** 2 / count).sum())
    freedom = len(rows) - len(count)
    respondents = people(answers, rows)
    if respondents < 2 * k or freedom < 2 * k:
        return WITHHELD
    rounded = round(np.sqrt(deviations / freedom) * SPREAD_STEP) / SPREAD_STEP
    return Shown(min(max(rounded, LOWEST_SPREAD), HIGHEST_SPREAD), respondents_band(respondents, k), {})
