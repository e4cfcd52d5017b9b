"""Rounds close: answers are sealed, exactly once, and nothing that was acknowledged is lost.

In one transaction a handful of rounds: their rows are locked and read again, so that whoever comes second finds
nothing to do; the open answers are read, turned into shuffled records without ask or time, stored under the wave's key,
and deleted; whoever had not finished is marked; messages that still show buttons get a repair in the outbox.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import delete, func, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.allocation import Question
from bot.core.instrument import DIMENSIONS, Instrument, Item
from bot.core.states import AskState, DeliveryKind, DeliveryState, RoundState
from bot.db.tables import Answer, Ask, AskedItems, Delivery, Round, SealedRound, Wave
from bot.services import instruments
from bot.services.deps import Deps
from bot.services.sealing import NO_TIE, RECORD, open_answer, open_items, respondent, seal_round
from bot.services.vault import WaveKey

AT_ONCE = 20
"""Rounds in one transaction: a commit costs as much as sealing a few teams, and taps wait while it runs."""
NOBODY = -1
"""In place of a workgroup, a change, a dimension or a companion that an answer does not have."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose ask it is and what it asked, in the clear for the moment of sealing."""

    ask: int
    respondent: int
    workgroup: int
    questions: tuple[Question, ...]


async def close_due(deps: Deps, now: datetime) -> None:
    """Seal every round whose time is over."""
    async with deps.database.read() as session:
        query = select(Round.id).where(Round.state == RoundState.OPEN, col(Round.closes_at) <= now)
        over = (await session.exec(query.order_by(col(Round.id)))).all()
    for start in range(0, len(over), AT_ONCE):
        await _seal(deps, over[start : start + AT_ONCE], now)
        deps.reached("round.sealed")


async def next_closing_at(session: AsyncSession) -> datetime | None:
    return (await session.exec(select(func.min(Round.closes_at)).where(Round.state == RoundState.OPEN))).one()


async def _seal(deps: Deps, rounds: Collection[int], now: datetime) -> None:
    async with deps.database.write() as session:
        mine = select(Round).where(col(Round.id).in_(rounds), Round.state == RoundState.OPEN)
        closed = (await session.exec(mine.order_by(col(Round.id)).with_for_update())).all()
        if not closed:
            return
        ids = [one.id for one in closed]
        await _seal_answers(deps, session, closed)
        await session.exec(
            delete(Answer).where(col(Answer.ask_id).in_(select(Ask.id).where(col(Ask.round_id).in_(ids))))
        )
        finished = await _finished(session, ids)
        for one in closed:
            one.state, one.finished = RoundState.SEALED, finished.get(one.id, 0)
        await _lapse(session, ids, now)


async def _finished(session: AsyncSession, rounds: Collection[int]) -> dict[int, int]:
    """How many finished, by round; a round with nobody is left out."""
    query = (
        select(Ask.round_id, func.count())
        .where(col(Ask.round_id).in_(rounds), Ask.state == AskState.FINISHED)
        .group_by(col(Ask.round_id))
    )
    return dict((await session.exec(query)).all())


async def _seal_answers(deps: Deps, session: AsyncSession, closed: Sequence[Round]) -> None:
    """Store each round's answers as one sealed row; those of a wave whose key is gone stay unread."""
    waves = (await session.exec(select(Wave).where(col(Wave.id).in_({one.wave_id for one in closed})))).all()
    keys = {wave.id: key for wave in waves if (key := deps.vault.key(wave.key_id)) is not None}
    coding = _Coding(deps.content.instrument(instruments.DEFAULT))
    sealable = {one.id: keys[one.wave_id] for one in closed if one.wave_id in keys}
    asked = await _asked(session, sealable)
    rows: dict[int, list[tuple[int, ...]]] = {round_id: [] for round_id in sealable}
    query = (
        select(Ask.round_id, Answer.ask_id, Answer.position, Answer.sealed)
        .join(Answer, col(Answer.ask_id) == col(Ask.id))
        .where(col(Ask.round_id).in_(sealable))
    )
    for round_id, ask, position, sealed in (await session.exec(query)).all():
        option = open_answer(sealable[round_id], ask, position, sealed)
        rows[round_id].append(coding.record(asked[ask], position, option))
    for one in closed:
        if one.id in sealable:
            records = np.array(rows[one.id], dtype=RECORD)
            content = seal_round(sealable[one.id], one.id, coding.constructs, records)
            session.add(
                SealedRound(workspace_id=one.workspace_id, round_id=one.id, wave_id=one.wave_id or 0, sealed=content)
            )


async def _asked(session: AsyncSession, keys: Mapping[int, WaveKey]) -> dict[int, _Asked]:
    """By ask, for the asks of these rounds that have an answer."""
    query = (
        select(Ask, AskedItems.sealed)
        .join(AskedItems, col(AskedItems.ask_id) == col(Ask.id))
        .where(col(Ask.round_id).in_(keys), select(Answer).where(col(Answer.ask_id) == col(Ask.id)).exists())
    )
    found = {}
    for ask, items in (await session.exec(query)).all():
        key = keys[ask.round_id]
        number = respondent(key, ask.person_id)
        found[ask.id] = _Asked(ask.id, number, ask.workgroup_id, open_items(key, ask.id, items))
    return found


class _Coding:
    """How an answer becomes numbers: a row of ``sealing.RECORD``."""

    def __init__(self, instrument: Instrument) -> None:
        self.constructs = tuple(sorted({item.construct for item in instrument.items if item.construct}))
        self._items = {item.id: self._coded(item) for item in instrument.items}

    def _coded(self, item: Item) -> tuple[int, int, tuple[int, ...]]:
        """Dimension, construct and the score of each option."""
        dimension = DIMENSIONS.index(item.dimension) if item.dimension else NOBODY
        construct = self.constructs.index(item.construct) if item.construct else NOBODY
        return dimension, construct, tuple(option.score for option in item.options)

    def record(self, asked: _Asked, position: int, option: int | None) -> tuple[int, ...]:
        question = asked.questions[position]
        dimension, construct, scores = self._items[question.item]
        return (
            asked.respondent,
            asked.workgroup,
            NOBODY if question.rated is None else question.rated,
            dimension,
            construct,
            NOBODY if question.change is None else question.change,
            NO_TIE if option is None else scores[option - 1],
        )


async def _lapse(session: AsyncSession, rounds: Collection[int], now: datetime) -> None:
    """Mark who had not finished, and owe each message that still shows a question its last form."""
    open_asks = col(Ask.round_id).in_(rounds) & (col(Ask.state) == AskState.OPEN)
    showing = (
        select(Ask, Delivery.team_id)
        .join(Delivery, col(Delivery.ask_id) == col(Ask.id))
        .where(open_asks, Delivery.kind == DeliveryKind.PULSE, Delivery.state == DeliveryState.SENT)
    )
    rows = [
        {
            "workspace_id": ask.workspace_id,
            "dedupe_key": f"closing:{ask.id}",
            "kind": DeliveryKind.NOTICE,
            "person_id": ask.person_id,
            "ask_id": ask.id,
            "team_id": team_id,
            "round_id": ask.round_id,
            "due_at": now,
            "variant": "closed",
            "created_at": now,
        }
        for ask, team_id in (await session.exec(showing)).all()
    ]
    if rows:
        await session.exec(insert(Delivery), params=rows)
    await session.exec(update(Ask).where(open_asks).values(state=AskState.LAPSED))
