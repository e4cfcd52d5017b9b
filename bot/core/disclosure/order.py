"""Accepting figures in an order of priority."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Candidate = TypeVar("Candidate")


def accept_in_order(candidates: Sequence[Candidate], holds: Callable[[list[Candidate]], bool]) -> list[Candidate]:
    """What one gets by offering the candidates one at a time and keeping each with which the kept ones still hold.

    ``holds`` must hold for every part of what it holds for; then the first candidate that does not fit can be found by
    bisection, and the usual case, in which all fit, costs one call.
    """
    kept: list[Candidate] = []
    rest = list(candidates)
    while rest:
        if holds(kept + rest):
            return kept + rest
        fitting, refused = 0, len(rest)
        while refused - fitting > 1:
            middle = (fitting + refused) // 2
            if holds(kept + rest[:middle]):
                fitting = middle
            else:
                refused = middle
        kept += rest[:fitting]
        rest = rest[refused:]
    return kept
