"""A survey at a glance: the laws it keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.instrument import DIMENSIONS, Bands
from bot.core.scoring import Rating, Tie
from bot.core.survey import Survey, SurveyAnswer, survey

BETWEEN, WITHIN = Bands(3.5, 4.0), Bands(4.1, 4.6)
groups = st.sampled_from(["nurse", "doctor", "clerk"])
answers_of_anyone = st.lists(
    st.builds(
        SurveyAnswer,
        team=st.sampled_from(["north", "south"]),
        round=st.sampled_from(["1", "2"]),
        rating=st.builds(
            Rating,
            respondent=st.integers(0, 8),
            tie=st.builds(Tie, groups, groups),
            dimension=st.sampled_from(DIMENSIONS),
            score=st.none() | st.integers(1, 5).map(float),
        ),
    ),
    max_size=80,
    unique_by=lambda a: (a.round, a.rating.respondent, a.rating.tie, a.rating.dimension),
)


def _survey(answers: list[SurveyAnswer], k: int = 1) -> Survey:
    return survey(answers, bands_between=BETWEEN, bands_within=WITHIN, k=k)


@settings(max_examples=40, deadline=None)
@given(answers_of_anyone, st.permutations(range(9)))
def test_permuting_people_and_rows_changes_nothing(answers: list[SurveyAnswer], names: list[int]) -> None:
    renamed = [
        replace(answer, rating=replace(answer.rating, respondent=names[int(str(answer.rating.respondent))]))
        for answer in reversed(answers)
    ]
    one, other = _survey(answers), _survey(renamed)
    assert other.overall.index == pytest.approx(one.overall.index)
    assert other.reliability.alpha == pytest.approx(one.reliability.alpha)
    assert {(t.team, t.tie): t.estimate for t in other.ties} == pytest.approx(
        {(t.team, t.tie): t.estimate for t in one.ties}
    )


@settings(max_examples=40, deadline=None)
@given(answers_of_anyone)
def test_adding_a_workgroup_changes_no_other_tie(answers: list[SurveyAnswer]) -> None:
    new = [SurveyAnswer("north", "1", Rating(99, Tie("nurse", "porter"), d, 2.0)) for d in DIMENSIONS]
    before = {(t.team, t.tie): (t.estimate, t.respondents) for t in _survey(answers).ties}
    after = {(t.team, t.tie): (t.estimate, t.respondents) for t in _survey(answers + new).ties}
    assert {key: after[key] for key in before} == before


@settings(max_examples=40, deadline=None)
@given(answers_of_anyone, st.integers(1, 6))
def test_a_higher_k_only_hides(answers: list[SurveyAnswer], k: int) -> None:
    low, high = _survey(answers, k), _survey(answers, k + 1)
    for less, more in zip(low.ties, high.ties, strict=True):
        assert less.shown or not more.shown
        assert more.estimate in (None, less.estimate)
    assert high.overall.index in (None, low.overall.index)
    assert all(high.dimensions[d].mean in (None, low.dimensions[d].mean) for d in DIMENSIONS)


@settings(max_examples=40, deadline=None)
@given(answers_of_anyone)
def test_the_index_is_four_parts_communication_and_three_relationship(answers: list[SurveyAnswer]) -> None:
    overall = _survey(answers).overall
    if overall.index is not None and overall.communication is not None and overall.relationship is not None:
        assert overall.index == pytest.approx((4 * overall.communication + 3 * overall.relationship) / 7)
