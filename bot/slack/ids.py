"""One codec for what Slack carries back to us: action ids, callback ids, option values, private metadata.

An id is a frozen dataclass; its text is ``verb/field/field…`` with each field percent-encoded. No handler takes such a
text apart by position. Every text fits Slack's 255 characters, and no two buttons of one message share one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints
from urllib.parse import quote, unquote

from bot.core.errors import Stale
from bot.core.states import CommitmentState, NudgeFeedback


class Later(StrEnum):
    """What the *not now* menu of a pulse offers."""

    HOUR = "hour"
    TOMORROW = "tomorrow"
    MONDAY = "monday"
    STOP = "stop"


class ReportPart(StrEnum):
    DIMENSIONS = "dimensions"
    HISTORY = "history"
    CHANGES = "changes"
    EXPORT = "export"
    TALK = "talk"
    SHARE = "share"
    TALK_FILE = "talk_file"


class Form(StrEnum):
    """The forms whose inputs have names."""

    SETUP = "setup"
    CHANGE = "change"
    HUDDLE = "huddle"
    REPORT = "report"
    WISHES = "wishes"
    LIBRARY = "library"


# --- the pulse -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TapAnswer:
    """A tap on an option (from 1), or on *I don't work with them* (None)."""

    ask: int
    position: int
    option: int | None


@dataclass(frozen=True, slots=True)
class ShowQuestion:
    """*Back*, *change an answer*, *answer now*: show a question; None is where the person stands."""

    ask: int
    position: int | None


@dataclass(frozen=True, slots=True)
class NotNow:
    """The overflow menu; the chosen option's value is a ``Later``."""

    ask: int


@dataclass(frozen=True, slots=True)
class OptOut:
    pass


@dataclass(frozen=True, slots=True)
class OptIn:
    pass


# --- nudges, huddles, commitments ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerNudge:
    nudge: int
    feedback: NudgeFeedback


@dataclass(frozen=True, slots=True)
class RecordHuddle:
    """The button, and the form that it opens."""

    huddle: int


@dataclass(frozen=True, slots=True)
class SkipHuddle:
    huddle: int


@dataclass(frozen=True, slots=True)
class AnswerCommitment:
    """The button, and for some states the form that asks what came of it."""

    commitment: int
    state: CommitmentState


# --- reports -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShowReport:
    team: int
    wave: int | None


@dataclass(frozen=True, slots=True)
class ShowPart:
    team: int
    wave: int
    part: ReportPart


@dataclass(frozen=True, slots=True)
class ExportAs:
    team: int
    format: str


@dataclass(frozen=True, slots=True)
class PassOn:
    """One step of the debrief order: the button, and the form that asks what was heard and what will be tried."""

    team: int
    wave: int
    to: str


# --- set-up and changes --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenSetup:
    team: int


@dataclass(frozen=True, slots=True)
class SaveSetup:
    """``team`` is None while it is still to be chosen."""

    team: int | None


@dataclass(frozen=True, slots=True)
class PauseSchedule:
    team: int


@dataclass(frozen=True, slots=True)
class ResumeSchedule:
    team: int


@dataclass(frozen=True, slots=True)
class DryRun:
    team: int


@dataclass(frozen=True, slots=True)
class Field:
    """An input of a form."""

    form: Form
    name: str


@dataclass(frozen=True, slots=True)
class Choose:
    """An option's value that names a row."""

    id: int


@dataclass(frozen=True, slots=True)
class EditChange:
    """The button and the form; None registers a new change."""

    change: int | None


@dataclass(frozen=True, slots=True)
class ShowChanges:
    pass


@dataclass(frozen=True, slots=True)
class MoveChange:
    change: int


@dataclass(frozen=True, slots=True)
class StartChange:
    """*Start it anyway*, after a warning that somebody carries much already."""

    change: int


@dataclass(frozen=True, slots=True)
class ShowEffect:
    """*Did it help?*"""

    change: int


@dataclass(frozen=True, slots=True)
class MeasureChange:
    change: int


# --- the coaches' library ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EditEntry:
    """The button and the form."""

    entry: str


@dataclass(frozen=True, slots=True)
class SwitchOff:
    entry: str


@dataclass(frozen=True, slots=True)
class RestoreEntry:
    entry: str


@dataclass(frozen=True, slots=True)
class AddIdea:
    """The button and the form, like the next."""


@dataclass(frozen=True, slots=True)
class AddPrompt:
    pass


# --- Home and conversation -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HomePage:
    """Which page of teams, from 0."""

    page: int


@dataclass(frozen=True, slots=True)
class ShowMyData:
    pass


@dataclass(frozen=True, slots=True)
class ForgetMe:
    pass


@dataclass(frozen=True, slots=True)
class EditWishes:
    """Language and hour: the button and the form."""


@dataclass(frozen=True, slots=True)
class TalkStep:
    """A choice in a guided conversation."""

    dialogue: str
    step: str


@dataclass(frozen=True, slots=True)
class Loading:
    """A modal that only says that the form is coming."""


Id = (
    TapAnswer
    | ShowQuestion
    | NotNow
    | OptOut
    | OptIn
    | AnswerNudge
    | RecordHuddle
    | SkipHuddle
    | AnswerCommitment
    | ShowReport
    | ShowPart
    | ExportAs
    | PassOn
    | OpenSetup
    | SaveSetup
    | PauseSchedule
    | ResumeSchedule
    | DryRun
    | Field
    | Choose
    | EditChange
    | ShowChanges
    | MoveChange
    | StartChange
    | ShowEffect
    | MeasureChange
    | EditEntry
    | SwitchOff
    | RestoreEntry
    | AddIdea
    | AddPrompt
    | HomePage
    | ShowMyData
    | ForgetMe
    | EditWishes
    | TalkStep
    | Loading
)
KINDS: tuple[type[Id], ...] = get_args(Id)
LONGEST = 255
HIGHEST = 2**31 - 1
"""Of a row's number: a higher one would not fail alone in the database, but with all that are asked for beside it."""
Kind = TypeVar("Kind", bound=Id)


def _verb(kind: type[object]) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", kind.__name__).lower()


_BY_VERB: dict[str, type[Id]] = {_verb(kind): kind for kind in KINDS}


def encode(value: Id) -> str:
    """The text that Slack carries."""
    parts = [getattr(value, field.name) for field in fields(value)]
    return "/".join([_verb(type(value)), *("" if part is None else quote(str(part), safe="") for part in parts)])


def decode(text: str) -> Id:
    """The id a text stands for. Raises Stale for any text that this program would not have written."""
    verb, *parts = text.split("/")
    kind = _BY_VERB.get(verb)
    if kind is None:
        raise Stale("button")
    types = _types(verb)
    if len(parts) != len(types):
        raise Stale("button")
    try:
        return kind(*(_value(part, wanted) for part, wanted in zip(parts, types, strict=True)))
    except ValueError:
        raise Stale("button") from None


def decode_as(kind: type[Kind], text: str) -> Kind:
    """Like ``decode``, for a place where only one kind can be. Raises Stale for another."""
    value = decode(text)
    if not isinstance(value, kind):
        raise Stale("button")
    return value


def pattern(kind: type[Kind]) -> re.Pattern[str]:
    """Matches the texts of one kind, for registering its listener."""
    return re.compile(rf"^{_verb(kind)}(/|$)")


@cache
def _types(verb: str) -> tuple[Any, ...]:
    kind = _BY_VERB[verb]
    hints = get_type_hints(kind)
    return tuple(hints[field.name] for field in fields(kind))


def _value(part: str, wanted: Any) -> Any:
    options = get_args(wanted) or (wanted,)
    if not part and NoneType in options:
        return None
    value = options[0](unquote(part))
    if isinstance(value, int) and not 0 <= value <= HIGHEST:
        raise ValueError(part)
    return value
