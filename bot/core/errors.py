"""The small tree of errors that a person may meet. Each knows its subject; the words are found where they are said:
``slack/explain.py`` for Slack, ``cli.py`` for the command line.
"""

from __future__ import annotations


class RcPulseError(Exception):
    """Something we can explain. ``subject`` says what it is about; it never holds an answer."""

    def __init__(self, subject: str = "") -> None:
        super().__init__(subject)
        self.subject = subject


class UnknownTeam(RcPulseError):
    """No such team in this workspace."""


class UnknownPerson(RcPulseError):
    """Nobody whom we know; ``subject`` is a mention or what was typed."""


class NotAllowed(RcPulseError):
    """The person's role does not reach so far."""


class NotYours(RcPulseError):
    """A click on somebody else's ask, huddle or commitment."""


class RoundClosed(RcPulseError):
    """The answer came after the round's window."""


class Stale(RcPulseError):
    """A form or button from before something changed. Nothing was stored; the fresh state is shown."""


class BadInput(RcPulseError):
    """A field of a form or command is not usable. ``field`` names it, ``subject`` says what is wrong and what to do, or
    is the key of a message that does.
    """

    def __init__(self, subject: str, *, field: str = "") -> None:
        super().__init__(subject)
        self.field = field


class BadFile(RcPulseError):
    """A file with a bad row: ``line`` and ``column`` (name or number) say where, ``subject`` what was expected."""

    def __init__(self, subject: str, *, line: int, column: str = "") -> None:
        place = f"line {line}, column {column}" if column else f"line {line}"
        super().__init__(f"{place}: {subject}")
        self.line = line
        self.column = column


class VaultMissing(RcPulseError):
    """The vault is not where it was: sealed answers cannot be opened, and no new key may hide that."""


class WrongRevision(RcPulseError):
    """The database is at another revision than this program."""
