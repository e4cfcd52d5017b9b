"""One tick: what is due at ``now`` is done, once. A missed tick is late, never wrong; a second changes nothing.

1. rounds whose time is over are sealed;
2. waves that have ended are released and their keys destroyed;
3. rounds that are due open;
4. the coaching loop says what it owes: huddle prompts, nudges, debriefs that wait too long;
5. the outbox sends.

Each step has its own transactions. The tick is a function of the database and ``now``; APScheduler (or a followed
clock) only wakes it. While the outbox works off a queue it is woken several times a second: then only step 5 runs,
until something else is due.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.services import closings, debriefs, huddles, nudges, rounds, waves
from bot.services.deps import Deps
from bot.services.outbox import Outbox

AT_LEAST_EVERY = timedelta(hours=6)


class Tick:
    """One process's tick. What it remembers spares work and holds no truth."""

    def __init__(self, deps: Deps, outbox: Outbox) -> None:
        self._deps = deps
        self._outbox = outbox
        self._due_at: datetime | None = None

    async def run(self, now: datetime, *, look: bool = True) -> datetime:
        """Do what is due; returns when something will be due next (at most six hours ahead).

        ``look`` False: woken for what an earlier tick named; nothing else is looked for unless its time has come.
        """
        if look or self._due_at is None or now >= self._due_at:
            self._due_at = min([*await self._look(now), now + AT_LEAST_EVERY])
        sending = await self._outbox.send_due(now)
        return self._due_at if sending is None else min(self._due_at, sending)

    async def _look(self, now: datetime) -> list[datetime]:
        deps = self._deps
        await closings.close_due(deps, now)
        await waves.release_due(deps, now)
        await rounds.open_due(deps, now)
        await huddles.plan_due(deps, now)
        await nudges.choose_due(deps, now)
        await debriefs.pass_on_idle(deps, now)
        async with deps.database.read() as session:
            found = [
                await closings.next_closing_at(session),
                await waves.next_release_at(session),
                await rounds.next_opening_at(session),
            ]
        return [at for at in found if at is not None and at > now]
