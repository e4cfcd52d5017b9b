"""A pytest plugin: `pytest_plugins = ["bot.sandbox.testing"]` gives any suite a fresh local Slack per test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest_asyncio

from bot.sandbox.server import Sandbox

StartSandbox = Callable[..., Awaitable[Sandbox]]


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox with a small crew and one installed app; stopped when the test is over."""
    running = await Sandbox.start()
    yield running
    await running.stop()


@pytest_asyncio.fixture
async def start_sandbox() -> AsyncIterator[StartSandbox]:
    """Start sandboxes with arguments of `Sandbox.start`; all are stopped when the test is over."""
    started: list[Sandbox] = []

    async def start(**arguments: Any) -> Sandbox:
        started.append(await Sandbox.start(**arguments))
        return started[-1]

    yield start
    for running in started:
        await running.stop()
