from __future__ import annotations

import pytest
from sqlmodel import select

from bot.core.messages import NudgeNote
from bot.core.states import DebriefState, NudgeFeedback
from bot.db.tables import Debrief, Delivery, NudgeReply, Person
from bot.services import debriefs, nudges
from bot.services.compose import compose
from bot.slack.ids import AnswerNudge
from tests.slack.floor import Floor, Json, buttons, texts


async def _nudged(floor: Floor) -> tuple[str, Json, int]:
    """Somebody who got an idea after the team's talk: who, the message, the nudge."""
    stage = floor.stage
    async with stage.deps.database.read() as session:
        debrief = (await session.exec(select(Debrief))).one()
    for user, step in (("UCOACH", DebriefState.LEAD), ("ULEAD", DebriefState.TEAM)):
        await debriefs.advance(stage.deps, stage.ws, user, debrief.team_id, debrief.wave_id, step)
    await nudges.choose_due(stage.deps, stage.now)
    async with stage.deps.database.read() as session:
        deliveries = (await session.exec(select(Delivery).where(Delivery.kind == "nudge"))).all()
        if not deliveries:
            pytest.skip("this week's draw fell into the held-out arm")
        delivery = deliveries[0]
        message = await compose(stage.deps, session, delivery)
        person = await session.get_one(Person, delivery.person_id)
    assert isinstance(message, NudgeNote)
    return person.slack_user_id, await floor.send(person.slack_user_id, message), message.nudge


async def test_a_nudge_says_why_on_what_evidence_what_to_do_and_how_long_it_takes(first_map: Floor) -> None:
    _, message, _ = await _nudged(first_map)

    told = texts(message)
    assert all(part in told for part in ("Why now", "The idea", "minute", "shown only from 5 on"))
    assert len(buttons(message)) == 3


@pytest.mark.parametrize("feedback", [NudgeFeedback.TRY, NudgeFeedback.NOT_NOW, NudgeFeedback.NOT_FOR_US])
async def test_an_answer_takes_the_buttons_place_and_leaves_the_idea_to_read(
    first_map: Floor, feedback: NudgeFeedback
) -> None:
    user, message, nudge = await _nudged(first_map)
    await first_map.click(user, AnswerNudge(nudge, feedback), message)
    (shown,) = await first_map.dms(user)

    async with first_map.stage.deps.database.read() as session:
        reply = (await session.exec(select(NudgeReply))).one()
    assert reply.feedback is feedback
    assert "The idea" in texts(shown)
    assert not any(block["type"] == "actions" for block in shown["blocks"])


async def test_somebody_elses_nudge_cannot_be_answered(first_map: Floor) -> None:
    user, message, nudge = await _nudged(first_map)
    stranger = "UADMIN" if user != "UADMIN" else "ULEAD"
    copied = await first_map.slack.desk.client.chat_postMessage(
        channel=await first_map.dm(stranger), text="…", blocks=message["blocks"]
    )
    await first_map.click(stranger, AnswerNudge(nudge, NudgeFeedback.TRY), {"ts": copied["ts"]})

    async with first_map.stage.deps.database.read() as session:
        assert (await session.exec(select(NudgeReply))).all() == []


async def test_ideas_stop_and_come_back_in_a_word(first_map: Floor) -> None:
    async def wants_ideas() -> bool:
        async with first_map.stage.deps.database.read() as session:
            found = await session.exec(select(Person).where(Person.slack_user_id == "UNUR0"))
            return found.one().no_nudges_at is None

    assert "No more ideas" in texts((await first_map.write("UNUR0", "stop ideas"))[-1])
    assert not await wants_ideas()
    assert "you get an idea again" in texts((await first_map.write("UNUR0", "ideas"))[-1])
    assert await wants_ideas()
