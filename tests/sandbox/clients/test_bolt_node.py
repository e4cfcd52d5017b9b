"""An app written with @slack/bolt for Node, unchanged, as a process of its own."""

import asyncio
import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox import server
from tests.sandbox.clients import story
from tests.sandbox.desk import Desk
from tests.sandbox.exercise import GIF

PACKAGES = ("@slack/bolt@4", "@slack/web-api@7")
INSTALL_SECONDS = 180
pytestmark = pytest.mark.npm


@pytest.fixture(scope="session")
def node_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Slack's packages from the registry npm is set up for; visibly skipped where there is no Node."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node and npm are not installed here: Slack's JavaScript clients were not tried")
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text('{"private": true, "type": "module"}', encoding="utf-8")
    quiet = ("--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts")
    try:
        done = subprocess.run(
            [npm, "install", *quiet, *PACKAGES],
            cwd=folder,
            check=False,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not answer in time: Slack's JavaScript clients were not tried")
    if done.returncode:
        pytest.skip(f"npm could not install Slack's JavaScript clients: {done.stderr.strip()[-200:]}")
    shutil.copy(Path(__file__).with_name("app.mjs"), folder / "app.mjs")
    return folder


def _without_proxies() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


@asynccontextmanager
async def node_app(desk: Desk, folder: Path) -> AsyncIterator[None]:
    """The app, running and connected; ended with the block."""
    sandbox = desk.sandbox
    settings = {"form": story.FORM, "home": story.HOME, "picture": base64.b64encode(GIF).decode()}
    environment = {
        **_without_proxies(),
        "SANDBOX_API": sandbox.api_url,
        "SANDBOX_APP_TOKEN": sandbox.app.app_token,
        "SANDBOX_CLIENT_ID": sandbox.app.client_id,
        "SANDBOX_CLIENT_SECRET": sandbox.app.client_secret,
        "SANDBOX_CODE": await story.authorise(desk),
        "SANDBOX_STORY": json.dumps(settings),
    }
    process = await asyncio.create_subprocess_exec(
        "node", "app.mjs", cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            while (line := await process.stdout.readline()) != b"ready\n":
                assert line, "the app ended before it was ready"
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_a_node_bolt_app_lives_through_the_story(crowd: Desk, node_project: Path) -> None:
    async with node_app(crowd, node_project):
        await story.live_through(crowd)


async def test_the_javascript_example_of_the_readme_answers_hello(crowd: Desk, node_project: Path) -> None:
    readme = Path(server.__file__).with_name("README.md").read_text(encoding="utf-8")
    code = re.findall(r"```javascript\n(.*?)```", readme, re.DOTALL)[0]
    code = code.replace("xoxb-… as printed", crowd.sandbox.bot.bot_token)
    code = code.replace("xapp-… as printed", crowd.sandbox.app.app_token)
    code = code.replace("http://127.0.0.1:8900", crowd.sandbox.base_url)
    (node_project / "example.mjs").write_text(code, encoding="utf-8")
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        "node", "example.mjs", cwd=node_project, env=_without_proxies(), stdout=quiet
    )
    try:
        assert await crowd.sandbox.platform.hub.wait_for_connection(crowd.sandbox.app.id, 20) is not None
        outcome = await crowd.post("commands", user=story.PERSON, channel="general", command="/hello")
        assert outcome["response"] == {"text": f"Hello <@{crowd.id_of(story.PERSON)}>!"}
    finally:
        process.terminate()
        await process.wait()
