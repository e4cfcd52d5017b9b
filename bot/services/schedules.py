"""Schedules: when a team is asked. Set up by coaches in Slack and by operators on the command line."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.cadence import Rule, instant, next_openings, parse_rule, round_window, rule_fields, rule_from, wall_clock
from bot.core.cadence.days import day_off
from bot.core.deliveries import ORDINARY_HOURS
from bot.core.errors import BadInput, NotAllowed, UnknownTeam
from bot.core.states import Role
from bot.db import people as queries
from bot.db.tables import FocalProcess, Membership, Person, Round, Schedule, Team
from bot.services import access, audit
from bot.services.deps import Deps
from bot.services.people import require

USUAL_ITEMS, MOST_ITEMS = 3, 7
LOWEST_K = 4
"""No team may be shown figures of fewer people than this, whatever its coach wants."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A team's schedule as a coach sees it."""

    team_id: int
    team: str
    rule: Rule
    items: int
    one_workgroup: bool
    paused: bool
    rounds_per_wave: int
    min_respondents: int


@dataclass(frozen=True, slots=True)
class PreviewRound:
    opens_at: datetime
    closes_at: datetime
    people: int
    workgroups: int


async def teams_to_coach(deps: Deps, ws: int, user: str) -> list[tuple[int, str]]:
    """The teams whose schedule this person may set, by name. Raises UnknownPerson."""
    async with deps.database.read() as session:
        who = await access.standing(session, ws, user)
        coached = who.teams(Role.COACH)
        return [(team.id, team.name) for team in await queries.teams(session, ws) if team.id in coached or who.admin]


async def read(deps: Deps, ws: int, user: str, team_id: int) -> Plan | None:
    """The team's schedule, or None before it has one. Raises NotAllowed, UnknownTeam."""
    async with deps.database.read() as session:
        _, team = await _may_set(session, ws, user, team_id)
        return await _plan(session, team)


async def save(
    deps: Deps, ws: int, user: str, team_id: int, rule: Rule, *, items: int, one_workgroup: bool = False
) -> None:
    """Set or change a team's schedule, as its coach. Raises NotAllowed, UnknownTeam, BadInput."""
    async with deps.database.write() as session:
        who, team = await _may_set(session, ws, user, team_id)
        await put(session, team, rule, items=items, one_workgroup=one_workgroup, now=deps.clock.now(), actor_id=who.id)


async def operate(
    deps: Deps,
    ws: int,
    team_name: str,
    fields: Mapping[str, Any],
    *,
    items: int | None = None,
    one_workgroup: bool | None = None,
    paused: bool | None = None,
) -> Plan:
    """Set, change, pause or resume a team's schedule, as an operator: what is not named (None) stays as it is.

    ``fields`` are `parse_rule`'s. Raises UnknownTeam, BadInput, InvalidRule; then nothing is stored.
    """
    now = deps.clock.now()
    async with deps.database.write() as session:
        team = await queries.team_named(session, ws, team_name)
        if team is None:
            raise UnknownTeam(team_name)
        held = await _plan(session, team)
        if fields or items is not None or one_workgroup is not None or held is None:
            await put(
                session,
                team,
                _changed(held, fields, team, now),
                items=items if items is not None else held.items if held else USUAL_ITEMS,
                one_workgroup=one_workgroup if one_workgroup is not None else held is not None and held.one_workgroup,
                now=now,
            )
        if paused is not None:
            await set_paused(session, team, paused=paused, now=now)
        stored = await _plan(session, team)
        assert stored is not None  # noqa: S101 - there was one, or it was put just now
        return stored


def _changed(held: Plan | None, fields: Mapping[str, Any], team: Team, now: datetime) -> Rule:
    """The held rule with what was named changed; a new one needs its cadence and hour."""
    if held is not None:
        return parse_rule(**{**rule_fields(held.rule), **fields})
    missing = [name for name in ("cadence", "at") if name not in fields]
    if missing:
        raise BadInput(f"A new schedule needs --{' and --'.join(missing)}.", field=missing[0])
    start = wall_clock(now, team.timezone).date()
    return parse_rule(**{"start": start, "zone": team.timezone, **fields})


async def put(
    session: AsyncSession,
    team: Team,
    rule: Rule,
    *,
    items: int,
    one_workgroup: bool,
    now: datetime,
    actor_id: int | None = None,
) -> None:
    """Store a schedule in the caller's transaction. Raises BadInput.

    The rule keeps the seed it had, so that a change of the hour does not draw everybody's minute anew.
    """
    if items not in range(1, MOST_ITEMS + 1):
        raise BadInput(f"Choose from 1 to {MOST_ITEMS} questions for each pulse.", field="items")
    found = await of_team(session, team.id)
    seed = rule_from(found.rule).seed if found else secrets.token_hex(8)
    if found is None:
        found = Schedule(
            workspace_id=team.workspace_id, team_id=team.id, rule={}, created_at=now, changed_on=now.date()
        )
        session.add(found)
    found.rule = rule_fields(replace(rule, seed=seed, zone=team.timezone))
    found.items, found.one_workgroup = items, one_workgroup
    found.changed_on, found.next_check_at = wall_clock(now, team.timezone).date(), None
    audit.note(session, team.workspace_id, now, "schedule.saved", actor_id=actor_id, subject=f"team:{team.id}")


async def pause(deps: Deps, ws: int, user: str, team_id: int) -> None:
    """No new rounds until somebody resumes; an open round goes on to its end. Twice is once."""
    async with deps.database.write() as session:
        who, team = await _may_set(session, ws, user, team_id)
        await set_paused(session, team, paused=True, now=deps.clock.now(), actor_id=who.id)


async def resume(deps: Deps, ws: int, user: str, team_id: int) -> None:
    async with deps.database.write() as session:
        who, team = await _may_set(session, ws, user, team_id)
        await set_paused(session, team, paused=False, now=deps.clock.now(), actor_id=who.id)


async def set_paused(
    session: AsyncSession, team: Team, *, paused: bool, now: datetime, actor_id: int | None = None
) -> None:
    """Pause or resume in the caller's transaction. What a pause has passed over is not made up for."""
    found = await of_team(session, team.id)
    if found is None:
        raise BadInput(f"{team.name} has no schedule yet: set one up first.", field="team")
    if paused == (found.paused_at is not None):
        return
    found.paused_at = now if paused else None
    found.changed_on, found.next_check_at = wall_clock(now, team.timezone).date(), None
    action = "schedule.paused" if paused else "schedule.resumed"
    audit.note(session, team.workspace_id, now, action, actor_id=actor_id, subject=f"team:{team.id}")


async def set_rounds_per_wave(deps: Deps, ws: int, user: str, team_id: int, rounds: int) -> None:
    """How many rounds make a wave, from the next wave on, for all teams of the focal process. Raises BadInput."""
    if rounds not in range(1, 9):
        raise BadInput("Choose from 1 to 8 rounds.", field="rounds_per_wave")
    now = deps.clock.now()
    async with deps.database.write() as session:
        who, team = await _may_set(session, ws, user, team_id)
        process = await session.get_one(FocalProcess, team.focal_process_id)
        process.rounds_per_wave = rounds
        audit.note(session, ws, now, "wave.length", actor_id=who.id, subject=f"process:{process.id}", rounds=rounds)


async def set_min_respondents(deps: Deps, ws: int, user: str, team_id: int, number: int) -> None:
    """From how many people on a figure is shown. Raises BadInput, NotAllowed, UnknownTeam.

    Once the team has been asked the number only goes up: people were told it before they answered.
    """
    now = deps.clock.now()
    async with deps.database.write() as session:
        who, team = await _may_set(session, ws, user, team_id)
        if number == team.min_respondents:
            return
        asked = (await session.exec(select(Round.id).where(Round.team_id == team.id).limit(1))).first() is not None
        if number < (team.min_respondents if asked else LOWEST_K):
            raise BadInput("setup.error.lower_k", field="k")
        team.min_respondents = number
        subject = f"team:{team.id}"
        audit.note(session, ws, now, "team.min_respondents", actor_id=who.id, subject=subject, number=number)


async def preview(deps: Deps, ws: int, team_id: int, rule: Rule, count: int = 3) -> list[PreviewRound]:
    """When the next rounds would open under ``rule``, and for how many people as the team is now."""
    now = deps.clock.now()
    async with deps.database.read() as session:
        team = await session.get(Team, team_id)
        if team is None or team.workspace_id != ws:
            raise UnknownTeam
        members = await queries.members(session, team_id, now)
    zones = [person.timezone or team.timezone for person, _ in members]
    groups = {membership.workgroup_id for _, membership in members}
    zoned = replace(rule, zone=team.timezone)
    windows = [round_window(zoned, opening, zones) for opening in next_openings(zoned, now, count)]
    return [PreviewRound(w.opens_at, w.closes_at, len(members), len(groups)) for w in windows]


async def next_pulse_on(deps: Deps, ws: int, user: str) -> date | None:
    """``next_round_of`` for a Slack id. Raises UnknownPerson."""
    async with deps.database.read() as session:
        return await next_round_of(session, await require(session, ws, user), deps.clock.now())


async def next_round_of(session: AsyncSession, person: Person, now: datetime) -> date | None:
    """The day of the next round in which this person is asked; None where none is planned, or they have opted out."""
    if person.opted_out_at is not None:
        return None
    query = (
        select(Schedule)
        .join(Membership, col(Membership.team_id) == col(Schedule.team_id))
        .where(
            Membership.person_id == person.id,
            col(Membership.left_at).is_(None),
            col(Schedule.paused_at).is_(None),
        )
    )
    rules = [rule_from(schedule.rule) for schedule in (await session.exec(query)).all()]
    coming = ((rule, opening.on) for rule in rules for opening in next_openings(rule, now, 2))
    return min((on for rule, on in coming if instant(on, rule.at, rule.zone) > now), default=None)


async def of_team(session: AsyncSession, team_id: int) -> Schedule | None:
    return (await session.exec(select(Schedule).where(Schedule.team_id == team_id))).first()


async def works(session: AsyncSession, team: Team) -> Callable[[date], bool]:
    """Whether a day is a working day of the team, by its schedule's calendar; Monday to Friday before it has one."""
    found = await of_team(session, team.id)
    rule = rule_from(found.rule) if found else ORDINARY_HOURS
    return lambda on: day_off(rule.calendar, rule.working_days, on) is None


async def _plan(session: AsyncSession, team: Team) -> Plan | None:
    found = await of_team(session, team.id)
    if found is None:
        return None
    process = await session.get_one(FocalProcess, team.focal_process_id)
    return Plan(
        team_id=team.id,
        team=team.name,
        rule=rule_from(found.rule),
        items=found.items,
        one_workgroup=found.one_workgroup,
        paused=found.paused_at is not None,
        rounds_per_wave=process.rounds_per_wave,
        min_respondents=team.min_respondents,
    )


async def active(session: AsyncSession, process_id: int) -> Sequence[tuple[Schedule, Team]]:
    """The running schedules of a focal process."""
    query = (
        select(Schedule, Team).join(Team).where(Team.focal_process_id == process_id, col(Schedule.paused_at).is_(None))
    )
    return (await session.exec(query)).all()


async def _may_set(session: AsyncSession, ws: int, user: str, team_id: int) -> tuple[access.Standing, Team]:
    who = await access.standing(session, ws, user)
    team = await session.get(Team, team_id)
    if team is None or team.workspace_id != ws:
        raise UnknownTeam
    if not (who.holds(Role.COACH, team_id) or who.admin):
        raise NotAllowed(team.name)
    return who, team
