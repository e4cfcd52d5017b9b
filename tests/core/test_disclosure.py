from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.disclosure import Answers, AskedInFull, Considered, TeamRules, WaveRules, consider, release
from bot.core.disclosure.cells import respondents_band, rounded_mean
from bot.core.disclosure.check import Columns, leaves_hold, wide_figures_hold, withstands
from bot.core.disclosure.exact import integer_rank, ranks, ranks_and_remainders
from bot.core.disclosure.order import accept_in_order
from bot.core.figures import FigureKey, FigureKind, Shown, Withheld
from bot.core.instrument import DIMENSIONS, Dimension
from bot.core.simulation import Design, PlayedWave, play

K = 5
WIDE = {FigureKind.INDEX, FigureKind.COMMUNICATION, FigureKind.RELATIONSHIP, FigureKind.DIMENSION}
Row = tuple[int, int, int, int, int, int, int]


def answers(rows: list[Row]) -> Answers:
    """(respondent, team, round, rater, rated, dimension, score)."""
    respondent, team, number, rater, rated, dimension, score = np.array(rows, dtype=np.int64).reshape(-1, 7).T
    none = np.full(len(score), -1, dtype=np.int64)
    return Answers(respondent, team, number, rater, rated, dimension, none, none, score)


def rules(groups: int = 2, teams: int = 1, **changed: object) -> WaveRules:
    team = TeamRules(K, tuple(range(groups)), tuple(range(groups)))
    base = WaveRules(3, 8, (1, 2), dict.fromkeys(range(teams), team), dict.fromkeys(range(groups), 20))
    return replace(base, **changed)  # type: ignore[arg-type] # any field of the rules


def shown(considered: tuple[Considered, ...]) -> dict[FigureKey, Shown]:
    return {one.figure.key: one.figure.cell for one in considered if isinstance(one.figure.cell, Shown)}


def kinds(considered: tuple[Considered, ...]) -> set[FigureKind]:
    return {key.kind for key in shown(considered)}


@cache
def wave(sizes: tuple[int, ...], teams: int = 1, seed: int = 1, k: int = K) -> PlayedWave:
    return play(seed, 4, sizes, teams=teams, design=Design(min_respondents=k)).waves[0]


# What is listed and how it looks


def test_what_is_listed_depends_on_the_rules_alone_and_comes_in_order_of_priority() -> None:
    empty = [one.figure for one in consider(answers([]), wave((3, 3, 2), 3).rules)]
    full = [one.figure for one in wave((3, 3, 2), 3).considered]
    assert [figure.key for figure in empty] == [figure.key for figure in full]
    assert {figure.cell for figure in empty} == {Withheld()}
    order = list(FigureKind)
    assert sorted(full, key=lambda figure: order.index(figure.key.kind)) == full


def test_release_gives_the_figures_of_consider() -> None:
    played = wave((3, 3, 2))
    assert list(release(played.given, played.rules)) == [one.figure for one in played.considered]


def test_withheld_figures_name_no_answers() -> None:
    assert all(not len(one.rows) for one in wave((3, 3, 2)).considered if one.figure.cell == Withheld())


def test_k_people_are_needed_and_enough() -> None:
    for people in (K - 1, K):
        one_tie = [(person, 0, 1, 0, 1, dimension, 4) for person in range(people) for dimension in range(7)]
        found = shown(consider(answers(one_tie), rules()))
        assert (FigureKey(FigureKind.TIE, 3, 8, 0, 0, 1) in found) == (people == K)
        assert (FigureKey(FigureKind.INDEX, 3, 8, 0, round=1) in found) == (people == K)


def test_answers_of_one_person_do_not_make_k() -> None:
    found = consider(answers([(1, 0, r, 0, 1, d, 4) for r in (1, 2) for d in range(7)]), rules())
    assert not shown(found)


def test_a_cell_carries_its_mean_band_and_counts_by_dimension() -> None:
    rows = [(person, 0, 1, 0, 1, 2, 4 if person else 3) for person in range(8)]
    cell = shown(consider(answers(rows), rules()))[FigureKey(FigureKind.TIE, 3, 8, 0, 0, 1)]
    assert cell == Shown(3.9, (8, 11), {Dimension.ACCURATE: 8})


@pytest.mark.parametrize(
    ("total", "count", "value"),
    [(31, 8, 3.9), (5, 5, 1.3), (25, 5, 4.7), (13, 4, 3.3), (61, 20, 3.1), (28, 7, 4.0)],
)
def test_means_are_rounded_halves_up_and_clamped(total: int, count: int, value: float) -> None:
    assert rounded_mean(total, count) == value


@pytest.mark.parametrize(
    ("people", "band"), [(5, (5, 7)), (7, (5, 7)), (8, (8, 11)), (19, (12, 19)), (49, (20, 49)), (50, (50, None))]
)
def test_numbers_of_people_are_shown_as_bands(people: int, band: tuple[int, int | None]) -> None:
    assert respondents_band(people, 5) == band


def test_own_group_answers_are_in_no_total() -> None:
    rows = [(person, 0, 1, 0, 0, dimension, 4) for person in range(9) for dimension in range(7)]
    assert kinds(consider(answers(rows), rules())) <= {FigureKind.TIE, FigureKind.TIE_DIMENSION, FigureKind.SPREAD}


# Small roles, remainders, pools


def test_a_role_of_two_gets_no_figure_of_its_own_nor_by_subtraction() -> None:
    rows = [(p, 0, 1, 0, b, d, 4) for p in range(9) for b in (1, 2) for d in range(7)]
    open_rules = rules(3)
    small = replace(open_rules, headcount={0: 9, 1: 9, 2: 2})
    assert any(key.rated == 2 for key in shown(consider(answers(rows), open_rules)))
    found = shown(consider(answers(rows), small))
    assert not any(key.rated == 2 for key in found)
    assert FigureKey(FigureKind.INDEX, 3, 8, 0, round=1) in found
    assert FigureKey(FigureKind.TIE, 3, 8, 0, 0, 1) not in found
    exempt = replace(small, clients=frozenset({2}))
    assert any(key.rated == 2 for key in shown(consider(answers(rows), exempt)))


def test_a_remainder_holds_the_withheld_ties_only() -> None:
    rows = [(p, 0, 1, a, 3, p % 7, 4) for p in range(6) for a in [0 if p < 3 else 1]]
    rows += [(p, 0, 1, 2, 3, d, 4) for p in range(6, 14) for d in range(7)]
    found = consider(answers(rows), rules(4))
    rest = next(one for one in found if one.figure.key == FigureKey(FigureKind.RATED_OF_REST, 3, 8, 0, rated=3))
    assert sorted(rest.rows.tolist()) == list(range(6))


def test_teams_that_share_a_process_show_together_what_none_shows_alone() -> None:
    rows = [(3 * t + p, t, 1, 0, 1, d, 4) for t in range(2) for p in range(3) for d in range(7)]
    pooled = FigureKey(FigureKind.POOLED_TIE, 3, 8, None, 0, 1)
    assert set(shown(consider(answers(rows), rules(2, 2)))) == {pooled}


def test_somebody_in_two_teams_counts_once_in_the_pool() -> None:
    rows = [(p or 0, t, 1, 0, 1, d, 4) for t in range(2) for p in range(3) for d in range(7)]
    assert not shown(consider(answers(rows), rules(2, 2)))


def test_a_pool_keeps_the_largest_k_of_its_teams() -> None:
    rows = [(3 * t + p, t, 1, 0, 1, d, 4) for t in range(2) for p in range(3) for d in range(7)]
    strict = rules(2, 2)
    teams = {0: strict.teams[0], 1: replace(strict.teams[1], min_respondents=8)}
    assert not shown(consider(answers(rows), replace(strict, teams=teams)))


def test_a_process_of_one_team_lists_no_pooled_ties() -> None:
    assert FigureKind.POOLED_TIE not in {one.figure.key.kind for one in wave((3, 3, 2)).considered}


# Companions and spread


def companion_answers(people: int) -> Answers:
    numbers, none = np.arange(people), np.full(people, -1, dtype=np.int64)
    ones = np.ones(people, dtype=np.int64)
    return Answers(numbers, 0 * ones, ones, 0 * ones, none, none, 0 * ones, none, 4 * ones, ("loss",))


def test_a_companion_figure_needs_k_people() -> None:
    base = rules()
    asked = replace(base, teams={0: replace(base.teams[0], companions=(("loss", None), ("belief", 4)))})
    for people in (K - 1, K):
        found = consider(companion_answers(people), asked)
        listed = [one.figure for one in found if one.figure.key.kind is FigureKind.COMPANION]
        assert [isinstance(figure.cell, Shown) for figure in listed] == [people == K, False]


def test_the_spread_needs_twice_k_people_and_is_coarse() -> None:
    for people in (2 * K - 1, 2 * K):
        rows = [(p, 0, 1, 0, 1, d, 3 + (p + d) % 2) for p in range(people) for d in range(7)]
        found = shown(consider(answers(rows), rules()))
        spread = found.get(FigureKey(FigureKind.SPREAD, 3, 8, 0))
        assert (spread is not None) == (people == 2 * K)
        assert spread is None or spread == Shown(0.55, (8, 11), {})


def test_full_agreement_has_no_spread_of_its_own() -> None:
    rows = [(p, 0, 1, 0, 1, d, 4) for p in range(20) for d in range(7)]
    assert shown(consider(answers(rows), rules()))[FigureKey(FigureKind.SPREAD, 3, 8, 0)].value == 0.4


# Guarantee two


@pytest.mark.parametrize(("changed", "repeats"), [(0, True), (1, False), (4, False), (5, True)])
def test_figures_asked_in_full_repeat_over_the_same_people_or_k_others(changed: int, repeats: bool) -> None:
    rows = [(p, 0, 1, 0, 1, d, 4) for p in range(12) for d in range(7)]
    base = rules()
    now, before = frozenset(range(12)), frozenset(range(changed, 12))
    full = replace(
        base,
        teams={0: replace(base.teams[0], in_full=AskedInFull.WAVE)},
        panel={(0, 0): now},
        earlier=({(0, 0): before},),
    )
    assert (FigureKind.TIE in kinds(consider(answers(rows), full))) == repeats
    assert (FigureKind.INDEX in kinds(consider(answers(rows), full))) == repeats
    sampled = replace(full, teams=base.teams)
    assert FigureKind.TIE in kinds(consider(answers(rows), sampled))


def test_rounds_asked_in_full_follow_the_same_rule_within_a_wave() -> None:
    rows = [(p, 0, r, 0, 1, d, 4) for r in (1, 2) for p in range(12 if r == 1 else 10) for d in range(7)]
    base = rules()
    full = replace(base, teams={0: replace(base.teams[0], in_full=AskedInFull.ROUND)})
    index = [key.round for key in shown(consider(answers(rows), full)) if key.kind is FigureKind.INDEX]
    assert index == [1]


# Laws


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), data=st.data())
def test_permuting_people_changes_nothing(seed: int, data: st.DataObject) -> None:
    played = wave((3, 3, 2), data.draw(st.integers(1, 2)), seed % 7)
    names = np.random.default_rng(seed).permutation(1_000)
    renamed = replace(played.given, respondent=names[played.given.respondent])
    assert release(renamed, played.rules) == tuple(one.figure for one in played.considered)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 50), sizes=st.sampled_from([(3, 3, 2), (5, 4), (4, 4, 4)]))
def test_what_may_leave_at_k_plus_one_may_leave_at_k(seed: int, sizes: tuple[int, ...]) -> None:
    """Of every set of figures, here the one that was chosen at k + 1."""
    played = wave(sizes, 1, seed, K)
    figures = [one for one in played.considered if isinstance(one.figure.cell, Shown)]
    wide = [one.rows for one in figures if one.figure.key.kind in WIDE]
    matrix = np.zeros((len(played.given), len(wide)), dtype=np.int64)
    for column, rows in enumerate(wide):
        matrix[rows, column] = 1
    person = np.unique(played.given.respondent, return_inverse=True)[1]
    none = np.full(len(person), -1, dtype=np.int64)
    columns = Columns(matrix, none, person, none, int(person.max()) + 1)
    holds = [wide_figures_hold(columns, k) and leaves_hold(columns, k) for k in range(2, 9)]
    assert holds == sorted(holds, reverse=True)
    assert holds[K - 2]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_counts_and_sums_are_those_of_the_answers_behind_a_figure(seed: int) -> None:
    played = wave((6, 4, 3, 2), 2, seed % 5)
    for one in played.considered:
        cell = one.figure.cell
        if isinstance(cell, Shown) and one.figure.key.kind is not FigureKind.SPREAD:
            scores = played.given.score[one.rows]
            assert cell.value == rounded_mean(int(scores.sum()), len(scores))
            assert sum(cell.counts.values()) == len(scores)


# Exact arithmetic


matrices = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(st.integers(-3, 3), min_size=width, max_size=width), min_size=1, max_size=7)
)


@given(rows=matrices)
def test_both_ranks_agree_with_a_library_on_small_matrices(rows: list[list[int]]) -> None:
    matrix = np.array(rows, dtype=np.int64)
    gram = matrix.T @ matrix
    expected = int(np.linalg.matrix_rank(matrix.astype(float)))
    assert integer_rank(gram) == expected
    assert ranks(np.stack([gram, 0 * gram])).tolist() == [expected, 0]


@given(rows=matrices, first=st.integers(0, 6))
def test_elimination_leaves_what_the_others_say_beyond_the_first(rows: list[list[int]], first: int) -> None:
    matrix = np.array(rows, dtype=np.int64)
    first = min(first, matrix.shape[1])
    found, rest = ranks_and_remainders((matrix.T @ matrix)[None], first)
    assert found[0] == integer_rank(matrix[:, :first])
    assert found[0] + ranks(rest)[0] == integer_rank(matrix)


@settings(max_examples=60, deadline=None)
@given(
    people=st.integers(1, 9),
    losing=st.integers(0, 4),
    quorums=st.lists(st.tuples(st.sets(st.integers(0, 8)), st.integers(1, 4)), max_size=4),
)
def test_the_search_for_people_who_break_something_is_exact(
    people: int, losing: int, quorums: list[tuple[set[int], int]]
) -> None:
    """Things that stay intact while enough of certain people are left: compared with trying every choice."""
    from itertools import combinations

    def intact_without(missing: set[int]) -> bool:
        return all(len(needed - missing) >= min(enough, len(needed)) for needed, enough in quorums)

    def intact(kept: np.typing.NDArray[np.bool_]) -> np.typing.NDArray[np.bool_]:
        return np.array([intact_without(set(np.flatnonzero(~row).tolist())) for row in kept])

    quorums = [({p for p in needed if p < people}, enough) for needed, enough in quorums]
    expected = people > losing and all(intact_without(set(c)) for c in combinations(range(people), losing))
    assert withstands(np.arange(people), losing, intact, 10**6) == expected


@given(weights=st.lists(st.integers(0, 9), max_size=8), limit=st.integers(0, 20))
def test_accepting_in_order_equals_offering_one_at_a_time(weights: list[int], limit: int) -> None:
    kept: list[int] = []
    for weight in weights:
        if sum(kept) + weight <= limit:
            kept.append(weight)
    holds: Callable[[list[int]], bool] = lambda chosen: sum(chosen) <= limit  # noqa: E731 # shorter than a def
    assert accept_in_order(weights, holds) == kept


def test_columns_of_different_lengths_are_refused() -> None:
    one, two = np.zeros(1, dtype=np.int64), np.zeros(2, dtype=np.int64)
    with pytest.raises(ValueError, match="different lengths"):
        Answers(one, one, one, one, one, one, one, one, two)


def test_every_dimension_of_a_large_team_is_shown() -> None:
    found = shown(wave((12, 8, 6, 5)).considered)
    assert [key.dimension for key in found if key.kind is FigureKind.DIMENSION] == list(DIMENSIONS)
