"""The schema's revision: upgrade, compare, and say in one sentence when program and database do not fit."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.core.errors import WrongRevision
from bot.db.session import Database

PACKAGED = Path(__file__).parent.parent / "_data" / "migrations"
IN_TREE = Path(__file__).parent.parent.parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(PACKAGED if PACKAGED.is_dir() else IN_TREE))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The revision this program was written for."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None, "the program ships its migrations"  # noqa: S101 - a broken package, not bad input
    return revision


async def current(database: Database) -> str | None:
    """The database's revision; None for an empty one. Raises WrongRevision where tables exist without a revision."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def upgrade(database: Database) -> None:
    """Bring the database to this program's revision. Raises WrongRevision when it is newer than the program."""
    await _refuse_newer(database)
    async with database._writer.connect() as connection:  # noqa: SLF001 - same room: a migration is a writer
        if not database.sqlite:
            # Replicas that start together on an empty database: one of them migrates, the others find it done.
            await connection.execute(text("SELECT pg_advisory_xact_lock(720031)"))
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))
        await connection.commit()


async def require_head(database: Database) -> None:
    """Raises WrongRevision, in words, unless the database is at this program's revision."""
    await _refuse_newer(database)
    if await current(database) != head():
        raise WrongRevision("The database is at an older revision: run `rc-pulse upgrade`, then start again.")


async def _refuse_newer(database: Database) -> None:
    found = await current(database)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise WrongRevision(
            "The database was upgraded by a newer RC Pulse: start that version, or restore the backup from before."
        )
