"""A sheet to draw on: one coordinate system in pixels from the top left, with the house's letters and tones.

Every picture is laid out by hand in nominal pixels and saved at twice that, which is sharp on a phone. Nothing is read
from a user's matplotlib settings and nothing is random, so that the same picture gives the same bytes on one machine.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyBboxPatch

from bot.charts import letters
from bot.charts.tones import Canvas

NOMINAL_DPI = 100
SCALE = 2
POINTS_PER_PIXEL = 72 / NOMINAL_DPI
CAPITAL_SHARE = 0.73
"""Height of a capital in the house font, as a share of its size."""

mpl.rcdefaults()
mpl.rcParams["axes.unicode_minus"] = False

Across = Literal["left", "center", "right"]
Dashes = tuple[float, ...]
XY = tuple[float, float]


class Sheet:
    """A canvas of ``width`` x ``height`` nominal pixels; y grows downwards. ``face`` has every letter to be written."""

    def __init__(self, width: float, height: float, canvas: Canvas, face: letters.Face) -> None:
        self.width, self.height, self.canvas, self.face = width, height, canvas, face
        self._figure = Figure(
            figsize=(width / NOMINAL_DPI, height / NOMINAL_DPI), dpi=NOMINAL_DPI * SCALE, facecolor=canvas.ground
        )
        FigureCanvasAgg(self._figure)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()
        self._axes.set_xlim(0, width)
        self._axes.set_ylim(height, 0)

    def text(
        self,
        at: XY,
        text: str,
        *,
        size: float = 9,
        color: str | None = None,
        bold: bool = False,
        across: Across = "left",
        rotation: float = 0,
    ) -> None:
        """Write ``text`` with the middle of its capitals at ``at``; ``size`` in points. Dollar signs are just that.

        Set by the baseline, not by the box of its ink: neighbours with and without descenders stay in line.
        """
        drop = 0.0 if rotation else CAPITAL_SHARE / 2 * size / POINTS_PER_PIXEL
        self._axes.text(
            at[0],
            at[1] + drop,
            text,
            color=color or self.canvas.ink,
            ha=across,
            va="baseline",
            rotation=rotation,
            rotation_mode="anchor",
            linespacing=1.15,
            fontproperties=self.face.at(size, bold=bold),
            parse_math=False,
        )

    def line(
        self, points: Sequence[XY], *, color: str, width: float = 1, dashes: Dashes | None = None, z: float = 1
    ) -> None:
        """A polyline; ``width`` and ``dashes`` in nominal pixels."""
        xs, ys = zip(*points, strict=True)
        self._axes.add_line(
            Line2D(
                xs, ys, color=color, linewidth=width * POINTS_PER_PIXEL, zorder=z,
                linestyle=(0, tuple(dash / width for dash in dashes)) if dashes else "-",
                solid_capstyle="butt", solid_joinstyle="round",
            )
        )  # fmt: skip

    def box(
        self,
        at: XY,
        size: XY,
        *,
        fill: str | None,
        edge: str | None = None,
        dashes: Dashes | None = None,
        radius: float = 4,
    ) -> None:
        """A rectangle with rounded corners; ``at`` is its top left."""
        self._axes.add_patch(
            FancyBboxPatch(
                (at[0] + radius, at[1] + radius), size[0] - 2 * radius, size[1] - 2 * radius,
                boxstyle=f"round,pad={radius},rounding_size={radius}",
                facecolor=fill or "none", edgecolor=edge or "none", linewidth=1.1 * POINTS_PER_PIXEL,
                linestyle=(0, dashes) if dashes else "-", zorder=1,
            )
        )  # fmt: skip

    def ring(
        self, at: XY, radius: float, *, edge: str, width: float, fill: str | None = None, dashes: Dashes | None = None,
        z: float = 2,
    ) -> None:  # fmt: skip
        """A circle; ``width`` of its line in nominal pixels."""
        self._axes.add_patch(
            Circle(
                at, radius, facecolor=fill or "none", edgecolor=edge, linewidth=width * POINTS_PER_PIXEL, zorder=z,
                linestyle=(0, tuple(dash / width for dash in dashes)) if dashes else "-",
            )
        )  # fmt: skip

    def mark(self, at: XY, marker: str, *, color: str, size: float, z: float = 4) -> None:
        """A marker by matplotlib's name for it; ``size`` in nominal pixels."""
        self._axes.add_line(
            Line2D(
                [at[0]], [at[1]], marker=marker, markersize=size * POINTS_PER_PIXEL, linestyle="none", zorder=z,
                markerfacecolor=color, markeredgecolor=self.canvas.ground, markeredgewidth=POINTS_PER_PIXEL,
            )
        )  # fmt: skip

    def png(self) -> bytes:
        target = io.BytesIO()
        # Without the program's name and version, so that bytes depend on the picture alone.
        self._figure.savefig(target, format="png", dpi=NOMINAL_DPI * SCALE, metadata={"Software": None})
        return target.getvalue()
