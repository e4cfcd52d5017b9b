"""What people do to apps, and what apps may do with it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.sandbox.limits import Limits
from bot.sandbox.pace import Pace
from bot.sandbox.server import Sandbox
from tests.sandbox.desk import Desk, Json, actions, button, field_block, modal, section
from tests.sandbox.listener import Listener


@pytest_asyncio.fixture
async def hasty() -> AsyncIterator[Desk]:
    """A sandbox whose real-time limits are a tenth of Slack's."""
    sandbox = await Sandbox.start(limits=Limits(enabled=False), pace=Pace(ack_seconds=0.2, trigger_seconds=0.1))
    async with aiohttp.ClientSession() as http:
        yield Desk(sandbox, http)
    await sandbox.stop()


async def trigger(desk: Desk, listener: Listener, user: str = "ada") -> str:
    await desk.post("commands", user=user, channel="general", command="/hello")
    return str(listener.frames[-1]["payload"]["trigger_id"])


async def posted(desk: Desk, **content: Any) -> tuple[str, str]:
    direct = await desk.direct_message("ada")
    answer = await desk.call("chat.postMessage", channel=direct, text="press", **content)
    assert answer["ok"], answer
    return direct, str(answer["ts"])


async def test_a_trigger_opens_one_view_and_no_second(desk: Desk, listener: Listener) -> None:
    key = await trigger(desk, listener)
    assert (await desk.call("views.open", trigger_id=key, view=modal()))["ok"]
    assert (await desk.call("views.open", trigger_id=key, view=modal()))["error"] == "exchanged_trigger_id"
    assert (await desk.call("views.open", trigger_id="1.2.3", view=modal()))["error"] == "invalid_trigger_id"


async def test_a_trigger_expires(hasty: Desk) -> None:
    async with Listener.connected(hasty) as listener:
        key = await trigger(hasty, listener)
        await asyncio.sleep(0.12)  # real time is what is tested
        assert (await hasty.call("views.open", trigger_id=key, view=modal()))["error"] == "expired_trigger_id"


async def test_an_app_that_says_nothing_in_time_is_reported_to_the_person(hasty: Desk) -> None:
    async with Listener.connected(hasty) as listener:
        listener.silent = True
        outcome = await hasty.post("commands", user="ada", channel="general", command="/hello")
    assert (outcome["acked"], outcome["status"]) == (False, None)
    shown = (await hasty.get(f"channels/{hasty.channel()}/messages"))["messages"][-1]
    assert shown["user"] == "USLACKBOT"
    assert "operation_timeout" in shown["text"]


async def test_a_command_nobody_declared_is_not_valid(desk: Desk) -> None:
    outcome = await desk.post("commands", user="ada", channel="general", command="/nothing")
    assert outcome["acked"] is False
    shown = (await desk.get(f"channels/{desk.channel()}/messages?user=ada"))["messages"]
    assert shown == [] or "not a valid command" in shown[-1]["text"]


async def test_what_an_acknowledgement_says_is_shown_to_one_person_or_to_all(desk: Desk, listener: Listener) -> None:
    for kind, is_ephemeral in (("ephemeral", True), ("in_channel", None)):
        listener.answer = lambda _frame, kind=kind: {"text": f"as {kind}", "response_type": kind}  # type: ignore[misc]  # a default binds it
        await desk.post("commands", user="ada", channel="general", command="/hello")
        shown = (await desk.get(f"channels/{desk.channel()}/messages"))["messages"][-1]
        assert (shown["text"], shown.get("is_ephemeral")) == (f"as {kind}", is_ephemeral)


async def test_a_press_tells_the_app_who_where_and_what(desk: Desk, listener: Listener) -> None:
    direct, ts = await posted(desk, blocks=[actions(button("go", "42"))])
    outcome = await desk.post("actions", user="ada", channel=direct, message_ts=ts, action_id="go")
    assert outcome["acked"] is True
    payload = listener.interactions("block_actions")[-1]
    assert payload["user"]["id"] == desk.id_of("ada")
    assert payload["container"] == {"type": "message", "message_ts": ts, "channel_id": direct, "is_ephemeral": False}
    assert (payload["actions"][0]["action_id"], payload["actions"][0]["value"]) == ("go", "42")


@pytest.mark.parametrize(
    ("element", "choice", "expected"),
    [
        ({"type": "datepicker"}, "2026-03-02", {"selected_date": "2026-03-02"}),
        ({"type": "timepicker"}, "09:30", {"selected_time": "09:30"}),
        ({"type": "datetimepicker"}, 1_767_261_600, {"selected_date_time": 1_767_261_600}),
        ({"type": "users_select"}, "U1", {"selected_user": "U1"}),
        ({"type": "multi_users_select"}, ["U1", "U2"], {"selected_users": ["U1", "U2"]}),
        ({"type": "conversations_select"}, "C1", {"selected_conversation": "C1"}),
        ({"type": "channels_select"}, "C1", {"selected_channel": "C1"}),
    ],
)
async def test_every_picker_reports_what_was_picked(
    desk: Desk, listener: Listener, element: Json, choice: Any, expected: Json
) -> None:
    direct, ts = await posted(desk, blocks=[actions({**element, "action_id": "pick"})])
    place: Json = {"user": "ada", "channel": direct, "message_ts": ts}
    await desk.post("actions", **place, action_id="pick", selected=choice)
    payload = listener.interactions("block_actions")[-1]
    assert payload["actions"][0].items() >= expected.items()
    assert payload["state"]["values"]["actions"]["pick"].items() >= expected.items()


async def test_a_choice_that_is_not_offered_cannot_be_made(desk: Desk, listener: Listener) -> None:
    options = [{"text": {"type": "plain_text", "text": "One"}, "value": "1"}]
    direct, ts = await posted(desk, blocks=[actions({"type": "static_select", "action_id": "m", "options": options})])
    place: Json = {"user": "ada", "channel": direct, "message_ts": ts}
    assert "no option" in (await desk.post("actions", 400, action_id="m", selected="2", **place))["error"]
    assert "no element" in (await desk.post("actions", 404, action_id="other", **place))["error"]
    assert listener.interactions("block_actions") == []


async def test_typing_ahead_asks_the_app_for_options(desk: Desk, listener: Listener) -> None:
    options = [{"text": {"type": "plain_text", "text": "Found"}, "value": "found"}]
    listener.answer = lambda _frame: {"options": options}
    direct, ts = await posted(desk, blocks=[actions({"type": "external_select", "action_id": "x"})])
    asked = await desk.post("options", user="ada", channel=direct, message_ts=ts, action_id="x", value="fo")
    assert asked["response"] == {"options": options}
    assert listener.interactions("block_suggestion")[-1]["value"] == "fo"


async def test_a_response_url_works_five_times_and_thirty_minutes(desk: Desk, listener: Listener) -> None:
    direct, ts = await posted(desk, blocks=[actions(button("go"))])
    urls = []
    for _ in range(2):
        await desk.post("actions", user="ada", channel=direct, message_ts=ts, action_id="go")
        urls.append(listener.interactions("block_actions")[-1]["response_url"])

    async def respond(url: str, **body: Any) -> tuple[int, Any]:
        async with desk.http.post(url, json=body) as answer:
            return answer.status, await answer.json()

    statuses = [(await respond(urls[0], text=f"{number}"))[0] for number in range(6)]
    assert statuses == [200] * 5 + [404]
    assert (await respond(urls[0], text="x"))[1]["error"] == "used_url"
    await desk.post("clock", advance_seconds=30 * 60 + 1)
    assert (await respond(urls[1], text="x"))[1]["error"] == "expired_url"


async def test_a_response_url_replaces_deletes_and_keeps_metadata(desk: Desk, listener: Listener) -> None:
    metadata = {"event_type": "kind", "event_payload": {"round": 1}}
    direct, ts = await posted(desk, blocks=[actions(button("go"))], metadata=metadata)
    await desk.post("actions", user="ada", channel=direct, message_ts=ts, action_id="go")
    url = listener.interactions("block_actions")[-1]["response_url"]
    async with desk.http.post(url, json={"replace_original": True, "text": "new", "blocks": [section("new")]}):
        pass
    history = await desk.call("conversations.history", channel=direct, include_all_metadata=True)
    assert (history["messages"][0]["text"], history["messages"][0]["metadata"]) == ("new", metadata)
    async with desk.http.post(url, json={"delete_original": True}):
        pass
    assert (await desk.call("conversations.history", channel=direct))["messages"] == []


async def test_three_views_fit_on_the_stack_and_no_fourth(desk: Desk, listener: Listener) -> None:
    view = modal(actions(button("more")))
    opened = await desk.call("views.open", trigger_id=await trigger(desk, listener), view=view)
    top, pushed = opened["view"], opened
    for expected in (True, True, False):
        await desk.post("actions", user="ada", view_id=top["id"], action_id="more")
        key = listener.interactions("block_actions")[-1]["trigger_id"]
        pushed = await desk.call("views.push", trigger_id=key, view=view)
        assert pushed["ok"] is expected, pushed
        if expected:
            assert (pushed["view"]["previous_view_id"], pushed["view"]["root_view_id"]) == (
                top["id"],
                opened["view"]["id"],
            )
            top = pushed["view"]
    assert pushed["error"] == "push_limit_reached"
    assert len((await desk.get("views?user=ada"))["views"]) == 3


@pytest.mark.parametrize(
    ("response", "left"),
    [
        (None, ["first"]),
        ({"response_action": "clear"}, []),
        ({"response_action": "update", "view": modal(callback_id="updated")}, ["first", "updated"]),
        ({"response_action": "push", "view": modal(callback_id="pushed")}, ["first", "second", "pushed"]),
        ({"response_action": "errors", "errors": {"b": "no"}}, ["first", "second"]),
    ],
)
async def test_a_submission_closes_clears_updates_pushes_or_shows_errors(
    desk: Desk, listener: Listener, response: Json | None, left: list[str]
) -> None:
    first = modal(actions(button("more")), callback_id="first")
    opened = await desk.call("views.open", trigger_id=await trigger(desk, listener), view=first)
    await desk.post("actions", user="ada", view_id=opened["view"]["id"], action_id="more")
    key = listener.interactions("block_actions")[-1]["trigger_id"]
    pushed = await desk.call("views.push", trigger_id=key, view=modal(field_block(), callback_id="second"))
    listener.answer = lambda _frame: response
    outcome = await desk.post(f"views/{pushed['view']['id']}/submit", user="ada", values={"b": {"a": "text"}})
    assert (outcome["acked"], outcome["response"]) == (True, response)
    submission = listener.interactions("view_submission")[-1]
    assert submission["view"]["state"]["values"]["b"]["a"] == {"type": "plain_text_input", "value": "text"}
    assert [view["callback_id"] for view in (await desk.get("views?user=ada"))["views"]] == left


async def test_a_required_field_left_empty_cannot_be_submitted(desk: Desk, listener: Listener) -> None:
    key = await trigger(desk, listener)
    view = (await desk.call("views.open", trigger_id=key, view=modal(field_block())))["view"]
    refused = await desk.post(f"views/{view['id']}/submit", status=400, user="ada", values={})
    assert "nothing entered in b" in refused["error"]
    assert "belongs to somebody else" in (await desk.post(f"views/{view['id']}/close", 403, user="ben"))["error"]


async def test_an_old_hash_does_not_overwrite_a_newer_view(desk: Desk, listener: Listener) -> None:
    key = await trigger(desk, listener)
    view = (await desk.call("views.open", trigger_id=key, view=modal(field_block())))["view"]
    await desk.call("views.update", view_id=view["id"], view=modal(field_block()), hash=view["hash"])
    stale = await desk.call("views.update", view_id=view["id"], view=modal(), hash=view["hash"])
    assert stale["error"] == "hash_conflict"
    home = {"type": "home", "blocks": [section("one")]}
    shown = (await desk.call("views.publish", user_id=desk.id_of("ada"), view=home))["view"]
    await desk.call("views.publish", user_id=desk.id_of("ada"), view=home, hash=shown["hash"])
    stale = await desk.call("views.publish", user_id=desk.id_of("ada"), view=home, hash=shown["hash"])
    assert stale["error"] == "hash_conflict"


async def test_an_update_keeps_what_was_entered_in_fields_that_stay(desk: Desk, listener: Listener) -> None:
    key = await trigger(desk, listener)
    dispatching = {**field_block(), "dispatch_action": True}
    view = (await desk.call("views.open", trigger_id=key, view=modal(dispatching)))["view"]
    await desk.post("actions", user="ada", view_id=view["id"], block_id="b", action_id="a", value="typed")
    await desk.call("views.update", view_id=view["id"], view=modal(field_block(), field_block("c", "d")))
    values = (await desk.get("views?user=ada"))["views"][0]["state"]["values"]
    assert (values["b"]["a"]["value"], values["c"]["d"]["value"]) == ("typed", None)


async def test_closing_tells_apps_that_asked_to_be_told(desk: Desk, listener: Listener) -> None:
    for notify in (False, True):
        key = await trigger(desk, listener)
        view = (await desk.call("views.open", trigger_id=key, view=modal(notify_on_close=notify)))["view"]
        await desk.post(f"views/{view['id']}/close", user="ada", clear=True)
        assert len(listener.interactions("view_closed")) == int(notify)
    assert listener.interactions("view_closed")[0]["is_cleared"] is True


async def test_an_ephemeral_message_is_seen_by_one_person_and_kept_out_of_history(desk: Desk) -> None:
    await desk.patch(f"channels/{desk.channel()}", add=[desk.sandbox.bot.bot_user_id])
    shown = await desk.call("chat.postEphemeral", channel=desk.channel(), user=desk.id_of("ada"), text="psst")
    for person, sees in (("ada", True), ("ben", False)):
        seen = (await desk.get(f"channels/{desk.channel()}/messages?user={desk.id_of(person)}"))["messages"]
        assert any(message["ts"] == shown["message_ts"] for message in seen) is sees
    history = await desk.call("conversations.history", channel=desk.channel())
    assert all(message["ts"] != shown["message_ts"] for message in history["messages"])


async def test_a_shortcut_from_a_message_carries_the_message(desk: Desk, listener: Listener) -> None:
    direct, ts = await posted(desk)
    await desk.post("shortcuts", user="ada", channel=direct, message_ts=ts, callback_id="greet_back")
    await desk.post("shortcuts", user="ada", callback_id="greet")
    assert listener.interactions("message_action")[0]["message"]["ts"] == ts
    assert listener.interactions("shortcut")[0]["callback_id"] == "greet"
    assert "No app declares" in (await desk.post("shortcuts", 404, user="ada", callback_id="none"))["error"]
