"""Nudges, huddle prompts and promises: what the coaches' library says, with the buttons that answer it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.library import Playbook
from bot.core.messages import FollowUp, HuddleNote, NudgeNote
from bot.core.nudges import Why
from bot.core.states import CommitmentState, NudgeFeedback
from bot.slack.blocks.kit import Block, Element, Rendered, actions, button, context, header, section
from bot.slack.ids import AnswerCommitment, AnswerNudge, RecordHuddle, SkipHuddle
from bot.slack.words import Words

_AT_ONCE = (NudgeFeedback.TRY, NudgeFeedback.NOT_NOW, NudgeFeedback.NOT_FOR_US)
_AFTERWARDS = (NudgeFeedback.HELPED, NudgeFeedback.NO_DIFFERENCE)
_ANSWERS = (CommitmentState.DONE, CommitmentState.CHANGED, CommitmentState.STUCK, CommitmentState.DROPPED)


def nudge(message: NudgeNote, words: Words) -> Rendered:
    """Why now, on what evidence, one small action, how long it takes; three ways to answer."""
    entry = message.entry
    other = message.other or words("nudge.other_group")
    action = words.fill(entry.action, process=message.process, other=other)
    if message.was_it_worth_it:
        text = words("nudge.follow_up", action=action)
        return Rendered(text, [section(text), _answers(message, _AFTERWARDS, words)])
    why = words.fill(entry.why, process=message.process, other=other)
    blocks = [
        header(words("nudge.header")),
        section(_why_now(message, words)),
        section(words("nudge.action", action=action, minutes=entry.minutes, why=why)),
        _answers(message, _AT_ONCE, words),
        context(
            words(
                "nudge.evidence",
                on=message.map_on,
                respondents=_band(message.respondents),
                k=message.min_respondents,
            )
        ),
        context(words("nudge.stop")),
    ]
    return Rendered(words("nudge.notification", other=other, minutes=entry.minutes), blocks)


def _answers(message: NudgeNote, choices: Sequence[NudgeFeedback], words: Words) -> Block:
    return actions(*(button(words(f"nudge.button.{one}"), AnswerNudge(message.nudge, one)) for one in choices))


def _band(respondents: tuple[int, int | None]) -> str:
    low, high = respondents
    return f"{low}+" if high is None else f"{low}–{high}"


def _why_now(message: NudgeNote, words: Words) -> str:
    dimension = words(f"dimensions.{message.dimension}.name")
    match message.why:
        case Why.ASYMMETRIC:
            return words("nudge.why.asymmetric", other=message.other)
        case Why.WEAK_TIE:
            return words("nudge.why.weak_tie", rater=message.rater, rated=message.rated, dimension=dimension)
        case _:
            return words("nudge.why.weak_dimension", dimension=dimension)


def huddle(message: HuddleNote, words: Words) -> Rendered:
    """One hand-off, who should be in the room, three open questions, one tool, last time's promise."""
    if message.still_useful:
        return _still_useful(message, words)
    prompt = message.prompt
    playbook = next((book for book in words.library.playbooks if book.id == message.playbook), None)
    tool = playbook.tool.get(message.tool) if playbook and message.tool else None
    names = {"process": message.process, "change": message.change or message.process}
    focus = words.fill(prompt.focus, **names)
    first, second, third = (words.fill(question, **names) for question in prompt.questions)
    blocks: list[Block] = [header(words(f"huddle.header.{message.kind}"))]
    if message.change and message.stage:
        blocks.append(context(words("huddle.change", change=message.change, stage=_stage(message.stage, playbook))))
    if message.last_commitment:
        blocks.append(section(words("huddle.last_time", commitment=message.last_commitment)))
    if message.rater and message.rated and message.rater != message.rated:
        blocks.append(section(words("huddle.between", first=message.rater, second=message.rated)))
    blocks.append(section(words("huddle.focus", focus=focus)))
    blocks.append(section(words("huddle.questions", first=first, second=second, third=third)))
    if tool:
        blocks.append(section(words("huddle.tool", tool=tool.name, use=words.fill(tool.relational_use, **names))))
    if message.missing:
        blocks.append(section(words("huddle.missing", workgroups=list(message.missing))))
    if message.facilitator:
        blocks.append(context(words("huddle.facilitator", workgroup=message.facilitator)))
    blocks.append(actions(*_huddle_buttons(message, words)))
    blocks.append(context(words("huddle.thanks")))
    return Rendered(words("huddle.notification", focus=focus), blocks)


def _still_useful(message: HuddleNote, words: Words) -> Rendered:
    text = words("huddle.kept_skipping")
    return Rendered(text, [section(text), actions(*_huddle_buttons(message, words))])


def _stage(stage: str, playbook: Playbook | None) -> str:
    """The stage's name; a prompt that belongs to no playbook leaves its id, which is a word as well."""
    known = playbook.stage.get(stage) if playbook else None
    return known.name if known else stage.replace("_", " ")


def _huddle_buttons(message: HuddleNote, words: Words) -> list[Element]:
    record = button(words("huddle.button.outcome"), RecordHuddle(message.huddle), style="primary")
    if message.recorded:
        return [record]
    return [record, button(words("huddle.button.skipped"), SkipHuddle(message.huddle))]


def follow_up(message: FollowUp, words: Words) -> Rendered:
    """A promise comes back to its owner: the day before, and on the day."""
    if message.occasion == "day_before":
        text = words("commitments.day_before", what=message.what)
    else:
        text = words("commitments.due", what=message.what, prediction=message.prediction)
    buttons = [
        button(words(f"commitments.button.{state}"), AnswerCommitment(message.commitment, state)) for state in _ANSWERS
    ]
    return Rendered(words("commitments.notification", what=message.what), [section(text), actions(*buttons)])
