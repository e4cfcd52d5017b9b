"""A tap: stored, then acknowledged. Many taps that arrive together share one commit.

``Recorder`` is the process's one queue. It takes whatever arrived during the last commit; one SELECT fetches the asks,
a pure verdict is made for each click (owner, window, scale), duplicates are folded, one upsert writes them,
one commit makes them durable. One bad click never fails its neighbours. By Slack's time of the tap the newest wins,
whatever the order of arrival.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.errors import BadInput, NotYours, RcPulseError, Stale
from bot.core.messages import Pulse
from bot.core.states import AskState, RoundState
from bot.db.tables import Answer, Ask, Person, Round
from bot.services import pulses
from bot.services.deps import Deps
from bot.services.pulses import Standing, standings
from bot.services.sealing import seal_answer
from bot.services.vault import WaveKey

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Click:
    """A tap on an option. ``option`` counts from 1; None says *I don't work with them*. ``position`` from 0."""

    ws: int
    user: str
    ask: int
    position: int
    option: int | None
    action_ts: str


class Recorder:
    """Group commit for clicks. ``record`` returns when the answer is on disk."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._waiting: list[tuple[Click, asyncio.Future[Pulse]]] = []
        self._busy: asyncio.Task[None] | None = None

    async def record(self, click: Click) -> Pulse:
        """Store one click. Returns the pulse as it stands afterwards; for a closed round it says so, nothing is stored.

        Raises NotYours, Stale (the ask or the option does not exist) and BadInput.
        """
        future: asyncio.Future[Pulse] = asyncio.get_running_loop().create_future()
        self._waiting.append((click, future))
        if self._busy is None:
            self._busy = asyncio.create_task(self._work())
        return await future

    async def drain(self) -> None:
        """Return when everything that arrived is on disk."""
        while self._busy is not None:
            await asyncio.wait([self._busy])

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                await self._commit(batch)
        finally:
            self._busy = None

    async def _commit(self, batch: Sequence[tuple[Click, asyncio.Future[Pulse]]]) -> None:
        try:
            outcomes = await record_many(self._deps, [click for click, _ in batch], self._deps.clock.now())
        except Exception as problem:  # noqa: BLE001 - whoever waits must learn of it, whatever it was
            for _, future in batch:
                if not future.done():
                    future.set_exception(problem)
            return
        self._deps.reached("answers.stored")
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, RcPulseError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)


async def record_many(deps: Deps, clicks: Sequence[Click], now: datetime) -> list[Pulse | RcPulseError]:
    """Store a batch of clicks in one commit; an outcome for each, in their order."""
    async with deps.database.write() as session:
        asks = await standings(session, {click.ask for click in clicks}, hold=True)
        verdicts = [_verdict(deps, asks, click, now) for click in clicks]
        newest: dict[tuple[int, int], dict[str, Any]] = {}
        for click, verdict in zip(clicks, verdicts, strict=True):
            if isinstance(verdict, WaveKey):
                row = _row(verdict, asks[click.ask], click)
                held = newest.get((click.ask, click.position))
                if held is None or row["action_ts"] > held["action_ts"]:
                    newest[click.ask, click.position] = row
        if newest:
            await _upsert(deps, session, list(newest.values()))
        answered = await pulses.answered(session, list(asks))
        await _finish(session, asks, answered, {ask for ask, _ in newest})
    return [
        verdict
        if isinstance(verdict, RcPulseError)
        else pulses.view(deps, asks[click.ask], answered.get(click.ask, frozenset()), after=click.position)
        for click, verdict in zip(clicks, verdicts, strict=True)
    ]


def _verdict(deps: Deps, asks: Mapping[int, Standing], click: Click, now: datetime) -> RcPulseError | WaveKey | None:
    """The key to store the click under, None where its round is over, or what is wrong with the click."""
    found = asks.get(click.ask)
    if found is None or found.ask.workspace_id != click.ws:
        return Stale()
    if found.person.slack_user_id != click.user:
        return NotYours()
    if found.over(now):
        return None
    key = deps.vault.key(found.wave.key_id)
    if key is None:
        return None
    questions = pulses.questions(deps, found, key)
    if click.position not in range(len(questions)):
        return Stale()
    question = questions[click.position]
    if click.option is None:
        return key if question.workgroup is not None else BadInput("", field="option")
    return key if 1 <= click.option <= len(question.options) else BadInput("", field="option")


def _row(key: WaveKey, found: Standing, click: Click) -> dict[str, Any]:
    return {
        "workspace_id": found.ask.workspace_id,
        "ask_id": click.ask,
        "position": click.position,
        "wave_id": found.wave.id,
        "sealed": seal_answer(key, click.ask, click.position, click.option),
        "action_ts": click.action_ts,
    }


async def _upsert(deps: Deps, session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    # The rows are parameters of one statement, so that it is compiled once and not for every size of a batch.
    dialect = sqlite if deps.database.sqlite else postgresql
    statement = dialect.insert(Answer)
    newer = statement.excluded.action_ts > col(Answer.action_ts)
    await session.exec(
        statement.on_conflict_do_update(
            index_elements=["ask_id", "position"],
            set_={"sealed": statement.excluded.sealed, "action_ts": statement.excluded.action_ts},
            where=newer,
        ),
        params=rows,
    )


async def _finish(
    session: AsyncSession, asks: Mapping[int, Standing], answered: Mapping[int, frozenset[int]], touched: set[int]
) -> None:
    """An ask with an answer to each of its questions is finished; it stays open to a change of mind."""
    done = [ask for ask in touched if len(answered.get(ask, ())) >= asks[ask].items_count]
    if done:
        await session.exec(
            update(Ask).where(col(Ask.id).in_(done), col(Ask.state) == AskState.OPEN).values(state=AskState.FINISHED)
        )
        for ask in done:
            asks[ask].ask.state = AskState.FINISHED


async def show(deps: Deps, ws: int, user: str, ask: int, position: int | None = None) -> Pulse:
    """The pulse at ``position``, or where the person stands. Raises NotYours, Stale."""
    async with deps.database.read() as session:
        found = (await standings(session, {ask})).get(ask)
        if found is None or found.ask.workspace_id != ws:
            raise Stale
        if found.person.slack_user_id != user:
            raise NotYours
        answered = await pulses.answered(session, [ask])
        return pulses.view(deps, found, answered.get(ask, frozenset()), at=position, now=deps.clock.now())


async def open_pulses(deps: Deps, ws: int, user: str) -> list[Pulse]:
    """Every pulse that this person can still answer or change, the one that closes first on top."""
    async with deps.database.read() as session:
        query = (
            select(Ask.id)
            .join(Person)
            .join(Round, col(Round.id) == col(Ask.round_id))
            .where(
                Person.workspace_id == ws,
                Person.slack_user_id == user,
                col(Ask.state).in_([AskState.OPEN, AskState.FINISHED]),
                Round.state == RoundState.OPEN,
            )
            .order_by(col(Round.closes_at))
        )
        ids = (await session.exec(query)).all()
        found = await standings(session, set(ids))
        answered = await pulses.answered(session, list(ids))
    now = deps.clock.now()
    return [pulses.view(deps, found[ask], answered.get(ask, frozenset()), now=now) for ask in ids]
