"""How the local Slack holds up: 10,000 people, 50,000 messages, 200 requests a second."""

import asyncio
import math
import multiprocessing
import random
import statistics
import time
from multiprocessing.connection import Connection

import aiohttp

from bot.sandbox import messages
from bot.sandbox.limits import Limits
from bot.sandbox.server import Sandbox

PEOPLE = 10_000
MESSAGES = 50_000
CHANNELS = 100
REQUESTS_PER_SECOND = 200
SECONDS = 1
IDLE_REQUESTS = 100
ROUNDS = 12
_PEOPLE_A_CHANNEL = 100


def measure() -> dict[str, float | dict[str, float]]:
    """Milliseconds an answer takes, idle and under load, and how the slow ones compare with the idle median.

    The server has a process of its own, and thereby a core where there are two. The best of several rounds counts:
    neighbours on the machine do not.
    """
    here, there = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,))
    server.start()
    try:
        api_url, token, people, channels = here.recv()
        rounds = [asyncio.run(_load(api_url, token, people, channels)) for _ in range(ROUNDS)]
    finally:
        here.send("stop")
        server.join()
    idle, loaded = min(rounds, key=lambda one: _percentile(one[1], 0.99) / statistics.median(one[0]))
    median = statistics.median(idle) * 1_000
    p99 = _percentile(loaded, 0.99) * 1_000
    return {
        "sandbox.p99_ratio": p99 / median,
        "sandbox.milliseconds": {
            "idle_median": median,
            "loaded_median": statistics.median(loaded) * 1_000,
            "loaded_p99": p99,
        },
    }


def _serve(pipe: Connection) -> None:
    asyncio.run(_run_server(pipe))


async def _run_server(pipe: Connection) -> None:
    names = [f"person-{number}" for number in range(PEOPLE)]
    groups = [names[start : start + _PEOPLE_A_CHANNEL] for start in range(0, PEOPLE, _PEOPLE_A_CHANNEL)]
    seed = {
        "people": [{"name": name} for name in names],
        "channels": [{"name": f"channel-{number}", "members": members} for number, members in enumerate(groups)],
    }
    sandbox = await Sandbox.start(seed=seed, limits=Limits(enabled=False))
    world = sandbox.world
    channels = [channel for channel in world.channels.values() if channel.kind == "public_channel"]
    for channel in channels:
        author = next(iter(channel.members))
        for number in range(MESSAGES // CHANNELS):
            messages.say(sandbox.platform, channel, author, f"message {number}")
        world.join(channel, [sandbox.bot.bot_user_id])  # afterwards: nobody is told of old messages
    people = [world.users_of(channels[0].team_id)[number].id for number in range(1, PEOPLE, 97)]
    pipe.send((sandbox.api_url, sandbox.bot.bot_token, people, [channel.id for channel in channels]))
    await asyncio.to_thread(pipe.recv)
    await sandbox.stop()


async def _load(api_url: str, token: str, people: list[str], channels: list[str]) -> tuple[list[float], list[float]]:
    chance = random.Random(1)
    headers = {"Authorization": f"Bearer {token}"}

    async with aiohttp.ClientSession(headers=headers) as http:

        async def call() -> float:
            method, args = _request(chance, people, channels)
            started = time.perf_counter()
            async with http.post(f"{api_url}{method}", json=args) as answer:
                assert (await answer.json())["ok"]
            return time.perf_counter() - started

        idle = [await call() for _ in range(IDLE_REQUESTS)]
        tasks = []
        started = time.perf_counter()
        for number in range(REQUESTS_PER_SECOND * SECONDS):
            await asyncio.sleep(max(0.0, started + number / REQUESTS_PER_SECOND - time.perf_counter()))
            tasks.append(asyncio.create_task(call()))
        return idle, list(await asyncio.gather(*tasks))


def _request(chance: random.Random, people: list[str], channels: list[str]) -> tuple[str, dict[str, object]]:
    """What a bot does all day: mostly posting, now and then looking something up."""
    channel = chance.choice(channels)
    requests: list[tuple[str, dict[str, object]]] = [
        ("chat.postMessage", {"channel": channel, "text": "hello", "blocks": [{"type": "divider"}]}),
        ("chat.postMessage", {"channel": chance.choice(people), "text": "hello"}),
        ("users.info", {"user": chance.choice(people)}),
        ("conversations.history", {"channel": channel, "limit": 15}),
        ("users.list", {"limit": 20}),
    ]
    return chance.choice(requests)


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[math.ceil(share * len(values)) - 1]
