"""Letters: which can be drawn on this machine, how wide a text is, where it breaks.

matplotlib brings DejaVu Sans, which lacks Chinese, Japanese, Korean and emoji. A fallback font is used where the
machine has one. A name with a letter that no installed font has is drawn as its number; the text twin says whose
number it is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.textpath import TextToPath

HOUSE = "DejaVu Sans"
FALLBACKS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Tamil",
    "Noto Sans Thai",
    "Noto Sans Ethiopic",
)
PIXELS_PER_POINT = 100 / 72
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Face:
    """The fonts of one picture, in the order in which they are tried."""

    families: tuple[str, ...]

    def at(self, size: float, *, bold: bool = False) -> FontProperties:
        return _properties(self.families, size, bold=bold)


def face_for(texts: Iterable[str]) -> Face:
    """The house font, and those fallbacks that ``texts`` need."""
    missing = {letter for text in texts for letter in clean(text)} - _letters_of(HOUSE)
    families = [HOUSE]
    for family in _installed():
        if missing & _letters_of(family):
            families.append(family)
            missing -= _letters_of(family)
    return Face(tuple(families))


def drawable(text: str) -> bool:
    """Whether some installed font has every letter of ``text``."""
    missing = set(clean(text)) - _letters_of(HOUSE)
    return all(any(letter in _letters_of(family) for family in _installed()) for letter in missing)


def clean(text: str) -> str:
    """``text`` on one line, without control characters and invisible marks."""
    spaced = " ".join(text.split())
    return "".join(letter for letter in spaced if unicodedata.category(letter) not in {"Cc", "Cf", "Cs"})


def drawable_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Each name, or its number (from 1) where it can't be drawn or is empty."""
    return tuple(
        clean(name) if clean(name) and drawable(name) else str(number) for number, name in enumerate(names, start=1)
    )


def drawable_text(text: str) -> str:
    """``text`` without the letters that can't be drawn."""
    return clean("".join(letter for letter in text if letter.isspace() or drawable(letter)))


def width(text: str, face: Face, size: float, *, bold: bool = False) -> float:
    """Width of one line in nominal pixels; ``size`` in points."""
    points, _, _ = _measure(text, face, size, bold)
    return points * PIXELS_PER_POINT


def wrapped(text: str, face: Face, size: float, *, room: float, lines: int, bold: bool = False) -> tuple[str, ...]:
    """``text`` broken into at most ``lines`` lines of ``room`` pixels; what does not fit ends in an ellipsis."""
    result: list[str] = []
    rest = text
    while rest and len(result) < lines:
        last = len(result) == lines - 1
        line, rest = _first_line(rest, face, size, room, bold=bold, last=last)
        result.append(line)
    return tuple(result)


def _first_line(text: str, face: Face, size: float, room: float, *, bold: bool, last: bool) -> tuple[str, str]:
    """The longest start of ``text`` that fits and what is left; a word too long for a line is cut."""
    if width(text, face, size, bold=bold) <= room:
        return text, ""
    tail = ELLIPSIS if last else ""
    fitting = 1
    while width(text[: fitting + 1].rstrip() + tail, face, size, bold=bold) <= room:
        fitting += 1
    if last:
        return text[:fitting].rstrip() + tail, ""
    space = text.rfind(" ", 0, fitting + 1)
    if space > 0:
        return text[:space], text[space + 1 :]
    return text[:fitting], text[fitting:]


@cache
def _properties(families: tuple[str, ...], size: float, *, bold: bool) -> FontProperties:
    return FontProperties(family=list(families), size=size, weight="bold" if bold else "normal")


@cache
def _measure(text: str, face: Face, size: float, bold: bool) -> tuple[float, float, float]:  # noqa: FBT001 - a cache's key
    measured: tuple[float, float, float] = TextToPath().get_text_width_height_descent(
        text, face.at(size, bold=bold), ismath=False
    )
    return measured


@cache
def _installed() -> tuple[str, ...]:
    known = set(fontManager.get_font_names())
    return tuple(family for family in FALLBACKS if family in known)


@cache
def _letters_of(family: str) -> frozenset[str]:
    path = fontManager.findfont(FontProperties(family=family), fallback_to_default=False)
    return frozenset(map(chr, get_font(path).get_charmap()))
