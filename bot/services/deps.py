"""What the services are given: one value, wired by hand in ``bot/app.py`` and in ``tests/``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.content import Content
from bot.db.session import Database
from bot.services.ports import Clock, Directory, Messenger
from bot.services.vault import Vault


def nowhere(point: str) -> None:
    """The usual ``reached``: a no-op. The chaos runner passes one that ends the process at a named point."""
    del point


class Connections(Protocol):
    """Slack, by workspace. None where a workspace is not connected (its token was revoked or never given)."""

    def messenger(self, workspace_id: int) -> Messenger | None: ...

    def directory(self, workspace_id: int) -> Directory | None: ...


@dataclass(frozen=True, slots=True)
class Deps:
    database: Database
    vault: Vault
    content: Content
    clock: Clock
    connections: Connections
    replica: str
    """This process's own name in leases: unique for each start."""
    reached: Callable[[str], None] = nowhere
    """Called at named points (``delivery.claimed``, ``delivery.sent``, ``round.sealed``, ``wave.released``, …)."""
