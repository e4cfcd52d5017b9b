"""What a person's Home tab shows, by their roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.cadence import next_openings, rule_from
from bot.core.messages import Pulse, WhatCameOfIt
from bot.core.states import CommitmentState, DebriefState, DeliveryKind, DeliveryState, Role, WaveState
from bot.db import people as queries
from bot.db.tables import Commitment, Debrief, Delivery, Membership, Team, Wave, Workspace
from bot.services import access, answers, came_of_it, changes, commitments, schedules
from bot.services.deps import Deps


@dataclass(frozen=True, slots=True)
class TeamCard:
    """One team. ``report_stage`` is the latest released wave's debrief state, None before the first release."""

    id: int
    name: str
    next_round: date | None
    report_stage: str | None
    commitments_due: int
    schedule_paused: bool
    results_on: date | None


@dataclass(frozen=True, slots=True)
class AdminView:
    """Health of the installation, in counts."""

    planned: int
    late: int
    failed: int
    unconfirmed: int
    paused_reason: str | None


@dataclass(frozen=True, slots=True)
class HomeView:
    name: str
    roles: frozenset[Role]
    open_pulses: tuple[Pulse, ...]
    next_on: date | None
    """The day of the next round that asks this person."""
    opted_out: bool
    snoozed_until: datetime | None
    language: str
    hour: int | None
    came_of_it: WhatCameOfIt | None
    teams: tuple[TeamCard, ...]
    changes: tuple[changes.ChangeView, ...]
    commitments: tuple[commitments.CommitmentView, ...]
    admin: AdminView | None


async def home_for(deps: Deps, ws: int, user: str) -> HomeView | None:
    """The person's Home, or None for somebody we do not know yet."""
    now = deps.clock.now()
    async with deps.database.read() as session:
        if await queries.person(session, ws, user) is None:
            return None
        who = await access.standing(session, ws, user)
        member_of = await _member_of(session, who.id)
        cards = [await _card(session, team, now) for team in await _teams_shown(session, ws, who, member_of)]
        own = await session.get(Team, member_of[0]) if member_of else None
        came = await came_of_it.for_team(session, own) if own else None
        next_on = await schedules.next_round_of(session, who.person, now)
        admin = await _admin(session, ws, now) if who.admin else None
    person = who.person
    return HomeView(
        name=person.name,
        roles=frozenset(role for role, _ in who.grants),
        open_pulses=tuple(await answers.open_pulses(deps, ws, user)),
        next_on=next_on,
        opted_out=person.opted_out_at is not None,
        snoozed_until=person.snoozed_until if person.snoozed_until and person.snoozed_until > now else None,
        language=person.language,
        hour=person.preferred_hour,
        came_of_it=came,
        teams=tuple(cards),
        changes=tuple(await changes.list_changes(deps, ws, user)),
        commitments=tuple(await commitments.mine(deps, ws, user)),
        admin=admin,
    )


async def _member_of(session: AsyncSession, person_id: int) -> list[int]:
    query = (
        select(Membership.team_id)
        .where(Membership.person_id == person_id, col(Membership.left_at).is_(None))
        .order_by(col(Membership.team_id))
    )
    return list((await session.exec(query)).all())


async def _teams_shown(session: AsyncSession, ws: int, who: access.Standing, member_of: list[int]) -> list[Team]:
    """Teams that the person leads or coaches, and their own ones whose map the team has looked at together."""
    own = select(Debrief.team_id).where(col(Debrief.team_id).in_(member_of), Debrief.state == DebriefState.TEAM)
    shown = who.teams(Role.LEAD, Role.COACH) | set((await session.exec(own)).all())
    return [team for team in await queries.teams(session, ws) if team.id in shown]


async def _card(session: AsyncSession, team: Team, now: datetime) -> TeamCard:
    schedule = await schedules.of_team(session, team.id)
    coming = next_openings(rule_from(schedule.rule), now, 1) if schedule and not schedule.paused_at else []
    latest = select(Debrief.state).where(Debrief.team_id == team.id).order_by(col(Debrief.wave_id).desc())
    stage = (await session.exec(latest)).first()
    zone = ZoneInfo(team.timezone)
    due = select(func.count()).where(
        Commitment.team_id == team.id,
        Commitment.state == CommitmentState.OPEN,
        Commitment.due_on <= now.astimezone(zone).date(),
    )
    ends = select(func.min(Wave.ends_at)).where(
        Wave.focal_process_id == team.focal_process_id, Wave.state == WaveState.OPEN
    )
    ends_at: datetime | None = (await session.exec(ends)).one()
    return TeamCard(
        id=team.id,
        name=team.name,
        next_round=coming[0].on if coming else None,
        report_stage=DebriefState(stage).value if stage else None,
        commitments_due=(await session.exec(due)).one(),
        schedule_paused=bool(schedule and schedule.paused_at),
        results_on=ends_at.astimezone(zone).date() if ends_at is not None else None,
    )


async def _admin(session: AsyncSession, ws: int, now: datetime) -> AdminView:
    """Without reminders: how many of them there still are runs along with who has answered."""
    owed = (Delivery.workspace_id == ws, Delivery.kind != DeliveryKind.REMINDER)
    query = select(Delivery.state, func.count()).where(*owed).group_by(col(Delivery.state))
    counts = dict((await session.exec(query)).all())
    late = select(func.count()).where(*owed, Delivery.state == DeliveryState.PLANNED, col(Delivery.due_at) < now)
    workspace = await session.get_one(Workspace, ws)
    return AdminView(
        planned=counts.get(DeliveryState.PLANNED, 0),
        late=(await session.exec(late)).one(),
        failed=counts.get(DeliveryState.FAILED, 0),
        unconfirmed=counts.get(DeliveryState.UNCONFIRMED, 0),
        paused_reason=workspace.paused_reason,
    )
