"""Large workspaces for the benchmarks, written into a database in bulk; and how alternating runs are summed up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert

from bot.core.cadence import parse_rule, rule_fields
from bot.db import schema
from bot.db.session import Database
from bot.db.tables import FocalProcess, Membership, Person, Schedule, Team, Workgroup, Workspace
from bot.services.deps import Deps
from bot.services.ports import Clock
from bot.services.vault import Vault
from tests.cast import words
from tests.fakes import FakeClock, FakeConnections

MONDAY = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
"""Half past nine in Berlin: every team's pulse opens."""
ZONE = "Europe/Berlin"
RUNS = 5


def full_size() -> bool:
    """``BENCH_FULL=1``: the sizes that the targets speak of, where a short run takes a part of them."""
    return bool(os.environ.get("BENCH_FULL"))


def summary(values: list[float]) -> dict[str, float]:
    return {"median": median(values), "low": min(values), "high": max(values)}


@dataclass(frozen=True, slots=True)
class Size:
    """``teams`` of ``workgroups`` times ``each`` people, the same workgroups in all of them."""

    teams: int
    workgroups: int = 5
    each: int = 5
    items: int = 3
    reminders: int = 2

    @property
    def people(self) -> int:
        return self.teams * self.workgroups * self.each


def user_name(person: int) -> str:
    """The Slack id of the person with this id."""
    return f"U{person:07}"


async def prepare(file: Path) -> Path:
    """A new SQLite file at the program's revision."""
    database = Database(f"sqlite:///{file}")
    await schema.upgrade(database)
    await database.close()
    return file


def copied(template: Path, name: str) -> Path:
    """A copy of a closed SQLite file beside it."""
    file = template.with_name(f"{name}.db")
    for rest in (file, *(file.with_name(f"{file.name}{end}") for end in ("-wal", "-shm"))):
        rest.unlink(missing_ok=True)
    shutil.copy(template, file)
    return file


@contextmanager
def vault_copied(template: Path) -> Iterator[Vault]:
    """The keys as the template has them: what a run makes or destroys is its own."""
    folder = template.with_name(f"{template.name}-run")
    shutil.copytree(template, folder)
    try:
        yield Vault(folder)
    finally:
        shutil.rmtree(folder)


def deps_on(database: Database, vault: Vault, clock: Clock | None = None) -> Deps:
    """The services' dependencies without a Slack."""
    return Deps(
        database=database,
        vault=vault,
        content=words(),
        clock=clock or FakeClock(MONDAY),
        connections=FakeConnections(),
        replica="bench",
    )


async def fill(database: Database, size: Size, *, workspaces: int = 1, next_check_at: datetime | None = None) -> None:
    """One focal process a workspace, its teams with a weekly pulse on Mondays; ids count from 1 in every table."""
    joined = MONDAY - timedelta(days=30)
    rows: dict[Any, list[dict[str, Any]]] = {
        table: [] for table in (Workspace, FocalProcess, Workgroup, Team, Person, Membership, Schedule)
    }
    for ws in range(1, workspaces + 1):
        rows[Workspace].append({"slack_team_id": f"T{ws}", "name": f"Hospital {ws}", "created_at": joined})
        rows[FocalProcess].append({"workspace_id": ws, "name": "Discharge", "rounds_per_wave": 4})
        first_group = len(rows[Workgroup]) + 1
        rows[Workgroup] += [
            {"workspace_id": ws, "focal_process_id": ws, "name": f"Workgroup {at}"} for at in range(size.workgroups)
        ]
        for number in range(size.teams):
            _team(rows, size, ws, number, first_group, joined, next_check_at)
    async with database.write() as session:
        for table, filled in rows.items():
            await session.exec(insert(table), params=filled)


def _team(
    rows: dict[Any, list[dict[str, Any]]],
    size: Size,
    ws: int,
    number: int,
    first_group: int,
    joined: datetime,
    next_check_at: datetime | None,
) -> None:
    shared = {"workspace_id": ws}
    rows[Team].append(shared | {"focal_process_id": ws, "name": f"Ward {number}", "timezone": ZONE})
    team = len(rows[Team])
    for at in range(size.workgroups * size.each):
        person = len(rows[Person]) + 1
        group = first_group + at % size.workgroups
        rows[Person].append(
            shared | {"slack_user_id": user_name(person), "name": f"Person {person}", "timezone": ZONE,
                      "dm_channel": f"D{person:07}"}
        )  # fmt: skip
        rows[Membership].append(
            shared | {"team_id": team, "person_id": person, "workgroup_id": group, "joined_at": joined}
        )
    weekly = parse_rule(
        cadence="weekly", days=["mon"], at="09:30", start="2026-03-02", zone=ZONE, window_hours=48,
        reminders=size.reminders,
    )  # fmt: skip
    rows[Schedule].append(
        shared | {"team_id": team, "rule": rule_fields(replace(weekly, seed=f"{team:016x}")), "items": size.items,
                  "changed_on": joined.date(), "created_at": joined, "next_check_at": next_check_at}
    )  # fmt: skip
