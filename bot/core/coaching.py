"""Coaching in a direct message: what somebody wants, recognised from plain words, and short guided conversations.

A conversation is a tree of steps; where somebody is in it travels with the button, so that nothing about it is kept.
Nothing here keeps or counts what people write either: a text goes in, a decision comes out.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean


@dataclass(frozen=True, slots=True)
class Intent:
    """Something people ask the bot for. ``phrases`` are examples of how they say it."""

    id: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A button in a dialogue: its label, and the step it leads to."""

    label: str
    step: str


@dataclass(frozen=True, slots=True)
class Step:
    """What the bot says, and what can be answered; a step without choices ends the dialogue."""

    id: str
    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Dialogue:
    """A guided conversation as a tree of steps, from ``start``; ``phrases`` are how people bring the topic up."""

    id: str
    title: str
    phrases: tuple[str, ...]
    start: str
    steps: tuple[Step, ...]

    def step(self, step_id: str) -> Step:
        """Raises KeyError for a step that the dialogue does not have."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


@dataclass(frozen=True, slots=True)
class CoachingLibrary:
    intents: tuple[Intent, ...] = ()
    dialogues: tuple[Dialogue, ...] = ()


def understand(text: str, library: CoachingLibrary) -> Intent | Dialogue | None:
    """What the text asks for, or None where that is not clear enough to act on.

    Each phrase of the library is compared by its words; a word counts for more the fewer phrases have it. A phrase must
    be nearly all there, and a short one ("stop") also make up much of the text, so that a word in passing does nothing.
    """
    everything: tuple[Intent | Dialogue, ...] = (*library.intents, *library.dialogues)
    phrases = [(meant, phrase) for meant in everything for phrase in meant.phrases]
    spoken = _words(text)[:_MOST_WORDS]
    if not spoken or not phrases:
        return None
    weights = _weights([_words(phrase) for _, phrase in phrases])
    best = max(phrases, key=lambda one: _likeness(spoken, _words(one[1]), weights))
    return best[0] if _likeness(spoken, _words(best[1]), weights) >= _CLEAR_ENOUGH else None


_MOST_WORDS = 60
_CLEAR_ENOUGH = 0.6
_LEAST_LETTERS_FOR_TYPOS = 5
_LONGEST_ENDING = 4


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower().replace("’", "").replace("'", ""))


def _weights(phrases: Sequence[Sequence[str]]) -> dict[str, float]:
    """A word's weight falls with the number of phrases that have it: log(1 + N/n)."""
    counts = Counter(word for phrase in phrases for word in set(phrase))
    return {word: math.log1p(len(phrases) / count) for word, count in counts.items()}


def _likeness(spoken: Sequence[str], phrase: Sequence[str], weights: Mapping[str, float]) -> float:
    """From 0 to 1: the weight of the phrase's words that were said, lowered by what else was said.

    Words that no phrase knows weigh as much as an average one.
    """
    average = fmean(weights.values())
    said = [word for word in phrase if any(_alike(word, other) for other in spoken)]
    covered = sum(weights[word] for word in said) / sum(weights[word] for word in phrase)
    meant = [any(_alike(word, other) for word in phrase) for other in spoken]
    own = sum(weights.get(word, average) for word, hit in zip(spoken, meant, strict=True) if hit)
    share = own / sum(weights.get(word, average) for word in spoken)
    return covered * (1 + share) / 2


def _alike(one: str, other: str) -> bool:
    """The same word, the same with an ending (call, calling), or one letter off in a longer word."""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) > 2 and longer.startswith(shorter) and len(longer) - len(shorter) <= _LONGEST_ENDING:
        return True
    return len(shorter) >= _LEAST_LETTERS_FOR_TYPOS and _one_edit_apart(shorter, longer)


def _one_edit_apart(shorter: str, longer: str) -> bool:
    if len(longer) - len(shorter) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if len(shorter) == len(longer):
        swapped = shorter[start : start + 2] == longer[start : start + 2][::-1]
        return shorter[start + 1 :] == longer[start + 1 :] or (swapped and shorter[start + 2 :] == longer[start + 2 :])
    return shorter[start:] == longer[start + 1 :]
