import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.ui.charts import HEIGHT, Series, data_visualization, nice, plane


def chart(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": "data_visualization", "title": "Scores", "chart": {"type": kind, **more}}


def line(name: str, *values: float | None) -> dict[str, Any]:
    return {"name": name, "data": [{"label": f"W{n}", "value": value} for n, value in enumerate(values, 1)]}


@pytest.mark.parametrize("kind", ["line", "bar", "area"])
def test_the_figures_stand_in_a_table_for_screen_readers(kind: str) -> None:
    drawn = str(data_visualization(chart(kind, series=[line("Ward", 3.1, 3.4)])))
    assert '<th scope="row">Ward</th><td>3.1</td><td>3.4</td>' in drawn
    assert f'aria-label="Scores, {kind} chart"' in drawn


def test_a_missing_value_is_a_gap_and_never_a_zero() -> None:
    drawn = str(data_visualization(chart("line", series=[line("Ward", 3, 3, None, 4, 4)])))
    assert drawn.count("<polyline") == 2
    assert "<td>no value</td>" in drawn
    assert drawn.count("<circle") == 4


def test_bars_start_at_zero_because_their_length_is_the_message() -> None:
    bars = plane(("a", "b"), [Series("x", (3.0, 4.0))], from_zero=True)
    lines = plane(("a", "b"), [Series("x", (3.0, 4.0))], from_zero=False)
    assert bars.low == 0
    assert lines.low >= 2


def test_a_pie_says_its_shares_in_percent() -> None:
    segments = [{"label": "Nurses", "value": 3}, {"label": "Pharmacy", "value": 1}]
    drawn = str(data_visualization(chart("pie", segments=segments)))
    assert "75%" in drawn
    assert "25%" in drawn


def test_a_pie_of_one_part_is_a_whole_circle() -> None:
    drawn = str(data_visualization(chart("pie", segments=[{"label": "All", "value": 2}])))
    assert "<circle" in drawn
    assert "<path" not in drawn


def test_lines_differ_by_dashes_as_well_as_colour() -> None:
    drawn = str(data_visualization(chart("line", series=[line(name, 1, 2) for name in "abc"])))
    assert len(set(re.findall(r'<polyline [^>]*?(stroke-dasharray="[^"]*"|class="stroke-\d"></polyline)', drawn))) == 3


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.booleans())
def test_every_value_lies_within_the_picture(values: list[float], from_zero: bool) -> None:
    frame = plane(tuple(map(str, values)), [Series("x", tuple(values))], from_zero=from_zero)
    assert all(-1 <= frame.y(value) <= HEIGHT + 1 for value in values)
    assert 1 <= len(frame.ticks) <= 12


@given(st.floats(1e-9, 1e9))
def test_steps_are_round_numbers_at_least_as_large_as_asked(rough: float) -> None:
    step = nice(rough)
    assert rough <= step <= rough * 2.6
