"""Commitments: one test with an owner and a date. They come back to the owner the day before and on the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func
from sqlalchemy import update as sql_update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.cadence import instant
from bot.core.errors import NotYours, Stale
from bot.core.reasons import Reason
from bot.core.states import CommitmentState, DeliveryKind, DeliveryState
from bot.db import people as queries
from bot.db.tables import Commitment, Delivery, Person, Team
from bot.services import audit
from bot.services.deps import Deps

MORNING = time(9)
OCCASIONS = (("day_before", 1), ("on_the_day", 0))


@dataclass(frozen=True, slots=True)
class CommitmentView:
    id: int
    team: str
    what: str
    prediction: str
    due_on: date
    state: CommitmentState


async def add(session: AsyncSession, commitment: Commitment, team: Team, now: datetime) -> None:
    """Store a commitment and owe its owner the follow-ups, in the caller's transaction. Past ones are left out."""
    session.add(commitment)
    await session.flush()
    await _owe_follow_ups(session, commitment, team, now)


async def renew(session: AsyncSession, commitment: Commitment, team: Team, now: datetime) -> None:
    """A promise that was put differently is a new one: open, from now on, and followed up by its new day and owner."""
    commitment.state, commitment.outcome = CommitmentState.OPEN, ""
    commitment.created_at, commitment.closed_at = now, None
    await session.exec(
        sql_update(Delivery)
        .where(col(Delivery.commitment_id) == commitment.id, col(Delivery.state) == DeliveryState.PLANNED)
        .values(state=DeliveryState.SKIPPED, reason=Reason.WITHDRAWN.value)
    )
    await _owe_follow_ups(session, commitment, team, now)


async def _owe_follow_ups(session: AsyncSession, commitment: Commitment, team: Team, now: datetime) -> None:
    """``earlier`` counts the follow-ups there have been, so that a renewed promise has keys of its own."""
    count = select(func.count()).where(Delivery.commitment_id == commitment.id)
    earlier = (await session.exec(count)).one()
    owner = await session.get_one(Person, commitment.owner_id)
    zone = owner.timezone or team.timezone
    for occasion, days_before in OCCASIONS:
        due_at = instant(commitment.due_on - timedelta(days=days_before), MORNING, zone)
        if due_at <= now:
            continue
        session.add(
            Delivery(
                workspace_id=commitment.workspace_id,
                dedupe_key=f"follow_up:{commitment.id}:{occasion}:{earlier}",
                kind=DeliveryKind.FOLLOW_UP,
                person_id=commitment.owner_id,
                team_id=commitment.team_id,
                commitment_id=commitment.id,
                variant=occasion,
                due_at=due_at,
                # “Tomorrow” said on the day itself would be wrong: a day off in between leaves it out.
                not_after=instant(commitment.due_on, time(0), zone) if days_before else None,
                created_at=now,
            )
        )


async def update(
    deps: Deps, ws: int, user: str, commitment_id: int, state: CommitmentState, outcome: str = ""
) -> CommitmentView:
    """What became of it, said by its owner; a second word replaces the first. Raises NotYours, Stale."""
    now = deps.clock.now()
    async with deps.database.write() as session:
        found = await session.get(Commitment, commitment_id)
        if found is None or found.workspace_id != ws:
            raise Stale
        person = await queries.person(session, ws, user)
        if person is None or person.id != found.owner_id:
            raise NotYours
        found.state, found.outcome = state, outcome or found.outcome
        found.closed_at = None if state is CommitmentState.OPEN else now
        audit.note(session, ws, now, f"commitment.{state}", actor_id=person.id, subject=f"commitment:{found.id}")
        team = await session.get_one(Team, found.team_id)
        return _view(found, team.name)


async def mine(deps: Deps, ws: int, user: str) -> list[CommitmentView]:
    """The person's open commitments, the soonest first."""
    async with deps.database.read() as session:
        query = (
            select(Commitment, Team.name)
            .join(Team, col(Team.id) == col(Commitment.team_id))
            .join(Person, col(Person.id) == col(Commitment.owner_id))
            .where(
                Person.workspace_id == ws,
                Person.slack_user_id == user,
                col(Commitment.state).in_([CommitmentState.OPEN, CommitmentState.STUCK]),
            )
            .order_by(col(Commitment.due_on))
        )
        return [_view(found, team) for found, team in (await session.exec(query)).all()]


def _view(found: Commitment, team: str) -> CommitmentView:
    return CommitmentView(found.id, team, found.what, found.prediction, found.due_on, found.state)
