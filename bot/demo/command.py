"""``rc-pulse demo``: a local Slack, the real bot beside it, simulated staff, and twelve weeks of history.

The bot is a process of its own (``rc-pulse serve``), connected over Socket Mode; only Slack is local. Everything lives
in a temporary folder that goes when the demo ends.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from bot.app import connected_commands, prompts_folder
from bot.content import Content
from bot.demo import hospital as hospitals
from bot.demo import story
from bot.demo.slack import Hands
from bot.demo.staff import Staff
from bot.sandbox.limits import Limits
from bot.sandbox.server import Sandbox
from bot.settings import Settings

MANIFESTS = (
    Path(__file__).parent.parent / "_data" / "deploy" / "slack-manifest.yaml",
    Path(__file__).parent.parent.parent / "deploy" / "slack-manifest.yaml",
)
READY_SECONDS = 60.0
STOP_SECONDS = 15.0

Say = Callable[[str], object]


def run(port: int, *, say: Say = print) -> int:
    """Run until Ctrl-C or SIGTERM; answers the exit code, 2 with one sentence where the port is taken."""
    try:
        asyncio.run(_demo(port, say))
    except OSError:
        say(f"Port {port} is taken by another program: choose another one, for example `make demo PORT={port + 1}`.")
        return 2
    return 0


async def _demo(port: int, say: Say) -> None:
    began = story.beginning(datetime.now(UTC).date())
    hospital = hospitals.found()
    manifest = next(file for file in MANIFESTS if file.is_file())
    sandbox = await Sandbox.start(
        port=port, seed=hospital.seed_file(), manifest=manifest, start_at=began, limits=Limits(enabled=False)
    )
    say(f"Riverside Hospital opens at {sandbox.base_url} (twelve weeks are being played; Ctrl-C ends it)")
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    with tempfile.TemporaryDirectory(prefix="rc-pulse-demo-") as folder:
        playing = asyncio.create_task(_play(sandbox, hospital, Path(folder), began, say))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            playing.cancel()
            with suppress(asyncio.CancelledError):
                await playing
            await sandbox.stop()
    say("Good-bye.")


async def _play(sandbox: Sandbox, hospital: hospitals.Hospital, folder: Path, began: datetime, say: Say) -> None:
    """Set up, start the bot, play the history, then stay with the visitor."""
    hands = Hands(sandbox.base_url)
    settings = _settings(sandbox, folder)
    bot = staff_at_work = None
    try:
        await hands.notice("Setting up the hospital …", 0.0)
        state = await hands.get("state")
        await _invite(hands, sandbox, state)
        async with connected_commands(settings) as (deps, ws):
            await story.set_up(deps, ws, hospital, state, began)
        bot = await _start_bot(settings)
        content = Content.load(prompts_folder(settings))
        staff = Staff(hands, hospital, content, state)
        staff_at_work = asyncio.create_task(staff.work())
        nurse = hospital.staff[0].handle
        await story.play(hands, began, before_the_end=lambda: staff.leave_to_visitor(nurse, "lena.fischer", "carla"))
        await hands.post("guide", story.guide(await hands.get("state"), nurse))
        say(f"Ready: {sandbox.base_url}")
        await bot.wait()
        say("The bot has ended.")
    finally:
        if staff_at_work is not None:
            staff_at_work.cancel()
            with suppress(asyncio.CancelledError):
                await staff_at_work
        if bot is not None:
            await _stop_bot(bot)
        await hands.close()


async def _invite(hands: Hands, sandbox: Sandbox, state: Mapping[str, Any]) -> None:
    """The bot joins the team channels, as `/invite` does it in Slack."""
    for channel in state["channels"]:
        if channel.get("name") in hospitals.CHANNELS.values():
            await hands.patch(f"channels/{channel['id']}", {"add": [sandbox.bot.bot_user_id]})


def _settings(sandbox: Sandbox, folder: Path) -> Settings:
    return Settings(
        database_url=f"sqlite:///{folder / 'demo.db'}",
        vault=folder / "vault",
        slack_bot_token=SecretStr(sandbox.bot.bot_token),
        slack_app_token=SecretStr(sandbox.app.app_token),
        slack_signing_secret=None,
        slack_api_url=sandbox.api_url,
        clock=sandbox.base_url,
        port=0,
        log_level="WARNING",
    )


async def _start_bot(settings: Settings) -> asyncio.subprocess.Process:
    """``rc-pulse serve`` beside us, in a session of its own so that Ctrl-C reaches it through us only."""
    chosen = settings.model_copy(update={"port": _free_port()})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", env={**os.environ, **_environment(chosen)}, start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL, cwd=Path(__file__).parent.parent.parent,
    )  # fmt: skip
    async with aiohttp.ClientSession() as session, asyncio.timeout(READY_SECONDS):
        while process.returncode is None:
            with suppress(aiohttp.ClientError):
                async with session.get(f"http://127.0.0.1:{chosen.port}/readyz") as answer:
                    if answer.ok:
                        break
            await asyncio.sleep(0.05)
    return process


def _environment(settings: Settings) -> Mapping[str, str]:
    values = settings.model_dump(exclude_none=True)
    plain = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in values.items()
    }
    return {f"RC_PULSE_{name.upper()}": str(value) for name, value in plain.items()}


def _free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


async def _stop_bot(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
