"""Whoever names a team, a role, a process, a change or a promise puts no mention and no link into the bot's mouth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlmodel import col, select

from bot.core.reasons import Reason
from bot.core.states import ChangeState, DebriefState
from bot.db.tables import Delivery, FocalProcess, Team, Workgroup
from bot.services import changes, debriefs, huddles, nudges
from bot.services.changes import ChangeDraft
from bot.services.compose import compose
from bot.slack.ids import EditChange, MoveChange, PassOn, ReportPart, ShowMyData, ShowPart
from tests.slack.floor import Floor, Json

COACH, LEAD, NURSE = "UCOACH", "ULEAD", "UNUR0"
EVIL = "<!channel> <@UNUR1> <https://evil.example|our rules> & `x`"
WAVE = 1
PARTS = (ReportPart.DIMENSIONS, ReportPart.HISTORY, ReportPart.CHANGES, ReportPart.EXPORT, ReportPart.TALK)
CALLS = ("<!channel", "<@UNUR1", "<https://evil")


def _spoken(value: Any, *, marked: bool = False) -> Iterator[str]:
    """Every text that Slack reads as mrkdwn: messages' own, and the text objects that say so."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn" or (marked and "ts" in value):
            yield str(value.get("text", ""))
        for one in value.values():
            yield from _spoken(one)
    elif isinstance(value, list):
        for one in value:
            yield from _spoken(one, marked=marked)


def _calls(*shown: Any) -> list[str]:
    return [text for text in _spoken(list(shown), marked=True) if any(call in text for call in CALLS)]


async def _renamed(floor: Floor) -> None:
    async with floor.stage.deps.database.write() as session:
        teams, groups = (await session.exec(select(Team))).all(), (await session.exec(select(Workgroup))).all()
        rows: list[Team | Workgroup | FocalProcess] = [*teams, *groups]
        rows += (await session.exec(select(FocalProcess))).all()
        for row in rows:
            row.name = f"{row.id} {EVIL}"


async def _everything_in_channel(floor: Floor) -> list[Json]:
    return [*await floor.messages("C1"), *await floor.seen(LEAD), *await floor.seen(COACH)]


async def test_a_report_its_parts_and_its_sharing_call_nobody(first_map: Floor) -> None:
    await _renamed(first_map)
    await first_map.command(COACH, "/rc-report")
    deps, team = first_map.stage.deps, first_map.stage.team
    message = (await first_map.dms(COACH))[0]
    for part in PARTS:
        await first_map.click(COACH, ShowPart(team, WAVE, part), message)
    await first_map.click(COACH, PassOn(team, WAVE, DebriefState.LEAD), message)
    await first_map.command(LEAD, "/rc-report")
    await first_map.click(LEAD, ShowPart(team, WAVE, ReportPart.SHARE), (await first_map.dms(LEAD))[0])
    await first_map.submit(LEAD, await first_map.view(LEAD), heard=EVIL, will_try=EVIL)
    async with deps.database.read() as session:
        debrief = await debriefs.of(session, team, WAVE)
    assert debrief is not None
    assert debrief.state is DebriefState.TEAM
    await first_map.shares(COACH, 4)
    shown = [await first_map.dms(COACH), await first_map.dms(LEAD), await _everything_in_channel(first_map)]
    assert not _calls(*shown)
    assert any("&lt;!channel&gt;" in text for text in _spoken(shown, marked=True))


async def test_a_change_its_huddle_an_idea_and_home_call_nobody(first_map: Floor) -> None:
    await _renamed(first_map)
    deps, ws, team = first_map.stage.deps, first_map.stage.ws, first_map.stage.team
    book = deps.content.playbooks[0]
    draft = ChangeDraft(
        EVIL, EVIL, book.id, book.stages[0].id, (team,), (1, 2), LEAD, LEAD, EVIL, EVIL, takes_away=EVIL
    )
    change = await changes.save(deps, ws, LEAD, draft)
    await changes.move(deps, ws, LEAD, change, state=ChangeState.ACTIVE, why=EVIL)
    await debriefs.advance(deps, ws, COACH, team, 1, DebriefState.LEAD)
    await debriefs.advance(deps, ws, LEAD, team, 1, DebriefState.TEAM, heard=EVIL, will_try=EVIL)
    await huddles.plan_due(deps, first_map.stage.now)
    await nudges.choose_due(deps, first_map.stage.now)
    async with deps.database.read() as session:
        owed = (await session.exec(select(Delivery).where(col(Delivery.kind).in_(["huddle", "nudge"])))).all()
        composed = [await compose(deps, session, one) for one in owed]
    sent = [await first_map.send(NURSE, one) for one in composed if not isinstance(one, Reason)]
    assert len(sent) > 1
    await first_map.open_round()
    await first_map.command(NURSE, "/rc-pulse")
    await first_map.command(LEAD, "/rc-change")
    listing = (await first_map.seen(LEAD))[-1]
    views = []
    for action in (EditChange(change), MoveChange(change)):
        await first_map.act_in("C1", LEAD, action, listing)
        views.append(await first_map.view(LEAD))
    views += [await first_map.open_home(user) for user in (NURSE, LEAD)]
    await first_map.press(NURSE, views[-2], ShowMyData())
    views.append(await first_map.view(NURSE))
    shown = [await first_map.dms(NURSE), await first_map.dms(LEAD), await _everything_in_channel(first_map), views]
    assert not _calls(*shown)
    assert any("&lt;!channel&gt;" in text for text in _spoken(shown, marked=True))
