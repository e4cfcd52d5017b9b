from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.http import MOST_BYTES, Endpoint, Http, routes


async def _ready() -> str | None:
    return None


async def _length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@asynccontextmanager
async def _serving(slack: Endpoint | None) -> AsyncIterator[aiohttp.ClientSession]:
    http = Http(routes(_ready, slack), "127.0.0.1", 0)
    serving = asyncio.create_task(http.serve())
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{http.port}") as session:
            await _listening(session)
            yield session
    finally:
        http.stop()
        await serving


async def _listening(session: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                async with session.get("/healthz"):
                    return
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.01)


@pytest.fixture
async def slack() -> AsyncIterator[aiohttp.ClientSession]:
    async with _serving(_length) as session:
        yield session


async def test_slacks_requests_reach_the_endpoint_whole(slack: aiohttp.ClientSession) -> None:
    for size in (0, 1, MOST_BYTES):
        async with slack.post("/slack/events", data=io.BytesIO(b"x" * size)) as answer:
            assert (answer.status, await answer.text()) == (200, str(size))


async def test_a_body_larger_than_slack_sends_is_refused_while_it_comes_in(slack: aiohttp.ClientSession) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 50 * MOST_BYTES:
            sent += 2**16
            yield b"x" * 2**16

    async with slack.post("/slack/events", data=io.BytesIO(b"x" * (MOST_BYTES + 1))) as answer:
        assert answer.status == 413
    try:
        async with slack.post("/slack/events", data=endless()) as answer:
            assert answer.status == 413
    except aiohttp.ClientConnectionError:
        pass  # the server hung up before everything was sent, which is as good
    assert sent < 10 * MOST_BYTES


async def test_without_a_signing_secret_nobody_can_post_anything() -> None:
    async with _serving(None) as session, session.post("/slack/events", data=b"{}") as answer:
        assert answer.status == 404
