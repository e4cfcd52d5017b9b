"""One tick: what is due at ``now`` is done, once. A missed tick is late, never wrong; a second changes nothing.

1. rounds whose time is over are sealed;
2. waves that have ended are released and their keys destroyed;
3. rounds that are due open;
4. the coaching loop says what it owes: huddle prompts, nudges, debriefs that wait too long;
5. the outbox sends.

Each step has its own transactions. The tick is a function of the database and ``now``; APScheduler (or a followed
clock) only wakes it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.services import closings, debriefs, huddles, nudges, rounds, waves
from bot.services.deps import Deps
from bot.services.outbox import Outbox

AT_LEAST_EVERY = timedelta(hours=6)


async def run(deps: Deps, outbox: Outbox, now: datetime) -> datetime:
    """Do what is due; returns when something will be due next (at most six hours ahead)."""
    await closings.close_due(deps, now)
    await waves.release_due(deps, now)
    await rounds.open_due(deps, now)
    await huddles.plan_due(deps, now)
    await nudges.choose_due(deps, now)
    await debriefs.pass_on_idle(deps, now)
    sending = await outbox.send_due(now)
    return min([*await _wake_ups(deps), now + AT_LEAST_EVERY, *([sending] if sending else [])])


async def _wake_ups(deps: Deps) -> list[datetime]:
    async with deps.database.read() as session:
        found = [
            await closings.next_closing_at(session),
            await waves.next_release_at(session),
            await rounds.next_opening_at(session),
        ]
    return [at for at in found if at is not None]
