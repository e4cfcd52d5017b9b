"""What a huddle talks about: the stage of the change, the weakest released tie or dimension, a tool used relationally.

1. Psychological safety comes first wherever its released figure is low.
2. Where a change takes something away, the loss is acknowledged once in every stage; before go-live commitment is
   talked about.
3. Then the weakest released tie or dimension in relational order (see ``weak_spots``), what was talked about lately
   standing back; where nothing is released, the dimensions in relational order, the longest unspoken first.
4. Among the prompts on that theme (of the wanted kind, where there is one), the stage's own before the general ones,
   and none again while others are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.core.changes import Change, PastHuddle
from bot.core.figures import Figure
from bot.core.instrument import BLOCK_OF, DIMENSIONS, Band, Bands, Block, Dimension
from bot.core.library import Foundation, HuddleKind, HuddlePrompt, StageKind, Theme, Tool
from bot.core.states import CommitmentState, HuddleState
from bot.core.weak_spots import companion, weak_spots

LOOK_BACK_HUDDLES = 3
"""So many held huddles without a role make its perspective a missing one."""
RESTS_FOR_HUDDLES = 2
"""A theme that was on in so many last huddles stands back where there is another one."""

RELATIONAL_ORDER: tuple[Dimension, ...] = (
    *(dimension for dimension in DIMENSIONS if BLOCK_OF[dimension] is Block.RELATIONSHIP),
    *(dimension for dimension in DIMENSIONS if BLOCK_OF[dimension] is Block.COMMUNICATION),
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A huddle to prepare. ``change`` is None for a team's own huddle; ``kind`` where a certain kind is wanted.

    ``huddles`` are earlier ones of the same change or team, ``general`` the prompts that need no playbook.
    """

    team: int
    figures: Sequence[Figure]
    bands: Bands
    huddles: Sequence[PastHuddle]
    general: Sequence[HuddlePrompt]
    change: Change | None = None
    kind: HuddleKind | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The prompt with its tool; the tie it looks at is given only where its figure is released."""

    prompt: HuddlePrompt
    tool: Tool | None
    rater: int | None = None
    rated: int | None = None

    @property
    def theme(self) -> Theme:
        return self.prompt.theme


@dataclass(frozen=True, slots=True)
class _Topic:
    theme: Theme
    rater: int | None = None
    rated: int | None = None


class FollowUpOccasion(StrEnum):
    DAY_BEFORE = "day_before"
    ON_THE_DAY = "on_the_day"


def plan(occasion: Occasion) -> Plan | None:
    """The next huddle's prompt; None only where no prompt exists for the stage at all."""
    prompts = _candidates(occasion)
    last_on = _last_used(occasion.huddles)
    for topic in _topics(occasion, prompts):
        fitting = [prompt for prompt in prompts if prompt.theme == topic.theme]
        if fitting:
            prompt = min(fitting, key=lambda one: (_is_unwanted(one, occasion.kind), last_on.get(one.id, date.min)))
            return Plan(prompt, _tool(occasion, prompt), topic.rater, topic.rated)
    return None


def missing_perspectives(affected: Iterable[int], huddles: Sequence[PastHuddle]) -> tuple[int, ...]:
    """Affected workgroups that were in none of the last held huddles; nobody is missing before the first one."""
    held = [huddle for huddle in _in_order(huddles) if huddle.state is HuddleState.HELD][-LOOK_BACK_HUDDLES:]
    if not held:
        return ()
    heard = frozenset[int]().union(*(huddle.present for huddle in held))
    return tuple(sorted(set(affected) - heard))


def facilitator(workgroups: Iterable[int], huddles: Sequence[PastHuddle]) -> int | None:
    """The workgroup whose turn it is: the one that has kept the time least often, then least recently."""
    turns = [huddle.facilitator for huddle in _in_order(huddles)]
    latest = {group: position for position, group in enumerate(turns)}
    return min(workgroups, key=lambda group: (turns.count(group), latest.get(group, -1), group), default=None)


def follow_up(
    *, state: CommitmentState, due_on: date, asked: frozenset[FollowUpOccasion], today: date
) -> FollowUpOccasion | None:
    """Whether the commitment comes back to its owner today. A day that was missed is late, never lost."""
    if state is not CommitmentState.OPEN:
        return None
    if today >= due_on:
        return None if FollowUpOccasion.ON_THE_DAY in asked else FollowUpOccasion.ON_THE_DAY
    if today >= due_on - timedelta(days=1) and FollowUpOccasion.DAY_BEFORE not in asked:
        return FollowUpOccasion.DAY_BEFORE
    return None


def _candidates(occasion: Occasion) -> list[HuddlePrompt]:
    """The stage's own prompts before the general ones for its kind of stage."""
    stage = occasion.change.at if occasion.change else None
    kind = stage.kind if stage else StageKind.EARLY
    return [*(stage.prompts if stage else ()), *(prompt for prompt in occasion.general if kind in prompt.stages)]


def _is_unwanted(prompt: HuddlePrompt, kind: HuddleKind | None) -> bool:
    return kind is not None and prompt.kind is not kind


def _topics(occasion: Occasion, prompts: Sequence[HuddlePrompt]) -> list[_Topic]:
    """What there would be to talk about, best first."""
    spots = [
        _Topic(spot.dimension, spot.rater, spot.rated)
        for spot in weak_spots(occasion.figures, team=occasion.team, bands=occasion.bands)
    ]
    recent = [theme for theme in _themes(occasion, prompts)[-RESTS_FOR_HUDDLES:] if theme is not None]
    worn = {theme for theme in recent if recent.count(theme) == RESTS_FOR_HUDDLES}
    fresh = [topic for topic in spots if topic.theme not in worn]
    return [
        *(_Topic(foundation) for foundation in _foundations(occasion, prompts)),
        *fresh,
        *spots,
        *(_Topic(dimension) for dimension in _longest_unspoken(occasion, prompts)),
    ]


def _foundations(occasion: Occasion, prompts: Sequence[HuddlePrompt]) -> list[Foundation]:
    safety = companion(occasion.figures, "psychological_safety", team=occasion.team)
    if safety is not None and occasion.bands.of(safety.value) is Band.WEAK:
        return [Foundation.PSYCHOLOGICAL_SAFETY]
    change = occasion.change
    if change is None:
        return []
    spoken = _themes(occasion, prompts, stage=change.stage)
    due = []
    if change.takes_away and Foundation.LOSS not in spoken:
        due.append(Foundation.LOSS)
    if change.at.kind is StageKind.BEFORE_GO_LIVE and Foundation.COMMITMENT not in spoken:
        due.append(Foundation.COMMITMENT)
    return due


def _themes(occasion: Occasion, prompts: Sequence[HuddlePrompt], *, stage: str | None = None) -> list[Theme | None]:
    """What earlier huddles (of the stage, if given) were about, oldest first; None where the prompt is gone."""
    own = occasion.change.playbook.prompts if occasion.change else ()
    by_id = {prompt.id: prompt.theme for prompt in (*own, *occasion.general, *prompts)}
    return [by_id.get(h.prompt) for h in _in_order(occasion.huddles) if stage is None or h.stage == stage]


def _longest_unspoken(occasion: Occasion, prompts: Sequence[HuddlePrompt]) -> list[Dimension]:
    """The dimensions on which there is a prompt not yet used, the longest unspoken first, then the others."""
    latest = {theme: position for position, theme in enumerate(_themes(occasion, prompts))}
    used = {huddle.prompt for huddle in occasion.huddles}
    new = {prompt.theme for prompt in prompts if prompt.id not in used}
    return sorted(RELATIONAL_ORDER, key=lambda dimension: (dimension not in new, latest.get(dimension, -1)))


def _tool(occasion: Occasion, prompt: HuddlePrompt) -> Tool | None:
    """The prompt's own tool; for a general prompt the stage's first tool that builds its theme, else its first one."""
    if occasion.change is None:
        return None
    playbook, stage = occasion.change.playbook, occasion.change.at
    if prompt.tool is not None:
        return playbook.tool.get(prompt.tool)
    tools = [playbook.tool[name] for name in stage.tools]
    return next((tool for tool in tools if prompt.theme in tool.builds), tools[0] if tools else None)


def _last_used(huddles: Sequence[PastHuddle]) -> dict[str, date]:
    return {huddle.prompt: huddle.on for huddle in _in_order(huddles)}


def _in_order(huddles: Sequence[PastHuddle]) -> list[PastHuddle]:
    return sorted(huddles, key=lambda huddle: huddle.on)
