"""Twelve weeks of an invented hospital: what is set up, what is played, and what is left for the visitor."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.core.cadence import parse_rule
from bot.core.states import ChangeState
from bot.db import people as queries
from bot.demo.hospital import Hospital
from bot.demo.slack import Hands
from bot.demo.staff import owners
from bot.services import changes, people, rosters, schedules
from bot.services.deps import Deps

WEEKS = 12
OPENS_AT = time(9, 30)
_HOUR = 3600.0
_DAY = 24 * _HOUR


def beginning(today: date) -> datetime:
    """Twelve weeks before this week's Monday, early in the morning."""
    monday = today - timedelta(days=today.weekday())
    return datetime.combine(monday - timedelta(weeks=WEEKS), time(6), tzinfo=UTC)


async def set_up(deps: Deps, ws: int, hospital: Hospital, state: Mapping[str, Any], began: datetime) -> None:
    """The roster, a weekly pulse for each team, two changes, an administrator: what a coach does in an afternoon."""
    channel_ids = {one["name"]: one["id"] for one in state["channels"] if not one.get("is_im")}
    users = {one["name"]: one["id"] for one in state["users"]}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "roster.csv"
        file.write_text(hospital.roster(channel_ids), encoding="utf-8")
        await rosters.import_roster(deps, ws, file)
    coach = users["carla"]
    async with deps.database.read() as session:
        teams = list(await queries.teams(session, ws))
        groups = {group.name: group.id for group in await queries.workgroups(session, teams[0].focal_process_id)}
    for team in teams:
        rule = parse_rule(
            cadence="weekly", days=["mon"], at=f"{OPENS_AT:%H:%M}", start=began.date(), zone=team.timezone,
            band_minutes=5, window_hours=48, reminders=1,
        )  # fmt: skip
        await schedules.save(deps, ws, coach, team.id, rule, items=3)
    by_name = {team.name: team.id for team in teams}
    await _register(deps, ws, coach, users, by_name, groups)
    await people.appoint(deps, ws, users["ada"], admin=True)


async def _register(
    deps: Deps, ws: int, coach: str, users: Mapping[str, str], teams: Mapping[str, int], groups: Mapping[str, int]
) -> None:
    lean, six_sigma = (book for book in deps.content.playbooks if book.id in {"lean", "six_sigma"})
    flow = await changes.save(
        deps, ws, coach,
        changes.ChangeDraft(
            title="Discharge by noon",
            aim="Half of our patients go home before noon by the end of the quarter, for them and for whoever waits.",
            playbook=lean.id, stage=lean.stages[2].id,
            team_ids=tuple(teams.values()), workgroup_ids=tuple(groups.values()),
            owner=users["lena.fischer"], sponsor=users["ada"],
            measure_name="Discharges before noon", measure_unit="%", measure_direction="up",
        ),
    )  # fmt: skip
    errors = await changes.save(
        deps, ws, coach,
        changes.ChangeDraft(
            title="Fewer medication list errors",
            aim="From twelve to four errors per hundred discharges by the summer, for patients at home.",
            playbook=six_sigma.id, stage=six_sigma.stages[1].id,
            team_ids=(teams["Ward 3 North"], teams["Lakeside"]),
            workgroup_ids=tuple(groups[name] for name in ("Nurses", "Physicians", "Pharmacy")),
            owner=users["marcus.hill"],
            measure_name="Errors per hundred lists", measure_unit="errors", measure_direction="down",
            takes_away="The wards' own paper lists",
        ),
    )  # fmt: skip
    for change in (flow, errors):
        await changes.move(deps, ws, coach, change, state=ChangeState.ACTIVE, why="Agreed in the steering group.")


async def play(hands: Hands, began: datetime, *, before_the_end: Callable[[], None]) -> None:
    """The history, week by week, and this week's Monday until late in the morning.

    ``before_the_end`` is called when the last round is about to open.
    """
    for week in range(WEEKS):
        await hands.notice(f"Playing week {week + 1} of {WEEKS} …", week / WEEKS)
        await hands.advance(7 * _DAY)
    before_the_end()
    now = await hands.now()
    late_in_the_morning = began + timedelta(weeks=WEEKS, hours=10, minutes=15)
    await hands.advance(max(0.0, (late_in_the_morning - now).total_seconds()))
    await hands.notice("")


def guide(state: Mapping[str, Any], nurse: str) -> dict[str, Any]:
    """Things to try, with links that switch to the right person and place."""
    users = {one["name"]: one["id"] for one in state["users"]}
    bots = {one["id"] for one in state["users"] if one.get("is_bot")}
    direct = {user: channel for channel, user in owners(state, set(users.values()) - bots).items()}
    ward = next(one["id"] for one in state["channels"] if one.get("name") == "ward-3-north")

    def step(text: str, handle: str, channel: str | None = None, command: str | None = None) -> dict[str, Any]:
        user = users[handle]
        found = {"text": text, "user": user, "channel": channel or direct.get(user), "command": command}
        return {name: value for name, value in found.items() if value is not None}

    return {
        "title": "Riverside Hospital, after twelve weeks",
        "steps": [
            step("Answer a pulse as a nurse: twenty seconds, in a direct message.", nurse),
            step("Ask for the report as a team lead, and look at the heat map.", "lena.fischer", None, "/rc-report"),
            step("See the prompt for today's huddle, and write down what came of it.", nurse, ward),
            step("Prepare a team's pulse as a coach.", "carla", None, "/rc-setup"),
            step("See the changes that are under way.", "carla", None, "/rc-change"),
            step("Move on by a week (the clock above): the next pulse opens with what was tried.", nurse),
        ],
    }
