from __future__ import annotations

import json

import pytest

from bot.services import home, people
from bot.slack.ids import EditWishes, ForgetMe, ShowMyData, ShowQuestion, TalkStep
from tests.slack.floor import Floor, buttons, texts

NURSE, COACH, LEAD = "UNUR0", "UCOACH", "ULEAD"


async def test_home_shows_staff_their_open_pulse_and_nothing_of_others(floor: Floor) -> None:
    await floor.open_round()
    view = await floor.open_home(NURSE)

    assert "A pulse is open" in texts(view)
    assert "Stop asking me" in texts(view)
    assert "Set up" not in texts(view)


async def test_home_shows_a_coach_their_teams_with_a_way_to_set_them_up(floor: Floor) -> None:
    await floor.stage.schedule()
    view = await floor.open_home(COACH)

    assert "Ward 3" in texts(view)
    assert "Next round on" in texts(view)
    assert "Set up" in texts(view)


async def test_home_of_a_stranger_says_that_there_is_nothing_to_do(floor: Floor) -> None:
    await floor.post("users", {"id": "UNEW", "name": "newcomer"})
    view = await floor.open_home("UNEW")

    assert "not on a team yet" in texts(view)


async def test_the_pulse_is_answered_from_home_in_the_direct_messages(floor: Floor) -> None:
    await floor.open_round()
    ask = (await floor.stage.pulse_of(NURSE)).ask
    view = await floor.open_home(NURSE)
    await floor.press(NURSE, view, ShowQuestion(ask, None))

    assert "1 of 3" in texts((await floor.dms(NURSE))[-1])


async def test_language_and_hour_are_the_persons_own_choice(floor: Floor) -> None:
    chosen = []
    for hour in ("14", "any"):
        await floor.press(NURSE, await floor.open_home(NURSE), EditWishes())
        await floor.submit(NURSE, await floor.view(NURSE), hour=hour)
        chosen.append((await people.wishes(floor.stage.deps, floor.stage.ws, NURSE)).hour)

    assert chosen == [14, None]


async def test_what_is_known_about_me_comes_to_me_alone_and_leaves_no_answer_with_slack(floor: Floor) -> None:
    await floor.open_round()
    await floor.stage.answer(NURSE)
    await floor.press(NURSE, await floor.open_home(NURSE), ShowMyData())
    (file,) = await floor.shares(NURSE, 1)
    stored = floor.sandbox.world.files[file["id"]].content

    assert stored is not None
    assert json.loads(stored)["open_answers"] == 3
    assert b"option" not in stored
    assert "finished 1" in texts(await floor.view(NURSE))


async def test_deleting_my_data_asks_first_and_then_does_it(floor: Floor) -> None:
    await floor.open_round()
    view = await floor.open_home(NURSE)
    (delete,) = [one for one in buttons(view) if one["action_id"] == "forget_me"]
    await floor.press(NURSE, view, ForgetMe())

    assert "confirm" in delete
    assert "Deleted." in texts((await floor.dms(NURSE))[-1])
    found = await home.home_for(floor.stage.deps, floor.stage.ws, NURSE)
    assert found is not None
    assert found.open_pulses == ()


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("help", "I can"),
        ("pulse", "1 of 3"),
        ("snooze until Monday", "closes before then"),
        ("stop", "I won't ask you again"),
        ("why do I get this", "Nurses (Ward 3)"),
        ("what do you know about me", "your name, your role"),
        ("I dread the call to pharmacy", "weighs most"),
        ("qwertz", "did not understand"),
    ],
)
async def test_what_people_write_is_understood_or_kindly_not(floor: Floor, written: str, told: str) -> None:
    await floor.open_round()
    said = await floor.write(NURSE, written)

    assert told in texts(said[0])


async def test_a_guided_conversation_goes_on_in_one_message(floor: Floor) -> None:
    (said,) = await floor.write(NURSE, "I dread the call to pharmacy")
    choice = buttons(said)[0]
    await floor.click(NURSE, choice["action_id"], said)

    shown = (await floor.dms(NURSE))[-1]
    assert shown["ts"] == said["ts"]
    assert texts(shown) != texts(said)


async def test_a_step_that_the_library_no_longer_has_is_stale(floor: Floor) -> None:
    (said,) = await floor.write(NURSE, "I dread the call to pharmacy")
    block = {"type": "actions", "elements": [{**buttons(said)[0], "action_id": "talk_step/gone/start"}]}
    old = await floor.slack.desk.client.chat_postMessage(channel=await floor.dm(NURSE), text="…", blocks=[block])
    await floor.click(NURSE, TalkStep("gone", "start"), {"ts": old["ts"]})

    assert "older message" in texts((await floor.dms(NURSE))[-1])


async def test_the_bot_does_not_answer_itself(floor: Floor) -> None:
    await floor.write(NURSE, "help")

    assert len(await floor.dms(NURSE)) == 2
