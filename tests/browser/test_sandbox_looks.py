"""How the page looks and whether everybody can use it: light and dark, desk and phone, axe."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PHONE, NewPage, Shot
from tests.browser.office import FORM, Place, ask, audit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_serious_stands_in_the_way_of_a_screen_reader(
    here: Place, new_page: NewPage, scheme: str, shot: Shot
) -> None:
    ask(here)
    parent = here.ward.say(here.ward.room, "UTOM", "Who knows the bed plan? <@UNIA> :seedling:")
    here.ward.say(here.ward.room, "UADA", "I do.", thread_ts=parent["ts"])
    parent |= {"thread_ts": parent["ts"], "reply_count": 1}
    here.ward.whisper(here.ward.room, "UNIA", "Preparing…")
    page = await new_page(scheme=scheme)
    for name, address in {
        f"dm-{scheme}": here.url("nia", "DNIA"),
        f"channel-{scheme}": here.url("nia", "CWARD", f"?thread={parent['ts']}"),
        f"home-empty-{scheme}": here.url("nia", "home"),
    }.items():
        await page.goto(address)
        await page.locator("#now", has_text="2026").wait_for()
        await shot(page, name)
        await audit(page)
    for panel in ("Journal", "Faults"):
        await page.get_by_role("button", name=panel).click()
        await audit(page)
    here.ward.open_modal("UNIA", FORM)
    await page.get_by_role("dialog").wait_for()
    await shot(page, f"modal-{scheme}")
    await audit(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_gallery_of_every_block_has_no_serious_fault(
    here: Place, new_page: NewPage, scheme: str, shot: Shot
) -> None:
    page = await new_page(scheme=scheme)
    await page.goto(f"{here.sandbox.base_url}/_sandbox/gallery")
    await audit(page)
    for section in await page.locator("main > section").all():
        name = await section.get_attribute("id")
        await section.screenshot(path=f"build/screenshots/block-{name}-{scheme}.png", animations="disabled")
    await page.set_viewport_size(PHONE)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await shot(page, f"gallery-phone-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_the_list_is_a_drawer_and_nothing_runs_over_the_edge(
    here: Place, new_page: NewPage, scheme: str, shot: Shot
) -> None:
    ask(here)
    page = await new_page(viewport=PHONE, scheme=scheme)
    await page.goto(here.url("nia", "DNIA"))
    await expect(page.get_by_role("button", name="Just right")).to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await shot(page, f"phone-{scheme}")
    await page.get_by_role("button", name="Conversations").click()
    await expect(page.get_by_role("link", name="ward-3")).to_be_visible()
    await shot(page, f"phone-drawer-{scheme}")
    await audit(page)
    here.ward.open_modal("UNIA", FORM)
    await page.get_by_role("dialog").wait_for()
    await shot(page, f"phone-modal-{scheme}")


async def test_light_and_dark_change_by_a_button_and_are_remembered(here: Place, page: Page) -> None:
    await page.goto(here.url("nia", "CWARD"))
    await page.get_by_role("button", name="Light or dark").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
