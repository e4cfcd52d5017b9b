"""Exact rank of small integer matrices, one at a time over the integers or many at once modulo a prime.

A rank modulo a prime never exceeds the rank over the rationals. So a test of the form "at least this rank is left"
that passes modulo the prime passes exactly; one that fails by accident (about once in two thousand million) withholds
a figure too many, never one too few. Floats are only used where every intermediate value is an integer below 2**53.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
import numpy.typing as npt

from bot.core.disclosure.answers import Ints

PRIME = 2**31 - 1

Exact = npt.NDArray[np.float64]
"""Integers below 2**53 in floating point, so that products run at the speed of BLAS and stay exact."""


def integer_rank(matrix: Ints) -> int:
    """Rank over the rationals by Bareiss' fraction-free elimination in unbounded integers."""
    rows = cast("list[list[int]]", matrix.tolist())
    rank, divisor = 0, 1
    for column in range(len(rows[0]) if rows else 0):
        pivot_at = next((i for i in range(rank, len(rows)) if rows[i][column]), None)
        if pivot_at is None:
            continue
        rows[rank], rows[pivot_at] = rows[pivot_at], rows[rank]
        top = rows[rank]
        pivot = top[column]
        for i in range(rank + 1, len(rows)):
            row, factor = rows[i], rows[i][column]
            rows[i] = [(pivot * a - factor * b) // divisor for a, b in zip(row, top, strict=True)]
        rank, divisor = rank + 1, pivot
    return rank


def ranks(grams: Ints) -> Ints:
    """Rank modulo ``PRIME`` of each of a stack of square matrices, shape (b, r, r) -> (b,)."""
    work = grams % PRIME
    found = np.zeros(len(work), dtype=np.int64)
    for pivots, pivot_rows, factors in _pivots(work, work.shape[1]):
        found += pivots != 0
        scale = np.where(pivots, pivots, 1)
        work *= scale[:, None, None]
        work -= factors[:, :, None] * pivot_rows[:, None, :] % PRIME
        work %= PRIME
    return found


def ranks_and_remainders(grams: Ints, first: int) -> tuple[Ints, Ints]:
    """Eliminate the ``first`` rows and columns of symmetric matrices: their rank, and what is left of the others.

    What is left (the Schur complement) keeps its scale, so that it may be added up.
    """
    work = grams % PRIME
    found = np.zeros(len(work), dtype=np.int64)
    for pivots, pivot_rows, factors in _pivots(work, first):
        found += pivots != 0
        scaled = factors * _inverses(pivots)[:, None] % PRIME
        work -= scaled[:, :, None] * pivot_rows[:, None, :] % PRIME
        work %= PRIME
    return found, work[:, first:, first:]


def _pivots(work: Ints, columns: int) -> Iterator[tuple[Ints, Ints, Ints]]:
    """For each of the first columns: a pivot of each matrix (0: none), its row, and the column's entries to eliminate.

    The matrices change between the steps. Rows that have been pivots are marked instead of swapped, so that each matrix
    of the stack may pivot elsewhere; only the first rows may be pivots.
    """
    stack = np.arange(len(work))
    unused = np.ones((len(work), columns), dtype=bool)
    for column in range(columns):
        candidates = (work[:, :columns, column] != 0) & unused
        pivot_at = candidates.argmax(axis=1)
        has = candidates[stack, pivot_at]
        unused[stack[has], pivot_at[has]] = False
        rows = work[stack, pivot_at]
        factors = work[:, :, column] * has[:, None]
        factors[stack, pivot_at] = 0
        yield np.where(has, rows[:, column], 0), rows, factors


def _inverses(values: Ints) -> Ints:
    """Inverses modulo ``PRIME``; of zero: zero."""
    return np.array([pow(value, -1, PRIME) if value else 0 for value in values.tolist()], dtype=np.int64)
