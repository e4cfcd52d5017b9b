"""A simulated year: an organisation played through allocation, sealing and the gate, week by week, without a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.allocation import Past, Question, Rater, allocate
from bot.core.disclosure import Answers, Considered, TeamRules, WaveRules, consider
from bot.core.instrument import DIMENSIONS, Item, Option, Target
from bot.core.organisation import Organisation, Seat, Turnover, draw_organisation

PROCESS = 1
TIE_ITEMS = tuple(
    Item(d.value, Target.TIE, d.value, tuple(Option(str(score), score) for score in range(1, 6)), dimension=d)
    for d in DIMENSIONS
)
DIMENSION_OF = {item.id: position for position, item in enumerate(TIE_ITEMS)}


@dataclass(frozen=True, slots=True)
class Design:
    """How the pulses run: weekly ``items`` per person, waves of ``rounds`` rounds, every team's k."""

    items: int = 3
    rounds: int = 4
    min_respondents: int = 5


@dataclass(frozen=True, slots=True)
class PlayedAnswer:
    """One answer with what sealing takes away: who gave it."""

    seat: Seat
    round_number: int
    rated: int
    dimension: int
    score: int


@dataclass(frozen=True, slots=True, eq=False)
class PlayedWave:
    """A finished wave. ``sealed``: for each row of ``given``, in its shuffled order, the position in ``answers``."""

    wave: int
    answers: tuple[PlayedAnswer, ...]
    sealed: tuple[int, ...]
    rules: WaveRules
    given: Answers
    considered: tuple[Considered, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Year:
    """``waves`` are those that ended within the weeks; ``open_answers`` are of one that did not."""

    organisation: Organisation
    design: Design
    waves: tuple[PlayedWave, ...]
    open_answers: tuple[PlayedAnswer, ...]


def play(
    seed: int,
    weeks: int,
    sizes: Sequence[int],
    *,
    teams: int = 3,
    design: Design | None = None,
    turnover: Turnover | None = None,
) -> Year:
    """Play ``weeks`` weekly rounds from round 1. The same arguments always give the same year."""
    design = design or Design()
    rng = np.random.default_rng([seed, weeks, teams, *sizes])
    organisation = draw_organisation(rng, sizes, teams=teams, rounds=weeks, turnover=turnover)
    waves: list[PlayedWave] = []
    answers: list[PlayedAnswer] = []
    for first in range(1, weeks + 1, design.rounds):
        rounds = range(first, min(first + design.rounds, weeks + 1))
        answers = _play_rounds(organisation, rounds, design, rng)
        if len(rounds) == design.rounds:
            waves.append(_end(organisation, 1 + first // design.rounds, tuple(rounds), answers, design, rng))
            answers = []
    return Year(organisation, design, tuple(waves), tuple(answers))


def _play_rounds(
    organisation: Organisation, rounds: Sequence[int], design: Design, rng: np.random.Generator
) -> list[PlayedAnswer]:
    """Team by team, round by round: allocate, answer or not, remember for the wave."""
    seed = int(rng.integers(2**32))
    answers: list[PlayedAnswer] = []
    for team in range(organisation.teams):
        history: dict[int, list[Past]] = {}
        for number in rounds:
            seats = {seat.person: seat for seat in organisation.seats if seat.team == team and seat.holds(number)}
            asked = allocate(
                [Rater(seat.person, seat.workgroup) for seat in seats.values()],
                range(organisation.workgroups),
                TIE_ITEMS,
                items=design.items,
                min_respondents=design.min_respondents,
                seed=seed + team,
                round_number=number,
                history=history,
            )
            for person, questions in asked.items():
                answering = bool(rng.random() < organisation.readiness[person])
                history.setdefault(person, []).extend(Past(question, answering) for question in questions)
                if answering:
                    answers += [_answer(organisation, seats[person], number, question, rng) for question in questions]
    return answers


def _answer(
    organisation: Organisation, seat: Seat, number: int, question: Question, rng: np.random.Generator
) -> PlayedAnswer:
    rated, dimension = int(question.rated or 0), DIMENSION_OF[question.item]
    return PlayedAnswer(seat, number, rated, dimension, organisation.answer(seat, rated, dimension, rng))


def _end(
    organisation: Organisation,
    wave: int,
    rounds: tuple[int, ...],
    answers: Sequence[PlayedAnswer],
    design: Design,
    rng: np.random.Generator,
) -> PlayedWave:
    """Seal: rows shuffled, people under a key of this wave. Then the gate."""
    sealed = rng.permutation(len(answers))
    rules = wave_rules(organisation, wave, rounds, design)
    given = seal([answers[position] for position in sealed], rng.permutation(len(organisation.leniency)))
    considered = consider(given, rules)
    return PlayedWave(wave, tuple(answers), tuple(sealed.tolist()), rules, given, considered)


def wave_rules(organisation: Organisation, wave: int, rounds: tuple[int, ...], design: Design) -> WaveRules:
    """The rules as a coach would have declared them; heads of a workgroup are counted over all teams."""
    groups = tuple(range(organisation.workgroups))
    people = [{(s.person, s.workgroup) for s in organisation.seats if s.holds(number)} for number in rounds]
    headcount: Mapping[int, int] = {
        group: min(sum(workgroup == group for _, workgroup in present) for present in people) for group in groups
    }
    team = TeamRules(design.min_respondents, groups, groups)
    return WaveRules(PROCESS, wave, rounds, dict.fromkeys(range(organisation.teams), team), headcount)


def seal(answers: Sequence[PlayedAnswer], keys: np.typing.NDArray[np.int64]) -> Answers:
    """The columns the gate is given; ``keys``: by person, the respondent key of the wave."""
    columns = np.array(
        [
            (keys[a.seat.person], a.seat.team, a.round_number, a.seat.workgroup, a.rated, a.dimension, a.score)
            for a in answers
        ],
        dtype=np.int64,
    ).reshape(-1, 7)
    respondent, team, number, rater, rated, dimension, score = columns.T
    none = np.full(len(columns), -1, dtype=np.int64)
    return Answers(respondent, team, number, rater, rated, dimension, none, none, score)
