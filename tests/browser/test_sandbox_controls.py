"""Every control of Block Kit in a real browser, in messages and in modals."""

import json

import pytest
from playwright.async_api import Page, expect

from bot.sandbox.ui.gallery import examples
from tests.browser.conftest import Shot
from tests.browser.office import FORM, Place
from tests.sandbox.ui.rooms import plain

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


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


async def test_a_second_modal_lies_on_the_first_which_keeps_what_was_entered(here: Place, page: Page) -> None:
    await page.goto(here.url("nia", "CWARD"))
    here.ward.open_modal("UNIA", FORM)
    await page.get_by_label("What was learned?").fill("They need the plan by one.")
    await page.get_by_label("Pharmacy").check()
    here.ward.open_modal("UNIA", {**FORM, "title": plain("One thing more"), "blocks": FORM["blocks"][1:2]})
    second = page.get_by_role("dialog", name="One thing more")
    await expect(second).to_contain_text("2 of up to 3")
    await second.get_by_role("button", name="Not now").click()
    await expect(page.get_by_role("dialog", name="What came of it?")).to_be_visible()
    await expect(page.get_by_label("What was learned?")).to_have_value("They need the plan by one.")
    await expect(page.get_by_label("Pharmacy")).to_be_checked()


async def test_an_update_of_a_modal_keeps_what_was_typed_and_shows_what_is_new(here: Place, page: Page) -> None:
    opened = here.ward.open_modal("UNIA", FORM)
    await page.goto(here.url("nia", "CWARD"))
    await page.get_by_label("What was learned?").fill("Half a sen")
    opened.slack |= {"hash": "2", "blocks": [*FORM["blocks"], {"type": "section", "text": plain("A line more.")}]}
    here.ward.world.feed.publish("view", user="UNIA", view=opened.id)
    await expect(page.get_by_text("A line more.")).to_be_visible()
    await expect(page.get_by_label("What was learned?")).to_have_value("Half a sen")
    await expect(page.get_by_label("What was learned?")).to_be_focused()


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


async def test_what_was_chosen_last_counts_however_fast_one_chooses(here: Place, page: Page) -> None:
    options = [{"text": plain(name), "value": name.lower()} for name in ("Yes", "Maybe", "No")]
    radio = {"type": "radio_buttons", "action_id": "r", "options": options}
    shown = here.ward.say(
        here.ward.talk,
        here.ward.bot.bot_user_id,
        "Coming?",
        blocks=[{"type": "actions", "block_id": "b", "elements": [radio]}],
    )
    await page.goto(here.url("nia", "DNIA"))
    await page.evaluate("for (const box of document.querySelectorAll('input[type=radio]')) box.click()")
    actions = await here.app.hears(here.app.actions, 3)
    assert [action["selected_option"]["value"] for action in actions] == ["yes", "maybe", "no"]
    entered = here.ward.world.entered["UNIA", "DNIA", shown["ts"]]
    assert entered["b"]["r"]["selected_option"]["value"] == "no"


async def test_a_field_of_a_message_that_asks_for_no_reports_makes_none(here: Place, page: Page) -> None:
    blocks = [FORM["blocks"][1], {**FORM["blocks"][1], "block_id": "heard", "dispatch_action": True}]
    here.ward.say(here.ward.talk, here.ward.bot.bot_user_id, "Days", blocks=blocks)
    await page.goto(here.url("nia", "DNIA"))
    for number, day in enumerate(("2026-05-01", "2026-05-02")):
        await page.get_by_label("By when").nth(number).fill(day)
    [action] = await here.app.hears(here.app.actions, 1)
    assert (action["block_id"], action["selected_date"]) == ("heard", "2026-05-02")


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
