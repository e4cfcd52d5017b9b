"""The register of process changes: what is under way, at which stage, for whom, and how it moves on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import changes as core
from bot.core.changes import Action, Change
from bot.core.errors import BadInput, NotAllowed, Stale
from bot.core.states import ChangeState, Role
from bot.db import changes as change_queries
from bot.db import people as queries
from bot.db.tables import (
    ChangeMeasurement,
    ChangeStage,
    ChangeTeam,
    ChangeWorkgroup,
    Person,
    ProcessChange,
    Team,
    Workgroup,
)
from bot.services import access, audit, library
from bot.services.deps import Deps

_ENTERING = {
    ChangeState.DRAFT: (),
    ChangeState.ACTIVE: (Action.START, Action.RESUME),
    ChangeState.PAUSED: (Action.PAUSE,),
    ChangeState.FINISHED: (Action.FINISH,),
    ChangeState.ABANDONED: (Action.ABANDON,),
}
"""The actions that lead to a state."""


@dataclass(frozen=True, slots=True)
class ChangeDraft:
    """What the form asks for. ``owner`` and ``sponsor`` are Slack ids."""

    title: str
    aim: str
    playbook: str
    stage: str
    team_ids: tuple[int, ...]
    workgroup_ids: tuple[int, ...]
    owner: str | None = None
    sponsor: str | None = None
    measure_name: str = ""
    measure_unit: str = ""
    measure_direction: str = "up"
    no_measure_reason: str = ""
    takes_away: str = ""
    goes_live_on: date | None = None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change as people read it."""

    id: int
    title: str
    aim: str
    playbook: str
    stage: str
    state: ChangeState
    team_ids: tuple[int, ...]
    teams: tuple[str, ...]
    workgroup_ids: tuple[int, ...]
    workgroups: tuple[str, ...]
    owner: str | None
    sponsor: str | None
    measure: dict[str, Any] | None
    no_measure_reason: str
    takes_away: str
    started_at: datetime | None
    goes_live_on: date | None
    history: tuple[tuple[str, ChangeState, str, datetime], ...]
    """(stage, state, why, when), oldest first."""


@dataclass(frozen=True, slots=True)
class ChangeOptions:
    """What the form offers: (id, name) pairs, and per playbook its name and stages."""

    teams: tuple[tuple[int, str], ...]
    workgroups: tuple[tuple[int, str], ...]
    playbooks: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]


async def options(deps: Deps, ws: int, user: str) -> ChangeOptions:
    """Teams that this person may register a change for, with their workgroups. Raises UnknownPerson."""
    async with deps.database.read() as session:
        who = await access.standing(session, ws, user)
        teams = [team for team in await queries.teams(session, ws) if may_change(who, team.id)]
        groups: dict[int, str] = {}
        for process in dict.fromkeys(team.focal_process_id for team in teams):
            groups |= {group.id: group.name for group in await queries.workgroups(session, process)}
        language = who.person.language
    playbooks = deps.content.library(language).playbooks
    return ChangeOptions(
        tuple((team.id, team.name) for team in teams),
        tuple(groups.items()),
        tuple((book.id, book.name, tuple((stage.id, stage.name) for stage in book.stages)) for book in playbooks),
    )


async def list_changes(deps: Deps, ws: int, user: str, team: str | None = None) -> list[ChangeView]:
    """The changes of the teams this person leads or coaches, and those they own or sponsor; newest first."""
    async with deps.database.read() as session:
        who = await access.standing(session, ws, user)
        query = select(ProcessChange).where(ProcessChange.workspace_id == ws)
        if not who.admin:
            mine = who.teams(Role.COACH, Role.LEAD)
            of_mine = select(ChangeTeam.change_id).where(col(ChangeTeam.team_id).in_(mine))
            answers_for = (col(ProcessChange.owner_id) == who.id) | (col(ProcessChange.sponsor_id) == who.id)
            query = query.where(col(ProcessChange.id).in_(of_mine) | answers_for)
        found = (await session.exec(query.order_by(col(ProcessChange.created_at).desc()))).all()
        views = [await _view(session, change) for change in found]
    return [view for view in views if team is None or team.lower() in {name.lower() for name in view.teams}]


async def save(deps: Deps, ws: int, user: str, draft: ChangeDraft, change_id: int | None = None) -> int:
    """Register or edit a change; returns its id. Raises BadInput with the form's field, NotAllowed, Stale."""
    _check(deps, draft)
    now = deps.clock.now()
    async with deps.database.write() as session:
        who = await access.standing(session, ws, user)
        teams = [await _own_team(session, ws, who, team_id) for team_id in draft.team_ids]
        process = teams[0].focal_process_id
        if any(team.focal_process_id != process for team in teams):
            raise BadInput("change.error.other_work", field="teams")
        change = await _own_change(session, ws, who, change_id) if change_id else None
        if change is None:
            change = ProcessChange(
                workspace_id=ws, focal_process_id=process, title="", playbook="", stage="", created_at=now
            )
            session.add(change)
        moved = change.stage != draft.stage
        await _fill(session, ws, change, draft)
        await session.flush()
        await _link(session, change, draft)
        if moved:
            _remember(session, change, now, why="", by_id=who.id)
        audit.note(session, ws, now, "change.saved", actor_id=who.id, subject=f"change:{change.id}")
        return change.id


async def move(
    deps: Deps,
    ws: int,
    user: str,
    change_id: int,
    *,
    stage: str | None = None,
    state: ChangeState | None = None,
    why: str = "",
) -> None:
    """Start, pause, go on, finish or abandon, and move to a stage, with a short why.

    A change starts only with an outcome measure, or with the reason why it has none; only one that is under way moves
    to another stage. What is true already stays as it is. Raises BadInput, NotAllowed, Stale.
    """
    now = deps.clock.now()
    async with deps.database.write() as session:
        who = await access.standing(session, ws, user)
        change = await _own_change(session, ws, who, change_id)
        if stage is not None:
            _stage_of(deps, change.playbook, stage)
        actions = []
        if state is not None and state is not change.state:
            actions.append(_enter(change, state, now))
        if stage is not None and stage != change.stage and core.after(change.state, Action.MOVE):
            change.stage = stage
            actions.append(Action.MOVE)
        if actions:
            _remember(session, change, now, why=why, by_id=who.id)
            for action in actions:
                subject = f"change:{change.id}"
                audit.note(session, ws, now, f"change.{action}", actor_id=who.id, subject=subject, stage=change.stage)


def _enter(change: ProcessChange, state: ChangeState, now: datetime) -> Action:
    """Raises Stale where that makes no sense from here, BadInput where something is missing for a start."""
    action = next((one for one in _ENTERING[state] if core.after(change.state, one) is state), None)
    if action is None:
        raise Stale
    if action is Action.START:
        if not core.may_start(has_measure=bool(change.measure), no_measure_reason=change.no_measure_reason):
            raise BadInput("change.error.no_measure", field="no_measure_reason")
        change.started_at = now
    change.state = state
    return action


async def measure(deps: Deps, ws: int, user: str, change_id: int, on: date, value: float) -> None:
    """A value of the change's own measure; a second one for the same day replaces the first. Raises NotAllowed."""
    async with deps.database.write() as session:
        who = await access.standing(session, ws, user)
        change = await _own_change(session, ws, who, change_id)
        query = select(ChangeMeasurement).where(ChangeMeasurement.change_id == change.id, ChangeMeasurement.on == on)
        found = (await session.exec(query)).first()
        if found is None:
            found = ChangeMeasurement(workspace_id=ws, change_id=change.id, on=on, value=value)
            session.add(found)
        found.value = value


async def as_core(deps: Deps, session: AsyncSession, change: ProcessChange) -> Change:
    """The change where it stands, as the rules take it."""
    playbooks = (await library.of_workspace(deps, session, change.workspace_id)).playbooks
    history = await change_queries.history(session, change.id)
    since = [step.entered_at for step in takewhile(lambda step: step.stage == change.stage, reversed(history))]
    return Change(
        id=change.id,
        playbook=next(book for book in playbooks if book.id == change.playbook),
        stage=change.stage,
        stage_since_on=min(since, default=change.created_at).date(),
        state=change.state,
        takes_away=bool(change.takes_away),
        workgroups=frozenset(await change_queries.workgroups(session, change.id)),
    )


def _check(deps: Deps, draft: ChangeDraft) -> None:
    if not draft.title.strip():
        raise BadInput("change.error.no_name", field="title")
    if not draft.team_ids:
        raise BadInput("change.error.no_team", field="teams")
    if draft.measure_direction not in {"up", "down"}:
        raise BadInput("change.error.no_direction", field="measure_direction")
    _stage_of(deps, draft.playbook, draft.stage)


def _stage_of(deps: Deps, playbook: str, stage: str) -> None:
    book = next((one for one in deps.content.playbooks if one.id == playbook), None)
    if book is None:
        raise BadInput("change.error.unknown_approach", field="playbook")
    if stage not in book.stage:
        raise BadInput("change.error.unknown_stage", field="stage")


def may_change(who: access.Standing, team_id: int) -> bool:
    return who.admin or who.holds(Role.COACH, team_id) or who.holds(Role.LEAD, team_id)


async def _own_team(session: AsyncSession, ws: int, who: access.Standing, team_id: int) -> Team:
    team = await session.get(Team, team_id)
    if team is None or team.workspace_id != ws or not may_change(who, team_id):
        raise NotAllowed(team.name if team and team.workspace_id == ws else "")
    return team


async def _own_change(session: AsyncSession, ws: int, who: access.Standing, change_id: int) -> ProcessChange:
    change = await session.get(ProcessChange, change_id)
    if change is None or change.workspace_id != ws:
        raise Stale
    teams = await change_queries.teams(session, change.id)
    if who.id != change.owner_id and not any(may_change(who, team_id) for team_id in teams):
        raise NotAllowed(change.title)
    return change


async def _fill(session: AsyncSession, ws: int, change: ProcessChange, draft: ChangeDraft) -> None:
    people = {slack: await queries.person(session, ws, slack) for slack in (draft.owner, draft.sponsor) if slack}
    owner, sponsor = people.get(draft.owner or ""), people.get(draft.sponsor or "")
    change.title, change.aim = draft.title.strip(), draft.aim.strip()
    change.playbook, change.stage = draft.playbook, draft.stage
    change.owner_id, change.sponsor_id = owner.id if owner else None, sponsor.id if sponsor else None
    change.takes_away, change.goes_live_on = draft.takes_away.strip(), draft.goes_live_on
    change.no_measure_reason = draft.no_measure_reason.strip()
    named = {"name": draft.measure_name, "unit": draft.measure_unit, "direction": draft.measure_direction}
    change.measure = named if draft.measure_name.strip() else None


async def _link(session: AsyncSession, change: ProcessChange, draft: ChangeDraft) -> None:
    await session.exec(delete(ChangeTeam).where(col(ChangeTeam.change_id) == change.id))
    await session.exec(delete(ChangeWorkgroup).where(col(ChangeWorkgroup.change_id) == change.id))
    ws = change.workspace_id
    session.add_all(ChangeTeam(workspace_id=ws, change_id=change.id, team_id=team) for team in draft.team_ids)
    session.add_all(
        ChangeWorkgroup(workspace_id=ws, change_id=change.id, workgroup_id=group) for group in draft.workgroup_ids
    )


def _remember(session: AsyncSession, change: ProcessChange, now: datetime, *, why: str, by_id: int) -> None:
    session.add(
        ChangeStage(
            workspace_id=change.workspace_id,
            change_id=change.id,
            stage=change.stage,
            state=change.state,
            why=why.strip(),
            entered_at=now,
            by_id=by_id,
        )
    )


async def _view(session: AsyncSession, change: ProcessChange) -> ChangeView:
    teams = await _linked(session, Team, ChangeTeam, change)
    groups = await _linked(session, Workgroup, ChangeWorkgroup, change)
    steps = await change_queries.history(session, change.id)
    owner = await session.get(Person, change.owner_id) if change.owner_id else None
    sponsor = await session.get(Person, change.sponsor_id) if change.sponsor_id else None
    return ChangeView(
        id=change.id,
        title=change.title,
        aim=change.aim,
        playbook=change.playbook,
        stage=change.stage,
        state=change.state,
        team_ids=tuple(found for found, _ in teams),
        teams=tuple(name for _, name in teams),
        workgroup_ids=tuple(found for found, _ in groups),
        workgroups=tuple(name for _, name in groups),
        owner=owner.slack_user_id if owner else None,
        sponsor=sponsor.slack_user_id if sponsor else None,
        measure=change.measure,
        no_measure_reason=change.no_measure_reason,
        takes_away=change.takes_away,
        started_at=change.started_at,
        goes_live_on=change.goes_live_on,
        history=tuple((step.stage, step.state, step.why, step.entered_at) for step in steps),
    )


async def _linked(
    session: AsyncSession,
    table: type[Team | Workgroup],
    link: type[ChangeTeam | ChangeWorkgroup],
    change: ProcessChange,
) -> Sequence[tuple[int, str]]:
    via = link.team_id if issubclass(link, ChangeTeam) else link.workgroup_id
    query = select(table.id, table.name).join(link, col(via) == col(table.id)).where(link.change_id == change.id)
    return (await session.exec(query.order_by(col(table.id)))).all()
