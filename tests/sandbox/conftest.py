"""What the sandbox's tests share: a running sandbox, a hand on it, and an app that listens."""

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from bot.sandbox.limits import Limits
from bot.sandbox.pace import Pace
from bot.sandbox.server import Sandbox
from tests.sandbox.desk import Desk
from tests.sandbox.listener import Listener


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    """A fresh sandbox whose rate limits are off; tests of limits switch them on."""
    sandbox = await Sandbox.start(limits=Limits(enabled=False), pace=Pace(ack_seconds=1.0))
    async with aiohttp.ClientSession() as http:
        yield Desk(sandbox, http)
    await sandbox.stop()


@pytest_asyncio.fixture
async def listener(desk: Desk) -> AsyncIterator[Listener]:
    """The sandbox's app, connected by one bare socket: it acknowledges all and remembers all."""
    async with Listener.connected(desk) as listening:
        yield listening
