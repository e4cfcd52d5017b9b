"""Exact rank of small integer matrices, one at a time over the integers or many at once modulo a prime.

A rank modulo a prime never exceeds the rank over the rationals. So a test of the form "at least this rank is left"
that passes modulo the prime passes exactly; one that fails by accident (about once in two thousand million) withholds
a figure too many, never one too few. Floats are only used where every intermediate value is an integer below 2**53.
"""

from __future__ import annotations

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
    return _eliminate(work, work.shape[1])


def ranks_and_remainders(grams: Ints, first: int) -> tuple[Ints, Ints]:
    """Eliminate the ``first`` rows and columns of each matrix: their rank, and what is left of the others (Schur
    complement).
    """
    work = grams % PRIME
    found = _eliminate(work, first)
    return found, work[:, first:, first:]


def _eliminate(work: Ints, columns: int) -> Ints:
    """Gaussian elimination in place with pivots among the first ``columns`` rows and columns; returns the ranks there.

    Pivot rows are marked as used instead of swapped, so that each matrix of the stack may pivot elsewhere. The
    matrices are symmetric: what has been eliminated from all other rows leaves the Schur complement in the last rows
    and columns.
    """
    stack = np.arange(len(work))
    unused = np.ones((len(work), columns), dtype=bool)
    for column in range(columns):
        candidates = (work[:, :columns, column] != 0) & unused
        pivot_at = candidates.argmax(axis=1)
        has = candidates[stack, pivot_at]
        unused[stack[has], pivot_at[has]] = False
        pivot_row = work[stack, pivot_at]
        factor = work[:, :, column] * _inverse(pivot_row[:, column])[:, None] % PRIME
        factor[stack, pivot_at] = 0
        factor[~has] = 0
        work -= factor[:, :, None] * pivot_row[:, None, :] % PRIME
        work %= PRIME
    return cast("Ints", columns - unused.sum(axis=1))


def _inverse(values: Ints) -> Ints:
    """Inverse modulo ``PRIME``; of zero: zero."""
    return np.array([pow(v, -1, PRIME) if v else 0 for v in values.tolist()], dtype=np.int64)
