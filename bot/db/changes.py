"""Named queries: process changes, their teams and the workgroups they touch. They take a session and never commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.states import ChangeState
from bot.db.tables import ChangeStage, ChangeTeam, ChangeWorkgroup, ProcessChange


async def active(session: AsyncSession, workspace_id: int) -> Sequence[ProcessChange]:
    query = (
        select(ProcessChange)
        .where(ProcessChange.workspace_id == workspace_id, ProcessChange.state == ChangeState.ACTIVE)
        .order_by(col(ProcessChange.id))
    )
    return (await session.exec(query)).all()


async def of_team(session: AsyncSession, team_id: int) -> Sequence[ProcessChange]:
    """Every change of the team, whatever its state, in the order of registration."""
    query = (
        select(ProcessChange)
        .join(ChangeTeam, col(ChangeTeam.change_id) == col(ProcessChange.id))
        .where(ChangeTeam.team_id == team_id)
        .order_by(col(ProcessChange.id))
    )
    return (await session.exec(query)).all()


async def teams(session: AsyncSession, change_id: int) -> Sequence[int]:
    query = select(ChangeTeam.team_id).where(ChangeTeam.change_id == change_id).order_by(col(ChangeTeam.team_id))
    return (await session.exec(query)).all()


async def workgroups(session: AsyncSession, change_id: int) -> Sequence[int]:
    """The affected ones."""
    query = (
        select(ChangeWorkgroup.workgroup_id)
        .where(ChangeWorkgroup.change_id == change_id)
        .order_by(col(ChangeWorkgroup.workgroup_id))
    )
    return (await session.exec(query)).all()


async def history(session: AsyncSession, change_id: int) -> Sequence[ChangeStage]:
    """Each move of stage or state, oldest first."""
    query = select(ChangeStage).where(ChangeStage.change_id == change_id).order_by(col(ChangeStage.id))
    return (await session.exec(query)).all()


async def under_way(session: AsyncSession, team_id: int, since: datetime, until: datetime) -> Sequence[int]:
    """Ids of the team's changes that people may have been asked about in this time: started, and not over before it."""
    over = {ChangeState.FINISHED, ChangeState.ABANDONED}
    found = []
    for change in await of_team(session, team_id):
        if change.started_at is None or change.started_at >= until:
            continue
        ended = (await history(session, change.id))[-1].entered_at if change.state in over else until
        if ended > since:
            found.append(change.id)
    return found
