"""Scores: per dimension first, both directions, blocks and index, and the laws they keep."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.instrument import DIMENSIONS, Dimension
from bot.core.scoring import Rating, Scores, Tie, Weighting, between, rated_by, rated_of, score, tie_scores, within

NURSES_ON_DOCTORS = Tie("nurses", "doctors")


def _rating(respondent: str, rater: str, rated: str, score: float | None, dimension: str = "timely") -> Rating:
    return Rating(respondent, Tie(rater, rated), Dimension(dimension), score)


def test_who_rates_many_groups_counts_once() -> None:
    ratings = [
        _rating("a", "x", "y", 1),
        _rating("a", "x", "z", 1),
        _rating("a", "x", "w", 1),
        _rating("b", "x", "y", 5),
    ]
    assert score(ratings).dimensions == {Dimension.TIMELY: 3.0}


def test_workgroups_can_be_given_one_voice_each() -> None:
    ratings = [_rating(person, "big", "y", 2) for person in "abc"] + [_rating("d", "small", "y", 4)]
    assert score(ratings).dimensions[Dimension.TIMELY] == 2.5
    assert score(ratings, weighting=Weighting.WORKGROUP).dimensions[Dimension.TIMELY] == 3.0


def test_dimensions_are_averaged_before_they_are_joined() -> None:
    ratings = [_rating(p, "x", "y", 5, "frequent") for p in "abcdefgh"]
    ratings += [_rating("a", "x", "y", 1, d) for d in DIMENSIONS if d != "frequent"]
    assert score(ratings).index == pytest.approx((5 + 6 * 1) / 7)


def test_the_index_weighs_communication_four_and_relationship_three() -> None:
    scores = Scores(dict(zip(DIMENSIONS, [1.0, 2, 3, 4, 5, 5, 2], strict=True)))
    assert (scores.communication, scores.relationship) == (2.5, 4.0)
    assert scores.index == pytest.approx(22 / 7)


def test_a_block_with_an_unanswered_dimension_has_no_score() -> None:
    scores = Scores({d: 4.0 for d in DIMENSIONS if d is not Dimension.MUTUAL_RESPECT})
    assert (scores.communication, scores.relationship, scores.index) == (4.0, None, None)


def test_not_working_with_a_group_is_missing_and_not_zero() -> None:
    ratings = [_rating("a", "x", "y", None), _rating("b", "x", "y", math.nan), _rating("c", "x", "y", 4)]
    assert score(ratings).dimensions == {Dimension.TIMELY: 4.0}
    assert score(ratings[:2]).dimensions == {}
    assert tie_scores(ratings[:2]) == {}


def test_the_two_directions_of_a_tie_are_two_figures() -> None:
    ratings = [_rating("a", "x", "y", 2), _rating("b", "y", "x", 5)]
    scores = tie_scores(ratings)
    assert scores[Tie("x", "y")].dimensions[Dimension.TIMELY] == 2
    assert scores[Tie("x", "y").reverse].dimensions[Dimension.TIMELY] == 5


def test_rated_by_is_the_row_and_rated_of_the_column_without_the_own_group() -> None:
    ratings = [
        _rating("a", "x", "y", 2),
        _rating("b", "y", "x", 5),
        _rating("c", "z", "x", 3),
        _rating("d", "x", "x", 1),
    ]
    assert {group: s.dimensions[Dimension.TIMELY] for group, s in rated_by(ratings).items()} == {"x": 2, "y": 5, "z": 3}
    assert {group: s.dimensions[Dimension.TIMELY] for group, s in rated_of(ratings).items()} == {"y": 2, "x": 4}


def test_within_and_between_are_kept_apart() -> None:
    ratings = [_rating("a", "x", "y", 2), _rating("a", "x", "x", 5)]
    assert (between(ratings), within(ratings)) == ([ratings[0]], [ratings[1]])


def test_a_workgroup_without_respondents_still_appears_as_rated() -> None:
    assert "clients" in rated_of([_rating("a", "x", "clients", 4)])


groups = st.sampled_from(["x", "y", "z"])
ratings_of_anyone = st.lists(
    st.builds(
        Rating,
        respondent=st.integers(0, 8),
        tie=st.builds(Tie, groups, groups),
        dimension=st.sampled_from(DIMENSIONS),
        score=st.none() | st.integers(1, 5).map(float),
    ),
    max_size=60,
)


def _close(one: Any, other: Any) -> bool:
    return one.keys() == other.keys() and all(
        one[key].dimensions == pytest.approx(dict(other[key].dimensions)) for key in one
    )


@settings(max_examples=60)
@given(ratings_of_anyone, st.permutations(range(9)))
def test_permuting_people_changes_nothing(ratings: list[Rating], names: list[int]) -> None:
    renamed = [Rating(names[int(str(r.respondent))], r.tie, r.dimension, r.score) for r in reversed(ratings)]
    assert score(renamed).dimensions == pytest.approx(dict(score(ratings).dimensions))
    assert _close(tie_scores(renamed), tie_scores(ratings))


@settings(max_examples=60)
@given(ratings_of_anyone, st.lists(st.tuples(groups, st.booleans(), st.integers(1, 5)), max_size=8))
def test_adding_a_workgroup_changes_no_other_tie(ratings: list[Rating], extra: list[tuple[str, bool, int]]) -> None:
    new = [
        Rating(100 + n, Tie("new", group) if rates else Tie(group, "new"), Dimension.ACCURATE, float(value))
        for n, (group, rates, value) in enumerate(extra)
    ]
    before, after = tie_scores(ratings), tie_scores(ratings + new)
    assert _close({tie: after[tie] for tie in before}, before)


@settings(max_examples=60)
@given(ratings_of_anyone)
def test_a_score_lies_within_the_range_of_its_answers(ratings: list[Rating]) -> None:
    for weighting in Weighting:
        for dimension, mean in score(ratings, weighting=weighting).dimensions.items():
            values = [r.score for r in ratings if r.dimension is dimension and r.score is not None]
            assert min(values) - 1e-9 <= mean <= max(values) + 1e-9
