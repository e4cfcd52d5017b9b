from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import select

from bot.core.errors import WrongRevision
from bot.db import schema
from bot.db.columns import Table
from bot.db.session import Database
from bot.db.tables import Workspace

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def test_the_migrations_make_exactly_the_tables_that_the_program_declares(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        found: list[object] = compare_metadata(MigrationContext.configure(connection), Table.metadata)
        return found

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_each_enum_check_in_the_database_lists_exactly_the_values_of_the_program(database: Database) -> None:
    # Alembic does not compare CHECK constraints, so a forgotten migration would show up in production only.
    def checks(connection: Connection) -> dict[str, str]:
        found = {}
        for table in Table.metadata.tables:
            for check in inspect(connection).get_check_constraints(table):
                found[str(check["name"])] = str(check["sqltext"])
        return found

    async with database.engine.connect() as connection:
        found = await connection.run_sync(checks)
    for table in Table.metadata.tables.values():
        for column in table.columns:
            values = getattr(column.type, "enums", None)
            if values is None:
                continue
            text_of_check = found[f"ck_{table.name}_{column.type.name}"]  # type: ignore[attr-defined]  # an Enum has a name
            for value in values:
                assert f"'{value}'" in text_of_check, (table.name, column.name, value)
            assert text_of_check.count("'") == 2 * len(values), (table.name, column.name)


async def test_a_value_outside_an_enum_is_refused_by_the_database_itself(database: Database) -> None:
    async with database.write() as session:
        session.add(Workspace(slack_team_id="T1", created_at=NOON))
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            await session.exec(
                text(
                    "INSERT INTO role_grant (workspace_id, person_id, role, granted_at) VALUES (1, 1, 'king', :now)"
                ).bindparams(now=NOON)
            )  # type: ignore[call-overload]  # SQLModel types exec for selects


async def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="time zone"):
        async with database.write() as session:
            session.add(Workspace(slack_team_id="T1", created_at=datetime(2026, 3, 2)))  # noqa: DTZ001 - the point


async def test_an_instant_comes_back_aware_and_in_utc(database: Database) -> None:
    async with database.write() as session:
        session.add(Workspace(slack_team_id="T1", created_at=NOON))
    async with database.read() as session:
        found = (await session.exec(select(Workspace))).one()
    assert found.created_at == NOON
    assert found.created_at.tzinfo is UTC


async def test_concurrent_writers_lose_no_increment(database: Database) -> None:
    async with database.write() as session:
        session.add(Workspace(slack_team_id="T1", name="0", created_at=NOON))

    async def increment() -> None:
        async with database.write() as session:
            found = (await session.exec(select(Workspace).with_for_update())).one()
            found.name = str(int(found.name) + 1)

    await asyncio.gather(*(increment() for _ in range(40)))
    async with database.read() as session:
        assert (await session.exec(select(Workspace.name))).one() == "40"


async def test_a_database_from_a_newer_program_is_refused_in_one_sentence(database: Database) -> None:
    async with database.write() as session:
        await session.exec(text("UPDATE alembic_version SET version_num = '9999'"))  # type: ignore[call-overload]  # SQLModel types exec for selects
    with pytest.raises(WrongRevision, match="newer RC Pulse"):
        await schema.require_head(database)


async def test_an_empty_database_is_sent_to_the_upgrade_command(tmp_path_factory: pytest.TempPathFactory) -> None:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('empty') / 'empty.db'}")
    with pytest.raises(WrongRevision, match="rc-pulse upgrade"):
        await schema.require_head(database)
    await database.close()


async def test_a_failed_write_leaves_nothing_behind(database: Database) -> None:
    async def fail_halfway() -> None:
        async with database.write() as session:
            session.add(Workspace(slack_team_id="T1", created_at=NOON))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_halfway()
    async with database.read() as session:
        assert (await session.exec(select(Workspace))).all() == []


async def test_what_sqlite_deleted_is_gone_from_file_and_log(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    async with database.write() as session:
        session.add(Workspace(slack_team_id="T-SECRET-MARK", created_at=NOON))
    async with database.write() as session:
        await session.exec(update(Workspace).values(slack_team_id="T2"))
    await database.checkpoint()
    assert database.file is not None
    log = database.file.with_name(database.file.name + "-wal")
    raw = database.file.read_bytes() + (log.read_bytes() if log.exists() else b"")
    assert b"T-SECRET-MARK" not in raw
    await database.close()
