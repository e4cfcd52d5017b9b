"""What a person reads when something cannot be done: from the error tree to the words of ``prompts/``."""

from __future__ import annotations

import re

from bot.content import Mrkdwn
from bot.core.errors import BadInput, NotAllowed, NotYours, RcPulseError, RoundClosed, UnknownPerson, UnknownTeam
from bot.slack.words import Words

_MENTION = re.compile(r"<@[UW][A-Z0-9]+>")


def explain(problem: RcPulseError, words: Words) -> str:
    """One friendly text. An error with nothing to say beyond its kind says that things have moved on."""
    match problem:
        case UnknownTeam(subject=name) if name:
            return words("errors.unknown_team", name=name, teams=[])
        case UnknownPerson(subject=name) if name:
            return words("errors.unknown_person", person=Mrkdwn(name) if _MENTION.fullmatch(name) else name)
        case NotAllowed():
            return words("errors.not_for_you")
        case NotYours():
            return words("errors.not_yours")
        case RoundClosed():
            return words("errors.round_closed")
        case BadInput(subject=what) if what:
            return words(what) if words.has(what) else words("errors.bad_input", subject=what)
        case _:
            return words("errors.stale_button")
