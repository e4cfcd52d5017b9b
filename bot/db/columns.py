"""What the tables are made of: the base they share, and makers of their recurring columns."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import LargeBinary, MetaData, Text
from sqlmodel import Field, SQLModel

from bot.db.types import UTCDateTime, text_enum

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """What all tables share: named constraints (alembic needs the names), and the owning workspace."""

    metadata = MetaData(naming_convention=NAMING)
    # ``id`` columns of the tables are typed int although a row has none before it is flushed: nobody reads it earlier.
    workspace_id: int = Field(foreign_key="workspace.id", index=True)


def instant(*, index: bool = False) -> Any:
    return Field(sa_type=UTCDateTime, index=index)


def maybe_instant(*, index: bool = False) -> Any:
    return Field(default=None, sa_type=UTCDateTime, index=index, nullable=True)


def state(kind: Any, name: str, default: Any = ...) -> Any:
    return Field(default=default, sa_type=text_enum(kind, name))


def words(default: str = "") -> Any:
    return Field(default=default, sa_type=Text)


def sealed() -> Any:
    return Field(sa_type=LargeBinary)


def new_id() -> str:
    return uuid.uuid4().hex
