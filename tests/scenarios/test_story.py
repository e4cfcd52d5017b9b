"""The story of the product, told by its users: the real bot, a real database, and a Slack that is local."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.core.states import ChangeState, DebriefState
from bot.db import people as queries
from bot.db.tables import FocalProcess
from bot.services import changes
from bot.slack.ids import AnswerNudge, Id, PassOn, RecordHuddle, ReportPart, ShowPart, ShowReport
from tests.cast import TEAM, member
from tests.rehearsal import Rehearsal, buttons, rehearsal, taps_of, words_of

NURSE = member("Nurses", 0)
PNG = b"\x89PNG\r\n\x1a\n"
LEARNED = "Pharmacy hears about a discharge only when the patient is dressed."
TEST = "A two o'clock call to pharmacy about tomorrow's discharges"


async def test_the_whole_story_over_socket_mode_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    async with rehearsal(sqlite_url, tmp_path) as ward:
        await _the_story(ward)


@pytest.mark.postgres
async def test_the_whole_story_over_signed_http_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    async with rehearsal(postgres_url, tmp_path, http_mode=True) as ward:
        await _the_story(ward)


async def _the_story(ward: Rehearsal) -> None:
    await _an_operator_sets_the_team_up(ward)
    async with _the_bot(ward):
        await _on_monday_everybody_is_asked(ward)
        await _a_nurse_answers(ward)
        await _she_may_see_what_is_held_about_her(ward)
        await _the_others_answer_too(ward)
        await _on_wednesday_the_map_comes_out_to_the_coach_first(ward)
        await _the_lead_asks_for_the_report(ward)
        await _the_lead_talks_about_it_with_the_team(ward)
        await _a_small_idea_reaches_those_who_can_act(ward)
        await _the_team_huddles_about_the_change_and_writes_down_what_came_of_it(ward)
        await _the_next_pulse_says_what_came_of_the_last_one(ward)
        _nobody_got_anything_twice(ward)


@asynccontextmanager
async def _the_bot(ward: Rehearsal) -> AsyncIterator[None]:
    bot = await ward.start()
    yield
    assert await bot.stop() == 0, bot.said
    assert "Traceback" not in bot.said


async def _an_operator_sets_the_team_up(ward: Rehearsal) -> None:
    assert "15 joined" in await ward.cli("import-roster", str(ward.roster))
    opens = await ward.cli(
        "schedule", "--team", TEAM, "--cadence", "weekly", "--day", "mon", "--at", "09:30", "--start", "2026-03-02",
        "--window-hours", "48", "--reminders", "1", "--items", "7",
    )  # fmt: skip
    assert "opens 2026-03-02 08:30 UTC for 15 people in 3 workgroups" in opens
    async with ward.office() as (deps, ws):
        async with deps.database.write() as session:
            team = await queries.team_named(session, ws, TEAM)
            assert team is not None
            (await session.get_one(FocalProcess, team.focal_process_id)).rounds_per_wave = 1
            groups = await queries.workgroups(session, team.focal_process_id)
        lean = next(book for book in deps.content.playbooks if book.id == "lean")
        draft = changes.ChangeDraft(
            title="Discharge by noon", aim="Half of our patients go home before noon.", playbook=lean.id,
            stage=lean.stages[2].id, team_ids=(team.id,), workgroup_ids=tuple(group.id for group in groups),
            owner="ULEAD", no_measure_reason="Not decided yet.",
        )  # fmt: skip
        change = await changes.save(deps, ws, "UCOACH", draft)
        await changes.move(deps, ws, "UCOACH", change, state=ChangeState.ACTIVE, why="Agreed in the steering group.")


async def _on_monday_everybody_is_asked(ward: Rehearsal) -> None:
    await ward.advance(hours=3)
    await ward.settled()
    assert {user: len(ward.of_kind(user, "pulse")) for user in ward.people} == dict.fromkeys(ward.people, 1)


async def _a_nurse_answers(ward: Rehearsal) -> None:
    before = words_of(await ward.newest(NURSE, "pulse"))
    assert "Your answers are confidential" in before
    assert "from 5 people on" in before
    assert "1 of 7" in before
    taps = [*await ward.answer(NURSE, 4, only=2), *await ward.answer(NURSE, 2)]
    assert [(tap.button.position, tap.acked) for tap in taps] == [(position, True) for position in range(7)]
    after = await ward.newest(NURSE, "pulse")
    assert "Thank" in words_of(after)
    assert not taps_of(after)


async def _she_may_see_what_is_held_about_her(ward: Rehearsal) -> None:
    held: dict[str, Any] = json.loads(await ward.cli("my-data", NURSE, "--json"))
    assert [one["option"] for one in held["open_answers"]] == [4, 4, 2, 2, 2, 2, 2]
    assert {one["workgroup"] for one in held["open_answers"]} <= {"Nurses", "Physicians", "Pharmacy"}
    assert {one["round"] for one in held["open_answers"]} == {held["asks"][0]["round"]}


async def _the_others_answer_too(ward: Rehearsal) -> None:
    for user in ward.people[1:]:
        await ward.answer(user, 2)


async def _on_wednesday_the_map_comes_out_to_the_coach_first(ward: Rehearsal) -> None:
    await ward.advance(days=2, hours=2)
    await ward.settled()
    message = await ward.newest("UCOACH", "report")
    assert not ward.of_kind("ULEAD", "report")
    assert ward.vault.names() == set()  # the answers are gone
    show = next(one for one in buttons(message) if isinstance(one, ShowReport))
    await ward.press("UCOACH", "UCOACH", message, show)
    await ward.press("UCOACH", "UCOACH", *await _button(ward, "UCOACH", _hands_over))
    await ward.newest("ULEAD", "report")


async def _the_lead_asks_for_the_report(ward: Rehearsal) -> None:
    assert (await ward.command("ULEAD", "/rc-report"))["acked"]
    await ward.until(lambda: _has_file(ward, "ULEAD", "heat-map.png"))
    picture = next(file for file in ward.sandbox.world.files.values() if file.slack["name"] == "heat-map.png")
    assert picture.content.startswith(PNG)
    await _button(ward, "ULEAD", _shares)
    assert any(block["type"] == "table" for one in ward.messages("ULEAD") for block in one.get("blocks", []))


async def _the_lead_talks_about_it_with_the_team(ward: Rehearsal) -> None:
    await ward.press("ULEAD", "ULEAD", *await _button(ward, "ULEAD", _shares))
    assert (await ward.fill_in("ULEAD", heard="We hear of discharges too late.", will_try="A call at two"))["acked"]


async def _a_small_idea_reaches_those_who_can_act(ward: Rehearsal) -> None:
    await ward.advance(days=1)
    await ward.settled()
    nudged = [user for user in ward.people if ward.of_kind(user, "nudge")]
    assert nudged
    message = await ward.newest(nudged[0], "nudge")
    reply = next(one for one in buttons(message) if isinstance(one, AnswerNudge))
    assert (await ward.press(nudged[0], nudged[0], message, reply))["acked"]


async def _the_team_huddles_about_the_change_and_writes_down_what_came_of_it(ward: Rehearsal) -> None:
    message = await ward.newest("C1", "huddle")
    assert "Discharge by noon" in words_of(message)
    record = next(one for one in buttons(message) if isinstance(one, RecordHuddle))
    assert (await ward.press(NURSE, "C1", message, record))["acked"]
    async with ward.database.read() as session:
        process = (await session.exec(select(FocalProcess.id))).one()
        there = [str(group.id) for group in await queries.workgroups(session, process)]
    outcome = await ward.fill_in(
        NURSE, attended=there, learned=LEARNED, what=TEST, prediction="Medicines are ready when the patient is."
    )
    assert outcome["acked"]
    assert not outcome["response"], outcome


async def _the_next_pulse_says_what_came_of_the_last_one(ward: Rehearsal) -> None:
    await ward.advance(days=5)
    await ward.settled()
    message = await ward.newest(NURSE, "pulse")
    assert len(ward.of_kind(NURSE, "pulse")) == 2
    assert f"*You said:* {LEARNED}" in words_of(message)
    assert f"*We tried:* {TEST}" in words_of(message)


def _nobody_got_anything_twice(ward: Rehearsal) -> None:
    deliveries = [payload["delivery"] for _, payload in ward.sent()]
    assert len(deliveries) == len(set(deliveries))


def _hands_over(button: Id) -> bool:
    return isinstance(button, PassOn) and button.to == DebriefState.LEAD


def _shares(button: Id) -> bool:
    return isinstance(button, ShowPart) and button.part is ReportPart.SHARE


async def _button(ward: Rehearsal, user: str, wanted: Callable[[Id], bool]) -> tuple[dict[str, Any], Id]:
    """The newest such button in somebody's direct messages, with its message, once it is there."""

    def found() -> list[tuple[dict[str, Any], Id]]:
        return [(one, button) for one in ward.messages(user) for button in buttons(one) if wanted(button)]

    async def there() -> bool:
        return bool(found())

    await ward.until(there)
    return found()[-1]


async def _has_file(ward: Rehearsal, user: str, name: str) -> bool:
    return any(file["name"] == name for one in ward.messages(user) for file in one.get("files", []))
