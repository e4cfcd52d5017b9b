"""Rounds close: answers are sealed, exactly once, and nothing that was acknowledged is lost.

In one transaction a round: the conditional update decides who seals; the open answers are read, turned into shuffled
records without ask or time, stored under the wave's key, and deleted; whoever had not finished is marked; messages that
still show buttons get a repair in the outbox.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.allocation import Question
from bot.core.instrument import DIMENSIONS, Instrument
from bot.core.states import AskState, DeliveryKind, DeliveryState, RoundState
from bot.db.tables import Answer, Ask, AskedItems, Delivery, Round, SealedRound, Wave
from bot.services import instruments
from bot.services.deps import Deps
from bot.services.sealing import NO_TIE, RECORD, open_answer, open_items, respondent, seal_round
from bot.services.vault import WaveKey

NOBODY = -1
"""In place of a workgroup, a change, a dimension or a companion that an answer does not have."""


@dataclass(frozen=True, slots=True)
class _Given:
    """One open answer in the clear, for the moment of sealing."""

    person: int
    workgroup: int
    question: Question
    option: int | None


async def close_due(deps: Deps, now: datetime) -> None:
    """Seal every round whose time is over."""
    async with deps.database.read() as session:
        query = select(Round.id).where(Round.state == RoundState.OPEN, col(Round.closes_at) <= now)
        over = (await session.exec(query)).all()
    for round_id in over:
        await _seal(deps, round_id, now)
        deps.reached("round.sealed")


async def next_closing_at(session: AsyncSession) -> datetime | None:
    return (await session.exec(select(func.min(Round.closes_at)).where(Round.state == RoundState.OPEN))).one()


async def _seal(deps: Deps, round_id: int, now: datetime) -> None:
    async with deps.database.write() as session:
        claimed = await session.exec(
            update(Round)
            .where(col(Round.id) == round_id, col(Round.state) == RoundState.OPEN)
            .values(state=RoundState.SEALED)
        )
        if claimed.rowcount == 0:
            return
        sealed = await session.get_one(Round, round_id)
        wave = await session.get_one(Wave, sealed.wave_id)
        key = deps.vault.key(wave.key_id)
        if key is not None:
            given = await _given(session, key, round_id)
            constructs, records = _records(key, deps.content.instrument(instruments.DEFAULT), given)
            session.add(
                SealedRound(
                    workspace_id=sealed.workspace_id,
                    round_id=round_id,
                    wave_id=wave.id,
                    sealed=seal_round(key, round_id, constructs, records),
                )
            )
        asks = select(Ask.id).where(Ask.round_id == round_id)
        await session.exec(delete(Answer).where(col(Answer.ask_id).in_(asks)))
        finished = select(func.count()).where(Ask.round_id == round_id, Ask.state == AskState.FINISHED)
        sealed.finished = (await session.exec(finished)).one()
        await _lapse(session, sealed, now)


async def _given(session: AsyncSession, key: WaveKey, round_id: int) -> list[_Given]:
    query = (
        select(Ask, AskedItems.sealed, Answer.position, Answer.sealed)
        .join(AskedItems, col(AskedItems.ask_id) == col(Ask.id))
        .join(Answer, col(Answer.ask_id) == col(Ask.id))
        .where(Ask.round_id == round_id)
    )
    opened: dict[int, tuple[Question, ...]] = {}
    given = []
    for ask, items, position, answer in (await session.exec(query)).all():
        questions = opened.setdefault(ask.id, ()) or open_items(key, ask.id, items)
        opened[ask.id] = questions
        option = open_answer(key, ask.id, position, answer)
        given.append(_Given(ask.person_id, ask.workgroup_id, questions[position], option))
    return given


def _records(key: WaveKey, instrument: Instrument, given: Sequence[_Given]) -> tuple[tuple[str, ...], NDArray[np.void]]:
    constructs = tuple(sorted({item.construct for item in instrument.items if item.construct}))
    records = np.zeros(len(given), dtype=RECORD)
    for row, one in zip(records, given, strict=True):
        item = instrument.by_id[one.question.item]
        row["respondent"] = respondent(key, one.person)
        row["rater"] = one.workgroup
        row["rated"] = NOBODY if one.question.rated is None else one.question.rated
        row["dimension"] = DIMENSIONS.index(item.dimension) if item.dimension else NOBODY
        row["construct"] = constructs.index(item.construct) if item.construct else NOBODY
        row["change"] = NOBODY if one.question.change is None else one.question.change
        row["score"] = NO_TIE if one.option is None else item.score_of(one.option)
    return constructs, records


async def _lapse(session: AsyncSession, closed: Round, now: datetime) -> None:
    """Mark who had not finished, and owe each message that still shows a question its last form."""
    showing = (
        select(Ask.id, Ask.person_id)
        .join(Delivery, col(Delivery.ask_id) == col(Ask.id))
        .where(
            Ask.round_id == closed.id,
            Ask.state == AskState.OPEN,
            Delivery.kind == DeliveryKind.PULSE,
            Delivery.state == DeliveryState.SENT,
        )
    )
    rows = [
        {
            "id": uuid.uuid4().hex,
            "workspace_id": closed.workspace_id,
            "dedupe_key": f"closing:{ask_id}",
            "kind": DeliveryKind.NOTICE,
            "person_id": person_id,
            "ask_id": ask_id,
            "team_id": closed.team_id,
            "round_id": closed.id,
            "due_at": now,
            "variant": "closed",
            "created_at": now,
        }
        for ask_id, person_id in (await session.exec(showing)).all()
    ]
    if rows:
        await session.exec(insert(Delivery), params=rows)
    await session.exec(
        update(Ask).where(col(Ask.round_id) == closed.id, col(Ask.state) == AskState.OPEN).values(state=AskState.LAPSED)
    )
