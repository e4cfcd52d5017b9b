"""What it costs to open a round for a large workspace, and to look when nothing is due.

The floor: the rows that the opening wrote, inserted in bulk into an empty copy of the same database. Ours decides for
each person when, what and how often they are asked, encrypts it, and writes team by team, each in a transaction that
is on disk. Both are processor-bound on SQLite, alternate in one process, and each opening has a process of its own, so
that its memory is its own. ``BENCH_FULL=1``: 50,000 people in 2,000 teams; else a tenth.
"""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import func, insert
from sqlmodel import select

from bot.db.session import Database
from bot.db.tables import Ask, AskedItems, Delivery, InstrumentVersion, Round, Wave
from bot.services import rounds
from bot.services.outbox import Outbox, Timing
from bot.services.tick import Tick
from bot.services.vault import Vault
from tests.benchmarks.processes import apart
from tests.benchmarks.workspaces import MONDAY, RUNS, Size, copied, deps_on, fill, full_size, prepare, summary

IDLE_SCHEDULES = 1000
IDLE_TICKS = 9
WRITTEN = (InstrumentVersion, Wave, Round, Ask, AskedItems, Delivery)
"""In the order in which their foreign keys allow."""

Rows = list[tuple[Any, Sequence[dict[str, Any]]]]


async def _template(folder: Path, size: Size) -> Path:
    file = await prepare(folder / "template.db")
    database = Database(f"sqlite:///{file}")
    await fill(database, size)
    await database.checkpoint()
    await database.close()
    return file


async def _open(file: Path) -> tuple[float, float]:
    """Seconds for the opening, and by how many MB it made this process grow."""
    database, vault = Database(f"sqlite:///{file}"), Vault(file.with_suffix(".vault"))
    vault.prepare()
    deps = deps_on(database, vault)
    async with database.read() as session:
        (await session.exec(select(func.count()).select_from(Ask))).one()
    before, began = _peak_mb(), time.perf_counter()
    await rounds.open_due(deps, MONDAY)
    seconds = time.perf_counter() - began
    grown = _peak_mb() - before
    await database.checkpoint()
    await database.close()
    return seconds, grown


def _open_apart(file: Path, pipe: Connection) -> None:
    pipe.send(asyncio.run(_open(file)))


def _opening(file: Path) -> tuple[float, float]:
    with apart(_open_apart, file) as pipe:
        measured: tuple[float, float] = pipe.recv()
    return measured


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def _written(file: Path) -> Rows:
    database = Database(f"sqlite:///{file}")
    async with database.read() as session:
        found: Rows = []
        for table in WRITTEN:
            columns = sqlalchemy.inspect(table).local_table.columns
            rows = await session.exec(sqlalchemy.select(*columns))  # type: ignore[call-overload]  # SQLModel's own select only
            found.append((table, [dict(row) for row in rows.mappings().all()]))
    await database.close()
    return found


async def _insert(file: Path, rows: Rows) -> float:
    database = Database(f"sqlite:///{file}")
    began = time.perf_counter()
    async with database.write() as session:
        for table, values in rows:
            await session.exec(insert(table), params=values)
    seconds = time.perf_counter() - began
    await database.close()
    return seconds


async def _idle_tick(file: Path) -> list[float]:
    """Milliseconds of a tick that looks at every schedule's time and finds nothing due."""
    database, vault = Database(f"sqlite:///{file}"), Vault(file.with_suffix(".vault"))
    vault.prepare()
    deps = deps_on(database, vault)
    tick, taken = Tick(deps, Outbox(deps, Timing())), []
    for _ in range(IDLE_TICKS + 1):
        began = time.perf_counter()
        await tick.run(MONDAY)
        taken.append(1000 * (time.perf_counter() - began))
    await database.close()
    return taken[1:]


async def _idle_template(folder: Path, schedules: int) -> Path:
    file = await prepare(folder / "idle.db")
    database = Database(f"sqlite:///{file}")
    await fill(database, Size(schedules, workgroups=3, each=1), next_check_at=MONDAY + timedelta(days=1))
    await database.close()
    return file


def measure(
    *, size: Size | None = None, runs: int = RUNS, idle_schedules: int = IDLE_SCHEDULES
) -> dict[str, float | dict[str, float]]:
    people = size or Size(teams=2000 if full_size() else 200)
    ratios, peaks = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = asyncio.run(_template(folder, people))
        rows: Rows | None = None
        for run in range(runs):
            opened = copied(template, f"opened-{run}")
            seconds, grown = _opening(opened)
            rows = rows or asyncio.run(_written(opened))
            ratios.append(seconds / asyncio.run(_insert(copied(template, "bare"), rows)))
            peaks.append(grown)
        idle = asyncio.run(_idle_tick(asyncio.run(_idle_template(folder, idle_schedules))))
    return {
        "plan.bulk_insert_ratio": summary(ratios),
        "plan.people": float(people.people),
        "plan.peak_mb": summary(peaks),
        "tick.idle_ms_per_1000_schedules": summary([one * 1000 / idle_schedules for one in idle]),
    }


if __name__ == "__main__":
    for key, value in measure().items():
        print(key, value)  # noqa: T201 - what a benchmark is for
