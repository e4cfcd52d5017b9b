from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import pacing
from bot.core.pacing import Pacer

NOON = datetime(2026, 9, 7, 12, tzinfo=UTC)


def test_the_first_call_goes_at_once_and_the_second_has_its_turn() -> None:
    pacer = pacing.start(NOON)
    assert pacer.ready_at(NOON) == NOON
    assert pacing.taken(pacer, NOON).ready_at(NOON) == NOON + timedelta(minutes=1 / pacing.START_PER_MINUTE)


def test_a_pause_that_slack_asks_for_is_kept_to_the_second() -> None:
    assert pacing.limited(pacing.start(NOON), NOON, 7).ready_at(NOON) == NOON + timedelta(seconds=7)


def test_calls_under_way_when_the_ceiling_is_met_slow_us_down_once_only() -> None:
    once = pacing.limited(pacing.start(NOON), NOON, 5)
    twice = pacing.limited(once, NOON + timedelta(milliseconds=80), 6)
    assert twice.per_minute == once.per_minute
    assert twice.blocked_until == NOON + timedelta(milliseconds=6080)


def test_a_tier_allows_a_few_at_once_and_then_its_rate() -> None:
    pacer, at_once = pacing.start(NOON, "conversations.open"), 0
    while pacer.ready_at(NOON) == NOON:
        pacer, at_once = pacing.taken(pacer, NOON), at_once + 1
    assert 5 <= at_once <= 10


def test_tiered_methods_never_pass_their_tier() -> None:
    pacer = pacing.start(NOON, "conversations.open")
    for _ in range(200):
        pacer = pacing.accepted(pacer)
    assert pacer.per_minute <= 50


def test_time_that_was_lost_is_not_caught_up_in_a_burst() -> None:
    pacer, hour_later = pacing.taken(pacing.start(NOON), NOON), NOON + timedelta(hours=1)
    calls = 0
    while pacer.ready_at(hour_later) == hour_later:
        pacer, calls = pacing.taken(pacer, hour_later), calls + 1
    assert calls <= 3


@settings(deadline=None)
@given(st.lists(st.sampled_from(["accepted", "limited", "wait"]), max_size=80))
def test_the_rate_stays_between_its_bounds_whatever_happens(events: list[str]) -> None:
    pacer, now = pacing.start(NOON), NOON
    for event in events:
        now += timedelta(seconds=0.2)
        if event == "accepted":
            pacer = pacing.accepted(pacing.taken(pacer, now))
        elif event == "limited":
            pacer = pacing.limited(pacer, now, 1)
        assert pacing.SLOWEST_PER_MINUTE <= pacer.per_minute <= pacing.FASTEST_PER_MINUTE
        assert pacer.ready_at(now) >= now


@pytest.mark.parametrize("ceiling", [60, 200, 600])
def test_the_rate_finds_the_ceiling_by_itself(ceiling: int) -> None:
    rates = _rates_under(ceiling, calls=600)[-100:]
    assert 0.85 * ceiling < sum(rates) / len(rates) < 1.05 * ceiling


def _rates_under(ceiling: int, *, calls: int) -> list[float]:
    """Call a bucket of one second's worth, `ceiling` a minute; the rate after each call."""
    pacer: Pacer = pacing.start(NOON)
    now, filled, tokens = NOON, NOON, ceiling / 60
    rates = []
    for _ in range(calls):
        now = pacer.ready_at(now)
        tokens = min(ceiling / 60, tokens + (now - filled).total_seconds() * ceiling / 60)
        filled = now
        pacer = pacing.taken(pacer, now)
        if tokens >= 1:
            tokens -= 1
            pacer = pacing.accepted(pacer)
        else:
            pacer = pacing.limited(pacer, now, 1)
        rates.append(pacer.per_minute)
    return rates
