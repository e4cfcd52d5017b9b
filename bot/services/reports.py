"""Reports: who may see which released wave, and the report as a value. Only released figures enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.content import ORIGINAL
from bot.core.debriefs import Action, Relation, may, visible_waves
from bot.core.errors import NotAllowed
from bot.core.report_values import Event, Report, Response, RoundOf, WaveOf, Workgroup
from bot.core.reports import LOOK_BACK_WAVES, build_report, response_band
from bot.core.states import ChangeState, DebriefState, Role, RoundState, WaveState
from bot.db import figures as figure_queries
from bot.db import people as queries
from bot.db.tables import (
    ChangeStage,
    ChangeTeam,
    Commitment,
    Debrief,
    Membership,
    ProcessChange,
    Round,
    Team,
    Wave,
)
from bot.services import access, audit, debriefs, exports, instruments, schedules
from bot.services.deps import Deps


@dataclass(frozen=True, slots=True)
class Found:
    """A report that this person may see. ``stage``: how far the debrief has come; ``actions``: what they may do now.

    Who may open the map and not the report gets it untoned: without bands, findings and verdicts.
    """

    report: Report
    team_id: int
    team: str
    wave_id: int
    stage: DebriefState
    actions: frozenset[Action]


@dataclass(frozen=True, slots=True)
class Choose:
    """Several teams: which one?"""

    teams: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No report, and why: ``no_team``, ``no_right``, ``unknown_team``, ``no_schedule``, ``first_week``,
    ``nothing_released`` or ``with_coach``.

    ``on``: when the map comes out, or until when it is the coach's.
    """

    kind: str
    team: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A released wave that a person may look at."""

    wave: Wave
    state: DebriefState


async def report_for(
    deps: Deps, ws: int, user: str, team: str | int | None = None, wave: int | None = None
) -> Found | Choose | Nothing:
    """The report that ``user`` asked for. ``team``: a name as typed, or an id; ``wave``: a released wave's id."""
    async with deps.database.read() as session:
        person = await queries.person(session, ws, user)
        if person is None:
            return Nothing("no_team")
        who = await access.standing(session, ws, user)
        mine = who.teams(Role.LEAD, Role.COACH) | await _member_of(session, who.id)
        chosen = await _chosen(session, ws, team, mine)
        if not isinstance(chosen, Team):
            return chosen
        held = await debriefs.relations(session, who, chosen)
        seen = await visible(session, held, chosen, Action.OPEN_MAP, upto=wave)
        if not seen or (wave is not None and seen[-1].wave.id != wave):
            return await _nothing_yet(session, held, chosen)
        report = await _report(deps, session, chosen, [one.wave for one in seen], who.person.language)
        actions = frozenset(action for action in Action if may(held, action, seen[-1].state))
        return Found(report, chosen.id, chosen.name, report.wave, seen[-1].state, actions)


async def is_low(deps: Deps, session: AsyncSession, team_id: int, wave_id: int) -> bool:
    """Whether something on this map is weak, so that whoever brings it to the team reads the guide first."""
    team, wave = await session.get_one(Team, team_id), await session.get_one(Wave, wave_id)
    return (await _report(deps, session, team, [wave], ORIGINAL)).low


async def export(deps: Deps, ws: int, user: str, team_id: int, fmt: str) -> tuple[str, bytes]:
    """The team's released figures that this person may take away, as a file: its name and its bytes. Leaves an audit
    row.

    Raises UnknownTeam, NotAllowed, and BadInput for an unknown format.
    """
    async with deps.database.write() as session:
        who, team = await access.team_for(session, ws, user, team_id, Role.LEAD, Role.COACH)
        held = await debriefs.relations(session, who, team)
        seen = await visible(session, held, team, Action.EXPORT)
        if not seen:
            raise NotAllowed(team.name)
        waves = [one.wave for one in seen]
        figures = await figure_queries.of_team(session, [wave.id for wave in waves], team.id)
        names = await export_names(deps, session, team, waves, who.person.language)
        audit.note(
            session, ws, deps.clock.now(), "report.exported", actor_id=who.id, subject=f"team:{team_id}", format=fmt
        )
    return exports.file(fmt, figures, names)


async def export_names(
    deps: Deps, session: AsyncSession, team: Team, waves: Sequence[Wave], language: str
) -> exports.Names:
    """The names that an export writes in place of ids, and the words of its read-me."""
    rounds = select(Round.id, Round.period).where(col(Round.wave_id).in_([wave.id for wave in waves]))
    changes = select(ProcessChange.id, ProcessChange.title).where(
        ProcessChange.focal_process_id == team.focal_process_id
    )
    sheets, readme = exports.sheet_words(deps.content, language)
    return exports.Names(
        teams={team.id: team.name},
        workgroups={group.id: group.name for group in await queries.workgroups(session, team.focal_process_id)},
        waves={wave.id: _released_on(wave, team) for wave in waves},
        rounds=dict((await session.exec(rounds)).all()),
        changes=dict((await session.exec(changes)).all()),
        sheets=sheets,
        readme=readme,
    )


async def _chosen(
    session: AsyncSession, ws: int, wanted: str | int | None, mine: frozenset[int]
) -> Team | Choose | Nothing:
    """What people type is a name and never an id: counting up would tell them what every team is called."""
    if wanted:
        by_id = isinstance(wanted, int)
        found = await session.get(Team, wanted) if by_id else await queries.team_named(session, ws, str(wanted))
        if found is None or found.workspace_id != ws:
            return Nothing("unknown_team", team=str(wanted))
        return found if found.id in mine else Nothing("no_right", team=found.name)
    teams = [team for team in await queries.teams(session, ws) if team.id in mine]
    if not teams:
        return Nothing("no_team")
    return teams[0] if len(teams) == 1 else Choose(tuple((team.id, team.name) for team in teams))


async def _member_of(session: AsyncSession, person_id: int) -> frozenset[int]:
    query = select(Membership.team_id).where(Membership.person_id == person_id, col(Membership.left_at).is_(None))
    return frozenset((await session.exec(query)).all())


async def visible(
    session: AsyncSession, held: frozenset[Relation], team: Team, action: Action, *, upto: int | None = None
) -> list[Seen]:
    """The last released waves (of two years at most) up to ``upto`` with which ``action`` may be done, oldest first."""
    query = (
        select(Wave, Debrief.state)
        .join(Debrief, col(Debrief.wave_id) == col(Wave.id))
        .where(Debrief.team_id == team.id, Wave.state == WaveState.RELEASED)
        .order_by(col(Wave.number).desc())
        .limit(LOOK_BACK_WAVES)
    )
    if upto is not None:
        query = query.where(col(Wave.number) <= select(Wave.number).where(Wave.id == upto).scalar_subquery())
    seen = {wave.id: Seen(wave, DebriefState(state)) for wave, state in reversed((await session.exec(query)).all())}
    allowed = visible_waves(held, {wave: one.state for wave, one in seen.items()}, action)
    return [seen[wave] for wave in allowed]


async def _report(deps: Deps, session: AsyncSession, team: Team, waves: Sequence[Wave], language: str) -> Report:
    """The report on the last of ``waves``, with the ones before it as history."""
    instrument = deps.content.instrument(instruments.DEFAULT)
    report = build_report(
        await figure_queries.of_team(session, [wave.id for wave in waves], team.id),
        team=team.id,
        process=team.focal_process_id,
        workgroups=await _workgroups(session, team),
        waves=await _calendar(session, waves, team),
        between=instrument.between,
        within=instrument.within,
        events=await _events(deps, session, team, language),
        organisation=await figure_queries.of_other_teams(session, team),
        response=await _response(session, team, waves[-1]),
    )
    assert report is not None  # noqa: S101 - there is a wave
    return report


async def _workgroups(session: AsyncSession, team: Team) -> list[Workgroup]:
    """The workgroups that have had members in the team, and the process's clients, leaders and partners."""
    groups = await queries.workgroups(session, team.focal_process_id)
    query = select(Membership.workgroup_id).where(Membership.team_id == team.id).distinct()
    present = set((await session.exec(query)).all())
    return [Workgroup(group.id, group.name) for group in groups if group.id in present or group.kind != "staff"]


async def _calendar(session: AsyncSession, waves: Sequence[Wave], team: Team) -> list[WaveOf]:
    query = (
        select(Round)
        .where(
            col(Round.wave_id).in_([wave.id for wave in waves]),
            Round.team_id == team.id,
            Round.state == RoundState.SEALED,
        )
        .order_by(col(Round.opens_at))
    )
    rounds: dict[int | None, list[Round]] = {}
    for one in (await session.exec(query)).all():
        rounds.setdefault(one.wave_id, []).append(one)
    return [_wave_of(wave, rounds.get(wave.id, []), team) for wave in waves]


def _wave_of(wave: Wave, rounds: Sequence[Round], team: Team) -> WaveOf:
    versions = sorted({str(one.instrument_version_id) for one in rounds})
    opened = tuple(RoundOf(one.id, date.fromisoformat(one.period)) for one in rounds)
    return WaveOf(wave.id, _released_on(wave, team), opened, ",".join(versions))


def _released_on(wave: Wave, team: Team) -> date:
    return _local_day(wave.released_at or wave.ends_at, team)


def _local_day(at: datetime, team: Team) -> date:
    return at.astimezone(ZoneInfo(team.timezone)).date()


async def _events(deps: Deps, session: AsyncSession, team: Team, language: str) -> list[Event]:
    """Each move of the team's changes, and each test that a huddle agreed on."""
    moves = (
        select(ProcessChange.title, ProcessChange.playbook, ChangeStage)
        .join(ChangeStage, col(ChangeStage.change_id) == col(ProcessChange.id))
        .join(ChangeTeam, col(ChangeTeam.change_id) == col(ProcessChange.id))
        .where(ChangeTeam.team_id == team.id)
    )
    playbooks = {book.id: book for book in deps.content.library(language).playbooks}
    events = []
    for title, playbook, move in (await session.exec(moves)).all():
        stage = playbooks[playbook].stage.get(move.stage) if playbook in playbooks else None
        name = stage.name if stage else move.stage
        if move.state not in {ChangeState.DRAFT, ChangeState.ACTIVE}:
            name = deps.content.words(f"change.state.{move.state}", language)
        events.append(Event(f"{title}: {name}", _local_day(move.entered_at, team)))
    tests = select(Commitment.what, Commitment.created_at).where(Commitment.team_id == team.id)
    return events + [Event(what, _local_day(at, team)) for what, at in (await session.exec(tests)).all()]


async def _response(session: AsyncSession, team: Team, wave: Wave) -> Response | None:
    """Not for fewer than k: of two people who know their own share, each would read the other's from the band."""
    counts = (func.sum(Round.asked), func.sum(Round.finished), func.max(Round.asked), func.max(Round.min_respondents))
    query = select(*counts).where(Round.wave_id == wave.id, Round.team_id == team.id, Round.state == RoundState.SEALED)
    asked, finished, people, k = (await session.exec(query)).one()
    return response_band(finished or 0, asked) if asked and people >= k else None


async def _nothing_yet(session: AsyncSession, held: frozenset[Relation], team: Team) -> Nothing:
    """A lead hears that the first map is with the coach, and until when; a member that it is not out."""
    waiting = select(Debrief).where(Debrief.team_id == team.id, Debrief.state == DebriefState.COACH)
    debrief = (await session.exec(waiting.order_by(col(Debrief.wave_id).desc()))).first()
    if debrief is not None and Relation.LEAD in held:
        return Nothing("with_coach", team.name, _local_day(await debriefs.coach_until(session, debrief), team))
    if await schedules.of_team(session, team.id) is None:
        return Nothing("no_schedule", team.name)
    rounds = (await session.exec(select(func.count()).where(Round.team_id == team.id))).one()
    query = (
        select(func.min(Wave.ends_at))
        .join(Round, col(Round.wave_id) == col(Wave.id))
        .where(Round.team_id == team.id, Wave.state == WaveState.OPEN)
    )
    ends_at: datetime | None = (await session.exec(query)).one()
    on = _local_day(ends_at, team) if ends_at is not None else None
    return Nothing("first_week" if rounds <= 1 else "nothing_released", team.name, on)
