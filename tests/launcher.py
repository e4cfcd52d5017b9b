"""Starts the bot in milliseconds: a parent that has imported it once and forks a process for every start.

Importing takes seconds, and the chaos tests start the bot dozens of times. The forked process runs what
``python -m MODULE`` runs, in a session of its own; it can be killed like any other. Orders come as JSON lines on
standard input, news leave as JSON lines on standard output; at the end of the orders whatever still runs is killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import select
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parent.parent

# --- in the test -----------------------------------------------------------------------------------------------------


@dataclass
class Forked:
    """A process of the launcher's, with what a test needs of ``asyncio.subprocess.Process``."""

    pid: int
    returncode: int | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    async def wait(self) -> int:
        await self.ended.wait()
        assert self.returncode is not None
        return self.returncode

    def _signal(self, number: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Launcher:
    """``async with Launcher() as launcher``; then ``await launcher.launch(["bot", "serve"], environment, log)``."""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.launcher", cwd=ROOT, start_new_session=True,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._children: dict[int, Forked] = {}
        self._started: asyncio.Queue[Forked] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading

    async def launch(self, words: Sequence[str], environment: Mapping[str, str], log: Path) -> Forked:
        """``words``: a module and its arguments. Everything it writes goes to ``log``."""
        assert self._process.stdin is not None
        order = {"words": list(words), "environment": dict(environment), "log": str(log)}
        self._process.stdin.write(f"{json.dumps(order)}\n".encode())
        return await self._started.get()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            news = json.loads(line)
            if "code" not in news:
                self._children[news["pid"]] = Forked(news["pid"])
                self._started.put_nowait(self._children[news["pid"]])
                continue
            child = self._children[news["pid"]]
            child.returncode = news["code"]
            child.ended.set()


# --- the parent ------------------------------------------------------------------------------------------------------


def main() -> None:
    """Import, then fork as told."""
    import bot.cli  # noqa: F401 - imported here once, so that no child has to

    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    children: set[int] = set()
    orders = sys.stdin.buffer.raw  # type: ignore[union-attr]  # unbuffered: what is buffered, select cannot see
    while True:
        ready, _, _ = select.select([orders, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _reap(children)
        if orders not in ready:
            continue
        line = orders.readline()
        if not line:
            break
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line))
        children.add(pid)
        _say(pid=pid)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    while children:
        pid, _ = os.wait()
        children.discard(pid)


def _reap(children: set[int]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        children.discard(pid)
        _say(pid=pid, code=os.waitstatus_to_exitcode(status))


def _say(**news: int) -> None:
    print(json.dumps(news), flush=True)  # noqa: T201 - this is how it speaks


def _become(order: Mapping[str, Any]) -> None:
    """The child: another program from here on. Never returns."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(order["environment"])
    module, *words = order["words"]
    sys.argv = [module, *words]
    code = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - the outermost frame of a process that must not become its parent
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
