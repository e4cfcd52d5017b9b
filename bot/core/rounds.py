"""When a round opens or is missed, and when a wave ends. Pure decisions; services perform them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from bot.core.cadence import Opening, Rule, Window, openings, round_window

LATEST_OPENING = 0.5
"""A round that could not open in time still opens while at least this share of its window is left."""
_HORIZON = timedelta(days=800)


@dataclass(frozen=True, slots=True)
class NotYet:
    at: datetime


@dataclass(frozen=True, slots=True)
class Open:
    window: Window


@dataclass(frozen=True, slots=True)
class Missed:
    window: Window


def decide(window: Window, now: datetime) -> NotYet | Open | Missed:
    """What to do about a period whose round is not there yet."""
    if now < window.opens_at:
        return NotYet(window.opens_at)
    left = (window.closes_at - now) / (window.closes_at - window.opens_at)
    return Open(window) if left >= LATEST_OPENING else Missed(window)


def coming(rule: Rule, after: str | None, not_before: date, until: date) -> Iterable[Opening]:
    """Openings of periods later than ``after`` (None: of any), whose day lies in ``not_before`` to ``until``."""
    first = max(not_before - timedelta(days=31), rule.start_on)
    for opening in openings(rule, first, until):
        if (after is None or opening.period > after) and opening.on >= not_before and opening.skipped is None:
            yield opening


@dataclass(frozen=True, slots=True)
class Paced:
    """One schedule of a focal process, as far as the length of a wave depends on it."""

    rule: Rule
    zones: frozenset[str]


def wave_end(paced: Sequence[Paced], from_on: date, rounds: int, at_least: datetime) -> datetime:
    """When a wave that begins with the rounds of ``from_on`` ends: every schedule has then had ``rounds`` of them.

    Never before ``at_least`` (the closing of the round that begins it). A schedule that ends sooner counts with what is
    left of it.
    """
    ends = [at_least]
    for one in paced:
        takes_place = (
            opening for opening in openings(one.rule, from_on, from_on + _HORIZON) if opening.skipped is None
        )
        last = list(islice(takes_place, rounds))[-1:]
        ends += [round_window(one.rule, opening, one.zones).closes_at for opening in last]
    return max(ends)
