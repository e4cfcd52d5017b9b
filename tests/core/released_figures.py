"""Released figures of an invented team, for tests of everything that is computed after the gate."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from bot.core.figures import Cell, Figure, FigureKey, FigureKind, Shown, Withheld
from bot.core.instrument import BLOCK_OF, DIMENSIONS, Bands, Block, Dimension
from bot.core.report_values import RoundOf, WaveOf, Workgroup

TEAM, PROCESS = 7, 3
BETWEEN, WITHIN = Bands(3.5, 4.0), Bands(4.1, 4.6)
GROUPS = (Workgroup(11, "Nurses"), Workgroup(12, "Doctors"), Workgroup(13, "Pharmacy"))
FIRST_DAY = date(2026, 3, 2)
Pair = tuple[int, int]


def shown(value: float, people: int = 10, dimensions: Iterable[Dimension] = DIMENSIONS) -> Shown:
    """A figure of ``people`` who answered each of ``dimensions`` once."""
    return Shown(value, (people, people + 2), dict.fromkeys(dimensions, people))


def waves(count: int, *, rounds: int = 4, instrument: str = "v1") -> list[WaveOf]:
    result: list[WaveOf] = []
    for wave in range(1, count + 1):
        opened = [FIRST_DAY + timedelta(weeks=(wave - 1) * rounds + week) for week in range(rounds)]
        past = tuple(RoundOf(wave * 100 + week, on) for week, on in enumerate(opened))
        result.append(WaveOf(wave, opened[-1] + timedelta(days=7), past, instrument))
    return result


def wave_figures(
    wave: int,
    *,
    level: float = 3.8,
    people: int = 10,
    ties: Mapping[Pair, float] | None = None,
    pooled: Mapping[Pair, float] | None = None,
    dimensions: Mapping[Dimension, float] | None = None,
    tie_dimensions: Mapping[tuple[int, int, Dimension], float] | None = None,
    spread: float | None = None,
    rounds: int = 4,
    team: int = TEAM,
) -> list[Figure]:
    """One wave: communication and relationship at ``level``, and what else is given. Everything else is withheld."""
    cells: dict[FigureKey, Cell] = {}
    for number in range(rounds):
        cells[FigureKey(FigureKind.INDEX, PROCESS, wave, team, round=wave * 100 + number)] = shown(level, people)
    for kind, block in (
        (FigureKind.COMMUNICATION, Block.COMMUNICATION),
        (FigureKind.RELATIONSHIP, Block.RELATIONSHIP),
    ):
        own = [dimension for dimension in DIMENSIONS if BLOCK_OF[dimension] is block]
        cells[FigureKey(kind, PROCESS, wave, team)] = shown(level, people, own)
    for dimension in DIMENSIONS:
        value = (dimensions or {}).get(dimension)
        key = FigureKey(FigureKind.DIMENSION, PROCESS, wave, team, dimension=dimension)
        cells[key] = shown(value, people, [dimension]) if value is not None else Withheld()
    for pair, value in (ties or {}).items():
        cells[FigureKey(FigureKind.TIE, PROCESS, wave, team, *pair)] = shown(value, people)
    for pair, value in (pooled or {}).items():
        cells[FigureKey(FigureKind.POOLED_TIE, PROCESS, wave, None, *pair)] = shown(value, people)
    for (rater, rated, dimension), value in (tie_dimensions or {}).items():
        key = FigureKey(FigureKind.TIE_DIMENSION, PROCESS, wave, team, rater, rated, dimension)
        cells[key] = shown(value, people, [dimension])
    if spread is not None:
        cells[FigureKey(FigureKind.SPREAD, PROCESS, wave, team)] = Shown(spread, (people, None), {})
    return [Figure(key, cell) for key, cell in cells.items()]


def long_history(count: int, *, groups: int = 6, seed: int = 5) -> list[Figure]:
    """Many waves of a team with all its ties and dimensions released."""
    chance = random.Random(seed)

    def value() -> float:
        return round(chance.uniform(2.4, 4.6), 1)

    figures: list[Figure] = []
    for wave in range(1, count + 1):
        ties = {(a, b): value() for a in range(11, 11 + groups) for b in range(11, 11 + groups)}
        dimensions = {dimension: value() for dimension in DIMENSIONS}
        figures += wave_figures(wave, level=value(), people=15, ties=ties, dimensions=dimensions, spread=0.65)
    return figures
