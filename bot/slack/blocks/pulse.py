"""A pulse: one question at a time in one message, and no chosen option ever on screen."""

from __future__ import annotations

from bot.content import Mrkdwn
from bot.core.messages import Progress, Pulse, PulseStage, Question, Reminder, WhatCameOfIt
from bot.slack.blocks.kit import Block, Element, Rendered, actions, button, context, option, overflow, section
from bot.slack.ids import Later, NotNow, OptIn, ShowQuestion, TapAnswer
from bot.slack.words import Words

SECONDS_PER_QUESTION = 7
"""A tap and the reading before it; three questions are the product's twenty seconds."""
MOST_REMINDERS = 2


def seconds_for(questions: int) -> int:
    """About how long, to the nearest ten seconds."""
    return max(10, round(questions * SECONDS_PER_QUESTION, -1))


def pulse(message: Pulse, words: Words) -> Rendered:
    match message.stage:
        case PulseStage.ASKING:
            return _asking(message, words)
        case PulseStage.FINISHED:
            return _finished(message, words)
        case PulseStage.CLOSED:
            return Rendered(words("pulse.closed_notification"), [section(words("pulse.over"))])
        case PulseStage.WITHDRAWN:
            text = words("pulse.withdrawn")
            return Rendered(text, [section(text)])


def _asking(message: Pulse, words: Words) -> Rendered:
    question = message.questions[message.position]
    number, total = message.position + 1, len(message.questions)
    opening = _opening(message, words) if message.position == 0 else []
    key = "pulse.notification" if message.position == 0 else "pulse.question_notification"
    about = {"process": message.team} if message.position == 0 else {"number": number}
    text = words(key, total=total, **about)
    return Rendered(
        text,
        [
            *opening,
            context(words("pulse.progress", number=number, total=total, team=message.team)),
            section(Mrkdwn(question.text)),
            actions(*_options(message, question)),
            actions(*_ways_out(message, question, words)),
        ],
    )


def _opening(message: Pulse, words: Words) -> list[Block]:
    """Line one: what came of the last pulse. Line two: how long, and the rule, before anything is answered."""
    total = len(message.questions)
    first = [section(came_of_it(message.came_of_it, words))] if message.came_of_it else []
    rule = words(
        "pulse.intro",
        total=total,
        seconds=seconds_for(total),
        k=message.min_respondents,
        release_on=message.map_on,
    )
    return [*first, section(rule), context(words("pulse.slack_keeps"))]


def came_of_it(value: WhatCameOfIt, words: Words) -> str:
    """“You said, we tried”, as far as it has come."""
    match value.progress:
        case Progress.FIRST:
            return words("pulse.first", process=value.process)
        case Progress.NOTHING_YET:
            return words("pulse.nothing_yet")
        case Progress.DONE:
            return words("pulse.tried_done", heard=value.heard, tried=value.tried, learned=value.learned)
        case Progress.DROPPED:
            return words("pulse.tried_dropped", heard=value.heard, tried=value.tried)
        case Progress.TRYING:
            return _trying(value, words)


def _trying(value: WhatCameOfIt, words: Words) -> str:
    if value.since is None:
        return words("pulse.heard", heard=value.heard, will_try=value.tried)
    if not value.heard:
        return words("pulse.tried_only", tried=value.tried, since=value.since)
    return words("pulse.tried", heard=value.heard, tried=value.tried, since=value.since)


def _options(message: Pulse, question: Question) -> list[Element]:
    return [
        button(label, TapAnswer(message.ask, message.position, number))
        for number, label in enumerate(question.options, start=1)
    ]


def _ways_out(message: Pulse, question: Question, words: Words) -> list[Element]:
    elements = []
    if question.workgroup is not None:
        label = words("pulse.button.not_worked_with")
        elements.append(button(label, TapAnswer(message.ask, message.position, None)))
    if message.position > 0:
        elements.append(button(words("pulse.button.back"), ShowQuestion(message.ask, message.position - 1)))
    choices = [(Later.HOUR, "hour"), (Later.TOMORROW, "tomorrow"), (Later.MONDAY, "monday"), (Later.STOP, "opt_out")]
    menu = [option(words(f"pulse.snooze.{key}"), choice.value) for choice, key in choices]
    return [*elements, overflow(NotNow(message.ask), menu)]


def _finished(message: Pulse, words: Words) -> Rendered:
    thanks = words("pulse.thanks", release_on=message.map_on)
    receipt = words("pulse.receipt", answered=len(message.questions), skipped=0, release_on=message.map_on)
    return Rendered(
        thanks,
        [
            section(thanks),
            context(receipt),
            context(words("pulse.until", closes_at=message.closes_at)),
            actions(button(words("pulse.button.change_answer"), ShowQuestion(message.ask, 0))),
        ],
    )


def opted_out(words: Words) -> Rendered:
    text = words("pulse.opted_out")
    return Rendered(text, [section(text), actions(button(words("home.button.opt_in"), OptIn()))])


def reminder(message: Reminder, words: Words) -> Rendered:
    text = words("reminders.first", left=message.left, seconds=seconds_for(message.left), closes_at=message.closes_at)
    return Rendered(
        words("reminders.notification", left=message.left),
        [
            section(text),
            actions(button(words("pulse.button.open"), ShowQuestion(message.ask, None), style="primary")),
            context(words("reminders.why", most=MOST_REMINDERS)),
        ],
    )
