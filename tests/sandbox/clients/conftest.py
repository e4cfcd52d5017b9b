"""A sandbox with a thousand people, for clients of every kind."""

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from tests.sandbox.clients import story
from tests.sandbox.desk import Desk


@pytest_asyncio.fixture
async def crowd() -> AsyncIterator[Desk]:
    sandbox = await story.start()
    async with aiohttp.ClientSession() as http:
        yield Desk(sandbox, http)
    await sandbox.stop()
