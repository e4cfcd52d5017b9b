"""The local Slack as one object: start it, talk to it, stop it."""

import asyncio
import ipaddress
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from bot.sandbox import administration, authorise, control, edges
from bot.sandbox import seed as seeds
from bot.sandbox.limits import Limits
from bot.sandbox.manifest import ManifestError, read_manifest
from bot.sandbox.pace import Pace
from bot.sandbox.platform import Platform
from bot.sandbox.seed import SeedError
from bot.sandbox.state import App, Installation
from bot.sandbox.ui import routes as ui
from bot.sandbox.world import World

_LONG_REQUEST_LINE = 64 * 1024  # async Python puts whole messages into the query string
_UPLOAD_BYTES = 64 * 1024 * 1024


class Sandbox:
    """A running local Slack, bound to loopback; nothing outlives `stop`."""

    def __init__(self, platform: Platform, runner: web.AppRunner, ticking: asyncio.Task[None]) -> None:
        self.platform = platform
        self._runner = runner
        self._ticking = ticking

    @property
    def world(self) -> World:
        return self.platform.world

    @property
    def app(self) -> App:
        """The first app: the one the sandbox was started with."""
        return next(iter(self.world.apps.values()))

    @property
    def bot(self) -> Installation:
        """The first app's installation in the first workspace: its token, its bot user."""
        return next(iter(self.app.installations.values()))

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
        faults: Iterable[Mapping[str, Any]] = (),
        start_at: datetime | None = None,
        random_seed: int = 0,
        limits: Limits | None = None,
        pace: Pace | None = None,
    ) -> Self:
        """Start a sandbox with one workspace and one installed app.

        `limits` are Slack's own unless given (`Limits(enabled=False)` for fast rehearsals); `faults` are bodies of
        POST /_sandbox/faults; `pace` shortens what is measured in real time. Raises OSError when the port is taken,
        ValueError for an address beyond loopback, SeedError and ManifestError for content that cannot be used,
        ControlError for a fault that does not exist.
        """
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"The sandbox guards nothing and so listens on loopback only, not on {host}.")
        world = World(seed=random_seed, start_at=start_at, pace=pace)
        platform = Platform.build(world, limits or Limits(), seed=random_seed)
        for fault in faults:
            platform.faults.add(dict(fault))
        runner = web.AppRunner(
            _application(platform),
            access_log=None,
            max_line_size=_LONG_REQUEST_LINE,
            max_field_size=_LONG_REQUEST_LINE,
            shutdown_timeout=0.5,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            world.base_url = f"http://{host}:{runner.addresses[0][1]}"
            workspace = seeds.plant(world, seeds.read_seed(seed))
            app = seeds.add_app(world, read_manifest(manifest))
        except (OSError, SeedError, ManifestError):
            await runner.cleanup()
            raise
        world.clock.on_change = lambda now: world.feed.publish("clock", now=now.isoformat())
        seeds.install(world, app, workspace.id, installed_by=world.user_ids_of(workspace.id)[-1])
        return cls(platform, runner, asyncio.create_task(world.clock.run()))

    async def stop(self) -> None:
        """Close every connection and end every task."""
        self._ticking.cancel()
        await asyncio.gather(self._ticking, return_exceptions=True)
        await self.platform.hub.close()
        await self.platform.courier.close()
        await self._runner.cleanup()


def _application(platform: Platform) -> web.Application:
    application = web.Application(client_max_size=_UPLOAD_BYTES)
    control.add_routes(application, platform)
    administration.add_routes(application, platform)
    authorise.add_routes(application, platform)
    edges.add_routes(application, platform)
    ui.add_routes(application, platform.world)
    return application
