from __future__ import annotations

from pathlib import Path

import pytest

from bot.content import Content
from bot.content.edits import reworded, with_edits, words_of
from bot.core.library import HuddlePrompt, Nudge

CONTENT = Content.load(Path(__file__).parents[1] / "prompts")
NUDGE = next(nudge for nudge in CONTENT.nudges if nudge.id == "timely.half_news")
PROMPT = next(p for p in CONTENT.library().playbook("lean").prompts if p.id == "lean.flow.timely")
GENERAL = next(prompt for prompt in CONTENT.huddles if prompt.id == "timely.early")


def test_every_shipped_entry_passes_the_check_of_an_edit() -> None:
    prompts = [prompt for playbook in CONTENT.playbooks for prompt in playbook.prompts]
    entries: tuple[Nudge | HuddlePrompt, ...] = (*CONTENT.nudges[::6], *CONTENT.huddles[::6], *prompts[::20])
    for entry in entries:
        assert CONTENT.problems_of(entry) == {}, entry.id


@pytest.mark.parametrize(
    ("entry", "words", "field", "message"),
    [
        (NUDGE, {"action": "Tell {{ somebody }}."}, "action", "has no sample"),
        (NUDGE, {"why": "  "}, "why", "must be a text"),
        (NUDGE, {"action": "a" * 1600}, "action", "too long to be read on a phone"),
        (PROMPT, {"question_2": "Say something."}, "question_2", "is no question"),
        (PROMPT, {"focus": "One {{ hand-off"}, "focus", "only names in double braces"),
        (GENERAL, {"focus": "What {{ change }} is for."}, "focus", "“{{ change }}” has no sample"),
    ],
)
def test_an_edit_is_checked_as_the_files_are_and_the_field_is_named(
    entry: Nudge | HuddlePrompt, words: dict[str, str], field: str, message: str
) -> None:
    found = CONTENT.problems_of(reworded(entry, words))

    assert list(found) == [field]
    assert message in found[field]


def test_a_playbooks_prompt_may_mention_the_change() -> None:
    assert CONTENT.problems_of(reworded(PROMPT, {"focus": "What {{ change }} means at night."})) == {}


def test_an_edit_replaces_the_words_and_nothing_else() -> None:
    edited = with_edits(
        CONTENT.library(), {PROMPT.id: {"focus": "The door of the ward."}, NUDGE.id: {"why": "Because."}}
    )

    prompt = next(one for one in edited.playbook("lean").prompts if one.id == PROMPT.id)
    nudge = next(one for one in edited.nudges if one.id == NUDGE.id)
    assert (prompt.focus, prompt.questions, prompt.tool) == ("The door of the ward.", PROMPT.questions, PROMPT.tool)
    assert (nudge.why, nudge.action) == ("Because.", NUDGE.action)
    assert edited.huddles == CONTENT.huddles


def test_what_is_switched_off_is_gone_until_it_is_switched_on_again() -> None:
    edited = with_edits(CONTENT.library(), {PROMPT.id: None, NUDGE.id: None, GENERAL.id: None})

    assert PROMPT.id not in {one.id for one in edited.playbook("lean").prompts}
    assert NUDGE not in edited.nudges
    assert GENERAL not in edited.huddles
    assert with_edits(CONTENT.library(), {}) == CONTENT.library()


def test_what_a_coach_adds_stands_beside_the_shipped_entries() -> None:
    own = reworded(GENERAL, {"focus": "Our own door."})

    assert with_edits(CONTENT.library(), {}, [own]).huddles[-1] == own


def test_a_field_that_an_entry_does_not_have_is_an_error_of_the_program() -> None:
    with pytest.raises(KeyError, match="why"):
        reworded(PROMPT, {"why": "x"})
    assert list(words_of(PROMPT)) == ["focus", "question_1", "question_2", "question_3"]
