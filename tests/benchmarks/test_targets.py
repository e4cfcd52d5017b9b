from __future__ import annotations

import pytest

from tests.benchmarks.__main__ import HERE, chosen, line
from tests.benchmarks.targets import TARGETS, Target


def test_a_target_is_met_at_its_ends() -> None:
    assert Target(0.93, 0.97).met(0.93)
    assert Target(most=2.0).met(2.0)
    assert not Target(least=0.9).met(0.89)


def test_a_line_says_the_median_the_target_and_whether_it_is_met() -> None:
    assert line("dispatch.efficiency", {"median": 0.95, "low": 0.91, "high": 0.97}).split() == [
        "dispatch.efficiency", "0.95", "≥", "0.9", "met", "low", "0.91", "high", "0.97",
    ]  # fmt: skip
    assert "MISSED" in line("measure.rmse_ratio", 0.99)


def test_a_figure_without_a_target_is_printed_for_orientation() -> None:
    assert line("report.ms", 12.345).split() == ["report.ms", "12.35"]


def test_without_a_choice_every_benchmark_runs() -> None:
    assert chosen("") == sorted(file.stem.removeprefix("bench_") for file in HERE.glob("bench_*.py"))


def test_a_benchmark_that_does_not_exist_is_named() -> None:
    with pytest.raises(SystemExit, match="no benchmark “speed”"):
        chosen("charts speed")


def test_every_target_is_of_a_group_of_figures() -> None:
    assert all("." in key for key in TARGETS)
