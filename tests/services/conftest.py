from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cast import Stage, staged


@pytest.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """The cast on both databases."""
    async with staged(database_url, tmp_path) as ready:
        yield ready


@pytest.fixture
async def quick_stage(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """The cast on SQLite alone, where the database makes no difference."""
    async with staged(sqlite_url, tmp_path) as ready:
        yield ready
