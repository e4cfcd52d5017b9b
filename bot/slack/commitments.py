"""Promises come back: done, done differently, stuck, dropped, and what came of it."""

from __future__ import annotations

from typing import Any

from bot.core.states import CommitmentState
from bot.services import commitments
from bot.slack.blocks.kit import field, modal, text_field
from bot.slack.forms import Values, text_of
from bot.slack.ids import AnswerCommitment
from bot.slack.listeners import FormResult, Listeners
from bot.slack.turn import Turn
from bot.slack.words import Words

OUTCOME = "outcome"
ASKS_OUTCOME = frozenset({CommitmentState.DONE, CommitmentState.CHANGED, CommitmentState.DROPPED})
"""What is stuck goes to the next huddle instead."""


def register(listeners: Listeners) -> None:
    listeners.action(AnswerCommitment, answer)
    listeners.form(AnswerCommitment, say_outcome)


async def answer(turn: Turn, tap: AnswerCommitment) -> None:
    """Stored at once; the sentence on what came of it is asked for and may be left out."""
    desk = turn.desk
    await commitments.update(desk.deps, desk.ws, turn.user, tap.commitment, tap.state)
    if tap.state in ASKS_OUTCOME:
        await turn.open(_outcome_form(tap, turn.words))
    await turn.tell(turn.words(f"commitments.thanks.{tap.state}"))


async def say_outcome(turn: Turn, form: AnswerCommitment, values: Values) -> FormResult:
    desk = turn.desk
    outcome = text_of(values, OUTCOME)
    if outcome:
        await commitments.update(desk.deps, desk.ws, turn.user, form.commitment, form.state, outcome)
        await turn.ack()
        await turn.tell(turn.words("commitments.learned.saved"))
    return None


def _outcome_form(tap: AnswerCommitment, words: Words) -> dict[str, Any]:
    sentence = field(
        OUTCOME,
        words("commitments.learned.label"),
        text_field(tap, longest=300, lines=True),
        hint=words("commitments.learned.hint"),
        optional=True,
    )
    return modal(
        tap,
        words("commitments.learned.title"),
        [sentence],
        submit=words("commitments.learned.submit"),
        close=words("huddle.outcome.close"),
    )
