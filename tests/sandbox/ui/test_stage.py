from typing import Any

import pytest

from bot.sandbox.ui.stage import Guide, Notice, StageError, Step, read_guide, read_notice


def test_a_notice_may_carry_its_progress() -> None:
    assert read_notice({"text": "Playing…", "progress": 0.5}) == Notice("Playing…", 0.5)
    assert read_notice({"text": "", "progress": None}) == Notice()


@pytest.mark.parametrize("body", [{}, {"text": 3}, {"text": "a", "progress": 2}, {"text": "a", "progress": True}])
def test_a_notice_that_makes_no_sense_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(StageError):
        read_notice(body)


def test_a_guide_is_a_title_and_steps() -> None:
    body = {"title": "Try", "steps": [{"text": "Look"}, {"text": "Ask", "user": "nia", "command": "/rc-report"}]}
    assert read_guide(body) == Guide("Try", (Step("Look"), Step("Ask", "nia", None, "/rc-report")))


@pytest.mark.parametrize(
    "body",
    [
        {"title": "x"},
        {"title": "x", "steps": [{"user": "nia"}]},
        {"title": "x", "steps": [{"text": "a", "channel": 3}]},
        {"title": "x", "steps": [{"text": "a"}] * 31},
    ],
)
def test_a_guide_that_makes_no_sense_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(StageError):
        read_guide(body)
