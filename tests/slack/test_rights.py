"""Who may do what: role by action, tapped through the dispatcher, with buttons that were never meant for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from bot.core.states import DebriefState
from bot.db.tables import AuditEvent, Debrief, RoleGrant
from bot.services import debriefs, rosters, schedules
from bot.slack.blocks.kit import actions, button
from bot.slack.ids import DryRun, ExportAs, Id, OpenSetup, PassOn, PauseSchedule, ReportPart, ShowPart, ShowReport
from tests.slack.floor import Floor

OTHER = "UOTHER"
WHO = {"member": "UNUR0", "lead": "ULEAD", "coach": "UCOACH", "lead of another team": OTHER, "stranger": "UADMIN"}
SEES: dict[str, dict[DebriefState, set[str]]] = {
    "report": {
        DebriefState.COACH: {"coach"},
        DebriefState.LEAD: {"coach", "lead"},
        DebriefState.TEAM: {"coach", "lead"},
    },
    "map": {
        DebriefState.COACH: {"coach"},
        DebriefState.LEAD: {"coach", "lead"},
        DebriefState.TEAM: {"coach", "lead", "member"},
    },
}
"""Dimensions and export follow the report; members look into the same map without scores' verdicts."""


async def _at(floor: Floor, tmp_path: Path, state: DebriefState) -> tuple[int, int]:
    """The first map's debrief has come as far as ``state``; somebody leads another team."""
    stage = floor.stage
    file = tmp_path / "other.csv"
    await floor.post("users", {"id": OTHER, "name": "other"})
    stage.directory.add(OTHER)
    file.write_text(
        f"team,channel,timezone,workgroup,user,role\nWard 4,,Europe/Berlin,,{OTHER},lead\n", encoding="utf-8"
    )
    await rosters.import_roster(stage.deps, stage.ws, file)
    async with stage.deps.database.read() as session:
        debrief = (await session.exec(select(Debrief))).one()
    for user, step in (("UCOACH", DebriefState.LEAD), ("ULEAD", DebriefState.TEAM)):
        if state is DebriefState.COACH or (state is DebriefState.LEAD and step is DebriefState.TEAM):
            break
        await debriefs.advance(stage.deps, stage.ws, user, debrief.team_id, debrief.wave_id, step)
    return debrief.team_id, debrief.wave_id


async def _tap(floor: Floor, user: str, action: Id) -> str:
    """Tap a button that the person should perhaps never have had; returns all that they were told after it."""
    posted = await floor.slack.desk.client.chat_postMessage(
        channel=await floor.dm(user), text="…", blocks=[actions(button("…", action))]
    )
    await floor.click(user, action, {"ts": posted["ts"]})
    return " ".join(str(one) for one in await floor.dms(user) if one["ts"] != posted["ts"])


@pytest.mark.parametrize("state", DebriefState)
async def test_figures_are_seen_by_whom_the_debrief_order_has_reached_and_nobody_else(
    first_map: Floor, tmp_path: Path, state: DebriefState
) -> None:
    team, wave = await _at(first_map, tmp_path, state)
    for role, user in WHO.items():
        told = await _tap(first_map, user, ShowReport(team, wave))
        assert ("How sure are we?" in told) is (role in SEES["report"][state]), f"report {role}"
        assert ("'type': 'table'" in told) is (role in SEES["map"][state]), f"map {role}"
        told = await _tap(first_map, user, ShowPart(team, wave, ReportPart.DIMENSIONS))
        assert ("The seven dimensions" in told) is (role in SEES["report"][state]), f"dimensions {role}"
        before = await _exports(first_map)
        await _tap(first_map, user, ExportAs(team, "csv"))
        assert (await _exports(first_map) > before) is (role in SEES["report"][state]), f"export {role}"


async def _exports(floor: Floor) -> int:
    async with floor.stage.deps.database.read() as session:
        rows = (await session.exec(select(AuditEvent).where(AuditEvent.action == "report.exported"))).all()
    return len(rows)


async def test_each_step_of_the_debrief_is_taken_by_its_own_role_and_never_jumped(
    first_map: Floor, tmp_path: Path
) -> None:
    team, wave = await _at(first_map, tmp_path, DebriefState.COACH)
    for user in ("UNUR0", "ULEAD", OTHER, "UADMIN"):
        await _tap(first_map, user, PassOn(team, wave, "lead"))
        assert await _state(first_map) is DebriefState.COACH, user

    await _tap(first_map, "UCOACH", PassOn(team, wave, "team"))
    await first_map.submit("UCOACH", await first_map.view("UCOACH"))
    assert await _state(first_map) is DebriefState.COACH


async def _state(floor: Floor) -> DebriefState:
    async with floor.stage.deps.database.read() as session:
        return (await session.exec(select(Debrief))).one().state


async def test_a_schedule_is_touched_by_its_coach_alone(first_map: Floor, tmp_path: Path) -> None:
    team, _ = await _at(first_map, tmp_path, DebriefState.TEAM)
    stage = first_map.stage
    for user in ("UNUR0", "ULEAD", OTHER, "UADMIN"):
        await _tap(first_map, user, PauseSchedule(team))
        told = await _tap(first_map, user, DryRun(team))
        assert "Who gets what" not in told, user
        await _tap(first_map, user, OpenSetup(team))
        assert "field/setup/at" not in str(await first_map.view(user)), user

    plan = await schedules.read(stage.deps, stage.ws, "UCOACH", team)
    assert plan is not None
    assert not plan.paused


async def test_a_lead_who_has_left_the_role_sees_nothing_any_more(first_map: Floor, tmp_path: Path) -> None:
    team, wave = await _at(first_map, tmp_path, DebriefState.LEAD)
    async with first_map.stage.deps.database.write() as session:
        for grant in (await session.exec(select(RoleGrant).where(RoleGrant.role == "lead"))).all():
            grant.revoked_at = first_map.stage.now

    assert "How sure are we?" not in await _tap(first_map, "ULEAD", ShowReport(team, wave))
