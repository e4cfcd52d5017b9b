"""One team's figures: which of them can leave together, before anything is pooled over teams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.disclosure.answers import Answers, AskedInFull, Flags, Ints, TeamRules, WaveRules
from bot.core.disclosure.check import Columns, leaves_hold, wide_figures_hold
from bot.core.disclosure.order import accept_in_order
from bot.core.disclosure.repeats import repeats_safely
from bot.core.figures import FigureKind
from bot.core.instrument import BLOCK_OF, DIMENSIONS, Block

WHOLE = len(DIMENSIONS)
"""The place after the dimensions: what of a tie is not released by dimension."""

COMMUNICATION = np.array([BLOCK_OF[dimension] is Block.COMMUNICATION for dimension in DIMENSIONS])


@dataclass(frozen=True, slots=True)
class Wide:
    """A figure that overlaps others: its kind, what it is about, and the answers of the team behind it."""

    kind: FigureKind
    about: int
    rows: Flags


@dataclass(frozen=True, slots=True)
class Split:
    """A tie's release: ``tie`` is the position in ``TeamWave.ties``; ``cells`` are the dimensions that leave on their
    own.
    """

    tie: int
    cells: tuple[int, ...]


class TeamWave:
    """The tie answers of one team in one wave, and what has been accepted of them so far."""

    def __init__(self, answers: Answers, rows: Ints, person: Ints, team: int, rules: WaveRules) -> None:
        """``rows``: positions in ``answers``; ``person``: for each of them a number in canonical order."""
        self.team, self.rows, self.person = team, rows, person
        everyone, self.local = np.unique(person, return_inverse=True)
        self.members = len(everyone)
        self.rules: TeamRules = rules.teams[team]
        self.k = self.rules.min_respondents
        self.round, self.rater, self.rated = answers.round[rows], answers.rater[rows], answers.rated[rows]
        self.dimension = answers.dimension[rows]
        self.between = self.rater != self.rated
        self.ties = [(a, b) for a in self.rules.raters for b in self.rules.rated]
        position = {tie: i for i, tie in enumerate(self.ties)}
        pairs = zip(self.rater.tolist(), self.rated.tolist(), strict=True)
        self.tie = np.array([position[pair] for pair in pairs], dtype=np.int64)
        self.may = np.array([rules.is_open(b) for _, b in self.ties], dtype=bool)
        self.small_role = np.where(self.may[self.tie], -1, self.rated) if len(rows) else self.rated
        self.wide: list[Wide] = []
        self.splits: list[Split] = []
        self.leaf = np.full(len(rows), -1, dtype=np.int64)

    def accept(self, wave: WaveRules) -> None:
        """Rounds, blocks and dimensions of the wave, then ties; first all together, which is the usual case."""
        rounds = [Wide(FigureKind.INDEX, r, self.between & (self.round == r)) for r in wave.rounds]
        if self.rules.in_full is AskedInFull.ROUND:
            rounds = self._steady(rounds)
        rounds = self._offered(rounds, wave)
        of_wave = self._offered(self._of_wave(self.between), wave)
        splits = [split for split in self._splits() if repeats_safely(wave, [(self.team, self.ties[split.tie][0])])]
        if self._holds([*rounds, *of_wave], self._leaf_of(splits)):
            self.wide = [*rounds, *of_wave]
            self._take(splits)
            return
        self._accept(rounds)
        self._accept_of_wave(of_wave, wave)
        self._accept_ties(splits)

    def _accept_of_wave(self, of_wave: list[Wide], wave: WaveRules) -> None:
        """Communication, relationship and the dimensions of the wave.

        Where the answers of a round that cannot be shown would follow from the wave's totals, the totals are those of
        the rounds that are shown.
        """
        if self._holds([*self.wide, *of_wave], self.leaf):
            self.wide += of_wave
            return
        shown = self.between & np.isin(self.round, [figure.about for figure in self.wide])
        self._accept(self._offered(self._of_wave(shown), wave))

    def _accept_ties(self, splits: list[Split]) -> None:
        """Ties, as fine as they go: by dimension where each dimension and what is left of the tie have k people."""
        if self._splits_hold(splits):
            self._take(splits)
            return
        whole = accept_in_order([Split(split.tie, ()) for split in splits], self._splits_hold)
        finer = {split.tie: split for split in splits}
        fine = accept_in_order(
            [finer[split.tie] for split in whole if finer[split.tie].cells],
            lambda more: self._splits_hold(_with(whole, more)),
        )
        self._take(_with(whole, fine))

    def rests(self, pooled: Flags) -> Iterator[Wide]:
        """What is left of "rated of B" and "rated by A": ties that are out neither here nor in the process's pool."""
        left = self.between & (self.leaf < 0) & ~pooled
        for workgroup in self.rules.rated:
            yield Wide(FigureKind.RATED_OF_REST, workgroup, left & (self.rated == workgroup))
        for workgroup in self.rules.raters:
            yield Wide(FigureKind.RATED_BY_REST, workgroup, left & (self.rater == workgroup))

    def accept_rests(self, pooled: Flags, wave: WaveRules) -> None:
        self._accept(self._offered(self.rests(pooled), wave))

    def people(self, rows: Flags) -> int:
        return len(set(self.local[rows].tolist()))

    def columns(self, wide: Sequence[Wide], leaf: Ints) -> Columns:
        return Columns(_matrix(wide, len(self.rows)), leaf, self.local, self.small_role, self.members)

    def cells(self) -> Iterator[tuple[tuple[int, int], int, Flags]]:
        """(tie, dimension or ``WHOLE``, answers) of every accepted tie and of its cells."""
        for split in self.splits:
            for cell in (*split.cells, WHOLE):
                yield self.ties[split.tie], cell, self._part(split.tie, cell)

    def _part(self, tie: int, cell: int) -> Flags:
        mine: Flags = self.tie == tie
        return mine if cell == WHOLE else mine & (self.dimension == cell)

    def _of_wave(self, scope: Flags) -> Iterator[Wide]:
        communication = COMMUNICATION[self.dimension]
        yield Wide(FigureKind.COMMUNICATION, 0, scope & communication)
        yield Wide(FigureKind.RELATIONSHIP, 0, scope & ~communication)
        for dimension in range(len(DIMENSIONS)):
            yield Wide(FigureKind.DIMENSION, dimension, scope & (self.dimension == dimension))

    def _offered(self, figures: Iterable[Wide], wave: WaveRules) -> list[Wide]:
        return [figure for figure in figures if self._may_be_offered(figure, wave)]

    def _may_be_offered(self, figure: Wide, wave: WaveRules) -> bool:
        groups = [figure.about] if figure.kind is FigureKind.RATED_BY_REST else self.rules.raters
        return self.people(figure.rows) >= self.k and repeats_safely(wave, [(self.team, group) for group in groups])

    def _steady(self, rounds: list[Wide]) -> list[Wide]:
        """Rounds asked in full: a later one only if its people are those of each earlier one, or k others (guarantee
        two).
        """
        kept: list[tuple[Wide, frozenset[int]]] = []
        for figure in rounds:
            people = frozenset(self.person[figure.rows].tolist())
            if all(len(people ^ before) == 0 or len(people ^ before) >= self.k for _, before in kept):
                kept.append((figure, people))
        return [figure for figure, _ in kept]

    def _accept(self, offered: list[Wide]) -> None:
        base = list(self.wide)
        self.wide += accept_in_order(offered, lambda more: self._holds([*base, *more], self.leaf))

    def _holds(self, wide: Sequence[Wide], leaf: Ints) -> bool:
        if self._few_are_left(wide, leaf):
            return False
        columns = self.columns(wide, leaf)
        return leaves_hold(columns, self.k) and wide_figures_hold(columns, self.k)

    def _few_are_left(self, wide: Sequence[Wide], leaf: Ints) -> bool:
        """A quick refusal: do totals minus all ties and remainders of a side leave fewer than k people?"""
        left = self.between & (leaf < 0)
        rounds = [figure.rows for figure in wide if figure.kind is FigureKind.INDEX]
        if not rounds or not np.array_equal(np.any(rounds, axis=0), self.between):
            return False
        for side in (FigureKind.RATED_OF_REST, FigureKind.RATED_BY_REST):
            rest = left.copy()
            for figure in wide:
                if figure.kind is side:
                    rest &= ~figure.rows
            if 0 < self.people(rest) < self.k:
                return True
        return False

    def _splits(self) -> list[Split]:
        """Every open tie with k people, those with most people first, split as finely as leaves k people in each
        part.
        """
        parts = np.unique(np.stack([self.tie, self.person, self.dimension]), axis=1)
        rated = np.unique(parts[:2], axis=1)[0]
        people = np.bincount(rated, minlength=len(self.ties))
        order = sorted(range(len(self.ties)), key=lambda tie: (-people[tie], self.ties[tie]))
        return [
            Split(tie, self._cells_of(parts[1:, parts[0] == tie]))
            for tie in order
            if self.may[tie] and people[tie] >= self.k
        ]

    def _cells_of(self, parts: Ints) -> tuple[int, ...]:
        """Dimensions of one tie that may leave on their own; ``parts``: distinct (person, dimension) columns."""
        people = np.bincount(parts[1], minlength=len(DIMENSIONS))
        cells = [d for d in np.argsort(-people, kind="stable").tolist() if people[d] >= self.k]
        while cells:
            rest = len(np.unique(parts[0][~np.isin(parts[1], cells)]))
            if rest == 0 or rest >= self.k:
                break
            cells.pop()
        return tuple(sorted(cells))

    def _leaf_of(self, splits: Sequence[Split]) -> Ints:
        part = np.full((len(self.ties), len(DIMENSIONS)), -1, dtype=np.int64)
        for split in splits:
            part[split.tie] = split.tie * (WHOLE + 1) + WHOLE
            for cell in split.cells:
                part[split.tie, cell] = split.tie * (WHOLE + 1) + cell
        return part[self.tie, self.dimension]

    def _splits_hold(self, splits: Sequence[Split]) -> bool:
        return self._holds(self.wide, self._leaf_of(splits))

    def _take(self, splits: Sequence[Split]) -> None:
        self.splits, self.leaf = list(splits), self._leaf_of(splits)


def _with(whole: Sequence[Split], finer: Sequence[Split]) -> list[Split]:
    split = {one.tie: one for one in whole} | {one.tie: one for one in finer}
    return list(split.values())


def _matrix(wide: Sequence[Wide], length: int) -> Ints:
    if not wide:
        return np.zeros((length, 0), dtype=np.int64)
    return np.stack([figure.rows for figure in wide], axis=1).astype(np.int64)
