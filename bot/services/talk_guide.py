"""The talk guide as a PowerPoint file: what a lead shows and holds when a team looks at its map together.

The order is fixed here: how to begin, strengths, the pictures, three open questions, one technical tool used with each
other, one experiment with an owner and a day. Advice meant for the lead alone goes into the speaker notes, so that the
slides can be shown to everybody. Texts are Slack's mrkdwn, as the guide in the direct message has them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.util import Emu, Inches, Pt

QUESTIONS = 3
WIDTH, HEIGHT, MARGIN, TOP = Inches(13.333), Inches(7.5), Inches(0.8), Inches(1.75)
TITLE_ONLY = 5
"""The layout of the library's template that has a title and nothing else: screen readers find the title by it."""
INK, MUTED, HOUSE, PALE = map(RGBColor.from_string, ("1D2B3A", "5B6B7B", "0E3F6E", "EAF1F7"))
SMALLEST = 14
_BOLD = re.compile(r"\*([^*\n]+)\*")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


@dataclass(frozen=True, slots=True)
class Page:
    """A slide of text: one paragraph a line. ``notes``: for the lead's eyes."""

    title: str
    lines: tuple[str, ...]
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PicturePage:
    """A picture on a light ground with its text twin, which becomes its alternative text and the notes."""

    title: str
    png: bytes
    description: str


@dataclass(frozen=True, slots=True)
class Form:
    """Something to fill in by hand: each field is a label with room to write."""

    title: str
    fields: tuple[str, ...]
    hint: str


@dataclass(frozen=True, slots=True)
class TalkGuide:
    """The parts of a guide. ``begin`` comes first; its notes say how to go about low results where there are some."""

    begin: Page
    strengths: Page
    pictures: tuple[PicturePage, ...]
    questions: Page
    tool: Page | None
    experiment: Form

    def __post_init__(self) -> None:
        if len(self.questions.lines) != QUESTIONS:
            raise ValueError(f"a talk guide asks {QUESTIONS} open questions, not {len(self.questions.lines)}")


def to_pptx(guide: TalkGuide, *, author: str, written_at: datetime) -> bytes:
    """The guide as a PPTX file in wide format; ``author`` and ``written_at`` go into its properties."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    deck.core_properties.author = author
    deck.core_properties.title = plain(guide.begin.title)
    deck.core_properties.created = deck.core_properties.modified = written_at
    _add_page(deck, guide.begin, size=26)
    _add_page(deck, guide.strengths, size=26)
    for picture in guide.pictures:
        _add_picture(deck, picture)
    _add_page(deck, guide.questions, size=28, numbered=True)
    if guide.tool is not None:
        _add_page(deck, guide.tool, size=26)
    _add_form(deck, guide.experiment)
    target = io.BytesIO()
    deck.save(target)
    return target.getvalue()


def plain(text: str) -> str:
    """Mrkdwn as plain text: no asterisks around words, no escapes, no control characters (XML takes none)."""
    for escape, sign in _ESCAPES:
        text = text.replace(escape, sign)
    return "".join(letter for letter in _BOLD.sub(r"\1", text) if letter.isprintable() or letter == "\n")


def _add_page(deck: Any, page: Page, *, size: int, numbered: bool = False) -> None:
    slide = _slide(deck, page.title, page.notes)
    frame = _frame(slide, MARGIN, TOP, WIDTH - 2 * MARGIN, HEIGHT - TOP - MARGIN)
    size = _fitting(page.lines, size)
    for number, line in enumerate(page.lines, start=1):
        paragraph = frame.paragraphs[0] if number == 1 else frame.add_paragraph()
        paragraph.space_after = Pt(size * 0.7)
        if numbered:
            _add_run(paragraph, f"{number}  ", size, HOUSE, bold=True)
        _add_text(paragraph, line, size)


def _fitting(lines: Sequence[str], size: int) -> int:
    """The largest size in points, up to ``size``, at which the lines fit on a slide; a letter is half as wide as high.

    PowerPoint shrinks a text only when somebody edits it, so it must fit from the start.
    """
    width, height = (WIDTH - 2 * MARGIN) / Pt(1), (HEIGHT - TOP - MARGIN) / Pt(1)
    while size > SMALLEST:
        rows = sum(max(1, -(-len(line) // int(width / (0.5 * size)))) for line in lines)
        if (rows * 1.2 + len(lines) * 0.7) * size <= height:
            break
        size -= 1
    return size


def _add_picture(deck: Any, page: PicturePage) -> None:
    """As large as fits below the title, in the middle."""
    slide = _slide(deck, page.title, page.description)
    picture = slide.shapes.add_picture(io.BytesIO(page.png), 0, 0)
    room = (WIDTH - 2 * MARGIN, HEIGHT - TOP - Inches(0.35))
    scale = min(room[0] / picture.width, room[1] / picture.height)
    picture.width, picture.height = Emu(int(picture.width * scale)), Emu(int(picture.height * scale))
    picture.left, picture.top = Emu((WIDTH - picture.width) // 2), TOP
    properties = picture._element.nvPicPr.cNvPr  # noqa: SLF001 - the library has no public way to set alternative text
    properties.set("descr", plain(page.description))


def _add_form(deck: Any, form: Form) -> None:
    """A box to write in for each field, one below the other, and the hint at the foot."""
    slide = _slide(deck, form.title, "")
    foot = Inches(1.1)
    step = (HEIGHT - TOP - foot) // max(1, len(form.fields))
    for at, label in enumerate(form.fields):
        top = TOP + at * step
        frame = _frame(slide, MARGIN, top, Inches(2.6), step)
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        _add_text(frame.paragraphs[0], label, 24, bold=True)
        left = MARGIN + Inches(2.8)
        box = slide.shapes.add_shape(
            MSO_SHAPE.ROUNDED_RECTANGLE, left, top + step // 8, WIDTH - MARGIN - left, step * 3 // 4
        )
        box.adjustments[0] = 0.08
        box.fill.solid()
        box.fill.fore_color.rgb = PALE
        box.line.fill.background()
        box.shadow.inherit = False
        box.name = plain(label)
    hint = _frame(slide, MARGIN, HEIGHT - foot, WIDTH - 2 * MARGIN, foot - Inches(0.3))
    _add_text(hint.paragraphs[0], form.hint, 16, MUTED)


def _slide(deck: Any, title: str, notes: str) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = MARGIN, Inches(0.55), WIDTH - 2 * MARGIN, Inches(1.05)
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    frame.auto_size = MSO_AUTO_SIZE.TEXT_TO_FIT_SHAPE
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    _add_run(paragraph, plain(title), 34, HOUSE, bold=True)
    if notes:
        slide.notes_slide.notes_text_frame.text = plain(notes)
    return slide


def _frame(slide: Any, left: int, top: int, width: int, height: int) -> Any:
    frame = slide.shapes.add_textbox(Emu(left), Emu(top), Emu(width), Emu(height)).text_frame
    frame.word_wrap = True
    frame.auto_size = MSO_AUTO_SIZE.TEXT_TO_FIT_SHAPE
    return frame


def _add_text(paragraph: Any, text: str, size: int, colour: Any = INK, *, bold: bool = False) -> None:
    """A paragraph in which what stands between asterisks is bold."""
    for at, part in enumerate(_BOLD.split(text)):
        if part:
            _add_run(paragraph, plain(part), size, colour, bold=bold or at % 2 == 1)


def _add_run(paragraph: Any, text: str, size: int, colour: Any, *, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour
