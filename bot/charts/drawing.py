"""From a picture to PNG bytes; run as a program, the worker that ``bot.charts.worker`` asks."""

from __future__ import annotations

import os
import pickle
import signal
import sys

from bot.charts.frames import FRAME
from bot.charts.heatmaps import draw_heat_map
from bot.charts.intervals import draw_intervals
from bot.charts.networks import draw_network_map
from bot.charts.timelines import draw_history, draw_lines
from bot.charts.tones import DARK, LIGHT
from bot.core.pictures import HeatMap, HistoryChart, IntervalChart, LineChart, NetworkMap, Picture

NICENESS = 10
"""Clicks go before pictures where they share a processor."""


def render(picture: Picture, *, dark: bool = False) -> bytes:
    """The picture as PNG bytes at twice its nominal size; the same bytes for the same picture on one machine."""
    canvas = DARK if dark else LIGHT
    match picture:
        case HeatMap():
            return draw_heat_map(picture, canvas).png()
        case NetworkMap():
            return draw_network_map(picture, canvas).png()
        case HistoryChart():
            return draw_history(picture, canvas).png()
        case IntervalChart():
            return draw_intervals(picture, canvas).png()
        case LineChart():
            return draw_lines(picture, canvas).png()


def main() -> None:
    """Answer frames on standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while header := asked.read(FRAME.size):
        dark, length = FRAME.unpack(header)
        # Our own parent wrote this; no one else has the other end of the pipe.
        picture: Picture = pickle.loads(asked.read(length))  # noqa: S301 - see the line above
        try:
            drawn, payload = True, render(picture, dark=dark)
        except Exception as error:  # noqa: BLE001 - outermost loop: one bad picture must not cost the next ones the worker
            drawn, payload = False, type(error).__name__.encode()
        answers.write(FRAME.pack(drawn, len(payload)) + payload)
        answers.flush()


if __name__ == "__main__":
    main()
