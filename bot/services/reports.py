"""Reports: who may see which released wave, and the report as a value. Only released figures enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.figures import Figure
from bot.core.report_values import Event, Report, Response, RoundOf, WaveOf, Workgroup
from bot.core.reports import build_report
from bot.core.states import DebriefState, Role, RoundState, WaveState
from bot.db import figures as figure_queries
from bot.db import people as queries
from bot.db.tables import (
    ChangeStage,
    ChangeTeam,
    Debrief,
    Membership,
    ProcessChange,
    Round,
    Team,
    Wave,
)
from bot.services import access, audit, exports, instruments
from bot.services.deps import Deps

RESPONSE_BANDS = ((0.5, Response.LOW), (0.75, Response.MIDDLE))


@dataclass(frozen=True, slots=True)
class Found:
    """A report that this person may see. ``stage``: how far the debrief has come; ``role``: by what right they do."""

    report: Report
    team_id: int
    team: str
    wave_id: int
    stage: DebriefState
    role: Role | None


@dataclass(frozen=True, slots=True)
class Choose:
    """Several teams: which one?"""

    teams: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No report, and why: ``no_team``, ``no_right``, ``unknown_team``, ``first_week`` or ``nothing_released``."""

    kind: str
    team: str = ""
    results_on: date | None = None


async def report_for(
    deps: Deps, ws: int, user: str, team: str | None = None, wave: int | None = None
) -> Found | Choose | Nothing:
    """The report that ``user`` asked for. ``team``: a name or an id as text; ``wave``: a released wave's id."""
    async with deps.database.read() as session:
        person = await queries.person(session, ws, user)
        if person is None:
            return Nothing("no_team")
        who = await access.standing(session, ws, user)
        member_of = await _member_of(session, who.id)
        mine = who.teams(Role.LEAD, Role.COACH) | member_of
        chosen = await _chosen(session, ws, team, mine)
        if not isinstance(chosen, Team):
            return chosen
        return await _report(deps, session, who, chosen, wave, member=chosen.id in member_of)


async def export(deps: Deps, ws: int, user: str, team_id: int, fmt: str) -> tuple[str, bytes]:
    """The team's released figures that this person may see, as a file: its name and its bytes. Leaves an audit row.

    Raises NotAllowed, BadInput for an unknown format.
    """
    async with deps.database.write() as session:
        who, team = await access.team_for(session, ws, user, team_id, Role.LEAD, Role.COACH)
        waves = await _visible(session, who, team, member=False)
        figures = await _figures(session, team, [wave.id for wave, _ in waves])
        names = await export_names(session, team, waves=[wave for wave, _ in waves])
        audit.note(
            session, ws, deps.clock.now(), "report.exported", actor_id=who.id, subject=f"team:{team_id}", format=fmt
        )
    return exports.file(fmt, figures, names)


async def export_names(session: AsyncSession, team: Team, waves: Sequence[Wave]) -> exports.Names:
    """The names that an export writes in place of ids."""
    rounds = (
        await session.exec(select(Round.id, Round.period).where(col(Round.wave_id).in_([wave.id for wave in waves])))
    ).all()
    return exports.Names(
        teams={team.id: team.name},
        workgroups={group.id: group.name for group in await queries.workgroups(session, team.focal_process_id)},
        waves={wave.id: _released_on(wave, team) for wave in waves},
        rounds=dict(rounds),
    )


async def _chosen(session: AsyncSession, ws: int, name: str | None, mine: frozenset[int]) -> Team | Choose | Nothing:
    if name:
        found = await session.get(Team, int(name)) if name.isdigit() else await queries.team_named(session, ws, name)
        if found is None or found.workspace_id != ws:
            return Nothing("unknown_team", team=name)
        return found if found.id in mine else Nothing("no_right", team=found.name)
    teams = [team for team in await queries.teams(session, ws) if team.id in mine]
    if not teams:
        return Nothing("no_team")
    return teams[0] if len(teams) == 1 else Choose(tuple((team.id, team.name) for team in teams))


async def _member_of(session: AsyncSession, person_id: int) -> frozenset[int]:
    query = select(Membership.team_id).where(Membership.person_id == person_id, col(Membership.left_at).is_(None))
    return frozenset((await session.exec(query)).all())


async def _visible(
    session: AsyncSession, who: access.Standing, team: Team, *, member: bool
) -> list[tuple[Wave, Debrief]]:
    """Released waves whose debrief has come as far as this person, oldest first."""
    states = [DebriefState.TEAM] if member else []
    if who.holds(Role.LEAD, team.id):
        states = [DebriefState.LEAD, DebriefState.TEAM]
    if who.holds(Role.COACH, team.id):
        states = list(DebriefState)
    query = (
        select(Wave, Debrief)
        .join(Debrief, col(Debrief.wave_id) == col(Wave.id))
        .where(Debrief.team_id == team.id, col(Debrief.state).in_(states), Wave.state == WaveState.RELEASED)
        .order_by(col(Wave.released_at), col(Wave.id))
    )
    return list((await session.exec(query)).all())


async def _report(
    deps: Deps, session: AsyncSession, who: access.Standing, team: Team, wave: int | None, *, member: bool
) -> Found | Nothing:
    visible = await _visible(session, who, team, member=member)
    debriefs = {seen.id: debrief for seen, debrief in visible}
    if not visible or (wave is not None and wave not in debriefs):
        return await _nothing_yet(session, team)
    instrument = deps.content.instrument(instruments.DEFAULT)
    report = build_report(
        await _figures(session, team, list(debriefs)),
        team=team.id,
        process=team.focal_process_id,
        workgroups=await _workgroups(session, team),
        waves=[await _wave_of(session, seen, team) for seen, _ in visible],
        between=instrument.between,
        within=instrument.within,
        events=await _events(session, team),
        response=await _response(session, team, wave or visible[-1][0].id),
        wave=wave,
    )
    if report is None:
        return await _nothing_yet(session, team)
    role = next((role for role in (Role.COACH, Role.LEAD) if who.holds(role, team.id)), None)
    return Found(report, team.id, team.name, report.wave, debriefs[report.wave].state, role)


async def _figures(session: AsyncSession, team: Team, waves: Sequence[int]) -> list[Figure]:
    """The team's own figures and those pooled over its process; never another team's."""
    return [figure for figure in await figure_queries.of_waves(session, waves) if figure.key.team in {None, team.id}]


async def _workgroups(session: AsyncSession, team: Team) -> list[Workgroup]:
    """The workgroups that have had members in the team, and the process's clients, leaders and partners."""
    groups = await queries.workgroups(session, team.focal_process_id)
    query = select(Membership.workgroup_id).where(Membership.team_id == team.id).distinct()
    present = set((await session.exec(query)).all())
    return [Workgroup(group.id, group.name) for group in groups if group.id in present or group.kind != "staff"]


async def _wave_of(session: AsyncSession, wave: Wave, team: Team) -> WaveOf:
    query = (
        select(Round)
        .where(Round.wave_id == wave.id, Round.team_id == team.id, Round.state == RoundState.SEALED)
        .order_by(col(Round.opens_at))
    )
    rounds = (await session.exec(query)).all()
    versions = sorted({str(one.instrument_version_id) for one in rounds})
    opened = tuple(RoundOf(one.id, date.fromisoformat(one.period)) for one in rounds)
    return WaveOf(wave.id, _released_on(wave, team), opened, ",".join(versions))


def _released_on(wave: Wave, team: Team) -> date:
    return (wave.released_at or wave.ends_at).astimezone(ZoneInfo(team.timezone)).date()


async def _events(session: AsyncSession, team: Team) -> list[Event]:
    query = (
        select(ProcessChange.title, ChangeStage.stage, ChangeStage.entered_at)
        .join(ChangeStage, col(ChangeStage.change_id) == col(ProcessChange.id))
        .join(ChangeTeam, col(ChangeTeam.change_id) == col(ProcessChange.id))
        .where(ChangeTeam.team_id == team.id)
        .order_by(col(ChangeStage.entered_at))
    )
    return [Event(f"{title}: {stage}", at.date()) for title, stage, at in (await session.exec(query)).all()]


async def _response(session: AsyncSession, team: Team, wave: int) -> Response | None:
    query = select(func.sum(Round.asked), func.sum(Round.finished)).where(
        Round.wave_id == wave, Round.team_id == team.id, Round.state == RoundState.SEALED
    )
    asked, finished = (await session.exec(query)).one()
    if not asked:
        return None
    share = (finished or 0) / asked
    return next((band for below, band in RESPONSE_BANDS if share < below), Response.HIGH)


async def _nothing_yet(session: AsyncSession, team: Team) -> Nothing:
    rounds = (await session.exec(select(func.count()).where(Round.team_id == team.id))).one()
    query = (
        select(func.min(Wave.ends_at))
        .join(Round, col(Round.wave_id) == col(Wave.id))
        .where(Round.team_id == team.id, Wave.state == WaveState.OPEN)
    )
    ends_at: datetime | None = (await session.exec(query)).one()
    on = ends_at.astimezone(ZoneInfo(team.timezone)).date() if ends_at is not None else None
    return Nothing("first_week" if rounds <= 1 else "nothing_released", team=team.name, results_on=on)
