from __future__ import annotations

import numpy as np
import pytest

from bot.core.disclosure import Answers, AskedInFull, TeamRules, WaveRules
from bot.core.disclosure.coverage import asked_in_full


def given(items: int, rounds: int, *, rated: tuple[int, ...] = (1, 2), people: int = 6) -> Answers:
    """Everybody of workgroup 0 answers so many different cells about the others in each round."""
    cells = [(group, dimension) for dimension in range(7) for group in rated]
    rows = [
        (person, 9, number, 0, *cells[(number * items + nth) % len(cells)], -1, -1, 4)
        for number in range(rounds)
        for person in range(people)
        for nth in range(items)
    ]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 9).T
    return Answers(*columns)


def rules(*, headcount: int = 5) -> WaveRules:
    team = TeamRules(5, raters=(0,), rated=(0, 1, 2))
    return WaveRules(process=1, wave=1, rounds=(0, 1, 2, 3), teams={9: team}, headcount={0: 5, 1: 5, 2: headcount})


@pytest.mark.parametrize(
    ("items", "rounds", "design"),
    [
        (1, 4, None),
        (2, 5, None),
        (3, 4, AskedInFull.WAVE),
        (7, 1, None),
        (7, 2, AskedInFull.WAVE),
        (12, 1, AskedInFull.ROUND),
        (14, 2, AskedInFull.ROUND),
    ],
)
def test_four_fifths_of_a_persons_cells_are_as_good_as_all(items: int, rounds: int, design: AskedInFull | None) -> None:
    assert asked_in_full(given(items, rounds), rules()).get(9) is design


def test_a_workgroup_too_small_to_be_asked_about_leaves_fewer_cells() -> None:
    assert asked_in_full(given(6, 1, rated=(1,)), rules(headcount=2)) == {9: AskedInFull.ROUND}


def test_answers_about_the_own_group_and_companions_make_no_design_full() -> None:
    own = given(14, 1, rated=(0,))
    assert asked_in_full(own, rules()) == {}


def test_a_wave_without_answers_is_no_full_design() -> None:
    assert asked_in_full(given(3, 0), rules()) == {}
