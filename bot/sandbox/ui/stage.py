"""What whoever runs the sandbox may say to its visitors: a notice with progress, and a guide of things to try."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_STEPS = 30


class StageError(ValueError):
    """A notice or guide that cannot be shown; the text says what is wrong with it."""


@dataclass(frozen=True)
class Notice:
    """One line across the page; `progress` from 0 to 1, or None for a plain sentence. An empty text takes it away."""

    text: str = ""
    progress: float | None = None


@dataclass(frozen=True)
class Step:
    """One thing to try: who does it, where, and what stands in the composer then."""

    text: str
    user: str | None = None
    channel: str | None = None
    command: str | None = None


@dataclass(frozen=True)
class Guide:
    title: str = ""
    steps: tuple[Step, ...] = ()


@dataclass
class Stage:
    """The notice and the guide now on show."""

    notice: Notice = field(default_factory=Notice)
    guide: Guide = field(default_factory=Guide)


def read_notice(body: Mapping[str, Any]) -> Notice:
    """Raises StageError for a text that is no text or a progress outside 0..1."""
    text, progress = body.get("text"), body.get("progress")
    if not isinstance(text, str):
        raise StageError("A notice needs a text.")
    if progress is None:
        return Notice(text)
    if isinstance(progress, bool) or not isinstance(progress, int | float) or not 0 <= progress <= 1:
        raise StageError("Progress is a number from 0 to 1, or null.")
    return Notice(text, float(progress))


def read_guide(body: Mapping[str, Any]) -> Guide:
    """Raises StageError for steps that are no list of objects with a text."""
    title, steps = body.get("title"), body.get("steps")
    if not isinstance(title, str) or not isinstance(steps, list) or len(steps) > MOST_STEPS:
        raise StageError(f"A guide needs a title and a list of at most {MOST_STEPS} steps.")
    return Guide(title, tuple(read_step(step, place) for place, step in enumerate(steps)))


def read_step(step: Any, place: int) -> Step:
    if not isinstance(step, Mapping) or not isinstance(step.get("text"), str):
        raise StageError(f"Step {place + 1} of the guide needs a text.")
    wishes = {name: step[name] for name in ("user", "channel", "command") if step.get(name) is not None}
    if not all(isinstance(value, str) for value in wishes.values()):
        raise StageError(f"User, channel and command of step {place + 1} are texts.")
    return Step(step["text"], **wishes)
