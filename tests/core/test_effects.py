"""Effects of changes and nudges: verdicts from clear and from unclear figures, and what comparison teams add."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.effects import Outcome, Verdict, effect_of_change, effect_of_nudges, effects_of_prompts
from bot.core.figures import Cell, Figure, FigureKey, FigureKind, Shown, Withheld
from bot.core.instrument import DIMENSIONS
from bot.core.series import Point, Series, index_series, noise_over_time, tie_series

FLAT = [3.5, 3.6, 3.5, 3.4]


def _points(values: list[float | None], variance: float = 0.01) -> tuple[Point, ...]:
    return tuple(Point(at, value, variance) for at, value in enumerate(values) if value is not None)


def _series(values: list[float | None], starts_at: int | None = 4, *, unit: int = 1, variance: float = 0.01) -> Series:
    return Series(unit, _points(values, variance), starts_at)


def test_a_clear_step_up_is_an_improvement_with_an_interval_around_it() -> None:
    found = effect_of_change([_series([*FLAT, 4.0, 4.1, 4.0, 4.1])])
    assert found.verdict is Verdict.IMPROVED
    assert found.value == pytest.approx(0.55)
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < 0.55 < found.high


def test_a_clear_step_down_is_a_decline() -> None:
    assert effect_of_change([_series([*FLAT, 2.9, 3.0, 2.9, 3.0])]).verdict is Verdict.DECLINED


def test_noise_is_no_verdict_and_says_how_much_longer_it_takes() -> None:
    found = effect_of_change([_series([3.5, 3.9, 3.1, 3.6, 3.9, 3.4, 3.8], variance=0.06)], aim=0.4)
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.further is not None
    assert found.further > 0


def test_a_bigger_aim_is_told_sooner() -> None:
    series = [_series([3.5, 3.9, 3.1, 3.6, 3.9, 3.4], variance=0.06)]
    small, big = effect_of_change(series, aim=0.4), effect_of_change(series, aim=0.8)
    assert big.further is not None
    assert small.further is None or small.further > big.further


def test_with_too_few_points_nothing_is_claimed_and_the_wait_is_stated() -> None:
    found = effect_of_change([_series([*FLAT, 4.9])])
    assert (found.verdict, found.value, found.further) == (Verdict.CANNOT_TELL, None, 1)
    without_baseline = effect_of_change([_series([3.5, 4.9, 4.9, 4.9], starts_at=1)])
    assert (without_baseline.value, without_baseline.further) == (None, None)


def test_what_happened_everywhere_is_not_the_change() -> None:
    rise: list[float | None] = [*FLAT, 4.0, 4.1, 4.0, 3.9]
    alone = effect_of_change([_series(rise)])
    compared = effect_of_change([_series(rise), _series(rise, None, unit=2), _series(rise, None, unit=3)])
    assert (alone.verdict, alone.compared) == (Verdict.IMPROVED, False)
    assert (compared.verdict, compared.compared) == (Verdict.CANNOT_TELL, True)
    assert compared.value == pytest.approx(0)


def test_figures_that_were_already_rising_give_no_verdict_without_comparison_teams() -> None:
    found = effect_of_change([_series([2.5, 3.0, 3.5, 4.0, 4.4, 4.5, 4.6])])
    assert found.drifting
    assert found.verdict is Verdict.CANNOT_TELL


def test_a_tie_withheld_at_times_keeps_its_own_level() -> None:
    low = _series([2.5, None, 2.5, 2.5, 2.8, None, 2.8, 2.8])
    high = _series([4.2, 4.2, 4.2, 4.2, None, 4.5, 4.5, None])
    assert effect_of_change([low, high]).value == pytest.approx(0.3)


def test_without_a_start_there_is_nothing_to_ask() -> None:
    with pytest.raises(ValueError, match="no series has a change"):
        effect_of_change([_series([3.5, 3.5], None)])


def test_nudges_are_compared_with_those_held_out() -> None:
    tried = [Outcome(held_out=False, change=0.3 + 0.1 * (n % 3), variance=0.02) for n in range(36)]
    held = [Outcome(held_out=True, change=0.1 * (n % 3 - 1), variance=0.02) for n in range(6)]
    found = effect_of_nudges(tried + held)
    assert found.verdict is Verdict.IMPROVED
    assert found.value == pytest.approx(0.4)


def test_with_few_nudges_the_weeks_until_an_answer_are_stated() -> None:
    outcomes = [Outcome(held_out=n % 10 == 0, change=0.1 * (n % 4), variance=0.1) for n in range(20)]
    weekly, nudges = effect_of_nudges(outcomes, per_week=5), effect_of_nudges(outcomes)
    assert weekly.verdict is Verdict.CANNOT_TELL
    assert weekly.further is not None
    assert nudges.further is not None
    assert 0 < weekly.further < nudges.further


def test_one_held_out_nudge_says_nothing() -> None:
    outcomes = [Outcome(held_out=n == 0, change=0.5, variance=0.1) for n in range(9)]
    assert effect_of_nudges(outcomes).value is None


def _outcomes(change: float, times: int, *, held_out: bool = False) -> list[Outcome]:
    return [Outcome(held_out=held_out, change=change + 0.05 * (n % 3 - 1), variance=0.02) for n in range(times)]


def test_a_prompt_that_helps_earns_its_place_and_a_lucky_one_is_pulled_back() -> None:
    found = effects_of_prompts(
        {
            "thanks": _outcomes(0.5, 30) + _outcomes(0.0, 6, held_out=True),
            "walk": _outcomes(0.0, 30) + _outcomes(0.0, 6, held_out=True),
            "lucky": _outcomes(0.6, 1),
            "unsent": _outcomes(0.0, 2, held_out=True),
        }
    )
    assert set(found) == {"thanks", "walk", "lucky"}
    assert found["thanks"].verdict is Verdict.IMPROVED
    assert found["walk"].verdict is Verdict.CANNOT_TELL
    lucky = found["lucky"]
    assert lucky.value is not None
    assert lucky.value < 0.55


def test_without_held_out_prompts_nothing_is_said_of_any() -> None:
    assert effects_of_prompts({"thanks": _outcomes(0.5, 30), "walk": _outcomes(0.5, 30)}) == {}


COUNTS = dict.fromkeys(DIMENSIONS, 3)


def _figure(
    kind: FigureKind, wave: int, cell: Cell, *, round_id: int | None = None, rater: int | None = None
) -> Figure:
    rated = None if rater is None else 2
    return Figure(FigureKey(kind, 1, wave, team=7, rater=rater, rated=rated, round=round_id), cell)


def test_series_hold_the_shown_figures_in_order_of_time() -> None:
    cells: list[Cell] = [Shown(3.5, (8, 11), COUNTS), Withheld(), Shown(3.9, (8, 11), COUNTS)]
    figures = [_figure(FigureKind.TIE, wave, cell, rater=1) for wave, cell in zip([5, 6, 9], cells, strict=True)]
    other = [_figure(FigureKind.TIE, 5, cells[0], rater=3)]
    (series,) = tie_series(other + figures[::-1], team=7, pairs=[(1, 2)], waves=[5, 6, 9], starts_at=2)
    assert [(point.at, point.value) for point in series.points] == [(0, 3.5), (2, 3.9)]
    assert (series.unit, series.starts_at) == (7, 2)


def test_a_change_in_all_teams_is_followed_in_the_pooled_tie() -> None:
    key = FigureKey(FigureKind.POOLED_TIE, 1, 5, rater=1, rated=2)
    (series,) = tie_series(
        [Figure(key, Shown(3.5, (8, 11), COUNTS))], team=None, pairs=[(1, 2)], waves=[5], starts_at=0
    )
    assert (series.unit, [point.value for point in series.points]) == (None, [3.5])


def test_an_index_series_follows_the_rounds() -> None:
    figures = [_figure(FigureKind.INDEX, 5, Shown(3.0 + n / 10, (8, 11), COUNTS), round_id=n) for n in (1, 2, 3)]
    series = index_series(figures, team=7, rounds=[(5, 1), (5, 2), (5, 3)], starts_at=1)
    assert [point.value for point in series.points] == pytest.approx([3.1, 3.2, 3.3])
    assert [point.at for point in series.points] == [0, 1, 2]


def test_more_answers_move_less_from_time_to_time() -> None:
    few, many = (noise_over_time(Shown(3.5, (8, 11), dict.fromkeys(DIMENSIONS, n))) for n in (1, 4))
    assert many < few / 2


steps = st.lists(st.floats(2, 4), min_size=6, max_size=10)


@settings(max_examples=40, deadline=None)
@given(steps, st.floats(-1, 1))
def test_moving_all_figures_alike_moves_no_effect(values: list[float], offset: float) -> None:
    plain = effect_of_change([_series(list(values), 3)])
    moved = effect_of_change([_series([value + offset for value in values], 3)])
    assert moved.value == pytest.approx(plain.value, abs=1e-9)
    assert moved.verdict is plain.verdict
