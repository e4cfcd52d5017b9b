"""A process change from start to end: what may be done with it, what its stage asks for, what is due next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.core.figures import Figure, Shown
from bot.core.instrument import Band, Bands
from bot.core.library import Playbook, Stage, StageKind
from bot.core.states import ChangeState, HuddleState
from bot.core.weak_spots import companion

SKIPPED_BEFORE_ASKING = 3
"""So many huddles that did not take place, one after the other, bring one kind question, then silence."""
LEAST_DAYS_BETWEEN_PROMPTS = 2
MANY_CHANGES = 3
"""From so many active changes on a workgroup is said to carry too much."""
LOSS_ITEMS = ("loss_acknowledged", "loss_what_stays", "loss_support")


class Action(StrEnum):
    """What people do with a change; each with a short why in its history."""

    START = "start"
    MOVE = "move"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    ABANDON = "abandon"


_AFTER: Mapping[tuple[ChangeState, Action], ChangeState] = {
    (ChangeState.DRAFT, Action.START): ChangeState.ACTIVE,
    (ChangeState.DRAFT, Action.ABANDON): ChangeState.ABANDONED,
    (ChangeState.ACTIVE, Action.MOVE): ChangeState.ACTIVE,
    (ChangeState.ACTIVE, Action.PAUSE): ChangeState.PAUSED,
    (ChangeState.ACTIVE, Action.FINISH): ChangeState.FINISHED,
    (ChangeState.ACTIVE, Action.ABANDON): ChangeState.ABANDONED,
    (ChangeState.PAUSED, Action.RESUME): ChangeState.ACTIVE,
    (ChangeState.PAUSED, Action.FINISH): ChangeState.FINISHED,
    (ChangeState.PAUSED, Action.ABANDON): ChangeState.ABANDONED,
}


@dataclass(frozen=True, slots=True)
class Change:
    """A change where it stands. ``workgroups`` are the affected ones, ``stage`` an id in the playbook.

    ``takes_away``: whether somebody loses something by it.
    """

    id: int
    playbook: Playbook
    stage: str
    stage_since_on: date
    state: ChangeState = ChangeState.ACTIVE
    takes_away: bool = False
    workgroups: frozenset[int] = frozenset()

    @property
    def at(self) -> Stage:
        """Raises KeyError if the playbook no longer has the stage."""
        return self.playbook.stage[self.stage]


@dataclass(frozen=True, slots=True)
class PastHuddle:
    """A huddle that was prompted. ``present`` and ``facilitator`` are workgroups, ``prompt`` an id in the library."""

    on: date
    state: HuddleState
    stage: str
    prompt: str
    present: frozenset[int] = frozenset()
    facilitator: int | None = None


@dataclass(frozen=True, slots=True)
class PromptHuddle:
    """A prompt for the change's next huddle is due."""


@dataclass(frozen=True, slots=True)
class AskAboutHuddles:
    """The huddles keep being skipped: one kind question is due."""


class RestReason(StrEnum):
    NOT_ACTIVE = "not_active"
    NOT_DUE = "not_due"
    GONE_QUIET = "gone_quiet"
    """The question was asked, and no huddle has been held since."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is due; ``until`` is the day on which to look again, None if somebody has to act first."""

    reason: RestReason
    until: date | None = None


Step = PromptHuddle | AskAboutHuddles | Rest


def after(state: ChangeState, action: Action) -> ChangeState | None:
    """The state that the action leads to, or None if it makes no sense from here."""
    return _AFTER.get((state, action))


def may_start(*, has_measure: bool, no_measure_reason: str) -> bool:
    """A change without an outcome measure starts only with a stated reason."""
    return has_measure or bool(no_measure_reason.strip())


def next_step(
    change: Change,
    huddles: Sequence[PastHuddle],
    *,
    every_days: int,
    today: date,
    asked_about_huddles_on: date | None = None,
) -> Step:
    """What is due for the change's huddles: on its rhythm, and soon after a new stage has begun."""
    if change.state is not ChangeState.ACTIVE:
        return Rest(RestReason.NOT_ACTIVE)
    past = sorted((huddle for huddle in huddles if huddle.on < today), key=lambda huddle: huddle.on)
    if _keeps_being_skipped(past):
        asked = asked_about_huddles_on is not None and not _held_since(past, asked_about_huddles_on)
        return Rest(RestReason.GONE_QUIET) if asked else AskAboutHuddles()
    due_on = _due_on(change, [huddle.on for huddle in huddles], every_days)
    return PromptHuddle() if today >= due_on else Rest(RestReason.NOT_DUE, due_on)


def items_of_stage(change: Change) -> tuple[str, ...]:
    """Companion items (ids) that this stage asks of the affected workgroups; about loss only where there is one."""
    items = change.at.items
    if not change.takes_away:
        return tuple(item for item in items if item not in LOSS_ITEMS)
    fitting = LOSS_ITEMS[:1] if change.at.kind in {StageKind.EARLY, StageKind.TEST} else LOSS_ITEMS
    return tuple(dict.fromkeys([*items, *fitting]))


def carried(changes: Iterable[Change]) -> Counter[int]:
    """How many active changes each workgroup carries."""
    return Counter(group for change in changes if change.state is ChangeState.ACTIVE for group in change.workgroups)


def overloaded(changes: Iterable[Change], workgroups: Iterable[int], *, most: int = MANY_CHANGES) -> tuple[int, ...]:
    """Those of ``workgroups`` that would carry ``most`` active changes or more, were another one started."""
    load = carried(changes)
    return tuple(sorted(group for group in workgroups if load[group] + 1 >= most))


def complies_without_wanting(figures: Sequence[Figure], *, change: int, team: int, bands: Bands) -> bool:
    """Whether people go along because they have to, and neither want to nor feel that they owe it.

    Says so only where all three commitment figures are released: the three are never averaged.
    """
    want, owe, have_to = (
        companion(figures, f"commitment_{kind}", team=team, change=change)
        for kind in ("affective", "normative", "continuance")
    )
    if not (isinstance(want, Shown) and isinstance(owe, Shown) and isinstance(have_to, Shown)):
        return False
    weak = bands.of(want.value) is Band.WEAK and bands.of(owe.value) is Band.WEAK
    return weak and bands.of(have_to.value) is not Band.WEAK


def _keeps_being_skipped(past: Sequence[PastHuddle]) -> bool:
    last = past[-SKIPPED_BEFORE_ASKING:]
    return len(last) == SKIPPED_BEFORE_ASKING and all(huddle.state is not HuddleState.HELD for huddle in last)


def _held_since(past: Sequence[PastHuddle], on: date) -> bool:
    return any(huddle.state is HuddleState.HELD and huddle.on >= on for huddle in past)


def _due_on(change: Change, prompted: Sequence[date], every_days: int) -> date:
    if not prompted:
        return change.stage_since_on
    last = max(prompted)
    on_rhythm = last + timedelta(days=every_days)
    if last >= change.stage_since_on:
        return on_rhythm
    return min(on_rhythm, max(change.stage_since_on, last + timedelta(days=LEAST_DAYS_BETWEEN_PROMPTS)))
