"""Draws the golden images anew: ``python -m tests.charts.goldens`` after a change of style that was looked at."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from bot.charts.drawing import render
from bot.core.pictures import Picture
from tests.charts import examples

FOLDER = Path(__file__).parent / "golden"
PICTURES: dict[str, tuple[Picture, bool]] = {
    "heat_map_light": (examples.heat_map(), False),
    "heat_map_dark_long_names": (examples.heat_map(examples.LONG_NAMES), True),
    "heat_map_thirteen": (examples.heat_map(examples.many(13)), False),
    "network_map_light": (examples.network_map(), False),
    "network_map_dark_long_names": (examples.network_map(examples.LONG_NAMES), True),
    "network_map_two": (examples.network_map(("Nurses", "Doctors")), False),
    "history_light": (examples.history(), False),
    "intervals_dark": (examples.intervals(), True),
    "changes_light": (examples.changes(), False),
    "lines_light": (examples.lines(), False),
}


def reduced(png: bytes) -> Image.Image:
    """The picture at its nominal size."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    return image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX)


def main() -> None:
    for name, (picture, dark) in PICTURES.items():
        small = reduced(render(picture, dark=dark)).quantize(96, dither=Image.Dither.NONE)
        small.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
