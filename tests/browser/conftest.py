"""A real Chromium for tests: `browser`, `new_page`, `page`, and `shot` to keep what it showed.

One browser serves the whole run, so tests and async fixtures that use it share the session's event loop:
`pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]` in the module, and
`@pytest_asyncio.fixture(loop_scope="session")` on its fixtures.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

from bot.sandbox.manifest import with_request_url
from bot.sandbox.server import Sandbox
from tests.browser.office import Office, Place
from tests.sandbox.ui.rooms import MANIFEST, NOON, SEED, ward

SCREENSHOTS = Path("build/screenshots")
DESKTOP: ViewportSize = {"width": 1360, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NewPage = Callable[..., Awaitable[Page]]
Post = Callable[[Place, str, dict[str, Any]], Awaitable[None]]
Shot = Callable[[Page, str], Awaitable[None]]


def chromium() -> str | None:
    """The system's Chromium: $CHROMIUM, else the first of the usual names on PATH."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is. Without one the browser tests are skipped, visibly; under CI=true that is a failure."""
    found = chromium()
    if found is not None:
        return found
    words = "no Chromium: set CHROMIUM or install chromium to run the browser tests"
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    """One headless Chromium, closed at the end of the run."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium_path, args=list(QUIET))
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def new_page(browser: Browser) -> AsyncIterator[NewPage]:
    """Opens windows (`viewport`, `scheme`); a script error or a breach of the page's policy is a failure."""
    problems: list[str] = []
    contexts: list[BrowserContext] = []

    async def open_window(
        *, viewport: ViewportSize = DESKTOP, scheme: Literal["light", "dark"] = "light", zone: str = "UTC"
    ) -> Page:
        context = await browser.new_context(
            viewport=viewport, color_scheme=scheme, timezone_id=zone, reduced_motion="reduce", locale="en-US"
        )
        contexts.append(context)
        opened = await context.new_page()
        opened.set_default_timeout(10_000)
        opened.on("console", lambda said: problems.extend([said.text] if "Content Security" in said.text else []))
        opened.on("pageerror", lambda error: problems.append(f"{opened.url}: {error}"))
        return opened

    yield open_window
    for context in contexts:
        await context.close()
    assert not problems, problems


@pytest_asyncio.fixture(loop_scope="session")
async def page(new_page: NewPage, request: pytest.FixtureRequest, shot: Shot) -> AsyncIterator[Page]:
    """A desktop window in light colours; its last sight is kept under the test's name."""
    opened = await new_page()
    yield opened
    await shot(opened, request.node.name.removeprefix("test_"))


@pytest.fixture
def shot() -> Shot:
    """Keeps a screenshot as build/screenshots/NAME.png."""

    async def keep(seen: Page, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await seen.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")

    return keep


@pytest_asyncio.fixture(loop_scope="session")
async def office() -> AsyncIterator[Office]:
    office = Office()
    application = web.Application()
    application.router.add_post("/slack", office.handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    office.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
    yield office
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def here(office: Office) -> AsyncIterator[Place]:
    sandbox = await Sandbox.start(seed=SEED, manifest=with_request_url(MANIFEST, office.url), start_at=NOON)
    yield Place(sandbox, ward(sandbox.world), office)
    await sandbox.stop()


@pytest.fixture
def post(new_page: NewPage) -> Post:
    """Whoever runs the sandbox posts something."""

    async def send(here: Place, path: str, body: dict[str, Any]) -> None:
        window = await new_page()
        answer = await window.request.post(f"{here.sandbox.base_url}{path}", data=body)
        assert answer.ok, await answer.text()

    return send
