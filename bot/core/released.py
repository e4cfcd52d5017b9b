"""Released figures by place, and how sure each is: the reading desk of everything that is computed after the gate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

from scipy.special import stdtrit

from bot.core import estimation
from bot.core.estimation import Difference, Reading
from bot.core.figures import Cell, Figure, FigureKey, FigureKind, Shown, Withheld
from bot.core.instrument import BLOCK_OF, DIMENSIONS, Block, Dimension
from bot.core.pictures import Interval

COMMUNICATION_SHARE, RELATIONSHIP_SHARE = 4 / 7, 3 / 7
"""The index is the equal weight mean of seven dimensions, four of communication and three of relationship."""
WAVES_OF_EFFECTS = 6
"""So many waves before tell how far the dimensions lie apart; older ones add work, not knowledge."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose figures are read: a team's in its focal process."""

    process: int
    team: int


class Released:
    """The figures released to one team in these ``waves`` (ids, oldest first)."""

    def __init__(self, figures: Iterable[Figure], place: Place, waves: tuple[int, ...]) -> None:
        self.place, self.waves = place, waves
        self._effects: dict[int, Mapping[Dimension, float]] = {}
        self._spreads: dict[int, float] = {}
        self._by_wave: dict[int, dict[FigureKey, Cell]] = {wave: {} for wave in waves}
        audience = {None, place.team}
        for figure in figures:
            key = figure.key
            cells = self._by_wave.get(key.wave)
            if cells is not None and key.process == place.process and key.team in audience:
                cells[key] = figure.cell

    def cell(
        self, kind: FigureKind, wave: int, *, dimension: Dimension | None = None, round_id: int | None = None
    ) -> Cell:
        """The team's own figure of this kind; withheld where there is none."""
        key = FigureKey(kind, self.place.process, wave, self.place.team, dimension=dimension, round=round_id)
        return self._get(key)

    def tie(self, wave: int, rater: int, rated: int, dimension: Dimension | None = None) -> Cell:
        """The team's own tie, of one dimension where given."""
        return self._get(self.tie_key(wave, rater, rated, dimension))

    def tie_key(self, wave: int, rater: int, rated: int, dimension: Dimension | None = None) -> FigureKey:
        kind = FigureKind.TIE if dimension is None else FigureKind.TIE_DIMENSION
        return FigureKey(kind, self.place.process, wave, self.place.team, rater, rated, dimension)

    def pooled_key(self, wave: int, rater: int, rated: int) -> FigureKey:
        return FigureKey(FigureKind.POOLED_TIE, self.place.process, wave, None, rater, rated)

    def pooled_tie(self, wave: int, rater: int, rated: int) -> Cell:
        """The tie over all teams that share the focal process."""
        return self._get(self.pooled_key(wave, rater, rated))

    def rest(self, kind: FigureKind, wave: int, workgroup: int) -> Cell:
        """What is left of "rated by" or "rated of" a workgroup when its released ties are taken out."""
        rater, rated = (workgroup, None) if kind is FigureKind.RATED_BY_REST else (None, workgroup)
        return self._get(FigureKey(kind, self.place.process, wave, self.place.team, rater, rated))

    def figures(self, wave: int) -> list[Figure]:
        """In a fixed order, because the last digits of an estimate depend on the order of its sums."""
        figures = [Figure(key, cell) for key, cell in self._by_wave.get(wave, {}).items()]
        return sorted(figures, key=_order)

    def spread(self, wave: int) -> float:
        if wave not in self._spreads:
            released = estimation.released_spread(self.figures(wave), team=self.place.team, wave=wave)
            self._spreads[wave] = released
        return self._spreads[wave]

    def index(self, wave: int) -> Cell:
        """The wave's index (4 com + 3 rel) / 7, to one decimal; withheld where either part is."""
        communication = self.cell(FigureKind.COMMUNICATION, wave)
        relationship = self.cell(FigureKind.RELATIONSHIP, wave)
        if not isinstance(communication, Shown) or not isinstance(relationship, Shown):
            return Withheld()
        value = COMMUNICATION_SHARE * communication.value + RELATIONSHIP_SHARE * relationship.value
        counts = {**communication.counts, **relationship.counts}
        fewest = min(communication.respondents, relationship.respondents, key=lambda band: band[0])
        return Shown(round(value, 1), fewest, counts)

    def reading(self, kind: FigureKind, wave: int, *, dimension: Dimension | None = None) -> Reading | None:
        """The team's figure with the variance of its noise, adjusted for the dimensions that happened to be asked."""
        if kind is FigureKind.INDEX:
            return self._index_reading(wave)
        cell = self.cell(kind, wave, dimension=dimension)
        if not isinstance(cell, Shown):
            return None
        return estimation.reading(cell, self._effects_of(kind, wave), spread=self.spread(wave))

    def tie_reading(self, wave: int, rater: int, rated: int) -> Reading | None:
        """The team's own tie with its noise, or the pooled one."""
        for cell in (self.tie(wave, rater, rated), self.pooled_tie(wave, rater, rated)):
            if isinstance(cell, Shown):
                return estimation.reading(cell, self.effects(wave), spread=self.spread(wave))
        return None

    def effects(self, wave: int) -> Mapping[Dimension, float]:
        """How far each dimension lies above the mean of the seven, from the waves released before this one."""
        at = self.waves.index(wave)
        if at not in self._effects:
            before = self.waves[max(0, at - WAVES_OF_EFFECTS) : at]
            figures = (figure for earlier in before for figure in self.figures(earlier))
            self._effects[at] = estimation.dimension_effects(figures)
        return self._effects[at]

    def _effects_of(self, kind: FigureKind, wave: int) -> Mapping[Dimension, float]:
        """Within a block dimensions are adjusted to the block's own mean; a dimension needs no adjusting."""
        blocks = {FigureKind.COMMUNICATION: Block.COMMUNICATION, FigureKind.RELATIONSHIP: Block.RELATIONSHIP}
        if kind not in blocks:
            return {}
        effects = self.effects(wave)
        own = [dimension for dimension in DIMENSIONS if BLOCK_OF[dimension] is blocks[kind]]
        centre = sum(effects[dimension] for dimension in own) / len(own)
        return {dimension: effects[dimension] - centre for dimension in own}

    def _index_reading(self, wave: int) -> Reading | None:
        """Communication and relationship come from the same people: their errors are added, not averaged out."""
        parts = (self.reading(FigureKind.COMMUNICATION, wave), self.reading(FigureKind.RELATIONSHIP, wave))
        communication, relationship = parts
        if communication is None or relationship is None:
            return None
        value = COMMUNICATION_SHARE * communication.value + RELATIONSHIP_SHARE * relationship.value
        deviation = COMMUNICATION_SHARE * math.sqrt(communication.variance) + RELATIONSHIP_SHARE * math.sqrt(
            relationship.variance
        )
        return Reading(value, deviation**2, min(communication.respondents, relationship.respondents))

    def _get(self, key: FigureKey) -> Cell:
        return self._by_wave.get(key.wave, {}).get(key, Withheld())


def _order(figure: Figure) -> tuple[str, int, int, int, str, int]:
    key = figure.key
    return (key.kind, key.team or 0, key.rater or 0, key.rated or 0, key.dimension or "", key.round or 0)


def interval(reading: Reading, value: float) -> Interval:
    """``value`` (as it is shown) with the 95 % interval that the reading's noise gives it, kept on the scale."""
    half = float(stdtrit(max(1, reading.respondents - 1), 0.975)) * math.sqrt(reading.variance)
    return Interval(value, max(estimation.LOWEST, value - half), min(estimation.HIGHEST, value + half))


def is_real(difference: Difference, *, among: int) -> bool:
    """Whether a difference is more than noise when it was picked ``among`` several (Bonferroni's correction)."""
    return abs(difference.value) > difference.smallest_real * _stricter(among)


@cache
def _stricter(among: int) -> float:
    return NormalDist().inv_cdf(1 - 0.025 / max(1, among)) / NormalDist().inv_cdf(0.975)
