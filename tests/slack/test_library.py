from __future__ import annotations

from dataclasses import replace

from bot.sandbox.blockkit import check_message, check_view
from bot.services import library
from bot.services.library import IDEAS, Origin
from bot.slack.blocks import library as blocks
from bot.slack.ids import AddIdea, EditEntry, Field, Form, SwitchOff
from bot.slack.words import Words
from tests.cast import words
from tests.slack.floor import Floor, Json, texts

COACH, LEAD = "UCOACH", "ULEAD"
IDEA = "timely.half_news"


async def _shelf(floor: Floor) -> Json:
    """The ideas, as the coach has opened them."""
    await floor.command(COACH, "/rc-library")
    menu = (await floor.seen(COACH))[-1]
    await floor.act_in("C1", COACH, Field(Form.LIBRARY, "shelf"), menu, selected=IDEAS)
    return (await floor.seen(COACH))[-1]


async def test_a_coach_opens_an_entry_and_says_it_in_other_words(floor: Floor) -> None:
    shelf = await _shelf(floor)
    await floor.act_in("C1", COACH, EditEntry(IDEA), shelf)
    form = await floor.view(COACH)
    refused = await floor.submit(COACH, form, action="Tell {{ somebody }}.", why="Because.")
    assert "action" in refused["response"]["errors"]
    await floor.submit(COACH, form, action="Say what you know already.", why="Because.")

    found = await library.entry(floor.stage.deps, floor.stage.ws, COACH, IDEA)
    assert (found.origin, found.words["action"]) == (Origin.REWORDED, "Say what you know already.")


async def test_an_entry_is_switched_off_in_its_own_form(floor: Floor) -> None:
    shelf = await _shelf(floor)
    await floor.act_in("C1", COACH, EditEntry(IDEA), shelf)
    await floor.press(COACH, await floor.view(COACH), SwitchOff(IDEA))

    assert "Switched off" in texts(await floor.view(COACH))
    assert (await library.entry(floor.stage.deps, floor.stage.ws, COACH, IDEA)).origin is Origin.OFF


async def test_a_coach_adds_an_idea_of_their_own(floor: Floor) -> None:
    await floor.command(COACH, "/rc-library")
    await floor.act_in("C1", COACH, AddIdea(), (await floor.seen(COACH))[-1])
    form = await floor.view(COACH)
    asked = {"dimension": "timely", "side": "both", "action": "Call first.", "why": "It is quick."}
    refused = await floor.submit(COACH, form, **asked, minutes="90")
    assert "minutes" in refused["response"]["errors"]
    await floor.submit(COACH, form, **asked, minutes="5")

    shelf = await library.shelf(floor.stage.deps, floor.stage.ws, COACH, IDEAS)
    assert shelf[-1].words["action"] == "Call first."


async def test_the_library_is_closed_to_others(floor: Floor) -> None:
    await floor.command(LEAD, "/rc-library")
    assert "The library" not in texts((await floor.seen(LEAD))[-1])


async def test_every_shelf_and_form_is_what_slack_takes(floor: Floor) -> None:
    ours = Words(words())
    for name in (IDEAS, library.HUDDLES, *(book.id for book in words().playbooks)):
        entries = await library.shelf(floor.stage.deps, floor.stage.ws, COACH, name)
        assert check_message(blocks.shelf(entries, ours).blocks) == []
        for origin in Origin:
            assert check_view(blocks.entry(replace(entries[0], origin=origin), ours), "modal") == []
    assert check_view(blocks.new_idea(ours), "modal") == check_view(blocks.new_prompt(ours), "modal") == []
