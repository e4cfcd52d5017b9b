"""Every message that goes through the outbox, as Slack shows it."""

from __future__ import annotations

from bot.core.messages import FollowUp, HuddleNote, Message, NudgeNote, Pulse, Reminder, ReportReady
from bot.slack.blocks import coaching
from bot.slack.blocks import pulse as pulses
from bot.slack.blocks.kit import Rendered, actions, button, section
from bot.slack.ids import ReportPart, ShowPart, ShowReport
from bot.slack.words import Words


def render(message: Message, words: Words) -> Rendered:
    match message:
        case Pulse():
            return pulses.pulse(message, words)
        case Reminder():
            return pulses.reminder(message, words)
        case NudgeNote():
            return coaching.nudge(message, words)
        case HuddleNote():
            return coaching.huddle(message, words)
        case FollowUp():
            return coaching.follow_up(message, words)
        case ReportReady():
            return _report_ready(message, words)


def _report_ready(message: ReportReady, words: Words) -> Rendered:
    """Only that it is there, for whom, and a button: the figures are read, and the right checked, when it is tapped."""
    text = words(f"report.ready.{message.stage}")
    show = ShowReport(message.team, message.wave)
    if not message.guide_first:
        return Rendered(text, [section(text), actions(button(words("report.button.show"), show, style="primary"))])
    guide = ShowPart(message.team, message.wave, ReportPart.TALK)
    buttons = [
        button(words("report.button.talk"), guide, style="primary"),
        button(words("report.button.show"), show),
    ]
    return Rendered(text, [section(text), section(words("report.ready.guide_first")), actions(*buttons)])
