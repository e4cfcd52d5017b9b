"""Gates with one rule off. An attack suite that cannot succeed against these proves nothing.

The first releases whatever has k people and checks no combination: what most products do. The others lie to the real
gate about what it needs to know.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bot.core.disclosure import Answers, Considered, WaveRules, consider
from bot.core.disclosure.cells import shown
from bot.core.figures import Figure, FigureKey, FigureKind
from bot.core.instrument import DIMENSIONS

Flags = np.typing.NDArray[np.bool_]

TOTALS = frozenset(
    {
        FigureKind.INDEX,
        FigureKind.COMMUNICATION,
        FigureKind.RELATIONSHIP,
        FigureKind.DIMENSION,
        FigureKind.RATED_BY_REST,
        FigureKind.RATED_OF_REST,
    }
)


def behind(key: FigureKey, given: Answers) -> Flags:
    """The answers a figure is about, whether or not it may be shown; a remainder stands for its whole row or column."""
    rows: Flags = given.dimension >= 0
    for about, column in (
        (key.team, given.team),
        (key.round, given.round),
        (key.rater, given.rater),
        (key.rated, given.rated),
        (None if key.dimension is None else DIMENSIONS.index(key.dimension), given.dimension),
    ):
        if about is not None:
            rows = rows & (column == about)
    if key.kind in TOTALS:
        rows = rows & (given.rater != given.rated)
    if key.kind is FigureKind.COMMUNICATION:
        rows = rows & (given.dimension < 4)
    if key.kind is FigureKind.RELATIONSHIP:
        rows = rows & (given.dimension >= 4)
    return rows


def without_combinations(given: Answers, rules: WaveRules) -> tuple[Considered, ...]:
    """Every figure with k people, "rated by" and "rated of" as totals beside their parts."""
    k = max(team.min_respondents for team in rules.teams.values())
    released = []
    for one in consider(given, rules):
        if one.figure.key.kind in {FigureKind.SPREAD, FigureKind.COMPANION}:
            continue
        rows = np.flatnonzero(behind(one.figure.key, given))
        if len(np.unique(given.respondent[rows])) >= k:
            released.append(Considered(Figure(one.figure.key, shown(given, rows, k)), rows))
    return tuple(released)


def without_distinct_people(given: Answers, rules: WaveRules) -> tuple[Considered, ...]:
    """k answers are enough, whoever gave them."""
    return consider(replace(given, respondent=np.arange(len(given))), rules)


def without_overlap(given: Answers, rules: WaveRules) -> tuple[Considered, ...]:
    """Somebody who sits in two teams counts as two people."""
    return consider(replace(given, respondent=given.respondent * 1_000 + given.team), rules)


def without_small_roles(given: Answers, rules: WaveRules) -> tuple[Considered, ...]:
    """A role of one person may be appraised."""
    return consider(given, replace(rules, headcount=dict.fromkeys(rules.headcount, 99)))


def without_guarantee_two(given: Answers, rules: WaveRules) -> tuple[Considered, ...]:
    """Figures asked in full repeat whoever has joined."""
    teams = {number: replace(team, in_full=None) for number, team in rules.teams.items()}
    return consider(given, replace(rules, teams=teams))
