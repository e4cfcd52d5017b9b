from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.core.errors import NotAllowed, Stale
from bot.core.messages import ReportReady
from bot.core.states import DebriefState, DeliveryKind
from bot.db import people as queries
from bot.db.tables import AuditEvent, Debrief, Delivery, Person, RoleGrant, Team
from bot.services import compose, debriefs
from tests.cast import Stage

LEAD, TEAM = DebriefState.LEAD, DebriefState.TEAM


async def state(stage: Stage) -> Debrief:
    async with stage.deps.database.read() as session:
        return (await session.exec(select(Debrief))).one()


async def told(stage: Stage) -> dict[str, str]:
    """Who was told of the map without asking, and in which words."""
    async with stage.deps.database.read() as session:
        query = select(Person.slack_user_id, Delivery.variant).join(Delivery)
        rows = (await session.exec(query.where(Delivery.kind == DeliveryKind.REPORT))).all()
    return dict(rows)


async def without_coach(stage: Stage) -> None:
    async with stage.deps.database.write() as session:
        coach = await queries.person(session, stage.ws, "UCOACH")
        assert coach is not None
        grant = (await session.exec(select(RoleGrant).where(RoleGrant.person_id == coach.id))).one()
        grant.revoked_at = stage.now


async def test_the_map_goes_from_coach_to_lead_to_team_by_deliberate_acts(stage: Stage) -> None:
    wave = await stage.a_map()
    assert await told(stage) == {"UCOACH": "coach"}
    await debriefs.advance(stage.deps, stage.ws, "UCOACH", stage.team, wave, LEAD)
    assert await told(stage) == {"UCOACH": "coach", "ULEAD": "lead"}
    await debriefs.advance(stage.deps, stage.ws, "ULEAD", stage.team, wave, TEAM, heard="Late.", will_try="A call.")
    shared = await state(stage)
    assert (shared.state, shared.heard, shared.will_try, shared.team_at) == (TEAM, "Late.", "A call.", stage.now)
    assert "UNUR0" not in await told(stage), "the team has a channel and is told there, together"


@pytest.mark.parametrize(
    ("user", "to"), [("ULEAD", LEAD), ("ULEAD", TEAM), ("UCOACH", TEAM), ("UADMIN", LEAD), ("UNUR0", TEAM)]
)
async def test_nobody_jumps_the_order(quick_stage: Stage, user: str, to: DebriefState) -> None:
    await quick_stage.admin()
    wave = await quick_stage.a_map()
    with pytest.raises(NotAllowed):
        await debriefs.advance(quick_stage.deps, quick_stage.ws, user, quick_stage.team, wave, to)
    assert (await state(quick_stage)).state is DebriefState.COACH


async def test_a_step_taken_twice_is_taken_once_and_what_was_heard_can_be_said_later(quick_stage: Stage) -> None:
    deps, ws, team = quick_stage.deps, quick_stage.ws, quick_stage.team
    wave = await quick_stage.a_map()
    for _ in range(2):
        await debriefs.advance(deps, ws, "UCOACH", team, wave, LEAD)
    for heard in ("", "It comes late."):
        await debriefs.advance(deps, ws, "ULEAD", team, wave, TEAM, heard=heard)
    assert (await state(quick_stage)).heard == "It comes late."
    with pytest.raises(Stale):
        await debriefs.advance(deps, ws, "UCOACH", team, wave, LEAD)
    async with deps.database.read() as session:
        steps = (await session.exec(select(AuditEvent.action).where(AuditEvent.subject == f"team:{team}"))).all()
    assert [one for one in steps if one.startswith("debrief.")] == ["debrief.lead", "debrief.team"]


async def test_a_coach_who_does_nothing_for_three_working_days_does_not_hold_it_up(quick_stage: Stage) -> None:
    await quick_stage.a_map()
    opened = quick_stage.now
    await debriefs.pass_on_idle(quick_stage.deps, opened + timedelta(days=4, hours=23))
    assert (await state(quick_stage)).state is DebriefState.COACH, "a weekend lies between"
    await debriefs.pass_on_idle(quick_stage.deps, opened + timedelta(days=5))
    assert (await state(quick_stage)).state is LEAD
    assert await told(quick_stage) == {"UCOACH": "coach", "ULEAD": debriefs.BY_ITSELF}


async def test_without_a_coach_the_lead_is_first_and_reads_the_guide_first(quick_stage: Stage) -> None:
    await quick_stage.schedule()
    await without_coach(quick_stage)
    await quick_stage.a_map()
    async with quick_stage.deps.database.read() as session:
        delivery = (await session.exec(select(Delivery).where(Delivery.kind == DeliveryKind.REPORT))).one()
        message = await compose.compose(quick_stage.deps, session, delivery)
    assert isinstance(message, ReportReady)
    assert (message.stage, message.guide_first) == (debriefs.BY_ITSELF, True)


@pytest.mark.parametrize(("option", "low"), [(4, False), (1, True)])
async def test_a_low_map_comes_to_the_lead_with_the_guide_first(quick_stage: Stage, option: int, low: bool) -> None:
    wave = await quick_stage.a_map(option=option)
    await debriefs.advance(quick_stage.deps, quick_stage.ws, "UCOACH", quick_stage.team, wave, LEAD)
    async with quick_stage.deps.database.read() as session:
        delivery = (await session.exec(select(Delivery).where(Delivery.variant == "lead"))).one()
        message = await compose.compose(quick_stage.deps, session, delivery)
    assert isinstance(message, ReportReady)
    assert message.guide_first is low


async def test_the_members_of_a_team_without_a_channel_are_told_one_by_one(quick_stage: Stage) -> None:
    wave = await quick_stage.a_map()
    async with quick_stage.deps.database.write() as session:
        (await session.get_one(Team, quick_stage.team)).channel = None
    await debriefs.advance(quick_stage.deps, quick_stage.ws, "UCOACH", quick_stage.team, wave, LEAD)
    await debriefs.advance(quick_stage.deps, quick_stage.ws, "ULEAD", quick_stage.team, wave, TEAM)
    assert (await told(quick_stage))["UNUR0"] == "team"
