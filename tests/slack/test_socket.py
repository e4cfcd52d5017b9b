from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from bot.sandbox.server import Sandbox
from bot.services.answers import Recorder
from bot.settings import Settings, WrongSetting
from bot.slack import app as slack_app
from bot.slack.client import PROXY_VARIABLES, make_client, open_session
from tests.cast import Stage
from tests.slack.floor import Floor, Painter, texts


async def test_two_connections_listen(floor: Floor, sandbox: Sandbox) -> None:
    assert floor.slack.connected
    assert len(sandbox.platform.hub.connections[sandbox.app.id]) == 2


async def test_a_command_is_answered_after_a_connection_broke(floor: Floor) -> None:
    await floor.fault("disconnect")
    async with asyncio.timeout(15):
        while True:
            outcome = await floor.command("UNUR0", "/rc-pulse", "help")
            if outcome["acked"]:
                break
            await asyncio.sleep(0.1)

    assert "I can" in texts((await floor.seen("UNUR0"))[-1])


async def test_a_wrong_app_token_is_one_sentence_and_not_an_endless_try(floor: Floor, settings: Settings) -> None:
    stage: Stage = floor.stage
    wrong = settings.model_copy(update={"slack_app_token": SecretStr("xapp-wrong")})
    slack = await slack_app.build(
        stage.deps, wrong, recorder=Recorder(stage.deps), charts=Painter(), workspace_id=stage.ws
    )
    with pytest.raises(WrongSetting, match="RC_PULSE_SLACK_APP_TOKEN is not accepted"):
        await slack.start()
    await slack.stop(1)


async def test_a_client_repeats_nothing_by_itself_and_shares_the_session(settings: Settings) -> None:
    async with open_session(settings) as session:
        client = make_client(settings, session)

        assert client.retry_handlers == []
        assert client.session is session
        assert session.timeout.total == settings.send_timeout_seconds


async def test_with_a_local_slack_no_proxy_is_used(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXY_VARIABLES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with open_session(settings) as session:
        assert make_client(settings, session).proxy is None
