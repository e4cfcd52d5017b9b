"""Made-up organisations with a known truth: the test bench for everything that is measured and released.

An answer is the true score of a tie on a dimension, plus the rater's own leniency, plus chance, rounded to a whole
option and clipped to the scale:

    answer = clip(round(mean + tie + dimension + tie x dimension + rater + chance), 1, 5)

Ties differ by team and direction, dimensions are the same for everybody. People come and go, some sit in two teams,
and each has their own readiness to answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from bot.core.instrument import DIMENSIONS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Variation:
    """Standard deviations of the parts of an answer, on the 1 to 5 scale, around ``mean``."""

    mean: float = 3.8
    tie: float = 0.45
    dimension: float = 0.35
    interaction: float = 0.2
    rater: float = 0.35
    answer: float = 0.6


@dataclass(frozen=True, slots=True)
class Turnover:
    """``leaving``: chance that a seat falls vacant after a round; it is filled in the next. ``doubling``: share of
    people who
    also sit in the next team, in the same workgroup. ``responding``: mean of people's chance to answer a round.
    """

    leaving: float = 0.005
    doubling: float = 0.05
    responding: float = 0.7


@dataclass(frozen=True, slots=True)
class Seat:
    """One membership: ``left_round`` is the last round in it, None while it lasts."""

    person: int
    team: int
    workgroup: int
    joined_round: int
    left_round: int | None = None

    def holds(self, round_number: int) -> bool:
        return self.joined_round <= round_number and (self.left_round is None or round_number <= self.left_round)


@dataclass(frozen=True, slots=True, eq=False)
class Organisation:
    """``scores``: the truth, by team, rater group, rated group, dimension. ``leniency``, ``readiness``: by person."""

    scores: Floats
    seats: tuple[Seat, ...]
    leniency: Floats
    readiness: Floats
    variation: Variation = field(default_factory=Variation)

    @property
    def teams(self) -> int:
        return int(self.scores.shape[0])

    @property
    def workgroups(self) -> int:
        return int(self.scores.shape[1])

    def expected(self) -> Floats:
        """What answers average to, over raters, after rounding and clipping. Shape of ``scores``."""
        spread = np.hypot(self.variation.rater, self.variation.answer)
        cuts = np.array([1.5, 2.5, 3.5, 4.5])
        above = 1 - ndtr((cuts - self.scores[..., None]) / spread)
        return np.asarray(1 + above.sum(axis=-1))

    def answer(self, seat: Seat, rated: int, dimension: int, rng: np.random.Generator) -> int:
        """One answer of this person about a workgroup, 1 to 5."""
        true = self.scores[seat.team, seat.workgroup, rated, dimension] + self.leniency[seat.person]
        return int(np.clip(np.rint(true + rng.normal(0, self.variation.answer)), 1, 5))


def draw_organisation(
    rng: np.random.Generator,
    sizes: Sequence[int],
    *,
    teams: int,
    rounds: int,
    variation: Variation | None = None,
    turnover: Turnover | None = None,
) -> Organisation:
    """An organisation of ``teams`` teams that share one focal process, each with workgroups of these ``sizes``."""
    variation, turnover = variation or Variation(), turnover or Turnover()
    shape = (teams, len(sizes), len(sizes))
    scores = (
        variation.mean
        + rng.normal(0, variation.tie, shape)[..., None]
        + rng.normal(0, variation.dimension, len(DIMENSIONS))
        + rng.normal(0, variation.interaction, (*shape, len(DIMENSIONS)))
    )
    seats = _seats(rng, sizes, teams, rounds, turnover)
    people = max(seat.person for seat in seats) + 1
    return Organisation(
        scores=scores,
        seats=tuple(seats),
        leniency=rng.normal(0, variation.rater, people),
        readiness=rng.beta(10 * turnover.responding, 10 * (1 - turnover.responding), people),
        variation=variation,
    )


def _seats(rng: np.random.Generator, sizes: Sequence[int], teams: int, rounds: int, turnover: Turnover) -> list[Seat]:
    """Every seat is held by a chain of people; some of the first holders hold a seat in the next team as well."""
    seats: list[Seat] = []
    newcomer = 0
    in_both: dict[tuple[int, int], list[int]] = {}
    for team in range(teams):
        for workgroup, size in enumerate(sizes):
            shared = in_both.get((team, workgroup), [])
            for place in range(size):
                person, newcomer = (shared[place], newcomer) if place < len(shared) else (newcomer, newcomer + 1)
                if place >= len(shared) and team + 1 < teams and rng.random() < turnover.doubling:
                    in_both.setdefault((team + 1, workgroup), []).append(person)
                chain, newcomer = _chain(rng, (person, newcomer), (team, workgroup), rounds, turnover)
                seats += chain
    return seats


def _chain(
    rng: np.random.Generator, people: tuple[int, int], place: tuple[int, int], rounds: int, turnover: Turnover
) -> tuple[list[Seat], int]:
    """The holders of one seat over time, and the next free person number."""
    person, newcomer = people
    seats: list[Seat] = []
    joined = 1
    for number in range(1, rounds):
        if rng.random() < turnover.leaving:
            seats.append(Seat(person, *place, joined, number))
            person, newcomer, joined = newcomer, newcomer + 1, number + 1
    return [*seats, Seat(person, *place, joined)], newcomer
