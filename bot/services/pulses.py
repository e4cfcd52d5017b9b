"""A pulse as one person meets it: the questions of their ask, and where they stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.messages import Pulse, PulseStage, Question, WhatCameOfIt
from bot.core.states import AskState, RoundState
from bot.db.tables import (
    Answer,
    Ask,
    AskedItems,
    FocalProcess,
    Person,
    ProcessChange,
    Round,
    Team,
    Wave,
    Workgroup,
)
from bot.services import instruments
from bot.services.deps import Deps
from bot.services.sealing import open_items
from bot.services.vault import WaveKey


@dataclass(slots=True)
class Standing:
    """Everything that a pulse is made of, read together."""

    ask: Ask
    person: Person
    round: Round
    wave: Wave
    team: Team
    process: str
    sealed_items: bytes | None
    workgroups: Mapping[int, str]
    changes: Mapping[int, str]
    came_of_it: WhatCameOfIt | None = None
    _questions: tuple[Question, ...] | None = field(default=None, repr=False)

    @property
    def items_count(self) -> int:
        return len(self._questions or ())

    def over(self, now: datetime) -> bool:
        """No answer is taken any more."""
        return (
            self.round.state is not RoundState.OPEN
            or now >= self.round.closes_at
            or self.ask.state in {AskState.WITHDRAWN, AskState.LAPSED}
        )


async def standings(session: AsyncSession, asks: Collection[int], *, hold: bool = False) -> dict[int, Standing]:
    """The asks with all that belongs to them; unknown ids are left out.

    ``hold``: their rounds cannot be closed before the caller's transaction ends, so that no answer slips in behind the
    sealing. (On SQLite a writer is alone anyway.)
    """
    query = (
        sqlalchemy.select(Ask, Person, Round, Wave, Team, FocalProcess, col(AskedItems.sealed))
        .join(Person, col(Person.id) == col(Ask.person_id))
        .join(Round, col(Round.id) == col(Ask.round_id))
        .join(Wave, col(Wave.id) == col(Round.wave_id))
        .join(Team, col(Team.id) == col(Round.team_id))
        .join(FocalProcess, col(FocalProcess.id) == col(Team.focal_process_id))
        .outerjoin(AskedItems, col(AskedItems.ask_id) == col(Ask.id))
        .where(col(Ask.id).in_(asks))
    )
    if hold:
        query = query.order_by(col(Round.id)).with_for_update(read=True, of=Round)  # in the sealing's order
    rows = (await session.exec(query)).all()  # type: ignore[call-overload]  # SQLModel types select for four at the most
    workgroups, changes = await _names(session, {process.id for *_, process, _ in rows})
    return {
        ask.id: Standing(ask, person, round_, wave, team, process.name, sealed, workgroups, changes)
        for ask, person, round_, wave, team, process, sealed in rows
    }


async def _names(session: AsyncSession, processes: Collection[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Names of the workgroups and titles of the changes, by id. One query: a tap waits for it."""
    groups = sqlalchemy.select(sqlalchemy.literal(0), col(Workgroup.id), col(Workgroup.name)).where(
        col(Workgroup.focal_process_id).in_(processes)
    )
    changes = sqlalchemy.select(sqlalchemy.literal(1), col(ProcessChange.id), col(ProcessChange.title)).where(
        col(ProcessChange.focal_process_id).in_(processes)
    )
    found: tuple[dict[int, str], dict[int, str]] = ({}, {})
    for which, key, name in (await session.exec(groups.union_all(changes))).all():  # type: ignore[call-overload]  # SQLModel's own select only
        found[which][key] = name
    return found


async def answered(session: AsyncSession, asks: Collection[int]) -> dict[int, frozenset[int]]:
    """Positions that have an answer, by ask. Which option was chosen is not read."""
    query = select(Answer.ask_id, Answer.position).where(col(Answer.ask_id).in_(list(asks)))
    found: dict[int, set[int]] = {}
    for ask, position in (await session.exec(query)).all():
        found.setdefault(ask, set()).add(position)
    return {ask: frozenset(positions) for ask, positions in found.items()}


def questions(deps: Deps, standing: Standing, key: WaveKey) -> tuple[Question, ...]:
    """The ask's questions in the person's language, names filled in."""
    if standing._questions is None:  # noqa: SLF001 - its own cache
        if standing.sealed_items is None:
            return ()
        instrument = deps.content.instrument(instruments.DEFAULT, standing.person.language)
        made = []
        for asked in open_items(key, standing.ask.id, standing.sealed_items):
            item = instrument.by_id[asked.item]
            group = None if asked.rated is None else _group(deps, standing, asked.rated)
            text = deps.content.fill(
                item.text,
                standing.person.language,
                workgroup=group or "",
                process=standing.process,
                team=standing.team.name,
                change=standing.changes.get(asked.change or 0, ""),
            )
            made.append(Question(item.id, text, tuple(option.label for option in item.options), group))
        standing._questions = tuple(made)  # noqa: SLF001 - as above
    return standing._questions  # noqa: SLF001 - as above


def _group(deps: Deps, standing: Standing, rated: int) -> str:
    name = standing.workgroups.get(rated, "?")
    if rated != standing.ask.workgroup_id:
        return name
    return deps.content.words("pulse.own_group", standing.person.language, workgroup=name)


def view(
    deps: Deps,
    standing: Standing,
    done: frozenset[int],
    *,
    at: int | None = None,
    after: int | None = None,
    now: datetime | None = None,
) -> Pulse:
    """Where the person stands: the question ``at``, else the first one left, from ``after`` on if there is one."""
    moment = now or deps.clock.now()
    asked = standing._questions  # noqa: SLF001 - opened once: the key is a file that need not be read again
    if asked is None:
        key = deps.vault.key(standing.wave.key_id)
        asked = questions(deps, standing, key) if key else ()
    left = [position for position in range(len(asked)) if position not in done]
    ahead = [position for position in left if after is not None and position > after]
    return Pulse(
        ask=standing.ask.id,
        team=standing.team.name,
        stage=_stage(standing, moment, left=bool(left), jumped=at is not None),
        questions=asked,
        position=at if at is not None and at in range(len(asked)) else (ahead or left or [0])[0],
        min_respondents=standing.round.min_respondents,
        closes_at=standing.round.closes_at.astimezone(ZoneInfo(standing.person.timezone or standing.team.timezone)),
        map_on=standing.wave.ends_at.astimezone(ZoneInfo(standing.team.timezone)).date(),
        came_of_it=standing.came_of_it,
    )


def _stage(standing: Standing, now: datetime, *, left: bool, jumped: bool) -> PulseStage:
    if standing.ask.state is AskState.WITHDRAWN:
        return PulseStage.WITHDRAWN
    if standing.over(now):
        return PulseStage.CLOSED
    return PulseStage.ASKING if left or jumped else PulseStage.FINISHED
