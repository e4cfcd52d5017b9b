"""What all pictures share: margins, sizes of letters (points), the title on top, the legend of ties at the foot."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.charts import letters
from bot.charts.sheet import XY, Across, Sheet
from bot.core.figures import Shown
from bot.core.pictures import HIGHEST_SHOWN, LOWEST_SHOWN, PictureWords

MARGIN = 20.0
TITLE_SIZE, NAME_SIZE, SMALL = 11.5, 9.0, 7.8
LINE = 15.0
"""Height of a line of names, in nominal pixels."""
TITLE_LINE = 20.0
LEGEND_HEIGHT = 24 + 14 + MARGIN
LEGEND_STEPS = 6


def title_lines(title: str, face: letters.Face, width: float) -> tuple[str, ...]:
    room = width - 2 * MARGIN
    return letters.wrapped(letters.drawable_text(title), face, TITLE_SIZE, room=room, lines=2, bold=True)


def title_height(lines: Sequence[str]) -> float:
    """From the top of the sheet to where the rest may begin."""
    return MARGIN + TITLE_LINE * len(lines) + 8


def write_title(sheet: Sheet, lines: Sequence[str]) -> None:
    for at, line in enumerate(lines):
        sheet.text((MARGIN, MARGIN + 8 + TITLE_LINE * at), line, size=TITLE_SIZE, bold=True)


def write_lines(sheet: Sheet, middle: XY, lines: Sequence[str], across: Across) -> None:
    """A name of one or more lines, its middle at ``middle``."""
    for at, line in enumerate(lines):
        y = middle[1] + (at - (len(lines) - 1) / 2) * LINE
        sheet.text((middle[0], y), line, size=NAME_SIZE, across=across)


def cell_number(cell: Shown, words: PictureWords) -> str:
    """What is written into a cell: shorter than in the text twin."""
    if cell.value >= HIGHEST_SHOWN - 1e-9:
        return "≥" + words.number(HIGHEST_SHOWN)
    if cell.value <= LOWEST_SHOWN + 1e-9:
        return "≤" + words.number(LOWEST_SHOWN)
    return words.number(cell.value)


def face_of_ties(title: str, names: Sequence[str], words: PictureWords) -> letters.Face:
    legend = (words.withheld, words.within, words.weaker, words.stronger)
    return letters.face_for((title, *names, *legend, words.rater_axis, words.rated_axis, words.how_to_read, "≥≤…"))


def draw_legend_of_ties(sheet: Sheet, top: float, words: PictureWords, *, as_lines: bool) -> None:
    """Two lines: the scale from weaker to stronger, then the ring of a within tie and the look of what is withheld."""
    muted = sheet.canvas.muted
    left = MARGIN
    sheet.text((left, top + 7), words.weaker, size=SMALL, color=muted)
    left += letters.width(words.weaker, sheet.face, SMALL) + 8
    for step in range(LEGEND_STEPS):
        _draw_step(sheet, (left + 19 * step, top), step / (LEGEND_STEPS - 1), as_line=as_lines)
    sheet.text((left + 19 * LEGEND_STEPS + 7, top + 7), words.stronger, size=SMALL, color=muted)
    left, top = MARGIN, top + 24
    sheet.ring((left + 8, top + 7), 6.5, edge=sheet.canvas.line_tone(4), width=3.4)
    sheet.text((left + 22, top + 7), words.within, size=SMALL, color=muted)
    left += 22 + letters.width(words.within, sheet.face, SMALL) + 18
    if as_lines:
        sheet.line([(left, top + 7), (left + 20, top + 7)], color=sheet.canvas.dashed, width=1.1, dashes=(2.5, 3))
    else:
        sheet.box((left, top), (18, 14), fill=None, edge=sheet.canvas.dashed, dashes=(2, 2), radius=3)
    sheet.text((left + 25, top + 7), words.withheld, size=SMALL, color=muted)


def strength(value: float) -> float:
    """Where a score lies between the lowest and the highest shown, 0..1."""
    return (value - LOWEST_SHOWN) / (HIGHEST_SHOWN - LOWEST_SHOWN)


def line_width(value: float, *, thickest: float) -> float:
    """Width of a tie's line in nominal pixels: the upper half of the scale, where most scores lie, gets most of it."""
    return 1.2 + (thickest - 1.2) * math.pow(strength(value), 1.6)


def _draw_step(sheet: Sheet, at: XY, share: float, *, as_line: bool) -> None:
    value = LOWEST_SHOWN + (HIGHEST_SHOWN - LOWEST_SHOWN) * share
    if as_line:
        y, canvas = at[1] + 7, sheet.canvas
        sheet.line([(at[0], y), (at[0] + 17, y)], color=canvas.line_tone(value), width=line_width(value, thickest=7))
    else:
        sheet.box(at, (18, 14), fill=sheet.canvas.tone(value), edge=sheet.canvas.grid, radius=2)
