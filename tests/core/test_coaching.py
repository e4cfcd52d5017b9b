from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content import Content
from bot.core.coaching import CoachingLibrary, Dialogue, Intent, understand

LIBRARY = Content.load(Path(__file__).parents[2] / "prompts").coaching


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("pulse", "pulse"),
        ("Pulse!", "pulse"),
        ("snooze until Monday", "snooze_monday"),
        ("Snooze till monday please", "snooze_monday"),
        ("why do I get this?", "why"),
        ("Why am I getting this message", "why"),
        ("What do you know about me?", "my_data"),
        ("who can see my answers?", "my_data"),
        ("stop", "opt_out"),
        ("Please stop", "opt_out"),
        ("don't stop", "opt_in"),
        ("unsubcribe", "opt_out"),
        ("not today", "snooze_tomorrow"),
        ("help", "help"),
        ("I dread the call to pharmacy", "dreaded_conversation"),
        ("I'm dreading my call to the pharmacy tomorrow", "dreaded_conversation"),
        ("nobody listens to us nurses", "not_heard"),
        ("there was a mistake in the ward today and they blame us", "something_went_wrong"),
    ],
)
def test_understands_what_people_commonly_write(text: str, meant: str) -> None:
    understood = understand(text, LIBRARY)

    assert understood is not None
    assert understood.id == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ?! ",
        "they never stop shouting at me on the phone when I call",
        "I can't stop worrying about the call",
        "the start of the shift was chaos and nobody came to help us with the patients",
        "can you help me with my holiday",
        "qwertz",
    ],
)
def test_a_sentence_that_only_contains_a_command_is_no_command(text: str) -> None:
    assert not isinstance(understand(text, LIBRARY), Intent)


def test_every_example_of_the_library_is_understood_as_its_own() -> None:
    everything: tuple[Intent | Dialogue, ...] = (*LIBRARY.intents, *LIBRARY.dialogues)
    for meant in everything:
        for phrase in meant.phrases:
            assert understand(phrase, LIBRARY) is meant, phrase


def test_an_empty_library_understands_nothing() -> None:
    assert understand("help", CoachingLibrary()) is None


@given(st.text(max_size=600))
def test_any_text_at_all_is_taken(text: str) -> None:
    understand(text, LIBRARY)


def test_a_step_that_has_been_edited_away_is_refused() -> None:
    with pytest.raises(KeyError):
        LIBRARY.dialogues[0].step("gone")


@pytest.mark.parametrize("dialogue", LIBRARY.dialogues, ids=lambda dialogue: dialogue.id)
def test_every_path_of_a_conversation_comes_to_an_end(dialogue: Dialogue) -> None:
    def longest(step: str, seen: tuple[str, ...]) -> int:
        assert step not in seen, f"{dialogue.id} goes round in a circle at {step}"
        choices = dialogue.step(step).choices
        return 1 + max((longest(choice.step, (*seen, step)) for choice in choices), default=0)

    assert 3 <= longest(dialogue.start, ()) <= 7
