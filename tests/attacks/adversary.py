"""Those who want to know more: they see every figure any audience saw, and know who answered which question.

Nothing here uses the gate's own checks. What a set of figures gives away is decided by exact arithmetic; floating
point only proposes where to look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil, comb, floor

import numpy as np
import numpy.typing as npt

from bot.core.disclosure import Answers, Considered
from bot.core.figures import FigureKind, Shown

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PRIME = 2**61 - 1
EXHAUSTIVE = 3_000
STARTS = 4
SURE = 1 - 1e-7


def exact_rank(rows: Sequence[Sequence[int]]) -> int:
    """Rank of an integer matrix, modulo a prime of 61 bits: over the rationals, but for one matrix in 10**18."""
    basis: dict[int, list[int]] = {}
    for row in rows:
        rest = list(row)
        for pivot, other in basis.items():
            if factor := rest[pivot]:
                rest = [(a - factor * b) % PRIME for a, b in zip(rest, other, strict=True)]
        lead = next((place for place, value in enumerate(rest) if value), None)
        if lead is not None:
            inverse = pow(rest[lead], -1, PRIME)
            basis[lead] = [value * inverse % PRIME for value in rest]
            if len(basis) == len(rest):
                break
    return len(basis)


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """What an adversary has: ``member`` (figures, answers) says what is behind which figure, ``person`` whose it is."""

    member: Ints
    person: Ints

    @classmethod
    def of(cls, person: Ints, figures: Sequence[Ints]) -> Observed:
        member = np.zeros((len(figures), len(person)), dtype=np.int64)
        for row, answers in zip(member, figures, strict=True):
            row[answers] = 1
        return cls(member, np.unique(person, return_inverse=True)[1])

    @property
    def people(self) -> int:
        return int(self.person.max()) + 1 if len(self.person) else 0

    def gives_away(self, suspects: Sequence[int]) -> bool:
        """Exactly: is there a combination of the figures that rests on these people's answers alone?"""
        mine = np.isin(self.person, list(suspects))
        return exact_rank(_distinct(self.member)) > exact_rank(_distinct(self.member[:, ~mine]))

    def isolated(self, fewer_than: int) -> tuple[int, ...] | None:
        """People, fewer than this, whose answers alone a combination rests on; None if none were found.

        All choices are tried where there are few enough, else the most exposed people are gathered greedily, from
        several starts.
        """
        size = min(fewer_than - 1, self.people)
        if size < 1 or not self.member.any():
            return None
        exposure = self._exposure()
        tried: list[tuple[int, ...]] = (
            [tuple(choice) for choice in combinations(range(self.people), size)]
            if comb(self.people, size) <= EXHAUSTIVE
            else list(_gathered(exposure, size))
        )
        shares = _largest(np.stack([exposure[list(suspects)].sum(axis=0) for suspects in tried]))
        for place in map(int, np.argsort(-shares)[:3]):
            if shares[place] >= SURE and self.gives_away(tried[place]):
                return tried[place]
        return None

    def _exposure(self) -> Floats:
        """(people, rank, rank): how much of each combination, of length one, rests on each person."""
        values, right = np.linalg.svd(self.member.astype(float), full_matrices=False)[1:]
        basis = right[values > 1e-8 * values[0]]
        return np.stack([basis[:, self.person == p] @ basis[:, self.person == p].T for p in range(self.people)])


def _distinct(member: Ints) -> list[list[int]]:
    return [list(row) for row in np.unique(member, axis=1).T.tolist()] if member.size else []


def _largest(stack: Floats) -> Floats:
    """The largest eigenvalue of each matrix: the largest share of a combination that rests on those people."""
    return np.asarray(np.linalg.eigvalsh(stack)[:, -1])


def _gathered(exposure: Floats, size: int) -> Iterator[tuple[int, ...]]:
    for start in np.argsort(-_largest(exposure))[:STARTS]:
        chosen = [int(start)]
        while len(chosen) < size:
            shares = _largest(exposure[chosen].sum(axis=0) + exposure)
            shares[chosen] = -1
            chosen.append(int(shares.argmax()))
        yield tuple(chosen)


def of_wave(given: Answers, considered: Sequence[Considered]) -> Observed:
    """All figures of a wave, pooled over audiences, that are sums of answers."""
    shown = [
        one.rows
        for one in considered
        if isinstance(one.figure.cell, Shown) and one.figure.key.kind is not FigureKind.SPREAD
    ]
    return Observed.of(given.respondent, shown)


def sums_possible(value: float, answers: int) -> tuple[int, int]:
    """Smallest and largest sum of so many answers that would be shown as ``value``; a clamp hides what lies beyond."""
    low, high = ceil((value - 0.05) * answers - 1e-9), floor((value + 0.05) * answers - 1e-9)
    return (answers if value <= 1.3 else low), (5 * answers if value >= 4.7 else high)


def unanimous(sets: Sequence[frozenset[int]], bounds: Sequence[tuple[int, int]]) -> list[int]:
    """Integer search: sets of which it follows that everybody gave the same extreme answer.

    Bounds of sums are narrowed along every "whole = disjoint parts" and "whole = part + rest" until nothing moves.
    """
    narrowed = [(max(low, len(own)), min(high, 5 * len(own))) for own, (low, high) in zip(sets, bounds, strict=True)]
    relations = list(_relations(sets))
    moved = True
    while moved:
        moved = False
        for whole, parts in relations:
            for place, bound in _along(narrowed, whole, parts):
                moved |= bound != narrowed[place]
                narrowed[place] = bound
    return [
        place
        for place, (low, high) in enumerate(narrowed)
        if sets[place] and (low == 5 * len(sets[place]) or high == len(sets[place]))
    ]


def _along(
    bounds: Sequence[tuple[int, int]], whole: int, parts: Sequence[int]
) -> Iterator[tuple[int, tuple[int, int]]]:
    low, high = sum(bounds[p][0] for p in parts), sum(bounds[p][1] for p in parts)
    top = max(bounds[whole][0], low), min(bounds[whole][1], high)
    yield whole, top
    for part in parts:
        own = bounds[part]
        yield part, (max(own[0], top[0] - (high - own[1])), min(own[1], top[1] - (low - own[0])))


def _relations(sets: Sequence[frozenset[int]]) -> Iterator[tuple[int, list[int]]]:
    """For each set the parts that make it up, taken from its smaller figures, largest first, without overlap."""
    for whole, own in enumerate(sets):
        left, parts = set(own), []
        for part in sorted(range(len(sets)), key=lambda place: -len(sets[place])):
            if part != whole and sets[part] and sets[part] < own and sets[part] <= left:
                parts.append(part)
                left -= sets[part]
        if parts and not left:
            yield whole, parts
