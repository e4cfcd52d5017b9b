"""What an insider finds afterwards, with the code, the database, a backup from mid-wave and the vault: nothing.

The same attack succeeds completely as long as the wave's key is kept, which is why it is destroyed.
"""

from __future__ import annotations

import base64
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlmodel import select

from bot import app as composition
from bot.core.errors import VaultMissing
from bot.core.instrument import DIMENSIONS
from bot.core.states import WaveState
from bot.db.columns import Table
from bot.db.session import Database
from bot.db.tables import Answer, AskedItems, FocalProcess, ReleasedFigure, SealedRound, Team, Wave
from bot.services import answers, closings, rounds, waves
from bot.services.sealing import open_answer, open_items, open_round, respondent
from bot.services.vault import WaveKey
from bot.settings import Settings
from tests.cast import GROUPS, MONDAY, Stage, people_of, staged, words

PEOPLE = [user for user, _ in people_of(GROUPS)]
Rows = Mapping[str, list[dict[str, Any]]]
Habit = Callable[[int, int], int | None]
"""Which option somebody taps, by the person's number and the question's position."""
RANDOM = frozenset({("delivery", "id"), ("wave", "key_id"), ("schedule", "rule"), ("delivery", "lease_owner")})


@pytest.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(database_url, tmp_path) as ready:
        yield ready


@pytest.fixture
async def quick_stage(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """Where it is about files, or the database makes no difference."""
    async with staged(sqlite_url, tmp_path) as ready:
        yield ready


def own_pattern(person: int, position: int) -> int:
    return (person + position) % 5 + 1


# --- what is played --------------------------------------------------------------------------------------------------


async def half_a_wave(stage: Stage, habit: Habit = own_pattern) -> Counter[tuple[str, int | None]]:
    """A wave of two rounds up to its middle: the first round is sealed, the second is open and answered.

    Returns who answered what, as often as they did.
    """
    async with stage.deps.database.write() as session:
        team = await session.get_one(Team, stage.team)
        (await session.get_one(FocalProcess, team.focal_process_id)).rounds_per_wave = 2
    await stage.schedule()
    await stage.clock.set(MONDAY.replace(hour=8, minute=30))
    given: Counter[tuple[str, int | None]] = Counter()
    for week in range(2):
        await closings.close_due(stage.deps, stage.now)
        await rounds.open_due(stage.deps, stage.now)
        for person, user in enumerate(PEOPLE):
            pulse = await stage.pulse_of(user)
            clicks = [
                answers.Click(stage.ws, user, pulse.ask, position, habit(person, position), f"{week}.{position:06}")
                for position in range(len(pulse.questions))
            ]
            await answers.record_many(stage.deps, clicks, stage.now)
            given.update((user, click.option) for click in clicks)
        await stage.clock.advance(days=7 * (1 - week))
    return given


async def the_rest_of_it(stage: Stage) -> None:
    """Both rounds are over, the map comes out."""
    await stage.clock.advance(days=3)
    await closings.close_due(stage.deps, stage.now)
    await waves.release_due(stage.deps, stage.now)


# --- what the attacker has -------------------------------------------------------------------------------------------


async def copy_of(database: Database) -> Rows:
    """Every row of every table, as a dump has them."""
    async with database.engine.connect() as connection:
        return {
            table.name: [dict(row) for row in (await connection.execute(sqlalchemy.select(table))).mappings()]
            for table in Table.metadata.sorted_tables
        }


async def restore(database: Database, rows: Rows) -> None:
    """Put a dump back in place of what is there."""
    async with database.write() as session:
        connection = await session.connection()
        for table in reversed(Table.metadata.sorted_tables):
            await connection.execute(table.delete())
        for table in Table.metadata.sorted_tables:
            if rows[table.name]:
                await connection.execute(table.insert(), rows[table.name])


def keys_in(folder: Path) -> list[bytes]:
    """Whatever lies in the vault, taken for a key."""
    return [file.read_bytes() for file in folder.iterdir()]


def relinked(rows: Rows, keys: Iterable[bytes]) -> Counter[tuple[str, int | None]]:
    """The attack: open what can be opened and give each answer back to its person; who tapped what, how often."""
    found: Counter[tuple[str, int | None]] = Counter()
    for secret in keys:
        try:
            found += _opened(rows, WaveKey(secret))
        except (ValueError, VaultMissing):  # no key at all, or not the one
            continue
    return found


def _opened(rows: Rows, key: WaveKey) -> Counter[tuple[str, int | None]]:
    users = {one["id"]: one["slack_user_id"] for one in rows["person"]}
    person_of = {one["id"]: one["person_id"] for one in rows["ask"]}
    items = {one["ask_id"]: open_items(key, one["ask_id"], one["sealed"]) for one in rows["asked_items"]}
    assert items or not rows["asked_items"]
    found: Counter[tuple[str, int | None]] = Counter()
    for one in rows["answer"]:
        option = open_answer(key, one["ask_id"], one["position"], one["sealed"])
        found[users[person_of[one["ask_id"]]], option] += 1
    by_number = {respondent(key, person): user for person, user in users.items()}
    for one in rows["sealed_round"]:
        content = open_round(key, one["round_id"], one["sealed"])
        for record in content.records:
            found[by_number[int(record["respondent"])], _option(record, content.constructs)] += 1
    return found


def _option(record: Any, constructs: tuple[str, ...]) -> int | None:
    """Which option gives this score to an item of this dimension or construct."""
    scale = next(
        item
        for item in words().instrument("rc_pulse").items
        if (item.dimension == DIMENSIONS[record["dimension"]] if record["dimension"] >= 0 else True)
        and (item.construct == constructs[record["construct"]] if record["construct"] >= 0 else True)
    )
    return next((n for n in range(1, len(scale.options) + 1) if scale.score_of(n) == record["score"]), None)


def files_of(database: Database) -> dict[str, bytes]:
    """The bytes of the database's files: the file itself, the write-ahead log, the shared memory."""
    file = database.file
    assert file is not None
    return {one.name: one.read_bytes() for one in file.parent.glob(f"{file.name}*")}


def written(secret: bytes) -> list[bytes]:
    """The forms in which somebody may have written a key down."""
    return [
        secret,
        secret.hex().encode(),
        base64.b64encode(secret),
        base64.urlsafe_b64encode(secret),
        repr(secret).encode(),
    ]


# --- the attacks -----------------------------------------------------------------------------------------------------


async def test_a_backup_from_mid_wave_gives_no_answer_back_once_the_map_is_out(stage: Stage) -> None:
    vault = stage.folder / "vault"
    given = await half_a_wave(stage)
    backup, kept = await copy_of(stage.deps.database), keys_in(vault)
    await the_rest_of_it(stage)
    assert stage.deps.vault.names() == set()
    assert relinked(backup, keys_in(vault)) == Counter()
    afterwards = await copy_of(stage.deps.database)
    assert [len(afterwards[name]) for name in ("answer", "asked_items", "sealed_round")] == [0, 0, 0]
    assert afterwards["released_figure"]
    # And the attack is a real one: with the key kept everything comes back, whose and what.
    stolen = relinked(backup, kept)
    assert stolen == given


async def test_a_restored_backup_relinks_nobody_and_ends_its_wave_as_lost(stage: Stage) -> None:
    await half_a_wave(stage)
    backup = await copy_of(stage.deps.database)
    await the_rest_of_it(stage)
    await restore(stage.deps.database, backup)
    user = PEOPLE[0]
    shown = await answers.open_pulses(stage.deps, stage.ws, user)
    assert all(not pulse.questions for pulse in shown)
    await the_rest_of_it(stage)
    async with stage.deps.database.read() as session:
        assert (await session.exec(select(Wave.state))).all() == [WaveState.LOST]
        for table in (Answer, AskedItems, SealedRound, ReleasedFigure):
            assert (await session.exec(select(table))).all() == []
    await stage.clock.set(MONDAY.replace(hour=8, minute=30) + timedelta(weeks=3))
    await rounds.open_due(stage.deps, stage.now)
    assert (await stage.pulse_of(user)).questions  # the next wave goes on as if nothing had been


async def test_neither_the_file_nor_its_log_nor_a_copy_of_it_holds_a_key_or_what_was_deleted(
    quick_stage: Stage,
) -> None:
    stage, database = quick_stage, quick_stage.deps.database
    await half_a_wave(stage)
    (key,) = (secret for secret in keys_in(stage.folder / "vault") if len(secret) == 32)
    rows, backup = await copy_of(database), stage.folder / "backup.db"
    assert database.file is not None
    with closing(sqlite3.connect(database.file)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    sealed = [one["sealed"] for name in ("answer", "asked_items", "sealed_round") for one in rows[name]]
    during = files_of(database) | {"backup": backup.read_bytes()}
    assert all(any(blob in content for content in during.values()) for blob in sealed)  # they can be found at all
    await the_rest_of_it(stage)
    after = files_of(database)
    assert not [blob for blob in sealed for content in after.values() if blob in content]
    for form in written(key):
        assert not [name for name, content in (during | after).items() if form in content]


async def test_nothing_in_the_open_differs_when_people_answer_differently(
    sqlite_template: Path, tmp_path: Path
) -> None:
    """Two hospitals alike but for the answers: every row but the encrypted bytes is the same, and those are as long."""
    seen = []
    habits: tuple[Habit, ...] = (own_pattern, lambda person, position: None if (person, position) == (0, 0) else 1)
    for number, habit in enumerate(habits):
        folder = tmp_path / str(number)
        folder.mkdir()
        shutil.copy(sqlite_template, folder / "rc-pulse.db")
        async with staged(f"sqlite:///{folder / 'rc-pulse.db'}", folder) as stage:
            await half_a_wave(stage, habit)
            rows = await copy_of(stage.deps.database)
            seen.append({name: [_in_the_open(name, row) for row in found] for name, found in rows.items()})
    assert seen[0] == seen[1]


def _in_the_open(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its encrypted bytes as a length, without what is random anyway."""
    return {
        name: len(value) if isinstance(value, bytes) else value
        for name, value in row.items()
        if (table, name) not in RANDOM
    }


async def test_a_missing_vault_stops_the_bot_with_one_sentence_before_anything_happens(quick_stage: Stage) -> None:
    stage = quick_stage
    await half_a_wave(stage)
    vault = stage.folder / "vault"
    shutil.rmtree(vault)
    settings = Settings.model_validate(
        {
            "database_url": str(stage.deps.database.url), "vault": vault, "slack_bot_token": "xoxb-1",
            "slack_app_token": "xapp-1", "slack_api_url": "http://127.0.0.1:9/api/",
        }
    )  # fmt: skip
    with pytest.raises(VaultMissing) as stopped:
        await composition.build(settings)
    assert str(stopped.value).count(".") == 1
    assert str(vault) in str(stopped.value)
    assert not vault.exists()
