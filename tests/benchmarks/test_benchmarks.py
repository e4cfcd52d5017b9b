"""Each benchmark of the running bot, as small as it can be: it runs, and gives the figures it promises."""

from __future__ import annotations

import pytest

from tests.benchmarks import bench_answers, bench_plan, bench_replicas, bench_seal, bench_start
from tests.benchmarks.workspaces import Size

SMALL = Size(teams=2, workgroups=3, each=5)


def _sane(found: dict[str, float | dict[str, float]], *keys: str) -> None:
    assert set(keys) <= set(found)
    for value in found.values():
        assert (value["low"] <= value["median"] <= value["high"]) if isinstance(value, dict) else value >= 0


def test_opening_a_round_is_measured_against_a_bare_insert() -> None:
    found = bench_plan.measure(size=SMALL, runs=1, idle_schedules=10)
    _sane(found, "plan.bulk_insert_ratio", "plan.peak_mb", "tick.idle_ms_per_1000_schedules")


def test_sealing_and_releasing_is_measured_against_a_bare_group_by() -> None:
    _sane(bench_seal.measure(size=SMALL, runs=1), "seal.cold_ratio")


def test_starting_is_measured_against_importing_the_dependencies() -> None:
    _sane(bench_start.measure(runs=1), "start.import_ratio", "start.rss_ratio")


@pytest.mark.postgres
def test_taps_are_measured_against_a_bare_bolt_app() -> None:
    scale = bench_answers.Scale(runs=1, at_once=4, people=8, taps=6, reports=1)
    keys = [f"answers.{engine}.{key}" for engine in ("sqlite", "postgres") for key in ("throughput_ratio", "p99_ratio")]
    _sane(bench_answers.measure(scale), *keys, "report.ack_p99_ratio")


@pytest.mark.postgres
def test_four_replicas_are_measured_against_one_and_send_nothing_twice() -> None:
    size = Size(teams=1, workgroups=3, each=2, reminders=0)
    _sane(bench_replicas.measure(size=size, workspaces=2, runs=1), "replicas.cpu_ratio_4")
