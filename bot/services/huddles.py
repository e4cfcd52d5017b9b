"""Huddles: a prompt for the team before it meets, tied to the change and its stage; afterwards what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import huddles as core
from bot.core.cadence import instant
from bot.core.changes import AskAboutHuddles, PastHuddle, PromptHuddle, next_step
from bot.core.errors import BadInput, NotAllowed, Stale
from bot.core.figures import Figure
from bot.core.states import ChangeState, DebriefState, DeliveryKind, HuddleState, Role
from bot.db import changes as change_queries
from bot.db import figures as figure_queries
from bot.db import people as queries
from bot.db.tables import (
    ChangeTeam,
    Commitment,
    Debrief,
    Delivery,
    Huddle,
    HuddleAttendance,
    Membership,
    ProcessChange,
    Team,
    Workgroup,
)
from bot.services import access, audit, changes, commitments, instruments, library, schedules
from bot.services.deps import Deps

STILL_USEFUL = "still_useful"
AHEAD = timedelta(hours=1)
"""How long before the huddle its prompt comes."""
_PATIENCE = timedelta(hours=4)
_FURTHEST_DAYS = 31


@dataclass(frozen=True, slots=True)
class HuddleForm:
    """What the outcome form needs: the workgroups that may have been there, by id and name."""

    huddle_id: int
    team: str
    change: str | None
    workgroups: tuple[tuple[int, str], ...]
    recorded: bool


async def plan_due(deps: Deps, now: datetime) -> None:
    """Look once a day at each active change; for each of its teams with a channel prepare the huddle that is due."""
    async with deps.database.read() as session:
        query = select(ProcessChange).where(ProcessChange.state == ChangeState.ACTIVE)
        active = (await session.exec(query)).all()
    for change in active:
        if change.huddles_looked_on is None or change.huddles_looked_on < now.date():
            await _look(deps, change.id, now)


async def _look(deps: Deps, change_id: int, now: datetime) -> None:
    async with deps.database.write() as session:
        change = (
            await session.exec(select(ProcessChange).where(ProcessChange.id == change_id).with_for_update())
        ).one()
        if change.huddles_looked_on == now.date() or change.state is not ChangeState.ACTIVE:
            return
        change.huddles_looked_on = now.date()
        query = (
            select(Team)
            .join(ChangeTeam, col(ChangeTeam.team_id) == col(Team.id))
            .where(ChangeTeam.change_id == change.id, col(Team.channel).is_not(None))
        )
        for team in (await session.exec(query)).all():
            await _step(deps, session, change, team, now)


async def _step(deps: Deps, session: AsyncSession, change: ProcessChange, team: Team, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(team.timezone)).date()
    past = await _past(session, team, change)
    step = next_step(
        await changes.as_core(deps, session, change),
        past,
        every_days=change.huddle_every_days,
        today=today,
        asked_about_huddles_on=change.asked_about_huddles_on,
    )
    match step:
        case PromptHuddle():
            await _prompt(deps, session, change, team, past, now)
        case AskAboutHuddles():
            change.asked_about_huddles_on = today
            await _ask_whether_useful(session, change, team, now)


async def _prompt(
    deps: Deps, session: AsyncSession, change: ProcessChange, team: Team, past: Sequence[PastHuddle], now: datetime
) -> None:
    plan = core.plan(
        core.Occasion(
            team=team.id,
            figures=await _shared_figures(session, team),
            bands=deps.content.instrument(instruments.DEFAULT).between,
            huddles=past,
            general=(await library.of_workspace(deps, session, team.workspace_id)).huddles,
            change=await changes.as_core(deps, session, change),
        )
    )
    if plan is None:
        return
    happens_at = _next_time(change, team, await schedules.works(session, team), now)
    present = sorted({member.workgroup_id for _, member in await queries.members(session, team.id, now)})
    huddle = Huddle(
        workspace_id=team.workspace_id,
        team_id=team.id,
        change_id=change.id,
        period=f"{change.id}:{happens_at.date().isoformat()}",
        kind=plan.prompt.kind.value,
        stage=change.stage,
        prompt=plan.prompt.id,
        focus={
            "rater": plan.rater,
            "rated": plan.rated,
            "dimension": str(plan.theme.value),
            "tool": plan.tool.id if plan.tool else None,
        },
        facilitator_workgroup_id=core.facilitator(present, past),
        happens_at=happens_at,
        state=HuddleState.PROMPTED,
    )
    session.add(huddle)
    await session.flush()
    session.add(_delivery(huddle, team, max(now, happens_at - AHEAD), now))


def _next_time(change: ProcessChange, team: Team, works: Callable[[date], bool], now: datetime) -> datetime:
    """The next huddle's time on one of the team's working days, at least an hour ahead; after a month on any day."""
    today = now.astimezone(ZoneInfo(team.timezone)).date()
    days = [today + timedelta(days=ahead) for ahead in range(_FURTHEST_DAYS)]
    coming = [on for on in days if instant(on, change.huddle_at, team.timezone) >= now + AHEAD]
    on = next(filter(works, coming), coming[0])
    return instant(on, change.huddle_at, team.timezone)


def _delivery(huddle: Huddle, team: Team, due_at: datetime, now: datetime, variant: str = "") -> Delivery:
    return Delivery(
        workspace_id=team.workspace_id,
        dedupe_key=f"huddle:{huddle.id}:{variant}",
        kind=DeliveryKind.HUDDLE,
        channel=team.channel,
        team_id=team.id,
        huddle_id=huddle.id,
        variant=variant,
        due_at=due_at,
        not_after=due_at + AHEAD + _PATIENCE,
        created_at=now,
    )


async def _ask_whether_useful(session: AsyncSession, change: ProcessChange, team: Team, now: datetime) -> None:
    query = (
        select(Huddle)
        .where(Huddle.team_id == team.id, Huddle.change_id == change.id)
        .order_by(col(Huddle.happens_at).desc())
    )
    last = (await session.exec(query)).first()
    if last is not None:
        morning = instant(now.astimezone(ZoneInfo(team.timezone)).date(), commitments.MORNING, team.timezone)
        session.add(_delivery(last, team, max(now, morning), now, STILL_USEFUL))


async def missing(session: AsyncSession, huddle: Huddle) -> tuple[str, ...]:
    """Names of affected workgroups that were in none of the last huddles: as roles, never as people."""
    if huddle.change_id is None:
        return ()
    team = await session.get_one(Team, huddle.team_id)
    change = await session.get_one(ProcessChange, huddle.change_id)
    past = await _past(session, team, change, without=huddle.id)
    gone = core.missing_perspectives(await change_queries.workgroups(session, change.id), past)
    query = select(Workgroup.name).where(col(Workgroup.id).in_(gone)).order_by(Workgroup.name)
    return tuple((await session.exec(query)).all())


async def outcome_form(deps: Deps, ws: int, user: str, huddle_id: int) -> HuddleForm:
    """Raises NotAllowed for people outside the team, Stale for an unknown huddle."""
    async with deps.database.read() as session:
        huddle, team, _ = await _own(session, ws, user, huddle_id)
        groups = await _present(session, team)
        change = await session.get(ProcessChange, huddle.change_id) if huddle.change_id else None
        return HuddleForm(
            huddle.id, team.name, change.title if change else None, groups, huddle.state is HuddleState.HELD
        )


async def record(
    deps: Deps,
    ws: int,
    user: str,
    huddle_id: int,
    *,
    attended: Sequence[int],
    learned: str,
    what: str = "",
    prediction: str = "",
    owner: str | None = None,
    due_on: date | None = None,
) -> None:
    """Who was there by role, what was learned, and one test. A second record replaces the first.

    Raises BadInput with the form's field, NotAllowed, Stale.
    """
    now = deps.clock.now()
    async with deps.database.write() as session:
        huddle, team, who = await _own(session, ws, user, huddle_id)
        await _check(session, team, attended=attended, what=what, owner=owner, due_on=due_on, now=now)
        huddle.state, huddle.learned, huddle.recorded_by_id = HuddleState.HELD, learned.strip(), who.id
        await session.exec(delete(HuddleAttendance).where(col(HuddleAttendance.huddle_id) == huddle.id))
        session.add_all(
            HuddleAttendance(workspace_id=ws, huddle_id=huddle.id, workgroup_id=group) for group in attended
        )
        if what.strip() and owner and due_on:
            await _promise(session, huddle, team, what.strip(), prediction.strip(), owner, due_on, now)
        audit.note(session, ws, now, "huddle.recorded", actor_id=who.id, subject=f"huddle:{huddle.id}")
        await _repair(session, huddle, now)


async def skip(deps: Deps, ws: int, user: str, huddle_id: int) -> None:
    """It did not take place. A recorded huddle stays recorded. Raises NotAllowed, Stale."""
    async with deps.database.write() as session:
        huddle, _, who = await _own(session, ws, user, huddle_id)
        if huddle.state is not HuddleState.HELD:
            huddle.state = HuddleState.SKIPPED
            audit.note(session, ws, deps.clock.now(), "huddle.skipped", actor_id=who.id, subject=f"huddle:{huddle.id}")


async def _promise(
    session: AsyncSession,
    huddle: Huddle,
    team: Team,
    what: str,
    prediction: str,
    owner: str,
    due_on: date,
    now: datetime,
) -> None:
    """The huddle's one test: made, or changed when the huddle is recorded again."""
    person = await queries.person(session, team.workspace_id, owner)
    assert person is not None  # noqa: S101 - checked before
    found = (await session.exec(select(Commitment).where(Commitment.huddle_id == huddle.id))).first()
    if found is not None:
        if (found.what, found.prediction, found.owner_id, found.due_on) != (what, prediction, person.id, due_on):
            found.what, found.prediction, found.owner_id, found.due_on = what, prediction, person.id, due_on
            await commitments.renew(session, found, team, now)
        return
    made = Commitment(
        workspace_id=team.workspace_id,
        team_id=team.id,
        huddle_id=huddle.id,
        change_id=huddle.change_id,
        what=what,
        prediction=prediction,
        owner_id=person.id,
        due_on=due_on,
        created_at=now,
    )
    await commitments.add(session, made, team, now)


async def _check(
    session: AsyncSession,
    team: Team,
    *,
    attended: Sequence[int],
    what: str,
    owner: str | None,
    due_on: date | None,
    now: datetime,
) -> None:
    known = {group for group, _ in await _present(session, team)}
    if not attended or not set(attended) <= known:
        raise BadInput("huddle.error.nobody", field="attended")
    if not what.strip():
        return
    if owner is None or await queries.person(session, team.workspace_id, owner) is None:
        raise BadInput("huddle.error.no_owner", field="owner")
    if due_on is None or due_on < now.astimezone(ZoneInfo(team.timezone)).date():
        raise BadInput("huddle.error.past_day", field="due_on")


async def _own(session: AsyncSession, ws: int, user: str, huddle_id: int) -> tuple[Huddle, Team, access.Standing]:
    """The huddle, for a member, lead or coach of its team."""
    huddle = await session.get(Huddle, huddle_id)
    if huddle is None or huddle.workspace_id != ws:
        raise Stale
    team = await session.get_one(Team, huddle.team_id)
    who = await access.standing(session, ws, user)
    query = select(Membership.id).where(
        Membership.team_id == team.id, Membership.person_id == who.id, col(Membership.left_at).is_(None)
    )
    member = (await session.exec(query)).first() is not None
    if not (member or who.holds(Role.LEAD, team.id) or who.holds(Role.COACH, team.id)):
        raise NotAllowed(team.name)
    return huddle, team, who


async def _present(session: AsyncSession, team: Team) -> tuple[tuple[int, str], ...]:
    query = (
        select(Workgroup.id, Workgroup.name)
        .where(Workgroup.focal_process_id == team.focal_process_id)
        .order_by(col(Workgroup.id))
    )
    return tuple((await session.exec(query)).all())


async def _repair(session: AsyncSession, huddle: Huddle, now: datetime) -> None:
    """The prompt in the channel shows that it was recorded."""
    if (await session.exec(select(Delivery.id).where(Delivery.dedupe_key == f"recorded:{huddle.id}"))).first():
        return
    session.add(
        Delivery(
            workspace_id=huddle.workspace_id,
            dedupe_key=f"recorded:{huddle.id}",
            kind=DeliveryKind.NOTICE,
            team_id=huddle.team_id,
            huddle_id=huddle.id,
            variant="recorded",
            due_at=now,
            created_at=now,
        )
    )


async def _past(
    session: AsyncSession, team: Team, change: ProcessChange, *, without: int | None = None
) -> list[PastHuddle]:
    query = (
        select(Huddle).where(Huddle.team_id == team.id, Huddle.change_id == change.id).order_by(col(Huddle.happens_at))
    )
    huddles = [one for one in (await session.exec(query)).all() if one.id != without]
    there = select(HuddleAttendance.huddle_id, HuddleAttendance.workgroup_id).where(
        col(HuddleAttendance.huddle_id).in_([one.id for one in huddles])
    )
    present: dict[int, set[int]] = {}
    for huddle_id, group in (await session.exec(there)).all():
        present.setdefault(huddle_id, set()).add(group)
    zone = ZoneInfo(team.timezone)
    return [
        PastHuddle(
            on=one.happens_at.astimezone(zone).date(),
            state=one.state,
            stage=one.stage,
            prompt=one.prompt,
            present=frozenset(present.get(one.id, ())),
            facilitator=one.facilitator_workgroup_id,
        )
        for one in huddles
    ]


async def _shared_figures(session: AsyncSession, team: Team) -> list[Figure]:
    """Only what the team has seen already: a prompt in the channel must not run ahead of the debrief."""
    query = select(Debrief.wave_id).where(Debrief.team_id == team.id, Debrief.state == DebriefState.TEAM)
    waves = (await session.exec(query)).all()
    return [one for one in await figure_queries.of_waves(session, waves) if one.key.team in {None, team.id}]
