"""The small tree of errors that a person may meet. Each knows its subject; words come from ``prompts/`` by ``key``."""

from __future__ import annotations

from typing import ClassVar


class RcPulseError(Exception):
    """Something we can explain. ``key`` names the message, ``subject`` fills it; neither ever holds an answer."""

    key: ClassVar[str] = "errors.unexpected"

    def __init__(self, subject: str = "") -> None:
        super().__init__(subject)
        self.subject = subject


class UnknownTeam(RcPulseError):
    key = "errors.unknown_team"


class UnknownPerson(RcPulseError):
    key = "errors.unknown_person"


class NotAllowed(RcPulseError):
    key = "errors.not_allowed"


class NotYours(RcPulseError):
    """A click on somebody else's ask, huddle or commitment."""

    key = "errors.not_yours"


class RoundClosed(RcPulseError):
    key = "errors.round_closed"


class Stale(RcPulseError):
    """A form or button from before something changed. Nothing was stored; the fresh state is shown."""

    key = "errors.stale"


class BadInput(RcPulseError):
    """A field of a form or command is not usable. ``field`` names it, ``subject`` says what is wrong and what to do, or
    is the key of a message that does.
    """

    key = "errors.bad_input"

    def __init__(self, subject: str, *, field: str = "") -> None:
        super().__init__(subject)
        self.field = field


class BadFile(RcPulseError):
    """A file with a bad row: ``line`` and ``column`` (name or number) say where, ``subject`` what was expected."""

    key = "errors.bad_file"

    def __init__(self, subject: str, *, line: int, column: str = "") -> None:
        place = f"line {line}, column {column}" if column else f"line {line}"
        super().__init__(f"{place}: {subject}")
        self.line = line
        self.column = column


class VaultMissing(RcPulseError):
    key = "errors.vault_missing"


class WrongRevision(RcPulseError):
    """The database is at another revision than this program."""

    key = "errors.wrong_revision"
