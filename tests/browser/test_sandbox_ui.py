"""The local Slack's page in a real browser, with a small app behind it that answers over signed HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import pytest
import pytest_asyncio
from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from bot.sandbox.manifest import with_request_url
from bot.sandbox.server import Sandbox
from bot.sandbox.ui.gallery import examples
from tests.browser.conftest import PHONE, NewPage, Shot
from tests.sandbox.ui.rooms import MANIFEST, NOON, QUESTION, SEED, Ward, marked, plain, ward

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
Answer = Callable[[dict[str, Any]], Any]


class Office:
    """An app that notes what it is told and answers as each test wishes (`answers`, by kind)."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.answers: dict[str, Answer] = {}
        self.url = ""
        self.news = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        form = parse_qs(await request.text(), keep_blank_values=True)
        if "payload" in form:
            told = json.loads(form["payload"][0])
        elif "command" in form:
            told = {"type": "command", **{key: values[0] for key, values in form.items()}}
        else:
            told = {"type": "event", **(await request.json())}
        self.heard.append(told)
        self.news.set()
        answer = self.answers.get(told["type"])
        result = answer(told) if answer else None
        if isinstance(result, int):
            return web.Response(status=result)
        return web.json_response(result) if result is not None else web.Response()

    def shortcuts(self) -> list[dict[str, Any]]:
        """The shortcuts taken, oldest first."""
        return [told for told in self.heard if told["type"] in {"shortcut", "message_action"}]

    def actions(self) -> list[dict[str, Any]]:
        """What was pressed or chosen, oldest first."""
        return [action for told in self.heard if told["type"] == "block_actions" for action in told["actions"]]

    async def hears(self, what: Callable[[], list[dict[str, Any]]], count: int) -> list[dict[str, Any]]:
        """What it was told of some kind, once there is so much."""
        async with asyncio.timeout(5):
            while len(what()) < count:
                self.news.clear()
                await self.news.wait()
        return what()


@dataclass
class Place:
    """The sandbox, the ward in it and the app."""

    sandbox: Sandbox
    ward: Ward
    app: Office

    def url(self, user: str, place: str, query: str = "") -> str:
        return f"{self.sandbox.base_url}/as/{user}/{place}{query}"


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


def ask(here: Place) -> dict[str, Any]:
    """The app asks Nia a question; her answer replaces it with thanks."""
    asked = here.ward.say(here.ward.talk, here.ward.bot.bot_user_id, "A question", blocks=QUESTION)

    def thank(_told: dict[str, Any]) -> None:
        asked["blocks"] = [{"type": "section", "block_id": "thanks", "text": marked("Thank you. *Stored.*")}]
        here.ward.world.changed_message(here.ward.talk, asked["ts"])

    here.app.answers["block_actions"] = thank
    return asked


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


FORM: dict[str, Any] = {
    "callback_id": "outcome",
    "title": plain("What came of it?"),
    "submit": plain("Record it"),
    "close": plain("Not now"),
    "private_metadata": "",
    "clear_on_close": False,
    "notify_on_close": False,
    "state": {"values": {}},
    "external_id": "",
    "blocks": [
        {
            "type": "input",
            "block_id": "learned",
            "label": plain("What was learned?"),
            "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
        },
        {
            "type": "input",
            "block_id": "by",
            "label": plain("By when"),
            "element": {"type": "datepicker", "action_id": "day", "initial_date": "2026-03-10"},
        },
        {
            "type": "input",
            "block_id": "owner",
            "label": plain("Owner"),
            "element": {"type": "multi_users_select", "action_id": "who"},
        },
        {
            "type": "input",
            "block_id": "roles",
            "optional": True,
            "label": plain("Who was there"),
            "element": {
                "type": "checkboxes",
                "action_id": "which",
                "options": [{"text": plain(name), "value": name.lower()} for name in ("Nurses", "Pharmacy")],
            },
        },
    ],
}


async def test_a_modal_asks_for_what_is_missing_shows_the_apps_errors_and_closes(
    here: Place, page: Page, shot: Shot
) -> None:
    here.app.answers["view_submission"] = lambda _told: {
        "response_action": "errors",
        "errors": {"by": "That is a holiday."},
    }
    await page.goto(here.url("nia", "CWARD"))
    here.ward.open_modal("UNIA", FORM)
    dialog = page.get_by_role("dialog", name="What came of it?")
    await expect(dialog.get_by_label("What was learned?")).to_be_focused()
    await dialog.get_by_role("button", name="Record it").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Please fill in this field.")
    await dialog.get_by_label("What was learned?").fill("They need the plan by one.")
    await dialog.locator("summary").click()
    await dialog.get_by_role("searchbox").fill("tomas")
    await dialog.get_by_text("Tomas Lind (Pharmacist)").click()
    await dialog.get_by_role("searchbox").press("Escape")
    await dialog.get_by_label("Pharmacy").check()
    await dialog.get_by_role("button", name="Record it").click()
    await expect(dialog.get_by_text("That is a holiday.")).to_be_visible()
    await expect(dialog.get_by_label("What was learned?")).to_have_value("They need the plan by one.")
    await shot(page, "modal-errors")
    values = here.app.heard[-1]["view"]["state"]["values"]
    assert values["learned"]["text"]["value"] == "They need the plan by one."
    assert values["by"]["day"]["selected_date"] == "2026-03-10"
    assert values["owner"]["who"]["selected_users"] == ["UTOM"]
    assert [option["value"] for option in values["roles"]["which"]["selected_options"]] == ["pharmacy"]
    here.app.answers["view_submission"] = lambda _told: None
    await dialog.get_by_role("button", name="Record it").click()
    await expect(dialog).to_have_count(0)


async def test_a_file_chosen_in_a_modal_is_uploaded_with_the_submission(here: Place, page: Page) -> None:
    chooser = {"type": "file_input", "action_id": "file", "max_files": 1}
    block = {"type": "input", "block_id": "picture", "label": plain("Picture"), "element": chooser}
    opened = here.ward.open_modal("UNIA", {**FORM, "blocks": [block]})
    await page.goto(here.url("nia", "CWARD"))
    await (
        page.get_by_role("dialog")
        .get_by_label("Picture")
        .set_input_files({"name": "map.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"})
    )
    await page.get_by_role("button", name="Record it").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    [file] = here.app.heard[-1]["view"]["state"]["values"]["picture"]["file"]["files"]
    assert (file["name"], file["mimetype"]) == ("map.png", "image/png")
    assert not opened.is_open


async def test_escape_closes_a_modal(here: Place, page: Page) -> None:
    here.ward.open_modal("UNIA", FORM)
    await page.goto(here.url("nia", "CWARD"))
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert not here.ward.world.open_views("UNIA")


async def test_every_control_of_a_message_reports_what_was_chosen(here: Place, page: Page) -> None:
    blocks = json.loads(json.dumps(examples()["Buttons and menus"]))
    for number, block in enumerate(blocks):
        block["block_id"] = f"block-{number}"
    here.ward.say(here.ward.talk, here.ward.bot.bot_user_id, "Controls", blocks=blocks)
    await page.goto(here.url("nia", "DNIA"))
    await page.get_by_role("button", name="Remove").click()
    await page.get_by_role("dialog", name="Remove it?").get_by_role("button", name="Keep").click()
    await page.get_by_role("button", name="Remove").click()
    await page.get_by_role("dialog", name="Remove it?").get_by_role("button", name="Remove").click()
    await page.get_by_label("More actions").click()
    await page.get_by_role("button", name="Snooze").click()
    await page.get_by_role("combobox", name="How often").select_option("monthly")
    await page.get_by_label("Datepicker").fill("2026-04-01")
    await page.get_by_label("Datetimepicker").fill("2026-07-01T09:30")
    await page.get_by_label("Not yet").check()
    await page.get_by_label("Send reminders").check()
    await page.locator("summary", has_text="Which days").click()
    await page.get_by_label("Tuesday").check()
    await page.keyboard.press("Escape")
    actions = await here.app.hears(here.app.actions, 8)
    told = {action["action_id"]: action for action in actions}
    assert [action["action_id"] for action in actions].count("go_remove") == 1
    assert told["more"]["selected_option"]["value"] == "snooze"
    assert told["cadence"]["selected_option"]["value"] == "monthly"
    assert told["on"]["selected_date"] == "2026-04-01"
    assert told["due"]["selected_date_time"] == 1782916200  # 09:30 in Chicago, summer time
    assert told["r"]["selected_option"]["value"] == "not_yet"
    assert [option["value"] for option in told["c"]["selected_options"]] == ["send_reminders"]
    assert [option["value"] for option in told["days"]["selected_options"]] == ["tuesday"]


async def test_an_external_list_asks_the_app_while_one_types(here: Place, page: Page) -> None:
    menu = {
        "type": "external_select",
        "action_id": "case",
        "min_query_length": 1,
        "placeholder": plain("Search cases"),
    }
    blocks = [{"type": "actions", "block_id": "b", "elements": [menu]}]
    here.ward.say(here.ward.talk, here.ward.bot.bot_user_id, "Choose", blocks=blocks)
    here.app.answers["block_suggestion"] = lambda told: {
        "options": [{"text": plain(f"Case {told['value']}"), "value": "c1"}]
    }
    await page.goto(here.url("nia", "DNIA"))
    await page.locator("summary", has_text="Search cases").click()
    await page.get_by_role("searchbox").fill("beds")
    await page.get_by_label("Case beds").check()
    [action] = await here.app.hears(here.app.actions, 1)
    assert action["selected_option"]["value"] == "c1"


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


async def test_a_notice_shows_progress_and_goes_away(here: Place, page: Page, post: "Post") -> None:
    await page.goto(here.url("nia", "CWARD"))
    await post(here, "/_sandbox/notice", {"text": "Playing twelve weeks of history…", "progress": 0.4})
    await expect(page.get_by_role("progressbar")).to_have_attribute("value", "0.4")
    await post(here, "/_sandbox/notice", {"text": "", "progress": None})
    await expect(page.get_by_role("progressbar")).to_have_count(0)


async def test_the_guide_leads_to_a_person_and_puts_the_command_into_the_composer(
    here: Place, page: Page, post: "Post", shot: Shot
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


Post = Callable[[Place, str, dict[str, Any]], Awaitable[None]]


@pytest.fixture
def post(new_page: NewPage) -> Post:
    """Whoever runs the sandbox posts something."""

    async def send(here: Place, path: str, body: dict[str, Any]) -> None:
        window = await new_page()
        answer = await window.request.post(f"{here.sandbox.base_url}{path}", data=body)
        assert answer.ok, await answer.text()

    return send


async def audit(page: Page) -> None:
    """axe finds nothing serious or critical."""
    found = await Axe().run(page)
    grave = [rule for rule in found.response["violations"] if rule["impact"] in {"serious", "critical"}]
    words = [f"{rule['id']}: {[node['html'][:160] for node in rule['nodes']][:4]}" for rule in grave]
    assert not grave, "\n".join(words)
