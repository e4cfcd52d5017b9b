"""Guarantee one as a test: would every combination of these figures touch at least k people?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations
from math import comb, prod

import numpy as np

from bot.core.disclosure.answers import Flags, Ints
from bot.core.disclosure.exact import PRIME, Exact, integer_rank, ranks

FINER = (1, 2, 4)
"""Splits are tried into k-1 blocks and so many more; the last kind is refined down to single people."""

WORK = 8_000_000
"""How many answers, times ways of leaving people out, are examined before a figure is withheld for want of a proof."""


@dataclass(frozen=True, eq=False)
class Columns:
    """What a set of figures looks like from each answer.

    ``wide``: (answers, figures) 0/1, the figures that overlap each other. ``leaf``: which of the disjoint figures an
    answer belongs to, or -1. ``person``: 0..people-1 in canonical order. ``small_role``: the workgroup an answer is
    about if that is too small to have figures, else -1.
    """

    wide: Ints
    leaf: Ints
    person: Ints
    small_role: Ints
    people: int

    @property
    def everyone(self) -> Flags:
        return np.ones((1, self.people), dtype=bool)

    def without_role(self, role: int) -> Columns:
        """Only the answers that are not about this small role."""
        others = self.small_role != role
        return Columns(self.wide[others], self.leaf[others], self.person[others], self.small_role[others], self.people)

    @cached_property
    def sums(self) -> tuple[Exact, Exact, Exact]:
        """By person: products of the wide figures (people, r, r), their sums in each leaf (people, r, leaves), answers
        in each leaf (people, leaves).
        """
        width = self.wide.shape[1]
        numbers, place = np.unique(np.append(self.leaf, -1), return_inverse=True)
        leaf, leaves = place[:-1] - 1, len(numbers) - 1
        inside = leaf >= 0
        pairs = (self.wide[:, :, None] * self.wide[:, None, :]).reshape(-1, width * width)
        row = self.person[inside, None] * width + np.arange(width)
        return (
            _added(self.person[:, None] * width * width + np.arange(width * width), pairs, (self.people, width, width)),
            _added(row * leaves + leaf[inside, None], self.wide[inside], (self.people, width, leaves)),
            _added(self.person[inside] * leaves + leaf[inside], np.ones(inside.sum(), int), (self.people, leaves)),
        )


def _added(at: Ints, values: Ints, shape: tuple[int, ...]) -> Exact:
    """Values added up at flat positions of an array of this shape."""
    added: Exact = np.bincount(at.ravel(), values.ravel().astype(float), prod(shape)).astype(float)
    return added.reshape(shape)


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
    if any(ranks(scatter(columns.without_role(role), columns.everyone))[0] != rank for role in small_roles(columns)):
        return False
    tries = patience(len(columns.leaf))
    return withstands(np.arange(columns.people), k - 1, lambda kept: ranks(scatter(columns, kept)) == rank, tries)


def small_roles(columns: Columns) -> list[int]:
    return [int(role) for role in np.unique(columns.small_role) if role >= 0]


def rank_beyond_leaves(columns: Columns) -> int:
    """Over the integers: how many wide figures are independent of each other and of the leaves.

    Within a leaf only differences between answers say anything beyond the leaf's own sum:
    sum of n·xx' - (sum x)(sum x)', n being the number of the leaf's answers. The weight n does not change the rank.
    """
    wide = columns.wide
    numbers, place, sizes = np.unique(np.append(columns.leaf, -1), return_inverse=True, return_counts=True)
    sizes[0] = 1
    in_leaves = wide.T @ np.eye(len(numbers), dtype=np.int64)[place[:-1], 1:]
    return integer_rank((wide * sizes[place[:-1], None]).T @ wide - in_leaves @ in_leaves.T)


def scatter(columns: Columns, kept: Flags) -> Ints:
    """Gram matrices, modulo ``PRIME``, of the wide figures beyond the leaves, one for each row of ``kept`` (by person).

    Per leaf: sum of xx' - (sum x)(sum x)'/n over the answers that are left.
    """
    products, in_leaves, sizes = columns.sums
    weight = kept.astype(float)
    width = products.shape[1]
    own = (weight @ products.reshape(len(products), -1)).reshape(-1, width, width)
    sums = (weight @ in_leaves.reshape(len(in_leaves), -1)).reshape(len(kept), width, -1)
    shares = sums * inverses(weight @ sizes)[:, None, :] % PRIME
    grams: Ints = (own - shares @ sums.transpose(0, 2, 1)).astype(np.int64)
    return grams


def inverses(counts: Exact) -> Exact:
    """Inverses modulo ``PRIME`` of small whole numbers; of zero: zero."""
    return inverse_table(int(counts.max(initial=0)) + 1)[counts.astype(np.int64)]


@lru_cache(maxsize=64)
def inverse_table(length: int) -> Exact:
    return np.array([0, *(pow(n, -1, PRIME) for n in range(1, length))], dtype=float)


def patience(answers: int) -> int:
    """How many ways of leaving people out are examined before a figure is withheld for want of a proof."""
    return max(1, WORK // max(answers, 1))


def withstands(units: Ints, losing: int, intact: Callable[[Flags], Flags], tries: int) -> bool:
    """Is everything intact whichever ``losing`` people are left out? Exact, unless ``tries`` run out: then no.

    ``units``: for each person what they are kept together with in the first splits. ``intact`` says for rows of flags
    (who is kept) which of them leave everything intact; what is intact without more people is intact without fewer.

    1. Split the people into k blocks: is each block enough alone? Then nobody can be missed.
    2. Else into a few more blocks, and leave out every k-1 of them. Whoever is left out in a choice that breaks is
       split again, until nothing breaks or k-1 people that break it are found.
    """
    people = np.arange(len(units))
    if len(people) <= losing:
        return False
    examined, suspects = 0, [people]
    for finer in FINER[:-1]:
        kept = _kept(units, people, losing, losing + finer)
        examined += len(kept)
        if intact(kept).all():
            return True
    while suspects and examined <= tries:
        kept = _kept(units, suspects.pop(), losing, losing + FINER[-1])
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
