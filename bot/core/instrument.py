"""What is asked: dimensions, items, options, and the instrument that holds them.

The seven dimensions and the shape of their scales follow relational coordination (Gittell); the wording is our own or
an organisation's licensed one, and comes from a file under ``prompts/`` (read by ``bot.content``). Nothing here knows a
word.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Dimension(StrEnum):
    """The seven dimensions, in the order in which they are always shown."""

    FREQUENT = "frequent"
    TIMELY = "timely"
    ACCURATE = "accurate"
    PROBLEM_SOLVING = "problem_solving"
    SHARED_GOALS = "shared_goals"
    SHARED_KNOWLEDGE = "shared_knowledge"
    MUTUAL_RESPECT = "mutual_respect"


class Block(StrEnum):
    """Communication is the first four dimensions, relationship the last three."""

    COMMUNICATION = "communication"
    RELATIONSHIP = "relationship"


DIMENSIONS: tuple[Dimension, ...] = tuple(Dimension)
BLOCK_OF: dict[Dimension, Block] = {
    dimension: Block.COMMUNICATION if position < 4 else Block.RELATIONSHIP
    for position, dimension in enumerate(DIMENSIONS)
}


class Target(StrEnum):
    """What an item is about: another workgroup, the team as a whole, or a named change."""

    TIE = "tie"
    TEAM = "team"
    CHANGE = "change"


class Band(StrEnum):
    WEAK = "weak"
    MODERATE = "moderate"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Bands:
    """Where weak ends and strong begins, on the 1 to 5 scale; both cuts belong to *moderate*.

    Conventions from full surveys, hence provisional. Values are compared with a tolerance so that 28/7 is 4.0.
    """

    weak_below: float
    strong_above: float

    def of(self, value: float, *, tolerance: float = 1e-9) -> Band:
        if value < self.weak_below - tolerance:
            return Band.WEAK
        if value > self.strong_above + tolerance:
            return Band.STRONG
        return Band.MODERATE


@dataclass(frozen=True, slots=True)
class Option:
    """One answer a person can tap. ``score`` is 1..5, not always in display order (frequency: 1, 3, 5, 4, 2)."""

    label: str
    score: int


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``dimension`` and ``block`` are set for tie items.

    ``construct`` names what a companion item measures (``psychological_safety``, ``commitment_affective``,
    ``loss_acknowledged``, ``belief_in_action``, …).
    """

    id: str
    target: Target
    text: str
    options: tuple[Option, ...]
    dimension: Dimension | None = None
    construct: str | None = None
    every_rounds: int | None = None
    """A companion item's own rhythm: asked of each person once in so many rounds; None for tie items."""

    @property
    def block(self) -> Block | None:
        return BLOCK_OF[self.dimension] if self.dimension else None

    def score_of(self, option: int) -> int:
        """Score of the option at display position ``option`` (from 1). Raises IndexError outside the scale."""
        if option < 1:
            raise IndexError(option)
        return self.options[option - 1].score


@dataclass(frozen=True)
class Instrument:
    """A set of items with its origin. ``content_hash`` covers what an answer means: ids, targets, words, scores."""

    id: str
    version: str
    language: str
    provenance: str
    licence: str
    items: tuple[Item, ...]
    between: Bands
    within: Bands

    @cached_property
    def by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def tie_items(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.target is Target.TIE)

    @cached_property
    def content_hash(self) -> str:
        meaning = [
            [
                item.id,
                item.target,
                item.dimension,
                item.construct,
                item.text,
                [[o.label, o.score] for o in item.options],
            ]
            for item in self.items
        ]
        return hashlib.sha256(json.dumps(meaning, ensure_ascii=False).encode()).hexdigest()
