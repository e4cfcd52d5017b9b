"""How many taps a second are stored, acknowledged and answered with the next question, and how long they take.

The floor: a bare Bolt app on the same server that acknowledges and makes a replacement of the same size over the same
kind of shared session, and stores nothing. Ours checks, encrypts and commits each answer to disk first. 64 people tap
at once, each through the three questions of their pulse; each server is a process of its own.

``report.ack_p99_ratio``: taps at an even, moderate pace while twenty reports are computed and drawn, against the same
taps without.
"""

from __future__ import annotations

import asyncio
import math
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from sqlmodel import col, select
from starlette.responses import Response

from bot.charts.worker import ChartWorker
from bot.core.messages import PulseStage
from bot.db import schema
from bot.db.session import Database
from bot.db.tables import Ask
from bot.http import Http, routes
from bot.services import answers, rounds
from bot.services.answers import Recorder
from bot.services.vault import Vault
from bot.settings import Settings
from bot.slack import app as slack_app
from bot.slack.blocks import pulse as blocks
from bot.slack.client import make_client, open_session
from bot.slack.ids import TapAnswer, pattern
from bot.slack.words import Words
from tests import postgres
from tests.benchmarks.bench_charts import pictures_of_a_report, report_of
from tests.benchmarks.processes import apart
from tests.benchmarks.quick_slack import SECRET, Finger, QuickSlack, Times, quick_slack
from tests.benchmarks.workspaces import MONDAY, RUNS, Size, deps_on, fill, summary, user_name
from tests.cast import words

AT_ONCE = 64
QUESTIONS = 3
PEOPLE_A_RUN = 320
PER_SECOND = 30
SECONDS = 5
REPORTS = 20
WAVES = 26

Tap = tuple[int, int]
"""A person and their ask."""


@dataclass(frozen=True, slots=True)
class Scale:
    runs: int = RUNS
    at_once: int = AT_ONCE
    people: int = PEOPLE_A_RUN
    taps: int = PER_SECOND * SECONDS
    reports: int = REPORTS


# --- the servers -----------------------------------------------------------------------------------------------------


def _settings(api_url: str) -> Settings:
    return Settings.model_validate(
        {"slack_api_url": api_url, "slack_bot_token": "xoxb-1-made-up", "slack_signing_secret": SECRET}
    )


async def _serve_ours(url: str, vault: Path, api_url: str, pipe: Connection) -> None:
    deps, charts = deps_on(Database(url), Vault(vault)), ChartWorker()
    recorder = Recorder(deps)
    slack = await slack_app.build(deps, _settings(api_url), recorder=recorder, charts=charts, workspace_id=1)

    async def draw(count: int) -> None:
        for _ in range(count):
            await asyncio.sleep(0)
            report_of(WAVES)()
            for picture in pictures_of_a_report():
                await charts.draw(picture)

    await _until_told(Http(routes(_ready, slack.endpoint), "127.0.0.1", 0), pipe, draw)
    await slack.stop(1)
    await recorder.drain()
    await charts.close()
    await deps.database.close()


async def _serve_bare(body: dict[str, Any], api_url: str, pipe: Connection) -> None:
    settings = _settings(api_url)
    session = open_session(settings)
    bolt = AsyncApp(client=make_client(settings, session), signing_secret=SECRET)

    @bolt.action(pattern(TapAnswer))
    async def tapped(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        async with session.post(body["response_url"], json=replacement) as answer:
            assert answer.ok

    replacement = body
    handler = AsyncSlackRequestHandler(bolt)

    async def endpoint(request: Any) -> Response:
        answer: Response = await handler.handle(request)
        return answer

    await _until_told(Http(routes(_ready, endpoint), "127.0.0.1", 0), pipe)
    await session.close()


async def _ready() -> str | None:
    return None


async def _until_told(http: Http, pipe: Connection, draw: Any = None) -> None:
    """Serve; a number through the pipe asks for so many reports, a word ends it."""
    serving = asyncio.create_task(http.serve())
    while not http._server.started:  # noqa: ASYNC110 - the port is known before anybody listens there
        await asyncio.sleep(0.01)
    pipe.send(http.port)
    drawing: asyncio.Task[None] | None = None
    while isinstance(wanted := await asyncio.to_thread(pipe.recv), int):
        if drawing is not None:
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)
        drawing = asyncio.create_task(draw(wanted))
    http.stop()
    await serving


def _ours(url: str, vault: Path, api_url: str, pipe: Connection) -> None:
    asyncio.run(_serve_ours(url, vault, api_url, pipe))


def _bare(body: dict[str, Any], api_url: str, pipe: Connection) -> None:
    asyncio.run(_serve_bare(body, api_url, pipe))


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    pipe: Connection


@asynccontextmanager
async def _running(serve: Callable[..., None], *arguments: object) -> AsyncIterator[Server]:
    with apart(serve, *arguments, last_word="stop") as pipe:
        yield Server(await asyncio.to_thread(pipe.recv), pipe)


# --- the people ------------------------------------------------------------------------------------------------------


async def _crowd(slack: QuickSlack, port: int, people: Sequence[Tap], at_once: int) -> tuple[float, list[Times]]:
    """Everybody answers their questions, ``at_once`` of them at the same time: seconds in all, and of each tap."""
    waiting = list(reversed(people))
    times: list[Times] = []
    fingers = [Finger(slack, port, f"{port}-{uuid.uuid4().hex}") for _ in range(at_once)]

    async def tap_on(finger: Finger) -> None:
        while waiting:
            person, ask = waiting.pop()
            times.extend([await finger.tap(person, ask, position) for position in range(QUESTIONS)])

    began = time.perf_counter()
    await asyncio.gather(*(tap_on(finger) for finger in fingers))
    seconds = time.perf_counter() - began
    for finger in fingers:
        finger.lift()
    return seconds, times


async def _evenly(slack: QuickSlack, port: int, people: Sequence[Tap], taps: int) -> list[Times]:
    """So many taps at an even pace, whatever becomes of those before."""
    idle = [Finger(slack, port, f"{port}-{uuid.uuid4().hex}") for _ in range(8)]
    everybody = list(idle)

    async def one(number: int) -> Times:
        finger = idle.pop() if idle else Finger(slack, port, f"{port}-{uuid.uuid4().hex}")
        everybody.append(finger)
        person, ask = people[number // QUESTIONS % len(people)]
        times = await finger.tap(person, ask, number % QUESTIONS)
        idle.append(finger)
        return times

    tasks, began = [], time.perf_counter()
    for number in range(taps):
        await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number)))
    found = await asyncio.gather(*tasks)
    for finger in everybody:
        finger.lift()
    return list(found)


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]


# --- the measurements ------------------------------------------------------------------------------------------------


async def _open_rounds(url: str, vault: Path, people: int) -> tuple[list[Tap], dict[str, Any]]:
    """A database in which so many people have an open pulse; and what a replaced message looks like."""
    Vault(vault).prepare()
    database = Database(url)
    await schema.upgrade(database)
    await fill(database, Size(teams=-(-people // 25), items=QUESTIONS, reminders=0))
    deps = deps_on(database, Vault(vault))
    await rounds.open_due(deps, MONDAY)
    async with database.read() as session:
        asks = (await session.exec(select(Ask.person_id, Ask.id).order_by(col(Ask.id)))).all()
    standing = await answers.show(deps, 1, user_name(asks[0][0]), asks[0][1], 1)
    assert standing.stage is PulseStage.ASKING
    shown = blocks.pulse(standing, Words(words()))
    await database.close()
    return list(asks), {"replace_original": True, "text": shown.text, "blocks": shown.blocks}


async def _against_bare(url: str, folder: Path, scale: Scale) -> dict[str, float | dict[str, float]]:
    asks, replacement = await _open_rounds(url, folder, (scale.runs + 1) * scale.people)
    throughput, slow, per_second = [], [], []
    async with (
        quick_slack() as slack,
        _running(_ours, url, folder, slack.api_url) as ours,
        _running(_bare, replacement, slack.api_url) as bare,
    ):
        for run in range(scale.runs + 1):
            people = asks[run * scale.people : (run + 1) * scale.people]
            mine, my_times = await _crowd(slack, ours.port, people, scale.at_once)
            floor, bare_times = await _crowd(slack, bare.port, people, scale.at_once)
            if run == 0:
                continue  # both have warmed up
            throughput.append(floor / mine)
            slow.append(_p99([one.replaced for one in my_times]) / _p99([one.replaced for one in bare_times]))
            per_second.append(len(my_times) / mine)
    return {"throughput_ratio": summary(throughput), "p99_ratio": summary(slow), "per_second": summary(per_second)}


async def _while_drawing(url: str, folder: Path, scale: Scale) -> dict[str, float]:
    asks, _ = await _open_rounds(url, folder, scale.taps)
    ratios = []
    async with quick_slack() as slack, _running(_ours, url, folder, slack.api_url) as ours:
        await _evenly(slack, ours.port, asks, scale.taps)
        ours.pipe.send(1)  # the worker is started and has read its fonts
        for _ in range(scale.runs):
            ours.pipe.send(0)
            idle = await _evenly(slack, ours.port, asks, scale.taps)
            ours.pipe.send(scale.reports)
            busy = await _evenly(slack, ours.port, asks, scale.taps)
            ratios.append(_p99([one.acked for one in busy]) / _p99([one.acked for one in idle]))
    return summary(ratios)


def measure(scale: Scale | None = None) -> dict[str, float | dict[str, float]]:
    wanted = scale or Scale()
    found: dict[str, float | dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = postgres.shared(folder / "postgres")
        try:
            with psycopg.connect(f"{server.url}/postgres", autocommit=True) as connection:
                connection.execute(b"CREATE DATABASE bench")
            urls = {"sqlite": f"sqlite:///{folder / 'answers.db'}", "postgres": f"{server.url}/bench"}
            for engine, url in urls.items():
                figures = asyncio.run(_against_bare(url, folder / engine, wanted))
                found |= {f"answers.{engine}.{key}": value for key, value in figures.items()}
        finally:
            postgres.stop(folder / "postgres")
        drawn = f"sqlite:///{folder / 'drawing.db'}"
        found["report.ack_p99_ratio"] = asyncio.run(_while_drawing(drawn, folder / "drawing", wanted))
    return found


if __name__ == "__main__":
    for key, value in measure().items():
        print(key, value)  # noqa: T201 - what a benchmark is for
