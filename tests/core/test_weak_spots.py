from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core.figures import Figure, FigureKey, FigureKind, Withheld
from bot.core.instrument import Band, Dimension
from bot.core.weak_spots import companion, imbalances, weak_spots
from tests.core.released_figures import BETWEEN, PROCESS, TEAM, shown, wave_figures

NURSES, DOCTORS, PHARMACY = 11, 12, 13


def test_relationship_dimensions_come_before_communication_though_they_are_less_low() -> None:
    figures = wave_figures(1, dimensions={Dimension.TIMELY: 2.4, Dimension.SHARED_GOALS: 3.2})

    found = weak_spots(figures, team=TEAM, bands=BETWEEN)

    assert [spot.dimension for spot in found] == [Dimension.SHARED_GOALS, Dimension.TIMELY]


def test_what_is_weak_comes_before_what_is_in_between() -> None:
    figures = wave_figures(1, dimensions={Dimension.TIMELY: 3.4, Dimension.SHARED_GOALS: 3.6})

    found = weak_spots(figures, team=TEAM, bands=BETWEEN)

    assert [(spot.dimension, spot.band) for spot in found] == [
        (Dimension.TIMELY, Band.WEAK),
        (Dimension.SHARED_GOALS, Band.MODERATE),
    ]


def test_what_is_strong_is_no_weak_spot() -> None:
    figures = wave_figures(1, dimensions={Dimension.TIMELY: 4.4}, ties={(NURSES, DOCTORS): 4.1})

    assert weak_spots(figures, team=TEAM, bands=BETWEEN) == []


def test_a_tie_without_dimensions_borrows_the_teams_first_weak_dimension() -> None:
    figures = wave_figures(1, dimensions={Dimension.SHARED_KNOWLEDGE: 3.4}, ties={(NURSES, PHARMACY): 2.9})

    first = weak_spots(figures, team=TEAM, bands=BETWEEN)[0]

    assert (first.rater, first.rated, first.dimension) == (NURSES, PHARMACY, Dimension.SHARED_KNOWLEDGE)


def test_a_group_about_itself_is_never_a_weak_spot() -> None:
    figures = wave_figures(1, tie_dimensions={(NURSES, NURSES, Dimension.TIMELY): 2.0})

    assert weak_spots(figures, team=TEAM, bands=BETWEEN) == []


def test_only_the_latest_wave_counts() -> None:
    old = wave_figures(1, dimensions={Dimension.TIMELY: 2.0})
    new = wave_figures(2, dimensions={Dimension.ACCURATE: 3.0})

    assert [spot.dimension for spot in weak_spots(old + new, team=TEAM, bands=BETWEEN)] == [Dimension.ACCURATE]


def test_another_teams_figures_are_not_looked_at() -> None:
    figures = wave_figures(1, team=TEAM + 1, dimensions={Dimension.TIMELY: 2.0})

    assert weak_spots(figures, team=TEAM, bands=BETWEEN) == []


def test_the_more_content_side_of_an_uneven_tie_is_named_as_such() -> None:
    figures = wave_figures(1, people=20, ties={(NURSES, DOCTORS): 2.6, (DOCTORS, NURSES): 4.4})

    (found,) = imbalances(figures, team=TEAM)

    assert (found.content, found.wanting) == (DOCTORS, NURSES)


def test_a_difference_that_chance_explains_is_no_imbalance() -> None:
    figures = wave_figures(1, people=5, ties={(NURSES, DOCTORS): 3.6, (DOCTORS, NURSES): 3.9})

    assert imbalances(figures, team=TEAM) == []


def test_one_released_direction_tells_nothing_about_the_other() -> None:
    assert imbalances(wave_figures(1, people=20, ties={(NURSES, DOCTORS): 1.5}), team=TEAM) == []


def test_a_companion_figure_is_the_latest_released_one() -> None:
    def safety(wave: int) -> FigureKey:
        return FigureKey(FigureKind.COMPANION, PROCESS, wave, TEAM, construct="psychological_safety")

    figures = [Figure(safety(1), shown(2.0)), Figure(safety(2), shown(3.0)), Figure(safety(3), Withheld())]

    found = companion(figures, "psychological_safety", team=TEAM)

    assert found is not None
    assert found.value == 3.0
    assert companion(figures, "psychological_safety", team=TEAM + 1) is None


@given(
    st.dictionaries(
        st.tuples(st.sampled_from([11, 12, 13]), st.sampled_from([11, 12, 13]), st.sampled_from(list(Dimension))),
        st.integers(13, 47).map(lambda tenths: tenths / 10),
        max_size=12,
    ),
    st.sets(st.tuples(st.sampled_from([11, 12, 13]), st.sampled_from([11, 12, 13]))),
    st.randoms(use_true_random=False),
)
def test_withheld_figures_and_the_order_of_rows_change_nothing(
    ties: dict[tuple[int, int, Dimension], float], withheld: set[tuple[int, int]], chance: object
) -> None:
    figures = wave_figures(1, tie_dimensions=ties)
    more = [
        *figures,
        *(Figure(FigureKey(FigureKind.TIE, PROCESS, 1, TEAM, *pair), Withheld()) for pair in sorted(withheld)),
    ]
    chance.shuffle(more)  # type: ignore[attr-defined]  # hypothesis' Random

    assert weak_spots(more, team=TEAM, bands=BETWEEN) == weak_spots(figures, team=TEAM, bands=BETWEEN)
