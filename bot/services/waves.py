"""Waves: consecutive rounds of a focal process whose figures come out together, and the key that lives as long.

Release, step by step, each safe to repeat:

1. the wave has ended and none of its rounds is open;
2. its sealed answers are opened with the wave's key and pass the gate (no transaction is open meanwhile);
3. one transaction claims the wave, stores the figures, opens the debriefs and deletes answers and asked items;
4. the key is destroyed, and SQLite's log is folded. A crash before this is made good by ``sweep_keys``.

A wave whose key is gone (a backup was restored without its vault) is closed as lost: its answers are deleted unread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

import numpy as np
from sqlalchemy import delete, func, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.cadence import rule_from
from bot.core.disclosure import Answers, TeamRules, WaveRules, release
from bot.core.figures import Figure
from bot.core.instrument import Target
from bot.core.rounds import Paced, wave_end
from bot.core.states import RoundState, WaveState, WorkgroupKind
from bot.db import changes as change_queries
from bot.db import figures as figure_rows
from bot.db import people as queries
from bot.db.tables import (
    Answer,
    Ask,
    AskedItems,
    FocalProcess,
    ReleasedFigure,
    Round,
    SealedRound,
    Team,
    Wave,
)
from bot.services import debriefs, instruments, panels, schedules
from bot.services.deps import Deps
from bot.services.sealing import NO_TIE, SealedAnswers, open_round, respondent
from bot.services.vault import WaveKey


async def for_round(
    deps: Deps, session: AsyncSession, team: Team, on: date, closes_at: datetime, now: datetime
) -> Wave:
    """The open wave that a round closing at ``closes_at`` belongs to; a new one, with a new key, where none fits."""
    await session.exec(select(FocalProcess).where(FocalProcess.id == team.focal_process_id).with_for_update())
    query = (
        select(Wave)
        .where(
            Wave.focal_process_id == team.focal_process_id, Wave.state == WaveState.OPEN, col(Wave.ends_at) >= closes_at
        )
        .order_by(col(Wave.number))
    )
    found = (await session.exec(query)).first()
    if found is not None and deps.vault.key(found.key_id) is not None:
        return found
    process = await session.get_one(FocalProcess, team.focal_process_id)
    last = (await session.exec(select(func.max(Wave.number)).where(Wave.focal_process_id == process.id))).one()
    opened = Wave(
        workspace_id=team.workspace_id,
        focal_process_id=process.id,
        number=(last or 0) + 1,
        key_id=deps.vault.create(),
        opened_at=now,
        ends_at=await _end(session, process, on, closes_at, now),
    )
    session.add(opened)
    await session.flush()
    return opened


async def _end(session: AsyncSession, process: FocalProcess, on: date, closes_at: datetime, now: datetime) -> datetime:
    paced = []
    for schedule, team in await schedules.active(session, process.id):
        members = await queries.members(session, team.id, now)
        paced.append(Paced(rule_from(schedule.rule), frozenset(p.timezone or team.timezone for p, _ in members)))
    return wave_end(paced, on, process.rounds_per_wave, closes_at)


def key_of(deps: Deps, wave: Wave) -> WaveKey:
    """The wave's key. Raises LookupError when it is gone; who may meet a lost wave asks the vault itself."""
    key = deps.vault.key(wave.key_id)
    if key is None:
        raise LookupError(f"wave {wave.id} has no key")
    return key


async def release_due(deps: Deps, now: datetime) -> None:
    """Release every wave that has ended."""
    async with deps.database.read() as session:
        still_open = select(Round.wave_id).where(Round.state == RoundState.OPEN, col(Round.wave_id).is_not(None))
        query = select(Wave).where(
            Wave.state == WaveState.OPEN, col(Wave.ends_at) <= now, col(Wave.id).not_in(still_open)
        )
        ended = (await session.exec(query)).all()
    for wave in ended:
        await _release(deps, wave, now)
    if ended:
        await sweep_keys(deps)


async def _release(deps: Deps, wave: Wave, now: datetime) -> None:
    key = deps.vault.key(wave.key_id)
    figures = await _figures(deps, wave, key) if key else ()
    async with deps.database.write() as session:
        state = WaveState.RELEASED if key else WaveState.LOST
        claimed = await session.exec(
            update(Wave)
            .where(col(Wave.id) == wave.id, col(Wave.state) == WaveState.OPEN)
            .values(state=state, released_at=now)
        )
        if claimed.rowcount == 0:
            return
        if figures:
            rows = [figure_rows.row(wave.workspace_id, figure) for figure in figures]
            await session.exec(insert(ReleasedFigure), params=rows)
        for table in (Answer, AskedItems, SealedRound):
            await session.exec(delete(table).where(col(table.wave_id) == wave.id))
        if key:
            await debriefs.open_for_wave(session, wave, figures, now)
    deps.reached("wave.released")


async def sweep_keys(deps: Deps) -> None:
    """Destroy the keys of waves that are over, and fold SQLite's log so that deleted bytes are gone."""
    async with deps.database.read() as session:
        over = (await session.exec(select(Wave.key_id).where(Wave.state != WaveState.OPEN))).all()
    for name in deps.vault.names().intersection(over):
        deps.vault.destroy(name)
    await deps.database.checkpoint()


async def next_release_at(session: AsyncSession) -> datetime | None:
    return (await session.exec(select(func.min(Wave.ends_at)).where(Wave.state == WaveState.OPEN))).one()


async def _figures(deps: Deps, wave: Wave, key: WaveKey) -> tuple[Figure, ...]:
    async with deps.database.read() as session:
        rounds = (await session.exec(select(Round).where(Round.wave_id == wave.id).order_by(col(Round.opens_at)))).all()
        sealed = (await session.exec(select(SealedRound).where(SealedRound.wave_id == wave.id))).all()
        rules = await _rules(deps, session, wave, rounds)
    team_of = {one.id: one.team_id for one in rounds}
    opened = [(row.round_id, open_round(key, row.round_id, row.sealed)) for row in sealed]
    answers = _answers([(round_id, team_of[round_id], content) for round_id, content in opened])
    async with deps.database.read() as session:
        answers, rules = await panels.guard(session, wave, answers, rules, partial(respondent, key))
    # The gate is plain arithmetic that can take a while for a large process: clicks go on meanwhile.
    figures = await asyncio.to_thread(release, answers, rules)
    # A round is one team's: the gate, which knows rounds by the wave, also names it for the others.
    return tuple(one for one in figures if one.key.round is None or team_of[one.key.round] == one.key.team)


def _answers(rounds: Sequence[tuple[int, int, SealedAnswers]]) -> Answers:
    """Columns over all rounds of the wave. *I don't work with them* is no answer about anybody and stays behind."""
    constructs = tuple(sorted({name for _, _, content in rounds for name in content.constructs}))
    columns: dict[str, list[np.ndarray[tuple[int], np.dtype[np.int64]]]] = {}
    for round_id, team_id, content in rounds:
        records = content.records[content.records["score"] != NO_TIE]
        position = np.array([constructs.index(name) for name in content.constructs] + [-1])
        one = {name: records[name].astype(np.int64) for name in records.dtype.names or ()}
        one["construct"] = position[one["construct"]]
        one["team"] = np.full(len(records), team_id)
        one["round"] = np.full(len(records), round_id)
        for name, column in one.items():
            columns.setdefault(name, []).append(column)
    empty = np.zeros(0, dtype=np.int64)
    names = ("respondent", "team", "round", "rater", "rated", "dimension", "construct", "change", "score")
    return Answers(
        **{name: np.concatenate(columns[name]) if columns else empty for name in names}, constructs=constructs
    )


async def _rules(deps: Deps, session: AsyncSession, wave: Wave, rounds: Sequence[Round]) -> WaveRules:
    groups = await queries.workgroups(session, wave.focal_process_id)
    nodes = tuple(group.id for group in groups if group.kind is not WorkgroupKind.STAFF)
    asked = select(Round.team_id, Ask.workgroup_id).join(Ask).where(Round.wave_id == wave.id).distinct()
    raters: dict[int, set[int]] = {}
    for team_id, workgroup_id in (await session.exec(asked)).all():
        raters.setdefault(team_id, set()).add(workgroup_id)
    instrument = deps.content.instrument(instruments.DEFAULT)
    of_team = [(item.construct, None) for item in instrument.items if item.target is Target.TEAM and item.construct]
    constructs = [item.construct for item in instrument.items if item.target is Target.CHANGE and item.construct]
    companions: dict[int, tuple[tuple[str, int | None], ...]] = {}
    for team_id in raters:
        running = await change_queries.under_way(session, team_id, wave.opened_at, wave.ends_at)
        companions[team_id] = (*of_team, *((construct, change) for change in running for construct in constructs))
    teams = {
        team_id: TeamRules(
            # Raise-only, and what was printed in the asks: the largest k of the wave's rounds holds for all of it.
            min_respondents=max(one.min_respondents for one in rounds if one.team_id == team_id),
            raters=tuple(sorted(members)),
            rated=tuple(sorted({*members, *nodes})),
            companions=companions[team_id],
        )
        for team_id, members in sorted(raters.items())
    }
    return WaveRules(
        process=wave.focal_process_id,
        wave=wave.id,
        rounds=tuple(one.id for one in rounds),
        teams=teams,
        headcount=await queries.headcounts(session, wave.focal_process_id, wave.ends_at),
        clients=frozenset(group.id for group in groups if group.kind is WorkgroupKind.CLIENT),
    )
