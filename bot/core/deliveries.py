"""The outbox decides here: whether a message may go now, and what becomes of it after each outcome.

States are `core.states.DeliveryState`. A planned delivery is *due* once `due_at` has passed, *due again* when it has
been tried before; an unconfirmed one is looked up before it is due again. Reasons for not sending are values: stored,
counted, and shown, where they are not personal.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from bot.core.cadence import (
    Budget,
    Hours,
    NotAsked,
    PersonTime,
    Reason,
    Rule,
    Weekly,
    later,
    within_budget,
)
from bot.core.cadence.rule import MON_TO_FRI
from bot.core.states import DeliveryKind, DeliveryState

REQUESTED = "requested"
"""The `variant` of a message that somebody is waiting for."""

MAX_ATTEMPTS = 8
NEVER_CONFIRMED = "never_confirmed"
FIRST_BACKOFF_SECONDS = 5.0
LONGEST_BACKOFF_SECONDS = 600.0
_PATIENCE = timedelta(days=14)
_COUNTED = frozenset({DeliveryKind.PULSE, DeliveryKind.REMINDER, DeliveryKind.NUDGE, DeliveryKind.HUDDLE})
_ENDED_BY_OPTING_OUT = frozenset({DeliveryKind.PULSE, DeliveryKind.REMINDER, DeliveryKind.NUDGE})
_NEVER_HELD = frozenset({DeliveryKind.REPORT, DeliveryKind.NOTICE})

ORDINARY_HOURS = Rule(recurrence=Weekly(MON_TO_FRI), at=time(9), start_on=date.min, hours=Hours(time(8), time(18)))
"""Whose team has no schedule is still not written to at night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is true now about one delivery.

    `over` says why its subject no longer needs it (closed, withdrawn, answered, left, deactivated). `spent` counts
    what the person got this week, `reserved` what is planned for them later in the week and matters more. `person` is
    None for a channel.
    """

    kind: DeliveryKind
    due_at: datetime
    not_after: datetime | None = None
    variant: str = ""
    person: PersonTime | None = None
    rule: Rule = ORDINARY_HOURS
    over: Reason | None = None
    spent: int = 0
    reserved: int = 0
    budget: Budget = field(default_factory=Budget)

    @property
    def awaited(self) -> bool:
        """Whether somebody asked for it: then hours, budget and absences do not hold it."""
        return self.variant == REQUESTED or self.kind in _NEVER_HELD


@dataclass(frozen=True, slots=True)
class Send:
    """Now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Never; `reason` is stored with the skipped delivery."""

    reason: Reason


Decision = Send | Wait | GiveUp


def counts(kind: DeliveryKind) -> bool:
    """Whether messages of this kind use up the person's weekly budget."""
    return kind in _COUNTED


def decide(context: Context, now: datetime) -> Decision:
    """Whether this delivery goes now, later or never. Looked at again just before each send, since people change."""
    if context.over is not None:
        return GiveUp(context.over)
    if context.not_after is not None and now >= context.not_after:
        return GiveUp(Reason.MISSED)
    if now < context.due_at:
        return Wait(context.due_at)
    person = context.person
    if person is None or context.awaited:
        return Send()
    if person.opted_out and context.kind in _ENDED_BY_OPTING_OUT:
        return GiveUp(Reason.OPTED_OUT)
    if counts(context.kind) and not within_budget(context.budget, context.spent, reserved=context.reserved):
        return GiveUp(Reason.BUDGET)
    return _in_their_time(context, person, now)


def _in_their_time(context: Context, person: PersonTime, now: datetime) -> Decision:
    allowed = later(context.rule, person, now, context.not_after or now + _PATIENCE)
    if isinstance(allowed, NotAsked):
        return GiveUp(allowed.reason)
    return Send() if allowed.utc <= now else Wait(allowed.utc)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Slack has it."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class SlowedDown:
    """Slack wants a pause and took nothing."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """Trying again changes nothing. `reason` is Slack's error string."""

    reason: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Certainly not accepted, and worth another try: Slack's own trouble, or ours before anything was sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """No reply: it may have been accepted."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Looked for where a lost message would be, and not found."""


Outcome = Accepted | SlowedDown | Refusal | Trouble | Lost | Absent


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to store. `due_at` None leaves the row's own; `attempts` is the new number."""

    state: DeliveryState
    attempts: int
    due_at: datetime | None = None
    reason: str | None = None


def after(outcome: Outcome, *, attempts: int, now: datetime, looked_up: bool = False) -> Verdict:
    """What becomes of a delivery after `attempts` earlier tries and this outcome.

    A pause that Slack asks for is nobody's failure and costs no try. Trouble costs one: the row is pushed on, each
    time further, so that it does not stop the others, and fails in the open after `MAX_ATTEMPTS`. `looked_up`: the
    trouble came while looking for a lost message, which stays unconfirmed.
    """
    match outcome:
        case Accepted():
            return Verdict(state=DeliveryState.SENT, attempts=attempts + 1)
        case SlowedDown(seconds):
            state = DeliveryState.UNCONFIRMED if looked_up else DeliveryState.PLANNED
            return Verdict(state=state, attempts=attempts, due_at=now + timedelta(seconds=seconds))
        case Refusal(reason):
            return Verdict(state=DeliveryState.FAILED, attempts=attempts + 1, reason=reason)
        case Lost():
            return Verdict(state=DeliveryState.UNCONFIRMED, attempts=attempts + 1)
        case Absent() if attempts >= MAX_ATTEMPTS:
            return Verdict(state=DeliveryState.FAILED, attempts=attempts, reason=NEVER_CONFIRMED)
        case Absent():
            return Verdict(state=DeliveryState.PLANNED, attempts=attempts, due_at=now)
        case Trouble(reason):
            return _pushed_on(reason, attempts + 1, now, looked_up=looked_up)


def _pushed_on(reason: str, attempts: int, now: datetime, *, looked_up: bool) -> Verdict:
    if attempts >= MAX_ATTEMPTS:
        return Verdict(state=DeliveryState.FAILED, attempts=attempts, reason=reason)
    state = DeliveryState.UNCONFIRMED if looked_up else DeliveryState.PLANNED
    return Verdict(state=state, attempts=attempts, due_at=now + backoff(attempts), reason=reason)


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many tries (1 or more): doubling, ten minutes at most."""
    seconds = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2.0 ** (attempts - 1))
    return timedelta(seconds=seconds)
