"""What all listeners share: the services' dependencies, the client, the people's words, and who is still at work."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.messages import Pulse
from bot.core.pictures import Picture
from bot.db import people
from bot.services.answers import Click
from bot.services.deps import Deps
from bot.slack.directory import SlackDirectory
from bot.slack.messenger import SlackMessenger
from bot.slack.words import Words, zone_named

MOST_REMEMBERED = 20_000
REMEMBER_FOR = timedelta(minutes=5)


class Records(Protocol):
    """Where taps go: ``services.answers.Recorder``."""

    async def record(self, click: Click) -> Pulse: ...


class Draws(Protocol):
    """Where pictures come from: ``charts.worker.ChartWorker``."""

    async def draw(self, picture: Picture, *, dark: bool = False) -> bytes: ...


@dataclass
class Desk:
    """``running`` holds the listeners that have not returned, so that stopping can wait for them."""

    deps: Deps
    ws: int
    team_id: str
    client: AsyncWebClient
    session: aiohttp.ClientSession
    messenger: SlackMessenger
    directory: SlackDirectory
    recorder: Records
    charts: Draws
    running: set[asyncio.Task[object]] = field(default_factory=set)
    _words: OrderedDict[str, tuple[datetime, Words]] = field(default_factory=OrderedDict)

    async def words_for(self, user: str) -> Words:
        """The person's language and clock; remembered for a while, since every tap needs them."""
        now = self.deps.clock.now()
        known = self._words.get(user)
        if known is not None and now - known[0] < REMEMBER_FOR:
            return known[1]
        async with self.deps.database.read() as session:
            person = await people.person(session, self.ws, user)
        language, zone = (person.language, person.timezone) if person else ("en", None)
        words = Words(self.deps.content, language, zone_named(zone))
        self._words[user] = (now, words)
        if len(self._words) > MOST_REMEMBERED:
            self._words.popitem(last=False)
        return words

    def forget_words(self, user: str) -> None:
        """After the person's language or zone has changed."""
        self._words.pop(user, None)

    async def drain(self, seconds: float) -> None:
        """Return when every running listener has returned, or after ``seconds``."""
        await asyncio.sleep(0)  # an event's listener begins just after its acknowledgement: let it register itself
        others = self.running - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=seconds)
