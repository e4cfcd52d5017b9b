from __future__ import annotations

import pytest

from bot.core.errors import BadFile
from bot.core.states import Role
from bot.db import people as queries
from bot.services import rosters
from tests.cast import GROUPS, TEAM, Stage, roster

HEAD = "team,channel,timezone,workgroup,user,role\n"


async def take_over(stage: Stage, text: str) -> rosters.Imported:
    file = stage.folder / "another.csv"
    file.write_text(text, encoding="utf-8")
    return await rosters.import_roster(stage.deps, stage.ws, file)


async def members(stage: Stage) -> dict[str, int]:
    async with stage.deps.database.read() as session:
        found = await queries.members(session, stage.team, stage.now)
    return {person.slack_user_id: member.workgroup_id for person, member in found}


async def test_the_same_roster_again_changes_nothing(stage: Stage) -> None:
    before = await members(stage)
    done = await take_over(stage, roster(GROUPS))
    assert (done.joined, done.left, done.moved, done.grants) == (0, 0, 0, 0)
    assert await members(stage) == before


async def test_people_join_leave_and_move_as_the_file_says(stage: Stage) -> None:
    await stage.clock.advance(days=1)
    lines = [line for line in roster(GROUPS).splitlines() if "UNUR0" not in line and "ULEAD" not in line]
    moved = "\n".join(line.replace("Nurses,UNUR1", "Pharmacy,UNUR1") for line in lines) + "\n"
    before = await members(stage)
    done = await take_over(stage, moved)
    after = await members(stage)
    assert (done.left, done.moved) == (1, 1)
    assert "UNUR0" not in after
    assert after["UNUR1"] == before["UPHA0"]
    async with stage.deps.database.read() as session:
        assert await queries.holders(session, stage.team, Role.LEAD) == []


async def test_people_are_found_by_their_address_too(quick_stage: Stage) -> None:
    by_mail = roster(GROUPS).replace(",UNUR0,", ",unur0@example.org,")
    assert (await take_over(quick_stage, by_mail)).left == 0
    assert "UNUR0" in await members(quick_stage)


@pytest.mark.parametrize(
    ("row", "line", "column"),
    [
        (",C1,Europe/Berlin,Nurses,UNUR0,member", 2, "team"),
        (f"{TEAM},C1,Europe/Berlin,Nurses,,member", 2, "user"),
        (f"{TEAM},C1,Europe/Berlin,Nurses,UNOBODY,member", 2, "user"),
        (f"{TEAM},C1,Europe/Berlin,Nurses,UNUR0,boss", 2, "role"),
        (f"{TEAM},C1,Europe/Berlin,,UNUR0,member", 2, "workgroup"),
        (f"{TEAM},C1,Mars/Olympus,Nurses,UNUR0,member", 2, "timezone"),
        (f"{TEAM},C1,Europe/Berlin,Nurses,UNUR0", 2, ""),
        (f"{TEAM},C1,UTC,Nurses,UNUR0,member\n{TEAM},C2,UTC,Nurses,UNUR1,member", 3, "channel"),
        (f"{TEAM},C1,UTC,Nurses,UNUR0,member\n{TEAM},C1,UTC,Pharmacy,UNUR0,member", 3, "workgroup"),
    ],
)
async def test_a_bad_row_is_named_by_line_and_column_and_nothing_is_imported(
    quick_stage: Stage, row: str, line: int, column: str
) -> None:
    before = await members(quick_stage)
    with pytest.raises(BadFile) as refused:
        await take_over(quick_stage, f"{HEAD}{row}\n")
    assert (refused.value.line, refused.value.column) == (line, column)
    assert await members(quick_stage) == before
