"""The sandbox as a program of its own: start it, say how to connect, stay until told to end."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.sandbox import snapshot
from bot.sandbox.errors import ControlError
from bot.sandbox.limits import Limits
from bot.sandbox.manifest import ManifestError
from bot.sandbox.seed import SeedError
from bot.sandbox.server import Sandbox


def run(
    *,
    port: int = 0,
    manifest: Path | None = None,
    seed_yaml: Path | None = None,
    state: Path | None = None,
    faults: Iterable[str] = (),
    rate_limits: bool = True,
    workspace_posts: int = 300,
    start_at: datetime | None = None,
    random_seed: int = 0,
    say: Callable[[str], object] = print,
) -> int:
    """Run until Ctrl-C or SIGTERM; answers the exit code, 2 with one sentence for what cannot be started.

    `state` is a JSON file: read at the start if it is there, written at the end. `faults` are JSON bodies of
    POST /_sandbox/faults, or a bare name such as reply_lost.
    """
    limits = Limits(enabled=rate_limits, workspace_posts=workspace_posts)
    try:
        return asyncio.run(
            _serve(
                say,
                state,
                port=port,
                manifest=manifest,
                seed=seed_yaml,
                faults=[_fault(one) for one in faults],
                limits=limits,
                start_at=start_at,
                random_seed=random_seed,
            ),
        )
    except OSError as error:
        if error.filename is not None:
            return _refuse(f"Cannot read {error.filename}: {error.strerror}.")
        return _refuse(f"Port {port} is taken by another program: choose another one with --port.")
    except ControlError as error:
        return _refuse(error.message)
    except (ManifestError, SeedError, json.JSONDecodeError) as error:
        return _refuse(str(error))


def connection_lines(sandbox: Sandbox) -> list[str]:
    """What somebody needs to connect an app, one line each."""
    app, bot = sandbox.app, sandbox.bot
    return [
        f"A local Slack is up: {sandbox.base_url}",
        f"  Web API             {sandbox.api_url}",
        f"  bot token           {bot.bot_token}",
        f"  app-level token     {app.app_token}",
        f"  signing secret      {app.signing_secret}",
        f"  client id           {app.client_id}",
        f"  client secret       {app.client_secret}",
        f"  authorise page      {sandbox.base_url}/oauth/v2/authorize",
        "Everything is in memory and made up. Ctrl-C ends it.",
    ]


async def _serve(say: Callable[[str], object], state: Path | None, **arguments: Any) -> int:
    end = _told_to_end()
    sandbox = await Sandbox.start(**arguments)
    try:
        if state is not None and state.exists():
            snapshot.load(sandbox.platform, json.loads(state.read_text(encoding="utf-8")))
        for line in connection_lines(sandbox):
            say(line)
        await end.wait()
        if state is not None:
            state.write_text(json.dumps(snapshot.dump(sandbox.world)), encoding="utf-8")
    finally:
        await sandbox.stop()
    return 0


def _told_to_end() -> asyncio.Event:
    """An event that is set by Ctrl-C or SIGTERM, from now on."""
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, end.set)
    return end


def _fault(text: str) -> Mapping[str, Any]:
    if not text.lstrip().startswith("{"):
        return {"fault": text}
    described = json.loads(text)
    return dict(described)


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201 - a program's last word belongs on its error stream
    return 2
