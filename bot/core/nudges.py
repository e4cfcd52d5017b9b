"""Which small idea, to which side, and why now: an explained choice from released figures only.

1. Nothing in a debrief, nothing twice in a week, nothing after three ideas that nobody answered.
2. Where the two sides of a tie experience it differently, the more content side is invited to ask.
3. Else the weakest released tie or dimension, in relational order, to the side whose behaviour it is about, and to
   the other one when the ideas for the first are used up.
4. No idea twice within a season, and none that the team has said is not for it.
5. A seeded tenth is held out: chosen and stored, never sent, so that the effect can be estimated.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from bot.core.figures import Figure
from bot.core.instrument import Bands, Dimension
from bot.core.library import Nudge, Side
from bot.core.states import NudgeArm, NudgeFeedback
from bot.core.weak_spots import Imbalance, WeakSpot, imbalances, weak_spots

WEEK_DAYS = 7
SEASON_DAYS = 91
IGNORED_IN_A_ROW = 3
HELD_OUT_SHARE = 0.1


class Why(StrEnum):
    """The pattern behind an idea; the words are ``nudge.why.<value>``."""

    ASYMMETRIC = "asymmetric"
    WEAK_TIE = "weak_tie"
    WEAK_DIMENSION = "weak_dimension"


class Silence(StrEnum):
    """Why no idea is due."""

    DEBRIEF = "debrief"
    """The team is still talking about its map."""
    WEEKLY_CAP = "weekly_cap"
    IGNORED = "ignored"
    NOTHING_RELEASED = "nothing_released"
    """No released figure is anything but strong."""
    USED_UP = "used_up"
    """Every idea that fits has been suggested within the season, or was not for this team."""


@dataclass(frozen=True, slots=True)
class PastNudge:
    """An idea that was chosen for the team. ``feedback`` is what people tapped; held-out ones have none."""

    entry: str
    on: date
    arm: NudgeArm
    feedback: frozenset[NudgeFeedback] = frozenset()


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the choice may depend on.

    ``appeal``: how well entries have been received anywhere, by id (0 is unknown). ``resumed_on``: when the team asked
    for ideas again after silence. ``seed`` is the team's own and stable.
    """

    team: int
    on: date
    figures: Sequence[Figure]
    bands: Bands
    seed: str
    history: Sequence[PastNudge] = ()
    in_debrief: bool = False
    resumed_on: date | None = None
    appeal: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An idea for ``workgroup`` about ``other``; both None where it is for the whole team.

    ``rater`` and ``rated`` name the tie that is the evidence, from the ``wave`` and with the band of ``respondents``.
    """

    nudge: Nudge
    why: Why
    dimension: Dimension
    workgroup: int | None
    other: int | None
    rater: int | None
    rated: int | None
    respondents: tuple[int, int | None]
    wave: int
    arm: NudgeArm


@dataclass(frozen=True, slots=True)
class _Aim:
    """A reason for an idea, before an idea is found for it. ``dimensions``: those that would help, best first."""

    why: Why
    dimensions: tuple[Dimension, ...]
    side: Side
    rater: int | None
    rated: int | None
    respondents: tuple[int, int | None]
    wave: int


def choose(situation: Situation, library: Sequence[Nudge]) -> Suggestion | Silence:
    """The team's idea for this week, or the reason why there is none."""
    silence = _must_be_silent(situation)
    if silence is not None:
        return silence
    aims = list(_aims(situation))
    if not aims:
        return Silence.NOTHING_RELEASED
    barred = _barred(situation)
    for aim in aims:
        nudge = _best(aim, [entry for entry in library if entry.id not in barred], situation)
        if nudge is not None:
            return _suggestion(aim, nudge, situation)
    return Silence.USED_UP


def arm_of(seed: str, team: int, on: date) -> NudgeArm:
    """Whether this week's idea is held out: a tenth of team-weeks, drawn before it is known which idea it will be."""
    week = on.isocalendar()
    drawn = random.Random(f"{seed}/{team}/{week.year}/{week.week}").random()
    return NudgeArm.HELD_OUT if drawn < HELD_OUT_SHARE else NudgeArm.SENT


def _must_be_silent(situation: Situation) -> Silence | None:
    if situation.in_debrief:
        return Silence.DEBRIEF
    if any(situation.on - past.on < timedelta(days=WEEK_DAYS) for past in situation.history):
        return Silence.WEEKLY_CAP
    if _ignored(situation):
        return Silence.IGNORED
    return None


def _ignored(situation: Situation) -> bool:
    """Whether the last ideas that were sent (since the team last asked for more) all met silence."""
    since = situation.resumed_on or date.min
    sent = [past for past in situation.history if past.arm is NudgeArm.SENT and past.on >= since]
    last = sorted(sent, key=lambda past: past.on)[-IGNORED_IN_A_ROW:]
    return len(last) == IGNORED_IN_A_ROW and not any(past.feedback for past in last)


def _barred(situation: Situation) -> set[str]:
    return {
        past.entry
        for past in situation.history
        if NudgeFeedback.NOT_FOR_US in past.feedback or situation.on - past.on < timedelta(days=SEASON_DAYS)
    }


def _aims(situation: Situation) -> Iterator[_Aim]:
    spots = weak_spots(situation.figures, team=situation.team, bands=situation.bands)
    for imbalance in imbalances(situation.figures, team=situation.team):
        yield _aim_of_imbalance(imbalance, spots)
    for spot in spots:
        why = Why.WEAK_DIMENSION if spot.rater is None else Why.WEAK_TIE
        for side in (Side.BOTH,) if spot.rater is None else (Side.RATED, Side.RATER):
            yield _Aim(why, (spot.dimension,), side, spot.rater, spot.rated, spot.respondents, spot.wave)


def _aim_of_imbalance(imbalance: Imbalance, spots: Sequence[WeakSpot]) -> _Aim:
    """Asking is what helps: about what is weak for the under-served side, if known, else about each other's work."""
    known = [s.dimension for s in spots if (s.rater, s.rated) == (imbalance.wanting, imbalance.content)]
    dimensions = tuple(dict.fromkeys([*known, Dimension.SHARED_KNOWLEDGE, Dimension.MUTUAL_RESPECT]))
    return _Aim(
        Why.ASYMMETRIC,
        dimensions,
        Side.RATED,
        imbalance.wanting,
        imbalance.content,
        imbalance.respondents,
        imbalance.wave,
    )


def _best(aim: _Aim, library: Sequence[Nudge], situation: Situation) -> Nudge | None:
    """The entry for the aim's side that has been received best, chance deciding among equals."""
    sides = (Side.BOTH,) if aim.side is Side.BOTH else (aim.side, Side.BOTH)
    chance = random.Random(f"{situation.seed}/{situation.team}/{situation.on.isoformat()}/{aim.why}")
    for dimension in aim.dimensions:
        fitting = sorted((n for n in library if n.dimension is dimension and n.side in sides), key=lambda n: n.id)
        chance.shuffle(fitting)
        if fitting:
            return max(fitting, key=lambda n: (n.side is aim.side, situation.appeal.get(n.id, 0.0)))
    return None


def _suggestion(aim: _Aim, nudge: Nudge, situation: Situation) -> Suggestion:
    return Suggestion(
        nudge=nudge,
        why=aim.why,
        dimension=nudge.dimension,
        workgroup=aim.rater if aim.side is Side.RATER else aim.rated,
        other=aim.rated if aim.side is Side.RATER else aim.rater,
        rater=aim.rater,
        rated=aim.rated,
        respondents=aim.respondents,
        wave=aim.wave,
        arm=arm_of(situation.seed, situation.team, situation.on),
    )
