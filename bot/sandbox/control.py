"""The control API under /_sandbox: what a person or a test does to the sandbox, as opposed to what an app does."""

import asyncio
import json

from aiohttp import web

from bot.sandbox.state import Json
from bot.sandbox.world import World

_KEEP_ALIVE_SECONDS = 15.0


def add_routes(app: web.Application, world: World) -> None:
    async def events(request: web.Request) -> web.StreamResponse:
        return await stream_changes(request, world)

    async def state(_request: web.Request) -> web.Response:
        return web.json_response(describe(world))

    app.router.add_get("/_sandbox/events", events)
    app.router.add_get("/_sandbox/state", state)


def describe(world: World) -> Json:
    return {"now": world.clock.now().isoformat()}


async def stream_changes(request: web.Request, world: World) -> web.StreamResponse:
    """Server-sent events: one JSON object a change, a comment now and then so that dead listeners are noticed."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    async with world.feed.listen() as queue:
        await response.write(b": connected\n\n")
        while True:
            try:
                change = await asyncio.wait_for(queue.get(), _KEEP_ALIVE_SECONDS)
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            await response.write(b"data: " + json.dumps(change).encode() + b"\n\n")
