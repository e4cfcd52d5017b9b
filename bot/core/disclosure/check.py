"""Guarantee one as a test: would every combination of these figures touch at least k people?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np

from bot.core.disclosure.answers import Flags, Ints
from bot.core.disclosure.exact import integer_rank, ranks

EXHAUSTIVE_RESPONDENTS = 60
EXHAUSTIVE_CHOICES = 40_000
"""Up to so many respondents, and choices of k-1 among them, every choice is tried."""

BLOCKS = (4, 5, 6, 7, 8, 10, 12, 14)
"""Sizes of splits that are tried before; the same for every k, so that what passes at k+1 passes at k."""

STACK = 4_000
"""Choices that are examined in one array operation."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What a set of figures looks like from each answer.

    ``wide``: (answers, figures) 0/1, the figures that overlap each other. ``leaf``: which of the disjoint figures an
    answer belongs to, or -1. ``person``: 0..n-1 in canonical order. ``open``: answers about workgroups that may have
    figures.
    """

    wide: Ints
    leaf: Ints
    person: Ints
    open: Flags

    @property
    def people(self) -> int:
        return int(self.person.max()) + 1 if len(self.person) else 0


def leaves_hold(columns: Columns, k: int) -> bool:
    """Has each leaf k people?"""
    inside = columns.leaf >= 0
    pairs = np.unique(np.stack([columns.leaf[inside], columns.person[inside]]), axis=1)
    return bool((np.bincount(pairs[0])[np.unique(pairs[0])] >= k).all()) if pairs.size else True


def wide_figures_hold(columns: Columns, k: int) -> bool:
    """Does every combination in which a wide figure takes part touch at least k people, by answers about open
    workgroups?

    1. Over the integers: the rank of the wide figures beyond the leaves, on all answers.
    2. For splits of the people into m blocks, coarse to fine: is that rank left whichever k-1 blocks are taken away?
    3. Small enough: the same for every choice of k-1 people, which is necessary as well as sufficient.
    """
    if not columns.wide.any():
        return True
    everyone = np.ones((1, columns.people), dtype=bool)
    rank = integer_rank(scatter(columns, everyone, np.ones(len(columns.leaf), dtype=bool))[0])
    return any(
        all((ranks(scatter(columns, kept, columns.open)) == rank).all() for kept in removals)
        for removals in removals_tried(columns.people, k)
    )


def scatter(columns: Columns, kept: Flags, usable: Flags) -> Ints:
    """Gram matrices of the wide figures beyond the leaves, (choices, figures, figures), on the answers of the people
    ``kept``.

    Within a leaf only differences between answers say anything beyond the leaf's own sum: sum of n·xx' - (sum x)(sum
    x)', n being the leaf's answers that are left. The weights n are positive, so the rank is that of the unweighted
    matrix.
    """
    wide, leaf = columns.wide[usable].astype(float), columns.leaf[usable]
    weight = kept[:, columns.person[usable]].astype(float)
    leaves = leaf.max(initial=-1) + 1
    inside = np.eye(leaves + 1)[leaf, :leaves]
    sizes = np.hstack([weight @ inside, np.ones((len(kept), 1))])
    transposed = wide.T[None]
    own = ((weight * sizes[:, leaf])[:, None, :] * transposed) @ wide
    sums = (weight[:, None, :] * transposed) @ inside
    grams: Ints = (own - sums @ sums.transpose(0, 2, 1)).astype(np.int64)
    return grams


def removals_tried(people: int, k: int) -> Iterator[Iterator[Flags]]:
    """Ever finer ways of taking people away, each as stacks of (choices, people) flags of who is left."""
    for blocks in BLOCKS:
        if k <= blocks < people:
            block_of = np.arange(people) % blocks
            yield (kept[:, block_of] for kept in choices(blocks, k - 1))
    if k <= people <= EXHAUSTIVE_RESPONDENTS and comb(people, min(k - 1, people // 2)) <= EXHAUSTIVE_CHOICES:
        yield iter(choices(people, k - 1))


@lru_cache(maxsize=64)
def choices(units: int, taken: int) -> tuple[Flags, ...]:
    chosen = np.array(list(combinations(range(units), taken)), dtype=np.int64).reshape(-1, taken)
    kept = np.ones((len(chosen), units), dtype=bool)
    kept[np.arange(len(chosen))[:, None], chosen] = False
    return tuple(kept[start : start + STACK] for start in range(0, len(kept), STACK))
