"""Too many changes at once is why most fail: what each workgroup carries, and who would carry too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import changes as core
from bot.core.cadence import next_openings, rule_from, wall_clock
from bot.db import changes as change_queries
from bot.db import people as queries
from bot.db.tables import Team, Workgroup
from bot.services import access, changes, schedules
from bot.services.deps import Deps

AHEAD = timedelta(days=28)
_MOST_PULSES = 28


@dataclass(frozen=True, slots=True)
class Load:
    """What a workgroup carries: active changes, and pulses in the next four weeks."""

    workgroup: str
    changes: int
    asks: int


async def overloaded(deps: Deps, ws: int, change_id: int) -> tuple[str, ...]:
    """Workgroups that would carry too many active changes at once, were this one started."""
    async with deps.database.read() as session:
        touched = await change_queries.workgroups(session, change_id)
        others = [one for one in await change_queries.active(session, ws) if one.id != change_id]
        heavy = core.overloaded([await changes.as_core(deps, session, one) for one in others], touched)
        query = select(Workgroup.name).where(col(Workgroup.id).in_(heavy)).order_by(Workgroup.name)
        return tuple((await session.exec(query)).all())


async def loads(deps: Deps, ws: int, user: str) -> list[Load]:
    """What the workgroups of this person's teams carry: active changes, and what I ask of them in four weeks."""
    now = deps.clock.now()
    async with deps.database.read() as session:
        who = await access.standing(session, ws, user)
        teams = [team for team in await queries.teams(session, ws) if changes.may_change(who, team.id)]
        active = [await changes.as_core(deps, session, one) for one in await change_queries.active(session, ws)]
        carried = core.carried(active)
        found: list[Load] = []
        for process in dict.fromkeys(team.focal_process_id for team in teams):
            pulses = await _pulses_ahead(session, [team for team in teams if team.focal_process_id == process], now)
            groups = await queries.workgroups(session, process)
            found += [Load(one.name, carried[one.id], pulses.get(one.id, 0)) for one in groups if carried[one.id]]
    return found


async def _pulses_ahead(session: AsyncSession, teams: Sequence[Team], now: datetime) -> dict[int, int]:
    """Pulses of the next four weeks by workgroup: of the team of it that is asked most."""
    found: dict[int, int] = {}
    for team in teams:
        schedule = await schedules.of_team(session, team.id)
        if schedule is None or schedule.paused_at is not None:
            continue
        openings = next_openings(rule_from(schedule.rule), now, _MOST_PULSES)
        until = wall_clock(now + AHEAD, team.timezone).date()
        coming = sum(opening.on < until and opening.skipped is None for opening in openings)
        for _, member in await queries.members(session, team.id, now):
            found[member.workgroup_id] = max(coming, found.get(member.workgroup_id, 0))
    return found
