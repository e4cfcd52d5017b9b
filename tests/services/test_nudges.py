from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.core.errors import NotYours
from bot.core.messages import NudgeNote
from bot.core.reasons import Reason
from bot.core.states import DebriefState, NudgeArm, NudgeFeedback
from bot.db.tables import Delivery, Nudge, NudgeReply, Person, Team
from bot.services import compose, debriefs, nudges
from tests.cast import Stage

TRY, HELPED = NudgeFeedback.TRY, NudgeFeedback.HELPED


async def talked(stage: Stage) -> None:
    """The team has looked at a map on which everything is low."""
    wave = await stage.a_map(option=1)
    await debriefs.advance(stage.deps, stage.ws, "UCOACH", stage.team, wave, DebriefState.LEAD)
    await debriefs.advance(stage.deps, stage.ws, "ULEAD", stage.team, wave, DebriefState.TEAM)


async def chosen(stage: Stage) -> Sequence[Nudge]:
    await nudges.choose_due(stage.deps, stage.now)
    async with stage.deps.database.read() as session:
        return (await session.exec(select(Nudge))).all()


async def sent(stage: Stage) -> dict[str, Delivery]:
    async with stage.deps.database.read() as session:
        query = select(Person.slack_user_id, Delivery).join(Delivery).where(Delivery.kind == "nudge")
        rows = (await session.exec(query)).all()
    return {f"{user}{delivery.variant}": delivery for user, delivery in rows}


async def first_idea(stage: Stage) -> tuple[Nudge, str]:
    """An idea that was sent, and somebody who got it."""
    await talked(stage)
    (nudge,) = await chosen(stage)
    assert nudge.arm is NudgeArm.SENT
    return nudge, min(await sent(stage))


async def test_one_idea_a_week_goes_to_one_side_after_the_team_has_talked(stage: Stage) -> None:
    await stage.a_map(option=1)
    assert await chosen(stage) == [], "nothing while the map is with the coach"
    async with stage.deps.database.write() as session:
        (await session.get_one(Team, stage.team)).nudges_looked_on = None
    for to, user in ((DebriefState.LEAD, "UCOACH"), (DebriefState.TEAM, "ULEAD")):
        await debriefs.advance(stage.deps, stage.ws, user, stage.team, 1, to)
    for _ in range(3):
        assert len(await chosen(stage)) == 1
        await stage.clock.advance(days=1)
    reached = await sent(stage)
    assert len(reached) in {5, 15}, "one workgroup, or the whole team"


async def test_the_message_names_the_other_side_and_never_the_readers_own(quick_stage: Stage) -> None:
    nudge, user = await first_idea(quick_stage)
    async with quick_stage.deps.database.read() as session:
        note = await compose.compose(quick_stage.deps, session, (await sent(quick_stage))[user])
    assert isinstance(note, NudgeNote)
    own = note.rater if nudge.workgroup_id == nudge.rater_id else note.rated
    assert {note.other, own} == {note.rater, note.rated}
    assert not note.was_it_worth_it


async def test_who_tries_it_is_asked_once_a_week_later_whether_it_was_worth_it(stage: Stage) -> None:
    nudge, user = await first_idea(stage)
    for _ in range(2):
        await nudges.reply(stage.deps, stage.ws, user, nudge.id, TRY)
    question = (await sent(stage))[f"{user}{nudges.WORTH_IT}"]
    assert question.due_at == stage.now + timedelta(days=7)
    async with stage.deps.database.read() as session:
        note = await compose.compose(stage.deps, session, question)
    assert isinstance(note, NudgeNote)
    assert note.was_it_worth_it
    await nudges.reply(stage.deps, stage.ws, user, nudge.id, HELPED)
    async with stage.deps.database.read() as session:
        assert await compose.compose(stage.deps, session, question) is Reason.ANSWERED
        (reply,) = (await session.exec(select(NudgeReply))).all()
    assert reply.feedback is HELPED


async def test_somebody_who_did_not_get_it_cannot_answer_it(quick_stage: Stage) -> None:
    nudge, _ = await first_idea(quick_stage)
    with pytest.raises(NotYours):
        await nudges.reply(quick_stage.deps, quick_stage.ws, "ULEAD", nudge.id, TRY)


async def test_who_writes_stop_ideas_gets_none_any_more_not_even_one_that_waits(quick_stage: Stage) -> None:
    _, user = await first_idea(quick_stage)
    await nudges.stop(quick_stage.deps, quick_stage.ws, user)
    async with quick_stage.deps.database.read() as session:
        waiting = (await sent(quick_stage))[user]
        assert await compose.compose(quick_stage.deps, session, waiting) is Reason.OPTED_OUT
    await nudges.resume(quick_stage.deps, quick_stage.ws, user)
    async with quick_stage.deps.database.read() as session:
        assert isinstance(await compose.compose(quick_stage.deps, session, waiting), NudgeNote)


async def test_ideas_fall_silent_after_three_that_nobody_answered_until_somebody_asks(quick_stage: Stage) -> None:
    await talked(quick_stage)
    for _ in range(6):
        await chosen(quick_stage)
        await quick_stage.clock.advance(days=7)
    silent = await chosen(quick_stage)
    assert sum(one.arm is NudgeArm.SENT for one in silent) == 3
    await nudges.resume(quick_stage.deps, quick_stage.ws, "UNUR0")
    await quick_stage.clock.advance(days=1)
    assert len(await chosen(quick_stage)) == len(silent) + 1
