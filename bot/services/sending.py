"""One workspace's calls to Slack for the outbox: send, look up what was lost, and record what became of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.core import deliveries as core
from bot.core.deliveries import Absent, Accepted, Lost, Outcome, Refusal, SlowedDown, Trouble, Verdict
from bot.core.states import DeliveryKind, DeliveryState
from bot.db import deliveries as queries
from bot.db.tables import Delivery
from bot.services import metrics
from bot.services.deliverable import Job
from bot.services.deps import Deps
from bot.services.lanes import HISTORY, OPEN, POST, UPDATE, Lanes
from bot.services.ports import Disconnected, Messenger, Refused, Sent, SlackProblem, SlowDown, Unconfirmed

log = logging.getLogger(__name__)

_MOST_LOOKUPS = 5
_Reply = TypeVar("_Reply")


class _Unsent(Exception):
    """Nothing was sent, through nobody's fault: the row goes back as it was."""


@dataclass(frozen=True, slots=True)
class Sender:
    """`stop_at`: by the monotonic clock, the end of our lease on the workspace; no request may outlast it."""

    deps: Deps
    workspace_id: int
    messenger: Messenger
    lanes: Lanes
    send_timeout_seconds: float
    confirm_after: timedelta
    stop_at: float
    probing: bool
    """The workspace is paused: this is the try that tells whether it is back."""

    @property
    def has_time(self) -> bool:
        """Whether a request made now is over before our lease is."""
        return time.monotonic() + self.send_timeout_seconds < self.stop_at

    async def send_all(self, jobs: Sequence[Job]) -> None:
        """Send claimed jobs side by side and record each outcome as it comes; one's trouble cancels no other."""
        done = await asyncio.gather(*(self._send(job) for job in jobs), return_exceptions=True)
        for problem in done:
            if problem is not None:
                raise problem

    async def look_up_lost(self, lease: timedelta, now: datetime) -> None:
        """Find out about what a dead process was sending and about lost replies, before anything is sent twice."""
        most = self.lanes.slots(self.workspace_id, HISTORY, now, _MOST_LOOKUPS)
        async with self.deps.database.write() as session:
            await queries.abandon_dead(session, self.workspace_id, self.confirm_after, now)
            ids = await queries.claim_lost(session, self.workspace_id, self.deps.replica, lease, most)
        if not ids:
            return
        async with self.deps.database.read() as session:
            rows = await queries.owed(session, sorted(ids), now)
        for row in rows:
            self.lanes.take(self.workspace_id, HISTORY, now)
            await self._look_up(row.delivery, row.delivery.channel or (row.person.dm_channel if row.person else None))

    async def _send(self, job: Job) -> None:
        try:
            outcome = await self._outcome(job)
        except _Unsent:
            await self._settle(job.delivery, {"state": DeliveryState.PLANNED})
            return
        self.deps.reached("delivery.sent")
        await self._record(job.delivery, outcome)

    async def _outcome(self, job: Job) -> Outcome:
        channel = job.channel or await self._open(job)
        if not isinstance(channel, str):
            return channel
        if job.replaces is not None:
            place = job.replaces
            update = self.messenger.update(*place, job.message, language=job.language)
            replaced = await self._call(UPDATE, update)
            return Accepted(*place) if replaced is None else _again(replaced)
        post = self.messenger.send(channel, job.message, job.metadata, language=job.language)
        sent = await self._call(POST, post)
        return Accepted(sent.channel, sent.ts) if isinstance(sent, Sent) else sent

    async def _open(self, job: Job) -> str | Outcome:
        """The person's direct messages; remembered before anything is sent there, so that it can be looked up."""
        found = await self._call(OPEN, self.messenger.open_dm(job.slack_user or ""))
        if not isinstance(found, str):
            return _again(found)
        async with self.deps.database.write() as session:
            await queries.remember_dm(session, job.delivery.person_id, found)
        return found

    async def _look_up(self, delivery: Delivery, channel: str | None) -> None:
        found: Sent | Outcome | None = None
        if channel is not None:
            try:
                found = await self._call(HISTORY, self.messenger.find(channel, delivery.id, delivery.created_at))
            except _Unsent:
                await self._settle(delivery, {"state": DeliveryState.UNCONFIRMED}, wait=self.confirm_after)
                return
        if isinstance(found, Sent):
            await self._record(delivery, Accepted(found.channel, found.ts), looked_up=True)
        else:
            await self._record(delivery, Absent() if found is None else _again(found), looked_up=True)

    async def _call(self, method: str, request: Coroutine[Any, Any, _Reply]) -> _Reply | Outcome:
        """One request. Raises _Unsent when none was made, or when it told us that the workspace is gone."""
        if not self.has_time:
            request.close()
            raise _Unsent
        try:
            async with asyncio.timeout(self.send_timeout_seconds):
                reply = await request
        except (TimeoutError, Unconfirmed):
            return Lost()
        except SlowDown as problem:
            self.lanes.limited(self.workspace_id, method, self.deps.clock.now(), problem.seconds)
            return SlowedDown(problem.seconds)
        except Disconnected as problem:
            await self._pause(problem.reason)
            raise _Unsent from problem
        except Refused as problem:
            return Refusal(problem.reason)
        except SlackProblem as problem:
            return Trouble(problem.reason)
        self.lanes.accepted(self.workspace_id, method, self.deps.clock.now())
        return reply

    async def _record(self, delivery: Delivery, outcome: Outcome, *, looked_up: bool = False) -> None:
        now = self.deps.clock.now()
        verdict = core.after(outcome, attempts=delivery.attempts, now=now, looked_up=looked_up)
        values: dict[str, Any] = {"state": verdict.state, "attempts": verdict.attempts, "reason": verdict.reason}
        wait = None
        if isinstance(outcome, Accepted):
            values |= {"sent_at": now, "sent_channel": outcome.channel, "sent_ts": outcome.ts}
        elif verdict.state is DeliveryState.UNCONFIRMED:
            wait = verdict.due_at - now if verdict.due_at else self.confirm_after
            values |= {} if looked_up else {"unconfirmed_at": now}
        elif verdict.due_at is not None:
            values["due_at"] = verdict.due_at
        await self._settle(delivery, values, wait=wait)
        _count(delivery, verdict, now, looked_up=looked_up)
        if self.probing and isinstance(outcome, Accepted):
            await self._resume()

    async def _settle(self, delivery: Delivery, values: dict[str, Any], *, wait: timedelta | None = None) -> None:
        async with self.deps.database.write() as session:
            await queries.settle(session, delivery.id, values, wait=wait)

    async def _pause(self, reason: str) -> None:
        """Say so where administrators look: in the log, the metric and the workspace's row. We cannot write to them."""
        log.warning("workspace.paused workspace=%s reason=%s", self.workspace_id, reason)
        metrics.PAUSED.labels(str(self.workspace_id)).set(1)
        async with self.deps.database.write() as session:
            await queries.pause(session, self.workspace_id, self.deps.clock.now(), reason)

    async def _resume(self) -> None:
        log.info("workspace.resumed workspace=%s", self.workspace_id)
        metrics.PAUSED.labels(str(self.workspace_id)).set(0)
        async with self.deps.database.write() as session:
            await queries.resume(session, self.workspace_id)


def _again(outcome: Outcome) -> Outcome:
    """A lost reply to something that may simply be done again."""
    return Trouble("no_reply") if isinstance(outcome, Lost) else outcome


def _count(delivery: Delivery, verdict: Verdict, now: datetime, *, looked_up: bool) -> None:
    if delivery.kind is not DeliveryKind.REMINDER:  # their number while a round is open is that of who has not answered
        log.info("delivery.recorded delivery=%s state=%s", delivery.id, verdict.state.value)
    if looked_up and verdict.state is not DeliveryState.UNCONFIRMED:
        metrics.RECONCILED.labels(str(verdict.state is DeliveryState.SENT).lower()).inc()
    if verdict.state is DeliveryState.SENT:
        metrics.sent(delivery.kind, (now - delivery.due_at).total_seconds())
    elif verdict.state is DeliveryState.UNCONFIRMED and not looked_up:
        metrics.UNCONFIRMED.inc()
    elif verdict.state is DeliveryState.FAILED:
        metrics.FAILED.labels(verdict.reason or "").inc()
