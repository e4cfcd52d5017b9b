from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from pydantic import SecretStr
from slack_bolt.request.async_request import AsyncBoltRequest
from sqlmodel import func, select

from bot.db.tables import Answer, InboxEvent, Person, Workspace
from bot.sandbox.server import Sandbox
from bot.services import inbox, my_data, rounds
from bot.services.answers import Recorder
from bot.settings import Settings, WrongSetting
from bot.slack import app as slack_app
from bot.slack.ids import TapAnswer, encode
from tests.cast import Stage, staged
from tests.slack.floor import Floor, Json, Painter, sign, texts

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NURSE = "UNUR0"


@pytest_asyncio.fixture
async def signed(
    sandbox: Sandbox, settings: Settings, sqlite_url: str, tmp_path: Path
) -> AsyncIterator[tuple[Stage, slack_app.SlackApp]]:
    """The Slack side with a signing secret: requests come from outside."""
    with_secret = settings.model_copy(update={"slack_signing_secret": SecretStr(SECRET)})
    async with staged(sqlite_url, tmp_path) as stage:
        slack = await slack_app.build(
            stage.deps, with_secret, recorder=Recorder(stage.deps), charts=Painter(), workspace_id=stage.ws
        )
        yield stage, slack
        await slack.stop(1)


def _tap(ask: int, *, user: str = NURSE, team: str = "T1", option: int = 4, ts: str = "1.0") -> str:
    payload = {
        "type": "block_actions",
        "user": {"id": user, "team_id": team},
        "team": {"id": team},
        "container": {"type": "message", "message_ts": "1.0", "channel_id": "D1"},
        "actions": [
            {"type": "button", "block_id": "b", "action_id": encode(TapAnswer(ask, 0, option)), "action_ts": ts}
        ],
    }
    return urlencode({"payload": json.dumps(payload)})


async def _status(slack: slack_app.SlackApp, body: str, headers: dict[str, str]) -> int:
    kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
    answer = await slack.bolt.async_dispatch(AsyncBoltRequest(body=body, headers={"content-type": kind, **headers}))
    await slack.desk.drain(5)
    return answer.status


async def _open_round(stage: Stage) -> int:
    await stage.schedule()
    await stage.clock.set(stage.now.replace(hour=8, minute=30))
    await rounds.open_due(stage.deps, stage.now)
    return (await stage.pulse_of(NURSE)).ask


async def _count(stage: Stage, table: type) -> int:
    async with stage.deps.database.read() as session:
        return int((await session.exec(select(func.count()).select_from(table))).one())


async def test_a_signed_tap_is_stored_before_it_is_acknowledged(signed: tuple[Stage, slack_app.SlackApp]) -> None:
    stage, slack = signed
    body = _tap(await _open_round(stage))

    assert await _status(slack, body, sign(body, SECRET)) == 200
    assert await _count(stage, Answer) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        sign("another body", SECRET),
        sign(_tap(1), "another secret"),
        sign(_tap(1), SECRET, at=time.time() - 3600),
    ],
    ids=["unsigned", "another body", "another secret", "an hour old"],
)
async def test_a_forged_request_is_refused_and_stores_nothing(
    signed: tuple[Stage, slack_app.SlackApp], headers: dict[str, str]
) -> None:
    stage, slack = signed
    await _open_round(stage)

    assert await _status(slack, _tap(1), headers) == 401
    assert await _count(stage, Answer) == 0


async def test_a_tap_of_another_workspace_stores_nothing(signed: tuple[Stage, slack_app.SlackApp]) -> None:
    stage, slack = signed
    body = _tap(await _open_round(stage), team="T2")
    await _status(slack, body, sign(body, SECRET))

    assert await _count(stage, Answer) == 0


async def test_a_double_click_is_one_answer_and_the_newest_wins_whatever_the_order(
    signed: tuple[Stage, slack_app.SlackApp],
) -> None:
    stage, slack = signed
    ask = await _open_round(stage)
    for option, ts in ((2, "20.0"), (5, "10.0"), (2, "20.0")):
        body = _tap(ask, option=option, ts=ts)
        await _status(slack, body, sign(body, SECRET))

    data = await my_data.my_data(stage.deps, stage.ws, NURSE)
    assert [answer["option"] for answer in data["open_answers"]] == [2]


async def test_an_answer_that_could_not_be_stored_is_not_acknowledged_and_leaks_nothing_to_the_log(
    signed: tuple[Stage, slack_app.SlackApp], caplog: pytest.LogCaptureFixture
) -> None:
    stage, slack = signed
    body = _tap(await _open_round(stage))
    async with stage.deps.database.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("ALTER TABLE answer RENAME TO gone")
    with caplog.at_level(logging.INFO):
        status = await _status(slack, body, sign(body, SECRET))

    assert status == 500
    assert "listener.failed name=TapAnswer" in caplog.text
    assert "Traceback" not in caplog.text
    assert "INSERT" not in caplog.text


async def test_an_event_is_handled_once_whatever_its_id(signed: tuple[Stage, slack_app.SlackApp]) -> None:
    stage, slack = signed
    user = {"id": NURSE, "team_id": "T1", "profile": {"display_name": "Renamed"}, "tz": "Asia/Tokyo"}
    event = {"type": "user_change", "user": user, "event_ts": "1772440000.000100"}
    for event_id in ("Ev1", "Ev1", "Ev2"):
        body = json.dumps({"type": "event_callback", "team_id": "T1", "event_id": event_id, "event": event})
        assert await _status(slack, body, sign(body, SECRET)) == 200

    async with stage.deps.database.read() as session:
        found = (await session.exec(select(Person).where(Person.slack_user_id == NURSE))).one()
    assert (found.name, found.timezone) == ("Renamed", "Asia/Tokyo")
    assert await _count(stage, InboxEvent) == 1


async def test_a_change_that_a_crash_cut_short_is_made_up_for_at_the_next_start(
    signed: tuple[Stage, slack_app.SlackApp],
) -> None:
    stage, slack = signed
    await inbox.first_time(stage.deps, stage.ws, "Ev1", "user_change:1", "user_change", NURSE, stage.now)
    async with stage.deps.database.write() as session:
        person = (await session.exec(select(Person).where(Person.slack_user_id == NURSE))).one()
        person.timezone = "Asia/Tokyo"
    await slack.start()

    async with stage.deps.database.read() as session:
        found = (await session.exec(select(Person).where(Person.slack_user_id == NURSE))).one()
    assert found.timezone == "Europe/Berlin"
    assert await inbox.waiting(stage.deps, stage.ws) == []


@pytest.mark.parametrize("kind", ["tokens_revoked", "app_uninstalled"])
async def test_a_removed_app_pauses_its_workspace(signed: tuple[Stage, slack_app.SlackApp], kind: str) -> None:
    stage, slack = signed
    event = {"type": kind, "tokens": {"bot": ["UBOT"]}, "event_ts": "1772440000.000100"}
    body = json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event})
    await _status(slack, body, sign(body, SECRET))

    async with stage.deps.database.read() as session:
        workspace = (await session.exec(select(Workspace))).one()
    assert workspace.paused_at is not None
    assert workspace.paused_reason == kind


async def test_a_button_that_nobody_of_us_made_is_explained(floor: Floor) -> None:
    button = {"type": "button", "action_id": "tap_answer/forged", "text": {"type": "plain_text", "text": "x"}}
    block = {"type": "actions", "elements": [button]}
    posted = await floor.slack.desk.client.chat_postMessage(channel=await floor.dm(NURSE), text="…", blocks=[block])
    outcome: Json = await floor.click(NURSE, "tap_answer/forged", {"ts": posted["ts"]})

    assert outcome["acked"]
    assert "older message" in texts((await floor.dms(NURSE))[-1])


async def test_stopping_waits_for_listeners_that_are_at_work(floor: Floor) -> None:
    await floor.open_round()
    pulse = await floor.stage.pulse_of(NURSE)
    message = await floor.send(NURSE, pulse)
    await floor.post(
        "actions",
        {
            "user": NURSE,
            "action_id": encode(TapAnswer(pulse.ask, 0, 3)),
            "channel": await floor.dm(NURSE),
            "message_ts": message["ts"],
        },
    )
    await floor.slack.stop(5)

    assert floor.slack.desk.running == set()
    assert not floor.slack.connected


async def test_a_wrong_token_is_one_sentence_with_the_settings_name(settings: Settings) -> None:
    wrong = settings.model_copy(update={"slack_bot_token": SecretStr("xoxb-wrong")})
    with pytest.raises(WrongSetting, match="RC_PULSE_SLACK_BOT_TOKEN is not accepted"):
        await slack_app.identify(wrong)


async def test_an_unreachable_slack_is_one_sentence_with_the_settings_name(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"slack_api_url": "http://127.0.0.1:9/api/"})
    with pytest.raises(WrongSetting, match="RC_PULSE_SLACK_API_URL"):
        await slack_app.identify(nowhere)


async def test_slack_says_who_we_are(settings: Settings, sandbox: Sandbox) -> None:
    identity = await slack_app.identify(settings)

    assert (identity.team_id, identity.team_name) == ("T1", "Hospital")
    assert identity.bot_user_id == sandbox.bot.bot_user_id
