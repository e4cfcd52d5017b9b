"""The local Slack's page in a real browser: writing, answering, moving time, looking behind the scenes."""

import pytest
from playwright.async_api import Page, expect

from bot.sandbox.ui.gallery import examples
from tests.browser.conftest import NewPage, Post, Shot
from tests.browser.office import Place, ask
from tests.sandbox.ui.rooms import plain

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_press_reaches_the_app_and_the_message_changes_in_place(here: Place, page: Page) -> None:
    ask(here)
    await page.goto(here.url("nia", "DNIA"))
    await page.get_by_role("button", name="Just right").click()
    await expect(page.get_by_text("Thank you.")).to_be_visible()
    await expect(page.get_by_role("button", name="Just right")).to_have_count(0)
    [action] = here.app.actions()
    assert (action["action_id"], action["value"], action["block_id"]) == ("answer_3", "3", "options")
    assert await page.evaluate("document.activeElement.matches('.message')")


async def test_an_app_that_fails_to_acknowledge_is_shown_as_a_warning(here: Place, page: Page) -> None:
    ask(here)
    here.app.answers["block_actions"] = lambda _told: 500
    await page.goto(here.url("nia", "DNIA"))
    await page.get_by_role("button", name="Not enough", exact=True).click()
    await expect(page.locator(".toast.warning")).to_contain_text("Try again")


async def test_an_app_whose_acknowledgement_does_not_come_is_said_to_be_late(here: Place, page: Page) -> None:
    ask(here)
    here.sandbox.platform.faults.add({"fault": "ack_lost"})
    await page.goto(here.url("nia", "DNIA"))
    await page.get_by_role("button", name="Just right").click()
    await expect(page.locator(".toast.warning")).to_contain_text("did not answer within 3 seconds")


async def test_commands_are_offered_while_typing_and_the_reply_is_for_one_person_only(
    here: Place, page: Page, new_page: NewPage
) -> None:
    here.app.answers["command"] = lambda told: {"text": f"Preparing {told['text']}…"}
    await page.goto(here.url("nia", "CWARD"))
    writing = page.get_by_role("combobox", name="Write a message")
    await writing.press_sequentially("/rc")
    await expect(page.get_by_role("option")).to_have_count(2)
    await writing.press("ArrowDown")
    await writing.press("ArrowUp")
    await writing.press("Enter")
    await writing.press_sequentially("north")
    await writing.press("Enter")
    await expect(page.get_by_text("Preparing north…")).to_be_visible()
    await expect(page.get_by_text("Only visible to you")).to_be_visible()
    assert here.app.heard[-1]["command"] == "/rc-report"
    other = await new_page()
    await other.goto(here.url("tomas", "CWARD"))
    await expect(other.get_by_text("It is quiet here.")).to_be_visible()


async def test_two_windows_are_two_persons_who_see_each_other_write(here: Place, page: Page, new_page: NewPage) -> None:
    other = await new_page()
    await other.goto(here.url("tomas", "CWARD"))
    await page.goto(here.url("nia", "CQUIET"))
    await other.get_by_role("combobox", name="Write a message").fill("Bed 4 is *ready* <b>now</b>")
    await other.get_by_role("button", name="Send").first.click()
    await expect(other.get_by_text("Bed 4 is ready <b>now</b>")).to_be_visible()
    unread = page.get_by_role("link", name="ward-3 1 unread")
    await expect(unread).to_be_visible()
    await unread.click()
    await expect(page.get_by_text("Bed 4 is ready <b>now</b>")).to_be_visible()
    await expect(page.get_by_role("link", name="unread")).to_have_count(0)


async def test_a_thread_opens_beside_the_channel_and_takes_a_reply(here: Place, page: Page, shot: Shot) -> None:
    here.ward.say(here.ward.room, "UTOM", "Who knows the bed plan?")
    await page.goto(here.url("nia", "CWARD"))
    await page.get_by_text("Who knows the bed plan?").hover()
    await page.get_by_role("link", name="Reply in a thread").click()
    await page.get_by_role("textbox", name="Reply").fill("I do.")
    await page.get_by_role("textbox", name="Reply").press("Enter")
    await expect(page.get_by_role("complementary", name="Thread").get_by_text("I do.")).to_be_visible()
    await expect(page.get_by_role("link", name="1 reply")).to_be_visible()
    await shot(page, "thread")


async def test_shortcuts_start_from_the_composer_and_from_a_message(here: Place, page: Page) -> None:
    said = here.ward.say(here.ward.room, "UTOM", "We could call at two.")
    await page.goto(here.url("nia", "CWARD"))
    await page.locator("main .composer summary").click()
    await page.get_by_role("button", name="Start a pulse").click()
    await page.get_by_text("We could call at two.").hover()
    await page.locator("summary", has_text="Shortcuts for the message by Tomas Lind").click()
    await page.get_by_role("button", name="Make it a commitment").click()
    started, committed = await here.app.hears(here.app.shortcuts, 2)
    assert started["callback_id"] == "start"
    assert (committed["callback_id"], committed["message_ts"]) == ("commit", said["ts"])


async def test_the_home_tab_is_opened_shown_and_changes_while_one_looks(here: Place, page: Page, shot: Shot) -> None:
    here.ward.publish_home("UNIA", [{"type": "header", "block_id": "h", "text": plain("Your pulses")}])
    await page.goto(here.url("nia", "home"))
    await expect(page.get_by_role("heading", name="Your pulses")).to_be_visible()
    here.ward.publish_home("UNIA", [{"type": "header", "block_id": "h", "text": plain("All answered")}])
    await expect(page.get_by_role("heading", name="All answered")).to_be_visible()
    await shot(page, "home")
    await page.get_by_role("navigation", name="Views of this app").get_by_role("link", name="Messages").click()
    await expect(page.get_by_role("heading", name="RC Pulse", level=1)).to_be_visible()


async def test_the_clock_moves_on_by_a_day_in_the_persons_own_time_zone(here: Place, page: Page) -> None:
    await page.goto(here.url("nia", "CWARD"))
    await expect(page.locator("#now")).to_contain_text("Tue, Mar 3, 2026, 12:00")
    await page.get_by_role("button", name="Move on by a day").click()
    await expect(page.locator("#now")).to_contain_text("Wed, Mar 4, 2026, 12:00")
    await page.goto(here.url("ada", "CWARD"))
    await expect(page.locator("#now")).to_contain_text("Wed, Mar 4, 2026, 1:00")


async def test_the_journal_shows_each_exchange_as_json(here: Place, page: Page, shot: Shot) -> None:
    ask(here)
    await page.goto(here.url("nia", "DNIA"))
    await page.get_by_role("button", name="Journal").click()
    await page.get_by_role("button", name="Too often", exact=True).click()
    entry = page.get_by_role("complementary", name="Journal").locator("summary", has_text="answer_4")
    await entry.first.click()
    await expect(page.get_by_role("complementary", name="Journal").locator("pre").first).to_contain_text('"answer_4"')
    await shot(page, "journal")


async def test_the_journal_keeps_its_open_entry_and_its_filter_while_more_arrives(here: Place, page: Page) -> None:
    await page.goto(here.url("nia", "CWARD"))
    await page.get_by_role("button", name="Journal").click()
    writing = page.get_by_role("combobox", name="Write a message")
    await writing.fill("/rc-report first")
    await writing.press("Enter")
    panel = page.get_by_role("complementary", name="Journal")
    await panel.locator("summary", has_text="/rc-report").click()
    await expect(panel.locator("pre:visible")).to_contain_text('"first"')
    await page.get_by_label("Filter the journal").fill("command")
    await writing.fill("/rc-setup second")
    await writing.press("Enter")
    await expect(panel.locator("summary:visible")).to_have_count(2)
    await expect(panel.locator("pre:visible")).to_contain_text('"first"')


async def test_a_fault_is_armed_listed_and_cleared(here: Place, page: Page, shot: Shot) -> None:
    await page.goto(here.url("nia", "CWARD"))
    await page.get_by_role("button", name="Faults").click()
    await page.get_by_label("What goes wrong").select_option("ratelimited")
    await page.get_by_label("Only for this method").fill("chat.postMessage")
    await page.get_by_role("button", name="Arm it").click()
    await expect(page.locator("#armed")).to_contain_text(
        "Too many calls (429): chat.postMessage, from call 1 on, once."
    )
    await shot(page, "faults")
    await page.get_by_role("button", name="Clear all").click()
    await expect(page.locator("#armed")).to_have_text("None: everything works.")


async def test_a_notice_shows_progress_and_goes_away(here: Place, page: Page, post: Post) -> None:
    await page.goto(here.url("nia", "CWARD"))
    await post(here, "/_sandbox/notice", {"text": "Playing twelve weeks of history…", "progress": 0.4})
    await expect(page.get_by_role("progressbar")).to_have_attribute("value", "0.4")
    await post(here, "/_sandbox/notice", {"text": "", "progress": None})
    await expect(page.get_by_role("progressbar")).to_have_count(0)


async def test_the_guide_leads_to_a_person_and_puts_the_command_into_the_composer(
    here: Place, page: Page, post: Post, shot: Shot
) -> None:
    ask(here)
    await page.goto(here.url("nia", "DNIA"))
    steps = [
        {"text": "Answer the pulse. Three taps are enough.", "user": "nia"},
        {
            "text": "Look at the figures as the team's lead.",
            "user": "ada",
            "channel": "ward-3",
            "command": "/rc-report",
        },
    ]
    await post(here, "/_sandbox/guide", {"title": "Five minutes with RC Pulse", "steps": steps})
    await page.get_by_role("checkbox", name="Done: step 1").check()
    await shot(page, "guide")
    await page.get_by_role("link", name="As Ada Moreau, Team lead").click()
    await expect(page.get_by_role("combobox", name="Write a message")).to_have_value("/rc-report")
    await expect(page).to_have_url(here.url("UADA", "CWARD", "?draft=%2Frc-report"))
    await expect(page.get_by_role("checkbox", name="Done: step 1")).to_be_checked()


async def test_one_becomes_somebody_else_by_searching_for_their_role(here: Place, page: Page, shot: Shot) -> None:
    await page.goto(here.url("nia", "CWARD"))
    await page.locator(".switcher summary").click()
    await page.get_by_role("searchbox", name="Find a person").fill("pharm")
    await shot(page, "people")
    await page.get_by_role("link", name="Tomas Lind Pharmacist", exact=True).click()
    await expect(page.locator(".switcher summary")).to_contain_text("Tomas Lind")


async def test_a_picture_opens_large_with_its_description_and_closes_by_keyboard(here: Place, page: Page) -> None:
    here.ward.say(here.ward.talk, here.ward.bot.bot_user_id, "Map", blocks=examples()["Image"])
    await page.goto(here.url("nia", "DNIA"))
    await page.get_by_role("button", name="A white speech bubble on green").click()
    dialog = page.get_by_role("dialog", name="The sign")
    await expect(dialog.locator("p")).to_have_text("A white speech bubble on green")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


async def test_earlier_messages_are_fetched_on_demand(here: Place, page: Page) -> None:
    for number in range(70):
        here.ward.say(here.ward.room, "UTOM", f"Note {number}")
    await page.goto(here.url("nia", "CWARD"))
    await expect(page.get_by_text("Note 69")).to_be_in_viewport()
    await expect(page.get_by_text("Note 5", exact=True)).to_have_count(0)
    await page.get_by_role("button", name="Show earlier messages (10)").click()
    await expect(page.get_by_text("Note 5", exact=True)).to_have_count(1)
