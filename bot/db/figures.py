"""Released figures as rows, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.figures import Figure, FigureKey, FigureKind, Shown, Withheld
from bot.core.instrument import Dimension
from bot.core.states import DebriefState
from bot.db.tables import Debrief, ReleasedFigure, Team


def row(workspace_id: int, figure: Figure) -> dict[str, Any]:
    """Columns of a figure's row; a withheld one has nulls."""
    key, cell = figure.key, figure.cell
    shown = cell if isinstance(cell, Shown) else None
    return {
        "workspace_id": workspace_id,
        "wave_id": key.wave,
        "focal_process_id": key.process,
        "kind": key.kind.value,
        "team_id": key.team,
        "rater_id": key.rater,
        "rated_id": key.rated,
        "dimension": key.dimension and key.dimension.value,
        "round_id": key.round,
        "companion": key.construct,
        "change_id": key.change,
        "value": shown and shown.value,
        "respondents_low": shown and shown.respondents[0],
        "respondents_high": shown and shown.respondents[1],
        "counts": shown and {dimension.value: count for dimension, count in shown.counts.items()},
    }


def figure(found: ReleasedFigure) -> Figure:
    key = FigureKey(
        kind=FigureKind(found.kind),
        process=found.focal_process_id,
        wave=found.wave_id,
        team=found.team_id,
        rater=found.rater_id,
        rated=found.rated_id,
        dimension=Dimension(found.dimension) if found.dimension else None,
        round=found.round_id,
        construct=found.companion,
        change=found.change_id,
    )
    if found.value is None or found.respondents_low is None:
        return Figure(key, Withheld())
    counts = {Dimension(name): count for name, count in (found.counts or {}).items()}
    return Figure(key, Shown(found.value, (found.respondents_low, found.respondents_high), counts))


async def of_waves(session: AsyncSession, waves: Iterable[int]) -> Sequence[Figure]:
    """Every figure of these waves, in the order of their release."""
    query = select(ReleasedFigure).where(col(ReleasedFigure.wave_id).in_(list(waves))).order_by(col(ReleasedFigure.id))
    return [figure(found) for found in (await session.exec(query)).all()]


async def of_team(session: AsyncSession, waves: Iterable[int], team_id: int) -> Sequence[Figure]:
    """The team's own figures of these waves and those pooled over its process; never another team's."""
    query = (
        select(ReleasedFigure)
        .where(
            col(ReleasedFigure.wave_id).in_(list(waves)),
            col(ReleasedFigure.team_id).is_(None) | (col(ReleasedFigure.team_id) == team_id),
        )
        .order_by(col(ReleasedFigure.id))
    )
    return [figure(found) for found in (await session.exec(query)).all()]


async def of_other_teams(session: AsyncSession, team: Team) -> Sequence[Figure]:
    """Communication and relationship of the workspace's other teams, from the last map that each has talked about."""
    latest = (
        select(col(Debrief.team_id).label("team"), func.max(Debrief.wave_id).label("wave"))
        .where(
            Debrief.workspace_id == team.workspace_id, Debrief.state == DebriefState.TEAM, Debrief.team_id != team.id
        )
        .group_by(col(Debrief.team_id))
        .subquery()
    )
    query = (
        select(ReleasedFigure)
        .join(latest, (col(ReleasedFigure.team_id) == latest.c.team) & (col(ReleasedFigure.wave_id) == latest.c.wave))
        .where(col(ReleasedFigure.kind).in_([FigureKind.COMMUNICATION.value, FigureKind.RELATIONSHIP.value]))
    )
    return [figure(found) for found in (await session.exec(query)).all()]
