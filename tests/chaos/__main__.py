"""``python -m tests.chaos --asks 2000 --seed N``: the long form, on SQLite and on PostgreSQL with 1 to 4 replicas."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import uuid
from pathlib import Path

import psycopg

from tests import postgres
from tests.chaos.play import Score, play
from tests.launcher import Launcher


def main() -> int:
    """Play, print a line a run, and answer 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--asks", type=int, default=2000, help="at least so many on each database")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 16))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rc-pulse-chaos-") as folder:
        server = postgres.shared(Path(folder) / "postgres")
        try:
            scores = asyncio.run(_both(Path(folder), server, chosen.asks, chosen.seed))
        finally:
            postgres.stop(Path(folder) / "postgres")
    return int(any(score.problems for score in scores))


async def _both(folder: Path, server: postgres.Server, asks: int, seed: int) -> list[Score]:
    name = f"chaos_{uuid.uuid4().hex}"
    async with await psycopg.AsyncConnection.connect(f"{server.url}/postgres", autocommit=True) as connection:
        await connection.execute(f"CREATE DATABASE {name}".encode())
    runs = [
        ("sqlite", f"sqlite:///{folder / 'chaos.db'}", 1),
        ("postgres", f"{server.url}/{name}", 1 + seed % 4),
    ]
    scores = []
    for label, url, replicas in runs:
        place = folder / label
        place.mkdir()
        async with Launcher() as launcher:
            score = await play(url, place, launcher, asks=asks, seed=seed, replicas=replicas)
        print(f"{label}, {replicas} replica(s), {score}")  # noqa: T201 - a program
        for problem in score.problems:
            print(f"  {problem}")  # noqa: T201 - a program
        scores.append(score)
    return scores


if __name__ == "__main__":
    sys.exit(main())
