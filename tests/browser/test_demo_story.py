"""The five minutes of a stranger: `rc-pulse demo`, used in a real browser, with screenshots of each step."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.conftest import PHONE, NewPage, Shot

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 300
"""The history plays in a minute or two; tests share their machine with others."""
WEEK_MILLISECONDS = 90_000.0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Demo:
    base: str
    process: asyncio.subprocess.Process
    users: dict[str, str]

    async def get(self, path: str) -> Any:
        async with aiohttp.ClientSession() as session, session.get(f"{self.base}/_sandbox/{path}") as answer:
            return await answer.json()

    def at(self, handle: str, place: str = "") -> str:
        return f"{self.base}/as/{self.users[handle]}" + (f"/{place}" if place else "")

    async def whoever_got_a_nudge(self) -> str:
        """The handle of somebody whose direct messages hold an idea that can still be answered."""
        state = await self.get("state")
        handles = {user: handle for handle, user in self.users.items()}
        for channel in (one for one in state["channels"] if one.get("is_im")):
            messages = (await self.get(f"channels/{channel['id']}/messages"))["messages"]
            shown = [str(message.get("blocks")) for message in messages]
            if any("answer_nudge" in blocks and "Why now" in blocks for blocks in shown):
                return next(handles[user] for user in channel["members"] if handles.get(user, "").count("."))
        raise AssertionError("twelve weeks without a nudge")


async def _line(process: asyncio.subprocess.Process, wanted: str) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(READY_SECONDS):
        async for line in process.stdout:
            if wanted in line.decode():
                return line.decode()
    raise AssertionError(f"the demo ended without saying {wanted!r}")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(chromium_path: str) -> AsyncIterator[Demo]:
    """The demo as `make demo` starts it, ready for visitors; ended by Ctrl-C."""
    del chromium_path
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-u", "-m", "bot", "demo", "--port", str(_free_port()),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    ready = await _line(process, "Ready:")
    base = ready.split("Ready:")[1].strip()
    async with aiohttp.ClientSession() as session, session.get(f"{base}/_sandbox/state") as answer:
        users = {user["name"]: user["id"] for user in (await answer.json())["users"]}
    yield Demo(base, process, users)
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 30) == 0


async def _say(page: Page, text: str) -> None:
    composer = page.get_by_role("combobox", name="Write a message")
    await composer.fill(text)
    await composer.press("Escape")
    await composer.press("Enter")


async def _serious(page: Page) -> list[str]:
    found = await Axe().run(page)
    return [one["id"] for one in found.response["violations"] if one["impact"] in {"serious", "critical"}]


async def test_a_stranger_lives_the_whole_story_in_five_minutes(demo: Demo, new_page: NewPage, shot: Shot) -> None:
    page = await new_page()
    page.set_default_timeout(30_000)

    # A nurse answers a pulse: three taps, and the receipt says what was stored.
    await page.goto(demo.at("nora.eriksen"))
    question = page.get_by_role("button", name="I don't work with them").last
    await expect(page.get_by_text("Your answers are confidential").last).to_be_visible()
    await shot(page, "story-1-pulse")
    for number in (1, 2, 3):
        await expect(page.get_by_text(f"{number} of 3").last).to_be_visible()
        await page.locator(".message").last.get_by_role("button").nth(2).click()
    await expect(page.get_by_text("Thank you, that was all").last).to_be_visible()
    await expect(question).not_to_be_visible()
    await shot(page, "story-2-receipt")
    assert await _serious(page) == []

    # The lead asks for the report and looks at the heat map.
    await page.goto(demo.at("lena.fischer"))
    maps = page.get_by_role("figure", name=re.compile("Who experiences whom"))
    await expect(page.get_by_text("Your team's new map is out").last).to_be_visible()
    earlier = await maps.count()
    await _say(page, "/rc-report")
    await expect(page.get_by_text("How sure are we?").last).to_be_visible(timeout=60_000)
    await expect(maps).to_have_count(earlier + 1, timeout=60_000)
    await maps.last.scroll_into_view_if_needed()
    await shot(page, "story-3-report")
    assert await _serious(page) == []

    # Somebody received a nudge, and answers it.
    await page.goto(demo.at(await demo.whoever_got_a_nudge()))
    await expect(page.get_by_text("Why now:").last).to_be_visible()
    await shot(page, "story-4-nudge")

    # The team's channel holds a huddle prompt that is tied to a change; the nurse writes down what came of it.
    await page.goto(demo.at("nora.eriksen", "ward-3-north"))
    await expect(page.get_by_text("For your next huddle").last).to_be_visible()
    await shot(page, "story-5-huddle")
    await page.get_by_role("button", name="What came out of it").last.click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Nurses").check()
    await form.get_by_label("Pharmacy").check()
    await form.get_by_label("What did we learn?").fill("Transport waits at the wrong lift.")
    await form.get_by_label("What will we try?").fill("A sign at the north lift")
    await shot(page, "story-6-outcome")
    await form.get_by_role("button", name="Save").click()
    await expect(form).not_to_be_visible()

    # A week later the next pulse opens with what was tried.
    await page.goto(demo.at("nora.eriksen"))
    await page.get_by_role("button", name="Move on by a week").click()
    opening = page.get_by_text("Transport waits at the wrong lift.").last
    await expect(opening).to_be_visible(timeout=WEEK_MILLISECONDS)
    await expect(page.get_by_text("A sign at the north lift").last).to_be_visible()
    await opening.scroll_into_view_if_needed()
    await shot(page, "story-7-you-said-we-tried")


async def test_home_shows_each_role_its_own_things_in_light_dark_and_on_a_phone(
    demo: Demo, new_page: NewPage, shot: Shot
) -> None:
    for handle, text in {"nora.eriksen": "Your pulse", "lena.fischer": "Your teams", "carla": "Coaching"}.items():
        light, dark = await new_page(), await new_page(viewport=PHONE, scheme="dark")
        for window, look in ((light, "light"), (dark, "phone-dark")):
            await window.goto(demo.at(handle, "home"))
            await expect(window.get_by_role("heading", name=text)).to_be_visible()
            await shot(window, f"home-{handle.split('.', maxsplit=1)[0]}-{look}")
            assert await _serious(window) == []


async def test_a_second_demo_on_the_same_port_says_so_in_one_sentence_and_harms_nobody(demo: Demo) -> None:
    port = demo.base.rsplit(":", 1)[1]
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--port", port,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await second.communicate()
    assert second.returncode != 0
    assert len(said.decode().strip().splitlines()) == 1
    assert port in said.decode()
    assert (await demo.get("clock"))["now"]
