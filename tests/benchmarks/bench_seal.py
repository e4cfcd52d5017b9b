"""What it costs to close a wave's rounds and release it, gate included.

The floor: one SQL GROUP BY (answers and mean by team, tie and dimension) over the same answers, in the clear, in a
plain table of the same kind of database. Ours decrypts every answer, shuffles, seals, deletes, lets the gate decide
about every figure, stores them, deletes again and folds SQLite's log. Every run is cold: a fresh copy of the file, a
new connection. ``BENCH_FULL=1``: a million answers over 2,000 teams; else a tenth.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import insert, update
from sqlmodel import col, select

from bot.core.states import AskState
from bot.db.session import Database
from bot.db.tables import Answer, Ask, AskedItems, ReleasedFigure, Round, Wave
from bot.services import closings, rounds, waves
from bot.services.deps import Deps
from bot.services.sealing import open_items, seal_answer
from bot.services.vault import Vault
from tests.benchmarks.workspaces import (
    MONDAY,
    RUNS,
    Size,
    copied,
    deps_on,
    fill,
    full_size,
    prepare,
    summary,
    vault_copied,
)

ROUNDS = 4
AFTER = MONDAY + timedelta(weeks=ROUNDS, days=3)
_FLOOR = "SELECT team, rater, rated, item, count(*), avg(score) FROM plain GROUP BY team, rater, rated, item"


async def _template(folder: Path, size: Size) -> tuple[Path, int]:
    """A wave of four rounds in which everybody has answered everything; nothing is closed yet."""
    file = await prepare(folder / "template.db")
    vault = Vault(folder / "keys")
    vault.prepare()
    database = Database(f"sqlite:///{file}")
    await fill(database, size)
    deps = deps_on(database, vault)
    for week in range(ROUNDS):
        await rounds.open_due(deps, MONDAY + timedelta(weeks=week))
    answers = await _answer_all(deps)
    await database.checkpoint()
    await database.close()
    return file, answers


async def _answer_all(deps: Deps) -> int:
    """Everybody's answers, and beside them the same in the clear for the floor."""
    async with deps.database.write() as session:
        (wave,) = (await session.exec(select(Wave))).all()
        key = waves.key_of(deps, wave)
        query = (
            select(Ask, Round.team_id, AskedItems.sealed)
            .join(Round, col(Round.id) == col(Ask.round_id))
            .join(AskedItems, col(AskedItems.ask_id) == col(Ask.id))
        )
        sealed, plain = [], []
        for ask, team, items in (await session.exec(query)).all():
            for position, question in enumerate(open_items(key, ask.id, items)):
                option = 1 + (ask.id + position) % 5
                sealed.append(_row(ask, wave.id, position, seal_answer(key, ask.id, position, option)))
                tie = {"team": team, "rater": ask.workgroup_id, "rated": question.rated}
                plain.append({**tie, "item": question.item, "score": option})
        await session.exec(insert(Answer), params=sealed)
        await session.exec(update(Ask).values(state=AskState.FINISHED))
        await _plain(session, plain)
    return len(sealed)


def _row(ask: Ask, wave: int, position: int, sealed: bytes) -> dict[str, Any]:
    return {
        "workspace_id": ask.workspace_id,
        "ask_id": ask.id,
        "position": position,
        "wave_id": wave,
        "sealed": sealed,
        "action_ts": "1772440200.000100",
    }


async def _plain(session: Any, rows: Sequence[dict[str, Any]]) -> None:
    connection = await session.connection()
    await connection.exec_driver_sql("CREATE TABLE plain (team INT, rater INT, rated INT, item TEXT, score INT)")
    table = sqlalchemy.table(
        "plain", *(sqlalchemy.column(name) for name in ("team", "rater", "rated", "item", "score"))
    )
    await connection.execute(table.insert(), rows)


async def _ours(file: Path, keys: Path) -> tuple[float, float]:
    """Seconds to close every round, and to release the wave."""
    database = Database(f"sqlite:///{file}")
    with vault_copied(keys) as vault:
        deps = deps_on(database, vault)
        began = time.perf_counter()
        await closings.close_due(deps, AFTER)
        closed = time.perf_counter()
        await waves.release_due(deps, AFTER)
        released = time.perf_counter()
    async with database.read() as session:
        assert (await session.exec(select(ReleasedFigure.id).limit(1))).first() is not None
        assert (await session.exec(select(Answer.ask_id).limit(1))).first() is None
    await database.close()
    return closed - began, released - closed


async def _floor(file: Path) -> float:
    database = Database(f"sqlite:///{file}")
    began = time.perf_counter()
    async with database.engine.connect() as connection:
        rows = (await connection.exec_driver_sql(_FLOOR)).all()
    seconds = time.perf_counter() - began
    assert rows
    await database.close()
    return seconds


def measure(*, size: Size | None = None, runs: int = RUNS) -> dict[str, float | dict[str, float]]:
    """``seal.cold_ratio``, and where the time goes: microseconds an answer in closing and in the release."""
    people = size or Size(teams=2000 if full_size() else 200, items=5)
    ratios, closing, releasing = [], [], []
    with tempfile.TemporaryDirectory() as name:
        template, answers = asyncio.run(_template(Path(name), people))
        for _ in range(runs):
            closed, released = asyncio.run(_ours(copied(template, "run"), Path(name) / "keys"))
            floor = asyncio.run(_floor(copied(template, "run")))
            ratios.append((closed + released) / floor)
            closing.append(1e6 * closed / answers)
            releasing.append(1e6 * released / answers)
    return {
        "seal.cold_ratio": summary(ratios),
        "seal.answers": float(answers),
        "seal.close_us_an_answer": summary(closing),
        "seal.release_us_an_answer": summary(releasing),
    }


if __name__ == "__main__":
    for key, value in measure().items():
        print(key, value)  # noqa: T201 - what a benchmark is for
