from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.figures import Figure, FigureKey, FigureKind, Shown, Withheld
from bot.core.instrument import DIMENSIONS, Band, Dimension
from bot.core.report_pictures import dimension_chart, heat_map, history_chart, line_chart, network_map, without_gaps
from bot.core.report_values import Event, Pattern, Report, Response, TakeawayKind, WaveOf
from bot.core.reports import build_report, response_band
from tests.charts.examples import WORDS
from tests.core.released_figures import (
    BETWEEN,
    FIRST_DAY,
    GROUPS,
    PROCESS,
    TEAM,
    WITHIN,
    long_history,
    shown,
    wave_figures,
    waves,
)

NURSES, DOCTORS, PHARMACY = 11, 12, 13
LINES = {FigureKind.INDEX: "Index", FigureKind.COMMUNICATION: "Com", FigureKind.RELATIONSHIP: "Rel"}


def report(figures: Sequence[Figure], known: Sequence[WaveOf], **options: Any) -> Report:
    built = build_report(
        figures, team=TEAM, process=PROCESS, workgroups=GROUPS, waves=known, between=BETWEEN, within=WITHIN, **options
    )
    assert built is not None
    return built


def patterns(built: Report) -> list[Pattern]:
    return [question.pattern for question in built.questions]


def test_nothing_released_gives_no_report() -> None:
    nothing = build_report([], team=TEAM, process=PROCESS, workgroups=GROUPS, waves=[], between=BETWEEN, within=WITHIN)
    assert nothing is None


def test_a_wave_in_which_all_is_withheld_says_it_is_too_early() -> None:
    built = report([], waves(1))
    assert built.takeaway.kind is TakeawayKind.TOO_EARLY
    assert built.certainty is None
    assert built.respondents is None
    assert patterns(built) == [Pattern.TOO_EARLY]
    assert all(isinstance(cell, Withheld) for row in built.matrix for cell in row)


def test_the_index_of_a_wave_is_four_parts_communication_and_three_parts_relationship() -> None:
    figures = [
        Figure(FigureKey(FigureKind.COMMUNICATION, PROCESS, 1, TEAM), shown(3.0)),
        Figure(FigureKey(FigureKind.RELATIONSHIP, PROCESS, 1, TEAM), shown(4.4)),
    ]
    (wave,) = report(figures, waves(1)).waves
    assert isinstance(wave.index, Shown)
    assert wave.index.value == 3.6


def test_another_teams_figures_never_enter() -> None:
    others = wave_figures(1, level=1.4, ties={(NURSES, DOCTORS): 1.4}, team=99)
    assert report(others, waves(1)) == report([], waves(1))


def test_the_first_map_names_a_strength_and_a_tie_to_be_curious_about() -> None:
    ties = {(NURSES, DOCTORS): 4.4, (DOCTORS, NURSES): 4.2, (NURSES, PHARMACY): 3.2, (PHARMACY, NURSES): 3.8}
    built = report(wave_figures(1, ties=ties), waves(1))
    assert built.takeaway.kind is TakeawayKind.STRONG_AND_CURIOUS
    assert built.strength is not None
    assert built.curious is not None
    assert (built.strength.rater, built.strength.rated) == (NURSES, DOCTORS)
    assert (built.curious.rater, built.curious.rated) == (NURSES, PHARMACY)


def test_a_tie_is_narrowed_to_a_dimension_where_that_is_released() -> None:
    tie_dimensions = {
        (NURSES, PHARMACY, Dimension.TIMELY): 2.6,
        (NURSES, PHARMACY, Dimension.ACCURATE): 3.6,
    }
    built = report(wave_figures(1, ties={(NURSES, PHARMACY): 3.1}, tie_dimensions=tie_dimensions), waves(1))
    assert built.curious is not None
    assert built.curious.dimension is Dimension.TIMELY


def test_a_small_team_whose_ties_are_withheld_still_gets_a_strength_and_a_question() -> None:
    dimensions = dict.fromkeys(DIMENSIONS, 3.8) | {Dimension.TIMELY: 2.9, Dimension.SHARED_GOALS: 4.4}
    built = report(wave_figures(1, people=6, dimensions=dimensions), waves(1))
    assert built.strength is not None
    assert built.curious is not None
    assert built.strength.dimension is Dimension.SHARED_GOALS
    assert built.curious.dimension is Dimension.TIMELY
    assert built.low


def test_where_nothing_stands_out_the_strength_is_not_held_up_for_curiosity_too() -> None:
    alike = report(wave_figures(1, dimensions=dict.fromkeys(DIMENSIONS, 3.8)), waves(1))
    single = report(wave_figures(1, ties={(NURSES, DOCTORS): 3.8}), waves(1))
    for built in (alike, single):
        assert built.strength is not None
        assert built.curious is None


def test_what_is_weak_alone_is_no_strength_but_something_to_be_curious_about() -> None:
    built = report(wave_figures(1, ties={(NURSES, DOCTORS): 3.0}), waves(1))
    assert built.strength is None
    assert built.curious is not None
    assert built.takeaway.kind is TakeawayKind.CURIOUS


def test_where_all_is_weak_the_talk_still_begins_with_what_works_best() -> None:
    built = report(wave_figures(1, dimensions=dict.fromkeys(DIMENSIONS, 2.5) | {Dimension.TIMELY: 3.1}), waves(1))
    assert built.strength is not None
    assert (built.strength.dimension, built.strength.band) == (Dimension.TIMELY, Band.WEAK)
    assert built.takeaway.kind is TakeawayKind.CURIOUS


def test_a_group_about_itself_is_never_held_up_for_curiosity() -> None:
    built = report(wave_figures(1, ties={(NURSES, NURSES): 2.0}), waves(1))
    assert built.curious is None
    assert not built.low


def test_within_ties_are_judged_by_their_own_bands() -> None:
    built = report(wave_figures(1, ties={(NURSES, NURSES): 4.05, (NURSES, DOCTORS): 4.05}), waves(1))
    bands = {(row.rater, row.rated): row.band for row in built.ties}
    assert bands[NURSES, NURSES] is Band.WEAK
    assert bands[NURSES, DOCTORS] is Band.STRONG


def test_pooled_ties_stand_in_for_the_teams_own_and_say_so() -> None:
    figures = wave_figures(1, ties={(NURSES, DOCTORS): 4.2}, pooled={(DOCTORS, NURSES): 3.3, (NURSES, DOCTORS): 3.0})
    built = report(figures, waves(1))
    pooled = {(row.rater, row.rated): row.pooled for row in built.ties if row.band}
    assert pooled == {(NURSES, DOCTORS): False, (DOCTORS, NURSES): True}
    assert built.pooled


@pytest.mark.parametrize(
    ("before", "after", "people", "kind"),
    [
        (3.2, 4.2, 40, TakeawayKind.BETTER),
        (4.2, 3.2, 40, TakeawayKind.WORSE),
        (3.5, 3.8, 8, TakeawayKind.TOO_EARLY),
        (3.8, 3.8, 200, TakeawayKind.STEADY),
    ],
)
def test_movement_is_claimed_only_beyond_what_chance_explains(
    before: float, after: float, people: int, kind: TakeawayKind
) -> None:
    figures = wave_figures(1, level=before, people=people) + wave_figures(2, level=after, people=people)
    assert report(figures, waves(2)).takeaway.kind is kind


def test_eight_people_cannot_show_a_rise_of_three_tenths_in_two_waves() -> None:
    figures = wave_figures(1, level=3.5, people=8) + wave_figures(2, level=3.8, people=8)
    certainty = report(figures, waves(2)).certainty
    assert certainty is not None
    assert certainty.smallest_real_change > 0.3
    assert certainty.interval.low < 3.5 < certainty.interval.high


def test_waves_asked_with_different_instruments_are_not_compared() -> None:
    first, second = waves(2)
    known = [first, replace(second, instrument="v2")]
    figures = wave_figures(1, level=2.8, people=40) + wave_figures(2, level=4.2, people=40)
    built = report(figures, known)
    assert built.takeaway.kind is not TakeawayKind.BETTER
    assert built.certainty is not None
    assert built.certainty.change is None
    assert [wave.comparable for wave in built.waves] == [True, False]


def test_a_tie_that_both_sides_find_weak_is_the_first_question() -> None:
    ties = {(NURSES, PHARMACY): 2.8, (PHARMACY, NURSES): 2.9, (NURSES, DOCTORS): 3.1, (DOCTORS, NURSES): 4.4}
    question = report(wave_figures(1, ties=ties), waves(1)).questions[0]
    assert question.pattern is Pattern.WEAK_BOTH_WAYS
    assert {question.rater, question.rated} == {NURSES, PHARMACY}


def test_for_an_asymmetric_tie_the_side_that_rates_higher_is_invited_to_ask() -> None:
    ties = {(NURSES, PHARMACY): 2.2, (PHARMACY, NURSES): 4.4}
    built = report(wave_figures(1, people=30, ties=ties), waves(1))
    question = next(q for q in built.questions if q.pattern is Pattern.ASYMMETRIC)
    assert (question.rater, question.rated) == (PHARMACY, NURSES)


def test_a_small_difference_between_two_sides_is_not_called_asymmetric() -> None:
    ties = {(NURSES, PHARMACY): 3.6, (PHARMACY, NURSES): 3.9}
    assert Pattern.ASYMMETRIC not in patterns(report(wave_figures(1, ties=ties), waves(1)))


def test_a_dimension_that_is_weak_over_all_ties_becomes_a_question() -> None:
    built = report(wave_figures(1, dimensions={Dimension.ACCURATE: 3.1}), waves(1))
    question = built.questions[0]
    assert (question.pattern, question.dimension) == (Pattern.WEAK_EVERYWHERE, Dimension.ACCURATE)


def test_a_weak_dimension_that_is_strong_in_one_tie_is_not_weak_everywhere() -> None:
    strong = {(NURSES, DOCTORS, Dimension.ACCURATE): 4.5}
    ties = {(NURSES, DOCTORS): 4.1}
    figures = wave_figures(1, ties=ties, dimensions={Dimension.ACCURATE: 3.1}, tie_dimensions=strong)
    assert Pattern.WEAK_EVERYWHERE not in patterns(report(figures, waves(1)))


def test_what_rose_and_what_fell_are_questions_of_their_own() -> None:
    before = {Dimension.TIMELY: 2.2, Dimension.ACCURATE: 4.5}
    after = {Dimension.TIMELY: 4.2, Dimension.ACCURATE: 2.5}
    figures = wave_figures(1, people=60, dimensions=before) + wave_figures(2, people=60, dimensions=after)
    found = {q.pattern: q.dimension for q in report(figures, waves(2)).questions}
    assert found[Pattern.FALLING] is Dimension.ACCURATE
    assert found[Pattern.IMPROVING] is Dimension.TIMELY


@pytest.mark.parametrize(("spread", "divided"), [(0.75, False), (0.8, True), (1.2, True)])
def test_a_team_is_of_two_minds_when_its_answers_spread_beyond_agreement(spread: float, *, divided: bool) -> None:
    built = report(wave_figures(1, spread=spread), waves(1))
    assert (Pattern.TWO_MINDS in patterns(built)) is divided


def test_there_are_at_most_three_questions_each_of_another_pattern() -> None:
    built = report(long_history(3), waves(3))
    assert 1 <= len(built.questions) <= 3
    assert len(set(patterns(built))) == len(built.questions)


def test_noise_alone_seldom_makes_a_claim() -> None:
    """The same truth twice, one tie and seven dimensions looked at: false claims of movement stay near five in a
    hundred."""
    chance, claims = random.Random(1), 0
    for _ in range(200):
        figures: list[Figure] = []
        for wave in (1, 2):
            dimensions = {d: round(chance.gauss(3.8, 0.65 / 20**0.5), 1) for d in DIMENSIONS}
            figures += wave_figures(wave, people=20, dimensions=dimensions)
        claims += bool({Pattern.FALLING, Pattern.IMPROVING} & set(patterns(report(figures, waves(2)))))
    assert claims <= 16


def test_an_earlier_wave_can_be_asked_for_and_knows_nothing_of_later_ones() -> None:
    figures = wave_figures(1, level=3.2) + wave_figures(2, level=4.2)
    assert report(figures, waves(2), wave=1) == report(wave_figures(1, level=3.2), waves(1))
    with pytest.raises(KeyError):
        report(figures, waves(2), wave=9)


def test_response_is_told_as_a_band_only() -> None:
    assert response_band(4, 10) is Response.LOW
    assert response_band(5, 10) is Response.MIDDLE
    assert response_band(75, 100) is Response.MIDDLE
    assert response_band(8, 10) is Response.HIGH
    assert response_band(0, 0) is None


@pytest.mark.parametrize(("teams", "told"), [(2, False), (3, True)])
def test_the_organisation_is_a_band_over_at_least_three_other_teams(teams: int, *, told: bool) -> None:
    others = [figure for team in range(20, 20 + teams) for figure in wave_figures(1, level=4.4, team=team)]
    own = wave_figures(1, level=1.5)
    bands = report(own, waves(1), organisation=others + own).organisation
    expected = {FigureKind.COMMUNICATION: Band.STRONG, FigureKind.RELATIONSHIP: Band.STRONG}
    assert bands == (expected if told else {})


def test_a_run_of_rounds_says_nothing_below_ten_points() -> None:
    built = report([f for wave in (1, 2) for f in wave_figures(wave)], waves(2))
    assert built.history.median is None
    assert not built.history.signal


def test_a_shift_is_dated_from_the_first_round_of_its_run() -> None:
    levels = (3.2, 3.2, 3.3, 4.2, 4.2, 4.3)
    built = report([f for at, level in enumerate(levels, start=1) for f in wave_figures(at, level=level)], waves(6))
    assert built.history.signal
    assert built.history.shifted_since in {FIRST_DAY, FIRST_DAY + timedelta(weeks=12)}


def test_events_are_marked_at_the_round_during_which_they_fell() -> None:
    events = [Event("before all", date(2026, 1, 1)), Event("call at two", FIRST_DAY + timedelta(days=10))]
    chart = history_chart(report(wave_figures(1), waves(1), events=events), "History", WORDS, day=str)
    assert [(mark.at, mark.label) for mark in chart.events] == [(1, "call at two")]


def test_of_many_events_the_latest_are_marked() -> None:
    events = [Event(str(day), FIRST_DAY + timedelta(days=day)) for day in range(20)]
    chart = history_chart(report(wave_figures(1), waves(1), events=events), "History", WORDS, day=str)
    assert [mark.label for mark in chart.events] == [str(day) for day in range(8, 20)]


def test_a_native_chart_leaves_withheld_waves_out_and_names_them() -> None:
    figures = wave_figures(1) + wave_figures(3)
    chart = line_chart(report(figures, waves(3)), "Trend", WORDS, names=LINES, day=date.isoformat)
    native, dropped = without_gaps(chart)
    assert len(chart.categories) == 3
    assert native.categories == (chart.categories[0], chart.categories[2])
    assert dropped == (chart.categories[1],)
    assert all(isinstance(cell, Shown) for line in native.lines for cell in line.cells)


def test_pictures_carry_the_teams_own_order_and_names() -> None:
    built = report(wave_figures(1, ties={(NURSES, PHARMACY): 3.9}), waves(1))
    for picture in (heat_map(built, "Map", WORDS), network_map(built, "Map", WORDS)):
        assert picture.ties.workgroups == ("Nurses", "Doctors", "Pharmacy")
        assert picture.ties.cells[0][2] == shown(3.9)
    chart = dimension_chart(built, "Dimensions", WORDS, names={d: d.value for d in DIMENSIONS}, bands=BETWEEN)
    assert [row.label for row in chart.rows] == [d.value for d in DIMENSIONS]


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_figures_arrive_changes_nothing(chance: random.Random) -> None:
    figures = long_history(2, groups=3)
    shuffled = figures[:]
    chance.shuffle(shuffled)
    assert report(shuffled, waves(2)) == report(figures, waves(2))


@settings(max_examples=20, deadline=None)
@given(st.sets(st.integers(0, 60)))
def test_what_is_withheld_reads_exactly_like_what_was_never_asked(hidden: set[int]) -> None:
    figures = long_history(2, groups=3)
    withheld = [Figure(f.key, Withheld()) if at in hidden else f for at, f in enumerate(figures)]
    missing = [f for at, f in enumerate(figures) if at not in hidden]
    assert report(withheld, waves(2)) == report(missing, waves(2))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(1.3, 4.7).map(lambda value: round(value, 1)), min_size=9, max_size=9))
def test_whatever_is_released_the_report_holds_together(values: list[float]) -> None:
    ids = [group.id for group in GROUPS]
    ties = dict(zip(((a, b) for a in ids for b in ids), values, strict=True))
    built = report(wave_figures(1, ties=ties), waves(1))
    assert built.strength is not None or built.curious is not None
    assert built.low is any(value < 3.5 for (a, b), value in ties.items() if a != b)
    assert 1 <= len(built.questions) <= 3
    for row in built.ties:
        assert row.estimate is not None
        assert row.estimate.low <= row.estimate.value <= row.estimate.high
