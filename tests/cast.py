"""The fixed cast of the service tests: one hospital team of twelve people in three workgroups, a lead and a coach."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlmodel import col, select

from bot.content import Content
from bot.core.cadence import parse_rule
from bot.core.messages import Pulse
from bot.core.states import Role
from bot.db import people as people_queries
from bot.db.session import Database
from bot.db.tables import FocalProcess, RoleGrant, Team, Wave
from bot.services import answers, closings, people, rosters, rounds, schedules, waves
from bot.services.deps import Deps
from bot.services.ports import Profile
from bot.services.vault import Vault
from tests.fakes import FakeClock, FakeConnections, FakeDirectory, FakeMessenger

PROMPTS = Path(__file__).parent.parent / "prompts"
MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)
GROUPS = {"Nurses": 5, "Physicians": 5, "Pharmacy": 5}
TEAM = "Ward 3"


@cache
def words() -> Content:
    """The shipped words, read once a run: they are immutable."""
    return Content.load(PROMPTS)


def member(group: str, number: int) -> str:
    return f"U{group[:3].upper()}{number}"


def people_of(groups: dict[str, int]) -> list[tuple[str, str]]:
    """(Slack id, workgroup) of everybody who is asked."""
    return [(member(group, number), group) for group, size in groups.items() for number in range(size)]


def profiles(groups: dict[str, int]) -> list[Profile]:
    named = [*people_of(groups), ("ULEAD", ""), ("UCOACH", ""), ("UADMIN", "")]
    return [
        Profile(
            slack_user=user, name=f"{group} {user}".strip(), timezone="Europe/Berlin", language="en",
            is_person=True, deactivated=False, email=f"{user.lower()}@example.org",
        )
        for user, group in named
    ]  # fmt: skip


def roster(groups: dict[str, int], team: str = TEAM) -> str:
    lines = ["team,channel,timezone,workgroup,user,role"]
    lines += [f"{team},C1,Europe/Berlin,{group},{user},member" for user, group in people_of(groups)]
    lines += [f"{team},C1,Europe/Berlin,,ULEAD,lead", f"{team},C1,Europe/Berlin,,UCOACH,coach"]
    return "\n".join(lines) + "\n"


@dataclass
class Stage:
    """Everything a service test plays with."""

    deps: Deps
    clock: FakeClock
    slack: FakeMessenger
    directory: FakeDirectory
    folder: Path
    ws: int = 0
    team: int = 0
    points: list[str] = field(default_factory=list)
    groups: dict[str, int] = field(default_factory=lambda: GROUPS)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    async def schedule(self, **rule: object) -> None:
        """A weekly Monday 09:30 pulse of three items, open for two days; ``rule`` overrides."""
        weekly = {"cadence": "weekly", "days": ["mon"], "at": "09:30", "start": "2026-03-02"}
        wanted: dict[str, object] = {**weekly, "window_hours": 48, "reminders": 2}
        parsed = parse_rule(**(wanted | rule))  # type: ignore[arg-type]  # a table of cases
        await schedules.save(self.deps, self.ws, "UCOACH", self.team, parsed, items=3)

    async def pulse_of(self, user: str) -> Pulse:
        (found,) = await answers.open_pulses(self.deps, self.ws, user)
        return found

    async def answer(self, user: str, option: int = 4, *, only: int | None = None) -> Pulse:
        """Answer a person's open pulse (or its first ``only`` questions) with one option throughout."""
        pulse = await self.pulse_of(user)
        clicks = [
            answers.Click(self.ws, user, pulse.ask, position, option, f"{self.now.timestamp():.6f}")
            for position in range(len(pulse.questions))[:only]
        ]
        outcomes = await answers.record_many(self.deps, clicks, self.now)
        last = outcomes[-1]
        assert isinstance(last, Pulse), last
        return last

    async def admin(self) -> None:
        """Give the workspace an administrator, who is on no team."""
        async with self.deps.database.write() as session:
            person = await people.ensure(session, self.ws, self.directory.profiles["UADMIN"], self.now)
            grant = RoleGrant(workspace_id=self.ws, person_id=person.id, role=Role.ADMIN, granted_at=self.now)
            session.add(grant)

    async def a_map(self, option: int = 4, *, look: Callable[[], Awaitable[None]] | None = None) -> int:
        """Play one wave of a single Monday's round with everybody answering, up to its release; the wave's id.

        ``look``: while the round is open, before anybody has answered.
        """
        async with self.deps.database.write() as session:
            team = await session.get_one(Team, self.team)
            (await session.get_one(FocalProcess, team.focal_process_id)).rounds_per_wave = 1
            scheduled = await schedules.of_team(session, team.id) is not None
        if not scheduled:
            await self.schedule()
        monday = self.now + timedelta(days=-self.now.weekday() % 7)
        await self.clock.set(monday.replace(hour=8, minute=30))
        await rounds.open_due(self.deps, self.now)
        if look is not None:
            await look()
        for user, _ in people_of(self.groups):
            await self.answer(user, option)
        await self.clock.advance(days=2)
        await closings.close_due(self.deps, self.now)
        await waves.release_due(self.deps, self.now)
        async with self.deps.database.read() as session:
            return (await session.exec(select(Wave.id).order_by(col(Wave.id).desc()))).first() or 0


@asynccontextmanager
async def staged(url: str, folder: Path, groups: dict[str, int] | None = None) -> AsyncIterator[Stage]:
    """The team on a fresh database, the roster imported, nothing scheduled yet."""
    sizes = groups or GROUPS
    clock, slack = FakeClock(MONDAY), FakeMessenger()
    directory = FakeDirectory({profile.slack_user: profile for profile in profiles(sizes)})
    vault = Vault(folder / "vault")
    vault.prepare()
    points: list[str] = []
    database = Database(url)
    deps = Deps(
        database=database,
        vault=vault,
        content=words(),
        clock=clock,
        connections=FakeConnections(slack, directory),
        replica="one",
        reached=points.append,
    )
    stage = Stage(deps, clock, slack, directory, folder, points=points, groups=sizes)
    try:
        stage.ws = await people.remember_workspace(deps, "T1", "Hospital", "UBOT")
        file = folder / "roster.csv"
        file.write_text(roster(sizes), encoding="utf-8")
        await rosters.import_roster(deps, stage.ws, file)
        async with database.read() as session:
            team = await people_queries.team_named(session, stage.ws, TEAM)
        assert team is not None
        stage.team = team.id
        yield stage
    finally:
        await database.close()
