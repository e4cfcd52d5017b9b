from __future__ import annotations

from pathlib import Path

import pytest

from bot.charts.worker import ChartUnavailable
from bot.core.pictures import HeatMap, NetworkMap
from bot.services import home, rosters
from bot.slack.blocks.kit import actions, button
from bot.slack.ids import ExportAs, Field, Form, PassOn, ReportPart, ShowPart, ShowReport
from tests.cast import roster
from tests.slack.floor import Floor, Json, buttons, texts

COACH, LEAD, NURSE = "UCOACH", "ULEAD", "UNUR0"


async def _report(floor: Floor, user: str = COACH) -> Json:
    """The report's message on top; the figures are out."""
    await floor.command(user, "/rc-report")
    return next(one for one in await floor.dms(user) if "blocks" in one and "Ward 3" in texts(one))


def _ids(floor: Floor, message: Json) -> tuple[int, int]:
    text = next(one["action_id"] for one in buttons(message) if one["action_id"].startswith("show_part"))
    _, team, wave, _ = text.split("/")
    return int(team), int(wave)


async def test_the_command_answers_at_once_and_the_report_follows_in_private(first_map: Floor) -> None:
    await _report(first_map)

    asked = (await first_map.seen(COACH))[-1]
    assert "Preparing" in texts(asked)
    assert [one for one in await first_map.messages("C1") if not one.get("is_ephemeral")] == []


async def test_a_report_has_words_pictures_and_a_table_that_says_the_same(first_map: Floor) -> None:
    message = await _report(first_map)
    files = await first_map.shares(COACH, 2)
    told = await first_map.dms(COACH)

    tables = [block for one in told for block in one.get("blocks", []) if block["type"] == "table"]
    assert [type(one) for one in first_map.painter.drawn] == [HeatMap, NetworkMap]
    assert {one["name"] for one in files} == {"heat-map.png", "network.png"}
    assert len(tables) == 1
    assert len(tables[0]["rows"]) == 4
    assert "How sure are we?" in texts(message)
    assert {one["text"]["text"] for one in buttons(message)} >= {"Dimensions", "History", "Export", "Prepare the talk"}


async def test_every_picture_comes_with_words_beside_it(first_map: Floor) -> None:
    await _report(first_map)

    await first_map.shares(COACH, 2)
    comments = [one["text"] for one in await first_map.dms(COACH) if one.get("files")]
    assert all(comments)


async def test_a_native_chart_comes_with_the_second_map_and_a_picture_where_slack_refuses_it(second_map: Floor) -> None:
    await second_map.command(COACH, "/rc-report")
    (with_chart,) = [one for one in await second_map.dms(COACH) if _has_chart(one)]
    drawn = len(second_map.painter.drawn)

    await second_map.fault("chart_refused", times=None)
    await second_map.command(COACH, "/rc-report")
    with_charts = [one for one in await second_map.dms(COACH) if _has_chart(one)]
    assert with_charts == [with_chart]
    assert [type(one).__name__ for one in second_map.painter.drawn[drawn:]] == ["LineChart", "HeatMap", "NetworkMap"]


def _has_chart(message: Json) -> bool:
    return any(block["type"] == "data_visualization" for block in message.get("blocks", []))


async def test_a_picture_that_cannot_be_drawn_leaves_the_table(first_map: Floor) -> None:
    first_map.painter.broken = ChartUnavailable("too slow")
    await _report(first_map)

    told = await first_map.dms(COACH)
    assert not any(one.get("files") for one in told)
    assert any("table alone" in texts(one) for one in told)
    assert any(block["type"] == "table" for one in told for block in one.get("blocks", []))


async def test_the_debrief_order_is_kept_coach_then_lead_then_team(first_map: Floor) -> None:
    message = await _report(first_map)
    team, wave = _ids(first_map, message)
    await first_map.command(LEAD, "/rc-report")
    assert "is with the coach first" in texts((await first_map.seen(LEAD))[-1])

    await first_map.click(COACH, PassOn(team, wave, "lead"), message)
    await first_map.command(LEAD, "/rc-report")
    leads = next(one for one in await first_map.dms(LEAD) if buttons(one))
    await first_map.command(NURSE, "/rc-report")
    assert "Nothing is out yet" in texts((await first_map.seen(NURSE))[-1])

    await first_map.click(LEAD, ShowPart(team, wave, ReportPart.SHARE), leads)
    await first_map.submit(LEAD, await first_map.view(LEAD), heard="The plan comes late.", will_try="A call at two")
    (shared,) = [one for one in await first_map.messages("C1") if not one.get("is_ephemeral") and one.get("blocks")]
    await first_map.command(NURSE, "/rc-report")
    assert "What carries us" in texts(shared)
    untoned = await first_map.dms(NURSE)
    assert any(block["type"] == "table" for one in untoned for block in one.get("blocks", []))
    assert not any("How sure are we?" in texts(one) or buttons(one) for one in untoned)
    view = await home.home_for(first_map.stage.deps, first_map.stage.ws, NURSE)
    assert view is not None
    assert view.came_of_it is not None
    assert view.came_of_it.tried == "A call at two"


async def test_a_channel_that_the_bot_is_not_in_is_said_and_the_map_is_shared_all_the_same(first_map: Floor) -> None:
    message = await _report(first_map)
    team, wave = _ids(first_map, message)
    ward = first_map.sandbox.world.conversation("C1")
    assert ward is not None
    ward.members.pop(first_map.sandbox.bot.bot_user_id)
    await first_map.click(COACH, PassOn(team, wave, "lead"), message)
    await first_map.command(LEAD, "/rc-report")
    leads = next(one for one in await first_map.dms(LEAD) if buttons(one))
    await first_map.click(LEAD, ShowPart(team, wave, ReportPart.SHARE), leads)
    await first_map.submit(LEAD, await first_map.view(LEAD))

    # Pictures of the report may still be arriving behind it.
    assert any("invite me" in texts(one) for one in await first_map.dms(LEAD))


async def test_a_replayed_button_of_somebody_else_shows_nothing(first_map: Floor) -> None:
    message = await _report(first_map)
    team, wave = _ids(first_map, message)
    stolen = await first_map.slack.desk.client.chat_postMessage(
        channel=await first_map.dm(NURSE), text="…", blocks=_actions(message)
    )
    for part in ReportPart:
        if any(one["action_id"].endswith(f"/{part}") for one in buttons(message)):
            await first_map.click(NURSE, ShowPart(team, wave, part), {"ts": stolen["ts"]})

    told = await first_map.dms(NURSE)
    assert not any(one.get("files") for one in told)
    assert not any(block["type"] == "table" for one in told for block in one.get("blocks", []))


def _actions(message: Json) -> list[Json]:
    return [block for block in message["blocks"] if block["type"] == "actions"]


async def test_the_parts_behind_the_buttons_come_as_messages_of_their_own(first_map: Floor) -> None:
    message = await _report(first_map)
    team, wave = _ids(first_map, message)
    for part in (ReportPart.DIMENSIONS, ReportPart.HISTORY, ReportPart.TALK, ReportPart.EXPORT):
        await first_map.click(COACH, ShowPart(team, wave, part), message)
    told = [texts(one) for one in await first_map.dms(COACH)]
    guide = next(one for one in await first_map.dms(COACH) if "Three open questions" in texts(one))
    await first_map.click(COACH, ShowPart(team, wave, ReportPart.TALK_FILE), guide)
    choose = next(one for one in await first_map.dms(COACH) if "In which form?" in texts(one))
    await first_map.click(COACH, ExportAs(team, "csv"), choose)

    assert any("The seven dimensions" in text for text in told)
    assert any("only one map so far" in text for text in told)
    assert any("Three open questions" in text for text in told)
    names = {one["name"] for one in await first_map.shares(COACH, 6)}
    assert {"dimensions.png", "history.png", "talk-guide.pptx"} < names
    assert any(name.endswith(".csv") for name in names)


async def test_with_several_teams_the_bot_asks_which(floor: Floor, tmp_path: Path) -> None:
    stage, file = floor.stage, tmp_path / "second.csv"
    file.write_text(roster({"Nurses": 1}, "Ward 4"), encoding="utf-8")
    await rosters.import_roster(stage.deps, stage.ws, file)
    await floor.command(COACH, "/rc-report")
    picker = (await floor.seen(COACH))[-1]
    await floor.act_in("C1", COACH, Field(Form.REPORT, "team"), picker, selected=str(stage.team))

    assert "Which team?" in texts(picker)
    assert "*Ward 3*" in texts((await floor.seen(COACH))[-1])


@pytest.mark.parametrize(
    ("user", "text", "told"),
    [
        ("UCOACH", "Nowhere", "don't know a team"),
        ("UADMIN", "Ward 3", "report"),
        ("UCOACH", "", "has no pulse yet"),
    ],
)
async def test_having_nothing_to_show_has_its_own_kind_words(floor: Floor, user: str, text: str, told: str) -> None:
    await floor.command(user, "/rc-report", text)

    assert told in texts((await floor.seen(user))[-1])


async def test_a_released_map_tells_of_itself_with_a_button_that_shows_it(first_map: Floor) -> None:
    message = await _report(first_map)
    team, wave = _ids(first_map, message)
    note = await first_map.slack.desk.client.chat_postMessage(
        channel=await first_map.dm(COACH), text="…", blocks=_button(ShowReport(team, wave))
    )
    before = len(await first_map.dms(COACH))
    await first_map.click(COACH, ShowReport(team, wave), {"ts": note["ts"]})

    assert len(await first_map.dms(COACH)) > before


def _button(action: ShowReport) -> list[Json]:
    return [actions(button("Show", action))]
