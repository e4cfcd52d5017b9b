from __future__ import annotations

from bot.core.messages import Reminder
from bot.services import my_data
from bot.slack.blocks.kit import actions, button
from bot.slack.ids import Later, NotNow, OptIn, ShowQuestion, TapAnswer
from tests.slack.floor import Floor, Json, buttons, texts

NURSE = "UNUR0"


async def _pulse_message(floor: Floor, user: str = NURSE) -> Json:
    await floor.open_round()
    return await floor.send(user, await floor.stage.pulse_of(user))


async def test_a_pulse_is_answered_tap_by_tap_in_one_message(floor: Floor) -> None:
    message = await _pulse_message(floor)
    ask = (await floor.stage.pulse_of(NURSE)).ask
    for position in range(3):
        outcome = await floor.click(NURSE, TapAnswer(ask, position, 4), message)
        assert outcome["acked"]

    (shown,) = await floor.dms(NURSE)
    data = await my_data.my_data(floor.stage.deps, floor.stage.ws, NURSE)
    assert "Thank you" in texts(shown)
    assert "Stored:" in texts(shown)
    assert [answer["option"] for answer in data["open_answers"]] == [4, 4, 4]


async def test_the_first_message_states_the_rule_before_anything_is_answered(floor: Floor) -> None:
    message = await _pulse_message(floor)

    told = texts(message)
    assert "confidential" in told
    assert "from 5 people on" in told
    assert "answers are deleted" in told
    assert message["text"]


async def test_the_buttons_of_a_pulse_are_told_apart(floor: Floor) -> None:
    message = await _pulse_message(floor)

    ids = [one["action_id"] for one in buttons(message)]
    assert len(ids) == len(set(ids)) == 7


async def test_a_change_of_mind_counts_and_what_was_chosen_is_never_shown(floor: Floor) -> None:
    message = await _pulse_message(floor)
    ask = (await floor.stage.pulse_of(NURSE)).ask
    await floor.click(NURSE, TapAnswer(ask, 0, 2), message)
    await floor.click(NURSE, ShowQuestion(ask, 0), message)
    (shown,) = await floor.dms(NURSE)
    assert not any("style" in one for one in buttons(shown))

    await floor.click(NURSE, TapAnswer(ask, 0, 5), message)
    data = await my_data.my_data(floor.stage.deps, floor.stage.ws, NURSE)
    assert [answer["option"] for answer in data["open_answers"]] == [5]


async def test_i_do_not_work_with_them_is_an_answer(floor: Floor) -> None:
    message = await _pulse_message(floor)
    ask = (await floor.stage.pulse_of(NURSE)).ask
    await floor.click(NURSE, TapAnswer(ask, 0, None), message)

    data = await my_data.my_data(floor.stage.deps, floor.stage.ws, NURSE)
    assert [answer["option"] for answer in data["open_answers"]] == [None]


async def test_somebody_elses_pulse_is_not_stored_and_said_so(floor: Floor) -> None:
    await floor.open_round()
    ask = (await floor.stage.pulse_of(NURSE)).ask
    mine = await floor.send("UNUR1", await floor.stage.pulse_of("UNUR1"))
    forged = await floor.slack.desk.client.chat_postMessage(
        channel=await floor.dm("UNUR1"), text="…", blocks=_forged(TapAnswer(ask, 0, 1))
    )
    outcome = await floor.click("UNUR1", TapAnswer(ask, 0, 1), {"ts": forged["ts"]})

    data = await my_data.my_data(floor.stage.deps, floor.stage.ws, NURSE)
    assert outcome["acked"]
    assert mine["ts"] != forged["ts"]
    assert data["open_answers"] == []
    assert "belongs to somebody else" in texts((await floor.dms("UNUR1"))[-1])


def _forged(action: TapAnswer) -> list[Json]:
    return [actions(button("Far too much", action))]


async def test_a_tap_on_a_closed_round_stores_nothing_and_repairs_the_message(floor: Floor) -> None:
    message = await _pulse_message(floor)
    ask = (await floor.stage.pulse_of(NURSE)).ask
    await floor.stage.clock.advance(days=3)
    await floor.click(NURSE, TapAnswer(ask, 0, 1), message)

    repaired, told = await floor.dms(NURSE)
    assert "This round has closed" in texts(repaired)
    assert not any(block["type"] == "actions" for block in repaired["blocks"])
    assert "your tap was not stored" in texts(told)


async def test_an_option_that_no_longer_exists_shows_the_question_again(floor: Floor) -> None:
    await floor.open_round()
    ask = (await floor.stage.pulse_of(NURSE)).ask
    old = await floor.slack.desk.client.chat_postMessage(
        channel=await floor.dm(NURSE), text="…", blocks=_forged(TapAnswer(ask, 0, 9))
    )
    outcome = await floor.click(NURSE, TapAnswer(ask, 0, 9), {"ts": old["ts"]})

    (shown,) = await floor.dms(NURSE)
    assert outcome["acked"]
    assert "1 of 3" in texts(shown)


async def test_not_now_waits_until_monday_morning_on_the_persons_own_clock(floor: Floor) -> None:
    message = await _pulse_message(floor)
    ask = (await floor.stage.pulse_of(NURSE)).ask
    await floor.click(NURSE, NotNow(ask), message, selected=Later.HOUR.value)
    later = (await floor.dms(NURSE))[-1]
    await floor.click(NURSE, NotNow(ask), message, selected=Later.MONDAY.value)
    monday = (await floor.dms(NURSE))[-1]

    assert "I'll ask again" in texts(later)
    assert "closes before then" in texts(monday)


async def test_stop_asking_me_is_as_easy_as_coming_back(floor: Floor) -> None:
    message = await _pulse_message(floor)
    ask = (await floor.stage.pulse_of(NURSE)).ask
    await floor.click(NURSE, NotNow(ask), message, selected=Later.STOP.value)
    (stopped,) = await floor.dms(NURSE)
    assert "I won't ask you again" in texts(stopped)

    await floor.click(NURSE, OptIn(), stopped)
    assert "Welcome back" in texts((await floor.dms(NURSE))[-1])


async def test_a_reminder_opens_the_pulse_where_the_person_stands(floor: Floor) -> None:
    await floor.open_round()
    pulse = await floor.stage.pulse_of(NURSE)
    await floor.stage.answer(NURSE, only=1)
    reminder = Reminder(pulse.ask, pulse.team, 2, pulse.closes_at)
    message = await floor.send(NURSE, reminder)
    await floor.click(NURSE, ShowQuestion(pulse.ask, None), message)

    (shown,) = await floor.dms(NURSE)
    assert "2 of 3" in texts(shown)


async def test_the_command_brings_what_is_open_and_says_so_when_nothing_is(floor: Floor) -> None:
    await floor.command(NURSE, "/rc-pulse")
    assert "Nothing is open" in texts((await floor.seen(NURSE))[-1])

    await floor.open_round()
    await floor.command(NURSE, "/rc-pulse")
    assert "1 of 3" in texts((await floor.dms(NURSE))[-1])
