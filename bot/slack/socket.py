"""Socket Mode: two connections, so that one can be replaced while the other listens, and a watchdog over both."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.ports import Disconnected, Refused
from bot.settings import WrongSetting
from bot.slack import errors

log = logging.getLogger(__name__)

CONNECTIONS = 2
PING_SECONDS = 10.0
SILENT_SECONDS = 60.0
"""Without a pong for so long a connection is taken for dead, although the SDK may think otherwise."""
CHECK_SECONDS = 10.0


class _Handler(AsyncSocketModeHandler):
    """Counts an envelope as work under way until it is acknowledged."""

    def __init__(self, app: AsyncApp, token: str, client: AsyncWebClient, running: set[asyncio.Task[object]]) -> None:
        super().__init__(app, token, web_client=client, ping_interval=PING_SECONDS)
        self._running = running

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # the base class is typed for the synchronous client
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - the SDK runs this in a task
        mine = task not in self._running
        self._running.add(task)
        try:
            await super().handle(client, req)
        finally:
            if mine:
                self._running.discard(task)

    async def connect(self) -> None:
        await self.connect_async()  # type: ignore[no-untyped-call]  # Bolt's handlers are typed in part

    async def shut(self) -> None:
        await self.close_async()  # type: ignore[no-untyped-call]  # as above

    @property
    def alive(self) -> bool:
        """Connected, and heard from lately."""
        session = self.client.current_session
        last = self.client.last_ping_pong_time
        heard = last is None or time.time() - last < SILENT_SECONDS
        receiving = self.client.message_receiver is not None and not self.client.message_receiver.done()
        return session is not None and not session.closed and receiving and heard


class Sockets:
    """Our end of Socket Mode. Any of the connections may get a payload; handlers do not care which."""

    def __init__(
        self, app: AsyncApp, app_token: str, client: AsyncWebClient, running: set[asyncio.Task[object]]
    ) -> None:
        self._app = app
        self._token = app_token
        self._client = client
        self._running = running
        self._handlers: list[_Handler] = []
        self._watchdog: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        return any(handler.alive for handler in self._handlers)

    async def start(self) -> None:
        """Connect. Raises WrongSetting where Slack does not accept the app-level token."""
        await self._check_token()
        for _ in range(CONNECTIONS):
            self._handlers.append(await self._connect())
        self._watchdog = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watchdog
        await asyncio.gather(*(handler.shut() for handler in self._handlers))
        self._handlers.clear()

    async def _check_token(self) -> None:
        """The SDK would try for ever with a token that can never work."""
        try:
            await self._client.apps_connections_open(app_token=self._token)
        except errors.TROUBLE as error:
            problem = errors.problem(error, sends=False)
            if isinstance(problem, Disconnected | Refused):
                raise WrongSetting(
                    f"RC_PULSE_SLACK_APP_TOKEN is not accepted by Slack ({problem.reason}): create an app-level token "
                    "with connections:write under Basic Information."
                ) from None

    async def _connect(self) -> _Handler:
        handler = _Handler(self._app, self._token, self._client, self._running)
        await handler.connect()
        return handler

    async def _watch(self) -> None:
        """Replace a connection that has gone silent; the SDK's own reconnecting is known to miss some."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for position, handler in enumerate(self._handlers):
                if not handler.alive:
                    log.warning("socket.replaced position=%s", position)
                    await handler.shut()
                    self._handlers[position] = await self._connect()
