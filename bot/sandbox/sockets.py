"""Socket Mode: the connections of every app, their frames, and who answered what."""

import asyncio
import contextlib
import json
import random
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, WSMsgType, web

from bot.sandbox.ids import Ids
from bot.sandbox.state import App, Json

MAX_CONNECTIONS = 10
_CONNECTION_SECONDS = 3_600
_TICKET_SECONDS = 30.0
_HEARTBEAT_SECONDS = 20.0  # Node's client gives a server up that has not pinged for half a minute


@dataclass(slots=True, eq=False)
class Connection:
    """One open socket of one app."""

    app_id: str
    socket: web.WebSocketResponse

    async def send(self, frame: Json) -> bool:
        """Whether the frame could be handed to the connection."""
        try:
            await self.socket.send_str(json.dumps(frame, separators=(",", ":")))
        except (ConnectionError, RuntimeError):
            return False  # it closed while we were writing; the caller chooses another
        return True

    def abort(self) -> None:
        """Break the connection as a network would: no close frame, no goodbye."""
        transport = self.socket.get_extra_info("transport") if self.socket.prepared else None
        if transport is not None:
            transport.abort()


@dataclass(slots=True)
class SocketHub:
    """All Socket Mode connections, by app."""

    ids: Ids
    seed: int = 0
    connections: dict[str, list[Connection]] = field(default_factory=dict)
    _tickets: dict[str, tuple[str, float]] = field(default_factory=dict)
    _acks: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def open_ticket(self, app_id: str) -> str:
        """A ticket for apps.connections.open: good once, for half a minute of real time."""
        now = asyncio.get_running_loop().time()
        self._tickets = {key: held for key, held in self._tickets.items() if held[1] > now}
        ticket = self.ids.uuid()
        self._tickets[ticket] = (app_id, now + _TICKET_SECONDS)
        return ticket

    def redeem(self, ticket: str) -> str | None:
        app_id, until = self._tickets.pop(ticket, ("", 0.0))
        return app_id if until > asyncio.get_running_loop().time() else None

    async def serve(self, request: web.Request, app: App) -> web.WebSocketResponse:
        """Hold one connection until it closes: hello first, then acknowledgements in, envelopes out."""
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_SECONDS, max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(app.id, socket)
        mine = self.connections.setdefault(app.id, [])
        if len(mine) >= MAX_CONNECTIONS:
            await connection.send(
                {"type": "disconnect", "reason": "too_many_websockets", "debug_info": {"host": "sandbox"}}
            )
            await socket.close(code=WSCloseCode.POLICY_VIOLATION)
            return socket
        mine.append(connection)
        try:
            await connection.send(self._hello(app))
            self._arrived.set()
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._receive(message.data)
        finally:
            mine.remove(connection)
        return socket

    def _hello(self, app: App) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections[app.id]),
            "connection_info": {"app_id": app.id},
            "debug_info": {
                "host": "sandbox",
                "build_number": 1,
                "approximate_connection_time": _CONNECTION_SECONDS,
            },
        }

    def _receive(self, text: str) -> None:
        with contextlib.suppress(json.JSONDecodeError):  # a client's own keep-alive text is nothing to us
            frame = json.loads(text)
            waiting = self._acks.get(str(frame.get("envelope_id"))) if isinstance(frame, dict) else None
            if waiting is not None and not waiting.done():
                waiting.set_result(frame)

    def choose(self, app_id: str) -> Connection | None:
        """Any open connection of the app may get the next payload."""
        candidates = [one for one in self.connections.get(app_id, []) if not one.socket.closed]
        return self._chance.choice(candidates) if candidates else None

    async def wait_for_connection(self, app_id: str, seconds: float) -> Connection | None:
        """A connection now or within so many real seconds: an app that is just reconnecting misses nothing."""
        deadline = asyncio.get_running_loop().time() + seconds
        while (connection := self.choose(app_id)) is None:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return None
            self._arrived.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), left)
        return connection

    async def ask(self, connection: Connection, envelope: Json, seconds: float) -> Json | None:
        """Send an envelope and wait for its acknowledgement; None when it does not come in time."""
        waiting: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._acks[envelope["envelope_id"]] = waiting
        try:
            if not await connection.send(envelope):
                return None
            return await asyncio.wait_for(waiting, seconds)
        except TimeoutError:
            return None
        finally:
            del self._acks[envelope["envelope_id"]]

    async def disconnect(self, app_id: str | None, reason: str) -> int:
        """Send a disconnect frame; `warning` announces, the others also close. Answers how many were told."""
        told = [one for owner, mine in self.connections.items() if app_id in {None, owner} for one in mine]
        for connection in told:
            await connection.send(_goodbye(reason))
            if reason != "warning":
                await connection.socket.close()
        return len(told)

    def drop(self, app_id: str | None = None) -> int:
        """Break connections without a word; answers how many."""
        doomed = [one for owner, mine in self.connections.items() if app_id in {None, owner} for one in mine]
        for connection in doomed:
            connection.abort()
        return len(doomed)

    async def close(self) -> None:
        for connection in [one for mine in self.connections.values() for one in mine]:
            await connection.socket.close(code=WSCloseCode.GOING_AWAY)


def _goodbye(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
