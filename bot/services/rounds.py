"""Rounds open: from a schedule's rule to asks and deliveries, exactly once per schedule and period.

Opening, in one transaction a schedule:

1. the schedule's row is locked and read again: whoever comes second finds the work done;
2. the periods since the last round are decided one by one: not yet, open, missed (stored with its reason);
3. an open round gets its wave (a new one with a new key where none fits);
4. the members as of now are asked: a due time or a reason not to, and the items that `core.allocation` chose;
5. asks, their items under the wave's key, and the deliveries (pulse and reminders) are written together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.cadence import (
    DueAt,
    NotAsked,
    Opening,
    PersonTime,
    Rule,
    Window,
    due_at,
    later,
    reminder_times,
    round_window,
    rule_from,
    wall_clock,
)
from bot.core.reasons import Reason
from bot.core.rounds import Missed, NotYet, Open, coming, decide
from bot.core.states import DeliveryKind, DeliveryState, RoundState
from bot.db import people as queries
from bot.db.tables import Ask, AskedItems, Delivery, Membership, Person, Round, Schedule, Team, Wave
from bot.services import allocations, instruments, waves
from bot.services.deps import Deps

_HORIZON = timedelta(days=400)
ON_TIME = timedelta(minutes=5)
_NEVER = timedelta(days=30)
"""How soon a schedule without any coming period is looked at again."""


async def open_due(deps: Deps, now: datetime) -> None:
    """Open what is due. Running it twice, late, or on another replica changes nothing more."""
    async with deps.database.read() as session:
        query = select(Schedule.id).where(
            col(Schedule.paused_at).is_(None),
            col(Schedule.next_check_at).is_(None) | (col(Schedule.next_check_at) <= now),
        )
        due = (await session.exec(query)).all()
    heads = allocations.Headcounts()
    for schedule_id in due:
        await _open_schedule(deps, schedule_id, now, heads)


async def next_opening_at(session: AsyncSession) -> datetime | None:
    """When the next schedule wants to be looked at."""
    query = select(func.min(Schedule.next_check_at)).where(col(Schedule.paused_at).is_(None))
    return (await session.exec(query)).one()


async def _open_schedule(deps: Deps, schedule_id: int, now: datetime, heads: allocations.Headcounts) -> None:
    async with deps.database.write() as session:
        schedule = (await session.exec(select(Schedule).where(Schedule.id == schedule_id).with_for_update())).one()
        if schedule.paused_at or (schedule.next_check_at and schedule.next_check_at > now):
            return
        schedule.next_check_at = await _catch_up(deps, session, schedule, now, heads)
    deps.reached("round.opened")


async def _catch_up(
    deps: Deps, session: AsyncSession, schedule: Schedule, now: datetime, heads: allocations.Headcounts
) -> datetime:
    """Decide every period that is due; returns when the next one will be."""
    rule = rule_from(schedule.rule)
    team = await session.get_one(Team, schedule.team_id)
    members = await queries.members(session, team.id, now)
    zones = {person.timezone or team.timezone for person, _ in members}
    last = (await session.exec(select(func.max(Round.period)).where(Round.schedule_id == schedule.id))).one()
    not_before = max(schedule.changed_on, date.fromisoformat(last)) if last else schedule.changed_on
    for opening in coming(rule, last, not_before, wall_clock(now + _HORIZON, rule.zone).date()):
        decision = decide(round_window(rule, opening, zones), now)
        match decision:
            case NotYet(at):
                return at
            case Missed(window):
                session.add(_round(schedule, team, opening, window, state=RoundState.MISSED, reason=Reason.MISSED))
            case Open(window):
                await _open_round(deps, session, _Opening(schedule, rule, team, opening, window, members, now, heads))
        await session.flush()
    return now + _NEVER


@dataclass(frozen=True, slots=True)
class _Opening:
    schedule: Schedule
    rule: Rule
    team: Team
    opening: Opening
    window: Window
    members: Sequence[tuple[Person, Membership]]
    now: datetime
    heads: allocations.Headcounts

    @property
    def workgroups(self) -> frozenset[int]:
        """Those with members in the team, asked or not."""
        return frozenset(member.workgroup_id for _, member in self.members)


def _round(schedule: Schedule, team: Team, opening: Opening, window: Window, **more: Any) -> Round:
    return Round(
        workspace_id=schedule.workspace_id,
        schedule_id=schedule.id,
        team_id=team.id,
        period=opening.period,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        min_respondents=team.min_respondents,
        **more,
    )


async def _open_round(deps: Deps, session: AsyncSession, this: _Opening) -> None:
    instrument = deps.content.instrument(instruments.DEFAULT)
    wave = await waves.for_round(deps, session, this.team, this.opening.on, this.window.closes_at, this.now)
    version = await instruments.remember(session, this.team.workspace_id, instrument, this.now)
    opened = _round(this.schedule, this.team, this.opening, this.window, wave_id=wave.id, instrument_version_id=version)
    session.add(opened)
    await session.flush()
    due = {person.id: _due(this, person) for person, _ in this.members}
    await _skip(session, this, opened, {p: d.reason for p, d in due.items() if isinstance(d, NotAsked)})
    asked = [(person, member) for person, member in this.members if isinstance(due[person.id], DueAt)]
    if asked:
        await _ask(deps, session, this, opened, wave, asked, due)


async def _ask(
    deps: Deps,
    session: AsyncSession,
    this: _Opening,
    opened: Round,
    wave: Wave,
    asked: Sequence[tuple[Person, Membership]],
    due: Mapping[int, DueAt | NotAsked],
) -> None:
    ws = this.team.workspace_id
    key = waves.key_of(deps, wave)
    items = await allocations.allocate_round(
        deps, session, key, wave, opened, this.team, asked, present=this.workgroups, heads=this.heads,
        items=this.schedule.items,
        one_workgroup=this.schedule.one_workgroup,
    )  # fmt: skip
    rows = [
        {"workspace_id": ws, "round_id": opened.id, "person_id": person.id, "workgroup_id": member.workgroup_id}
        for person, member in asked
        if items.get(person.id)
    ]
    opened.asked = len(rows)
    # Who works with none of the roles has said so in this wave: there is nothing left to ask.
    await _skip(session, this, opened, {p.id: Reason.ANSWERED for p, _ in asked if not items.get(p.id)})
    if not rows:
        return
    result = await session.exec(insert(Ask).returning(col(Ask.id), col(Ask.person_id)), params=rows)
    asks = {person_id: ask_id for ask_id, person_id in result.all()}
    sealed = [allocations.sealed_row(key, ws, wave.id, ask, items[person]) for person, ask in asks.items()]
    await session.exec(insert(AskedItems), params=sealed)
    people = {person.id: person for person, _ in asked}
    deliveries = [
        row
        for person_id, ask_id in asks.items()
        for row in _deliveries(this, opened, people[person_id], ask_id, due[person_id])
    ]
    await session.exec(insert(Delivery), params=deliveries)


def person_time(person: Person, team: Team) -> PersonTime:
    """What cadence needs to know of a person."""
    return PersonTime(
        person=person.slack_user_id,
        zone=person.timezone or team.timezone,
        preferred_at=None if person.preferred_hour is None else time(person.preferred_hour),
        snoozed_until=person.snoozed_until,
        away=person.away_until is not None,
        away_until=person.away_until,
        opted_out=person.opted_out_at is not None,
    )


def _due(this: _Opening, person: Person) -> DueAt | NotAsked:
    """The person's own moment; a round that opens late asks them at the next fitting one.

    A tick comes a little after the opening: that is not late, and the stored time stays the one of the dry run.
    """
    whose = person_time(person, this.team)
    drawn = due_at(this.rule, this.opening, whose)
    if isinstance(drawn, DueAt) and drawn.utc < this.now - ON_TIME:
        return later(this.rule, whose, this.now, this.window.closes_at)
    return drawn


def _deliveries(
    this: _Opening, opened: Round, person: Person, ask_id: int, due: DueAt | NotAsked
) -> list[dict[str, Any]]:
    assert isinstance(due, DueAt)  # noqa: S101 - only people with a due time are asked
    shared = {"person_id": person.id, "ask_id": ask_id}
    reminders = reminder_times(this.rule, due, person_time(person, this.team), this.window.closes_at)
    return [
        _delivery(this, opened, DeliveryKind.PULSE, f"pulse:{opened.id}:{person.id}", due.utc, shared),
        *(
            _delivery(
                this, opened, DeliveryKind.REMINDER, f"reminder:{opened.id}:{person.id}:{nth}", at, shared, str(nth)
            )
            for nth, at in enumerate(reminders, 1)
        ),
    ]


async def _skip(session: AsyncSession, this: _Opening, opened: Round, reasons: Mapping[int, Reason]) -> None:
    rows = [
        _delivery(
            this, opened, DeliveryKind.PULSE, f"pulse:{opened.id}:{person}", opened.opens_at, {"person_id": person}
        )
        | {"state": DeliveryState.SKIPPED, "reason": reason.value}
        for person, reason in reasons.items()
    ]
    if rows:
        await session.exec(insert(Delivery), params=rows)


def _delivery(
    this: _Opening, opened: Round, kind: DeliveryKind, key: str, due: datetime, who: dict[str, int], variant: str = ""
) -> dict[str, Any]:
    return {
        "workspace_id": opened.workspace_id,
        "dedupe_key": key,
        "kind": kind,
        "team_id": this.team.id,
        "round_id": opened.id,
        "due_at": due,
        "not_after": opened.closes_at,
        "variant": variant,
        "created_at": this.now,
        **who,
    }
