"""From rows that are due to messages that may go: what is true about each now, and what `core.deliveries` says."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.cadence import PersonTime, Rule, pulses_to_come, rule_from, week_of
from bot.core.deliveries import ORDINARY_HOURS, Context, GiveUp, Send, Wait, counts, decide
from bot.core.messages import Message
from bot.core.reasons import Reason
from bot.core.states import AskState, DeliveryKind, RoundState
from bot.db import deliveries as queries
from bot.db.deliveries import Owed
from bot.db.tables import Delivery
from bot.services import compose
from bot.services.deps import Deps
from bot.services.rounds import person_time

log = logging.getLogger(__name__)

_OF_AN_ASK = frozenset({DeliveryKind.PULSE, DeliveryKind.REMINDER})
_COUNTED = frozenset(kind for kind in DeliveryKind if counts(kind))
_LONGEST_WEEK = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Job:
    """One message, ready to go. `channel` is None where the direct message has to be opened first."""

    delivery: Delivery
    context: Context
    message: Message
    language: str
    slack_user: str | None
    channel: str | None
    replaces: tuple[str, str] | None = None

    @property
    def metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": self.delivery.kind.value, "delivery": self.delivery.id}
        if self.delivery.round_id is not None:
            found["round"] = self.delivery.round_id
        return found

    @property
    def may_disturb(self) -> bool:
        """Whether Do Not Disturb is to be waited for."""
        return self.context.person is not None and not self.context.awaited

    def held_by_dnd(self, until: datetime, now: datetime) -> datetime | Reason | None:
        """When to go instead, or why not at all, if Do Not Disturb ends at `until`."""
        person = self.context.person
        assert person is not None  # noqa: S101 - asked only where `may_disturb`
        match decide(replace(self.context, person=replace(person, dnd_until=until)), now):
            case Wait(at):
                return at
            case GiveUp(reason):
                return reason
            case Send():
                return None


@dataclass(slots=True)
class Prepared:
    """What was decided. Nothing of it is stored yet."""

    jobs: list[Job] = field(default_factory=list)
    put_off: dict[str, datetime] = field(default_factory=dict)
    skipped: list[tuple[Delivery, Reason]] = field(default_factory=list)
    poison: list[tuple[Delivery, str]] = field(default_factory=list)

    def skip(self, delivery: Delivery, reason: Reason) -> None:
        self.skipped.append((delivery, reason))


async def prepare(deps: Deps, session: AsyncSession, ids: Sequence[str], now: datetime, most: int) -> Prepared:
    """Decide about these due deliveries, composing at most `most` messages; what is left over stays due."""
    found = Prepared()
    rows = await queries.owed(session, ids, now)
    contexts = await _contexts(session, rows, now)
    for row in rows:
        match decide(contexts[row.delivery.id], now):
            case Wait(until):
                found.put_off[row.delivery.id] = until
            case GiveUp(reason):
                found.skip(row.delivery, reason)
            case Send() if len(found.jobs) < most:
                await _compose(deps, session, row, contexts[row.delivery.id], found)
            case Send():
                pass
    return found


async def _compose(deps: Deps, session: AsyncSession, row: Owed, context: Context, found: Prepared) -> None:
    delivery = row.delivery
    try:
        message = await compose.compose(deps, session, delivery)
        replaces = await compose.shown_at(session, delivery) if delivery.kind is DeliveryKind.NOTICE else None
        language = await compose.language(session, delivery)
    except SQLAlchemyError:
        raise  # the database's trouble is nobody's row
    except Exception as error:  # noqa: BLE001 - outermost for one row: a poison row must not stop those behind it
        log.warning("delivery.poison delivery=%s error=%s", delivery.id, type(error).__name__)
        found.poison.append((delivery, f"poison:{type(error).__name__}"))
        return
    if isinstance(message, Reason):
        found.skip(delivery, message)
    elif delivery.kind is DeliveryKind.NOTICE and replaces is None:
        found.skip(delivery, Reason.WITHDRAWN)
    else:
        person = row.person
        channel = replaces[0] if replaces else delivery.channel or (person.dm_channel if person else None)
        user = person.slack_user_id if person else None
        found.jobs.append(Job(delivery, context, message, language, user, channel, replaces))


async def _contexts(session: AsyncSession, rows: Sequence[Owed], now: datetime) -> dict[str, Context]:
    rules = {row.team.id: rule_from(row.rule) for row in rows if row.team and row.rule}
    people = {row.person.id for row in rows if row.person}
    got = await queries.got(session, people, _COUNTED, now - _LONGEST_WEEK)
    return {row.delivery.id: _context(row, rules, got, now) for row in rows}


def _context(row: Owed, rules: Mapping[int, Rule], got: Iterable[tuple[int, datetime]], now: datetime) -> Context:
    delivery = row.delivery
    whose = person_time(row.person, row.team) if row.person and row.team else None
    rule = rules.get(row.team.id, ORDINARY_HOURS) if row.team else ORDINARY_HOURS
    to_come = delivery.kind is not DeliveryKind.PULSE and counts(delivery.kind) and whose is not None
    return Context(
        kind=delivery.kind,
        due_at=delivery.due_at,
        not_after=delivery.not_after,
        variant=delivery.variant,
        person=whose,
        rule=rule,
        over=_over(row, now),
        spent=_spent(row, whose, got, now),
        reserved=pulses_to_come(rule, now, whose.zone) if to_come and whose and row.rule else 0,
    )


def _spent(row: Owed, whose: PersonTime | None, got: Iterable[tuple[int, datetime]], now: datetime) -> int:
    if row.person is None or whose is None:
        return 0
    week = week_of(now, whose.zone)
    return Counter(person for person, at in got if week.holds(at))[row.person.id]


def _over(row: Owed, now: datetime) -> Reason | None:
    """Why nobody needs it any more, as far as one look tells; `compose` looks closer."""
    if row.person is not None and row.person.deactivated_at is not None:
        return Reason.DEACTIVATED
    if row.delivery.kind is DeliveryKind.NUDGE and not row.belongs:
        return Reason.LEFT
    if row.delivery.kind not in _OF_AN_ASK or row.ask is None or row.round is None:
        return None
    if row.ask.state is AskState.FINISHED:
        return Reason.ANSWERED
    if row.person is not None and row.person.opted_out_at is not None:
        return Reason.OPTED_OUT
    if not row.belongs:
        return Reason.LEFT
    if row.ask.state is AskState.WITHDRAWN:
        return Reason.WITHDRAWN
    if row.ask.state is AskState.LAPSED or row.round.state is not RoundState.OPEN or now >= row.round.closes_at:
        return Reason.CLOSED
    return None
