"""Named queries of the outbox and its leases. They take a session and never commit.

Leases count by the database server's time (`server_now`), due times by the program's clock (`now`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.deliveries import REQUESTED, Verdict
from bot.core.states import DeliveryKind, DeliveryState
from bot.db.tables import Ask, Delivery, Lease, Membership, Person, Round, Schedule, Team, Workspace

_UNDER_WAY = (DeliveryState.SENDING, DeliveryState.UNCONFIRMED)


async def server_now(session: AsyncSession) -> datetime:
    """The database server's time: one clock for all replicas, whatever ours says. SQLite's server is this process."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    moment: datetime = (await session.exec(select(func.clock_timestamp()))).one()
    return moment.astimezone(UTC)


async def take_lease(session: AsyncSession, name: str, owner: str, span: timedelta) -> bool:
    """Hold `name` for `span` from now, or prolong it; False while somebody else holds it."""
    moment = await server_now(session)
    values = {"owner": owner, "until": moment + span}
    prolonged = await session.exec(
        update(Lease)
        .where(col(Lease.name) == name, (col(Lease.owner) == owner) | (col(Lease.until) <= moment))
        .values(**values)
    )
    if prolonged.rowcount:
        return True
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    first = dialect.insert(Lease).values(name=name, **values).on_conflict_do_nothing()
    return (await session.exec(first.returning(col(Lease.name)))).first() is not None


async def drop_leases(session: AsyncSession, owner: str) -> None:
    """Let go of everything `owner` holds, so that another replica need not wait."""
    await session.exec(delete(Lease).where(col(Lease.owner) == owner))


@dataclass(frozen=True, slots=True)
class Busy:
    """A workspace with work: `lost` where something must be looked up, `paused` where Slack refused us last."""

    workspace_id: int
    paused: bool
    lost: bool


async def busy_workspaces(session: AsyncSession, now: datetime, probe_before: datetime) -> list[Busy]:
    """Those with something to send or to look up; a paused one only when its last probe was by `probe_before`."""
    moment = await server_now(session)
    mine = select(Delivery.id).where(col(Delivery.workspace_id) == col(Workspace.id))
    due = mine.where(Delivery.state == DeliveryState.PLANNED, col(Delivery.due_at) <= now).exists()
    lost = mine.where(col(Delivery.state).in_(_UNDER_WAY), col(Delivery.lease_until) <= moment).exists()
    query = (
        select(Workspace.id, col(Workspace.paused_at).is_not(None), lost)
        .where(col(Workspace.paused_at).is_(None) | (col(Workspace.paused_at) <= probe_before), due | lost)
        .order_by(col(Workspace.id))
    )
    return [Busy(*row) for row in (await session.exec(query)).all()]


async def next_due_at(session: AsyncSession, now: datetime) -> datetime | None:
    """When the next planned delivery becomes due after `now`, or the next lookup has waited long enough."""
    moment = await server_now(session)
    planned = select(func.min(Delivery.due_at)).where(
        Delivery.state == DeliveryState.PLANNED, col(Delivery.due_at) > now
    )
    waiting = select(func.min(Delivery.lease_until)).where(
        col(Delivery.state).in_(_UNDER_WAY), col(Delivery.lease_until) > moment
    )
    due_at, until = (await session.exec(select(planned.scalar_subquery(), waiting.scalar_subquery()))).one()
    times = [at for at in (due_at, until and now + (until - moment)) if at is not None]
    return min(times, default=None)


async def queue(session: AsyncSession, workspace_id: int, now: datetime, limit: int) -> Sequence[str]:
    """Ids of what is due, in the order in which it goes: awaited first, then each team in its turn."""
    turn = func.row_number().over(partition_by=col(Delivery.team_id), order_by=(col(Delivery.due_at), col(Delivery.id)))
    awaited = case(
        (col(Delivery.variant) == REQUESTED, 0),
        (col(Delivery.kind).in_((DeliveryKind.REPORT, DeliveryKind.NOTICE)), 0),
        else_=1,
    )
    query = (
        select(Delivery.id)
        .where(
            Delivery.workspace_id == workspace_id,
            Delivery.state == DeliveryState.PLANNED,
            col(Delivery.due_at) <= now,
        )
        .order_by(awaited, turn, col(Delivery.due_at), col(Delivery.id))
        .limit(limit)
    )
    return (await session.exec(query)).all()


@dataclass(frozen=True, slots=True)
class Owed:
    """A delivery with what decides about it."""

    delivery: Delivery
    person: Person | None
    team: Team | None
    rule: dict[str, Any] | None
    ask: Ask | None
    round: Round | None
    belongs: bool
    """Whether the person is on the team's roster."""


async def owed(session: AsyncSession, ids: Collection[str], now: datetime) -> list[Owed]:
    """These deliveries, in the order of `ids`, with their person, team, schedule, ask and round."""
    belongs = (
        select(Membership.id)
        .where(
            col(Membership.person_id) == col(Delivery.person_id),
            col(Membership.team_id) == col(Delivery.team_id),
            col(Membership.left_at).is_(None) | (col(Membership.left_at) > now),
        )
        .exists()
    )
    query: Any = (
        select(Delivery, Person, Team, Schedule.rule, Ask, Round, belongs)  # type: ignore[call-overload]  # SQLModel types four at the most
        .outerjoin(Person, col(Person.id) == col(Delivery.person_id))
        .outerjoin(Team, col(Team.id) == col(Delivery.team_id))
        .outerjoin(Schedule, col(Schedule.team_id) == col(Delivery.team_id))
        .outerjoin(Ask, col(Ask.id) == col(Delivery.ask_id))
        .outerjoin(Round, col(Round.id) == col(Delivery.round_id))
        .where(col(Delivery.id).in_(ids))
    )
    place = {delivery_id: place for place, delivery_id in enumerate(ids)}
    rows = [Owed(*row) for row in (await session.exec(query)).all()]
    return sorted(rows, key=lambda row: place[row.delivery.id])


async def got(
    session: AsyncSession, people: Collection[int], kinds: Collection[DeliveryKind], since: datetime
) -> list[tuple[int, datetime]]:
    """What these people were sent of these kinds since then: person and time."""
    query = select(Delivery.person_id, Delivery.sent_at).where(
        col(Delivery.person_id).in_(people), col(Delivery.kind).in_(kinds), col(Delivery.sent_at) >= since
    )
    return [(person, at) for person, at in (await session.exec(query)).all() if person is not None and at is not None]


async def claim(session: AsyncSession, ids: Collection[str], owner: str, span: timedelta, now: datetime) -> set[str]:
    """Take these planned deliveries for sending; returns those that were still there to take."""
    moment = await server_now(session)
    taken = await session.exec(
        update(Delivery)
        .where(col(Delivery.id).in_(ids), col(Delivery.state) == DeliveryState.PLANNED, col(Delivery.due_at) <= now)
        .values(state=DeliveryState.SENDING, lease_owner=owner, lease_until=moment + span)
        .returning(col(Delivery.id))
    )
    return set(taken.scalars().all())


async def claim_lost(session: AsyncSession, workspace_id: int, owner: str, span: timedelta, limit: int) -> set[str]:
    """Take unconfirmed deliveries whose waiting time is over, for looking them up."""
    moment = await server_now(session)
    ripe = (
        select(Delivery.id)
        .where(
            Delivery.workspace_id == workspace_id,
            Delivery.state == DeliveryState.UNCONFIRMED,
            col(Delivery.lease_until) <= moment,
        )
        .order_by(col(Delivery.lease_until))
        .limit(limit)
    )
    taken = await session.exec(
        update(Delivery)
        .where(
            col(Delivery.id).in_(ripe),
            col(Delivery.state) == DeliveryState.UNCONFIRMED,
            col(Delivery.lease_until) <= moment,
        )
        .values(lease_owner=owner, lease_until=moment + span)
        .returning(col(Delivery.id))
    )
    return set(taken.scalars().all())


async def abandon_dead(session: AsyncSession, workspace_id: int, wait: timedelta, now: datetime) -> int:
    """What a process that is gone was sending: nobody knows whether it went out, so it will be looked up after `wait`.

    A repair of a message that is there may simply be done again.
    """
    moment = await server_now(session)
    dead = (
        col(Delivery.workspace_id) == workspace_id,
        col(Delivery.state) == DeliveryState.SENDING,
        col(Delivery.lease_until) <= moment,
    )
    repairs = update(Delivery).where(*dead, col(Delivery.kind) == DeliveryKind.NOTICE)
    await session.exec(repairs.values(state=DeliveryState.PLANNED, lease_owner=None, lease_until=None))
    found = await session.exec(
        update(Delivery)
        .where(*dead)
        .values(state=DeliveryState.UNCONFIRMED, unconfirmed_at=now, lease_owner=None, lease_until=moment + wait)
    )
    return int(found.rowcount)


async def put_off(session: AsyncSession, delivery_id: str, due_at: datetime) -> None:
    """Not before `due_at`; nothing happens to one that is no longer planned."""
    await session.exec(
        update(Delivery)
        .where(col(Delivery.id) == delivery_id, col(Delivery.state) == DeliveryState.PLANNED)
        .values(due_at=due_at)
    )


async def skip(session: AsyncSession, delivery_id: str, reason: str) -> None:
    """Never; nothing happens to one that is no longer planned."""
    await session.exec(
        update(Delivery)
        .where(col(Delivery.id) == delivery_id, col(Delivery.state) == DeliveryState.PLANNED)
        .values(state=DeliveryState.SKIPPED, reason=reason)
    )


async def push_on(session: AsyncSession, delivery_id: str, verdict: Verdict) -> None:
    """Record a try that failed before anything was claimed; nothing happens to one that is no longer planned."""
    await session.exec(
        update(Delivery)
        .where(col(Delivery.id) == delivery_id, col(Delivery.state) == DeliveryState.PLANNED)
        .values(
            state=verdict.state,
            attempts=verdict.attempts,
            due_at=func.coalesce(verdict.due_at, col(Delivery.due_at)),
            reason=verdict.reason,
        )
    )


async def remember_dm(session: AsyncSession, person_id: int | None, channel: str) -> None:
    await session.exec(update(Person).where(col(Person.id) == person_id).values(dm_channel=channel))


async def settle(
    session: AsyncSession, delivery_id: str, values: dict[str, Any], *, wait: timedelta | None = None
) -> bool:
    """Record what became of a delivery under way; `wait` is how long it must not be touched. False if it was not."""
    until = None if wait is None else await server_now(session) + wait
    done = await session.exec(
        update(Delivery)
        .where(col(Delivery.id) == delivery_id, col(Delivery.state).in_(_UNDER_WAY))
        .values(lease_owner=None, lease_until=until, **values)
    )
    return bool(done.rowcount)


async def pause(session: AsyncSession, workspace_id: int, now: datetime, reason: str) -> None:
    """Stop a workspace whose Slack refuses us; called again, it moves the time of the next probe."""
    await session.exec(
        update(Workspace).where(col(Workspace.id) == workspace_id).values(paused_at=now, paused_reason=reason)
    )


async def resume(session: AsyncSession, workspace_id: int) -> bool:
    """Go on; False if it was not paused."""
    done = await session.exec(
        update(Workspace)
        .where(col(Workspace.id) == workspace_id, col(Workspace.paused_at).is_not(None))
        .values(paused_at=None, paused_reason=None)
    )
    return bool(done.rowcount)
