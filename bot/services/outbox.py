"""The outbox: the one place from which messages leave. `core.deliveries` decides, this performs.

One pass (`Outbox.send_due`), for each workspace that has work:

1. hold the workspace's lease: one sender at a time over all replicas;
2. what a dead process was sending becomes *unconfirmed*;
3. unconfirmed messages that have waited long enough are looked up: found means sent, absent means due again;
4. as many due deliveries as the pace allows are decided: put off, skipped, or claimed, and that is committed;
5. the claimed ones are sent, with no transaction open, and each outcome is recorded at once.

A process that ends between 4 and 5 leaves a row that says so; the next holder of the lease begins at 2.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core import deliveries as core
from bot.core.reasons import Reason
from bot.db import deliveries as queries
from bot.db.deliveries import Busy
from bot.services import metrics
from bot.services.deliverable import Job, Prepared, prepare
from bot.services.deps import Deps
from bot.services.lanes import DND, OPEN, POST, UPDATE, Lanes
from bot.services.ports import Directory, SlackProblem, SlowDown
from bot.services.sending import Sender

log = logging.getLogger(__name__)

MOST_AT_ONCE = 20
TURN = timedelta(seconds=0.4)
"""The least time between two turns: a few messages together cost little more than one (within the pace's burst)."""
PROBE = timedelta(seconds=60)
"""How often a workspace that refuses our token is tried again."""


@dataclass(frozen=True, slots=True)
class Timing:
    """In real seconds. The lease outlasts a request by far; a slow server may accept after we gave up waiting."""

    send_timeout_seconds: float = 10.0
    lease_seconds: float = 60.0
    confirm_after_seconds: float = 60.0

    @property
    def request_seconds(self) -> float:
        """No request may outlast the lease, whatever was set."""
        return min(self.send_timeout_seconds, self.lease_seconds / 2)


class Outbox:
    """One process's sender. Keeps the pace it has found and the leases it holds; everything else is in the rows."""

    def __init__(self, deps: Deps, timing: Timing) -> None:
        self._deps = deps
        self._timing = timing
        self._lease = timedelta(seconds=timing.lease_seconds)
        self._lanes = Lanes()
        self._held_until: dict[int, float] = {}  # by the monotonic clock
        self._held_elsewhere_until: dict[int, float] = {}

    async def send_due(self, now: datetime) -> datetime | None:
        """Do what can be done at `now`; returns when there will be more, None if nothing is planned."""
        async with self._deps.database.read() as session:
            busy = await queries.busy_workspaces(session, now, now - PROBE)
        again = await asyncio.gather(*(self._workspace(one, now) for one in busy))
        async with self._deps.database.read() as session:
            coming = await queries.next_due_at(session, now)
        return min((at for at in (*again, coming) if at is not None), default=None)

    async def stop(self) -> None:
        """Let go of the leases, so that another replica takes over at once."""
        async with self._deps.database.write() as session:
            await queries.drop_leases(session, self._deps.replica)
        self._held_until.clear()

    async def _workspace(self, busy: Busy, now: datetime) -> datetime | None:
        workspace_id = busy.workspace_id
        messenger = self._deps.connections.messenger(workspace_id)
        if messenger is None:
            return now + PROBE
        if not await self._hold(workspace_id):
            return now + self._lease / 4
        sender = Sender(
            self._deps,
            workspace_id,
            messenger,
            self._lanes,
            send_timeout_seconds=self._timing.request_seconds,
            confirm_after=timedelta(seconds=self._timing.confirm_after_seconds),
            stop_at=self._held_until[workspace_id],
            probing=busy.paused,
        )
        if busy.lost:
            await sender.look_up_lost(self._lease, now)
        return await self._send_some(sender, now)

    async def _hold(self, workspace_id: int) -> bool:
        """Hold the lease, prolonging it when a third is used up; measured from before we asked for it."""
        begun, span = time.monotonic(), self._timing.lease_seconds
        if self._held_until.get(workspace_id, 0.0) - begun > span * 2 / 3:
            return True
        if self._held_elsewhere_until.get(workspace_id, 0.0) > begun:
            return False
        async with self._deps.database.write() as session:
            held = await queries.take_lease(session, f"outbox:{workspace_id}", self._deps.replica, self._lease)
        if held:
            self._held_until[workspace_id] = begun + span
        else:
            self._held_elsewhere_until[workspace_id] = begun + span / 4
        return held

    async def _send_some(self, sender: Sender, now: datetime) -> datetime | None:
        """Send what the pace allows; returns when the next turn is, None once nothing is due."""
        ws = sender.workspace_id
        most = 1 if sender.probing else MOST_AT_ONCE
        while sender.has_time and (slots := self._lanes.slots(ws, POST, now, most)):
            async with self._deps.database.read() as session:
                ids = await queries.queue(session, ws, now, 2 * slots + 2)
                if not ids:
                    return None
                found = await prepare(self._deps, session, ids, now, slots)
            await self._wait_for_do_not_disturb(ws, found, now)
            self._keep_the_pace(ws, found, now)
            jobs = await self._store(found, now)
            if jobs:
                self._deps.reached("delivery.claimed")
                await sender.send_all(jobs)
            if sender.probing:
                return now + PROBE
            now = max(now, self._deps.clock.now())
        return self._lanes.next_pass_at(ws, POST, now)

    async def _store(self, found: Prepared, now: datetime) -> list[Job]:
        """Write down what was decided, in one transaction; returns the jobs that are ours to send."""
        ids = [job.delivery.id for job in found.jobs]
        async with self._deps.database.write() as session:
            for delivery_id, until in found.put_off.items():
                await queries.put_off(session, delivery_id, until)
            for delivery, reason in found.skipped:
                await queries.skip(session, delivery.id, reason.value)
            for delivery, trouble in found.poison:
                verdict = core.after(core.Trouble(trouble), attempts=delivery.attempts, now=now)
                await queries.push_on(session, delivery.id, verdict)
            won = await queries.claim(session, ids, self._deps.replica, self._lease, now) if ids else set()
        for delivery, reason in found.skipped:
            metrics.skipped(delivery.kind, reason)
        return [job for job in found.jobs if job.delivery.id in won]

    def _keep_the_pace(self, workspace_id: int, found: Prepared, now: datetime) -> None:
        """Take a turn for every call that each job needs; a job without one is put off to when there is one."""
        for job in list(found.jobs):
            ready_at = max(self._turns(workspace_id, job, now))
            if ready_at > now:
                found.jobs.remove(job)
                found.put_off[job.delivery.id] = max(ready_at, now + TURN)
                continue
            self._lanes.take(workspace_id, UPDATE if job.replaces else POST, now)
            if job.channel is None:
                self._lanes.take(workspace_id, OPEN, now)
            else:
                self._lanes.take_channel(workspace_id, job.channel, now)

    def _turns(self, workspace_id: int, job: Job, now: datetime) -> Iterable[datetime]:
        yield self._lanes.ready_at(workspace_id, UPDATE if job.replaces else POST, now)
        if job.channel is None:
            yield self._lanes.ready_at(workspace_id, OPEN, now)
        else:
            yield self._lanes.channel_ready_at(workspace_id, job.channel, now)

    async def _wait_for_do_not_disturb(self, workspace_id: int, found: Prepared, now: datetime) -> None:
        """A courtesy (Slack itself keeps notifications back): asked where the method's tier has room, else left out."""
        directory = self._deps.connections.directory(workspace_id)
        asked = [job for job in found.jobs if job.may_disturb and job.slack_user]
        asked = asked[: self._lanes.slots(workspace_id, DND, now, len(asked))]
        if directory is None or not asked:
            return
        for _ in asked:
            self._lanes.take(workspace_id, DND, now)
        untils = await asyncio.gather(*(self._dnd_until(workspace_id, directory, job, now) for job in asked))
        for job, until in zip(asked, untils, strict=True):
            if until is not None:
                self._hold_back(found, job, until, now)

    async def _dnd_until(self, workspace_id: int, directory: Directory, job: Job, now: datetime) -> datetime | None:
        try:
            async with asyncio.timeout(self._timing.request_seconds):
                return await directory.do_not_disturb_until(job.slack_user or "", now)
        except SlowDown as problem:
            self._lanes.limited(workspace_id, DND, now, problem.seconds)
        except (SlackProblem, TimeoutError):
            log.info("dnd.unknown delivery=%s", job.delivery.id)
        return None

    @staticmethod
    def _hold_back(found: Prepared, job: Job, until: datetime, now: datetime) -> None:
        match job.held_by_dnd(until, now):
            case Reason() as reason:
                found.jobs.remove(job)
                found.skip(job.delivery, reason)
            case datetime() as at:
                found.jobs.remove(job)
                found.put_off[job.delivery.id] = at
            case None:
                pass
