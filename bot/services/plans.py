"""The dry run: who gets what when, and why not. What has been decided is read; what is to come is computed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import plan
from bot.core.cadence import DueAt, rule_from, wall_clock
from bot.core.errors import UnknownTeam
from bot.core.plan import Member, Planned, Scheduled
from bot.core.reasons import Reason
from bot.core.states import DeliveryKind, DeliveryState, RoundState
from bot.db import people as people_queries
from bot.db.tables import Delivery, Membership, Person, Round, Schedule, Team
from bot.services.deps import Deps
from bot.services.rounds import person_time

_DAY = timedelta(days=1)
_WILL_GO = (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.UNCONFIRMED, DeliveryState.SENT)


async def who_gets_what_when(
    deps: Deps, ws: int, team: str | None, from_on: date, to_on: date
) -> list[dict[str, str | None]]:
    """One row a person and period, over local dates from..to inclusive; of one team or of all. Raises UnknownTeam."""
    async with deps.database.read() as session:
        teams = await _teams(session, ws, team)
        scheduled, decided = [], []
        for one in teams:
            schedule = (await session.exec(select(Schedule).where(Schedule.team_id == one.id))).first()
            if schedule is not None:
                held = await _held(session, schedule, one)
                decided += held
                scheduled.append(await _scheduled(session, schedule, one, from_on))
    return [found.row() for found in plan.who_gets_what_when(scheduled, from_on, to_on, decided=decided)]


async def _teams(session: AsyncSession, ws: int, name: str | None) -> Sequence[Team]:
    if name is None:
        return await people_queries.teams(session, ws)
    found = await people_queries.team_named(session, ws, name)
    if found is None:
        raise UnknownTeam(name)
    return [found]


async def _scheduled(session: AsyncSession, schedule: Schedule, team: Team, from_on: date) -> Scheduled:
    periods = (await session.exec(select(Round.period).where(Round.schedule_id == schedule.id))).all()
    return Scheduled(
        name=team.name,
        rule=rule_from(schedule.rule),
        members=await _members(session, team, from_on),
        paused=schedule.paused_at is not None,
        since=schedule.changed_on,
        decided=max(periods, default=""),
    )


async def _members(session: AsyncSession, team: Team, from_on: date) -> tuple[Member, ...]:
    """The roster, with those who left since; each person once, as they joined last."""
    since = datetime.combine(from_on, time.min, UTC) - _DAY
    query = (
        select(Person, Membership)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            Membership.team_id == team.id,
            col(Membership.left_at).is_(None) | (col(Membership.left_at) >= since),
        )
        .order_by(col(Membership.joined_at))
    )
    latest = {person.id: (person, membership) for person, membership in (await session.exec(query)).all()}
    return tuple(
        Member(
            time=person_time(person, team),
            joined_at=membership.joined_at,
            left_at=membership.left_at,
            deactivated=person.deactivated_at is not None,
        )
        for person, membership in latest.values()
    )


async def _held(session: AsyncSession, schedule: Schedule, team: Team) -> list[Planned]:
    """Rounds that are there, from the deliveries that they made; a missed one asked nobody."""
    query = (
        select(Round, Delivery, Person)
        .join(Delivery, col(Delivery.round_id) == col(Round.id))
        .join(Person, col(Person.id) == col(Delivery.person_id))
        .where(Round.schedule_id == schedule.id, Delivery.kind == DeliveryKind.PULSE)
    )
    found = [_decided(team, *row) for row in (await session.exec(query)).all()]
    missed = select(Round).where(Round.schedule_id == schedule.id, Round.state == RoundState.MISSED)
    for lost in (await session.exec(missed)).all():
        members = await people_queries.members(session, team.id, lost.opens_at)
        found += [_missed(team, lost, person) for person, _ in members]
    return found


def _decided(team: Team, held: Round, delivery: Delivery, person: Person) -> Planned:
    whose = person_time(person, team)
    local = wall_clock(delivery.due_at, whose.zone)
    going = delivery.state in _WILL_GO
    return Planned(
        schedule=team.name,
        period=held.period,
        person=whose.person,
        zone=whose.zone,
        on=local.date(),
        due=DueAt(delivery.due_at, local) if going else None,
        reason=None if going else _reason(delivery),
    )


def _reason(delivery: Delivery) -> Reason:
    if delivery.state is DeliveryState.SKIPPED and delivery.reason in set(Reason):
        return Reason(str(delivery.reason))
    return Reason.FAILED


def _missed(team: Team, lost: Round, person: Person) -> Planned:
    whose = person_time(person, team)
    on = wall_clock(lost.opens_at, whose.zone).date()
    return Planned(team.name, lost.period, whose.person, whose.zone, on, due=None, reason=Reason.MISSED)
