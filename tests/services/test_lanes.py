from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from bot.services.lanes import OPEN, POST, Lanes
from tests.benchmarks.bench_dispatch import HiddenCeiling, ours, took

NOON = datetime(2026, 9, 7, 12, tzinfo=UTC)


@pytest.mark.parametrize("per_minute", [60, 137, 600])
def test_most_of_what_slack_lets_through_is_used_and_few_calls_are_refused(per_minute: int) -> None:
    slack = HiddenCeiling(per_minute, random.Random(per_minute))
    assert slack.efficiency(took(ours, slack)) >= 0.90
    assert slack.refused_share <= 0.02


def test_a_channel_takes_one_message_a_second() -> None:
    lanes = Lanes()
    lanes.take_channel(1, "C1", NOON)
    assert lanes.channel_ready_at(1, "C1", NOON) == NOON + timedelta(seconds=1)
    assert lanes.channel_ready_at(1, "C2", NOON) == NOON
    assert lanes.channel_ready_at(2, "C1", NOON) == NOON


def test_channels_are_forgotten_when_there_are_many() -> None:
    lanes = Lanes()
    for number in range(12_000):
        lanes.take_channel(1, f"C{number}", NOON + timedelta(seconds=number))
    assert len(lanes._channels) <= 5000


def test_workspaces_and_methods_have_lanes_of_their_own() -> None:
    lanes = Lanes()
    lanes.limited(1, POST, NOON, 30)
    assert lanes.slots(1, POST, NOON, 5) == 0
    assert lanes.slots(2, POST, NOON, 5) > 0
    assert lanes.slots(1, OPEN, NOON, 5) == 5
