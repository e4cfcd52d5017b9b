"""Guarantee one as a test: would every combination of these figures touch at least k people?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np

from bot.core.disclosure.answers import Flags, Ints
from bot.core.disclosure.exact import integer_rank, ranks

FINER = 4
"""A split that is too coarse is followed by one into k-1 blocks and so many more."""

PATIENCE = 20_000
"""So many ways of leaving people out are examined before a figure is withheld for want of a proof."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What a set of figures looks like from each answer.

    ``wide``: (answers, figures) 0/1, the figures that overlap each other. ``leaf``: which of the disjoint figures an
    answer belongs to, or -1. ``person``: 0..n-1 in canonical order. ``small_role``: the workgroup an answer is about if
    that is too small to have figures, else -1.
    """

    wide: Ints
    leaf: Ints
    person: Ints
    small_role: Ints

    @property
    def people(self) -> int:
        return int(self.person.max()) + 1 if len(self.person) else 0

    @property
    def everyone(self) -> Flags:
        return np.ones((1, self.people), dtype=bool)


def leaves_hold(columns: Columns, k: int) -> bool:
    """Has each leaf k people?"""
    inside = columns.leaf >= 0
    pairs = np.unique(np.stack([columns.leaf[inside], columns.person[inside]]), axis=1)
    return bool((np.bincount(pairs[0])[np.unique(pairs[0])] >= k).all()) if pairs.size else True


def wide_figures_hold(columns: Columns, k: int) -> bool:
    """Does every combination in which a wide figure takes part touch k people, and more than one small role?

    The rank of the wide figures beyond the leaves, counted over the integers, must be left without the answers about
    any one small role, and without the answers of any k-1 people.
    """
    if not columns.wide.any():
        return True
    rank = rank_beyond_leaves(columns)
    return all(
        rank == ranks(scatter(columns, columns.everyone, others))[0] for others in without_each_small_role(columns)
    ) and withstands(np.arange(columns.people), k - 1, lambda kept: ranks(scatter(columns, kept)) == rank)


def without_each_small_role(columns: Columns) -> Iterator[Flags]:
    """For each small role the answers that are not about it."""
    for role in np.unique(columns.small_role):
        if role >= 0:
            yield columns.small_role != role


def rank_beyond_leaves(columns: Columns) -> int:
    """Over the integers: how many wide figures are independent of each other and of the leaves."""
    return integer_rank(scatter(columns, columns.everyone)[0])


def scatter(columns: Columns, kept: Flags, usable: Flags | None = None) -> Ints:
    """Gram matrices of the wide figures beyond the leaves, one for each row of ``kept`` (flags by person).

    Within a leaf only differences between answers say anything beyond the leaf's own sum:
    sum of n·xx' - (sum x)(sum x)', n being the leaf's answers that are left. The weights n are positive, so the rank is
    that of the unweighted matrix. ``usable``: answers that count at all.
    """
    usable = np.ones(len(columns.leaf), dtype=bool) if usable is None else usable
    wide, leaf = columns.wide[usable].astype(float), columns.leaf[usable]
    weight = kept[:, columns.person[usable]].astype(float)
    numbers, place = np.unique(np.append(leaf, -1), return_inverse=True)
    inside = np.eye(len(numbers))[place[:-1], 1:]
    sizes = np.hstack([np.ones((len(kept), 1)), weight @ inside])
    transposed = wide.T[None]
    own = ((weight * sizes[:, place[:-1]])[:, None, :] * transposed) @ wide
    sums = (weight[:, None, :] * transposed) @ inside
    grams: Ints = (own - sums @ sums.transpose(0, 2, 1)).astype(np.int64)
    return grams


def withstands(units: Ints, losing: int, intact: Callable[[Flags], Flags]) -> bool:
    """Is everything intact whichever ``losing`` people are left out? Exact, unless patience ends: then no.

    ``units``: for each person what they are kept together with in the first splits. ``intact`` says for rows of flags
    (who is kept) which of them leave everything intact; what is intact without more people is intact without fewer.

    1. Split the people into k blocks: is each block enough alone? Then nobody can be missed.
    2. Else into a few more blocks, and leave out every k-1 of them. Whoever is left out in a choice that breaks is
       split again, until nothing breaks or k-1 people that break it are found.
    """
    people = np.arange(len(units))
    if len(people) <= losing:
        return False
    if intact(_kept(units, people, losing, losing + 1)).all():
        return True
    suspects, examined = [people], 0
    while suspects and examined <= PATIENCE:
        kept = _kept(units, suspects.pop(), losing, losing + FINER)
        examined += len(kept)
        missing = ~kept[~intact(kept)]
        if (missing.sum(axis=1) <= losing).any():
            return False
        suspects += [np.flatnonzero(row) for row in missing]
    return not suspects


def _kept(units: Ints, suspects: Ints, losing: int, blocks: int) -> Flags:
    """Everyone but ``losing`` of the ``blocks`` blocks into which the suspects are split, for every choice of them."""
    together = np.unique(units[suspects], return_inverse=True)[1]
    place = together if together.max() >= 2 * blocks else np.arange(len(suspects))
    block = place % blocks
    choices = left_in(min(blocks, int(block.max()) + 1), losing)
    kept = np.ones((len(choices), len(units)), dtype=bool)
    kept[:, suspects] = choices[:, block]
    return kept


@lru_cache(maxsize=64)
def left_in(units: int, taken: int) -> Flags:
    """Every choice of ``taken`` out of ``units``, as flags of those that are left."""
    chosen = np.array(list(combinations(range(units), taken)), dtype=np.int64).reshape(comb(units, taken), taken)
    left = np.ones((len(chosen), units), dtype=bool)
    left[np.arange(len(chosen))[:, None], chosen] = False
    return left
