"""What the coaches' library holds, as values: playbooks with their stages and tools, huddle prompts, nudges.

The words come from files under ``prompts/`` (read by ``bot.content``) or from a coach's edit; the rules that choose
among them are in ``changes``, ``huddles`` and ``nudges``. Texts are templates: a nudge may mention ``{{ process }}``
and ``{{ other }}`` (the workgroup on the far side of the tie), a general huddle prompt ``{{ process }}``, a playbook's
prompt also ``{{ change }}``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from bot.core.instrument import Dimension


class StageKind(StrEnum):
    """What a stage is for, whatever the approach calls it."""

    EARLY = "early"
    """Understanding: whose view is missing, what is going on."""
    TEST = "test"
    """Trying something on a small scale."""
    BEFORE_GO_LIVE = "before_go_live"
    """Deciding and preparing: who loses what, who wants it."""
    AFTER = "after"
    """Keeping it: did it hold, what comes next."""


class HuddleKind(StrEnum):
    BRIEF = "brief"
    """Before the work: goal, roles, workload, what could come in between."""
    HUDDLE = "huddle"
    """In the middle of it: what changed, adjust the plan."""
    DEBRIEF = "debrief"
    """Afterwards: what went well, what could go better, who follows up."""
    IMPROVEMENT = "improvement"
    """About the way we work: one hand-off, one test."""


class Foundation(StrEnum):
    """What a prompt builds when it is not one of the seven dimensions."""

    PSYCHOLOGICAL_SAFETY = "psychological_safety"
    LOSS = "loss"
    COMMITMENT = "commitment"


Theme = Dimension | Foundation


class Side(StrEnum):
    """Whom a nudge invites to act: those who rate the tie, those who are rated, or both."""

    RATER = "rater"
    RATED = "rated"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class HuddlePrompt:
    """One thing to talk about: a hand-off to look at, three open questions, and a tool of the playbook.

    ``stages``: the kinds of stage it fits. A playbook's prompt belongs to its one stage and has that stage's kind.
    """

    id: str
    kind: HuddleKind
    theme: Theme
    stages: tuple[StageKind, ...]
    focus: str
    questions: tuple[str, str, str]
    tool: str | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """A technical tool and its relational use. ``in_the_room``: who must be there; ``loss``: its cost to someone."""

    id: str
    name: str
    relational_use: str
    builds: tuple[Dimension, ...]
    in_the_room: str
    loss: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of an approach. ``items``: companion items (ids in the instrument) that belong to it."""

    id: str
    name: str
    kind: StageKind
    purpose: str
    tools: tuple[str, ...]
    items: tuple[str, ...]
    prompts: tuple[HuddlePrompt, ...]
    extra_pulse: bool = False
    """Whether entering the stage may start an extra short pulse for the affected workgroups."""


@dataclass(frozen=True)
class Playbook:
    """A technical approach, used in a relational way."""

    id: str
    name: str
    summary: str
    stages: tuple[Stage, ...]
    tools: tuple[Tool, ...]

    @cached_property
    def tool(self) -> dict[str, Tool]:
        return {tool.id: tool for tool in self.tools}

    @cached_property
    def stage(self) -> dict[str, Stage]:
        return {stage.id: stage for stage in self.stages}

    @cached_property
    def prompts(self) -> tuple[HuddlePrompt, ...]:
        return tuple(prompt for stage in self.stages for prompt in stage.prompts)

    def stage_after(self, stage_id: str) -> Stage | None:
        """The next stage, or None after the last. Raises KeyError for a stage that the playbook does not have."""
        position = self.stages.index(self.stage[stage_id])
        return self.stages[position + 1] if position + 1 < len(self.stages) else None


@dataclass(frozen=True, slots=True)
class Nudge:
    """One small action for one side of a tie. ``why`` explains the idea behind it, ``minutes`` how long it takes."""

    id: str
    dimension: Dimension
    side: Side
    minutes: int
    action: str
    why: str
