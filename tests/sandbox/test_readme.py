"""The README is true: its examples run, and it names every address of the control API."""

import asyncio
import re
import sys
from pathlib import Path

import pytest
from aiohttp import web

from bot.sandbox import administration, control, server
from bot.sandbox.faults import API_FAULTS, DELIVERY_FAULTS
from bot.sandbox.testing import StartSandbox, sandbox, start_sandbox
from tests.sandbox.desk import Desk

README = Path(server.__file__).with_name("README.md").read_text(encoding="utf-8")

__all__ = ["sandbox", "start_sandbox"]  # fixtures are found by name


async def test_the_python_example_answers_hello(desk: Desk) -> None:
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    code = code.replace("xoxb-… as printed", desk.sandbox.bot.bot_token)
    code = code.replace("xapp-… as printed", desk.sandbox.app.app_token)
    code = code.replace("http://127.0.0.1:8900", desk.sandbox.base_url)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.DEVNULL)
    try:
        assert await desk.sandbox.platform.hub.wait_for_connection(desk.sandbox.app.id, 20) is not None
        outcome = await desk.post("commands", user="ada", channel="general", command="/hello")
        assert outcome["response"] == {"text": f"Hello <@{desk.id_of('ada')}>!"}
    finally:
        process.terminate()
        await process.wait()


async def test_every_address_of_the_control_api_is_described(sandbox: server.Sandbox) -> None:
    ours = web.Application()
    control.add_routes(ours, sandbox.platform)
    administration.add_routes(ours, sandbox.platform)
    described = re.sub(r"\{\w+\}", "{}", README).replace("…/", "/_sandbox/apps/{}/")
    paths = {re.sub(r"\{\w+\}", "{}", resource.canonical) for resource in ours.router.resources()}
    assert sorted(path for path in paths if path not in described and not path.endswith(".svg")) == []


@pytest.mark.parametrize("fault", sorted(API_FAULTS | DELIVERY_FAULTS))
def test_every_fault_is_described(fault: str) -> None:
    assert f"`{fault}" in README


async def test_the_fixtures_give_sandboxes_that_are_strangers(
    sandbox: server.Sandbox, start_sandbox: StartSandbox
) -> None:
    other = await start_sandbox(random_seed=2)
    assert sandbox.api_url == f"{sandbox.base_url}/api/"
    assert (other.base_url, other.bot.bot_token) != (sandbox.base_url, sandbox.bot.bot_token)
