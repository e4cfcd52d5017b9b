"""Drawing away from the event loop: one worker process, started when first needed.

matplotlib holds the interpreter for hundreds of milliseconds a picture and takes two seconds to import; a click must
be acknowledged meanwhile. So pictures are drawn by a child process (``bot.charts.drawing`` run as a program) that is
asked over its standard input and answers on its standard output. A plain child program rather than
``multiprocessing``: nothing of the parent is imported again in it, and a picture that hangs can be killed without
ceremony.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from bot.charts.frames import FRAME
from bot.core.pictures import Picture

LIMIT_SECONDS = 20.0


class ChartUnavailable(Exception):
    """The picture could not be drawn in time; the table that says the same goes out alone."""


class ChartWorker:
    """Draws pictures one at a time in a child process, which is restarted after it died or hung.

    Pictures that wait for their turn do not use up their time limit.
    """

    def __init__(self, *, limit_seconds: float = LIMIT_SECONDS) -> None:
        self.limit_seconds = limit_seconds
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The child's process id while there is one."""
        return self._process.pid if self._process else None

    async def draw(self, picture: Picture, *, dark: bool = False) -> bytes:
        """The picture as PNG bytes, at twice its nominal size. Raises ChartUnavailable."""
        async with self._turn:
            try:
                async with asyncio.timeout(self.limit_seconds):
                    return await self._drawn(pickle.dumps(picture), dark=dark)
            except TimeoutError as error:
                await self._stop()
                raise ChartUnavailable(f"{type(picture).__name__} took over {self.limit_seconds:g} s") from error
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                await self._stop()
                raise ChartUnavailable(f"the worker died over a {type(picture).__name__}") from error
            except asyncio.CancelledError:
                # Its answer would be taken for the answer to the next question.
                await self._stop()
                raise

    async def close(self) -> None:
        """End the child process, if there is one. A later ``draw`` would start another."""
        async with self._turn:
            await self._stop()

    async def _drawn(self, payload: bytes, *, dark: bool) -> bytes:
        """A worker that died while it had nothing to do is no reason to go without the picture: a new one is asked."""
        was_there = self._process is not None
        try:
            return await self._ask(await self._running(), payload, dark=dark)
        except (asyncio.IncompleteReadError, ConnectionError):
            await self._stop()
            if not was_there:
                raise
            return await self._ask(await self._running(), payload, dark=dark)

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            await self._stop()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.charts.drawing",
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                cwd=Path(__file__).parents[2],
                start_new_session=True,  # Ctrl-C in a terminal is for the parent, which then closes us
            )
        return self._process

    async def _ask(self, process: Process, payload: bytes, *, dark: bool) -> bytes:
        assert process.stdin is not None  # noqa: S101 - asked for as a pipe
        assert process.stdout is not None  # noqa: S101 - asked for as a pipe
        process.stdin.write(FRAME.pack(dark, len(payload)) + payload)
        await process.stdin.drain()
        drawn, length = FRAME.unpack(await process.stdout.readexactly(FRAME.size))
        answer = await process.stdout.readexactly(length)
        if not drawn:
            raise ChartUnavailable(answer.decode())
        return answer

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.communicate()
