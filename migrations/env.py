"""Alembic's entry: runs the migrations on the connection that ``bot.db.schema`` hands over."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString

import bot.db.tables
from bot.db.types import UTCDateTime

connection = context.config.attributes["connection"]


def render_item(kind: str, item: object, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write column types as what they are underneath: a migration must not change when our code does."""
    del autogen_context
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return "sa.String()" if kind == "type" and type(item) is AutoString else False


context.configure(
    connection=connection,
    target_metadata=bot.db.tables.Workspace.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
