"""Nudges in Slack: *we'll try it*, *not now*, *not for us*."""

from __future__ import annotations

from bot.content import Mrkdwn
from bot.services import nudges
from bot.slack.blocks.kit import Rendered, section
from bot.slack.ids import AnswerNudge
from bot.slack.listeners import Listeners
from bot.slack.turn import Turn


def register(listeners: Listeners) -> None:
    listeners.action(AnswerNudge, answer)


async def answer(turn: Turn, tap: AnswerNudge) -> None:
    """The thanks take the buttons' place; the idea itself stays readable above them."""
    await nudges.reply(turn.desk.deps, turn.desk.ws, turn.user, tap.nudge, tap.feedback)
    thanks = turn.words(f"nudge.thanks.{tap.feedback}")
    message = turn.body.get("message") or {}
    kept = [block for block in message.get("blocks") or [] if block["type"] != "actions"]
    await turn.replace(Rendered(Mrkdwn(message.get("text") or thanks), [*kept, section(thanks)]))
