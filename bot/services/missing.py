"""Missing perspectives: affected workgroups that were not in a change's last huddles, as roles, never as people."""

from __future__ import annotations

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.states import HuddleState
from bot.db.tables import ChangeWorkgroup, Huddle, HuddleAttendance, Workgroup

LOOK_BACK = 2
"""How many held huddles back a role may have been seen last."""


async def perspectives(session: AsyncSession, huddle: Huddle) -> tuple[str, ...]:
    """Names of the workgroups to invite; empty before the first huddle was held."""
    held = (
        select(Huddle.id)
        .where(
            Huddle.team_id == huddle.team_id,
            Huddle.change_id == huddle.change_id,
            Huddle.state == HuddleState.HELD,
            Huddle.id != huddle.id,
        )
        .order_by(col(Huddle.happens_at).desc())
        .limit(LOOK_BACK)
    )
    last = (await session.exec(held)).all()
    if not last:
        return ()
    there = select(HuddleAttendance.workgroup_id).where(col(HuddleAttendance.huddle_id).in_(last))
    query = (
        select(Workgroup.name)
        .join(ChangeWorkgroup, col(ChangeWorkgroup.workgroup_id) == col(Workgroup.id))
        .where(ChangeWorkgroup.change_id == huddle.change_id, col(Workgroup.id).not_in(there))
        .order_by(Workgroup.name)
    )
    return tuple((await session.exec(query)).all())
