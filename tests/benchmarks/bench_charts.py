"""How fast pictures are drawn and reports computed, on one core; run by ``make bench``.

Times are processor time and the best of several, so that neighbours on the machine do not count.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.charts.drawing import render
from bot.core.pictures import Picture
from bot.core.report_values import Workgroup
from bot.core.reports import build_report
from tests.charts import examples
from tests.core.released_figures import BETWEEN, PROCESS, TEAM, WITHIN, long_history, waves

GROUPS = [Workgroup(11 + at, f"Workgroup {at}") for at in range(6)]
YEAR_OF_WAVES = 13


def best_seconds(*works: Callable[[], object], repeats: int) -> list[float]:
    """The best time of each, taken in turns: a slow minute of the machine hits all of them."""
    best = [float("inf")] * len(works)
    for _ in range(repeats):
        for at, work in enumerate(works):
            started = time.process_time()
            work()
            best[at] = min(best[at], time.process_time() - started)
    return best


def pictures_of_a_report() -> list[Picture]:
    """What one report of a team of six workgroups draws."""
    names = examples.many(6)
    return [examples.heat_map(names), examples.network_map(names), examples.history(), examples.intervals()]


def report_of(count: int) -> Callable[[], object]:
    """Builds the report of a team with so many waves behind it."""
    figures, known = long_history(count), waves(count)
    return lambda: build_report(
        figures, team=TEAM, process=PROCESS, workgroups=GROUPS, waves=known, between=BETWEEN, within=WITHIN
    )


def measure() -> dict[str, float]:
    """``charts.pictures_per_second`` a core; ``report.ms`` after two years of waves, and its growth with ten times
    that history.
    """
    pictures = pictures_of_a_report()
    (drawn,) = best_seconds(lambda: [render(picture) for picture in pictures], repeats=4)
    short, long = best_seconds(report_of(2 * YEAR_OF_WAVES), report_of(20 * YEAR_OF_WAVES), repeats=25)
    return {
        "charts.pictures_per_second": len(pictures) / drawn,
        "report.ms": 1000 * short,
        "report.history_growth": long / short,
    }


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name} {value:.2f}")  # noqa: T201 - a program for people
