"""Everything held about one person, for that person; and how it is deleted on request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.reasons import Reason
from bot.core.states import AskState, DeliveryState, RoundState
from bot.db.tables import (
    Answer,
    Ask,
    AskedItems,
    AuditEvent,
    Commitment,
    Delivery,
    Membership,
    NudgeReply,
    Person,
    RoleGrant,
    Round,
    Team,
    Workgroup,
)
from bot.services import audit, pulses
from bot.services.deps import Deps
from bot.services.people import require
from bot.services.sealing import open_answer, open_items


async def my_data(deps: Deps, ws: int, user: str) -> dict[str, Any]:
    """A JSON-able account of all rows about a person. Raises UnknownPerson.

    ``open_answers`` are those of rounds that are still open, ``[{round, item, workgroup, option}]``, in the clear for
    their owner only; sealed ones cannot be told apart from others' and are gone with the wave.
    """
    async with deps.database.read() as session:
        person = await require(session, ws, user)
        return {
            "person": _row(person, "workspace_id"),
            "memberships": await _memberships(session, person),
            "roles": [_row(grant, "workspace_id", "person_id") for grant in await _all(session, RoleGrant, person)],
            "asks": await _asks(session, person),
            "open_answers": await _open_answers(deps, session, person),
            "messages": [
                _row(one, "workspace_id", "person_id", "lease_owner", "lease_until", "dedupe_key")
                for one in await _all(session, Delivery, person)
            ],
            "commitments": [
                _row(one, "workspace_id")
                for one in (await session.exec(select(Commitment).where(Commitment.owner_id == person.id))).all()
            ],
            "nudge_replies": [
                _row(one, "workspace_id", "person_id") for one in await _all(session, NudgeReply, person)
            ],
            "audit": [
                _row(one, "workspace_id", "actor_id")
                for one in (await session.exec(select(AuditEvent).where(AuditEvent.actor_id == person.id))).all()
            ],
        }


async def forget(deps: Deps, ws: int, user: str) -> None:
    """Delete what can be told to be this person's. Sealed answers cannot be, and vanish with their wave.

    The person is opted out, their open asks and answers go, their name is removed; that they took part stays a number.
    Raises UnknownPerson.
    """
    now = deps.clock.now()
    async with deps.database.write() as session:
        person = await require(session, ws, user)
        open_asks = (
            select(Ask.id)
            .join(Round, col(Round.id) == col(Ask.round_id))
            .where(Ask.person_id == person.id, Round.state == RoundState.OPEN)
        )
        await session.exec(delete(Answer).where(col(Answer.ask_id).in_(open_asks)))
        asks = select(Ask.id).where(Ask.person_id == person.id)
        await session.exec(delete(AskedItems).where(col(AskedItems.ask_id).in_(asks)))
        await session.exec(update(Ask).where(col(Ask.id).in_(open_asks)).values(state=AskState.WITHDRAWN))
        await session.exec(
            update(Delivery)
            .where(col(Delivery.person_id) == person.id, col(Delivery.state) == DeliveryState.PLANNED)
            .values(state=DeliveryState.SKIPPED, reason=Reason.OPTED_OUT)
        )
        await session.exec(delete(NudgeReply).where(col(NudgeReply.person_id) == person.id))
        await session.exec(
            update(Membership)
            .where(col(Membership.person_id) == person.id, col(Membership.left_at).is_(None))
            .values(left_at=now)
        )
        person.opted_out_at, person.name, person.snoozed_until, person.preferred_hour = now, "", None, None
        audit.note(session, ws, now, "person.forgotten", subject=f"person:{person.id}")
    await deps.database.checkpoint()


async def _all(
    session: AsyncSession, table: type[RoleGrant | Delivery | NudgeReply], person: Person
) -> Sequence[SQLModel]:
    return (await session.exec(select(table).where(table.person_id == person.id))).all()


def _row(found: SQLModel, *without: str) -> dict[str, Any]:
    return {name: value for name, value in found.model_dump(mode="json").items() if name not in without}


async def _memberships(session: AsyncSession, person: Person) -> list[dict[str, Any]]:
    query = (
        select(Team.name, Workgroup.name, Membership)
        .join(Membership, col(Membership.team_id) == col(Team.id))
        .join(Workgroup, col(Workgroup.id) == col(Membership.workgroup_id))
        .where(Membership.person_id == person.id)
    )
    return [
        {
            "team": team,
            "workgroup": group,
            "joined_at": held.joined_at.isoformat(),
            "left_at": held.left_at and held.left_at.isoformat(),
        }
        for team, group, held in (await session.exec(query)).all()
    ]


async def _asks(session: AsyncSession, person: Person) -> list[dict[str, Any]]:
    query = (
        select(Ask, Round, Team.name)
        .join(Round, col(Round.id) == col(Ask.round_id))
        .join(Team, col(Team.id) == col(Round.team_id))
        .where(Ask.person_id == person.id)
        .order_by(col(Ask.id))
    )
    return [
        {"round": round_.id, "team": team, "period": round_.period, "state": ask.state.value}
        for ask, round_, team in (await session.exec(query)).all()
    ]


async def _open_answers(deps: Deps, session: AsyncSession, person: Person) -> list[dict[str, Any]]:
    query = (
        select(Answer, Ask.round_id)
        .join(Ask, col(Ask.id) == col(Answer.ask_id))
        .join(Round, col(Round.id) == col(Ask.round_id))
        .where(Ask.person_id == person.id, Round.state == RoundState.OPEN)
        .order_by(col(Answer.ask_id), col(Answer.position))
    )
    rows = (await session.exec(query)).all()
    standings = await pulses.standings(session, {answer.ask_id for answer, _ in rows})
    found = []
    for answer, round_id in rows:
        standing = standings[answer.ask_id]
        key = deps.vault.key(standing.wave.key_id)
        if key is None or standing.sealed_items is None:
            continue
        question = open_items(key, answer.ask_id, standing.sealed_items)[answer.position]
        option = open_answer(key, answer.ask_id, answer.position, answer.sealed)
        workgroup = None if question.rated is None else standing.workgroups[question.rated]
        found.append({"round": round_id, "item": question.item, "workgroup": workgroup, "option": option})
    return found
