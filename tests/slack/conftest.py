"""What the Slack side's tests share: the words, a local Slack, and the whole Slack side on the services' cast."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
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
from tests.slack.floor import Floor, opened, release

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
    ward = started.world.conversation("C1")
    assert ward is not None
    ward.members[started.bot.bot_user_id] = None
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


async def _released(folder: Path, empty: Path, maps: int) -> Path:
    file = folder / f"{maps}.db"
    shutil.copy(empty, file)
    async with staged(f"sqlite:///{file}", folder) as stage:
        await release(stage, maps=maps)
    return file


@pytest.fixture(scope="session")
def one_map(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the cast's first released map, made once."""
    return asyncio.run(_released(tmp_path_factory.mktemp("one"), sqlite_template, 1))


@pytest.fixture(scope="session")
def two_maps(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(_released(tmp_path_factory.mktemp("two"), sqlite_template, 2))


async def _floor_on(
    template: Path, sandbox: Sandbox, settings: Settings, tmp_path: Path, after: timedelta
) -> AsyncIterator[Floor]:
    file = tmp_path / "released.db"
    shutil.copy(template, file)
    async with staged(f"sqlite:///{file}", tmp_path) as stage:
        await stage.clock.advance(after)
        async with opened(stage, sandbox, settings) as ready:
            yield ready


@pytest_asyncio.fixture
async def first_map(one_map: Path, sandbox: Sandbox, settings: Settings, tmp_path: Path) -> AsyncIterator[Floor]:
    """The Slack side after the first map came out."""
    async for ready in _floor_on(one_map, sandbox, settings, tmp_path, timedelta(weeks=4, hours=3)):
        yield ready


@pytest_asyncio.fixture
async def second_map(two_maps: Path, sandbox: Sandbox, settings: Settings, tmp_path: Path) -> AsyncIterator[Floor]:
    """The Slack side after the second map came out."""
    async for ready in _floor_on(two_maps, sandbox, settings, tmp_path, timedelta(weeks=8, hours=3)):
        yield ready
