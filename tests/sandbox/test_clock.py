"""Time that is shared: nobody is overtaken, nobody is waited for forever."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.clock import Clock

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest_asyncio.fixture
async def clock() -> AsyncIterator[Clock]:
    clock = Clock(START, patience_seconds=0.2)
    running = asyncio.create_task(clock.run())
    yield clock
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def follow(clock: Clock, name: str, wishes: list[datetime], seen: list[tuple[str, datetime]]) -> None:
    for at in wishes:
        await clock.follow(name, at)
        seen.append((name, clock.now()))
    await clock.follow(name, None)


def hours(*numbers: float) -> list[datetime]:
    return [START + timedelta(hours=number) for number in numbers]


async def test_advancing_wakes_every_follower_at_exactly_its_instant_in_order(clock: Clock) -> None:
    seen: list[tuple[str, datetime]] = []
    wishes = {"bot": hours(1, 2, 5), "staff": hours(1.5, 2)}
    tasks = [asyncio.create_task(follow(clock, name, at, seen)) for name, at in wishes.items()]
    await asyncio.sleep(0)
    now = await clock.advance(4 * 3600)
    assert now - START - timedelta(hours=4) < timedelta(seconds=1)
    assert [at for _name, at in seen] == hours(1, 1.5, 2, 2)
    for task in tasks:
        task.cancel()


async def test_time_does_not_pass_a_wake_up_until_the_follower_is_back(clock: Clock) -> None:
    woken, done = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        await clock.follow("slow", hours(1)[0])
        woken.set()
        await done.wait()
        await clock.follow("slow", None)

    task = asyncio.create_task(slow())
    await asyncio.sleep(0)
    moving = asyncio.create_task(clock.advance(2 * 3600))
    await woken.wait()
    assert clock.now() == hours(1)[0]
    done.set()
    assert await moving >= hours(2)[0]
    task.cancel()


async def test_a_follower_that_misses_is_forgotten_until_it_calls_again(clock: Clock) -> None:
    seen: list[tuple[str, datetime]] = []
    await asyncio.wait_for(asyncio.gather(clock.follow("gone", hours(1)[0]), clock.advance(3600)), 5)
    started = asyncio.get_running_loop().time()
    await clock.advance(3600)
    assert asyncio.get_running_loop().time() - started < 0.1
    back = asyncio.create_task(follow(clock, "gone", hours(3), seen))
    await asyncio.sleep(0)
    await clock.advance(3600)
    assert [at for _name, at in seen] == hours(3)
    back.cancel()


async def test_a_second_call_of_a_follower_replaces_the_first(clock: Clock) -> None:
    first = asyncio.create_task(clock.follow("bot", hours(5)[0]))
    await asyncio.sleep(0)
    second = asyncio.create_task(clock.follow("bot", hours(1)[0]))
    assert await first is False
    moving = asyncio.create_task(clock.advance(3600))
    assert await second is True
    await moving


async def test_the_clock_runs_at_real_time_and_wakes_at_1x(clock: Clock) -> None:
    assert await clock.follow("bot", START + timedelta(seconds=0.05)) is True
    assert clock.now() >= START + timedelta(seconds=0.05)


async def test_a_jump_sets_the_time_and_wakes_late_followers_once(clock: Clock) -> None:
    late = asyncio.create_task(clock.follow("bot", hours(1)[0]))
    await asyncio.sleep(0)
    clock.jump(hours(10)[0])
    assert await late is True
    assert hours(10)[0] <= clock.now() < hours(10)[0] + timedelta(minutes=1)


async def test_a_jump_back_is_a_jump_too(clock: Clock) -> None:
    assert clock.jump(hours(-48)[0]) - hours(-48)[0] < timedelta(seconds=1)


async def test_timers_of_the_sandbox_run_in_order_while_time_is_moved(clock: Clock) -> None:
    ran: list[datetime] = []

    async def note() -> None:
        ran.append(clock.now())

    for at in hours(3, 1, 2):
        clock.call_at(at, note)
    await clock.advance(2.5 * 3600)
    assert ran == hours(1, 2)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["bot", "staff", "third"]),
        st.lists(st.integers(0, 100), max_size=6).map(sorted),
        min_size=1,
    ),
    st.lists(st.integers(0, 40), min_size=1, max_size=4),
)
def test_whatever_is_wished_nobody_is_woken_early_late_or_out_of_order(
    wishes: dict[str, list[int]], moves: list[int]
) -> None:
    async def story() -> None:
        clock, seen = Clock(START), list[tuple[str, datetime]]()
        plans = {name: [START + timedelta(minutes=one) for one in minutes] for name, minutes in wishes.items()}
        tasks = [asyncio.create_task(follow(clock, name, at, seen)) for name, at in plans.items()]
        await asyncio.sleep(0)
        for minutes in moves:
            await clock.advance(minutes * 60)
        end = clock.now()
        for task in tasks:
            task.cancel()
        assert [at for _name, at in seen] == sorted(at for _name, at in seen)
        for name, plan in plans.items():
            mine = [at for who, at in seen if who == name]
            assert all(at - wish < timedelta(seconds=1) for at, wish in zip(mine, plan, strict=False))
            assert len(mine) == sum(wish <= end for wish in plan)

    asyncio.run(story())
