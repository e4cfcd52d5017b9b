from __future__ import annotations

from datetime import date

import pytest

from bot.core.messages import Progress, WhatCameOfIt
from bot.core.states import CommitmentState, DebriefState, WaveState
from bot.db import people as queries
from bot.db.tables import Commitment, Debrief, Person, Team, Wave
from bot.services import came_of_it
from tests.cast import Stage

CALL = "A call at two."


async def lead(stage: Stage) -> Person:
    async with stage.deps.database.read() as session:
        found = await queries.person(session, stage.ws, "ULEAD")
    assert found is not None
    return found


async def add_test(stage: Stage, state: CommitmentState, outcome: str = "") -> None:
    owner = await lead(stage)
    async with stage.deps.database.write() as session:
        made = Commitment(
            workspace_id=stage.ws, team_id=stage.team, what=CALL, owner_id=owner.id, due_on=date(2026, 3, 9),
            state=state, outcome=outcome, created_at=stage.now,
        )  # fmt: skip
        session.add(made)


async def add_talk(stage: Stage, will_try: str) -> None:
    async with stage.deps.database.write() as session:
        team = await session.get_one(Team, stage.team)
        wave = Wave(
            workspace_id=stage.ws, focal_process_id=team.focal_process_id, number=1, key_id="gone",
            state=WaveState.RELEASED, opened_at=stage.now, ends_at=stage.now,
        )  # fmt: skip
        session.add(wave)
        await session.flush()
        talk = Debrief(
            workspace_id=stage.ws, team_id=stage.team, wave_id=wave.id, state=DebriefState.TEAM,
            opened_at=stage.now, team_at=stage.now, heard="It comes late.", will_try=will_try,
        )  # fmt: skip
        session.add(talk)


async def told(stage: Stage) -> WhatCameOfIt | None:
    async with stage.deps.database.read() as session:
        return await came_of_it.for_team(session, await session.get_one(Team, stage.team))


@pytest.mark.parametrize(
    ("state", "outcome", "progress"),
    [
        (CommitmentState.OPEN, "", Progress.TRYING),
        (CommitmentState.STUCK, "", Progress.TRYING),
        (CommitmentState.DONE, "", Progress.TRYING),
        (CommitmentState.DONE, "It comes by noon.", Progress.DONE),
        (CommitmentState.CHANGED, "Now at one.", Progress.DONE),
        (CommitmentState.DROPPED, "", Progress.DROPPED),
    ],
)
async def test_a_test_is_told_with_what_became_of_it(
    quick_stage: Stage, state: CommitmentState, outcome: str, progress: Progress
) -> None:
    await add_test(quick_stage, state, outcome)
    assert await told(quick_stage) == WhatCameOfIt(
        progress, heard="", tried="A call at two", since=quick_stage.now.date(), learned=outcome
    )


async def test_the_newest_of_talk_and_test_is_told_and_a_test_remembers_what_the_talk_heard(quick_stage: Stage) -> None:
    await add_talk(quick_stage, "Ask each other.")
    assert await told(quick_stage) == WhatCameOfIt(heard="It comes late.", tried="Ask each other")
    await quick_stage.clock.advance(days=1)
    await add_test(quick_stage, CommitmentState.OPEN)
    found = await told(quick_stage)
    assert found is not None
    assert (found.heard, found.tried) == ("It comes late.", "A call at two")


async def opening(stage: Stage) -> WhatCameOfIt | None:
    async with stage.deps.database.read() as session:
        person = await queries.person(session, stage.ws, "UNUR0")
        assert person is not None
        return await came_of_it.opening(session, person, await session.get_one(Team, stage.team), "Discharge")


async def test_a_first_pulse_greets_and_one_after_the_map_says_that_nothing_came_of_it_yet(quick_stage: Stage) -> None:
    assert await opening(quick_stage) == WhatCameOfIt(Progress.FIRST, process="Discharge")
    await quick_stage.a_map()
    await quick_stage.clock.advance(days=4)
    await quick_stage.a_map()
    assert await opening(quick_stage) == WhatCameOfIt(Progress.NOTHING_YET)
