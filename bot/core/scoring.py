"""What answers mean: per dimension first, then ties, rows, columns, blocks and the index.

Formulas follow relational coordination (Gittell): a dimension's score is the mean over raters, a tie's score the mean
of its seven dimensions, communication the mean of the first four, relationship of the last three, the index the mean
of all seven. Never the mean of whatever happened to be asked: items differ by almost a point. Scores are 1 to 5; a
score of None or NaN is *not answered* or *I don't work with them* and is missing, not zero. Nothing here is released;
that is the gate's business.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean
from typing import TypeVar

from bot.core.instrument import BLOCK_OF, DIMENSIONS, Block, Dimension

Part = TypeVar("Part", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Tie:
    """How workgroup ``rater`` experiences workgroup ``rated``. Ids or names, as the caller has them."""

    rater: Hashable
    rated: Hashable

    @property
    def within(self) -> bool:
        """Whether the group rates itself; such ties are kept apart from those between groups."""
        return self.rater == self.rated

    @property
    def reverse(self) -> Tie:
        return Tie(self.rated, self.rater)


@dataclass(frozen=True, slots=True)
class Rating:
    """One answer about another group's behaviour. ``score`` None or NaN: missing."""

    respondent: Hashable
    tie: Tie
    dimension: Dimension
    score: float | None

    @property
    def answered(self) -> bool:
        return self.score is not None and not math.isnan(self.score)


class Weighting(StrEnum):
    """Whose voice counts equally in a process-level average: each respondent's, or each workgroup's."""

    RESPONDENT = "respondent"
    WORKGROUP = "workgroup"


@dataclass(frozen=True, slots=True)
class Scores:
    """Means by dimension; one that nobody answered is absent. Blocks and index need all of theirs, else None."""

    dimensions: Mapping[Dimension, float]

    @property
    def communication(self) -> float | None:
        return _mean_of_all(self.dimensions, [d for d in DIMENSIONS if BLOCK_OF[d] is Block.COMMUNICATION])

    @property
    def relationship(self) -> float | None:
        return _mean_of_all(self.dimensions, [d for d in DIMENSIONS if BLOCK_OF[d] is Block.RELATIONSHIP])

    @property
    def index(self) -> float | None:
        """Equal-weight mean of the seven, which is (4 · communication + 3 · relationship) / 7."""
        communication, relationship = self.communication, self.relationship
        if communication is None or relationship is None:
            return None
        return (4 * communication + 3 * relationship) / 7


def between(ratings: Iterable[Rating]) -> list[Rating]:
    """The ratings of *other* groups."""
    return [rating for rating in ratings if not rating.tie.within]


def within(ratings: Iterable[Rating]) -> list[Rating]:
    """The ratings of the own group."""
    return [rating for rating in ratings if rating.tie.within]


def score(ratings: Iterable[Rating], *, weighting: Weighting = Weighting.RESPONDENT) -> Scores:
    """Scores of any set of ratings, per dimension first.

    Each respondent's ratings of one dimension are averaged over the groups rated (and the rounds), so that who works
    with many groups counts once; then over respondents, or (``WORKGROUP``) over the respondents of each rating
    workgroup and then over workgroups.
    """
    answers = [rating for rating in ratings if rating.answered]
    if weighting is Weighting.WORKGROUP:
        rows = _scores_by(answers, lambda rating: rating.tie.rater).values()
        return Scores({d: fmean(row.dimensions[d] for row in rows if d in row.dimensions) for d in _asked(answers)})
    people = respondent_means(answers).values()
    return Scores({d: fmean(person[d] for person in people if d in person) for d in _asked(answers)})


def respondent_means(ratings: Iterable[Rating]) -> dict[Hashable, dict[Dimension, float]]:
    """Each respondent's mean rating by dimension, over the groups rated and the rounds; who answered nothing is
    absent.
    """
    scores: dict[Hashable, dict[Dimension, list[float]]] = defaultdict(lambda: defaultdict(list))
    for rating in ratings:
        if rating.score is not None and rating.answered:
            scores[rating.respondent][rating.dimension].append(rating.score)
    return {person: {d: fmean(found) for d, found in own.items()} for person, own in scores.items()}


def tie_scores(ratings: Iterable[Rating]) -> dict[Tie, Scores]:
    """Scores of every tie that somebody rated, in both directions and within groups, by tie."""
    return _scores_by(ratings, lambda rating: rating.tie)


def rated_by(ratings: Iterable[Rating]) -> dict[Hashable, Scores]:
    """How each workgroup experiences the others: its row, within ties left out."""
    return _scores_by(between(ratings), lambda rating: rating.tie.rater)


def rated_of(ratings: Iterable[Rating]) -> dict[Hashable, Scores]:
    """How each workgroup is experienced by the others: its column, within ties left out."""
    return _scores_by(between(ratings), lambda rating: rating.tie.rated)


def _scores_by(ratings: Iterable[Rating], part_of: Callable[[Rating], Part]) -> dict[Part, Scores]:
    parts: dict[Part, list[Rating]] = defaultdict(list)
    for rating in ratings:
        if rating.answered:
            parts[part_of(rating)].append(rating)
    return {part: score(members) for part, members in parts.items()}


def _asked(answers: Iterable[Rating]) -> list[Dimension]:
    found = {answer.dimension for answer in answers}
    return [dimension for dimension in DIMENSIONS if dimension in found]


def _mean_of_all(means: Mapping[Dimension, float], wanted: Sequence[Dimension]) -> float | None:
    return fmean(means[dimension] for dimension in wanted) if all(d in means for d in wanted) else None
