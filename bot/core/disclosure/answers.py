"""What the gate is given: the sealed answers of one wave of one focal process, and the rules they were promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SMALL_ROLE = 3
"""A rated workgroup of fewer people than this (over the focal process) gets no figure: it would appraise a person."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Columns of equal length, one row per answer.

    ``respondent``: the wave's key of a person, the same in every team of the focal process. ``round``: round id.
    ``rater``, ``rated``: workgroup ids (equal for a within answer; ``rated`` is -1 for a companion answer).
    ``dimension``: position in ``instrument.DIMENSIONS``, -1 for a companion. ``construct``: position in
    ``constructs``, -1 for a tie answer. ``change``: change id or -1. ``score``: 1 to 5.
    """

    respondent: Ints
    team: Ints
    round: Ints
    rater: Ints
    rated: Ints
    dimension: Ints
    construct: Ints
    change: Ints
    score: Ints
    constructs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lengths = {
            len(column)
            for column in (
                self.respondent,
                self.team,
                self.round,
                self.rater,
                self.rated,
                self.dimension,
                self.construct,
                self.change,
                self.score,
            )
        }
        if len(lengths) > 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.score)


class AskedInFull(StrEnum):
    """How soon a person has been asked everything: then chance no longer decides whose answer is behind a figure."""

    ROUND = "round"
    WAVE = "wave"


@dataclass(frozen=True, slots=True)
class TeamRules:
    """What holds for one team in this wave. ``min_respondents`` is its k. ``raters``: workgroups that have members in
    the team; ``rated``: workgroups that are asked about (clients and leaders may only be here). ``companions``:
    (construct, change) asked in this wave. ``in_full``: set where the design asks everybody everything (baselines,
    many items): guarantee two.
    """

    min_respondents: int
    raters: tuple[int, ...]
    rated: tuple[int, ...]
    companions: tuple[tuple[str, int | None], ...] = ()
    in_full: AskedInFull | None = None


Panel = Mapping[tuple[int, int], frozenset[int]]
"""Who took part in a wave: (team, workgroup) to person ids, from the participation list that outlives the answers."""


@dataclass(frozen=True, slots=True)
class WaveRules:
    """One wave of one focal process.

    ``rounds`` in order. ``headcount``: declared people per rated workgroup over the whole focal process. ``clients``:
    workgroups exempt from the small-role rule. ``panel`` and ``earlier`` (this wave's and every earlier wave's
    participants, as far as released figures rest on them) are read for teams asked in full only.
    """

    process: int
    wave: int
    rounds: tuple[int, ...]
    teams: Mapping[int, TeamRules]
    headcount: Mapping[int, int]
    clients: frozenset[int] = frozenset()
    panel: Panel = field(default_factory=dict)
    earlier: tuple[Panel, ...] = ()

    def is_open(self, rated: int) -> bool:
        """May there be figures about this workgroup?"""
        return rated in self.clients or self.headcount.get(rated, 0) >= SMALL_ROLE
