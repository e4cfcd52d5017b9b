from __future__ import annotations

from bot.core.estimation import SPREAD, Difference, Reading
from bot.core.figures import Figure, FigureKey, FigureKind, Shown, Withheld
from bot.core.instrument import DIMENSIONS, Dimension
from bot.core.released import Place, Released, interval, is_real
from tests.core.released_figures import PROCESS, TEAM, shown, wave_figures

HERE = Place(PROCESS, TEAM)


def test_a_figure_that_was_never_released_is_withheld() -> None:
    released = Released([], HERE, (1,))
    assert released.cell(FigureKind.COMMUNICATION, 1) == Withheld()
    assert released.tie(1, 11, 12) == Withheld()
    assert released.rest(FigureKind.RATED_BY_REST, 1, 11) == Withheld()
    assert released.index(1) == Withheld()
    assert released.reading(FigureKind.INDEX, 1) is None
    assert released.tie_reading(1, 11, 12) is None


def test_figures_of_other_teams_processes_and_waves_are_not_on_the_desk() -> None:
    figures = [
        Figure(FigureKey(FigureKind.COMMUNICATION, PROCESS, 1, TEAM + 1), shown(2.0)),
        Figure(FigureKey(FigureKind.COMMUNICATION, PROCESS + 1, 1, TEAM), shown(2.0)),
        Figure(FigureKey(FigureKind.COMMUNICATION, PROCESS, 2, TEAM), shown(2.0)),
    ]
    assert Released(figures, HERE, (1,)).figures(1) == []


def test_a_remainder_is_found_by_its_workgroup_on_either_side() -> None:
    by = Figure(FigureKey(FigureKind.RATED_BY_REST, PROCESS, 1, TEAM, rater=11), shown(3.3))
    of = Figure(FigureKey(FigureKind.RATED_OF_REST, PROCESS, 1, TEAM, rated=11), shown(3.9))
    released = Released([by, of], HERE, (1,))
    assert released.rest(FigureKind.RATED_BY_REST, 1, 11) == by.cell
    assert released.rest(FigureKind.RATED_OF_REST, 1, 11) == of.cell


def test_the_teams_own_tie_goes_before_the_pooled_one() -> None:
    own = wave_figures(1, ties={(11, 12): 4.2}, pooled={(11, 12): 3.0, (12, 11): 3.1})
    released = Released(own, HERE, (1,))
    first, second = released.tie_reading(1, 11, 12), released.tie_reading(1, 12, 11)
    assert first is not None
    assert second is not None
    assert (first.value, second.value) == (4.2, 3.1)


def test_a_wave_is_adjusted_only_by_what_was_released_before_it() -> None:
    dimensions = dict.fromkeys(DIMENSIONS, 3.8) | {Dimension.TIMELY: 2.4}
    figures = wave_figures(1, dimensions=dimensions) + wave_figures(2, dimensions=dimensions)
    released = Released(figures, HERE, (1, 2))
    assert set(released.effects(1).values()) == {0.0}
    assert min(released.effects(2), key=released.effects(2).__getitem__) is Dimension.TIMELY


def test_a_block_asked_evenly_needs_no_adjusting() -> None:
    dimensions = dict.fromkeys(DIMENSIONS, 3.8) | {Dimension.TIMELY: 2.4}
    figures = wave_figures(1, dimensions=dimensions) + wave_figures(2, level=3.6)
    reading = Released(figures, HERE, (1, 2)).reading(FigureKind.COMMUNICATION, 2)
    assert reading is not None
    assert abs(reading.value - 3.6) < 1e-9


def test_the_index_is_no_surer_than_the_surer_of_its_parts() -> None:
    released = Released(wave_figures(1), HERE, (1,))
    parts = [released.reading(kind, 1) for kind in (FigureKind.COMMUNICATION, FigureKind.RELATIONSHIP)]
    index = released.reading(FigureKind.INDEX, 1)
    assert index is not None
    assert index.variance >= min(part.variance for part in parts if part)


def test_the_released_spread_is_used_and_else_the_usual_one() -> None:
    figures = wave_figures(1, spread=0.9) + wave_figures(2)
    released = Released(figures, HERE, (1, 2))
    assert (released.spread(1), released.spread(2)) == (0.9, SPREAD)


def test_an_interval_stays_on_the_scale() -> None:
    wide = interval(Reading(4.6, 1.0, 5), 4.6)
    assert (wide.value, wide.high) == (4.6, 5.0)
    assert wide.low >= 1.0


def test_the_more_was_looked_at_the_larger_a_real_difference_must_be() -> None:
    difference = Difference(0.55, 0.05, 1.05, smallest_real=0.5)
    assert is_real(difference, among=1)
    assert not is_real(difference, among=10)


def test_a_derived_index_carries_the_lower_band_of_respondents() -> None:
    figures = [
        Figure(FigureKey(FigureKind.COMMUNICATION, PROCESS, 1, TEAM), Shown(3.0, (5, 7), {})),
        Figure(FigureKey(FigureKind.RELATIONSHIP, PROCESS, 1, TEAM), Shown(4.4, (5, None), {})),
    ]
    index = Released(figures, HERE, (1,)).index(1)
    assert isinstance(index, Shown)
    assert index.respondents[0] == 5
