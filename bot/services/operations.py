"""What whoever runs the installation may see of the outbox: states, counts and ids, never words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from bot.core.errors import BadInput
from bot.core.reasons import Reason
from bot.core.states import DeliveryState
from bot.db.tables import Delivery
from bot.services.deps import Deps

Counts = dict[tuple[str, str], int]
"""Number of messages by kind and state."""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One message as an administrator may see it. A personal reason reads ``personal``."""

    id: str
    kind: str
    state: str
    due_at: datetime
    reason: str | None


async def outbox_view(deps: Deps, ws: int, state: str | None, limit: int) -> tuple[Counts, Sequence[DeliveryRow]]:
    """Counts over the whole outbox, and the newest ``limit`` messages, of one state if given. Raises BadInput."""
    if state is not None and state not in set(DeliveryState):
        raise BadInput(f"“{state}” is no state: choose one of {', '.join(DeliveryState)}.", field="state")
    counts = (
        select(Delivery.kind, Delivery.state, func.count())
        .where(Delivery.workspace_id == ws)
        .group_by(col(Delivery.kind), col(Delivery.state))
        .order_by(col(Delivery.kind), col(Delivery.state))
    )
    newest = select(Delivery).where(Delivery.workspace_id == ws).order_by(col(Delivery.due_at).desc()).limit(limit)
    if state is not None:
        newest = newest.where(Delivery.state == DeliveryState(state))
    async with deps.database.read() as session:
        found = {(str(kind), str(held)): number for kind, held, number in (await session.exec(counts)).all()}
        rows = [_row(one) for one in (await session.exec(newest)).all()]
    return found, rows


def _row(one: Delivery) -> DeliveryRow:
    reason = one.reason
    if reason in set(Reason):
        reason = Reason(reason).shown
    return DeliveryRow(one.id, one.kind.value, one.state.value, one.due_at, reason)
