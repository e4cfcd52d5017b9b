"""The debrief order kept in rows: who holds a released wave now, who is told, and what moves it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import debriefs as core
from bot.core.debriefs import Action, PassOn, Relation
from bot.core.errors import NotAllowed
from bot.core.figures import Figure
from bot.core.states import DebriefState, DeliveryKind, Role
from bot.db import people as queries
from bot.db.tables import ChangeTeam, Debrief, Delivery, Membership, Person, ProcessChange, Team, Wave
from bot.services import access, audit, schedules
from bot.services.deps import Deps

BY_ITSELF = "by_itself"
"""The variant of a lead's message where no coach passed the map on in person."""
_STEP_TO: Mapping[DebriefState, Action] = {after: action for action, (_, after) in core.STEPS.items()}


async def open_for_wave(session: AsyncSession, wave: Wave, figures: Sequence[Figure], now: datetime) -> None:
    """Begin the debrief of every team of a released wave, in the release's own transaction."""
    for team_id in sorted({figure.key.team for figure in figures if figure.key.team is not None}):
        state = core.first_state(has_coach=bool(await queries.holders(session, team_id, Role.COACH)))
        debrief = Debrief(
            workspace_id=wave.workspace_id,
            team_id=team_id,
            wave_id=wave.id,
            state=state,
            opened_at=now,
            lead_at=now if state is DebriefState.LEAD else None,
        )
        session.add(debrief)
        await _tell(session, debrief, now, by_itself=True)


async def pass_on_idle(deps: Deps, now: datetime) -> None:
    """Hand to the lead what a coach has left for three of the team's working days."""
    async with deps.database.read() as session:
        waiting = (await session.exec(select(Debrief.id).where(Debrief.state == DebriefState.COACH))).all()
        idle = [one for one in waiting if await _is_idle(session, await session.get_one(Debrief, one), now)]
    for debrief_id in idle:
        async with deps.database.write() as session:
            debrief = await session.get_one(Debrief, debrief_id, with_for_update=True)
            if debrief.state is DebriefState.COACH:
                await _enter(session, debrief, DebriefState.LEAD, now)


async def advance(
    deps: Deps, ws: int, user: str, team_id: int, wave_id: int, to: DebriefState, *, heard: str = "", will_try: str = ""
) -> None:
    """The deliberate act: a coach hands over to the lead, a lead (or coach) shares with the team. Twice is once.

    *We heard, we will try* is kept with it, and may be said again later. Raises NotAllowed when this is not the
    person's step or one would be jumped, Stale when the map has moved on further.
    """
    now = deps.clock.now()
    async with deps.database.write() as session:
        who = await access.standing(session, ws, user)
        debrief = await of(session, team_id, wave_id)
        if debrief is None or debrief.workspace_id != ws:
            raise NotAllowed
        team = await session.get_one(Team, team_id)
        held, action = await relations(session, who, team), _STEP_TO[to]
        if not core.may(held, action, debrief.state):
            raise NotAllowed(team.name)
        if debrief.state is not to:
            await _enter(session, debrief, core.advance(held, action, debrief.state), now, actor_id=who.id)
        if core.may(held, Action.RECORD_TALK, debrief.state):
            debrief.heard, debrief.will_try = heard or debrief.heard, will_try or debrief.will_try


async def relations(session: AsyncSession, who: access.Standing, team: Team) -> frozenset[Relation]:
    """All that a person is to a team now."""
    roles = {Role.COACH: Relation.COACH, Role.LEAD: Relation.LEAD}
    held = {relation for role, relation in roles.items() if who.holds(role, team.id)}
    if who.admin:
        held.add(Relation.ADMIN)
    member = select(Membership.id).where(
        Membership.team_id == team.id, Membership.person_id == who.id, col(Membership.left_at).is_(None)
    )
    if (await session.exec(member)).first() is not None:
        held.add(Relation.MEMBER)
    sponsored = (
        select(ProcessChange.id)
        .join(ChangeTeam, col(ChangeTeam.change_id) == col(ProcessChange.id))
        .where(ChangeTeam.team_id == team.id, ProcessChange.sponsor_id == who.id)
    )
    if (await session.exec(sponsored)).first() is not None:
        held.add(Relation.SPONSOR)
    return frozenset(held or {Relation.ELSEWHERE})


async def of(session: AsyncSession, team_id: int, wave_id: int) -> Debrief | None:
    query = select(Debrief).where(Debrief.team_id == team_id, Debrief.wave_id == wave_id).with_for_update()
    return (await session.exec(query)).first()


async def coach_until(session: AsyncSession, debrief: Debrief) -> datetime:
    """Until when the map is the coach's, by the team's own working days."""
    team = await session.get_one(Team, debrief.team_id)
    return core.coach_until(debrief.opened_at, zone=ZoneInfo(team.timezone), works=await schedules.works(session, team))


async def _is_idle(session: AsyncSession, debrief: Debrief, now: datetime) -> bool:
    team = await session.get_one(Team, debrief.team_id)
    decided = core.decide(
        debrief.state,
        debrief.opened_at,
        now,
        has_coach=bool(await queries.holders(session, team.id, Role.COACH)),
        zone=ZoneInfo(team.timezone),
        works=await schedules.works(session, team),
    )
    return isinstance(decided, PassOn)


async def _enter(
    session: AsyncSession, debrief: Debrief, state: DebriefState, now: datetime, *, actor_id: int | None = None
) -> None:
    """``actor_id`` None: nobody acted, time did."""
    debrief.state = state
    if state is DebriefState.LEAD:
        debrief.lead_at = now
    else:
        debrief.team_at = now
    subject = f"team:{debrief.team_id}"
    audit.note(
        session, debrief.workspace_id, now, f"debrief.{state}", actor_id=actor_id, subject=subject, wave=debrief.wave_id
    )
    await _tell(session, debrief, now, by_itself=actor_id is None)


async def _tell(session: AsyncSession, debrief: Debrief, now: datetime, *, by_itself: bool) -> None:
    """Owe the map to everyone whose turn it is now."""
    told = core.HEARS[debrief.state]
    for person in await _people(session, debrief, told, now):
        session.add(
            Delivery(
                workspace_id=debrief.workspace_id,
                dedupe_key=f"report:{debrief.wave_id}:{debrief.team_id}:{person.id}:{told}",
                kind=DeliveryKind.REPORT,
                person_id=person.id,
                team_id=debrief.team_id,
                wave_id=debrief.wave_id,
                variant=BY_ITSELF if by_itself and told is Relation.LEAD else debrief.state.value,
                due_at=now,
                created_at=now,
            )
        )


async def _people(session: AsyncSession, debrief: Debrief, told: Relation, now: datetime) -> Sequence[Person]:
    """A team with a channel is told there, together; only without one does each member get a message."""
    if told is not Relation.MEMBER:
        return await queries.holders(session, debrief.team_id, Role(told.value))
    team = await session.get_one(Team, debrief.team_id)
    return [] if team.channel else [person for person, _ in await queries.members(session, team.id, now)]
