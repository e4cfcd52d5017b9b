"""HTTP: health, readiness, metrics, and Slack's endpoint where there is a signing secret."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message

from bot.settings import WrongSetting

Endpoint = Callable[[Request], Awaitable[Response]]
Ready = Callable[[], Awaitable[str | None]]
"""Why we are not ready, in a few words; None when we are."""
MOST_BYTES = 2 * 1024 * 1024
"""Of one request of Slack's; a view with everything in it has a quarter of that."""

logging.getLogger("uvicorn.access").disabled = True


def routes(ready: Ready, slack: Endpoint | None) -> Starlette:
    """The application. ``slack`` answers Slack's signed requests at ``/slack/events``; None in Socket Mode."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        reason = await ready()
        return PlainTextResponse(f"{reason or 'ready'}\n", status_code=503 if reason else 200)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    found = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    if slack is not None:
        found.append(Route("/slack/events", _modest(slack), methods=["POST"]))
    return Starlette(routes=found)


def _modest(endpoint: Endpoint) -> Endpoint:
    """Refuse a body larger than Slack ever sends while it comes in: before its signature is read it is anybody's."""

    async def read(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return PlainTextResponse("too large\n", status_code=413)
        whole: Message = {"type": "http.request", "body": bytes(body), "more_body": False}

        async def receive() -> Message:
            return whole

        return await endpoint(Request(request.scope, receive))

    return read


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: the composition root decides when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Http:
    """The listening socket and its server. ``port`` is known before ``start``."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=5)
        self._server = _Server(config)

    async def serve(self) -> None:
        """Serve until ``stop``."""
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        self._server.should_exit = True

    def close(self) -> None:
        self._socket.close()


def _listen(host: str, port: int) -> socket.socket:
    """Raises WrongSetting, naming the port, when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise WrongSetting(
            f"Port {port} is taken by another program: stop that one, or choose another with RC_PULSE_PORT."
        ) from None
    return listener
