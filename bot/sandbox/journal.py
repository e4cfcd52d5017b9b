"""The journal: every call, event, interaction and fault, newest last, bounded."""

import json
from collections import deque
from datetime import datetime
from itertools import islice
from typing import Any

from bot.sandbox.feed import Feed

LENGTH = 5_000


class Journal:
    """The last few thousand exchanges.

    An entry is `{at, direction, kind, method, args, status, response, fault}`: `direction` is "in" for what an app asks
    of Slack and "out" for what Slack tells an app; `kind` is api, upload, response_url, event, command, action,
    options, shortcut, view_submission, view_closed, socket or fault; a reply that was lost keeps the answer the app
    never saw.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._entries: deque[str] = deque(maxlen=LENGTH)

    def record(
        self,
        *,
        at: datetime,
        direction: str,
        kind: str,
        method: str,
        args: Any,
        status: int | None,
        response: Any,
        fault: str | None = None,
    ) -> None:
        entry = {
            "at": at.isoformat(),
            "direction": direction,
            "kind": kind,
            "method": method,
            "args": args,
            "status": status,
            "response": response,
            "fault": fault,
        }
        self._entries.append(json.dumps(entry, default=str))  # as it was now: messages and views change later
        self._feed.publish("journal", entry=kind, method=method)

    def entries(self, limit: int | None = None) -> list[dict[str, Any]]:
        """The newest `limit` entries (all that are kept where none is given), oldest first."""
        first = 0 if limit is None else max(0, len(self._entries) - limit)
        return [json.loads(entry) for entry in islice(self._entries, first, None)]
