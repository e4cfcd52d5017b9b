"""Named queries: workspaces, people, teams, roles. They take a session and never commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.states import Role
from bot.db.tables import FocalProcess, Membership, Person, RoleGrant, Team, Workgroup, Workspace


async def workspace(session: AsyncSession, slack_team_id: str) -> Workspace | None:
    return (await session.exec(select(Workspace).where(Workspace.slack_team_id == slack_team_id))).first()


async def person(session: AsyncSession, workspace_id: int, slack_user_id: str) -> Person | None:
    query = select(Person).where(Person.workspace_id == workspace_id, Person.slack_user_id == slack_user_id)
    return (await session.exec(query)).first()


async def team_named(session: AsyncSession, workspace_id: int, name: str) -> Team | None:
    """By name, whatever its case."""
    query = select(Team).where(Team.workspace_id == workspace_id, func.lower(Team.name) == name.strip().lower())
    return (await session.exec(query)).first()


async def teams(session: AsyncSession, workspace_id: int) -> Sequence[Team]:
    return (await session.exec(select(Team).where(Team.workspace_id == workspace_id).order_by(Team.name))).all()


async def process_named(session: AsyncSession, workspace_id: int, name: str) -> FocalProcess | None:
    query = select(FocalProcess).where(FocalProcess.workspace_id == workspace_id, FocalProcess.name == name)
    return (await session.exec(query)).first()


async def workgroups(session: AsyncSession, process_id: int) -> Sequence[Workgroup]:
    query = select(Workgroup).where(Workgroup.focal_process_id == process_id).order_by(col(Workgroup.id))
    return (await session.exec(query)).all()


async def members(session: AsyncSession, team_id: int, now: datetime) -> Sequence[tuple[Person, Membership]]:
    """Who belongs to the team at ``now`` and still has a Slack account, in a stable order."""
    query = (
        select(Person, Membership)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            Membership.team_id == team_id,
            col(Membership.joined_at) <= now,
            col(Membership.left_at).is_(None) | (col(Membership.left_at) > now),
            col(Person.deactivated_at).is_(None),
        )
        .order_by(col(Person.id))
    )
    return (await session.exec(query)).all()


async def roles(session: AsyncSession, person_id: int) -> Sequence[RoleGrant]:
    """The roles a person holds now."""
    query = select(RoleGrant).where(RoleGrant.person_id == person_id, col(RoleGrant.revoked_at).is_(None))
    return (await session.exec(query)).all()


async def holders(session: AsyncSession, team_id: int, role: Role) -> Sequence[Person]:
    """Who holds a role for a team now, in a stable order."""
    query = (
        select(Person)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            RoleGrant.team_id == team_id,
            RoleGrant.role == role,
            col(RoleGrant.revoked_at).is_(None),
            col(Person.deactivated_at).is_(None),
        )
        .order_by(col(Person.id))
    )
    return (await session.exec(query)).all()


async def headcounts(session: AsyncSession, process_id: int, now: datetime) -> dict[int, int]:
    """People per workgroup over the focal process: those on the roster who still have a Slack account, or the declared
    number where that is more.
    """
    listed = (
        select(Membership.workgroup_id, func.count(func.distinct(Membership.person_id)))
        .join(Team, col(Team.id) == col(Membership.team_id))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(
            Team.focal_process_id == process_id,
            col(Membership.joined_at) <= now,
            col(Membership.left_at).is_(None) | (col(Membership.left_at) > now),
            col(Person.deactivated_at).is_(None) | (col(Person.deactivated_at) > now),
        )
        .group_by(col(Membership.workgroup_id))
    )
    found = dict((await session.exec(listed)).all())
    return {
        group.id: max(found.get(group.id, 0), group.declared_headcount or 0)
        for group in await workgroups(session, process_id)
    }
