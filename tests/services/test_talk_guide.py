from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pptx import Presentation

from bot.services.talk_guide import Form, Page, PicturePage, TalkGuide, plain, to_pptx

WRITTEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def png(width: int = 400, height: int = 300) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "#8DB9D8").save(target, format="png")
    return target.getvalue()


GUIDE = TalkGuide(
    begin=Page("Talking about it with Ward 12", ("*Before:* thirty minutes.",), notes="Some of this is *low*."),
    strengths=Page("What carries you", ("Nurses &amp; doctors: shared goals.",)),
    pictures=(PicturePage("Map", png(), "Nurses about Doctors: 4.2."), PicturePage("Network", png(300, 600), "Ties.")),
    questions=Page("Three open questions", ("When did it go well?", "What would help?", "What is in the way?")),
    tool=Page("A tool, used with each other", ("Swim-lane map: each lane drawn by its owners.",)),
    experiment=Form("One thing we'll try", ("What", "Who", "Until"), "Write down what you heard."),
)


def slides(guide: TalkGuide = GUIDE) -> list[Any]:
    deck = Presentation(io.BytesIO(to_pptx(guide, author="RC Pulse", written_at=WRITTEN)))
    return list(deck.slides)


def text_of(slide: Any) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def test_strengths_come_before_pictures_and_questions_and_the_experiment_is_last() -> None:
    assert [slide.shapes.title.text_frame.text for slide in slides()] == [
        "Talking about it with Ward 12",
        "What carries you",
        "Map",
        "Network",
        "Three open questions",
        "A tool, used with each other",
        "One thing we'll try",
    ]


def test_a_guide_without_a_tool_has_one_slide_less() -> None:
    assert len(slides(replace(GUIDE, tool=None))) == 6


@pytest.mark.parametrize("count", [0, 2, 4])
def test_there_are_exactly_three_open_questions(count: int) -> None:
    with pytest.raises(ValueError, match="3 open questions"):
        replace(GUIDE, questions=Page("Questions", ("Why?",) * count))


def test_what_is_for_the_leads_eyes_stands_in_the_notes_and_on_no_slide() -> None:
    deck = slides()
    assert deck[0].notes_slide.notes_text_frame.text == "Some of this is low."
    assert all("low" not in text_of(slide) for slide in deck)


def test_every_picture_says_in_words_what_it_shows() -> None:
    shape = next(shape for shape in slides()[2].shapes if shape.shape_type == 13)
    assert shape._element.nvPicPr.cNvPr.get("descr") == "Nurses about Doctors: 4.2."
    assert slides()[2].notes_slide.notes_text_frame.text == "Nurses about Doctors: 4.2."


def test_nothing_leaves_its_slide() -> None:
    deck = Presentation(io.BytesIO(to_pptx(GUIDE, author="RC Pulse", written_at=WRITTEN)))
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top >= 0
            assert shape.top + shape.height <= deck.slide_height


def test_a_picture_keeps_its_proportions() -> None:
    shape = next(shape for shape in slides()[3].shapes if shape.shape_type == 13)
    assert shape.height / shape.width == pytest.approx(2, rel=0.01)


def test_there_is_a_box_to_write_in_for_each_field() -> None:
    last = slides()[-1]
    assert {"What", "Who", "Until"} <= {shape.name for shape in last.shapes}


def test_bold_words_stay_bold_and_escapes_become_signs() -> None:
    body = next(shape for shape in slides()[0].shapes if shape.has_text_frame and "Before" in shape.text_frame.text)
    runs = [(run.text, run.font.bold) for run in body.text_frame.paragraphs[0].runs]
    assert runs == [("Before:", True), (" thirty minutes.", False)]
    assert "Nurses & doctors" in text_of(slides()[1])


def test_the_file_knows_its_title_author_and_day() -> None:
    deck = Presentation(io.BytesIO(to_pptx(GUIDE, author="RC Pulse", written_at=WRITTEN)))
    properties = deck.core_properties
    assert (properties.title, properties.author) == ("Talking about it with Ward 12", "RC Pulse")
    assert properties.created == WRITTEN.replace(tzinfo=None)


def test_long_texts_are_set_smaller_so_that_they_fit() -> None:
    long = replace(GUIDE, questions=Page("Questions", ("What would each of you need to know? " * 8,) * 3))
    sizes = [
        run.font.size
        for guide in (GUIDE, long)
        for shape in slides(guide)[4].shapes
        if shape.has_text_frame and shape is not slides(guide)[4].shapes.title
        for run in shape.text_frame.paragraphs[0].runs[1:]
    ]
    assert sizes[1] < sizes[0]


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=60))
def test_whatever_the_words_are_the_file_can_be_opened(words: str) -> None:
    guide = replace(GUIDE, strengths=Page(words, (words,), notes=words))
    assert slides(guide)[1].shapes.title.text_frame.text == plain(words)
