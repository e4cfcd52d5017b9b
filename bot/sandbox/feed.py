"""The change feed: who looks at the sandbox is told what changed, never what to draw."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

_BACKLOG = 1_000


class Feed:
    """Fans changes out to any number of listeners without ever waiting for them.

    A change is a small JSON object with a `kind` (message, view, home, user, channel, usergroup, app, file, clock,
    journal, fault, state) and the ids it concerns. A listener that falls behind by a thousand changes gets one
    `{"kind": "reset"}` in their place and should read everything anew.
    """

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[dict[str, Any]]] = set()

    def publish(self, kind: str, **ids: Any) -> None:
        """Tell every listener; costs nothing when nobody listens."""
        for queue in self._listeners:
            if queue.qsize() < _BACKLOG:
                queue.put_nowait({"kind": kind, **ids})
            else:
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait({"kind": "reset"})

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
        """A queue that receives every change published while the context is open."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)
