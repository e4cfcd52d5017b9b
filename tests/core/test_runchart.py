"""Run charts: known cases, both sets of rules, and the edges."""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import runchart
from bot.core.runchart import Signal, analyse, anhoj_limits, baseline_median, exact_runs_limits, runs_limits, runs_test

REFERENCE = Path("../shared/reference/statistics/runs.json")
ALTERNATING = [1.0, 3.0] * 6


@pytest.fixture(name="known")
def _known() -> Any:
    if not REFERENCE.is_file():
        pytest.skip("the reference data is not beside the repository: runs.json")
    return json.loads(REFERENCE.read_text())


@pytest.mark.reference
def test_the_published_runs_table_is_reproduced(known: Any) -> None:
    assert {str(n): list(runs_limits(n)) for n in range(10, 27)} == known["runs_table"]


@pytest.mark.reference
def test_the_limits_of_anhoj_are_reproduced(known: Any) -> None:
    limits = known["anhoj_longest_run_and_fewest_crossings"]
    assert {n: list(anhoj_limits(int(n))) for n in limits} == limits


@pytest.mark.reference
def test_sixteen_points_with_a_shift_and_too_few_runs_are_recognised(known: Any) -> None:
    case = known["cases"][0]
    chart = analyse([float(side == "A") for side in case["sides"]], median=0.5)
    # The case allows at most 12 runs where the table in the same file (and the published one) allows 13 of 16 points.
    assert (chart.useful, chart.runs, chart.runs_low) == (16, case["runs"], case["allowed"][0])
    assert {signal.value for signal in chart.signals} >= {signal.replace(" ", "_") for signal in case["signals"]}
    assert Signal.TREND not in chart.signals
    assert Signal.TOO_MANY_RUNS not in chart.signals


@pytest.mark.reference
def test_the_runs_test_of_the_lunch_counter_is_reproduced(known: Any) -> None:
    case = known["cases"][1]
    found = runs_test([side == "E" for side in case["sides"]])
    assert found.expected == case["expected_runs"]
    assert found.z == pytest.approx(case["z_continuity_corrected"], abs=5e-5)
    assert found.p_normal == pytest.approx(case["p_one_sided"], abs=5e-7)
    assert found.p_exact == pytest.approx(case["p_exact_one_sided"], abs=5e-8)


@pytest.mark.parametrize(("first", "second"), [(1, 1), (3, 3), (5, 2), (4, 5)])
def test_the_exact_distribution_of_runs_is_that_of_all_orders(first: int, second: int) -> None:
    orders = [
        1 + sum((a in ups) != (b in ups) for a, b in itertools.pairwise(range(first + second)))
        for ups in itertools.combinations(range(first + second), first)
    ]
    counted = Counter(orders)
    expected = {runs: Fraction(count, len(orders)) for runs, count in counted.items()}
    found = {runs: chance for runs, chance in runchart._runs_chances(first, second).items() if chance}
    assert found == expected


@pytest.mark.parametrize("useful", [27, 28, 40, 101])
def test_from_27_points_on_at_most_2_5_percent_lie_outside_the_limits_on_either_side(useful: int) -> None:
    low, high = runs_limits(useful)
    chances = runchart._runs_chances(useful // 2, useful - useful // 2)
    below = sum(chance for runs, chance in chances.items() if runs < low)
    above = sum(chance for runs, chance in chances.items() if runs > high)
    assert below <= Fraction(1, 40) < below + chances[low]
    assert above <= Fraction(1, 40) < above + chances[high]
    assert exact_runs_limits(26) == runchart.RUNS_TABLE[26]


def test_points_on_the_median_neither_make_nor_break_a_shift() -> None:
    values = [1.0, 1, 1, 1, 2, 1, 1, 3, 3, 2, 3, 3, 3, 3]
    chart = analyse(values, median=2.0)
    assert (chart.useful, chart.runs, chart.longest_run, chart.crossings) == (12, 2, 6, 1)
    assert Signal.SHIFT in chart.signals


def test_a_trend_is_five_points_and_equal_neighbours_count_once() -> None:
    assert Signal.TREND in analyse([*ALTERNATING, 1.1, 1.2, 1.2, 1.3, 1.4, 1.5]).signals
    assert Signal.TREND not in analyse([*ALTERNATING, 1.1, 1.2, 1.2, 1.3, 1.3, 1.4]).signals


def test_a_trend_alone_is_no_verdict() -> None:
    chart = analyse([3.0, 1, 1, 3, 3, 1, 1.5, 2.5, 3, 4, 1, 3, 1, 1], median=2.0)
    assert chart.signals == (Signal.TREND,)
    assert not chart.verdict


def test_below_ten_useful_points_nothing_is_said_however_clear_it_looks() -> None:
    chart = analyse([1, 1, 1, 1, 2, 2, 2, 2, 2, 2], median=1.0)
    assert (chart.useful, chart.signals, chart.runs_low) == (6, (), None)


def test_an_alternating_series_has_too_many_runs() -> None:
    chart = analyse(ALTERNATING)
    assert chart.signals == (Signal.TOO_MANY_RUNS,)
    assert chart.verdict


def test_a_step_is_seen_by_the_rules_of_anhoj() -> None:
    chart = analyse([1.0, 1.1] * 6 + [2.0, 2.1] * 6)
    assert {Signal.ANHOJ_LONGEST_RUN, Signal.ANHOJ_CROSSINGS, Signal.SHIFT} <= set(chart.signals)


def test_a_constant_series_has_no_useful_point() -> None:
    chart = analyse([3.4] * 30)
    assert (chart.median, chart.useful, chart.runs, chart.longest_run, chart.crossings) == (3.4, 0, 0, 0, 0)
    assert not chart.signals


def test_an_empty_series_has_no_median_and_gaps_are_left_out() -> None:
    assert math.isnan(analyse([]).median)
    assert analyse([1.0, math.nan, 3.0]).median == 2.0


def test_infinite_values_and_impossible_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        analyse([1.0, math.inf])
    with pytest.raises(ValueError, match="below 10"):
        runs_limits(9)
    with pytest.raises(ValueError, match="useful point"):
        anhoj_limits(0)
    with pytest.raises(ValueError, match="both sides"):
        runs_test([True, True])


def test_a_quiet_baseline_freezes_its_median_and_a_loud_one_does_not() -> None:
    quiet = [1.0, 1, 3, 3, 1, 3, 1, 1, 3, 3, 1, 3]
    assert baseline_median(quiet) == 2.0
    assert baseline_median([*[1.0] * 8, *[3.0] * 8]) is None
    assert baseline_median(quiet[:6]) is None


@settings(max_examples=60)
@given(st.lists(st.integers(13, 47), max_size=50))
def test_a_run_chart_reads_the_same_upside_down(tenths: list[int]) -> None:
    chart, mirrored = analyse(tenths), analyse([-value for value in tenths])
    assert (chart.useful, chart.runs, chart.signals) == (mirrored.useful, mirrored.runs, mirrored.signals)
