"""Reliability of full surveys: known results, a second implementation, and the edges."""

from __future__ import annotations

import csv
import math
import warnings
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # only pingouin's input
import pingouin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from bot.core import reliability
from bot.core.reliability import Advice, cronbach_alpha, icc1, icc2, one_way, rwg_j, two_way

Floats = NDArray[np.float64]
REFERENCE = Path("../shared/reference/statistics")


def _rows(name: str) -> list[dict[str, str]]:
    path = REFERENCE / name
    if not path.is_file():
        pytest.skip(f"the reference data is not beside the repository: {name}")
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _numbers(rows: list[dict[str, str]], columns: list[str]) -> Floats:
    return np.array([[float(row[column] or "nan") for column in columns] for row in rows])


COHESION_ITEMS = ["c1", "c2", "c3", "c4", "c5"]


@pytest.mark.reference
def test_agreement_within_each_platoon_of_the_cohesion_data_is_reproduced() -> None:
    rows = _rows("cohesion.csv")
    found = {
        place: rwg_j(_numbers(list(members), COHESION_ITEMS), 5)
        for place, members in groupby(rows, key=lambda row: (row["unit"], row["platoon"]))
    }
    expected = {("B", "1ST"): 15 / 22, ("B", "2ND"): 0.813953, ("C", "1ST"): 0.921053, ("C", "2ND"): 0.909091}
    assert found == pytest.approx(expected, abs=5e-7)


@pytest.mark.reference
def test_listwise_deletion_would_have_hidden_the_agreement_of_the_first_platoon() -> None:
    table = _numbers(_rows("cohesion.csv")[:3], COHESION_ITEMS)
    assert rwg_j(table[~np.isnan(table).any(axis=1)], 5) == 0


@pytest.mark.reference
def test_variance_between_platoons_of_the_cohesion_data_is_reproduced() -> None:
    rows = _rows("cohesion.csv")
    values, groups = [float(row["c1"]) for row in rows], [row["unit"] + row["platoon"] for row in rows]
    squares = one_way(values, groups)
    assert squares is not None
    assert (squares.between, squares.within) == pytest.approx((0.989899, 0.666667), abs=5e-7)
    assert (icc1(values, groups), icc2(values, groups)) == pytest.approx((0.149883, 0.326531), abs=5e-7)


@pytest.mark.reference
def test_alpha_of_the_complete_rows_of_the_cohesion_data_is_reproduced() -> None:
    assert cronbach_alpha(_numbers(_rows("cohesion.csv"), COHESION_ITEMS)) == pytest.approx(0.884791, abs=5e-7)


@pytest.mark.reference
def test_every_coefficient_of_shrout_and_fleiss_is_reproduced() -> None:
    ratings = _numbers(_rows("shrout_fleiss.csv"), ["j1", "j2", "j3", "j4"])
    squares = two_way(ratings)
    assert (squares.targets, squares.within, squares.judges, squares.error) == pytest.approx(
        (11.2417, 6.2639, 32.4861, 1.0194), abs=5e-5
    )
    targets = np.repeat(np.arange(6), 4).tolist()
    found = (
        icc1(ratings.ravel(), targets),
        icc2(ratings.ravel(), targets),
        squares.icc2_1,
        squares.icc3_1,
        squares.icc3_k,
        cronbach_alpha(ratings),
    )
    assert found == pytest.approx((0.1657, 0.4428, 0.2898, 0.7148, 0.9093, 0.9093), abs=5e-5)


@pytest.mark.reference
def test_variance_between_dyestuff_batches_is_reproduced() -> None:
    rows = _rows("dyestuff.csv")
    values, batches = [float(row["yield"]) for row in rows], [row["batch"] for row in rows]
    squares = one_way(values, batches)
    assert squares is not None
    assert (squares.between, squares.within) == pytest.approx((11271.5, 2451.25))
    assert (icc1(values, batches), icc2(values, batches)) == pytest.approx((0.4184874, 0.7825267), abs=5e-8)


def _pingouin_icc(ratings: Floats) -> Floats:
    n, k = ratings.shape
    long = pd.DataFrame(
        {"target": np.repeat(np.arange(n), k), "judge": np.tile(np.arange(k), n), "score": ratings.ravel()}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pingouin uses what pandas has deprecated; ours may not warn
        return np.asarray(
            pingouin.intraclass_corr(long, targets="target", raters="judge", ratings="score")["ICC"], dtype=np.float64
        )


tables = arrays(
    np.float64, st.tuples(st.integers(2, 12), st.integers(2, 7)), elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0])
)
tables_with_gaps = arrays(
    np.float64, st.tuples(st.integers(2, 12), st.integers(2, 7)), elements=st.sampled_from([1.0, 3.0, 5.0, math.nan])
)


@settings(max_examples=30, deadline=None)
@given(tables_with_gaps)
def test_alpha_agrees_with_a_second_implementation_also_with_missing_values_and_constant_columns(table: Floats) -> None:
    complete = table[~np.isnan(table).any(axis=1)]
    found = cronbach_alpha(table)
    if len(complete) < 2 or not complete.sum(axis=1).var():
        assert math.isnan(found)
    else:
        theirs, _ = pingouin.cronbach_alpha(pd.DataFrame(complete))
        assert found == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("seed", range(9))
@pytest.mark.parametrize(("targets", "judges", "spread"), [(5, 2, 1.0), (8, 4, 0.3), (6, 3, 0.1)])
def test_intraclass_correlations_agree_with_a_second_implementation_also_when_negative(
    seed: int, targets: int, judges: int, spread: float
) -> None:
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(targets, judges))
    # Contrasting members make members of one group differ more than chance: ICC below zero.
    noise -= noise.mean(axis=1, keepdims=True) if seed % 3 == 0 else 0
    ratings = spread * rng.normal(size=(targets, 1)) + noise
    labels = np.repeat(np.arange(targets), judges).tolist()
    theirs = _pingouin_icc(ratings)
    squares = two_way(ratings)
    found = [icc1(ratings.ravel(), labels), squares.icc2_1, squares.icc3_1]
    assert found == pytest.approx(theirs[:3].tolist(), abs=1e-6)
    assert icc2(ratings.ravel(), labels) == pytest.approx(theirs[3], rel=1e-6)
    assert squares.icc3_k == pytest.approx(theirs[5], rel=1e-6)


@settings(max_examples=50)
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_people_changes_nothing(table: Floats, random: object) -> None:
    order = np.random.default_rng(hash(str(random)) % 2**32).permutation(len(table))
    assert cronbach_alpha(table[order]) == pytest.approx(cronbach_alpha(table), nan_ok=True)
    assert rwg_j(table[order], 5) == pytest.approx(rwg_j(table, 5))
    groups = (np.arange(len(table)) % 2).tolist()
    shuffled = [groups[place] for place in order]
    assert icc1(table[order, 0], shuffled) == pytest.approx(icc1(table[:, 0], groups), nan_ok=True)


def test_a_missing_value_is_left_out_of_the_variance_analysis() -> None:
    assert icc1([1.0, 2.0, math.nan, 4.0, 5.0], list("aaabb")) == icc1([1.0, 2.0, 4.0, 5.0], list("aabb"))


@pytest.mark.parametrize(
    ("values", "groups"),
    [
        ([], []),
        ([1.0, 2.0], ["a", "a"]),
        ([1.0, 2.0], ["a", "b"]),
        ([math.nan] * 3, ["a", "a", "b"]),
        ([3.7] * 6, list("aabbcc")),
    ],
    ids=["no value", "one group", "one value per group", "all missing", "no variation"],
)
def test_without_groups_or_variation_there_is_no_intraclass_correlation(values: list[float], groups: list[str]) -> None:
    assert math.isnan(icc1(values, groups))
    assert math.isnan(icc2(values, groups))


def test_equal_group_means_give_the_most_negative_icc1_and_no_icc2() -> None:
    values, groups = [1.0, 5.0, 1.0, 5.0], list("aabb")
    assert icc1(values, groups) == -1
    assert math.isnan(icc2(values, groups))


@pytest.mark.parametrize(
    "table",
    [np.full((0, 7), 0.0), np.full((1, 7), 3.0), np.full((5, 1), 3.0), np.full((5, 3), 4.1), np.full((5, 3), math.nan)],
    ids=["nobody", "one row", "one item", "constant", "all missing"],
)
def test_without_rows_items_or_variation_there_is_no_alpha(table: Floats) -> None:
    assert math.isnan(cronbach_alpha(table))


def test_two_people_are_enough_for_alpha_and_agreement() -> None:
    table = np.array([[1.0, 2.0, 1.0], [4.0, 5.0, 5.0]])
    theirs, _ = pingouin.cronbach_alpha(pd.DataFrame(table))
    assert cronbach_alpha(table) == pytest.approx(theirs)
    assert rwg_j(np.array([[4.0, 4.0], [4.0, 5.0]]), 5) == pytest.approx(2 * 0.875 / (2 * 0.875 + 0.125))


def test_agreement_is_one_when_all_agree_and_zero_when_they_differ_more_than_by_chance() -> None:
    assert rwg_j(np.full((4, 7), 2.0), 5) == 1
    assert rwg_j(np.array([[1.0] * 7, [5.0] * 7]), 5) == 0
    assert math.isnan(rwg_j(np.full((1, 7), 2.0), 5))


def test_tables_of_the_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="rows and columns"):
        cronbach_alpha([1.0, 2.0])
    with pytest.raises(ValueError, match="same length"):
        icc1([1.0, 2.0], ["a"])
    with pytest.raises(ValueError, match="two options"):
        rwg_j(np.ones((2, 2)), 1)
    with pytest.raises(ValueError, match="every rating"):
        two_way([[1.0, math.nan], [1.0, 2.0]])


def test_advice_says_what_a_value_means_here() -> None:
    assert reliability.advise_alpha(0.62).advice is Advice.ALPHA_LOW
    assert reliability.advise_alpha(0.85).advice is Advice.ALPHA_GOOD
    assert reliability.advise_alpha(0.97).advice is Advice.ALPHA_REDUNDANT
    assert reliability.advise_icc1(-0.02).advice is Advice.TEAMS_ALIKE
    assert reliability.advise_icc1(0.12).advice is Advice.TEAMS_DIFFER
    assert reliability.advise_icc2(0.5).advice is Advice.MEANS_UNSURE
    assert reliability.advise_icc2(0.8).advice is Advice.MEANS_RELIABLE
    assert reliability.advise_rwg(0.5).advice is Advice.RATERS_DISAGREE
    assert reliability.advise_rwg(0.9).advice is Advice.RATERS_AGREE


@pytest.mark.parametrize("name", ["advise_alpha", "advise_icc1", "advise_icc2", "advise_rwg"])
def test_advice_about_an_unknown_value_is_that_it_is_not_known(name: str) -> None:
    advised = getattr(reliability, name)(math.nan)
    assert advised.advice is Advice.NOT_KNOWN
