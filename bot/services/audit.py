"""The audit trail: who did what to what. Ids and names of things, never an answer, a comment or a figure."""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.db.tables import AuditEvent


def note(
    session: AsyncSession,
    workspace_id: int,
    now: datetime,
    action: str,
    *,
    actor_id: int | None = None,
    subject: str = "",
    **detail: str | int | bool | None,
) -> None:
    """Add a row to the caller's transaction, so that the act and its trace are stored together or not at all."""
    session.add(
        AuditEvent(
            workspace_id=workspace_id, at=now, actor_id=actor_id, action=action, subject=subject, detail=detail or None
        )
    )
