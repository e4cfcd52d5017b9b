"""Import a survey that a team has already had, as a wave: the team's k and the gate apply, no answer stays.

The people in the file are not the people of the roster, so two such surveys of one team could not be checked against
each other for joiners (``core.disclosure``, guarantee two). Therefore a team has one baseline.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import func, insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.disclosure import Answers, AskedInFull, TeamRules, WaveRules, release
from bot.core.errors import BadFile
from bot.core.figures import Shown
from bot.core.instrument import DIMENSIONS
from bot.core.states import WaveState, WorkgroupKind
from bot.db import figures as figure_rows
from bot.db import people as queries
from bot.db.tables import AuditEvent, Debrief, ReleasedFigure, Team, Wave, Workgroup
from bot.services import audit, debriefs, instruments
from bot.services.answer_file import AnswerRow, read_answers
from bot.services.deps import Deps

ACTION = "baseline.imported"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came out: figures considered, and those that may be shown."""

    teams: int
    considered: int
    shown: int


@dataclass(frozen=True, slots=True)
class _Place:
    teams: Mapping[str, Team]
    groups: Mapping[str, Workgroup]


async def import_baseline(deps: Deps, ws: int, file: Path) -> Imported:
    """Release a survey file through the gate. Raises BadFile with line and column; then nothing is imported."""
    rows = read_answers(file, deps.content.instrument(instruments.DEFAULT))
    now = deps.clock.now()
    async with deps.database.write() as session:
        place = await _place(session, ws, rows)
        process = next(iter(place.teams.values())).focal_process_id
        number = (await session.exec(select(func.max(Wave.number)).where(Wave.focal_process_id == process))).one()
        wave = Wave(
            workspace_id=ws,
            focal_process_id=process,
            number=(number or 0) + 1,
            key_id=f"baseline-{secrets.token_hex(8)}",
            state=WaveState.RELEASED,
            opened_at=now,
            ends_at=now,
            released_at=now,
        )
        session.add(wave)
        await session.flush()
        figures = release(_answers(rows, place), await _rules(session, wave, rows, place))
        found = [figure_rows.row(ws, figure) for figure in figures]
        await session.exec(insert(ReleasedFigure), params=found)
        await debriefs.open_for_wave(session, wave, figures, now)
        for team in place.teams.values():
            audit.note(session, ws, now, ACTION, subject=f"team:{team.id}", wave=wave.id)
    shown = sum(isinstance(figure.cell, Shown) for figure in figures)
    return Imported(len(place.teams), len(figures), shown)


async def _place(session: AsyncSession, ws: int, rows: Sequence[AnswerRow]) -> _Place:
    """The teams and workgroups that the file names, as the roster knows them."""
    teams: dict[str, Team] = {}
    groups: dict[str, Workgroup] = {}
    for row in rows:
        if row.team not in teams:
            teams[row.team] = await _team(session, ws, row)
            process = teams[row.team].focal_process_id
            if process != next(iter(teams.values())).focal_process_id:
                raise BadFile("import the teams of one focal process at a time", line=row.line, column="team")
            groups |= {group.name: group for group in await queries.workgroups(session, process)}
        for column in ("rater_group", "rated_group"):
            if getattr(row, column) not in groups:
                raise BadFile(
                    f"“{getattr(row, column)}” is no workgroup of {row.team}: write it as in the roster",
                    line=row.line,
                    column=column,
                )
        if row.score is not None and row.score != int(row.score):
            raise BadFile("a score is a whole number from 1 to 5", line=row.line, column="score")
    return _Place(teams, groups)


async def _team(session: AsyncSession, ws: int, row: AnswerRow) -> Team:
    team = await queries.team_named(session, ws, row.team)
    if team is None:
        raise BadFile(f"there is no team “{row.team}”: import its roster first", line=row.line, column="team")
    earlier = select(AuditEvent.id).where(AuditEvent.action == ACTION, AuditEvent.subject == f"team:{team.id}")
    waves = select(Debrief.id).where(Debrief.team_id == team.id)
    if (await session.exec(earlier)).first() is not None or (await session.exec(waves)).first() is not None:
        raise BadFile(
            f"{team.name} has released figures already: a baseline comes first, and once", line=row.line, column="team"
        )
    return team


def _answers(rows: Sequence[AnswerRow], place: _Place) -> Answers:
    given = [row for row in rows if row.score is not None]
    people = {name: number for number, name in enumerate(sorted({row.respondent for row in given}))}

    def column(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array(values, dtype=np.int64)

    none = column([-1] * len(given))
    return Answers(
        respondent=column([people[row.respondent] for row in given]),
        team=column([place.teams[row.team].id for row in given]),
        round=none,
        rater=column([place.groups[row.rater_group].id for row in given]),
        rated=column([place.groups[row.rated_group].id for row in given]),
        dimension=column([DIMENSIONS.index(row.dimension) for row in given]),
        construct=none,
        change=none,
        score=column([int(row.score or 0) for row in given]),
    )


async def _rules(session: AsyncSession, wave: Wave, rows: Sequence[AnswerRow], place: _Place) -> WaveRules:
    teams = {}
    for name, team in place.teams.items():
        mine = [row for row in rows if row.team == name]
        teams[team.id] = TeamRules(
            min_respondents=team.min_respondents,
            raters=tuple(sorted({place.groups[row.rater_group].id for row in mine})),
            rated=tuple(sorted({place.groups[row.rated_group].id for row in mine})),
            in_full=AskedInFull.WAVE,
        )
    return WaveRules(
        process=wave.focal_process_id,
        wave=wave.id,
        rounds=(),
        teams=teams,
        headcount=await queries.headcounts(session, wave.focal_process_id, wave.ends_at),
        clients=frozenset(group.id for group in place.groups.values() if group.kind is WorkgroupKind.CLIENT),
    )
