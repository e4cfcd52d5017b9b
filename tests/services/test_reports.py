from __future__ import annotations

import json
from datetime import date

import pytest
from sqlmodel import select

from bot.core.debriefs import Action
from bot.core.errors import NotAllowed
from bot.core.instrument import Band
from bot.core.report_values import Response
from bot.core.states import DebriefState, Role
from bot.db import figures as figure_queries
from bot.db.tables import AuditEvent, Commitment, Debrief, FocalProcess, ReleasedFigure, RoleGrant, Team
from bot.services import debriefs, people, reports
from bot.services.reports import Found, Nothing
from tests.cast import TEAM, Stage


async def report(stage: Stage, user: str, wave: int | None = None) -> Found:
    found = await reports.report_for(stage.deps, stage.ws, user, None, wave)
    assert isinstance(found, Found), found
    return found


async def share(stage: Stage, wave: int) -> None:
    await debriefs.advance(stage.deps, stage.ws, "UCOACH", stage.team, wave, DebriefState.LEAD)
    await debriefs.advance(stage.deps, stage.ws, "ULEAD", stage.team, wave, DebriefState.TEAM)


async def test_a_report_comes_to_those_whose_turn_it_is_and_to_members_only_as_a_map(stage: Stage) -> None:
    wave = await stage.a_map()
    coach = await report(stage, "UCOACH")
    assert (coach.wave_id, coach.stage, coach.report.response) == (wave, DebriefState.COACH, Response.HIGH)
    assert Action.PASS_TO_LEAD in coach.actions
    assert Action.SHARE_WITH_TEAM not in coach.actions
    assert await reports.report_for(stage.deps, stage.ws, "ULEAD") == Nothing("with_coach", TEAM, date(2026, 3, 9))
    await share(stage, wave)
    assert (await report(stage, "UNUR0")).actions == {Action.OPEN_MAP}


async def test_a_lead_keeps_the_last_map_while_the_new_one_is_with_the_coach(quick_stage: Stage) -> None:
    first = await quick_stage.a_map()
    await share(quick_stage, first)
    await quick_stage.clock.advance(days=4)
    second = await quick_stage.a_map(option=3)
    assert (await report(quick_stage, "ULEAD")).wave_id == first
    assert isinstance(await reports.report_for(quick_stage.deps, quick_stage.ws, "ULEAD", None, second), Nothing)
    coach = await report(quick_stage, "UCOACH")
    assert [point.wave for point in coach.report.waves] == [first, second]
    assert [point.wave for point in (await report(quick_stage, "UCOACH", first)).report.waves] == [first]


@pytest.mark.parametrize(
    ("user", "team", "kind"),
    [
        ("UNOBODY", None, "no_team"),
        ("UADMIN", None, "no_team"),
        ("UADMIN", TEAM, "no_right"),
        ("ULEAD", "Ward 99", "unknown_team"),
        ("ULEAD", None, "no_schedule"),
    ],
)
async def test_each_reason_for_nothing_is_its_own(quick_stage: Stage, user: str, team: str | None, kind: str) -> None:
    await quick_stage.admin()
    found = await reports.report_for(quick_stage.deps, quick_stage.ws, user, team)
    assert isinstance(found, Nothing)
    assert found.kind == kind


async def test_a_lead_who_has_left_the_team_sees_nothing_any_more(quick_stage: Stage) -> None:
    wave = await quick_stage.a_map()
    await share(quick_stage, wave)
    async with quick_stage.deps.database.write() as session:
        lead = await people.require(session, quick_stage.ws, "ULEAD")
        grant = (await session.exec(select(RoleGrant).where(RoleGrant.person_id == lead.id))).one()
        assert grant.role is Role.LEAD
        grant.revoked_at = quick_stage.now
    assert isinstance(await reports.report_for(quick_stage.deps, quick_stage.ws, "ULEAD"), Nothing)
    with pytest.raises(NotAllowed):
        await reports.export(quick_stage.deps, quick_stage.ws, "ULEAD", quick_stage.team, "csv")


async def test_the_history_is_marked_with_what_the_team_tried(quick_stage: Stage) -> None:
    async with quick_stage.deps.database.write() as session:
        lead = await people.require(session, quick_stage.ws, "ULEAD")
        tried = Commitment(
            workspace_id=quick_stage.ws, team_id=quick_stage.team, what="A call at two", owner_id=lead.id,
            due_on=date(2026, 3, 9), created_at=quick_stage.now,
        )  # fmt: skip
        session.add(tried)
    await quick_stage.a_map()
    (event,) = (await report(quick_stage, "UCOACH")).report.events
    assert (event.label, event.on) == ("A call at two", date(2026, 3, 2))


async def test_the_organisation_shows_as_a_band_of_teams_that_have_talked_about_their_maps(quick_stage: Stage) -> None:
    wave = await quick_stage.a_map()
    await _three_other_teams(quick_stage, wave, DebriefState.LEAD)
    assert not (await report(quick_stage, "UCOACH")).report.organisation
    await _all_talked(quick_stage)
    assert set((await report(quick_stage, "UCOACH")).report.organisation.values()) == {Band.MODERATE}


async def _three_other_teams(stage: Stage, wave: int, state: DebriefState) -> None:
    async with stage.deps.database.write() as session:
        process = (await session.exec(select(FocalProcess))).one()
        own = [one for one in await figure_queries.of_waves(session, [wave]) if one.key.team == stage.team]
        for number in range(3):
            other = Team(workspace_id=stage.ws, focal_process_id=process.id, name=f"Ward {number + 10}")
            session.add(other)
            await session.flush()
            talk = Debrief(
                workspace_id=stage.ws, team_id=other.id, wave_id=wave, state=state, opened_at=stage.now
            )  # fmt: skip
            session.add(talk)
            rows = [figure_queries.row(stage.ws, one) for one in own]
            session.add_all(ReleasedFigure(**(row | {"team_id": other.id, "value": 3.8})) for row in rows)


async def _all_talked(stage: Stage) -> None:
    async with stage.deps.database.write() as session:
        for debrief in (await session.exec(select(Debrief).where(Debrief.team_id != stage.team))).all():
            debrief.state = DebriefState.TEAM


async def test_an_export_holds_what_the_person_may_see_says_what_it_means_and_leaves_a_trace(
    quick_stage: Stage,
) -> None:
    await quick_stage.a_map()
    name, content = await reports.export(quick_stage.deps, quick_stage.ws, "UCOACH", quick_stage.team, "json")
    figures = json.loads(content)["figures"]
    assert name == "rc-pulse-figures.json"
    assert {one["team"] for one in figures} <= {TEAM, None}
    assert {one["rater"] for one in figures} <= {"Nurses", "Physicians", "Pharmacy", None}
    with pytest.raises(NotAllowed):
        await reports.export(quick_stage.deps, quick_stage.ws, "ULEAD", quick_stage.team, "json")
    async with quick_stage.deps.database.read() as session:
        traces = (await session.exec(select(AuditEvent).where(AuditEvent.action == "report.exported"))).all()
    assert [one.detail for one in traces] == [{"format": "json"}]
