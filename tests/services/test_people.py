from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.core.errors import BadInput, UnknownPerson
from bot.core.states import AskState
from bot.db import people as queries
from bot.db.tables import Ask, Person
from bot.services import people, rounds
from bot.services.ports import Profile
from tests.cast import Stage

NURSE = "UNUR0"


async def nurse(stage: Stage) -> Person:
    async with stage.deps.database.read() as session:
        return await people.require(session, stage.ws, NURSE)


async def open_round(stage: Stage) -> None:
    await stage.schedule()
    await stage.clock.advance(hours=2, minutes=30)
    await rounds.open_due(stage.deps, stage.now)


async def test_opting_out_withdraws_what_waits_and_opting_in_waits_for_the_next_round(stage: Stage) -> None:
    await open_round(stage)
    for _ in range(2):
        await people.opt_out(stage.deps, stage.ws, NURSE)
    async with stage.deps.database.read() as session:
        states = (await session.exec(select(Ask.state).join(Person).where(Person.slack_user_id == NURSE))).all()
    assert states == [AskState.WITHDRAWN]
    assert (await nurse(stage)).opted_out_at == stage.now
    await people.opt_in(stage.deps, stage.ws, NURSE)
    assert (await nurse(stage)).opted_out_at is None


async def test_a_snooze_and_wishes_are_kept_and_a_refresh_from_slack_leaves_them(quick_stage: Stage) -> None:
    until = quick_stage.now + timedelta(hours=1)
    await people.snooze(quick_stage.deps, quick_stage.ws, NURSE, until)
    wished = people.Wishes("de", 10)
    await people.wish(quick_stage.deps, quick_stage.ws, NURSE, wished)
    profile = Profile(NURSE, "Ana", "Europe/Paris", "en", is_person=True, deactivated=False)
    await people.refresh(quick_stage.deps, quick_stage.ws, [profile])
    found = await nurse(quick_stage)
    assert (found.name, found.timezone) == ("Ana", "Europe/Paris")
    assert found.snoozed_until == until
    assert await people.wishes(quick_stage.deps, quick_stage.ws, NURSE) == wished


async def test_a_wish_that_cannot_be_is_named(quick_stage: Stage) -> None:
    with pytest.raises(BadInput):
        await people.snooze(quick_stage.deps, quick_stage.ws, NURSE, quick_stage.now)
    with pytest.raises(BadInput):
        await people.wish(quick_stage.deps, quick_stage.ws, NURSE, people.Wishes("en", 24))
    with pytest.raises(UnknownPerson):
        await people.opt_out(quick_stage.deps, quick_stage.ws, "UNOBODY")


async def test_whoever_has_left_slack_is_no_member_and_comes_back_as_they_were(quick_stage: Stage) -> None:
    async def members() -> set[str]:
        async with quick_stage.deps.database.read() as session:
            found = await queries.members(session, quick_stage.team, quick_stage.now)
        return {person.slack_user_id for person, _ in found}

    assert NURSE in await members()
    for gone in (True, False):
        profile = Profile(NURSE, "Ana", "Europe/Berlin", "en", is_person=True, deactivated=gone)
        await people.refresh(quick_stage.deps, quick_stage.ws, [profile])
        assert (NURSE in await members()) is not gone
