"""The operators' view of the outbox: what is due, late, lost, failed or skipped. No names, and nothing that runs along
with who has answered: reminders appear as counts once their round has closed, personal reasons as one word.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from bot.core.reasons import Reason
from bot.core.states import DeliveryKind, DeliveryState, RoundState
from bot.db.tables import Delivery, Round, Team
from bot.services.deps import Deps

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery that is no reminder. `late_seconds` is how long it has been due; None where it is not."""

    delivery: str
    kind: str
    state: str
    team: str | None
    due_at: datetime
    attempts: int
    late_seconds: float | None
    reason: str | None


async def rows(
    deps: Deps, ws: int, now: datetime, state: DeliveryState | None = None, limit: int = MOST_ROWS
) -> list[Row]:
    """What is under way or went wrong (or everything in one state), the longest due first; at most ``limit``."""
    unfinished = [kept for kept in DeliveryState if kept not in {DeliveryState.SENT, DeliveryState.SKIPPED}]
    query = (
        select(Delivery, Team.name)
        .outerjoin(Team, col(Team.id) == col(Delivery.team_id))
        .where(
            Delivery.workspace_id == ws,
            Delivery.kind != DeliveryKind.REMINDER,
            col(Delivery.state).in_(unfinished if state is None else [state]),
        )
        .order_by(col(Delivery.due_at), col(Delivery.id))
        .limit(limit)
    )
    async with deps.database.read() as session:
        found = (await session.exec(query)).all()
    return [_row(delivery, team, now) for delivery, team in found]


def _row(delivery: Delivery, team: str | None, now: datetime) -> Row:
    late = (now - delivery.due_at).total_seconds() if delivery.state is DeliveryState.PLANNED else -1.0
    return Row(
        delivery=delivery.id,
        kind=delivery.kind.value,
        state=delivery.state.value,
        team=team,
        due_at=delivery.due_at,
        attempts=delivery.attempts,
        late_seconds=late if late >= 0 else None,
        reason=_shown(delivery.reason),
    )


def _shown(reason: str | None) -> str | None:
    """What may be read of a stored reason: Slack's error strings as they are, ours by name or as *personal*."""
    return Reason(reason).shown if reason in set(Reason) else reason


async def counts(deps: Deps, ws: int) -> dict[tuple[str, str, str | None], int]:
    """How many of each (kind, state, reason); reminders of closed rounds only."""
    open_rounds = select(Round.id).where(Round.state == RoundState.OPEN)
    query = (
        select(Delivery.kind, Delivery.state, Delivery.reason, func.count())
        .where(
            Delivery.workspace_id == ws,
            (col(Delivery.kind) != DeliveryKind.REMINDER) | col(Delivery.round_id).not_in(open_rounds),
        )
        .group_by(col(Delivery.kind), col(Delivery.state), col(Delivery.reason))
    )
    async with deps.database.read() as session:
        found = (await session.exec(query)).all()
    total: Counter[tuple[str, str, str | None]] = Counter()
    for kind, state, reason, number in found:
        total[str(kind), str(state), _shown(reason)] += number
    return dict(total)
