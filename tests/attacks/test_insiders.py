"""What people inside the workspace try with their ordinary means: rosters, forms, buttons, files."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.core.errors import BadInput, Stale
from bot.core.reasons import Reason
from bot.core.states import DebriefState
from bot.db import people as queries
from bot.db.tables import Delivery, Membership, Nudge, ReleasedFigure, Round, Workgroup
from bot.services import debriefs, deliverable, home, library, nudges, people, reports, rounds
from bot.services.outbox import Outbox, Timing
from bot.services.ports import Profile
from bot.services.reports import Found, Nothing
from bot.slack.ids import decode
from tests.cast import TEAM, Stage, staged


@pytest.fixture
async def ward(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(sqlite_url, tmp_path) as ready:
        yield ready


async def leave_slack(stage: Stage, *users: str) -> None:
    gone = [Profile(user, user, "Europe/Berlin", "en", is_person=True, deactivated=True) for user in users]
    await people.refresh(stage.deps, stage.ws, gone)


async def test_closed_accounts_do_not_hide_that_a_role_has_become_one_person(ward: Stage) -> None:
    await leave_slack(ward, "UPHA1", "UPHA2", "UPHA3", "UPHA4")
    async with ward.deps.database.read() as session:
        groups = dict((await session.exec(select(Workgroup.name, Workgroup.id))).all())
        heads = await queries.headcounts(session, 1, ward.now)
    assert (heads[groups["Pharmacy"]], heads[groups["Nurses"]]) == (1, 5)


async def test_counting_up_ids_tells_nobody_what_teams_are_called(ward: Stage) -> None:
    await ward.admin()
    for typed in (str(ward.team), "²", "9" * 30):
        found = await reports.report_for(ward.deps, ward.ws, "UNUR0", typed)
        assert found == Nothing("unknown_team", team=typed)
    assert await reports.report_for(ward.deps, ward.ws, "UADMIN", ward.team) == Nothing("no_right", team=TEAM)


async def test_how_many_took_part_is_not_said_of_fewer_than_k_people(ward: Stage) -> None:
    await ward.a_map()
    async with ward.deps.database.write() as session:
        for round_ in (await session.exec(select(Round))).all():
            round_.asked = round_.finished = round_.min_respondents - 1
    found = await reports.report_for(ward.deps, ward.ws, "UCOACH")
    assert isinstance(found, Found)
    assert found.report.response is None


async def test_whoever_left_the_team_gets_none_of_its_evidence_any_more(ward: Stage) -> None:
    wave = await ward.a_map(option=1)
    await debriefs.advance(ward.deps, ward.ws, "UCOACH", ward.team, wave, DebriefState.LEAD)
    await debriefs.advance(ward.deps, ward.ws, "ULEAD", ward.team, wave, DebriefState.TEAM)
    await nudges.choose_due(ward.deps, ward.now)
    async with ward.deps.database.write() as session:
        owed = (await session.exec(select(Delivery).where(Delivery.kind == "nudge"))).all()
        assert owed
        members = select(Membership).where(col(Membership.person_id).in_([one.person_id for one in owed]))
        for membership in (await session.exec(members)).all():
            membership.left_at = ward.now
    async with ward.deps.database.read() as session:
        found = await deliverable.prepare(ward.deps, session, [one.id for one in owed], ward.now, 50)
    assert found.jobs == []
    assert {reason for _, reason in found.skipped} == {Reason.LEFT}


@pytest.mark.parametrize(
    "typed",
    [
        "Ask {{ process.__class__ }} first.",
        "Count to {{ 9 ** 9 ** 9 }} together.",
        "{% for one in range(99999) %}Well done.{% endfor %}",
        "{# nobody reads this #} Talk.",
        "<!channel> talk to each other.",
        "<@U123> talks too much.",
        "Read <https://example.org|our hand-over rules> first.",
    ],
)
async def test_a_coachs_own_words_neither_compute_nor_call_people(ward: Stage, typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        await library.reword(ward.deps, ward.ws, "UCOACH", "timely.half_news", {"action": typed})
    assert refused.value.field == "action"


async def test_a_coachs_own_words_may_name_the_work_and_compare_numbers(ward: Stage) -> None:
    words = {"action": "Keep {{ process }} calls < 5 minutes and ask {{ other }} > once a day."}
    await library.reword(ward.deps, ward.ws, "UCOACH", "timely.half_news", words)


@pytest.mark.parametrize("row", ["-1", str(2**31), "9" * 40])
def test_no_button_carries_a_row_that_no_database_has(row: str) -> None:
    with pytest.raises(Stale):
        decode(f"tap_answer/{row}/0/3")


async def test_the_log_does_not_count_who_has_not_answered_yet(ward: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await ward.schedule()
    await ward.clock.set(ward.now.replace(hour=8, minute=30))
    await rounds.open_due(ward.deps, ward.now)
    sender = Outbox(ward.deps, Timing(send_timeout_seconds=5, lease_seconds=60, confirm_after_seconds=0))
    for _ in range(60):
        await sender.send_due(ward.now)
        await ward.clock.advance(minutes=30)
    await sender.stop()
    sent = [type(one.message).__name__ for one in ward.slack.posted]
    assert sent.count("Reminder") >= 15
    assert caplog.text.count("delivery.recorded") == sent.count("Pulse") == 15


async def test_an_administrators_home_counts_no_reminders(ward: Stage) -> None:
    await ward.admin()
    await ward.schedule()
    await ward.clock.set(ward.now.replace(hour=8, minute=30))
    await rounds.open_due(ward.deps, ward.now)
    found = await home.home_for(ward.deps, ward.ws, "UADMIN")
    assert found is not None
    assert found.admin is not None
    assert found.admin.planned == 15


async def test_an_idea_never_rests_on_a_map_that_the_team_has_not_talked_about(ward: Stage) -> None:
    unshared = await ward.a_map(option=1)
    await ward.clock.advance(days=4)
    talked_about = await ward.a_map(option=1)
    await debriefs.advance(ward.deps, ward.ws, "UCOACH", ward.team, talked_about, DebriefState.LEAD)
    await debriefs.advance(ward.deps, ward.ws, "ULEAD", ward.team, talked_about, DebriefState.TEAM)
    async with ward.deps.database.write() as session:
        figures = select(ReleasedFigure).where(ReleasedFigure.wave_id == talked_about)
        for figure in (await session.exec(figures)).all():
            figure.value = figure.respondents_low = figure.respondents_high = None
    await nudges.choose_due(ward.deps, ward.now)
    async with ward.deps.database.read() as session:
        assert unshared not in (await session.exec(select(Nudge.wave_id))).all()
