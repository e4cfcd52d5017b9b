"""The gate itself: every figure considered, in order of priority, each shown or withheld."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from bot.core.disclosure.answers import Answers, Ints, WaveRules
from bot.core.disclosure.canonical import canonical_people
from bot.core.disclosure.cells import WITHHELD, people, shown, spread
from bot.core.disclosure.pooled import Pool
from bot.core.disclosure.repeats import repeats_safely
from bot.core.disclosure.team import WHOLE, TeamWave
from bot.core.figures import Cell, Figure, FigureKey, FigureKind
from bot.core.instrument import DIMENSIONS

NONE: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Considered:
    """A figure with the positions of the answers behind it (none when withheld): for tests, audits and simulation
    only.
    """

    figure: Figure
    rows: Ints


def release(answers: Answers, rules: WaveRules) -> tuple[Figure, ...]:
    """Every figure of one wave of one focal process that is considered, in order of priority. Deterministic."""
    return tuple(considered.figure for considered in consider(answers, rules))


def consider(answers: Answers, rules: WaveRules) -> tuple[Considered, ...]:
    """``release`` with the answers behind each figure. Which figures are listed depends on the rules alone, not on
    answers.
    """
    about_ties = np.flatnonzero(answers.dimension >= 0)
    person = canonical_people(answers, about_ties)
    of_team = by_team(answers.team[about_ties], rules)
    teams = [TeamWave(answers, about_ties[mine], person[mine], team, rules) for team, mine in of_team.items()]
    for team in teams:
        team.accept(rules)
    pool = Pool(teams) if len(teams) > 1 else None
    if pool:
        pool.accept(lambda tie: repeats_safely(rules, [(team.team, tie[0]) for team in teams if tie in team.ties]))
    accept_rests(teams, pool, rules)
    behind = dict(_accepted(answers, rules, teams, pool))
    return tuple(
        Considered(Figure(key, _cell(answers, rules, key, rows)), rows)
        for key in _offered(rules)
        for rows in [behind.get(key, NONE)]
    )


def by_team(team: Ints, rules: WaveRules) -> dict[int, Ints]:
    """For each team of the rules, in order, the positions at which it stands."""
    order = np.argsort(team, kind="stable")
    numbers = sorted(rules.teams)
    first, last = (np.searchsorted(team[order], numbers, side) for side in ("left", "right"))
    return {number: order[a:b] for number, a, b in zip(numbers, first.tolist(), last.tolist(), strict=True)}


def accept_rests(teams: list[TeamWave], pool: Pool | None, rules: WaveRules) -> None:
    """Remainders, team by team; where they would undo what protects a pooled tie, the pooled tie stays and they go."""
    for team in teams:
        before = list(team.wide)
        team.accept_rests(pool.hidden(team) if pool else np.zeros(len(team.rows), dtype=bool), rules)
        if pool and pool.ties and len(team.wide) > len(before) and not pool.holds(pool.ties):
            team.wide = before


def _offered(rules: WaveRules) -> Iterator[FigureKey]:
    """Keys of all figures considered, in order of priority."""
    key = partial(FigureKey, process=rules.process, wave=rules.wave)
    teams = sorted(rules.teams.items())
    yield from (key(FigureKind.INDEX, team=t, round=r) for t, _ in teams for r in rules.rounds)
    yield from (key(FigureKind.COMMUNICATION, team=t) for t, _ in teams)
    yield from (key(FigureKind.RELATIONSHIP, team=t) for t, _ in teams)
    yield from (key(FigureKind.DIMENSION, team=t, dimension=d) for t, _ in teams for d in DIMENSIONS)
    ties = [(t, a, b) for t, team in teams for a in team.raters for b in team.rated]
    yield from (
        key(FigureKind.TIE_DIMENSION, team=t, rater=a, rated=b, dimension=d) for t, a, b in ties for d in DIMENSIONS
    )
    yield from (key(FigureKind.TIE, team=t, rater=a, rated=b) for t, a, b in ties)
    if len(teams) > 1:
        yield from (key(FigureKind.POOLED_TIE, rater=a, rated=b) for a, b in sorted({(a, b) for _, a, b in ties}))
    yield from (key(FigureKind.RATED_BY_REST, team=t, rater=a) for t, team in teams for a in team.raters)
    yield from (key(FigureKind.RATED_OF_REST, team=t, rated=b) for t, team in teams for b in team.rated)
    yield from (
        key(FigureKind.COMPANION, team=t, construct=construct, change=change)
        for t, team in teams
        for construct, change in team.companions
    )
    yield from (key(FigureKind.SPREAD, team=t) for t, _ in teams)


def _accepted(
    answers: Answers, rules: WaveRules, teams: list[TeamWave], pool: Pool | None
) -> Iterator[tuple[FigureKey, Ints]]:
    process, wave = rules.process, rules.wave
    for team in teams:
        for figure in team.wide:
            yield _wide_key(figure.kind, figure.about, team.team, rules), team.rows[figure.rows]
        for (rater, rated), cell, rows in team.cells():
            kind = FigureKind.TIE if cell == WHOLE else FigureKind.TIE_DIMENSION
            dimension = None if cell == WHOLE else DIMENSIONS[cell]
            yield FigureKey(kind, process, wave, team.team, rater, rated, dimension), team.rows[rows]
        enough = team.people(team.dimension >= 0) >= 2 * team.k
        if enough and repeats_safely(rules, [(team.team, group) for group in team.rules.raters]):
            yield FigureKey(FigureKind.SPREAD, process, wave, team.team), team.rows
    if pool:
        for tie in sorted({tie for team in teams for tie in team.ties}):
            pooled = np.concatenate([team.rows[pool.rows(team, tie)] for team in teams])
            yield FigureKey(FigureKind.POOLED_TIE, process, wave, None, *tie), pooled
    yield from _companions(answers, rules)


def _companions(answers: Answers, rules: WaveRules) -> Iterator[tuple[FigureKey, Ints]]:
    """Companion figures do not overlap each other or anything else: k people are enough."""
    about_companions = np.flatnonzero(answers.construct >= 0)
    position = {construct: place for place, construct in enumerate(answers.constructs)}
    for number, mine in by_team(answers.team[about_companions], rules).items():
        team, own = rules.teams[number], about_companions[mine]
        for construct, change in team.companions:
            asked = (answers.construct[own] == position.get(construct, -1)) & (
                answers.change[own] == (-1 if change is None else change)
            )
            rows = own[asked]
            enough = people(answers, rows) >= team.min_respondents
            if enough and repeats_safely(rules, [(number, group) for group in team.raters]):
                key = FigureKey(
                    FigureKind.COMPANION, rules.process, rules.wave, number, construct=construct, change=change
                )
                yield key, rows


def _wide_key(kind: FigureKind, about: int, team: int, rules: WaveRules) -> FigureKey:
    match kind:
        case FigureKind.INDEX:
            return FigureKey(kind, rules.process, rules.wave, team, round=about)
        case FigureKind.DIMENSION:
            return FigureKey(kind, rules.process, rules.wave, team, dimension=DIMENSIONS[about])
        case FigureKind.RATED_BY_REST:
            return FigureKey(kind, rules.process, rules.wave, team, rater=about)
        case FigureKind.RATED_OF_REST:
            return FigureKey(kind, rules.process, rules.wave, team, rated=about)
        case _:
            return FigureKey(kind, rules.process, rules.wave, team)


def _cell(answers: Answers, rules: WaveRules, key: FigureKey, rows: Ints) -> Cell:
    if not len(rows):
        return WITHHELD
    k = _k_of(rules, key)
    return spread(answers, rows, k) if key.kind is FigureKind.SPREAD else shown(answers, rows, k)


def _k_of(rules: WaveRules, key: FigureKey) -> int:
    if key.team is not None:
        return rules.teams[key.team].min_respondents
    return max(team.min_respondents for team in rules.teams.values())
