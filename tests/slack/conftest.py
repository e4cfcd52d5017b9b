"""What the Slack side's tests share: the words, a local Slack, and the whole Slack side on the services' cast."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from bot.content import Content
from bot.sandbox.limits import Limits
from bot.sandbox.server import Sandbox
from bot.settings import Settings
from bot.slack.client import make_client, open_session
from tests.cast import GROUPS, MONDAY, profiles, staged, words
from tests.slack.floor import Floor, opened

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "deploy" / "slack-manifest.yaml"


@pytest.fixture(scope="session")
def content() -> Content:
    return words()


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A local Slack with the cast and our app; its limits are off."""
    people = [
        {"id": one.slack_user, "name": one.slack_user.lower(), "real_name": one.name, "email": one.email}
        for one in profiles(GROUPS)
    ]
    seed = {
        "team": {"id": "T1", "name": "Hospital", "domain": "hospital"},
        "people": people,
        "channels": [{"id": "C1", "name": "ward-3", "members": [one["name"] for one in people]}],
    }
    started = await Sandbox.start(manifest=MANIFEST, seed=seed, start_at=MONDAY, limits=Limits(enabled=False))
    yield started
    await started.stop()


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> Settings:
    return Settings.model_validate(
        {
            "slack_api_url": sandbox.api_url,
            "slack_bot_token": sandbox.bot.bot_token,
            "slack_app_token": sandbox.app.app_token,
            "send_timeout_seconds": 2,
            "vault": tmp_path / "vault",
        }
    )


@pytest_asyncio.fixture
async def session(settings: Settings) -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session(settings) as ready:
        yield ready


@pytest.fixture
def client(settings: Settings, session: aiohttp.ClientSession) -> AsyncWebClient:
    return make_client(settings, session)


@pytest_asyncio.fixture
async def floor(sandbox: Sandbox, settings: Settings, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Floor]:
    """The Slack side over signed HTTP, in one process with the local Slack, on the services' cast."""
    async with staged(sqlite_url, tmp_path) as stage, opened(stage, sandbox, settings) as ready:
        yield ready
