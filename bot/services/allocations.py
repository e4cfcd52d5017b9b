"""Who is asked what: reads the wave's memory under its key, lets ``core.allocation`` choose, seals the choice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.allocation import Companion, Past, Question, Rater, allocate
from bot.core.changes import items_of_stage
from bot.core.disclosure.answers import SMALL_ROLE
from bot.core.instrument import Instrument, Target
from bot.core.states import AskState, ChangeState, WorkgroupKind
from bot.db import changes as change_queries
from bot.db import people as queries
from bot.db.tables import Ask, AskedItems, Membership, Person, Round, SealedRound, Team, Wave
from bot.services import changes, instruments
from bot.services.deps import Deps
from bot.services.sealing import NO_TIE, open_items, open_round, respondent, seal_items
from bot.services.vault import WaveKey


class Headcounts:
    """People per workgroup of a focal process, counted once for all its teams whose rounds open together."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, datetime], Mapping[int, int]] = {}

    async def of(self, session: AsyncSession, process_id: int, at: datetime) -> Mapping[int, int]:
        if (process_id, at) not in self._known:
            self._known[process_id, at] = await queries.headcounts(session, process_id, at)
        return self._known[process_id, at]


async def allocate_round(
    deps: Deps,
    session: AsyncSession,
    key: WaveKey,
    wave: Wave,
    opened: Round,
    team: Team,
    asked: Sequence[tuple[Person, Membership]],
    *,
    present: Collection[int],
    heads: Headcounts,
    items: int,
    one_workgroup: bool,
) -> Mapping[int, tuple[Question, ...]]:
    """Questions by person id. ``present``: the workgroups with members in the team, asked or not.

    The seed is the wave key's own, so it can be drawn again only while the key lives.
    """
    instrument = deps.content.instrument(instruments.DEFAULT)
    counts = await heads.of(session, team.focal_process_id, opened.opens_at)
    rated = await _rated(session, team, present, counts)
    skips = await _skips(session, key, wave, [person.id for person, _ in asked])
    return allocate(
        [Rater(person.id, member.workgroup_id, skips.get(person.id, frozenset())) for person, member in asked],
        rated,
        instrument.tie_items,
        items=items,
        min_respondents=opened.min_respondents,
        seed=key.derive(f"allocation:{team.id}"),
        round_number=await _rounds_so_far(session, team, opened),
        history=await _history(session, key, wave, team),
        companions=await _companions(deps, session, team, instrument),
        one_workgroup=one_workgroup,
    )


def sealed_row(key: WaveKey, ws: int, wave_id: int, ask_id: int, questions: Sequence[Question]) -> dict[str, Any]:
    """Columns of ``asked_items`` for one ask."""
    return {
        "workspace_id": ws,
        "wave_id": wave_id,
        "ask_id": ask_id,
        "sealed": seal_items(key, ask_id, questions),
    }


async def _rated(session: AsyncSession, team: Team, present: Collection[int], heads: Mapping[int, int]) -> list[int]:
    """Workgroups that this team is asked about: those with members in it, and the clients, leaders and partners.

    A role that is too small to get a figure is not asked about either: nobody's time is taken for nothing.
    """
    return [
        group.id
        for group in await queries.workgroups(session, team.focal_process_id)
        if (group.id in present or group.kind is not WorkgroupKind.STAFF)
        and (group.kind is WorkgroupKind.CLIENT or heads.get(group.id, 0) >= SMALL_ROLE)
    ]


async def _companions(deps: Deps, session: AsyncSession, team: Team, instrument: Instrument) -> list[Companion]:
    """The team's own companion items for everybody, and those of each change's stage for whom the change touches."""
    running = [Companion(item) for item in instrument.items if item.target is Target.TEAM]
    for row in await change_queries.of_team(session, team.id):
        if row.state is ChangeState.ACTIVE:
            change = await changes.as_core(deps, session, row)
            items = [instrument.by_id[name] for name in items_of_stage(change)]
            running += [Companion(item, change.id, change.workgroups) for item in items if item.target is Target.CHANGE]
    return running


async def _history(session: AsyncSession, key: WaveKey, wave: Wave, team: Team) -> dict[int, list[Past]]:
    """What each person was asked earlier in this wave; a finished ask's questions count as answered."""
    query = (
        select(Ask, AskedItems.sealed)
        .join(AskedItems, col(AskedItems.ask_id) == col(Ask.id))
        .join(Round, col(Round.id) == col(Ask.round_id))
        .where(AskedItems.wave_id == wave.id, Round.team_id == team.id)
        .order_by(col(Ask.id))
    )
    found: dict[int, list[Past]] = {}
    for ask, sealed in (await session.exec(query)).all():
        answered = ask.state is AskState.FINISHED
        found.setdefault(ask.person_id, []).extend(
            Past(question, answered) for question in open_items(key, ask.id, sealed)
        )
    return found


async def _skips(session: AsyncSession, key: WaveKey, wave: Wave, people: Sequence[int]) -> dict[int, frozenset[int]]:
    """Workgroups that a person said, in this wave, they do not work with."""
    number = {respondent(key, person): person for person in people}
    found: dict[int, set[int]] = {}
    theirs = select(Ask.round_id).where(col(Ask.person_id).in_(people))
    query = select(SealedRound).where(SealedRound.wave_id == wave.id, col(SealedRound.round_id).in_(theirs))
    for row in (await session.exec(query)).all():
        records = open_round(key, row.round_id, row.sealed).records
        for record in records[records["score"] == NO_TIE]:
            person = number.get(int(record["respondent"]))
            if person is not None:
                found.setdefault(person, set()).add(int(record["rated"]))
    return {person: frozenset(groups) for person, groups in found.items()}


async def _rounds_so_far(session: AsyncSession, team: Team, opened: Round) -> int:
    earlier = select(Round.id).where(Round.team_id == team.id, col(Round.period) < opened.period)
    return len((await session.exec(earlier)).all())
