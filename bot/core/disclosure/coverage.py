"""Where a design asks (nearly) everybody (nearly) everything, so that guarantee two must hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bot.core.disclosure.answers import Answers, AskedInFull, Ints, TeamRules, WaveRules
from bot.core.instrument import DIMENSIONS

NEARLY_ALL = 0.8
"""From this share of a person's tie x dimension cells on, chance no longer decides whose answer is behind a figure."""


def asked_in_full(answers: Answers, rules: WaveRules) -> Mapping[int, AskedInFull]:
    """Teams whose people are asked about nearly all of their cells: seven for each other workgroup they rate.

    Questions per round are those of whoever answered most, so a schedule that was changed meanwhile hides nothing;
    questions per wave are their sum, because nobody gets the same one twice while others are left.
    """
    most = _most_answers(answers)
    found: dict[int, AskedInFull] = {}
    for number, team in rules.teams.items():
        for rater in team.raters:
            enough = NEARLY_ALL * _cells(team, rater, rules)
            rounds = most.get((number, rater), [])
            if not enough or sum(rounds) < enough:
                continue
            if max(rounds) >= enough:
                found[number] = AskedInFull.ROUND
            else:
                found.setdefault(number, AskedInFull.WAVE)
    return found


def _cells(team: TeamRules, rater: int, rules: WaveRules) -> int:
    """What one person can be asked: a workgroup that may have no figure is not asked about either."""
    return len(DIMENSIONS) * sum(rated != rater and rules.is_open(rated) for rated in team.rated)


def _most_answers(answers: Answers) -> dict[tuple[int, int], list[int]]:
    """(team, rater) to the most answers about other workgroups that one person gave in each round."""
    between = np.flatnonzero((answers.dimension >= 0) & (answers.rater != answers.rated))
    columns = np.stack([answers.team, answers.rater, answers.round, answers.respondent])[:, between]
    columns = columns[:, np.lexsort(columns[::-1])]
    most: dict[tuple[int, int], dict[int, int]] = {}
    firsts = _firsts(columns)
    for first, number in zip(firsts.tolist(), np.diff(firsts, append=columns.shape[1]).tolist(), strict=True):
        team, rater, round_ = columns[:3, first].tolist()
        rounds = most.setdefault((team, rater), {})
        rounds[round_] = max(number, rounds.get(round_, 0))
    return {group: list(rounds.values()) for group, rounds in most.items()}


def _firsts(columns: Ints) -> Ints:
    """Where each run of equal columns begins."""
    if not columns.shape[1]:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate([[True], np.any(np.diff(columns, axis=1), axis=0)]))
