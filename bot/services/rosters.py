"""Import a roster: who belongs to which team and workgroup, who leads, who coaches.

The file is the whole roster of the teams it names: who is no longer in it has left. Everything is checked before
anything is written; one bad row and nothing is imported.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.errors import BadFile
from bot.core.states import Role
from bot.db import people as queries
from bot.db.tables import FocalProcess, Membership, RoleGrant, Team, Workgroup
from bot.services import audit, people
from bot.services.deps import Deps
from bot.services.ports import Profile

COLUMNS = ("team", "channel", "timezone", "workgroup", "user", "role")
DEFAULT_PROCESS = "our work"
_GRANTS = {"lead": Role.LEAD, "coach": Role.COACH}


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    team: str
    channel: str
    timezone: str
    workgroup: str
    user: str
    role: str
    process: str


@dataclass(slots=True)
class Imported:
    """What an import changed, in counts."""

    teams: int = 0
    joined: int = 0
    left: int = 0
    moved: int = 0
    grants: int = 0


@dataclass(slots=True)
class _TeamRoster:
    first: Row
    groups: dict[str, str] = field(default_factory=dict)
    """Slack user → workgroup."""
    grants: set[tuple[str, Role]] = field(default_factory=set)


def read_rows(file: Path) -> list[Row]:
    """Rows of a roster file. Raises BadFile with line and column."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadFile(f"There is no file {file.name}.", line=1) from None
    except UnicodeDecodeError:
        raise BadFile("This file is not UTF-8 text: save it as CSV (UTF-8).", line=1) from None
    reader = csv.DictReader(text.splitlines())
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise BadFile(f"The first line must name the columns {', '.join(COLUMNS)}.", line=1, column=missing[0])
    return list(_rows(reader))


def _rows(reader: csv.DictReader[str]) -> Iterator[Row]:
    for raw in reader:
        line = reader.line_num
        if None in raw or None in raw.values():
            raise BadFile(f"expected {len(reader.fieldnames or ())} fields, as in the first line", line=line)
        cell = {name: value.strip() for name, value in raw.items()}
        if not any(cell.values()):
            continue
        row = Row(line, **{name: cell[name] for name in COLUMNS}, process=cell.get("process") or DEFAULT_PROCESS)
        yield _checked(row)


def _checked(row: Row) -> Row:
    if not row.team:
        raise BadFile("each row needs its team's name", line=row.line, column="team")
    if not row.user:
        raise BadFile("give a Slack id (U…) or an e-mail address", line=row.line, column="user")
    if row.role not in {"member", "lead", "coach"}:
        raise BadFile(f"“{row.role}” is no role: write member, lead or coach", line=row.line, column="role")
    if row.role == "member" and not row.workgroup:
        raise BadFile("a member needs a workgroup", line=row.line, column="workgroup")
    try:
        ZoneInfo(row.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadFile(
            f"“{row.timezone}” is no time zone: write one like Europe/Berlin", line=row.line, column="timezone"
        ) from None
    return row


def _rosters(rows: Sequence[Row], profiles: Mapping[str, Profile]) -> dict[str, _TeamRoster]:
    teams: dict[str, _TeamRoster] = {}
    for row in rows:
        profile = profiles.get(row.user.lower())
        if profile is None or not profile.is_person or profile.deactivated:
            raise BadFile(f"Slack knows no active person “{row.user}”", line=row.line, column="user")
        roster = teams.setdefault(row.team.lower(), _TeamRoster(row))
        for name in ("channel", "timezone", "process"):
            if getattr(row, name) != getattr(roster.first, name):
                raise BadFile(
                    f"team {row.team} has another {name} in line {roster.first.line}", line=row.line, column=name
                )
        if row.workgroup:
            known = roster.groups.setdefault(profile.slack_user, row.workgroup)
            if known != row.workgroup:
                raise BadFile(f"{row.user} is in {known} already", line=row.line, column="workgroup")
        if row.role in _GRANTS:
            roster.grants.add((profile.slack_user, _GRANTS[row.role]))
    return teams


async def import_roster(deps: Deps, workspace_id: int, file: Path) -> Imported:
    """Read, check and take over a roster file. Raises BadFile (nothing is imported) and SlackProblem."""
    rows = read_rows(file)
    directory = deps.connections.directory(workspace_id)
    everyone = await directory.everyone() if directory else []
    profiles = {profile.slack_user.lower(): profile for profile in everyone}
    profiles |= {profile.email.lower(): profile for profile in everyone if profile.email}
    teams = _rosters(rows, profiles)
    now = deps.clock.now()
    done = Imported()
    async with deps.database.write() as session:
        for roster in teams.values():
            await _take_over(session, workspace_id, roster, profiles, now, done)
        audit.note(session, workspace_id, now, "roster.imported", teams=done.teams, joined=done.joined, left=done.left)
    return done


async def _take_over(
    session: AsyncSession,
    workspace_id: int,
    roster: _TeamRoster,
    profiles: Mapping[str, Profile],
    now: datetime,
    done: Imported,
) -> None:
    team = await _team(session, workspace_id, roster.first)
    groups = await _workgroups(session, workspace_id, team.focal_process_id, roster.groups.values())
    users = {*roster.groups, *(user for user, _ in roster.grants)}
    persons = {user: await people.ensure(session, workspace_id, profiles[user.lower()], now) for user in sorted(users)}
    await _members(session, team, {persons[user].id: groups[name] for user, name in roster.groups.items()}, now, done)
    wanted = {(persons[user].id, role) for user, role in roster.grants}
    await _grants(session, team, wanted, now, done)
    done.teams += 1


async def _team(session: AsyncSession, workspace_id: int, row: Row) -> Team:
    process = await queries.process_named(session, workspace_id, row.process)
    if process is None:
        process = FocalProcess(workspace_id=workspace_id, name=row.process)
        session.add(process)
        await session.flush()
    team = await queries.team_named(session, workspace_id, row.team)
    if team is None:
        team = Team(workspace_id=workspace_id, focal_process_id=process.id, name=row.team)
        session.add(team)
    team.channel, team.timezone, team.focal_process_id = row.channel or None, row.timezone, process.id
    await session.flush()
    return team


async def _workgroups(
    session: AsyncSession, workspace_id: int, process_id: int, names: Iterable[str]
) -> dict[str, int]:
    known = {group.name: group for group in await queries.workgroups(session, process_id)}
    for name in dict.fromkeys(names):
        if name not in known:
            known[name] = Workgroup(workspace_id=workspace_id, focal_process_id=process_id, name=name)
            session.add(known[name])
    await session.flush()
    return {name: group.id for name, group in known.items()}


async def _members(session: AsyncSession, team: Team, wanted: Mapping[int, int], now: datetime, done: Imported) -> None:
    query = select(Membership).where(Membership.team_id == team.id, col(Membership.left_at).is_(None))
    current = {membership.person_id: membership for membership in (await session.exec(query)).all()}
    for person_id, membership in current.items():
        if wanted.get(person_id) != membership.workgroup_id:
            membership.left_at = now
            done.left += person_id not in wanted
            done.moved += person_id in wanted
    for person_id, group in wanted.items():
        held = current.get(person_id)
        if held is None or held.left_at is not None:
            session.add(
                Membership(
                    workspace_id=team.workspace_id,
                    team_id=team.id,
                    person_id=person_id,
                    workgroup_id=group,
                    joined_at=now,
                )
            )
            done.joined += held is None


async def _grants(
    session: AsyncSession, team: Team, wanted: set[tuple[int, Role]], now: datetime, done: Imported
) -> None:
    query = select(RoleGrant).where(RoleGrant.team_id == team.id, col(RoleGrant.revoked_at).is_(None))
    current = {(grant.person_id, grant.role): grant for grant in (await session.exec(query)).all()}
    for held, grant in current.items():
        if held not in wanted:
            grant.revoked_at = now
    for person_id, role in sorted(wanted - set(current)):
        session.add(
            RoleGrant(workspace_id=team.workspace_id, person_id=person_id, role=role, team_id=team.id, granted_at=now)
        )
        done.grants += 1
