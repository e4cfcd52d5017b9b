"""How long ``rc-pulse serve`` takes to be ready and how much memory it has then, against its dependencies alone.

The floor: a process that imports every module of others that the bot has imported when it is ready, and nothing of
ours. Both read the same files from the same warm cache and alternate. The bot starts on a database that is there.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.quick_slack import SECRET, quick_slack
from tests.benchmarks.workspaces import RUNS, prepare, summary

ROOT = Path(__file__).parents[2]
READY = "serve.ready"
_IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\S+)$")
_ALONE = """
import contextlib, importlib, sys
for name in sys.argv[1].split():
    with contextlib.suppress(ImportError):  # some were looked for in vain
        importlib.import_module(name)
print("serve.ready", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Start:
    seconds: float
    rss_mb: float
    said: list[str]


async def _start(words: list[str], environment: dict[str, str]) -> Start:
    """Start a program, wait until it says that it is ready, look at it, and end it."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, env=environment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    said = []
    async for line in process.stdout:
        said.append(line.decode())
        if READY in said[-1]:
            break
    seconds = time.perf_counter() - began
    assert said, words
    assert READY in said[-1], "".join(said[-20:])
    rss = _rss_mb(process.pid)
    process.kill()
    await process.communicate()
    return Start(seconds, rss, said)


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    (kilobytes,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(kilobytes) / 1024


def _dependencies(said: list[str]) -> list[str]:
    """The modules of others among what Python said it imported, in that order."""
    names = [found[1] for line in said if (found := _IMPORTED.match(line.rstrip()))]
    return [
        name for name in names if name.split(".")[0] not in {"bot", "__main__", "site", *sys.stdlib_module_names}
    ]  # fmt: skip


async def _measure(folder: Path, runs: int) -> dict[str, float | dict[str, float]]:
    file = await prepare(folder / "rc-pulse.db")
    seconds, memory, ready = [], [], []
    async with quick_slack() as slack:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("RC_PULSE_")} | {
            "RC_PULSE_DATABASE_URL": f"sqlite:///{file}",
            "RC_PULSE_VAULT": str(folder / "vault"),
            "RC_PULSE_SLACK_API_URL": slack.api_url,
            "RC_PULSE_SLACK_BOT_TOKEN": "xoxb-1-made-up",
            "RC_PULSE_SLACK_SIGNING_SECRET": SECRET,
            "RC_PULSE_PORT": "0",
        }
        serve = ["-m", "bot", "serve"]
        modules = _dependencies((await _start(["-X", "importtime", *serve], ours)).said)
        for _ in range(runs):
            bot = await _start(serve, ours)
            alone = await _start(["-c", _ALONE, " ".join(modules)], ours)
            seconds.append(bot.seconds / alone.seconds)
            memory.append(bot.rss_mb / alone.rss_mb)
            ready.append(bot.seconds)
    return {
        "start.import_ratio": summary(seconds),
        "start.rss_ratio": summary(memory),
        "start.seconds": summary(ready),
    }


def measure(*, runs: int = RUNS) -> dict[str, float | dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder), runs))


if __name__ == "__main__":
    for key, value in measure().items():
        print(key, value)  # noqa: T201 - what a benchmark is for
