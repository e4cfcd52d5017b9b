"""Nudges: once a day each team is looked at; a small idea goes to the side that can act, at most one a week."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.debriefs import in_debrief
from bot.core.errors import NotYours, Stale
from bot.core.nudges import PastNudge, Silence, Situation, Suggestion, choose
from bot.core.states import DebriefState, DeliveryKind, NudgeArm, NudgeFeedback
from bot.db import figures as figure_queries
from bot.db import people as queries
from bot.db.tables import Debrief, Delivery, Membership, Nudge, NudgeReply, Team, Workspace
from bot.services import access, audit, instruments, library, people
from bot.services.deps import Deps

WORTH_IT = "worth_it"
"""The variant of the one question that follows *we'll try it*."""
WORTH_IT_AFTER = timedelta(days=7)
_WEIGHT = {NudgeFeedback.TRY: 1, NudgeFeedback.HELPED: 1, NudgeFeedback.NOT_FOR_US: -1}


async def choose_due(deps: Deps, now: datetime) -> None:
    """Look once a day at each team that has talked about a map; choose this week's idea or stay silent."""
    async with deps.database.read() as session:
        query = select(Team).join(Debrief).where(Debrief.state == DebriefState.TEAM).distinct()
        teams = (await session.exec(query)).all()
    for team in teams:
        today = now.astimezone(ZoneInfo(team.timezone)).date()
        if team.nudges_looked_on is None or team.nudges_looked_on < today:
            await _look(deps, team.id, now)


async def _look(deps: Deps, team_id: int, now: datetime) -> None:
    async with deps.database.write() as session:
        team = (await session.exec(select(Team).where(Team.id == team_id).with_for_update())).one()
        today = now.astimezone(ZoneInfo(team.timezone)).date()
        if team.nudges_looked_on == today:
            return
        team.nudges_looked_on = today
        ideas = (await library.of_workspace(deps, session, team.workspace_id)).nudges
        chosen = choose(await _situation(deps, session, team, now), ideas)
        if not isinstance(chosen, Silence):
            await _store(session, team, chosen, now)


async def _situation(deps: Deps, session: AsyncSession, team: Team, now: datetime) -> Situation:
    query = select(Debrief).where(Debrief.team_id == team.id).order_by(col(Debrief.wave_id))
    debriefs = (await session.exec(query)).all()
    talked_about = [one.wave_id for one in debriefs if not in_debrief(one.state)]
    workspace = await session.get_one(Workspace, team.workspace_id)
    return Situation(
        team=team.id,
        on=now.astimezone(ZoneInfo(team.timezone)).date(),
        figures=await figure_queries.of_team(session, talked_about, team.id),
        bands=deps.content.instrument(instruments.DEFAULT).between,
        seed=workspace.slack_team_id,
        history=await _history(session, team),
        in_debrief=bool(debriefs) and in_debrief(debriefs[-1].state),
        resumed_on=team.nudges_resumed_on,
        appeal=await _appeal(session, team.workspace_id),
    )


async def _appeal(session: AsyncSession, workspace_id: int) -> dict[str, float]:
    """How each entry has been received in the workspace: how often taken up or found helpful, less how often not."""
    query = (
        select(Nudge.entry, NudgeReply.feedback, func.count())
        .join(NudgeReply, col(NudgeReply.nudge_id) == col(Nudge.id))
        .where(Nudge.workspace_id == workspace_id)
        .group_by(col(Nudge.entry), col(NudgeReply.feedback))
    )
    appeal: Counter[str] = Counter()
    for entry, feedback, times in (await session.exec(query)).all():
        appeal[entry] += _WEIGHT.get(NudgeFeedback(feedback), 0) * times
    return {entry: float(sum_) for entry, sum_ in appeal.items()}


async def _history(session: AsyncSession, team: Team) -> list[PastNudge]:
    past = (await session.exec(select(Nudge).where(Nudge.team_id == team.id).order_by(col(Nudge.id)))).all()
    replies = select(NudgeReply.nudge_id, NudgeReply.feedback).where(
        col(NudgeReply.nudge_id).in_([one.id for one in past])
    )
    feedback: dict[int, set[NudgeFeedback]] = {}
    for nudge_id, said in (await session.exec(replies)).all():
        feedback.setdefault(nudge_id, set()).add(NudgeFeedback(said))
    zone = ZoneInfo(team.timezone)
    return [
        PastNudge(one.entry, one.created_at.astimezone(zone).date(), one.arm, frozenset(feedback.get(one.id, ())))
        for one in past
    ]


async def _store(session: AsyncSession, team: Team, chosen: Suggestion, now: datetime) -> None:
    """The choice, and unless it is held out a message for each member of the side that can act."""
    week = now.astimezone(ZoneInfo(team.timezone)).isocalendar()
    nudge = Nudge(
        workspace_id=team.workspace_id,
        team_id=team.id,
        wave_id=chosen.wave,
        period=f"{week.year}-W{week.week:02}",
        entry=chosen.nudge.id,
        workgroup_id=chosen.workgroup,
        rater_id=chosen.rater,
        rated_id=chosen.rated,
        dimension=chosen.dimension.value,
        why=chosen.why.value,
        respondents_low=chosen.respondents[0],
        respondents_high=chosen.respondents[1],
        arm=chosen.arm,
        created_at=now,
    )
    session.add(nudge)
    await session.flush()
    if chosen.arm is NudgeArm.HELD_OUT:
        return
    for person, member in await queries.members(session, team.id, now):
        if chosen.workgroup in {None, member.workgroup_id} and person.no_nudges_at is None:
            session.add(_delivery(nudge, person.id, now, now))


def _delivery(nudge: Nudge, person_id: int, due_at: datetime, now: datetime, variant: str = "") -> Delivery:
    return Delivery(
        workspace_id=nudge.workspace_id,
        dedupe_key=f"nudge:{nudge.id}:{person_id}:{variant}",
        kind=DeliveryKind.NUDGE,
        person_id=person_id,
        team_id=nudge.team_id,
        nudge_id=nudge.id,
        variant=variant,
        due_at=due_at,
        created_at=now,
    )


async def reply(deps: Deps, ws: int, user: str, nudge_id: int, feedback: NudgeFeedback) -> None:
    """What the recipient thinks of it; a second word replaces the first. Who tries it is asked once, a week later,
    whether it was worth it. Raises NotYours, Stale.
    """
    now = deps.clock.now()
    async with deps.database.write() as session:
        nudge = await session.get(Nudge, nudge_id)
        if nudge is None or nudge.workspace_id != ws:
            raise Stale
        who = await access.standing(session, ws, user)
        mine = select(Delivery.variant).where(Delivery.nudge_id == nudge_id, Delivery.person_id == who.id)
        sent = (await session.exec(mine)).all()
        if not sent:
            raise NotYours
        if feedback is NudgeFeedback.TRY and WORTH_IT not in sent:
            session.add(_delivery(nudge, who.id, now + WORTH_IT_AFTER, now, WORTH_IT))
        dialect = sqlite if deps.database.sqlite else postgresql
        statement = dialect.insert(NudgeReply).values(
            workspace_id=ws, nudge_id=nudge_id, person_id=who.id, feedback=feedback, at=now
        )
        await session.exec(
            statement.on_conflict_do_update(
                index_elements=["nudge_id", "person_id"], set_={"feedback": feedback, "at": now}
            )
        )
        audit.note(session, ws, now, "nudge.answered", subject=f"nudge:{nudge_id}")


async def is_trying(session: AsyncSession, nudge_id: int, person_id: int) -> bool:
    found = await session.get(NudgeReply, (nudge_id, person_id))
    return found is not None and found.feedback is NudgeFeedback.TRY


async def stop(deps: Deps, ws: int, user: str) -> None:
    """No more ideas for this person; those that wait are not sent. Twice is once. Raises UnknownPerson."""
    async with deps.database.write() as session:
        person = await people.require(session, ws, user)
        person.no_nudges_at = person.no_nudges_at or deps.clock.now()


async def resume(deps: Deps, ws: int, user: str) -> None:
    """Ideas again: for this person, and for their teams where ideas had fallen silent. Raises UnknownPerson."""
    now = deps.clock.now()
    async with deps.database.write() as session:
        person = await people.require(session, ws, user)
        person.no_nudges_at = None
        query = (
            select(Team)
            .join(Membership, col(Membership.team_id) == col(Team.id))
            .where(Membership.person_id == person.id, col(Membership.left_at).is_(None))
        )
        for team in (await session.exec(query)).all():
            team.nudges_resumed_on = now.astimezone(ZoneInfo(team.timezone)).date()
