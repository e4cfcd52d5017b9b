"""The inbox: Slack's events that must not be lost or handled twice. A row first, then the handling."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from bot.db.tables import InboxEvent
from bot.services.deps import Deps


async def first_time(
    deps: Deps, ws: int, event_id: str, natural_key: str, kind: str, subject: str, now: datetime
) -> bool:
    """Whether this event is new. Slack repeats events, sometimes under another id: the natural key counts as well."""
    dialect = sqlite if deps.database.sqlite else postgresql
    statement = dialect.insert(InboxEvent).values(
        workspace_id=ws, event_id=event_id, natural_key=natural_key, kind=kind, subject=subject, received_at=now
    )
    async with deps.database.write() as session:
        result = await session.exec(statement.on_conflict_do_nothing())
    return bool(result.rowcount)


async def waiting(deps: Deps, ws: int) -> list[InboxEvent]:
    """Events whose handling never came to its end, oldest first."""
    query = (
        select(InboxEvent)
        .where(InboxEvent.workspace_id == ws, col(InboxEvent.handled_at).is_(None))
        .order_by(col(InboxEvent.received_at))
    )
    async with deps.database.read() as session:
        return list((await session.exec(query)).all())


async def handled(deps: Deps, event_id: str, now: datetime) -> None:
    """The event has had its effect."""
    async with deps.database.write() as session:
        await session.exec(update(InboxEvent).where(col(InboxEvent.event_id) == event_id).values(handled_at=now))
