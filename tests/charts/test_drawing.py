from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from bot.charts import letters
from bot.charts.drawing import render
from bot.charts.tones import DARK, LIGHT, Canvas, luminance
from bot.core.figures import Withheld
from bot.core.pictures import HistoryChart, LineChart, Picture, Point, TieMatrix
from tests.charts import examples
from tests.charts.goldens import FOLDER, PICTURES, reduced

UNDRAWABLE = "\U00012000\U0001f389"
"""A cuneiform sign and an emoji: in no font that we look for."""


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference per channel, 0..255; infinite for different sizes."""
    if one.size != other.size:
        return float("inf")
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def golden(name: str) -> Image.Image:
    return Image.open(FOLDER / f"{name}.png").convert("RGB")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_looks_like_its_golden_image(name: str) -> None:
    picture, dark = PICTURES[name]
    assert difference(reduced(render(picture, dark=dark)), golden(name)) < 1.5


def test_the_tolerance_notices_one_tie_that_changed() -> None:
    picture = examples.heat_map()
    cells = [list(row) for row in picture.ties.cells]
    cells[0][1] = Withheld()
    ties = TieMatrix(picture.ties.workgroups, tuple(map(tuple, cells)))
    assert difference(reduced(render(replace(picture, ties=ties))), golden("heat_map_light")) > 1.5


def test_golden_images_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 300_000


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_picture_gives_the_same_bytes(name: str) -> None:
    picture, dark = PICTURES[name]
    assert render(picture, dark=dark) == render(picture, dark=dark)


@pytest.mark.parametrize("size", [2, 3, 10, 11, 20])
@pytest.mark.parametrize("draw", [examples.heat_map, examples.network_map])
def test_two_to_twenty_workgroups_fit_on_a_sheet_that_slack_shows(size: int, draw: object) -> None:
    picture = draw(examples.many(size))  # type: ignore[operator] # parametrised over two functions
    image = Image.open(io.BytesIO(render(picture)))
    assert 800 <= image.width <= 2000
    assert 300 <= image.height <= 2000


def test_nothing_is_drawn_on_the_very_edge_of_a_sheet() -> None:
    for picture in (examples.heat_map(examples.LONG_NAMES), examples.network_map(examples.LONG_NAMES)):
        image = Image.open(io.BytesIO(render(picture))).convert("RGB")
        inner = image.crop((4, 4, image.width - 4, image.height - 4))
        framed = Image.new("RGB", image.size, LIGHT.ground)
        framed.paste(inner, (4, 4))
        assert difference(image, framed) == 0


def test_a_name_without_a_font_becomes_its_number() -> None:
    assert letters.drawable_names(("Nurses", UNDRAWABLE, "", "Ärzte")) == ("Nurses", "2", "3", "Ärzte")


def test_undrawable_letters_vanish_from_free_text_and_never_warn() -> None:
    chart = examples.history()
    strange = replace(
        chart, title=f"{UNDRAWABLE} index", points=(Point(UNDRAWABLE, examples.shown(3.0)), *chart.points)
    )
    assert render(strange)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(names=st.lists(st.text(max_size=30), min_size=2, max_size=3), title=st.text(max_size=40))
def test_whatever_a_workgroup_is_called_it_is_drawn_without_a_warning(names: list[str], title: str) -> None:
    assert render(replace(examples.network_map(tuple(names)), title=title))


def test_a_wrapped_text_keeps_to_its_room() -> None:
    face = letters.face_for(["x"])
    lines = letters.wrapped("Physiotherapists and occupational therapists", face, 9, room=80, lines=2)
    assert len(lines) == 2
    assert all(letters.width(line, face, 9) <= 80 for line in lines)
    assert lines[-1].endswith("…")


@pytest.mark.parametrize("canvas", [LIGHT, DARK], ids=["light", "dark"])
def test_a_higher_score_stands_out_more_even_without_colour(canvas: Canvas) -> None:
    ground = luminance(canvas.ground)
    distances = [abs(luminance(canvas.tone(value / 10)) - ground) for value in range(13, 48)]
    assert distances == sorted(distances)


@pytest.mark.parametrize("canvas", [LIGHT, DARK], ids=["light", "dark"])
def test_numbers_in_cells_have_the_contrast_that_wcag_asks_for(canvas: Canvas) -> None:
    for value in range(13, 48):
        ground = canvas.tone(value / 10)
        dark, light = sorted((luminance(ground), luminance(canvas.ink_on(ground))))
        assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize("canvas", [LIGHT, DARK], ids=["light", "dark"])
def test_no_score_is_ever_red(canvas: Canvas) -> None:
    for value in range(13, 48):
        tone = canvas.tone(value / 10)
        assert int(tone[1:3], 16) <= int(tone[5:7], 16)


def test_periods_that_are_all_withheld_still_make_a_picture() -> None:
    points = tuple(Point(str(at), Withheld()) for at in range(3))
    assert render(HistoryChart("Index", points, None, (), examples.WORDS))
    assert render(LineChart("Index", (), (), examples.WORDS))


def test_a_matrix_that_is_not_square_is_refused() -> None:
    with pytest.raises(ValueError, match="2 x 2"):
        TieMatrix(("a", "b"), ((Withheld(), Withheld()),))


def test_a_line_chart_takes_no_seventh_line() -> None:
    line = examples.lines().lines[0]
    with pytest.raises(ValueError, match="six"):
        LineChart("x", examples.lines().categories, (line,) * 7, examples.WORDS)


def _all_pictures() -> list[Picture]:
    return [picture for picture, _ in PICTURES.values()]


def test_light_and_dark_are_two_pictures_of_the_same_size() -> None:
    for picture in _all_pictures():
        light, dark = (Image.open(io.BytesIO(render(picture, dark=flag))) for flag in (False, True))
        assert light.size == dark.size
        assert light.tobytes() != dark.tobytes()
