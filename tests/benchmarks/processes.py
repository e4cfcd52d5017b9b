"""Processes of a benchmark's own, so that processor time and memory of one never count for another.

They are forked from a server that has imported everything once: starting four costs little more than starting one.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.benchmarks.imported"])


@contextmanager
def apart(work: Callable[..., None], *arguments: object, last_word: str = "") -> Iterator[Connection]:
    """Run ``work(*arguments, pipe)`` in another process; gives our end of the pipe. ``last_word`` tells it to end."""
    here, there = _context.Pipe()
    process = _context.Process(target=work, args=(*arguments, there))
    process.start()
    there.close()
    try:
        yield here
    finally:
        if last_word:
            here.send(last_word)
        process.join()
        here.close()
