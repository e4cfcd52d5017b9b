"""A short chaos run on each database; ``python -m tests.chaos`` plays longer ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.play import play
from tests.launcher import Launcher

ASKS = 200


@pytest.mark.chaos
async def test_nothing_is_lost_or_repeated_on_sqlite_whatever_breaks(sqlite_url: str, tmp_path: Path) -> None:
    async with Launcher() as launcher:
        score = await play(sqlite_url, tmp_path, launcher, asks=ASKS, seed=1, replicas=1)
    assert score.asks >= ASKS, score
    assert score.problems == [], score


@pytest.mark.chaos
@pytest.mark.postgres
async def test_nothing_is_lost_or_repeated_by_two_replicas_on_postgres_whatever_breaks(
    postgres_url: str, tmp_path: Path
) -> None:
    async with Launcher() as launcher:
        score = await play(postgres_url, tmp_path, launcher, asks=ASKS, seed=2, replicas=2)
    assert score.asks >= ASKS, score
    assert score.problems == [], score
