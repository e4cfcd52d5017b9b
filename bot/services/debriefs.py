"""The debrief order: coach, then lead, then the team. Each step is a deliberate act; nobody jumps it.

When a coach does nothing for three working days the lead gets it; without a coach the lead is first.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.errors import NotAllowed
from bot.core.figures import Figure
from bot.core.states import DebriefState, DeliveryKind, Role
from bot.db import people as queries
from bot.db.tables import Debrief, Delivery, Team, Wave
from bot.services import access, audit
from bot.services.deps import Deps

PATIENCE_WORKING_DAYS = 3
_SATURDAY = 5


async def open_for_wave(session: AsyncSession, wave: Wave, figures: Sequence[Figure], now: datetime) -> None:
    """Begin the debrief of every team of a released wave, in the release's own transaction."""
    for team_id in sorted({figure.key.team for figure in figures if figure.key.team is not None}):
        coached = bool(await queries.holders(session, team_id, Role.COACH))
        state = DebriefState.COACH if coached else DebriefState.LEAD
        debrief = Debrief(
            workspace_id=wave.workspace_id,
            team_id=team_id,
            wave_id=wave.id,
            state=state,
            opened_at=now,
            lead_at=None if coached else now,
        )
        session.add(debrief)
        await _tell(session, debrief, Role.COACH if coached else Role.LEAD, now)


async def pass_on_idle(deps: Deps, now: datetime) -> None:
    """Hand to the lead what a coach has left for three working days."""
    async with deps.database.write() as session:
        waiting = select(Debrief).where(
            Debrief.state == DebriefState.COACH, col(Debrief.opened_at) <= now - timedelta(days=PATIENCE_WORKING_DAYS)
        )
        for debrief in (await session.exec(waiting)).all():
            if now >= idle_after(debrief.opened_at):
                await _to_lead(session, debrief, now, actor_id=None)


def idle_after(opened_at: datetime) -> datetime:
    """Three working days (Monday to Friday) after ``opened_at``."""
    at, left = opened_at, PATIENCE_WORKING_DAYS
    while left:
        at += timedelta(days=1)
        left -= at.weekday() < _SATURDAY
    return at


async def advance(
    deps: Deps, ws: int, user: str, team_id: int, wave_id: int, to: DebriefState, *, heard: str = "", will_try: str = ""
) -> None:
    """The deliberate act: a coach hands over to the lead, a lead (or coach) shares with the team. Twice is once.

    Raises NotAllowed when it is not this person's step, or a step would be jumped.
    """
    now = deps.clock.now()
    async with deps.database.write() as session:
        who = await access.standing(session, ws, user)
        debrief = await of(session, team_id, wave_id)
        if debrief is None or debrief.workspace_id != ws:
            raise NotAllowed
        team = await session.get_one(Team, team_id)
        match debrief.state, to:
            case (DebriefState.COACH, DebriefState.LEAD) if who.holds(Role.COACH, team_id):
                await _to_lead(session, debrief, now, actor_id=who.id)
            case (DebriefState.LEAD, DebriefState.TEAM) if who.teams(Role.LEAD, Role.COACH) & {team_id}:
                debrief.state, debrief.team_at = DebriefState.TEAM, now
                debrief.heard, debrief.will_try = heard or debrief.heard, will_try or debrief.will_try
                audit.note(session, ws, now, "debrief.team", actor_id=who.id, subject=f"team:{team_id}", wave=wave_id)
            case (state, wanted) if state is wanted:
                return
            case _:
                raise NotAllowed(team.name)


async def of(session: AsyncSession, team_id: int, wave_id: int) -> Debrief | None:
    query = select(Debrief).where(Debrief.team_id == team_id, Debrief.wave_id == wave_id)
    return (await session.exec(query)).first()


async def _to_lead(session: AsyncSession, debrief: Debrief, now: datetime, *, actor_id: int | None) -> None:
    debrief.state, debrief.lead_at = DebriefState.LEAD, now
    await _tell(session, debrief, Role.LEAD, now)
    audit.note(
        session,
        debrief.workspace_id,
        now,
        "debrief.lead",
        actor_id=actor_id,
        subject=f"team:{debrief.team_id}",
        wave=debrief.wave_id,
    )


async def _tell(session: AsyncSession, debrief: Debrief, role: Role, now: datetime) -> None:
    """Owe the report to everyone whose turn it is now."""
    for person in await queries.holders(session, debrief.team_id, role):
        session.add(
            Delivery(
                id=uuid.uuid4().hex,
                workspace_id=debrief.workspace_id,
                dedupe_key=f"report:{debrief.wave_id}:{debrief.team_id}:{person.id}:{role}",
                kind=DeliveryKind.REPORT,
                person_id=person.id,
                team_id=debrief.team_id,
                wave_id=debrief.wave_id,
                variant=role.value,
                due_at=now,
                created_at=now,
            )
        )
