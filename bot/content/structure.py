"""Checks that go beyond one file: missing and orphan files, translations, a library's completeness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.content.library import Library
from bot.content.messages import Message
from bot.content.problems import Problems
from bot.core.instrument import DIMENSIONS, Instrument
from bot.core.library import Foundation, StageKind

FOLDERS = ("instruments", "messages", "nudges", "huddles", "playbooks", "coaching")
MESSAGE_FILES = (
    "admin",
    "change",
    "coaching",
    "commitments",
    "errors",
    "home",
    "huddle",
    "nudge",
    "pulse",
    "reminders",
    "report",
    "setup",
    "talk",
)
"""The features that cannot speak without their file."""
NUDGES_PER_DIMENSION = 2


def check_structure(root: Path, original: str, problems: Problems) -> tuple[str, ...]:
    """The languages present, the original first. Reports missing folders and files, and those that nothing reads."""
    if not (root / original).is_dir():
        problems.add(root / original, 0, "the folder of the original words is missing: check the path.")
        return ()
    languages = [original, *sorted(p.name for p in root.iterdir() if p.is_dir() and p.name != original)]
    for language in languages:
        _check_orphans(root / language, problems)
    for name in FOLDERS:
        if not any((root / original / name).glob("*.yaml")):
            problems.add(root / original / name, 0, "this folder must hold at least one .yaml file.")
    for name in MESSAGE_FILES:
        if not (root / original / "messages" / f"{name}.yaml").is_file():
            problems.add(root / original / "messages" / f"{name}.yaml", 0, "this file is missing: restore it.")
    for language in languages[1:]:
        _check_twins(root / language, root / original, problems)
    return tuple(languages)


def _check_orphans(folder: Path, problems: Problems) -> None:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in FOLDERS:
            problems.add(path, 0, f"nothing reads this folder: use one of {', '.join(FOLDERS)}.")
        elif path.is_dir():
            for file in sorted(path.iterdir()):
                if file.suffix != ".yaml":
                    problems.add(file, 0, "nothing reads this file: its name must end in .yaml, or move it elsewhere.")
        elif path.name != "language.yaml":
            problems.add(path, 0, "nothing reads this file: move it into the folder it belongs to.")


def _check_twins(folder: Path, original: Path, problems: Problems) -> None:
    for file in sorted(folder.glob("*/*.yaml")):
        if not (original / file.relative_to(folder)).is_file():
            problems.add(
                file, 0, f"this translation has no original: there is no {original / file.relative_to(folder)}."
            )


def check_translated_messages(
    folder: Path, translated: Mapping[str, Message], original: Mapping[str, Message], problems: Problems
) -> None:
    for key, message in translated.items():
        file = folder / f"{key.partition('.')[0]}.yaml"
        first = original.get(key)
        if first is None:
            problems.add(file, 0, f"“{key}” does not exist in the original: remove it, or correct its name.")
        elif (first.place, first.variables) != (message.place, message.variables):
            problems.add(file, 0, f"“{key}” must have the original's place and variables.")


def check_library(folder: Path, library: Library, instruments: Iterable[Instrument], problems: Problems) -> None:
    _check_ids(folder, library, problems)
    _check_coverage(folder, library, problems)
    known_items = {item.id for instrument in instruments for item in instrument.items if item.every_rounds}
    for playbook in library.playbooks:
        for stage in playbook.stages:
            for unknown in sorted(set(stage.items) - known_items):
                problems.add(
                    folder / "playbooks" / f"{playbook.id}.yaml",
                    0,
                    f"stage “{stage.id}” asks “{unknown}”, but no instrument has that companion item: correct it.",
                )


def _check_ids(folder: Path, library: Library, problems: Problems) -> None:
    prompts = [*library.huddles, *(prompt for playbook in library.playbooks for prompt in playbook.prompts)]
    for what, ids in (
        ("huddles", [prompt.id for prompt in prompts]),
        ("nudges", [nudge.id for nudge in library.nudges]),
        ("coaching", [intent.id for intent in library.coaching.intents] + [d.id for d in library.coaching.dialogues]),
    ):
        for repeated in sorted({one for one in ids if ids.count(one) > 1}):
            problems.add(folder / what, 0, f"the id “{repeated}” is used twice: give one of the two another.")


def _check_coverage(folder: Path, library: Library, problems: Problems) -> None:
    for dimension in DIMENSIONS:
        if sum(nudge.dimension is dimension for nudge in library.nudges) < NUDGES_PER_DIMENSION:
            problems.add(folder / "nudges", 0, f"“{dimension}” needs at least {NUDGES_PER_DIMENSION} nudges.")
        for kind in StageKind:
            if not any(prompt.theme is dimension and kind in prompt.stages for prompt in library.huddles):
                problems.add(folder / "huddles", 0, f"no prompt is about “{dimension}” in the kind of stage “{kind}”.")
    for foundation in Foundation:
        if not any(prompt.theme is foundation for prompt in library.huddles):
            problems.add(folder / "huddles", 0, f"no prompt builds “{foundation}”: add at least one.")
