"""People in an order that depends on what they were asked, never on who they are or what they said."""

from __future__ import annotations

import numpy as np

from bot.core.disclosure.answers import Answers, Ints


def canonical_people(answers: Answers, rows: Ints) -> Ints:
    """0..n-1 for the respondent of each of ``rows``; people of one workgroup stand together, the busiest first.

    Two people get neighbouring places in either order only if they answered exactly the same questions (or if two
    64-bit sums collide): permuting people changes no decision of the gate.
    """
    keys, person = np.unique(answers.respondent[rows], return_inverse=True)
    question = np.zeros(len(rows), dtype=np.uint64)
    for column in (answers.team, answers.round, answers.rater, answers.rated, answers.dimension):
        question = _mixed(question * np.uint64(0x9E3779B97F4A7C15) + column[rows].astype(np.uint64))
    asked = np.zeros(len(keys), dtype=np.uint64)
    np.add.at(asked, person, question)
    count = np.bincount(person, minlength=len(keys))
    group = np.full(len(keys), np.iinfo(np.int64).max)
    np.minimum.at(group, person, answers.rater[rows])
    team = np.full(len(keys), np.iinfo(np.int64).max)
    np.minimum.at(team, person, answers.team[rows])
    place = np.empty(len(keys), dtype=np.int64)
    place[np.lexsort((asked, -count, group, team))] = np.arange(len(keys))
    return place[person]


def _mixed(values: np.typing.NDArray[np.uint64]) -> np.typing.NDArray[np.uint64]:
    """The finaliser of splitmix64: every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
