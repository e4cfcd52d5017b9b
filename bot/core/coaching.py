"""Coaching in a direct message: what somebody wants, recognised from plain words, and short guided conversations.

Nothing here keeps or counts what people write: a text goes in, a decision comes out.
"""

from __future__ import annotations

from dataclasses import dataclass


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
