"""What we say, as values without prose. ``bot/slack`` turns them into Block Kit with the words of ``prompts/``.

Deliveries hold ids only; a message is composed anew each time it is sent or shown, so a repaired or late message is
never stale.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.core.library import HuddlePrompt, Nudge


class Progress(StrEnum):
    """How far something has come of what people said."""

    FIRST = "first"
    """The person's first pulse: nothing has been said yet."""
    NOTHING_YET = "nothing_yet"
    TRYING = "trying"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class WhatCameOfIt:
    """The first line of a pulse: what was heard, what is tried (``since`` is None where it is still to come), and what
    was learned of it. ``process`` greets in a first pulse.
    """

    progress: Progress = Progress.TRYING
    heard: str = ""
    tried: str = ""
    since: date | None = None
    learned: str = ""
    process: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question as a person meets it: words from the instrument, the workgroup's name filled in."""

    item: str
    text: str
    options: tuple[str, ...]
    workgroup: str | None = None
    """Set for tie items: offers *I don't work with them*."""


class PulseStage(StrEnum):
    ASKING = "asking"
    FINISHED = "finished"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Pulse:
    """A pulse where the person stands. ``position`` (from 0) is the question shown; no chosen option is ever shown."""

    ask: int
    team: str
    stage: PulseStage
    questions: tuple[Question, ...]
    position: int
    min_respondents: int
    closes_at: datetime
    map_on: date
    came_of_it: WhatCameOfIt | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    ask: int
    team: str
    left: int
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class NudgeNote:
    """``rater`` and ``rated`` name the tie that is the evidence, ``other`` its side that is not the reader's; all three
    are empty where it concerns the whole team.
    """

    nudge: int
    team: str
    process: str
    entry: Nudge
    """In the words that the workspace's coaches gave it."""
    why: str
    """``core.nudges.Why``."""
    rater: str
    rated: str
    other: str
    dimension: str
    map_on: date
    respondents: tuple[int, int | None]
    min_respondents: int
    was_it_worth_it: bool = False
    """A week after *we'll try it*: asked once in place of a new idea."""


@dataclass(frozen=True, slots=True)
class HuddleNote:
    huddle: int
    team: str
    process: str
    prompt: HuddlePrompt
    """In the words that the workspace's coaches gave it."""
    kind: str
    happens_at: datetime
    rater: str
    rated: str
    dimension: str | None
    change: str | None = None
    stage: str | None = None
    playbook: str | None = None
    tool: str | None = None
    """Ids in the library: the change's approach, and the tool of it that goes with the prompt."""
    facilitator: str | None = None
    missing: tuple[str, ...] = ()
    """Affected workgroups that were not in the last huddles, as roles."""
    last_commitment: str | None = None
    recorded: bool = False
    still_useful: bool = False
    """The huddles keep being skipped: one kind question in place of a prompt."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A commitment comes back to its owner: the day before, and on the day."""

    commitment: int
    team: str
    what: str
    prediction: str
    due_on: date
    occasion: str
    """``day_before`` or ``on_the_day``."""


@dataclass(frozen=True, slots=True)
class ReportReady:
    """A released wave's report for one person, at the step of the debrief order that lets them see it."""

    team: int
    wave: int
    person: int
    stage: str
    """``coach``, ``lead``, ``team``, or ``by_itself`` where it came to the lead without a coach."""
    guide_first: bool = False
    """Something is low, or nobody talks it through with the lead: the talk guide comes before the figures."""


Message = Pulse | Reminder | NudgeNote | HuddleNote | FollowUp | ReportReady
