"""Did it help? What a change did to the figures of its teams, for those whom the debrief order has let see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.changes import complies_without_wanting
from bot.core.debriefs import FROM, Action
from bot.core.effects import Effect, effect_of_change, suffered
from bot.core.errors import NotAllowed, Stale
from bot.core.figures import Figure
from bot.core.reports import FEWEST_TEAMS
from bot.core.runchart import FEWEST_POINTS, analyse
from bot.core.series import Series, index_series, tie_series
from bot.core.states import DebriefState, RoundState
from bot.db import changes as change_queries
from bot.db import figures as figure_queries
from bot.db import people as queries
from bot.db.tables import ChangeMeasurement, Debrief, FocalProcess, ProcessChange, Round, Team, Wave
from bot.services import access, debriefs, instruments, reports
from bot.services.deps import Deps

NO_ROUND = (0, 0)
"""Stands where a team had no round that is out."""


@dataclass(frozen=True, slots=True)
class ChangeEffect:
    """``overall``: the step in the teams' index, ``further`` in maps. ``suffered``: ties that fell, as (rater, rated).

    ``measure_moved``: whether its own measure has shifted, None below ten values. ``complies``: people go along, and
    neither want to nor feel that they owe it.
    """

    change: str
    overall: Effect
    suffered: tuple[tuple[str, str], ...]
    measure: str
    measure_moved: bool | None
    complies: bool


@dataclass(frozen=True, slots=True)
class _Team:
    """One team's released waves, oldest first, its figures, and its rounds by period."""

    id: int
    waves: Sequence[Wave]
    figures: Sequence[Figure]
    rounds: Mapping[str, Round]
    treated: bool


async def of_change(deps: Deps, ws: int, user: str, change_id: int) -> ChangeEffect | None:
    """The effect of a change since it started; None for one that has not started, or before its first map.

    Teams of the same work without a change show what the time would have done anyway, three or more of them together.
    Raises NotAllowed, Stale.
    """
    async with deps.database.read() as session:
        who = await access.standing(session, ws, user)
        change = await session.get(ProcessChange, change_id)
        if change is None or change.workspace_id != ws:
            raise Stale
        teams = await _treated(session, who, change)
        if change.started_at is None or not any(team.waves for team in teams):
            return None
        process = await session.get_one(FocalProcess, change.focal_process_id)
        overall = effect_of_change(_indexes(change, [*teams, *await _untouched(session, change)]))
        if overall.further is not None:
            maps = -(-overall.further // process.rounds_per_wave)
            overall = replace(overall, further=maps)
        bands = deps.content.instrument(instruments.DEFAULT).between
        values = await _measured(session, change)
        return ChangeEffect(
            change=change.title,
            overall=overall,
            suffered=await _suffered(session, change, teams),
            measure=str((change.measure or {}).get("name") or ""),
            measure_moved=analyse(values).verdict if len(values) >= FEWEST_POINTS else None,
            complies=any(
                complies_without_wanting(team.figures, change=change.id, team=team.id, bands=bands) for team in teams
            ),
        )


async def of_team(deps: Deps, ws: int, user: str, team_id: int) -> list[ChangeEffect]:
    """The effects of every change of a team that has started, in the order of registration. Raises NotAllowed."""
    async with deps.database.read() as session:
        changes = [one.id for one in await change_queries.of_team(session, team_id)]
    found = [await of_change(deps, ws, user, change) for change in changes]
    return [one for one in found if one is not None]


async def _treated(session: AsyncSession, who: access.Standing, change: ProcessChange) -> list[_Team]:
    """The change's teams, with what this person may see of each; NotAllowed where that is none of them."""
    teams, allowed = [], False
    for team_id in await change_queries.teams(session, change.id):
        team = await session.get_one(Team, team_id)
        held = await debriefs.relations(session, who, team)
        allowed = allowed or any((relation, Action.SEE_EFFECTS) in FROM for relation in held)
        seen = await reports.visible(session, held, team, Action.SEE_EFFECTS)
        teams.append(await _team(session, team, [one.wave for one in seen], treated=True))
    if not allowed:
        raise NotAllowed(change.title)
    return teams


async def _untouched(session: AsyncSession, change: ProcessChange) -> list[_Team]:
    """Teams of the same work on which no change has been started, with the maps that they have talked about."""
    query = select(Team).where(Team.focal_process_id == change.focal_process_id).order_by(col(Team.id))
    found = []
    for team in (await session.exec(query)).all():
        if any(one.started_at is not None for one in await change_queries.of_team(session, team.id)):
            continue
        shared = (
            select(Wave)
            .join(Debrief, col(Debrief.wave_id) == col(Wave.id))
            .where(Debrief.team_id == team.id, Debrief.state == DebriefState.TEAM)
            .order_by(col(Wave.number))
        )
        waves = (await session.exec(shared)).all()
        if waves:
            found.append(await _team(session, team, waves, treated=False))
    return found if len(found) >= FEWEST_TEAMS else []


async def _team(session: AsyncSession, team: Team, waves: Sequence[Wave], *, treated: bool) -> _Team:
    ids = [wave.id for wave in waves]
    query = select(Round).where(col(Round.wave_id).in_(ids), Round.team_id == team.id, Round.state == RoundState.SEALED)
    rounds = {one.period: one for one in (await session.exec(query)).all()}
    return _Team(team.id, waves, await figure_queries.of_team(session, ids, team.id), rounds, treated)


def _indexes(change: ProcessChange, teams: Sequence[_Team]) -> list[Series]:
    """Each team's index by round, all on the same calendar."""
    periods = sorted({period for team in teams for period in team.rounds})
    return [_index(change, team, periods) for team in teams]


def _index(change: ProcessChange, team: _Team, periods: Sequence[str]) -> Series:
    held = [team.rounds.get(period) for period in periods]
    places = [(one.wave_id or 0, one.id) if one else NO_ROUND for one in held]
    starts_at = None
    if team.treated:
        later = (at for at, one in enumerate(held) if one and change.started_at and one.opens_at >= change.started_at)
        starts_at = next(later, len(periods))
    return index_series(team.figures, team=team.id, rounds=places, starts_at=starts_at)


async def _suffered(
    session: AsyncSession, change: ProcessChange, teams: Sequence[_Team]
) -> tuple[tuple[str, str], ...]:
    """The balancing view: ties that became lower since, whoever looks only at what was meant to get better."""
    names = {one.id: one.name for one in await queries.workgroups(session, change.focal_process_id)}
    effects = {}
    for pair in permutations(names, 2):
        series = [_tie(change, team, pair) for team in teams if team.waves]
        effects[pair] = effect_of_change(series)
    return tuple((names[a], names[b]) for a, b in suffered(effects))


def _tie(change: ProcessChange, team: _Team, pair: tuple[int, int]) -> Series:
    """By wave; one in which the change started still counts as before."""
    waves = [wave.id for wave in team.waves]
    later = (at for at, wave in enumerate(team.waves) if change.started_at and wave.opened_at >= change.started_at)
    (series,) = tie_series(team.figures, team=team.id, pairs=[pair], waves=waves, starts_at=next(later, len(waves)))
    return series


async def _measured(session: AsyncSession, change: ProcessChange) -> list[float]:
    query = select(ChangeMeasurement.value).where(ChangeMeasurement.change_id == change.id)
    return list((await session.exec(query.order_by(col(ChangeMeasurement.on)))).all())
