"""Attacks on released figures: simulated years, pooled over all audiences."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from bot.core.disclosure import Answers, AskedInFull, Considered, TeamRules, WaveRules, consider
from bot.core.figures import FigureKind, Shown
from bot.core.organisation import Turnover
from bot.core.simulation import Design, PlayedWave, Year, play
from tests.attacks.adversary import Observed, exact_rank, of_wave, sums_possible, unanimous
from tests.attacks.weakened import (
    without_combinations,
    without_distinct_people,
    without_guarantee_two,
    without_overlap,
    without_small_roles,
)

LONG = bool(os.environ.get("RC_PULSE_LONG_ATTACKS"))
YEARS = [((3, 3, 2), 3, 1), ((3, 3, 2), 1, 2), ((5, 4), 2, 3), ((6, 4, 3, 2), 1, 4), ((4, 4, 4), 2, 5)]
YEARS += [((6, 4, 3, 2), 3, 6), ((12, 8, 6, 5), 1, 7), ((7, 6, 5), 3, 8)] if LONG else []
BUSY = Turnover(leaving=0.03, doubling=0.25, responding=0.7)
K = 5

Gate = Callable[[Answers, WaveRules], tuple[Considered, ...]]


@cache
def year(sizes: tuple[int, ...], teams: int, seed: int) -> Year:
    """A year with many joiners, leavers and people in two teams."""
    return play(seed, 52, sizes, teams=teams, turnover=BUSY)


def shown(wave: PlayedWave) -> list[Considered]:
    return [one for one in wave.considered if isinstance(one.figure.cell, Shown)]


@pytest.mark.parametrize(("sizes", "teams", "seed"), YEARS)
def test_no_combination_of_a_years_figures_isolates_fewer_than_k_people(
    sizes: tuple[int, ...], teams: int, seed: int
) -> None:
    """Total minus others, a person in two teams, row, column and remainder: every combination there is."""
    for wave in year(sizes, teams, seed).waves:
        assert of_wave(wave.given, wave.considered).isolated(K) is None


def test_the_same_attack_finds_k_people_so_it_looks_in_the_right_place() -> None:
    found = [of_wave(wave.given, wave.considered).isolated(K + 1) for wave in year((3, 3, 2), 1, 2).waves]
    assert sum(people is not None and len(people) == K for people in found) > len(found) / 2


def test_an_insider_who_subtracts_their_own_answers_still_faces_k_minus_one_others() -> None:
    for wave in year((3, 3, 2), 1, 2).waves:
        observed = of_wave(wave.given, wave.considered)
        for insider in range(observed.people):
            others = observed.person != insider
            rest = Observed(observed.member[:, others], np.unique(observed.person[others], return_inverse=True)[1])
            assert rest.isolated(K - 1) is None


def test_joiners_leavers_and_regrouped_people_share_no_answer_with_another_wave() -> None:
    """Combinations over waves add people up: nothing is recomputed, so no answer is behind figures of two waves."""
    played = year((3, 3, 2), 3, 1)
    behind = [{wave.sealed[row] for one in wave.considered for row in one.rows} for wave in played.waves]
    assert all(len(rows) <= len(wave.answers) for rows, wave in zip(behind, played.waves, strict=True))
    rounds = [number for wave in played.waves for number in wave.rules.rounds]
    assert len(rounds) == len(set(rounds))


@pytest.mark.parametrize(("sizes", "teams", "seed"), YEARS[:3])
def test_no_combination_rests_on_answers_about_one_small_role(sizes: tuple[int, ...], teams: int, seed: int) -> None:
    """Workgroup 0 is declared to have one person; nobody may learn how it is seen."""
    for wave in year(sizes, teams, seed).waves[:4]:
        rules = replace(wave.rules, headcount={**wave.rules.headcount, 0: 1})
        assert not _appraises(0, wave.given, consider(wave.given, rules))


def test_every_answer_could_be_another_whatever_the_extremes() -> None:
    """Integer search: rounding, clamps, counts and every nesting of figures leave nobody's answer certain."""
    for sizes, teams, seed in YEARS if LONG else YEARS[1:4]:
        for wave in year(sizes, teams, seed).waves:
            assert not _unanimous(shown(wave))


def test_a_unanimous_figure_looks_like_one_that_is_not() -> None:
    wave = year((6, 4, 3, 2), 1, 4).waves[0]
    for extreme in (1, 5):
        given = replace(wave.given, score=np.full(len(wave.given), extreme))
        cells = [one.figure.cell for one in consider(given, wave.rules) if one.figure.key.kind is not FigureKind.SPREAD]
        assert {cell.value for cell in cells if isinstance(cell, Shown)} == {1.3 if extreme == 1 else 4.7}


def test_what_is_shown_depends_on_who_answered_what_and_never_on_what_they_said() -> None:
    rng = np.random.default_rng(5)
    for wave in year((3, 3, 2), 3, 1).waves[:5]:
        given = replace(wave.given, score=rng.integers(1, 6, len(wave.given)))
        again = consider(given, wave.rules)
        assert [one.rows.tolist() for one in again] == [one.rows.tolist() for one in wave.considered]


def test_numbers_of_people_are_bands_that_start_at_k() -> None:
    for wave in year((6, 4, 3, 2), 1, 4).waves:
        for one in shown(wave):
            assert isinstance(one.figure.cell, Shown)
            low, high = one.figure.cell.respondents
            assert low >= K
            assert high is None or high - low >= 2


def test_the_order_of_the_rows_says_nothing() -> None:
    rng = np.random.default_rng(6)
    wave = year((4, 4, 4), 2, 5).waves[0]
    order = rng.permutation(len(wave.given))
    columns = ("respondent", "team", "round", "rater", "rated", "dimension", "construct", "change", "score")
    shuffled = Answers(**{name: getattr(wave.given, name)[order] for name in columns})
    assert [one.figure for one in consider(shuffled, wave.rules)] == [one.figure for one in wave.considered]


# Guarantee two


def full_wave(
    wave: int, opinions: np.typing.NDArray[np.int64], present: list[int], rules_of: dict[int, frozenset[int]]
) -> tuple[Answers, WaveRules]:
    """Everybody present answers everything about the other of two workgroups; opinions stay the same."""
    rows = [(p, 0, wave, p % 2, 1 - p % 2, d, opinions[p, d]) for p in present for d in range(7)]
    person, team, number, rater, rated, dimension, score = np.array(rows, dtype=np.int64).T
    none = np.full(len(rows), -1, dtype=np.int64)
    panels = {
        number: {(0, group): frozenset(p for p in people if p % 2 == group) for group in (0, 1)}
        for number, people in {**rules_of, wave: frozenset(present)}.items()
    }
    rules = WaveRules(
        process=1,
        wave=wave,
        rounds=(wave,),
        teams={0: TeamRules(K, (0, 1), (0, 1), in_full=AskedInFull.WAVE)},
        headcount={0: 9, 1: 9},
        panel=panels.pop(wave),
        earlier=tuple(panels.values()),
    )
    return Answers(person, team, number, rater, rated, dimension, none, none, score), rules


def computed_joiners(gate: Gate, arrivals: int) -> int:
    """How many answers of newcomers follow from two full waves when everybody else's opinion stays the same."""
    opinions = np.random.default_rng(8).integers(1, 6, (30, 7))
    before, after = list(range(16)), list(range(16 + arrivals))
    first = full_wave(1, opinions, before, {})
    second = full_wave(2, opinions, after, {1: frozenset(before)})
    rows = [rows for given, rules in (first, second) for rows in _opinion_sets(given, gate(given, rules))]
    person = np.repeat(np.arange(30), 7)
    observed = Observed.of(person, rows)
    return sum(observed.gives_away([newcomer]) for newcomer in range(16, 16 + arrivals))


def _opinion_sets(given: Answers, considered: tuple[Considered, ...]) -> list[np.typing.NDArray[np.int64]]:
    return [
        given.respondent[one.rows] * 7 + given.dimension[one.rows]
        for one in considered
        if isinstance(one.figure.cell, Shown) and one.figure.key.kind is not FigureKind.SPREAD
    ]


@pytest.mark.parametrize("arrivals", [1, 2, 4])
def test_a_figure_asked_in_full_does_not_repeat_after_fewer_than_k_joined(arrivals: int) -> None:
    assert computed_joiners(consider, arrivals) == 0


def test_it_repeats_over_the_same_people_and_over_k_others() -> None:
    for arrivals in (0, 10):
        opinions = np.random.default_rng(8).integers(1, 6, (30, 7))
        given, rules = full_wave(2, opinions, list(range(16 + arrivals)), {1: frozenset(range(16))})
        assert any(isinstance(one.figure.cell, Shown) for one in consider(given, rules))
        assert computed_joiners(consider, arrivals) == 0


def test_where_answers_are_a_sample_watching_a_joiner_gains_at_most_a_tenth_over_guessing() -> None:
    assert joiner_gain(range(600 if LONG else 40)) <= 0.10


def joiner_gain(seeds: Iterable[int], sizes: tuple[int, ...] = (4, 4, 4)) -> float:
    """What somebody gains over guessing who watches the team's dimension means while people join.

    Opinions stay exactly the same, and answers have no chance in them: the most favourable case. The watcher guesses
    from the change of a mean whether a newcomer is above or below the others; guessing is the more frequent of the two.
    """
    right: list[bool] = []
    above: list[bool] = []
    for seed in seeds:
        played = play(seed, 8, sizes, teams=1, turnover=Turnover(leaving=0.02, doubling=0.0, responding=0.7))
        people = len(played.organisation.leniency)
        opinion = np.clip(np.rint(np.random.default_rng(seed).normal(3.8, 0.8, (people, 7))), 1, 5).astype(np.int64)
        before, after = (_dimension_means(wave, opinion) for wave in played.waves)
        first, second = ({answer.seat.person for answer in wave.answers} for wave in played.waves)
        for newcomer in second - first:
            for dimension in before.keys() & after.keys():
                moved = after[dimension] - before[dimension]
                own, others = opinion[newcomer, dimension], opinion[sorted(second - {newcomer}), dimension].mean()
                if moved and own != others:
                    right.append((moved > 0) == bool(own > others))
                    above.append(bool(own > others))
    guessing = max(np.mean(above), 1 - np.mean(above))
    return float(np.mean(right) - guessing)


def _dimension_means(wave: PlayedWave, opinion: np.typing.NDArray[np.int64]) -> dict[int, float]:
    people = np.array([wave.answers[position].seat.person for position in wave.sealed])
    given = replace(wave.given, score=opinion[people, wave.given.dimension])
    return {
        int(given.dimension[one.rows[0]]): one.figure.cell.value
        for one in consider(given, wave.rules)
        if one.figure.key.kind is FigureKind.DIMENSION and isinstance(one.figure.cell, Shown)
    }


# The suite itself: each rule off in turn is caught


def _caught(gate: Gate, waves: tuple[PlayedWave, ...]) -> bool:
    return any(of_wave(wave.given, gate(wave.given, wave.rules)).isolated(K) is not None for wave in waves)


def _appraises(role: int, given: Answers, considered: tuple[Considered, ...]) -> bool:
    member = of_wave(given, considered).member
    columns = np.unique(member, axis=1).T.tolist()
    others = np.unique(member[:, given.rated != role], axis=1).T.tolist()
    return exact_rank(columns) > exact_rank(others)


def _unanimous(considered: list[Considered], *, clamped: bool = True) -> list[int]:
    sums = [one for one in considered if one.figure.key.kind is not FigureKind.SPREAD]
    sets = [frozenset(one.rows.tolist()) for one in sums]
    values = [one.figure.cell.value for one in sums if isinstance(one.figure.cell, Shown)]
    bounds = [sums_possible(value, len(own)) for value, own in zip(values, sets, strict=True)]
    return unanimous(sets, bounds if clamped else [(5 * len(own), 5 * len(own)) for own in sets])


@pytest.mark.parametrize("gate", [without_combinations, without_distinct_people])
def test_a_gate_without_combinations_or_distinct_people_is_caught(gate: Gate) -> None:
    assert _caught(gate, year((3, 3, 2), 3, 1).waves)


def test_a_gate_that_counts_somebody_in_two_teams_twice_is_caught() -> None:
    played = play(3, 16, (4, 3), teams=2, turnover=Turnover(leaving=0.0, doubling=0.9, responding=0.9))
    assert not _caught(consider, played.waves)
    assert _caught(without_overlap, played.waves)


def test_a_gate_without_the_rule_for_small_roles_is_caught() -> None:
    wave = play(2, 4, (12, 8, 1), teams=1, design=Design()).waves[0]
    assert not _appraises(2, wave.given, wave.considered)
    assert _appraises(2, wave.given, without_small_roles(wave.given, wave.rules))


def test_a_gate_without_guarantee_two_is_caught() -> None:
    assert computed_joiners(without_guarantee_two, 1) == 1


def test_a_gate_without_clamps_is_caught() -> None:
    wave = year((6, 4, 3, 2), 1, 4).waves[0]
    assert _unanimous(shown(wave), clamped=False)
