"""The house's colours, for a light and a dark canvas.

One calm hue, never red: the lower a score, the paler, until it is almost the canvas. Lightness alone carries the value,
so that it survives colour blindness and a grey print; what is withheld has no tone at all but a dashed outline.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.pictures import HIGHEST_SHOWN, LOWEST_SHOWN

RGB = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Canvas:
    """``scale``: tones from the lowest to the highest value, evenly spaced. ``lines``: for at most six lines, the first
    is the most important; they differ in lightness too.
    """

    ground: str
    ink: str
    muted: str
    grid: str
    dashed: str
    accent: str
    scale: tuple[str, ...]
    lines: tuple[str, ...]

    def tone(self, value: float) -> str:
        """The colour of a score. The upper half of the scale, where most scores lie, gets more of the tones."""
        share = (value - LOWEST_SHOWN) / (HIGHEST_SHOWN - LOWEST_SHOWN)
        place = min(max(share, 0.0), 1.0) ** 1.4 * (len(self.scale) - 1)
        below = min(int(place), len(self.scale) - 2)
        low, high = _rgb(self.scale[below]), _rgb(self.scale[below + 1])
        return _hex(tuple(a + (b - a) * (place - below) for a, b in zip(low, high, strict=True)))

    def line_tone(self, value: float) -> str:
        """The colour of a score drawn as a thin line or ring, which must stay visible however low it is."""
        share = (value - LOWEST_SHOWN) / (HIGHEST_SHOWN - LOWEST_SHOWN)
        return self.tone(LOWEST_SHOWN + (HIGHEST_SHOWN - LOWEST_SHOWN) * (0.4 + 0.6 * share))

    def ink_on(self, ground: str) -> str:
        """Black or white, whichever reads better on ``ground``: one of the two always has a contrast of 4.5."""
        light = luminance(ground) + 0.05
        return "#000000" if light / 0.05 > 1.05 / light else "#FFFFFF"


LIGHT = Canvas(
    ground="#FFFFFF",
    ink="#1D2B3A",
    muted="#5B6B7B",
    grid="#E1E7ED",
    dashed="#8A97A5",
    accent="#B26A00",
    scale=("#EAF1F7", "#C3D9EA", "#8DB9D8", "#4A8FBF", "#1F669E", "#0E3F6E"),
    lines=("#0E3F6E", "#B26A00", "#3C93A8", "#6B4E9B", "#7A8794", "#5E7F2B"),
)
DARK = Canvas(
    ground="#1A1D21",
    ink="#E8ECF1",
    muted="#A9B4C0",
    grid="#343B44",
    dashed="#7F8B98",
    accent="#F0B35A",
    scale=("#25303C", "#2C4A66", "#34688F", "#4C8DBD", "#7DB6E0", "#C2E2FB"),
    lines=("#C2E2FB", "#F0B35A", "#5DB9C9", "#B59AE0", "#8E9AA6", "#A9C76B"),
)


def luminance(color: str) -> float:
    """Relative luminance of a colour, 0..1 (WCAG 2.2)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(color: str) -> RGB:
    return (int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255)


def _hex(rgb: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(part * 255):02X}" for part in rgb)
