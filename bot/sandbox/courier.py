"""Carrying payloads to apps, over Socket Mode or signed HTTP, with Slack's retries and the faults asked for."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox import manifest as manifests
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.sockets import SocketHub
from bot.sandbox.state import App, Json
from bot.sandbox.world import World

RETRY_AFTER_SECONDS = (0.0, 60.0, 300.0)
_ENVELOPE_FAULTS = ("socket_drop", "disconnect", "delivery_lost", "ack_lost")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a delivery: `status` is None when nothing came back, `ms` is real time."""

    acked: bool
    status: int | None
    ms: float
    response: Any = None

    def describe(self) -> Json:
        return {"acked": self.acked, "status": self.status, "ms": self.ms, "response": self.response}


@dataclass(frozen=True, slots=True)
class Parcel:
    """A payload on its way: `kind` is how the journal calls it, `envelope` Socket Mode's type, `url` HTTP's address."""

    app: App
    kind: str
    method: str
    envelope: str
    payload: Json
    url: str | None
    accepts_response: bool = True
    attempt: int = 0
    reason: str = ""


@dataclass(slots=True)
class Courier:
    """Delivers parcels and remembers its own background work, so that stopping leaves nothing behind."""

    world: World
    faults: Faults
    hub: SocketHub
    _session: aiohttp.ClientSession | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _held: list[Parcel] = field(default_factory=list)

    async def ask(self, parcel: Parcel) -> Outcome:
        """Deliver an interaction or a command: once, with three real seconds for the acknowledgement."""
        outcome = await self._attempt(parcel)
        if self.faults.strike(parcel.method, ("redelivery",)) is not None:
            self._in_background(self._once_more(parcel))
        return outcome

    async def _once_more(self, parcel: Parcel) -> None:
        await self._attempt(parcel)

    def tell(self, parcel: Parcel) -> None:
        """Deliver an event in the background: retried at once, after one and after five minutes."""
        fault = self.faults.strike(parcel.method, ("reorder",))
        if fault is not None:
            self._held.append(parcel)
            self._note(parcel, None, None, fault.name)
            return
        self._in_background(self._persist(parcel))
        held, self._held = self._held, []
        for late in held:
            self._in_background(self._persist(late))
        if self.faults.strike(parcel.method, ("redelivery",)) is not None:
            again = replace(parcel, attempt=1, reason="timeout")
            self._in_background(self._persist(again))
        if self.faults.strike(parcel.method, ("duplicate",)) is not None:
            payload = {**parcel.payload, "event_id": self.world.ids.new("Ev")}
            self._in_background(self._persist(replace(parcel, payload=payload)))

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something finish in the background; time that is being moved waits for it."""
        self._in_background(work)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        self.world.clock.began()
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.world.clock.ended()
        if not task.cancelled() and (error := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler({"message": "A delivery failed", "exception": error})

    async def _persist(self, parcel: Parcel) -> None:
        outcome = await self._attempt(parcel)
        if outcome.acked or parcel.attempt >= len(RETRY_AFTER_SECONDS):
            return
        again = replace(parcel, attempt=parcel.attempt + 1, reason=_retry_reason(outcome))
        pause = RETRY_AFTER_SECONDS[parcel.attempt]
        if pause:
            self.world.clock.call_later(pause, lambda: self._later(again))
        else:
            await self._persist(again)

    async def _later(self, parcel: Parcel) -> None:
        self._in_background(self._persist(parcel))

    async def _attempt(self, parcel: Parcel) -> Outcome:
        started = time.perf_counter()
        fault = self.faults.strike(parcel.method, _ENVELOPE_FAULTS)
        if fault is not None and fault.name == "delivery_lost":
            acked, status, response = False, None, None
        elif manifests.uses_socket_mode(parcel.app.manifest):
            acked, status, response = await self._over_socket(parcel, fault)
        else:
            acked, status, response = await self._over_http(parcel, fault)
        if fault is not None and fault.name == "ack_lost":
            acked = False
        outcome = Outcome(acked, status, round((time.perf_counter() - started) * 1000, 1), response)
        self._note(parcel, status, response, fault.name if fault else None)
        return outcome

    async def _over_socket(self, parcel: Parcel, fault: Fault | None) -> tuple[bool, int | None, Any]:
        # A first attempt waits for an app that is just reconnecting; a later one finds it or tries again later.
        patience = 0.0 if parcel.attempt else self.world.pace.ack_seconds
        connection = await self.hub.wait_for_connection(parcel.app.id, patience)
        if connection is None:
            return False, None, None
        if fault is not None and fault.name == "socket_drop":
            connection.abort()
            return False, None, None
        if fault is not None and fault.name == "disconnect":
            await self.hub.disconnect(parcel.app.id, fault.reason)
            connection = await self.hub.wait_for_connection(parcel.app.id, self.world.pace.ack_seconds)
            if connection is None:
                return False, None, None
        envelope = {
            "envelope_id": self.world.ids.uuid(),
            "type": parcel.envelope,
            "payload": parcel.payload,
            "accepts_response_payload": parcel.accepts_response,
        }
        if parcel.envelope == "events_api":
            envelope |= {"retry_attempt": parcel.attempt, "retry_reason": parcel.reason}
        ack = await self.hub.ask(connection, envelope, self.world.pace.ack_seconds)
        if ack is None:
            return False, None, None
        return True, 200, ack.get("payload")

    async def _over_http(self, parcel: Parcel, fault: Fault | None) -> tuple[bool, int | None, Any]:
        if parcel.url is None or (fault is not None and fault.name in {"socket_drop", "disconnect"}):
            return False, None, None
        body, content_type = _http_body(parcel)
        headers = {"Content-Type": content_type, **sign(parcel.app.signing_secret, body)}
        if parcel.attempt:
            headers |= {"x-slack-retry-num": str(parcel.attempt), "x-slack-retry-reason": parcel.reason}
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        try:
            async with self._session.post(
                parcel.url,
                data=body,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=self.world.pace.ack_seconds),
            ) as answer:
                text = await answer.text()
                return 200 <= answer.status < 300, answer.status, _decoded(text)
        except (aiohttp.ClientError, TimeoutError):
            return False, None, None

    async def verify_url(self, app: App, url: str) -> Outcome:
        """Slack's handshake for a new request URL: the challenge must come back."""
        challenge = self.world.ids.secret(40)
        payload = {"token": app.verification_token, "challenge": challenge, "type": "url_verification"}
        parcel = Parcel(app, "event", "url_verification", "events_api", payload, url)
        acked, status, response = await self._over_http(parcel, None)
        answered = response.get("challenge") if isinstance(response, dict) else response
        self._note(parcel, status, response, None)
        return Outcome(acked and answered == challenge, status, 0.0, response)

    def _note(self, parcel: Parcel, status: int | None, response: Any, fault: str | None) -> None:
        self.world.journal.record(
            at=self.world.clock.now(),
            direction="out",
            kind=parcel.kind,
            method=parcel.method,
            args=parcel.payload,
            status=status,
            response=response,
            fault=fault,
        )


def sign(secret: str, body: bytes, at: int | None = None) -> dict[str, str]:
    """Slack's v0 signature; its timestamp is real time, because apps check it against their own clock."""
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _http_body(parcel: Parcel) -> tuple[bytes, str]:
    if parcel.envelope == "events_api":
        return json.dumps(parcel.payload).encode(), "application/json"
    form = {"payload": json.dumps(parcel.payload)}
    if parcel.envelope == "slash_commands":
        form = {key: "false" if value is False else str(value) for key, value in parcel.payload.items()}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


def _decoded(text: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _retry_reason(outcome: Outcome) -> str:
    return "http_timeout" if outcome.status is None else "http_error"
