"""Who may do what: the person's standing in a workspace, and the checks that services make before they act."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.errors import NotAllowed, UnknownTeam
from bot.core.states import Role
from bot.db import people as queries
from bot.db.tables import Person, Team
from bot.services.people import require


@dataclass(frozen=True, slots=True)
class Standing:
    """A person and the roles they hold now. Admins run the installation; they see no team's figures by that."""

    person: Person
    grants: frozenset[tuple[Role, int | None]]

    @property
    def id(self) -> int:
        return self.person.id

    def holds(self, role: Role, team_id: int | None = None) -> bool:
        return (role, team_id) in self.grants

    def teams(self, *roles: Role) -> frozenset[int]:
        """Teams for which the person holds one of ``roles``."""
        return frozenset(team for role, team in self.grants if role in roles and team is not None)

    @property
    def admin(self) -> bool:
        return (Role.ADMIN, None) in self.grants


async def standing(session: AsyncSession, workspace_id: int, slack_user: str) -> Standing:
    """Raises UnknownPerson."""
    person = await require(session, workspace_id, slack_user)
    held = await queries.roles(session, person.id)
    return Standing(person, frozenset((grant.role, grant.team_id) for grant in held))


async def team_for(
    session: AsyncSession, workspace_id: int, slack_user: str, team_id: int, *roles: Role
) -> tuple[Standing, Team]:
    """The team, if the person holds one of ``roles`` for it. Raises UnknownTeam and NotAllowed."""
    who = await standing(session, workspace_id, slack_user)
    team = await session.get(Team, team_id)
    if team is None or team.workspace_id != workspace_id:
        raise UnknownTeam
    if not any(who.holds(role, team_id) for role in roles):
        raise NotAllowed(team.name)
    return who, team
