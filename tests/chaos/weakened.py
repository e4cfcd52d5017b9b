"""``python -m tests.chaos.weakened RULE``: the bot with one of its rules off, for the witness to notice.

The parts that keep the rules are given to the bot's Slack side in place of the real ones; the product knows no switch.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import datetime

from bot import app as composition
from bot.core.messages import Pulse
from bot.services import answers
from bot.services.answers import Click, Recorder
from bot.services.deps import Deps
from bot.services.ports import Sent
from bot.settings import load_settings
from bot.slack.messenger import SlackMessenger

NO_LOOK_UP, ACK_FIRST = "no-look-up", "ack-first"
LATER_SECONDS = 2.0


class Blind(SlackMessenger):
    """Never finds what was sent: a lost reply is a message to send again."""

    async def find(self, channel: str, delivery: str, since: datetime) -> Sent | None:
        del channel, delivery, since
        return None


class Hasty(Recorder):
    """Says thank you first and stores later."""

    def __init__(self, deps: Deps) -> None:
        super().__init__(deps)
        self._deps = deps
        self._later: set[asyncio.Task[None]] = set()

    async def record(self, click: Click) -> Pulse:
        self._later.add(asyncio.create_task(self._store(click)))
        return await answers.show(self._deps, click.ws, click.user, click.ask)

    async def _store(self, click: Click) -> None:
        await asyncio.sleep(LATER_SECONDS)
        await super().record(click)


async def serve(rule: str) -> None:
    settings = load_settings()
    app = await composition.build(settings)
    if rule == NO_LOOK_UP:
        app.slack.desk.messenger = Blind(app.slack.desk.client, app.deps.content)
    elif rule == ACK_FIRST:
        app.slack.desk.recorder = Hasty(app.deps)
    await app.run()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(serve(sys.argv[1]))
