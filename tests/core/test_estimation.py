"""Estimates: known results, what adjusting and shrinking do, and when a difference is real."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.estimation import (
    SPREAD,
    Reading,
    asymmetry,
    compare,
    dimension_effects,
    estimate_ties,
    half_width,
    reading,
    released_spread,
    shrink,
    smallest_real_change,
)
from bot.core.figures import Figure, FigureKey, FigureKind, Shown, Withheld
from bot.core.instrument import DIMENSIONS, Dimension
from bot.core.reliability import one_way
from tests.benchmarks import bench_measure

DYESTUFF = Path("../shared/reference/statistics/dyestuff.csv")
TWO_EACH = dict.fromkeys(DIMENSIONS, 2)


def _tie(
    value: float,
    counts: Mapping[Dimension, int] = TWO_EACH,
    *,
    rater: int = 1,
    rated: int = 2,
    team: int | None = 1,
    wave: int = 1,
    dimension: Dimension | None = None,
) -> Figure:
    kind = FigureKind.TIE_DIMENSION if dimension else FigureKind.POOLED_TIE if team is None else FigureKind.TIE
    key = FigureKey(kind, 1, wave, team=team, rater=rater, rated=rated, dimension=dimension)
    return Figure(key, Shown(value, (5, 7), counts))


def _dimension(dimension: Dimension, value: float, answers: int = 40, *, team: int = 1, wave: int = 1) -> Figure:
    key = FigureKey(FigureKind.DIMENSION, 1, wave, team=team, dimension=dimension)
    return Figure(key, Shown(value, (20, 49), {dimension: answers}))


def _team(values: Mapping[tuple[int, int], float], counts: Mapping[Dimension, int] = TWO_EACH) -> list[Figure]:
    return [_tie(value, counts, rater=a, rated=b) for (a, b), value in values.items()]


SIX_TIES = {(1, 2): 3.0, (1, 3): 3.6, (2, 1): 4.2, (2, 3): 3.9, (3, 1): 3.4, (3, 2): 3.7}


@pytest.mark.reference
def test_the_dyestuff_means_are_shrunken_as_published() -> None:
    if not DYESTUFF.is_file():
        pytest.skip("the reference data is not beside the repository: dyestuff.csv")
    with DYESTUFF.open(newline="") as file:
        rows = list(csv.DictReader(file))
    batches = [[float(row["yield"]) for row in batch] for _, batch in groupby(rows, key=lambda row: row["batch"])]
    squares = one_way([float(row["yield"]) for row in rows], [row["batch"] for row in rows])
    assert squares is not None
    found = shrink([fmean(batch) for batch in batches], [len(batch) for batch in batches], squares.within)
    assert found.between_variance == pytest.approx(1764.05)
    assert found.reliability == pytest.approx([0.7825267] * 6, abs=5e-8)
    expected = [1509.893, 1527.891, 1556.062, 1504.415, 1584.233, 1482.505]
    assert found.values == pytest.approx(expected, abs=5e-4)


def test_when_groups_differ_less_than_noise_all_means_become_one() -> None:
    found = shrink([3.0, 3.1, 3.2], [5, 5, 20], 1.0)
    assert found.between_variance == 0
    assert found.values == pytest.approx([3.15] * 3)


def test_shrinking_needs_two_groups_with_values() -> None:
    with pytest.raises(ValueError, match="two groups"):
        shrink([3.0], [4], 1.0)


@pytest.mark.parametrize(
    ("respondents", "half", "change"),
    [(5, 0.74, 0.88), (8, 0.50, 0.64), (10, 0.43, 0.56), (20, 0.28, 0.38), (30, 0.22, 0.31)],
)
def test_precision_is_that_of_the_domain_table(respondents: int, half: float, change: float) -> None:
    assert half_width(respondents, 0.6) == pytest.approx(half, abs=0.0051)
    assert smallest_real_change(respondents, respondents, 0.6) == pytest.approx(change, abs=0.0051)


def test_every_shown_tie_gets_an_estimate_inside_its_interval_and_withheld_ones_get_none() -> None:
    figures = _team(SIX_TIES)
    hidden = Figure(FigureKey(FigureKind.TIE, 1, 1, team=1, rater=4, rated=1), Withheld())
    found = estimate_ties([*figures, hidden])
    assert set(found) == {figure.key for figure in figures}
    assert all(1 <= e.low < e.value < e.high <= 5 and 0 < e.reliability < 1 for e in found.values())
    assert all(e.respondents == (5, 7) for e in found.values())


def test_estimates_lie_between_the_tie_and_the_team() -> None:
    figures = _team(SIX_TIES)
    found = estimate_ties(figures)
    assert 3.0 < found[figures[0].key].value < fmean(SIX_TIES.values())
    assert fmean(SIX_TIES.values()) < found[figures[2].key].value < 4.2


def test_a_tie_that_was_asked_only_hard_items_is_raised() -> None:
    hard, easy = Dimension.TIMELY, Dimension.MUTUAL_RESPECT
    dimensions = [_dimension(d, 3.2 if d is hard else 4.2 if d is easy else 3.7, 60) for d in DIMENSIONS]
    ties = [_tie(3.6, {hard: 8}, rater=1, rated=2), _tie(3.6, {easy: 8}, rater=2, rated=1)]
    found = estimate_ties(ties + dimensions)
    assert found[ties[0].key].value > found[ties[1].key].value + 0.2


def test_more_answers_make_an_estimate_surer() -> None:
    few, many = _team(SIX_TIES), _team(SIX_TIES, dict.fromkeys(DIMENSIONS, 12))
    found_few, found_many = estimate_ties(few), estimate_ties(many)
    for figure in few:
        assert found_many[figure.key].reliability > found_few[figure.key].reliability
        assert (
            found_many[figure.key].high - found_many[figure.key].low
            < found_few[figure.key].high - found_few[figure.key].low
        )


def test_a_released_spread_decides_how_sure_we_are() -> None:
    figures = _team(SIX_TIES)
    wide = Figure(FigureKey(FigureKind.SPREAD, 1, 1, team=1), Shown(1.2, (5, 7), {}))
    assert released_spread([*figures, wide], team=1, wave=1) == 1.2
    assert released_spread(figures, team=1, wave=1) == SPREAD
    sure, unsure = estimate_ties(figures), estimate_ties([*figures, wide])
    assert all(unsure[f.key].reliability < sure[f.key].reliability for f in figures)


def test_a_tie_of_which_only_dimensions_are_shown_is_estimated_under_the_ties_key() -> None:
    figures = [_tie(4.4, {d: 6}, dimension=d) for d in DIMENSIONS[:3]] + _team({(2, 1): 3.5, (3, 1): 3.4})
    found = estimate_ties(figures)
    assert found[FigureKey(FigureKind.TIE, 1, 1, team=1, rater=1, rated=2)].value > 3.7


def test_ties_pooled_over_teams_borrow_the_dimensions_of_the_teams() -> None:
    hard = Dimension.TIMELY
    pooled = _tie(3.2, {hard: 12}, team=None)
    dimensions = [_dimension(d, 3.0 if d is hard else 3.9, 60, team=team) for d in DIMENSIONS for team in (1, 2)]
    alone, borrowed = estimate_ties([pooled])[pooled.key], estimate_ties([pooled, *dimensions])[pooled.key]
    assert borrowed.value > alone.value


def test_dimension_effects_sum_to_zero_and_are_zero_where_nothing_is_released() -> None:
    assert set(dimension_effects([]).values()) == {0.0}
    effects = dimension_effects([_dimension(d, 3.0 + 0.2 * n) for n, d in enumerate(DIMENSIONS)])
    assert sum(effects.values()) == pytest.approx(0)
    assert list(effects) == sorted(effects, key=effects.__getitem__)
    assert effects[DIMENSIONS[0]] > -0.6


def test_a_reading_is_adjusted_for_what_was_asked() -> None:
    effects = dict.fromkeys(DIMENSIONS, 0.0) | {Dimension.TIMELY: -0.4, Dimension.ACCURATE: 0.4}
    cell = Shown(3.5, (5, 7), {Dimension.TIMELY: 6, Dimension.SHARED_GOALS: 2})
    assert reading(cell, effects).value == pytest.approx(3.8)
    assert reading(cell, {}).value == 3.5


def test_answers_of_the_same_people_count_for_less() -> None:
    counts = dict.fromkeys(DIMENSIONS, 4)
    few, many = reading(Shown(3.5, (5, 7), counts), {}), reading(Shown(3.5, (20, 49), counts), {})
    assert few.variance > many.variance


def test_a_change_within_the_smallest_real_change_is_not_real() -> None:
    before = Reading(3.5, 0.02, 8)
    assert not compare(before, Reading(3.8, 0.02, 8)).real
    jump = compare(before, Reading(4.1, 0.02, 8))
    assert jump.real
    assert jump.low > 0
    assert jump.smallest_real == pytest.approx(2.1448 * 0.2, abs=1e-3)


def test_an_asymmetric_tie_shows_which_side_is_under_served() -> None:
    found = asymmetry(Reading(2.9, 0.02, 8), Reading(4.0, 0.02, 8))
    assert found.real
    assert found.value == pytest.approx(-1.1)


pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
some_ties = st.dictionaries(pairs, st.integers(13, 47).map(lambda tenths: tenths / 10), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None)
@given(some_ties, st.randoms(use_true_random=False))
def test_the_order_of_figures_changes_nothing(values: dict[tuple[int, int], float], random: object) -> None:
    figures = _team(values)
    forwards, backwards = estimate_ties(figures), estimate_ties(figures[::-1])
    for key, estimate in forwards.items():
        assert backwards[key].value == pytest.approx(estimate.value)
        assert backwards[key].high == pytest.approx(estimate.high)


@settings(max_examples=25, deadline=None)
@given(some_ties)
def test_estimates_stay_on_the_scale(values: dict[tuple[int, int], float]) -> None:
    for estimate in estimate_ties(_team(values)).values():
        assert 1 <= estimate.low <= estimate.value <= estimate.high <= 5
        assert 0 <= estimate.reliability <= 1


def test_over_seeded_organisations_estimates_are_nearer_the_truth_than_plain_means_and_their_intervals_cover_it() -> (
    None
):
    found = [bench_measure.errors(seed) for seed in range(1000, 1015)]
    estimate, plain, covered = (
        np.concatenate([getattr(one, n) for one in found]) for n in ("estimate", "plain", "covered")
    )
    assert np.square(estimate).mean() < 0.95**2 * np.square(plain).mean()
    assert 0.9 < covered.mean() < 0.99
