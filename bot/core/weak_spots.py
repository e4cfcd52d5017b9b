"""Where a talk or a small step would help most: the weakest released ties and dimensions, in relational order.

Relational order: what is weak before what is in between; shared goals, shared knowledge and respect before the
communication dimensions that rest on them; then the lowest figure first. Only the latest released wave counts, and what
is withheld does not exist here: a missing figure changes nothing that another figure says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.core import estimation
from bot.core.figures import Figure, FigureKey, FigureKind, Shown
from bot.core.instrument import BLOCK_OF, DIMENSIONS, Band, Bands, Block, Dimension
from bot.core.released import is_real

ShownFigure = tuple[FigureKey, Shown]
_KINDS = (FigureKind.TIE_DIMENSION, FigureKind.TIE, FigureKind.POOLED_TIE, FigureKind.DIMENSION)
"""Finest first."""


@dataclass(frozen=True, slots=True)
class WeakSpot:
    """A released figure that is not strong. ``rater`` and ``rated`` are None where it concerns the whole team.

    ``respondents`` is the released band (low, high).
    """

    dimension: Dimension
    rater: int | None
    rated: int | None
    band: Band
    respondents: tuple[int, int | None]
    wave: int


@dataclass(frozen=True, slots=True)
class Imbalance:
    """Two released directions of one tie that differ by more than chance: ``content`` rates higher than ``wanting``.

    ``wanting`` is the under-served side, so ``content`` is the one to ask what is missing.
    """

    content: int
    wanting: int
    respondents: tuple[int, int | None]
    wave: int


def weak_spots(figures: Iterable[Figure], *, team: int, bands: Bands) -> list[WeakSpot]:
    """The team's weak spots, most worth a talk first; empty where nothing is released or all is strong.

    A tie that is released without its dimensions borrows the team's first weak dimension.
    """
    latest = latest_wave(figures, team=team)
    dimensions = _sorted(((key, cell) for key, cell in latest if key.kind is FigureKind.DIMENSION), bands)
    common = dimensions[0][0].dimension if dimensions else None
    spots = []
    for key, cell in _sorted((one for one in latest if _is_between(one[0])), bands, common):
        dimension = key.dimension or common
        if dimension is not None:
            spots.append(WeakSpot(dimension, key.rater, key.rated, bands.of(cell.value), cell.respondents, key.wave))
    return spots


def imbalances(figures: Sequence[Figure], *, team: int) -> list[Imbalance]:
    """Ties whose two directions are both released and differ by more than chance, the largest difference first."""
    latest = latest_wave(figures, team=team)
    if not latest:
        return []
    wave = latest[0][0].wave
    effects = estimation.dimension_effects(figure for figure in figures if figure.key.wave < wave)
    spread = estimation.released_spread(figures, team=team, wave=wave)
    ties = {
        (key.rater, key.rated): cell
        for kind in (FigureKind.POOLED_TIE, FigureKind.TIE)  # the team's own tie replaces the pooled one
        for key, cell in latest
        if key.kind is kind and key.rater is not None and key.rated is not None
    }
    pairs = [(one, other) for one, other in ties if one < other and (other, one) in ties]
    found: list[tuple[float, Imbalance]] = []
    for one, other in pairs:
        there, back = ties[one, other], ties[other, one]
        difference = estimation.asymmetry(
            estimation.reading(there, effects, spread=spread), estimation.reading(back, effects, spread=spread)
        )
        if is_real(difference, among=len(pairs)):
            content, wanting = (one, other) if difference.value > 0 else (other, one)
            fewer = min(there.respondents, back.respondents, key=lambda band: band[0])
            found.append((-abs(difference.value), Imbalance(content, wanting, fewer, wave)))
    return [imbalance for _, imbalance in sorted(found, key=lambda one: (one[0], one[1].content, one[1].wanting))]


def companion(figures: Iterable[Figure], construct: str, *, team: int, change: int | None = None) -> Shown | None:
    """The latest released companion figure of the team, about ``change`` where it is about one; None if withheld."""
    cells = [
        (figure.key.wave, figure.cell)
        for figure in figures
        if figure.key.kind is FigureKind.COMPANION
        and (figure.key.construct, figure.key.team, figure.key.change) == (construct, team, change)
        and isinstance(figure.cell, Shown)
    ]
    return max(cells, key=lambda one: one[0])[1] if cells else None


def latest_wave(figures: Iterable[Figure], *, team: int) -> list[ShownFigure]:
    """What is shown to the team of its latest wave: its own figures and those pooled over the focal process."""
    shown = [
        (figure.key, figure.cell)
        for figure in figures
        if figure.key.kind in _KINDS and figure.key.team in {team, None} and isinstance(figure.cell, Shown)
    ]
    newest = max((key.wave for key, _ in shown), default=None)
    return [(key, cell) for key, cell in shown if key.wave == newest]


def _is_between(key: FigureKey) -> bool:
    return key.kind is FigureKind.DIMENSION or (key.rater is not None and key.rater != key.rated)


def _sorted(shown: Iterable[ShownFigure], bands: Bands, common: Dimension | None = None) -> list[ShownFigure]:
    """In relational order, without what is strong. ``common`` stands in for a tie's unknown dimension."""

    def order(one: ShownFigure) -> tuple[bool, bool, float, int, int, int, int]:
        key, cell = one
        dimension = key.dimension or common or DIMENSIONS[0]
        return (
            bands.of(cell.value) is not Band.WEAK,
            BLOCK_OF[dimension] is not Block.RELATIONSHIP,
            cell.value,
            _KINDS.index(key.kind),
            key.rater or 0,
            key.rated or 0,
            DIMENSIONS.index(dimension),
        )

    return sorted((one for one in shown if bands.of(one[1].value) is not Band.STRONG), key=order)
