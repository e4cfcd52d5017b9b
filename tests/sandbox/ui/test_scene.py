from datetime import timedelta

from bot.sandbox.faults import API_FAULTS, DELIVERY_FAULTS
from bot.sandbox.ui import scene
from bot.sandbox.ui.fault_words import FAULTS
from tests.sandbox.ui.rooms import NOON, QUESTION, ward


async def test_the_sidebar_groups_channels_people_and_apps_and_marks_where_one_is() -> None:
    here = ward()
    bar = scene.sidebar(here.world, here.nia(), "CWARD", scene.ReadMarks())
    assert [(entry.name, entry.is_current) for entry in bar.channels] == [("quiet", False), ("ward-3", True)]
    assert [(entry.name, entry.href) for entry in bar.apps] == [("RC Pulse", "/as/UNIA/DNIA")]


async def test_messages_of_others_are_unread_until_one_has_looked() -> None:
    here = ward()
    marks = scene.ReadMarks()
    assert marks.unread(here.world, "UNIA", here.room) == 0
    here.say(here.room, "UTOM", "Morning")
    newest = here.say(here.room, "UADA", "Morning all")
    here.say(here.room, "UNIA", "Hello")
    assert marks.unread(here.world, "UNIA", here.room) == 2
    marks.mark("UNIA", "CWARD", newest["ts"])
    assert marks.unread(here.world, "UNIA", here.room) == 0


async def test_what_is_older_than_a_day_at_the_first_look_counts_as_read() -> None:
    here = ward()
    here.say(here.room, "UTOM", "Long ago")
    here.world.clock.jump(NOON + timedelta(days=3))
    assert scene.ReadMarks().unread(here.world, "UNIA", here.room) == 0


async def test_an_ephemeral_message_is_in_one_persons_conversation_only() -> None:
    here = ward()
    here.whisper(here.room, "UNIA", "Preparing…")
    mine = scene.conversation(here.world, here.world.users["UNIA"], here.room)
    theirs = scene.conversation(here.world, here.world.users["UTOM"], here.room)
    assert [row.is_ephemeral for row in mine.rows] == [True]
    assert theirs.rows == []


async def test_a_row_keeps_its_version_until_something_visible_changes() -> None:
    here = ward()
    message = here.say(here.talk, here.bot.bot_user_id, "Question", blocks=QUESTION)
    [before] = scene.conversation(here.world, here.nia(), here.talk).rows
    [again] = scene.conversation(here.world, here.nia(), here.talk).rows
    message["blocks"] = QUESTION[:1]
    [after] = scene.conversation(here.world, here.nia(), here.talk).rows
    assert before.version == again.version != after.version


async def test_messages_close_together_are_grouped_and_days_are_divided() -> None:
    here = ward()
    here.say(here.room, "UTOM", "one")
    here.say(here.room, "UTOM", "two")
    here.world.clock.jump(NOON + timedelta(minutes=20))
    here.say(here.room, "UTOM", "three")
    here.world.clock.jump(NOON + timedelta(days=1))
    here.say(here.room, "UTOM", "four")
    drawn = scene.conversation(here.world, here.nia(), here.room).rows
    assert [row.follows for row in drawn] == [False, True, False, False]
    assert [row.day for row in drawn] == ["Yesterday", None, None, "Today"]


async def test_times_are_those_of_the_person_who_looks() -> None:
    here = ward()
    here.say(here.room, "UTOM", "noon")
    times = [
        scene.conversation(here.world, here.world.users[user], here.room).rows[0].time for user in ("UNIA", "UADA")
    ]
    assert times == ["12:00 PM", "1:00 PM"]


async def test_only_people_who_are_there_can_be_played() -> None:
    here = ward()
    assert [entry.name for entry in scene.people(here.world, here.nia())] == ["Nia Reyes", "Tomas Lind", "Ada Moreau"]


async def test_the_uppermost_modal_is_shown_with_its_depth_and_what_went_wrong() -> None:
    here = ward()
    here.open_modal("UNIA", {"title": {"text": "First"}, "blocks": []})
    second = here.open_modal("UNIA", {"title": {"text": "Second"}, "blocks": []})
    second.errors[""] = "We had some trouble connecting."
    shown = scene.modal(here.world, here.nia())
    assert shown is not None
    assert (shown.title, shown.depth, shown.error) == ("Second", 2, "We had some trouble connecting.")


def test_the_tray_has_words_for_every_fault() -> None:
    assert FAULTS.keys() >= API_FAULTS | DELIVERY_FAULTS
