"""A full survey at a glance: index, dimensions, ties, asymmetries, reliability, teams.

For data that its owner already holds (``rc-pulse analyze``): what has fewer than k respondents is None, for display
only. Whatever comes from pulses goes through the gate instead. Everything but the ties of a group with itself is
about *other* groups; own-group ties are kept apart.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from bot.core.estimation import HIGHEST, LOWEST, SPREAD, half_width, smallest_real_change
from bot.core.instrument import BLOCK_OF, DIMENSIONS, Band, Bands, Block, Dimension
from bot.core.reliability import cronbach_alpha, icc1, icc2, rwg_j
from bot.core.scoring import Rating, Tie, respondent_means, score

OPTIONS = 5
_COMMUNICATION = [number for number, d in enumerate(DIMENSIONS) if BLOCK_OF[d] is Block.COMMUNICATION]
_RELATIONSHIP = [number for number, d in enumerate(DIMENSIONS) if BLOCK_OF[d] is Block.RELATIONSHIP]


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """A rating with the team and the round it was given in."""

    team: str
    round: str
    rating: Rating


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean over ``n`` respondents with its 95 % interval; None below k."""

    mean: float | None
    n: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class TieMean:
    """``estimate``: the plain mean of the tie's answers, with its 95 % interval (spread pooled over all ties)."""

    team: str
    tie: Tie
    respondents: int
    shown: bool
    estimate: float | None
    low: float | None
    high: float | None
    band: Band | None


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """A tie whose two directions differ by more than noise. ``lower`` is under-served; ``higher`` is invited to ask."""

    team: str
    lower: Hashable
    higher: Hashable
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """None where it cannot be computed or rests on fewer than k respondents. ``n_complete``: rows with all seven."""

    alpha: float | None
    alpha_communication: float | None
    alpha_relationship: float | None
    icc1: float | None
    icc2: float | None
    rwg_j: float | None
    n_complete: int


@dataclass(frozen=True, slots=True)
class Overall:
    """Index and blocks of a set of answers; None below k respondents or where a dimension has none."""

    respondents: int
    index: float | None
    communication: float | None
    relationship: float | None


@dataclass(frozen=True, slots=True)
class Survey:
    overall: Overall
    index_complete_cases: float | None
    dimensions: Mapping[Dimension, Mean]
    ties: tuple[TieMean, ...]
    asymmetries: tuple[Asymmetry, ...]
    reliability: Reliability
    teams: Mapping[str, Overall]


def survey(answers: Sequence[SurveyAnswer], *, bands_between: Bands, bands_within: Bands, k: int) -> Survey:
    """Everything at a glance. ``k``: fewest respondents of what is shown."""
    answered = [answer for answer in answers if answer.rating.answered]
    others = [answer for answer in answered if not answer.rating.tie.within]
    ties = _ties(answers, bands_between, bands_within, k)
    by_team = _by_team(others)
    table = _rows(others)
    return Survey(
        overall=_overall([answer.rating for answer in others], k),
        index_complete_cases=_complete_cases(table, k),
        dimensions=_dimensions([answer.rating for answer in others], k),
        ties=ties,
        asymmetries=_asymmetries(ties, _spread(answered)),
        reliability=_reliability(others, table, k),
        teams={
            team: _overall([answer.rating for answer in by_team.get(team, [])], k)
            for team in dict.fromkeys(answer.team for answer in answers)
        },
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """One row per respondent, round and rated group; seven columns, NaN where not answered."""

    respondents: tuple[Hashable, ...]
    scores: NDArray[np.float64]

    @property
    def complete(self) -> NDArray[np.bool_]:
        return np.asarray(~np.isnan(self.scores).any(axis=1))

    def people(self, chosen: NDArray[np.bool_]) -> int:
        return len({self.respondents[number] for number in np.flatnonzero(chosen)})


def _rows(answers: Iterable[SurveyAnswer]) -> _Rows:
    rows: dict[tuple[Hashable, str, Hashable], NDArray[np.float64]] = {}
    for answer in answers:
        rating = answer.rating
        key = (rating.respondent, answer.round, rating.tie.rated)
        row = rows.setdefault(key, np.full(len(DIMENSIONS), np.nan))
        row[DIMENSIONS.index(rating.dimension)] = rating.score
    scores = np.array(list(rows.values())).reshape(len(rows), len(DIMENSIONS))
    return _Rows(tuple(respondent for respondent, _, _ in rows), scores)


def _overall(ratings: Sequence[Rating], k: int) -> Overall:
    scores = score(ratings)
    enough = {d: n >= k for d, n in _respondents(ratings).items()}
    communication = scores.communication if all(enough.get(d, False) for d in _of(Block.COMMUNICATION)) else None
    relationship = scores.relationship if all(enough.get(d, False) for d in _of(Block.RELATIONSHIP)) else None
    return Overall(
        respondents=len({rating.respondent for rating in ratings}),
        index=None if communication is None or relationship is None else scores.index,
        communication=communication,
        relationship=relationship,
    )


def _of(block: Block) -> list[Dimension]:
    return [dimension for dimension in DIMENSIONS if BLOCK_OF[dimension] is block]


def _respondents(ratings: Iterable[Rating]) -> dict[Dimension, int]:
    people: dict[Dimension, set[Hashable]] = defaultdict(set)
    for rating in ratings:
        people[rating.dimension].add(rating.respondent)
    return {dimension: len(members) for dimension, members in people.items()}


def _dimensions(ratings: Sequence[Rating], k: int) -> dict[Dimension, Mean]:
    people = respondent_means(ratings).values()
    return {d: _mean([person[d] for person in people if d in person], k) for d in DIMENSIONS}


def _mean(values: Sequence[float], k: int) -> Mean:
    """Student's interval; none for a single respondent."""
    n = len(values)
    if n < max(k, 1):
        return Mean(None, n, None, None)
    mean = fmean(values)
    if n < 2:
        return Mean(mean, n, None, None)
    half = float(stdtrit(n - 1, 0.975)) * float(np.std(values, ddof=1)) / math.sqrt(n)
    return Mean(mean, n, max(LOWEST, mean - half), min(HIGHEST, mean + half))


def _complete_cases(rows: _Rows, k: int) -> float | None:
    complete = rows.complete
    return float(rows.scores[complete].mean()) if rows.people(complete) >= max(k, 1) else None


def _by_tie(answers: Iterable[SurveyAnswer]) -> dict[tuple[str, Tie], list[SurveyAnswer]]:
    ties: dict[tuple[str, Tie], list[SurveyAnswer]] = defaultdict(list)
    for answer in answers:
        ties[answer.team, answer.rating.tie].append(answer)
    return ties


def _person_means(answers: Iterable[SurveyAnswer]) -> dict[Hashable, float]:
    scores: dict[Hashable, list[float]] = defaultdict(list)
    for answer in answers:
        if answer.rating.score is not None:
            scores[answer.rating.respondent].append(answer.rating.score)
    return {person: fmean(own) for person, own in scores.items()}


def _spread(answers: Sequence[SurveyAnswer]) -> float:
    """Standard deviation of respondents' means about their tie's, pooled over all ties; the usual one if none has
    two.
    """
    deviations, freedom = 0.0, 0
    for members in _by_tie(answers).values():
        means = list(_person_means(members).values())
        if not means:
            continue
        deviations += float(np.square(np.array(means) - fmean(means)).sum())
        freedom += len(means) - 1
    return math.sqrt(deviations / freedom) if freedom else SPREAD


def _ties(answers: Sequence[SurveyAnswer], bands_between: Bands, bands_within: Bands, k: int) -> tuple[TieMean, ...]:
    spread = _spread(answers)
    found = []
    for (team, tie), members in _by_tie(answers).items():
        people = len(_person_means(members))
        if people < k:
            found.append(TieMean(team, tie, people, shown=False, estimate=None, low=None, high=None, band=None))
            continue
        mean = fmean(member.rating.score for member in members if member.rating.score is not None)
        half = half_width(people, spread) if people > 1 else HIGHEST - LOWEST
        found.append(
            TieMean(
                team=team,
                tie=tie,
                respondents=people,
                shown=True,
                estimate=mean,
                low=max(LOWEST, mean - half),
                high=min(HIGHEST, mean + half),
                band=(bands_within if tie.within else bands_between).of(mean),
            )
        )
    return tuple(found)


def _asymmetries(ties: Sequence[TieMean], spread: float) -> tuple[Asymmetry, ...]:
    shown = {(one.team, one.tie): one for one in ties if one.shown and not one.tie.within}
    found = []
    for (team, tie), one in shown.items():
        other = shown.get((team, tie.reverse))
        if one.estimate is None or other is None or other.estimate is None or one.estimate >= other.estimate:
            continue
        if one.respondents + other.respondents <= 2:
            continue
        half = smallest_real_change(one.respondents, other.respondents, spread)
        difference = one.estimate - other.estimate
        if -difference > half:
            found.append(Asymmetry(team, tie.rater, tie.rated, difference, difference - half, difference + half))
    return tuple(found)


def _reliability(answers: Sequence[SurveyAnswer], rows: _Rows, k: int) -> Reliability:
    people = [(team, mean) for team, members in _by_team(answers).items() for mean in _person_means(members).values()]
    teams, means = [team for team, _ in people], [mean for _, mean in people]
    enough = len({answer.rating.respondent for answer in answers}) >= k
    agreement = [value for rows in _rows_by_tie(answers) if not math.isnan(value := rwg_j(rows.scores, OPTIONS))]
    return Reliability(
        alpha=_alpha(rows, list(range(len(DIMENSIONS))), k),
        alpha_communication=_alpha(rows, _COMMUNICATION, k),
        alpha_relationship=_alpha(rows, _RELATIONSHIP, k),
        icc1=_known(icc1(means, teams)) if enough else None,
        icc2=_known(icc2(means, teams)) if enough else None,
        rwg_j=median(agreement) if agreement and enough else None,
        n_complete=int(rows.complete.sum()),
    )


def _by_team(answers: Iterable[SurveyAnswer]) -> dict[str, list[SurveyAnswer]]:
    teams: dict[str, list[SurveyAnswer]] = defaultdict(list)
    for answer in answers:
        teams[answer.team].append(answer)
    return teams


def _rows_by_tie(answers: Iterable[SurveyAnswer]) -> list[_Rows]:
    return [_rows(members) for members in _by_tie(answers).values()]


def _alpha(rows: _Rows, columns: Sequence[int], k: int) -> float | None:
    """α of these columns over the rows that answered all of them."""
    part = _Rows(rows.respondents, rows.scores[:, columns])
    return _known(cronbach_alpha(part.scores)) if part.people(part.complete) >= k else None


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
