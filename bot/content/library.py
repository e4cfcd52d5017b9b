"""Reads the coaches' library: nudges, huddle prompts, playbooks, coaching conversations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from bot.content.instruments import LONGEST_NAME
from bot.content.messages import checked_template
from bot.content.problems import Problems
from bot.content.source import Entry, read_mapping
from bot.content.templates import LIMITS, Place, Renderer
from bot.core.coaching import Choice, CoachingLibrary, Dialogue, Intent, Step
from bot.core.instrument import Dimension
from bot.core.library import (
    Foundation,
    HuddleKind,
    HuddlePrompt,
    Nudge,
    Playbook,
    Side,
    Stage,
    StageKind,
    Theme,
    Tool,
)

LONGEST_VALUES = {
    "process": "Discharge of older patients",
    "change": "Discharge decided before eleven in the morning, on every ward",
    "other": LONGEST_NAME,
}
NUDGE_VARIABLES = frozenset({"process", "other"})
HUDDLE_VARIABLES = frozenset({"process"})
PLAYBOOK_VARIABLES = frozenset({"process", "change"})


@dataclass(frozen=True, slots=True)
class Library:
    """All that one language's coaches have written."""

    nudges: tuple[Nudge, ...] = ()
    huddles: tuple[HuddlePrompt, ...] = ()
    playbooks: tuple[Playbook, ...] = ()
    coaching: CoachingLibrary = field(default_factory=CoachingLibrary)

    def over(self, original: Library) -> Library:
        """A translated library, completed with the original's entries for what it lacks, in the original's order."""
        return Library(
            nudges=_over(self.nudges, original.nudges),
            huddles=_over(self.huddles, original.huddles),
            playbooks=_over(self.playbooks, original.playbooks),
            coaching=CoachingLibrary(
                _over(self.coaching.intents, original.coaching.intents),
                _over(self.coaching.dialogues, original.coaching.dialogues),
            ),
        )

    def playbook(self, playbook_id: str) -> Playbook:
        """Raises KeyError for an approach that has no playbook."""
        for playbook in self.playbooks:
            if playbook.id == playbook_id:
                return playbook
        raise KeyError(playbook_id)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Written = TypeVar("Written", bound=_Named)


def _over(own: tuple[Written, ...], original: tuple[Written, ...]) -> tuple[Written, ...]:
    by_id = {entry.id: entry for entry in own}
    return tuple(by_id.get(entry.id, entry) for entry in original)


class LibraryReader:
    """Reads one language's folders, reporting every problem on the way."""

    def __init__(self, renderer: Renderer, problems: Problems) -> None:
        self._renderer = renderer
        self._problems = problems

    def read(self, folder: Path) -> Library:
        return Library(
            nudges=self._nudges(folder / "nudges"),
            huddles=self._huddles(folder / "huddles"),
            playbooks=self._playbooks(folder / "playbooks"),
            coaching=self._coaching(folder / "coaching"),
        )

    def _files(self, folder: Path) -> Iterable[Entry]:
        for file in sorted(folder.glob("*.yaml")):
            entry = read_mapping(file, self._problems)
            if entry is not None:
                yield entry

    def _nudges(self, folder: Path) -> tuple[Nudge, ...]:
        nudges: list[Nudge] = []
        for entry in self._files(folder):
            dimension = entry.choice("dimension", Dimension)
            nudges += [self.nudge(body, dimension or Dimension.FREQUENT) for body in entry.entries("nudges")]
            entry.finish()
        return tuple(nudges)

    def nudge(self, body: Entry, dimension: Dimension) -> Nudge:
        nudge = Nudge(
            id=body.text("id"),
            dimension=dimension,
            side=body.choice("side", Side) or Side.BOTH,
            minutes=body.whole_number("minutes", least=1, most=30),
            action=self._prose(body, "action", NUDGE_VARIABLES),
            why=self._prose(body, "why", NUDGE_VARIABLES),
        )
        body.finish()
        return nudge

    def _huddles(self, folder: Path) -> tuple[HuddlePrompt, ...]:
        prompts = []
        for entry in self._files(folder):
            theme = _theme(entry)
            for body in entry.entries("prompts"):
                stages = tuple(StageKind(kind) for kind in body.texts("stages") if kind in set(StageKind))
                if not stages or len(stages) != len(body.texts("stages")):
                    body.report(f"“stages” must list one or more of {', '.join(StageKind)}.", at="stages")
                prompts.append(self.prompt(body, theme, stages, HUDDLE_VARIABLES))
            entry.finish()
        return tuple(prompts)

    def prompt(
        self, body: Entry, theme: Theme, stages: tuple[StageKind, ...], variables: frozenset[str]
    ) -> HuddlePrompt:
        questions = body.texts("questions")
        if len(questions) != 3:
            body.report("a prompt asks exactly three open questions.", at="questions")
            questions = ("", "", "")
        for question in questions:
            self._check(body, "questions", question, variables)
            if question and not question.endswith("?"):
                body.report(f"“{question}” is no question: end it with a question mark.", at="questions")
        prompt = HuddlePrompt(
            id=body.text("id"),
            kind=body.choice("kind", HuddleKind) or HuddleKind.HUDDLE,
            theme=theme,
            stages=stages,
            focus=self._prose(body, "focus", variables),
            questions=(questions[0], questions[1], questions[2]),
            tool=body.optional_text("tool"),
        )
        body.finish()
        return prompt

    def _playbooks(self, folder: Path) -> tuple[Playbook, ...]:
        playbooks = []
        for entry in self._files(folder):
            playbook = Playbook(
                id=entry.text("id"),
                name=self._prose(entry, "name", frozenset(), Place.OPTION),
                summary=self._prose(entry, "summary"),
                stages=tuple(self._stage(body) for body in entry.entries("stages")),
                tools=tuple(self._tool(body) for body in entry.entries("tools")),
            )
            if playbook.id != entry.file.stem:
                entry.report(f"the id must be the file's name, “{entry.file.stem}”.", at="id")
            entry.finish()
            _check_playbook(entry, playbook)
            playbooks.append(playbook)
        return tuple(playbooks)

    def _stage(self, entry: Entry) -> Stage:
        kind = entry.choice("kind", StageKind) or StageKind.EARLY
        stage = Stage(
            id=entry.text("id"),
            name=self._prose(entry, "name", frozenset(), Place.OPTION),
            kind=kind,
            purpose=self._prose(entry, "purpose"),
            tools=entry.texts("tools"),
            items=entry.texts("items"),
            prompts=tuple(
                self.prompt(body, _theme(body), (kind,), PLAYBOOK_VARIABLES) for body in entry.entries("prompts")
            ),
            extra_pulse=entry.flag("extra_pulse"),
        )
        entry.finish()
        _check_stage(entry, stage)
        return stage

    def _tool(self, entry: Entry) -> Tool:
        builds = tuple(Dimension(name) for name in entry.texts("builds") if name in set(Dimension))
        if not builds or len(builds) != len(entry.texts("builds")):
            entry.report(f"“builds” must list one or more of {', '.join(Dimension)}.", at="builds")
        tool = Tool(
            id=entry.text("id"),
            name=self._prose(entry, "name", frozenset(), Place.OPTION),
            relational_use=self._prose(entry, "relational_use"),
            builds=builds,
            in_the_room=self._prose(entry, "in_the_room"),
            loss=self._prose(entry, "loss"),
        )
        entry.finish()
        return tool

    def _coaching(self, folder: Path) -> CoachingLibrary:
        intents: list[Intent] = []
        dialogues: list[Dialogue] = []
        for entry in self._files(folder):
            if entry.has("intents"):
                for body in entry.entries("intents"):
                    intents.append(Intent(body.text("id"), body.texts("phrases")))
                    body.finish()
            else:
                dialogues.append(self._dialogue(entry))
            entry.finish()
        return CoachingLibrary(tuple(intents), tuple(dialogues))

    def _dialogue(self, entry: Entry) -> Dialogue:
        steps = tuple(self._step(body) for body in entry.entries("steps"))
        dialogue = Dialogue(
            id=entry.text("id"),
            title=self._prose(entry, "title", frozenset(), Place.BUTTON),
            phrases=entry.texts("phrases"),
            start=steps[0].id if steps else "",
            steps=steps,
        )
        if dialogue.id != entry.file.stem:
            entry.report(f"the id must be the file's name, “{entry.file.stem}”.", at="id")
        _check_steps(entry, steps)
        return dialogue

    def _step(self, entry: Entry) -> Step:
        choices = []
        for body in entry.entries("choices") if entry.has("choices") else ():
            choices.append(Choice(self._prose(body, "label", frozenset(), Place.BUTTON), body.text("step")))
            body.finish()
        step = Step(entry.text("id"), self._prose(entry, "text"), tuple(choices))
        entry.finish()
        if len(choices) > 5:
            entry.report("a step offers five choices at most.", at="choices")
        return step

    def _prose(
        self, entry: Entry, name: str, variables: frozenset[str] = frozenset(), place: Place = Place.SECTION
    ) -> str:
        text = entry.text(name)
        self._check(entry, name, text, variables, place)
        return text

    def _check(
        self, entry: Entry, name: str, text: str, variables: frozenset[str], place: Place = Place.SECTION
    ) -> None:
        """A library text may mention the given variables and needs none of them."""
        if "{" in text or len(text) > LIMITS[place]:
            sample = {variable: LONGEST_VALUES[variable] for variable in variables}
            checked_template(entry, name, text, place=place, sample=sample, renderer=self._renderer, all_needed=False)
        if len(text) > LIMITS[place] // 2 and place is Place.SECTION:
            entry.report("this is too long to be read on a phone: say it in under 1,500 characters.", at=name)


def _theme(entry: Entry) -> Theme:
    name = entry.text("theme")
    if name in set(Dimension):
        return Dimension(name)
    if name in set(Foundation):
        return Foundation(name)
    entry.report(f"“theme” is “{name}”: choose one of {', '.join([*Dimension, *Foundation])}.", at="theme")
    return Dimension.FREQUENT


def _check_stage(entry: Entry, stage: Stage) -> None:
    covered = {prompt.theme for prompt in stage.prompts if isinstance(prompt.theme, Dimension)}
    if len(covered) < 3:
        entry.report(
            f"stage “{stage.id}” has prompts for {len(covered)} of the seven dimensions: at least three are needed."
        )
    if not stage.tools:
        entry.report(f"stage “{stage.id}” names no tool: list at least one under “tools”.")


def _check_playbook(entry: Entry, playbook: Playbook) -> None:
    covered = {prompt.theme for prompt in playbook.prompts}
    for dimension in Dimension:
        if dimension not in covered:
            entry.report(
                f"no prompt of this playbook is about “{dimension}”: every playbook needs all seven.", at="stages"
            )
    tools = [tool.id for tool in playbook.tools]
    for unknown in sorted({name for stage in playbook.stages for name in stage.tools} - set(tools)):
        entry.report(
            f"a stage uses the tool “{unknown}”, which “tools” does not describe: add it or correct the name.",
            at="stages",
        )
    for unused in sorted(set(tools) - {name for stage in playbook.stages for name in stage.tools}):
        entry.report(f"no stage uses the tool “{unused}”: name it in a stage, or remove it.", at="tools")
    for prompt in playbook.prompts:
        if prompt.tool is None or prompt.tool not in tools:
            entry.report(f"prompt “{prompt.id}” must name one of the playbook's tools under “tool”.", at="stages")
    stages = [stage.id for stage in playbook.stages]
    for name, ids in (("stages", stages), ("tools", tools)):
        for repeated in sorted({one for one in ids if ids.count(one) > 1}):
            entry.report(f"“{repeated}” stands twice under “{name}”: give one of the two another id.", at=name)


def _check_steps(entry: Entry, steps: tuple[Step, ...]) -> None:
    ids = [step.id for step in steps]
    leads_to = {choice.step for step in steps for choice in step.choices}
    for missing in sorted(leads_to - set(ids)):
        entry.report(
            f"a choice leads to “{missing}”, and there is no such step: add it or correct the name.", at="steps"
        )
    for orphan in sorted(set(ids[1:]) - leads_to):
        entry.report(f"no choice leads to the step “{orphan}”: lead to it, or remove it.", at="steps")
    for repeated in sorted({one for one in ids if ids.count(one) > 1}):
        entry.report(f"two steps are called “{repeated}”: rename one of them.", at="steps")
