"""People: what Slack says of them, and what they say to us (opt out, snooze, language, hour)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.errors import BadInput, UnknownPerson
from bot.core.states import AskState, Role
from bot.db import people as queries
from bot.db.tables import Ask, Person, RoleGrant, Workspace
from bot.services import audit
from bot.services.deps import Deps
from bot.services.ports import Profile

NO_END = datetime(9999, 1, 1, tzinfo=UTC)


async def remember_workspace(deps: Deps, slack_team_id: str, name: str, bot_user_id: str) -> int:
    """The workspace's id; a row is made on first sight. A paused one that is back resumes."""
    now = deps.clock.now()
    async with deps.database.write() as session:
        found = await queries.workspace(session, slack_team_id)
        if found is None:
            found = Workspace(slack_team_id=slack_team_id, created_at=now)
            session.add(found)
        found.name, found.bot_user_id = name, bot_user_id
        if found.paused_at is not None:
            found.paused_at = found.paused_reason = None
        await session.flush()
        return found.id


def apply_profile(person: Person, profile: Profile, now: datetime) -> None:
    """Copy what Slack says onto the row. The person's own wishes (language, hour, snooze, opt-out) are not touched."""
    person.name = profile.name
    person.timezone = profile.timezone or person.timezone
    if profile.deactivated and person.deactivated_at is None:
        person.deactivated_at = now
    if not profile.deactivated:
        person.deactivated_at = None
    person.away_until = (profile.away_until or NO_END) if profile.away else None


async def ensure(session: AsyncSession, workspace_id: int, profile: Profile, now: datetime) -> Person:
    """The person's row, made or refreshed from their profile."""
    found = await queries.person(session, workspace_id, profile.slack_user)
    if found is None:
        found = Person(workspace_id=workspace_id, slack_user_id=profile.slack_user, language=profile.language)
        session.add(found)
    apply_profile(found, profile, now)
    await session.flush()
    return found


async def refresh(deps: Deps, workspace_id: int, profiles: Iterable[Profile]) -> None:
    """Take over what Slack says now of the people we know; strangers to us stay strangers."""
    now = deps.clock.now()
    known = {profile.slack_user: profile for profile in profiles}
    async with deps.database.write() as session:
        query = select(Person).where(Person.workspace_id == workspace_id, col(Person.slack_user_id).in_(known))
        for person in (await session.exec(query)).all():
            apply_profile(person, known[person.slack_user_id], now)
            if person.deactivated_at is not None:
                await _withdraw(session, person)


async def require(session: AsyncSession, workspace_id: int, slack_user_id: str) -> Person:
    """Raises UnknownPerson."""
    found = await queries.person(session, workspace_id, slack_user_id)
    if found is None:
        raise UnknownPerson(f"<@{slack_user_id}>")
    return found


async def opt_out(deps: Deps, workspace_id: int, slack_user_id: str) -> None:
    """No more asks until the person opts in again; what waits for them is withdrawn. Twice is once."""
    now = deps.clock.now()
    async with deps.database.write() as session:
        person = await require(session, workspace_id, slack_user_id)
        if person.opted_out_at is None:
            person.opted_out_at = now
            audit.note(session, workspace_id, now, "person.opted_out", actor_id=person.id)
        await _withdraw(session, person)


async def opt_in(deps: Deps, workspace_id: int, slack_user_id: str) -> None:
    now = deps.clock.now()
    async with deps.database.write() as session:
        person = await require(session, workspace_id, slack_user_id)
        if person.opted_out_at is not None:
            person.opted_out_at = None
            audit.note(session, workspace_id, now, "person.opted_in", actor_id=person.id)


async def snooze(deps: Deps, workspace_id: int, slack_user_id: str, until: datetime) -> None:
    """Send nothing before ``until``; nothing is lost by it. Raises BadInput, UnknownPerson."""
    if until <= deps.clock.now():
        raise BadInput("errors.past_time", field="until")
    async with deps.database.write() as session:
        (await require(session, workspace_id, slack_user_id)).snoozed_until = until


@dataclass(frozen=True, slots=True)
class Wishes:
    """``hour``: local, 0 to 23, at which the person likes to be asked; None for whenever it fits."""

    language: str
    hour: int | None


async def wishes(deps: Deps, workspace_id: int, slack_user_id: str) -> Wishes:
    """Raises UnknownPerson."""
    async with deps.database.read() as session:
        person = await require(session, workspace_id, slack_user_id)
        return Wishes(person.language, person.preferred_hour)


async def wish(deps: Deps, workspace_id: int, slack_user_id: str, wished: Wishes) -> None:
    """Keep what the person wants from now on. Raises BadInput, UnknownPerson."""
    hour = wished.hour
    if hour is not None and hour not in range(24):
        raise BadInput("errors.not_an_hour", field="hour")
    async with deps.database.write() as session:
        person = await require(session, workspace_id, slack_user_id)
        person.language, person.preferred_hour = wished.language, hour


async def appoint(deps: Deps, ws: int, slack_user_or_email: str, *, admin: bool) -> str:
    """Make somebody an administrator of the installation, or take it back; returns their name. Twice is once.

    Raises UnknownPerson for whoever is no active person in Slack, and SlackProblem.
    """
    directory = deps.connections.directory(ws)
    profile = await directory.find(slack_user_or_email) if directory else None
    if profile is None or not profile.is_person or profile.deactivated:
        raise UnknownPerson(slack_user_or_email)
    now = deps.clock.now()
    async with deps.database.write() as session:
        person = await ensure(session, ws, profile, now)
        held = [grant for grant in await queries.roles(session, person.id) if grant.role is Role.ADMIN]
        for grant in [] if admin else held:
            grant.revoked_at = now
        if admin and not held:
            session.add(RoleGrant(workspace_id=ws, person_id=person.id, role=Role.ADMIN, granted_at=now))
        action = "admin.appointed" if admin else "admin.dismissed"
        audit.note(session, ws, now, action, subject=f"person:{person.id}")
    return profile.name


async def _withdraw(session: AsyncSession, person: Person) -> None:
    await session.exec(
        update(Ask)
        .where(col(Ask.person_id) == person.id, col(Ask.state) == AskState.OPEN)
        .values(state=AskState.WITHDRAWN)
    )
