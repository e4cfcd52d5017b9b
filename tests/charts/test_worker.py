from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast

import pytest
import pytest_asyncio

from bot.charts.drawing import render
from bot.charts.worker import ChartUnavailable, ChartWorker
from bot.core.pictures import EventMark, Picture
from tests.charts import examples

# One worker for all: it takes seconds to start on a busy machine, and heals from whatever a test does to it.
pytestmark = pytest.mark.asyncio(loop_scope="module")
PATIENCE_SECONDS = 120


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worker() -> AsyncIterator[ChartWorker]:
    worker = ChartWorker(limit_seconds=PATIENCE_SECONDS)
    yield worker
    await worker.close()


async def test_the_worker_draws_what_the_same_process_would_have_drawn(worker: ChartWorker) -> None:
    picture = examples.heat_map()
    assert await worker.draw(picture, dark=True) == render(picture, dark=True)


async def test_several_pictures_asked_for_at_once_each_get_their_own(worker: ChartWorker) -> None:
    pictures: list[Picture] = [examples.network_map(), examples.lines(), examples.intervals()]
    drawn = await asyncio.gather(*(worker.draw(picture) for picture in pictures))
    assert drawn == [render(picture) for picture in pictures]


async def test_nothing_runs_before_the_first_picture_and_after_closing() -> None:
    worker = ChartWorker(limit_seconds=PATIENCE_SECONDS)
    pids = [worker.pid]
    await worker.draw(examples.lines())
    pids.append(worker.pid)
    await worker.close()
    pids.append(worker.pid)
    assert [pid is None for pid in pids] == [True, False, True]


async def test_a_worker_that_died_is_replaced(worker: ChartWorker) -> None:
    await worker.draw(examples.lines())
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    assert await worker.draw(examples.lines()) == render(examples.lines())


class Poison:
    """Ends the process that reads it."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (3,)


async def test_a_picture_that_kills_the_worker_twice_is_given_up(worker: ChartWorker) -> None:
    await worker.draw(examples.lines())
    with pytest.raises(ChartUnavailable, match="died"):
        await worker.draw(cast("Picture", Poison()))
    assert await worker.draw(examples.lines())


async def test_a_picture_that_takes_too_long_is_given_up_and_the_next_one_is_drawn(worker: ChartWorker) -> None:
    await worker.draw(examples.lines())
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGSTOP)
    worker.limit_seconds = 0.05
    with pytest.raises(ChartUnavailable, match="LineChart"):
        await worker.draw(examples.lines())
    worker.limit_seconds = PATIENCE_SECONDS
    assert await worker.draw(examples.lines())


async def test_an_interrupt_from_the_keyboard_leaves_the_worker_alive(worker: ChartWorker) -> None:
    await worker.draw(examples.lines())
    before = worker.pid
    assert before is not None
    os.kill(before, signal.SIGINT)
    await worker.draw(examples.lines())
    assert worker.pid == before


async def test_a_picture_that_cannot_be_drawn_costs_only_itself(worker: ChartWorker) -> None:
    await worker.draw(examples.lines())
    before = worker.pid
    broken = replace(examples.history(), events=(EventMark(99, "never"),))
    with pytest.raises(ChartUnavailable, match="IndexError"):
        await worker.draw(broken)
    assert await worker.draw(examples.lines())
    assert worker.pid == before


async def test_a_caller_who_gives_up_does_not_spoil_the_next_answer(worker: ChartWorker) -> None:
    await worker.draw(examples.lines())
    impatient = asyncio.create_task(worker.draw(examples.heat_map(examples.many(20))))
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert await worker.draw(examples.intervals()) == render(examples.intervals())
