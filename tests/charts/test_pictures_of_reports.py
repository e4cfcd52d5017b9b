from __future__ import annotations

from datetime import date

from bot.charts.drawing import render
from bot.core import report_pictures
from bot.core.figures import FigureKind
from bot.core.instrument import DIMENSIONS
from bot.core.report_values import Event, Workgroup
from bot.core.reports import build_report
from tests.charts.examples import WORDS
from tests.core.released_figures import BETWEEN, FIRST_DAY, PROCESS, TEAM, WITHIN, long_history, waves

LINES = {FigureKind.INDEX: "Index", FigureKind.COMMUNICATION: "Talking", FigureKind.RELATIONSHIP: "Relating"}


def test_every_picture_of_a_years_report_is_drawn_without_a_warning() -> None:
    report = build_report(
        long_history(13),
        team=TEAM,
        process=PROCESS,
        workgroups=[Workgroup(11 + at, f"Workgroup {at}") for at in range(6)],
        waves=waves(13),
        between=BETWEEN,
        within=WITHIN,
        events=[Event("Huddle moved to the ward", FIRST_DAY)] * 30,
    )
    assert report is not None
    for picture in (
        report_pictures.heat_map(report, "Map", WORDS),
        report_pictures.network_map(report, "Network", WORDS),
        report_pictures.history_chart(report, "History", WORDS, day=date.isoformat),
        report_pictures.line_chart(report, "Trend", WORDS, names=LINES, day=date.isoformat),
        report_pictures.dimension_chart(
            report, "Dimensions", WORDS, names={d: d.value for d in DIMENSIONS}, bands=BETWEEN
        ),
    ):
        assert render(picture)
        assert render(picture, dark=True)
