"""“You said, we tried”: what a team's last pulse led to, for the first line of the next one."""

from __future__ import annotations

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.messages import WhatCameOfIt
from bot.core.states import CommitmentState, HuddleState
from bot.db.tables import Commitment, Debrief, Huddle, Team


async def for_team(session: AsyncSession, team: Team) -> WhatCameOfIt | None:
    """The team's newest commitment that was not dropped, with what the huddle learned; else what the talk promised."""
    query = (
        select(Commitment, Huddle.learned)
        .outerjoin(Huddle, col(Huddle.id) == col(Commitment.huddle_id))
        .where(Commitment.team_id == team.id, Commitment.state != CommitmentState.DROPPED)
        .order_by(col(Commitment.created_at).desc(), col(Commitment.id).desc())
    )
    found = (await session.exec(query)).first()
    if found is not None:
        commitment, learned = found
        return WhatCameOfIt(heard=learned or "", tried=commitment.what, since=commitment.created_at.date())
    talk = select(Debrief).where(Debrief.team_id == team.id, Debrief.will_try != "").order_by(col(Debrief.id).desc())
    debrief = (await session.exec(talk)).first()
    if debrief is None:
        return None
    return WhatCameOfIt(
        heard=debrief.heard, tried=debrief.will_try, since=(debrief.team_at or debrief.opened_at).date()
    )


async def last_commitment(session: AsyncSession, huddle: Huddle) -> str | None:
    """What the team's last held huddle (on the same change, where there is one) agreed to try."""
    query = (
        select(Commitment.what)
        .join(Huddle, col(Huddle.id) == col(Commitment.huddle_id))
        .where(Commitment.team_id == huddle.team_id, Huddle.state == HuddleState.HELD, Huddle.id != huddle.id)
        .order_by(col(Huddle.happens_at).desc())
    )
    if huddle.change_id is not None:
        query = query.where(Huddle.change_id == huddle.change_id)
    return (await session.exec(query)).first()
