"""“You said, we tried”: what a team's answers led to, for the first line of its next pulse."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.messages import Progress, WhatCameOfIt
from bot.core.states import CommitmentState, HuddleState, WaveState
from bot.db.tables import Ask, Commitment, Debrief, Huddle, Person, Team, Wave

_PROGRESS = {
    CommitmentState.DONE: Progress.DONE,
    CommitmentState.CHANGED: Progress.DONE,
    CommitmentState.DROPPED: Progress.DROPPED,
}


async def opening(session: AsyncSession, person: Person, team: Team, process: str) -> WhatCameOfIt | None:
    """The first line of a person's pulse: a greeting the first time, then the newest of what came of it.

    None before the first map, when nothing can have come of anything.
    """
    asked = (await session.exec(select(func.count()).where(Ask.person_id == person.id))).one()
    if asked <= 1:
        return WhatCameOfIt(progress=Progress.FIRST, process=process)
    found = await for_team(session, team)
    if found is not None:
        return found
    query = (
        select(Wave.id)
        .join(Debrief, col(Debrief.wave_id) == col(Wave.id))
        .where(Debrief.team_id == team.id, Wave.state == WaveState.RELEASED)
    )
    released = (await session.exec(query)).first() is not None
    return WhatCameOfIt(progress=Progress.NOTHING_YET) if released else None


async def for_team(session: AsyncSession, team: Team) -> WhatCameOfIt | None:
    """The newest of two: what a huddle agreed to try, with its outcome, and what the talk about the map promised."""
    tests = (
        select(Commitment, Huddle.learned)
        .outerjoin(Huddle, col(Huddle.id) == col(Commitment.huddle_id))
        .where(Commitment.team_id == team.id)
        .order_by(col(Commitment.created_at).desc(), col(Commitment.id).desc())
    )
    talks = select(Debrief).where(Debrief.team_id == team.id, Debrief.will_try != "").order_by(col(Debrief.id).desc())
    test, talk = (await session.exec(tests)).first(), (await session.exec(talks)).first()
    if talk is not None and (test is None or (talk.team_at or talk.opened_at) > test[0].created_at):
        return WhatCameOfIt(heard=talk.heard, tried=_phrase(talk.will_try))
    return _of_test(test[0], test[1] or (talk.heard if talk else ""), team) if test is not None else None


def _of_test(test: Commitment, heard: str, team: Team) -> WhatCameOfIt:
    """A test that was done says what came of it; without a word about that, it is still said that it is tried."""
    progress = _PROGRESS.get(test.state, Progress.TRYING)
    if progress is Progress.DONE and not test.outcome:
        progress = Progress.TRYING
    since = test.created_at.astimezone(ZoneInfo(team.timezone)).date()
    return WhatCameOfIt(progress, heard=heard, tried=_phrase(test.what), since=since, learned=test.outcome)


def _phrase(sentence: str) -> str:
    """Without the full stop: it goes on in a sentence of ours."""
    return sentence.strip().removesuffix(".")


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
