"""What the gate and the allocation achieve, on simulated organisations with a known truth.

``measure.ties_at_k_vs_oracle``: ties between workgroups with k distinct raters at the end of a four-round wave, against
an allocation that knows in advance who will answer; ``measure.ties_at_k_random`` the same for random rotation.
``utility.released_share.<size>``: figures released of those that had k raters. ``utility.seen.<size>``: what a process
of three teams has seen after one, two and three waves, as shares of the figures that there are.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median

import numpy as np

from bot.core.allocation import Past, Question, Rater, allocate
from bot.core.disclosure import consider
from bot.core.figures import FigureKey, FigureKind, Shown
from bot.core.instrument import DIMENSIONS
from bot.core.simulation import TIE_ITEMS, PlayedWave, Year, play
from tests.attacks.weakened import behind

TEAMS: dict[int, tuple[int, ...]] = {8: (3, 3, 2), 15: (6, 4, 3, 2), 30: (12, 7, 5, 3, 3), 60: (24, 14, 10, 7, 5)}
ORGANISATIONS: dict[int, int] = {8: 40, 15: 30, 30: 20, 60: 10}
ORACLE_SIZES = ((6, 4, 3, 2), (12, 7, 5, 3, 3), (6, 6, 6, 5, 5, 5, 5, 5), (7,) * 10, (12, 8, 6, 5), (24, 14, 10, 7, 5))
ORACLE_WAVES = 35
K, ITEMS, ROUNDS = 5, 3, 4
SEEN = frozenset({FigureKind.DIMENSION, FigureKind.TIE, FigureKind.POOLED_TIE})

Measured = dict[str, float | dict[str, float]]
Flags = np.typing.NDArray[np.bool_]
Plan = dict[int, tuple[Question, ...]]


def _seconds_for_five_thousand() -> float:
    """One round of 5,000 members in twelve workgroups (issue: under a second)."""
    raters = [Rater(person, person % 12) for person in range(5_000)]
    started = time.perf_counter()
    allocate(raters, range(12), TIE_ITEMS, items=ITEMS, min_respondents=K, seed=1, round_number=0, history={})
    return time.perf_counter() - started


def measure() -> Measured:
    ties = [_ties_at_k(sizes, seed) for sizes in ORACLE_SIZES for seed in range(ORACLE_WAVES)]
    planned, rotated, known = (sum(column) for column in zip(*ties, strict=True))
    found: Measured = {
        "measure.ties_at_k_vs_oracle": planned / known,
        "measure.ties_at_k_random": rotated / known,
        "measure.allocation_seconds_5000": median(_seconds_for_five_thousand() for _ in range(5)),
    }
    seconds: list[float] = []
    for size, sizes in TEAMS.items():
        alone = [wave for seed in range(ORGANISATIONS[size]) for wave in play(seed, ROUNDS, sizes, teams=1).waves]
        years = [play(seed, 3 * ROUNDS, sizes, teams=3) for seed in range(ORGANISATIONS[size] // 4)]
        together = [wave for year in years for wave in year.waves]
        found[f"utility.released_share.{size}"] = _released_share(alone)
        found[f"utility.released_share.{size}_three_teams"] = _released_share(together)
        found[f"utility.seen.{size}"] = _seen(years)
        seconds += [_gate_seconds(wave) for wave in together[:3]]
    found["gate.seconds_per_process_wave"] = fmean(seconds)
    return found


def _ties_at_k(sizes: Sequence[int], seed: int) -> tuple[int, int, int]:
    """Ties with k distinct raters by our plan, by random rotation, and by one that knows who answers."""
    rng = np.random.default_rng(seed)
    raters = [Rater(person, group) for person, group in enumerate(np.repeat(np.arange(len(sizes)), sizes).tolist())]
    answering = rng.random((ROUNDS, len(raters))) < rng.beta(7, 3, len(raters))
    planned = _reached(_planned(raters, answering, seed), raters, answering)
    rotated = _reached(_rotated(raters, len(sizes), rng), raters, answering)
    known = 0
    for group in range(len(sizes)):
        room = [ITEMS * int(answering[:, rater.person].sum()) for rater in raters if rater.workgroup == group]
        known += _possible(room, len(sizes) - 1)
    return planned, rotated, known


def _possible(room: Sequence[int], others: int) -> int:
    """Most ties with k raters when each person can rate so many workgroups (Gale and Ryser's condition)."""
    ties = 0
    while ties < others and sum(min(own, ties + 1) for own in room) >= K * (ties + 1):
        ties += 1
    return ties


def _planned(raters: Sequence[Rater], answering: Flags, seed: int) -> list[Plan]:
    history: dict[int, list[Past]] = {rater.person: [] for rater in raters}
    groups = sorted({rater.workgroup for rater in raters})
    plans = []
    for number in range(ROUNDS):
        plan = allocate(
            raters,
            groups,
            TIE_ITEMS,
            items=ITEMS,
            min_respondents=K,
            seed=seed,
            round_number=number,
            history=history,
        )
        for person, questions in plan.items():
            history[person] += [Past(question, bool(answering[number, person])) for question in questions]
        plans.append(plan)
    return plans


def _rotated(raters: Sequence[Rater], groups: int, rng: np.random.Generator) -> list[Plan]:
    plans = []
    for _ in range(ROUNDS):
        plan = {}
        for rater in raters:
            others = [group for group in range(groups) if group != rater.workgroup]
            rng.shuffle(others)
            plan[rater.person] = tuple(Question(DIMENSIONS[0].value, rated) for rated in others[:ITEMS])
        plans.append(plan)
    return plans


def _reached(
    plans: Sequence[Plan],
    raters: Sequence[Rater],
    answering: Flags,
) -> int:
    ties: dict[tuple[int, int | None], set[int]] = {}
    for number, plan in enumerate(plans):
        for rater in raters:
            for question in plan[rater.person] if answering[number, rater.person] else ():
                if question.rated != rater.workgroup:
                    ties.setdefault((rater.workgroup, question.rated), set()).add(rater.person)
    return sum(len(people) >= K for people in ties.values())


def _released_share(waves: Sequence[PlayedWave]) -> float:
    """Figures shown, of those whose answers come from k people; figures about small roles alone can never be shown."""
    shown = [
        isinstance(one.figure.cell, Shown)
        for wave in waves
        for one in wave.considered
        if one.figure.key.kind is not FigureKind.SPREAD and _people_behind(one.figure.key, wave) >= K
    ]
    return fmean(shown)


def _people_behind(key: FigureKey, wave: PlayedWave) -> int:
    given = wave.given
    if key.rated is not None and not wave.rules.is_open(key.rated):
        return 0
    rows = behind(key, given)
    if key.kind in {FigureKind.RATED_BY_REST, FigureKind.RATED_OF_REST}:
        for one in wave.considered:
            if one.figure.key.kind in {FigureKind.TIE, FigureKind.POOLED_TIE}:
                rows[one.rows] = False
        rows &= np.isin(given.rated, [group for group in wave.rules.headcount if wave.rules.is_open(group)])
    return len(np.unique(given.respondent[rows]))


def _seen(years: Sequence[Year]) -> dict[str, float]:
    """Shares of a process's dimensions, ties and pooled ties that have been shown at least once after so many waves."""
    seen: dict[str, list[bool]] = {}
    for year in years:
        shown: set[FigureKey] = set()
        for wave in year.waves:
            figures = [one.figure for one in wave.considered if one.figure.key.kind in SEEN]
            shown |= {replace(figure.key, wave=0) for figure in figures if isinstance(figure.cell, Shown)}
            for figure in figures:
                name = f"{figure.key.kind.value}.after_{wave.wave}"
                seen.setdefault(name, []).append(replace(figure.key, wave=0) in shown)
    return {name: fmean(values) for name, values in seen.items()}


def _gate_seconds(wave: PlayedWave) -> float:
    started = time.perf_counter()
    consider(wave.given, wave.rules)
    return time.perf_counter() - started
