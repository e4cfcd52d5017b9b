from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from bot.core.errors import BadInput, NotAllowed, NotYours
from bot.core.messages import FollowUp, HuddleNote
from bot.core.reasons import Reason
from bot.core.states import ChangeState, CommitmentState, DeliveryKind, DeliveryState, HuddleState
from bot.db import people as queries
from bot.db.tables import Delivery, Huddle, Team
from bot.services import came_of_it, changes, commitments, compose, huddles, library
from bot.services.changes import ChangeDraft
from tests.cast import Stage

WEDNESDAY = date(2026, 3, 4)


async def start(stage: Stage) -> int:
    """A change that touches nurses and pharmacy, under way."""
    groups = await groups_of(stage)
    book = stage.deps.content.playbooks[0]
    draft = ChangeDraft(
        "Discharge by eleven", "Home before noon", book.id, book.stages[0].id, (stage.team,),
        (groups["Nurses"], groups["Pharmacy"]), owner="ULEAD", measure_name="hours",
    )  # fmt: skip
    change = await changes.save(stage.deps, stage.ws, "ULEAD", draft)
    await changes.move(stage.deps, stage.ws, "ULEAD", change, state=ChangeState.ACTIVE)
    return change


async def groups_of(stage: Stage) -> dict[str, int]:
    async with stage.deps.database.read() as session:
        team = await session.get_one(Team, stage.team)
        return {group.name: group.id for group in await queries.workgroups(session, team.focal_process_id)}


async def prompted(stage: Stage) -> Sequence[Huddle]:
    await huddles.plan_due(stage.deps, stage.now)
    async with stage.deps.database.read() as session:
        return (await session.exec(select(Huddle).order_by(Huddle.id))).all()  # type: ignore[arg-type]  # a column


async def owed(stage: Stage, kind: DeliveryKind) -> Sequence[Delivery]:
    async with stage.deps.database.read() as session:
        return (await session.exec(select(Delivery).where(Delivery.kind == kind))).all()


async def message(stage: Stage, delivery: Delivery) -> object:
    async with stage.deps.database.read() as session:
        return await compose.compose(stage.deps, session, delivery)


async def record(stage: Stage, huddle: int, *groups: str, user: str = "UNUR0", what: str = "") -> None:
    there = [(await groups_of(stage))[group] for group in groups]
    test = {"what": what, "prediction": "Fewer calls", "owner": "UNUR1", "due_on": WEDNESDAY + timedelta(days=7)}
    await huddles.record(
        stage.deps, stage.ws, user, huddle, attended=there, learned="It comes late.", **(test if what else {})  # type: ignore[arg-type]  # a table of cases
    )  # fmt: skip


async def test_a_change_under_way_gets_a_prompt_an_hour_before_its_huddle_once_a_day_looked_for(stage: Stage) -> None:
    await start(stage)
    await prompted(stage)
    (huddle,) = await prompted(stage)
    (delivery,) = await owed(stage, DeliveryKind.HUDDLE)
    assert huddle.happens_at == datetime(2026, 3, 2, 12, tzinfo=UTC), "13:00 in Berlin"
    assert delivery.due_at == huddle.happens_at - timedelta(hours=1)
    note = await message(stage, delivery)
    assert isinstance(note, HuddleNote)
    assert (note.change, note.missing, note.last_commitment) == ("Discharge by eleven", (), None)
    assert note.prompt.id == huddle.prompt


async def test_no_prompt_comes_on_a_day_when_the_team_does_not_work(quick_stage: Stage) -> None:
    await quick_stage.schedule(working_days=["wed", "thu"], days=["wed"])
    await start(quick_stage)
    (huddle,) = await prompted(quick_stage)
    assert huddle.happens_at.date() == WEDNESDAY


async def test_the_next_prompt_names_who_was_missing_and_begins_with_last_times_promise(quick_stage: Stage) -> None:
    await start(quick_stage)
    (first,) = await prompted(quick_stage)
    await record(quick_stage, first.id, "Nurses", what="A call at two")
    await quick_stage.clock.advance(days=7)
    _, second = await prompted(quick_stage)
    assert second.facilitator_workgroup_id != first.facilitator_workgroup_id
    (delivery,) = [one for one in await owed(quick_stage, DeliveryKind.HUDDLE) if one.huddle_id == second.id]
    note = await message(quick_stage, delivery)
    assert isinstance(note, HuddleNote)
    assert (note.missing, note.last_commitment) == (("Pharmacy",), "A call at two")


async def test_a_second_record_replaces_the_first_and_the_promise_stays_one(stage: Stage) -> None:
    await start(stage)
    (huddle,) = await prompted(stage)
    await record(stage, huddle.id, "Nurses", what="A call at two")
    await record(stage, huddle.id, "Nurses", "Pharmacy", what="A call at three")
    (promise,) = await commitments.mine(stage.deps, stage.ws, "UNUR1")
    assert promise.what == "A call at three"
    assert len(await owed(stage, DeliveryKind.NOTICE)) == 1
    waiting = [one for one in await owed(stage, DeliveryKind.FOLLOW_UP) if one.state is DeliveryState.PLANNED]
    assert sorted(one.variant for one in waiting) == ["day_before", "on_the_day"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"attended": []}, "attended"),
        ({"attended": [999]}, "attended"),
        ({"what": "A call", "owner": "UNOBODY", "due_on": WEDNESDAY}, "owner"),
        ({"what": "A call", "owner": "UNUR1", "due_on": date(2026, 3, 1)}, "due_on"),
    ],
)
async def test_a_wrong_field_of_the_outcome_is_named(quick_stage: Stage, wrong: dict[str, object], field: str) -> None:
    await start(quick_stage)
    (huddle,) = await prompted(quick_stage)
    given = {"attended": [(await groups_of(quick_stage))["Nurses"]], "learned": "Something", **wrong}
    with pytest.raises(BadInput) as refused:
        await huddles.record(quick_stage.deps, quick_stage.ws, "UNUR0", huddle.id, **given)  # type: ignore[arg-type]  # a table of cases
    assert refused.value.field == field
    assert quick_stage.deps.content.has(refused.value.subject)


async def test_huddles_that_keep_being_skipped_get_one_kind_question_and_then_silence(quick_stage: Stage) -> None:
    await start(quick_stage)
    for _ in range(5):
        last = (await prompted(quick_stage))[-1]
        if last.state is HuddleState.PROMPTED:
            await huddles.skip(quick_stage.deps, quick_stage.ws, "UNUR0", last.id)
        await quick_stage.clock.advance(days=7)
    deliveries = await owed(quick_stage, DeliveryKind.HUDDLE)
    assert [one.variant for one in deliveries].count(huddles.STILL_USEFUL) == 1
    assert len(await prompted(quick_stage)) == 3


async def test_a_prompt_that_was_switched_off_or_whose_change_pauses_is_not_sent(quick_stage: Stage) -> None:
    change = await start(quick_stage)
    (huddle,) = await prompted(quick_stage)
    (delivery,) = await owed(quick_stage, DeliveryKind.HUDDLE)
    await library.switch_off(quick_stage.deps, quick_stage.ws, "UCOACH", huddle.prompt)
    assert await message(quick_stage, delivery) is Reason.WITHDRAWN
    await library.restore(quick_stage.deps, quick_stage.ws, "UCOACH", huddle.prompt)
    assert isinstance(await message(quick_stage, delivery), HuddleNote)
    await changes.move(quick_stage.deps, quick_stage.ws, "ULEAD", change, state=ChangeState.PAUSED)
    assert await message(quick_stage, delivery) is Reason.WITHDRAWN


async def test_only_the_team_writes_down_its_huddle(quick_stage: Stage) -> None:
    await quick_stage.admin()
    await start(quick_stage)
    (huddle,) = await prompted(quick_stage)
    with pytest.raises(NotAllowed):
        await record(quick_stage, huddle.id, "Nurses", user="UADMIN")
    with pytest.raises(NotAllowed):
        await huddles.skip(quick_stage.deps, quick_stage.ws, "UADMIN", huddle.id)


async def test_a_promise_comes_back_to_its_owner_until_they_say_what_became_of_it(quick_stage: Stage) -> None:
    await start(quick_stage)
    (huddle,) = await prompted(quick_stage)
    await record(quick_stage, huddle.id, "Nurses", what="A call at two")
    _, on_the_day = await owed(quick_stage, DeliveryKind.FOLLOW_UP)
    note = await message(quick_stage, on_the_day)
    assert isinstance(note, FollowUp)
    assert (note.what, note.prediction, note.occasion) == ("A call at two", "Fewer calls", "on_the_day")
    with pytest.raises(NotYours):
        await commitments.update(quick_stage.deps, quick_stage.ws, "ULEAD", note.commitment, CommitmentState.DONE)
    done = await commitments.update(
        quick_stage.deps, quick_stage.ws, "UNUR1", note.commitment, CommitmentState.DONE, "By noon on most days."
    )
    assert done.state is CommitmentState.DONE
    assert await message(quick_stage, on_the_day) is Reason.ANSWERED
    assert await commitments.mine(quick_stage.deps, quick_stage.ws, "UNUR1") == []


async def test_a_promise_put_differently_is_a_new_one_and_followed_up_by_its_new_words(quick_stage: Stage) -> None:
    await start(quick_stage)
    (huddle,) = await prompted(quick_stage)
    await record(quick_stage, huddle.id, "Nurses", what="Ring at two")
    before = {one.id for one in await owed(quick_stage, DeliveryKind.FOLLOW_UP)}
    await quick_stage.clock.advance(days=1)
    await record(quick_stage, huddle.id, "Nurses", what="Ring at three")
    after = await owed(quick_stage, DeliveryKind.FOLLOW_UP)
    assert {one.reason for one in after if one.id in before} == {Reason.WITHDRAWN}
    fresh = [await message(quick_stage, one) for one in after if one.id not in before]
    assert [one.what for one in fresh if isinstance(one, FollowUp)] == ["Ring at three"] * len(before)
    async with quick_stage.deps.database.read() as session:
        team = await session.get_one(Team, quick_stage.team)
        newest = await came_of_it.for_team(session, team)
    assert newest is not None
    assert (newest.tried, newest.since) == ("Ring at three", quick_stage.now.date())
