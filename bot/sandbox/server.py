"""The local Slack as one object: start it, talk to it, stop it."""

import asyncio
import ipaddress
from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from bot.sandbox import control
from bot.sandbox import seed as seeds
from bot.sandbox.manifest import read_manifest
from bot.sandbox.world import World

_LONG_REQUEST_LINE = 64 * 1024  # async Python puts whole messages into the query string
_UPLOAD_BYTES = 64 * 1024 * 1024


class Sandbox:
    """A running local Slack, bound to loopback; nothing outlives `stop`."""

    def __init__(self, world: World, runner: web.AppRunner, tasks: list[asyncio.Task[None]]) -> None:
        self.world = world
        self._runner = runner
        self._tasks = tasks

    @property
    def base_url(self) -> str:
        """The address of the UI and the control API, without a slash at its end."""
        return self.world.base_url

    @property
    def api_url(self) -> str:
        """What goes where a Slack client wants its base URL; ends in /api/."""
        return f"{self.world.base_url}/api/"

    @classmethod
    async def start(
        cls,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: str | Path | Mapping[str, Any] | None = None,
        manifest: str | Path | Mapping[str, Any] | None = None,
        start_at: datetime | None = None,
        random_seed: int = 0,
    ) -> Self:
        """Start a sandbox with one workspace and one installed app.

        Raises OSError when the port is taken, ValueError for an address beyond loopback, SeedError and ManifestError
        for content that cannot be used.
        """
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ValueError(
                f"The sandbox holds no secrets and keeps none: it listens on loopback only, not on {host}."
            )
        world = World(seed=random_seed, start_at=start_at)
        application = web.Application(client_max_size=_UPLOAD_BYTES)
        control.add_routes(application, world)
        if find_spec("bot.sandbox.ui.routes") is not None:
            routes = import_module("bot.sandbox.ui.routes")

            routes.add_routes(application, world)
        runner = web.AppRunner(application, access_log=None, max_line_size=_LONG_REQUEST_LINE, shutdown_timeout=0.5)
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        world.base_url = f"http://{host}:{runner.addresses[0][1]}"
        workspace = seeds.plant(world, seeds.read_seed(seed))
        app = seeds.add_app(world, read_manifest(manifest))
        seeds.install(world, app, workspace.id, world.user_ids_of(workspace.id)[1])
        return cls(world, runner, [asyncio.create_task(world.clock.run())])

    async def stop(self) -> None:
        """Close every connection and end every task."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._runner.cleanup()
