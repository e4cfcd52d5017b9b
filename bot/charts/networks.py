"""The network map: workgroups on a circle, each tie drawn as two halves, the half at A being what A says of B."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.charts import letters
from bot.charts.layout import (
    LEGEND_HEIGHT,
    LINE,
    MARGIN,
    NAME_SIZE,
    SMALL,
    draw_legend_of_ties,
    face_of_ties,
    line_width,
    strength,
    title_height,
    title_lines,
    write_lines,
    write_title,
)
from bot.charts.sheet import XY, Across, Sheet
from bot.charts.tones import Canvas
from bot.core.figures import Shown
from bot.core.pictures import NetworkMap, TieMatrix

NAMED_NODES = 10
"""Up to so many workgroups are named around the circle; beyond, a key below names the numbers."""
KEY_LINE = LINE * 1.15
SIDE_NAME, TOP_NAME = 118.0, 190.0
"""Room for a name beside the circle, and above or below it."""


@dataclass(frozen=True, slots=True)
class _Ring:
    """The circle of nodes. ``foot``: where the key or the reading hint may begin."""

    centre: XY
    circle: float
    node: float
    size: int
    foot: float

    @property
    def named(self) -> bool:
        return self.size <= NAMED_NODES

    def place(self, at: int) -> XY:
        """Node ``at``, clockwise from the top; two nodes lie side by side."""
        start = math.pi if self.size == 2 else -math.pi / 2
        angle = start + 2 * math.pi * at / self.size
        return (self.centre[0] + self.circle * math.cos(angle), self.centre[1] + self.circle * math.sin(angle))


def draw_network_map(picture: NetworkMap, canvas: Canvas) -> Sheet:
    words = picture.words
    names = letters.drawable_names(picture.ties.workgroups)
    face = face_of_ties(picture.title, names, words)
    named = len(names) <= NAMED_NODES
    circle = 118.0 if len(names) <= 6 else 140.0 if named else 190.0
    width = max(480.0, 2 * (MARGIN + (SIDE_NAME if named else 30.0) + circle + 24))
    title = title_lines(picture.title, face, width)
    ring = _ring(len(names), (width / 2, title_height(title)), circle)
    hint = letters.wrapped(words.how_to_read, face, SMALL, room=width - 2 * MARGIN, lines=2)
    hint_top = ring.foot + (0 if named else math.ceil(len(names) / 2) * KEY_LINE + 10)
    legend_top = hint_top + len(hint) * 14 + 8
    sheet = Sheet(width, legend_top + LEGEND_HEIGHT, canvas, face)
    write_title(sheet, title)
    _draw_ties(sheet, ring, picture.ties)
    _draw_nodes(sheet, ring, picture.ties)
    if named:
        _write_names(sheet, ring, names)
    else:
        _write_key(sheet, ring.foot, names)
    for at, line in enumerate(hint):
        sheet.text((MARGIN, hint_top + 14 * (at + 0.5)), line, size=SMALL, color=canvas.muted)
    draw_legend_of_ties(sheet, legend_top, words, as_lines=True)
    return sheet


def _ring(size: int, top: XY, circle: float) -> _Ring:
    """The circle below ``top``, with room for the names above and below it."""
    named = size <= NAMED_NODES
    flat = size == 2  # side by side: nothing above, the names below
    above = 14.0 if flat else 58 + circle if named else 30 + circle
    lowest = 0.0 if flat else circle * (1.0 if size % 2 == 0 else math.cos(math.pi / size))
    below = 62.0 if size % 2 == 0 and named else 36.0
    centre = (top[0], top[1] + above + (20 if flat else 0))
    return _Ring(centre, circle, 19.0 if named else 14.0, size, centre[1] + lowest + below)


def _draw_ties(sheet: Sheet, ring: _Ring, ties: TieMatrix) -> None:
    """Every half from its node's rim to just before the middle; shown ones over withheld ones, strong over weak."""
    thickest = 8.0 if ring.size <= 6 else 6.0 if ring.named else 3.2
    tone_of = (
        sheet.canvas.line_tone if ring.named else sheet.canvas.tone
    )  # among hundreds of lines the weak ones recede
    faint = sheet.canvas.dashed if ring.named else sheet.canvas.grid
    for i, row in enumerate(ties.cells):
        for j, cell in enumerate(row):
            if i == j:
                continue
            half = _half(ring.place(i), ring.place(j), ring.node + 5)
            if isinstance(cell, Shown):
                tone, width = tone_of(cell.value), line_width(cell.value, thickest=thickest)
                sheet.line(half, color=tone, width=width, z=1 + strength(cell.value) / 2)
            else:
                sheet.line(half, color=faint, width=1, dashes=(2.5, 3.5), z=0.9)


def _half(here: XY, there: XY, rim: float) -> list[XY]:
    length = math.dist(here, there)
    step = ((there[0] - here[0]) / length, (there[1] - here[1]) / length)
    return [(here[0] + step[0] * reach, here[1] + step[1] * reach) for reach in (rim, length / 2 - 2)]


def _draw_nodes(sheet: Sheet, ring: _Ring, ties: TieMatrix) -> None:
    canvas = sheet.canvas
    for at in range(ring.size):
        cell = ties.cells[at][at]
        if isinstance(cell, Shown):
            sheet.ring(ring.place(at), ring.node, edge=canvas.line_tone(cell.value), width=5, fill=canvas.ground)
        else:
            sheet.ring(ring.place(at), ring.node, edge=canvas.dashed, width=1.1, fill=canvas.ground, dashes=(2.8, 2.8))
        sheet.text(ring.place(at), str(at + 1), size=NAME_SIZE, bold=True, across="center")


def _write_names(sheet: Sheet, ring: _Ring, names: tuple[str, ...]) -> None:
    """Names outside the circle: beside a node, or above and below it where there is no side."""
    for at, name in enumerate(names):
        if name == str(at + 1):
            continue
        x, y = ring.place(at)
        right, down = x - ring.centre[0], y - ring.centre[1]
        upright = ring.size == 2 or abs(right) < 0.35 * math.hypot(right, down)
        room = TOP_NAME if upright else SIDE_NAME
        lines = letters.wrapped(name, sheet.face, NAME_SIZE, room=room, lines=2)
        if upright:
            away = ring.node + 8 + LINE * len(lines) / 2
            write_lines(sheet, (x, y + (away if down >= 0 or ring.size == 2 else -away)), lines, "center")
        else:
            across: Across = "left" if right > 0 else "right"
            write_lines(sheet, (x + math.copysign(ring.node + 8, right), y), lines, across)


def _write_key(sheet: Sheet, top: float, names: tuple[str, ...]) -> None:
    """Number and name of every workgroup, in two columns."""
    per_column = math.ceil(len(names) / 2)
    room = sheet.width / 2 - MARGIN - 32
    for at, name in enumerate(names):
        x = MARGIN + (at // per_column) * (sheet.width / 2 - MARGIN / 2)
        y = top + (at % per_column + 0.5) * KEY_LINE
        sheet.text((x + 18, y), str(at + 1), size=NAME_SIZE, bold=True, across="right")
        if name != str(at + 1):
            line = letters.wrapped(name, sheet.face, NAME_SIZE, room=room, lines=1)[0]
            sheet.text((x + 26, y), line, size=NAME_SIZE)
