from __future__ import annotations

from sqlmodel import select

from bot.core.states import ChangeState, CommitmentState
from bot.db.tables import Delivery
from bot.services import changes, commitments, huddles
from bot.services.changes import ChangeView
from bot.services.compose import compose
from bot.slack.ids import AnswerCommitment, EditChange, Field, Form, MoveChange, RecordHuddle, SkipHuddle
from tests.slack.floor import Floor, Json, texts

COACH, LEAD, NURSE = "UCOACH", "ULEAD", "UNUR0"


async def _start(floor: Floor) -> ChangeView:
    """A lead registers a change; it starts at once."""
    await floor.command(LEAD, "/rc-change")
    listing = (await floor.seen(LEAD))[-1]
    await floor.act_in("C1", LEAD, EditChange(None), listing)
    form = await floor.view(LEAD)
    groups = _options(form, "workgroups")
    await floor.submit(
        LEAD, form, title="Discharge by eleven", aim="Home before noon", measure_name="hours", workgroups=groups[:2]
    )
    (change,) = await changes.list_changes(floor.stage.deps, floor.stage.ws, LEAD)
    return change


def _options(form: Json, name: str) -> list[str]:
    block = next(block for block in form["blocks"] if block.get("block_id") == name)
    return [option["value"] for option in block["element"]["options"]]


async def test_a_registered_change_starts_with_its_measure_and_its_roles(floor: Floor) -> None:
    change = await _start(floor)

    assert (change.title, change.state) == ("Discharge by eleven", ChangeState.ACTIVE)
    assert len(change.workgroups) == 2
    assert change.measure is not None
    assert "has started" in texts((await floor.dms(LEAD))[-1])


async def test_without_a_measure_or_a_reason_the_form_says_so_and_nothing_is_stored(floor: Floor) -> None:
    await floor.command(LEAD, "/rc-change")
    await floor.act_in("C1", LEAD, EditChange(None), (await floor.seen(LEAD))[-1])
    form = await floor.view(LEAD)
    outcome = await floor.submit(LEAD, form, title="X", aim="Y", workgroups=_options(form, "workgroups")[:1])

    assert "why there is none" in outcome["response"]["errors"]["no_measure_reason"]
    assert await changes.list_changes(floor.stage.deps, floor.stage.ws, LEAD) == []


async def test_another_approach_offers_its_own_stages(floor: Floor) -> None:
    await floor.command(LEAD, "/rc-change")
    await floor.act_in("C1", LEAD, EditChange(None), (await floor.seen(LEAD))[-1])
    form = await floor.view(LEAD)
    other = _options(form, "playbook")[-1]
    await floor.press(LEAD, form, Field(Form.CHANGE, "playbook"), selected=other)

    assert _options(await floor.view(LEAD), "stage") != _options(form, "stage")


async def test_a_change_moves_on_with_a_why_that_stays_in_its_history(floor: Floor) -> None:
    change = await _start(floor)
    await floor.command(LEAD, "/rc-change")
    await floor.act_in("C1", LEAD, MoveChange(change.id), (await floor.seen(LEAD))[-1])
    await floor.submit(LEAD, await floor.view(LEAD), state="paused", why="The ward moves")
    (moved,) = await changes.list_changes(floor.stage.deps, floor.stage.ws, LEAD)
    assert moved.state is ChangeState.PAUSED
    assert moved.history[-1][2] == "The ward moves"


async def _huddle(floor: Floor) -> tuple[Json, int]:
    """The huddle prompt of an active change, as it stands in the team's channel."""
    await _start(floor)
    deps = floor.stage.deps
    await huddles.plan_due(deps, floor.stage.now)
    async with deps.database.read() as session:
        (delivery,) = (await session.exec(select(Delivery).where(Delivery.kind == "huddle"))).all()
        message = await compose(deps, session, delivery)
    assert not isinstance(message, str)
    sent = await floor.slack.messenger.send("C1", message, {"kind": "huddle", "delivery": delivery.id})
    found = next(one for one in await floor.messages("C1") if one["ts"] == sent.ts)
    assert delivery.huddle_id is not None
    return found, delivery.huddle_id


async def test_a_huddles_outcome_becomes_a_promise_with_an_owner_and_a_day(floor: Floor) -> None:
    prompt, huddle = await _huddle(floor)
    await floor.act_in("C1", NURSE, RecordHuddle(huddle), prompt)
    form = await floor.view(NURSE)
    there = _options(form, "attended")
    incomplete = await floor.submit(NURSE, form, attended=there[:2], what="A call at two", due_on="2026-03-01")
    assert set(incomplete["response"]["errors"]) == {"due_on"}

    await floor.submit(
        NURSE, form, attended=there[:2], learned="The plan comes late", what="A call at two", due_on="2026-03-09"
    )
    (promise,) = await commitments.mine(floor.stage.deps, floor.stage.ws, NURSE)
    assert (promise.what, promise.due_on.isoformat()) == ("A call at two", "2026-03-09")
    assert "I'll bring it back" in texts((await floor.dms(NURSE))[-1])


async def test_a_huddle_that_did_not_happen_is_no_reproach(floor: Floor) -> None:
    prompt, huddle = await _huddle(floor)
    await floor.act_in("C1", NURSE, SkipHuddle(huddle), prompt)

    assert "That happens" in texts((await floor.seen(NURSE))[-1])


async def test_a_promise_is_kept_with_one_sentence_on_what_came_of_it(floor: Floor) -> None:
    prompt, huddle = await _huddle(floor)
    await floor.act_in("C1", NURSE, RecordHuddle(huddle), prompt)
    form = await floor.view(NURSE)
    await floor.submit(NURSE, form, attended=_options(form, "attended")[:1], what="A call at two", due_on="2026-03-09")
    (promise,) = await commitments.mine(floor.stage.deps, floor.stage.ws, NURSE)
    home = await floor.open_home(NURSE)
    await floor.press(NURSE, home, AnswerCommitment(promise.id, CommitmentState.DONE))
    await floor.submit(NURSE, await floor.view(NURSE), outcome="Nobody has to call back")

    assert await commitments.mine(floor.stage.deps, floor.stage.ws, NURSE) == []
    assert "Your team reads it" in texts((await floor.dms(NURSE))[-1])
