"""The Web API's manners: dialects, headers, credentials, scopes, cursors, and what was written reads back."""

import json
from typing import Any

import aiohttp
import pytest

from bot.sandbox import uploads
from tests.sandbox.desk import Desk, Json, button, section
from tests.sandbox.exercise import GIF, upload


@pytest.mark.parametrize("dialect", ["json", "form", "query"])
async def test_the_same_message_arrives_in_every_dialect(desk: Desk, dialect: str) -> None:
    direct = await desk.direct_message("ada")
    blocks = [section("hello"), {"type": "actions", "elements": [button("go")]}]
    metadata = {"event_type": "kind", "event_payload": {"n": 1}}
    as_text = {"channel": direct, "text": "hello", "blocks": json.dumps(blocks), "metadata": json.dumps(metadata)}
    dialects: dict[str, Json] = {
        "json": {"json": {"channel": direct, "text": "hello", "blocks": blocks, "metadata": metadata, "team_id": "T1"}},
        "form": {"data": as_text},
        "query": {"params": as_text},
    }
    sent = dialects[dialect]
    headers = {"Authorization": f"Bearer {desk.sandbox.bot.bot_token}"}
    async with desk.http.post(f"{desk.sandbox.api_url}chat.postMessage", headers=headers, **sent) as answer:
        assert (await answer.json())["ok"]
    history = await desk.call("conversations.history", channel=direct, include_all_metadata=True)
    read = history["messages"][0]
    assert (read["text"], read["metadata"], len(read["blocks"])) == ("hello", metadata, 2)
    assert read["blocks"][0]["text"]["text"] == "hello"


async def test_answers_carry_slacks_headers(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.sandbox.bot.bot_token}"}
    async with desk.http.get(f"{desk.sandbox.api_url}users.list", headers=headers) as answer:
        assert "users:read" in answer.headers["x-oauth-scopes"]
        assert answer.headers["x-accepted-oauth-scopes"] == "users:read"
        assert answer.headers["x-slack-req-id"]


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-nobody", "invalid_auth")],
)
async def test_a_call_without_a_good_token_is_refused(desk: Desk, token: str, error: str) -> None:
    assert (await desk.call("auth.test", token=token))["error"] == error


async def test_a_method_that_does_not_exist_is_unknown(desk: Desk) -> None:
    assert (await desk.call("admin.users.list"))["error"] == "unknown_method"


async def test_a_scope_that_was_not_granted_is_missing(desk: Desk) -> None:
    poor: Json = {
        "display_information": {"name": "Poor"},
        "oauth_config": {"scopes": {"bot": ["chat:write", "im:write"]}},
    }
    made = await desk.post("apps?install=true", **poor)
    refused = await desk.call("users.list", token=made["bot_token"])
    assert refused == {"ok": False, "error": "missing_scope", "needed": "users:read", "provided": "chat:write,im:write"}
    opened = await desk.call("conversations.open", token=made["bot_token"], users=desk.id_of("ada"))
    refused = await desk.call("conversations.history", token=made["bot_token"], channel=opened["channel"]["id"])
    assert refused["error"] == "missing_scope"


async def test_one_app_neither_sees_nor_changes_what_is_anothers(desk: Desk) -> None:
    direct = await desk.direct_message("ada")
    posted = await desk.call("chat.postMessage", channel=direct, text="ours")
    other = await desk.post("apps?install=true", **_manifest("Other"))
    theirs = other["bot_token"]
    refused = await desk.call("conversations.history", token=theirs, channel=direct)
    assert refused["error"] == "channel_not_found"
    await desk.patch(f"channels/{desk.channel()}", add=[desk.sandbox.bot.bot_user_id, other["bot_user_id"]])
    public = await desk.call("chat.postMessage", channel=desk.channel(), text="ours")
    for method, error in (("chat.update", "cant_update_message"), ("chat.delete", "cant_delete_message")):
        args = {"channel": desk.channel(), "ts": public["ts"], "text": "x"}
        assert (await desk.call(method, token=theirs, **args))["error"] == error
    assert posted["ok"]


def _manifest(name: str) -> Json:
    scopes = ["chat:write", "im:history", "channels:history", "channels:read"]
    return {"display_information": {"name": name}, "oauth_config": {"scopes": {"bot": scopes}}}


async def test_several_workspaces_keep_to_themselves(desk: Desk) -> None:
    made = await desk.post("workspaces", team={"name": "Second", "domain": "second"}, people=[{"name": "eve"}])
    installed = await desk.post(f"apps/{desk.sandbox.app.id}/install", team="second")
    theirs = next(one for one in installed["installations"] if one["team_id"] == made["team"]["id"])
    names = {one["name"] for one in (await desk.call("users.list", token=theirs["bot_token"]))["members"]}
    assert "eve" in names
    assert "ada" not in names
    refused = await desk.call("users.info", token=theirs["bot_token"], user=desk.id_of("ada"))
    assert refused["error"] == "user_not_found"


async def test_paging_shows_everybody_once_and_a_strange_cursor_is_refused(desk: Desk) -> None:
    for number in range(23):
        await desk.post("users", name=f"extra-{number}")
    seen, cursor = [], ""
    while True:
        page = await desk.call("users.list", limit=7, cursor=cursor)
        seen += [one["id"] for one in page["members"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert sorted(seen) == sorted(desk.sandbox.world.users)
    assert (await desk.call("users.list", limit=7, cursor="nonsense"))["error"] == "invalid_cursor"


async def test_history_is_newest_first_and_pages_back(desk: Desk) -> None:
    direct = await desk.direct_message("ada")
    stamps = [(await desk.call("chat.postMessage", channel=direct, text=f"{n}"))["ts"] for n in range(9)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = await desk.call("conversations.history", channel=direct, limit=4, cursor=cursor)
        seen += [one["ts"] for one in page["messages"]]
        if not page["has_more"]:
            break
        cursor = page["response_metadata"]["next_cursor"]
    assert seen == sorted(stamps, reverse=True)
    bounded = await desk.call("conversations.history", channel=direct, oldest=stamps[2], latest=stamps[5])
    assert [one["ts"] for one in bounded["messages"]] == [stamps[4], stamps[3]]
    both = await desk.call("conversations.history", channel=direct, oldest=stamps[2], latest=stamps[5], inclusive=True)
    assert [one["ts"] for one in both["messages"]] == [stamps[5], stamps[4], stamps[3], stamps[2]]


async def test_replies_stay_in_their_thread_unless_they_are_broadcast(desk: Desk) -> None:
    direct = await desk.direct_message("ada")
    root = (await desk.call("chat.postMessage", channel=direct, text="root"))["ts"]
    await desk.call("chat.postMessage", channel=direct, text="quiet", thread_ts=root)
    await desk.call("chat.postMessage", channel=direct, text="loud", thread_ts=root, reply_broadcast=True)
    history = [one["text"] for one in (await desk.call("conversations.history", channel=direct))["messages"]]
    thread = (await desk.call("conversations.replies", channel=direct, ts=root))["messages"]
    assert history == ["loud", "root"]
    assert [one["text"] for one in thread] == ["root", "quiet", "loud"]
    assert thread[0]["reply_count"] == 2


@pytest.mark.parametrize("wire", ["raw", "labelled as a form", "multipart"])
async def test_the_bytes_of_an_upload_may_come_in_three_ways(desk: Desk, wire: str) -> None:
    announced = await desk.call("files.getUploadURLExternal", filename="a.gif", length=len(GIF))
    sent: Json = {"data": GIF}
    if wire == "labelled as a form":
        sent["headers"] = {"Content-Type": "application/x-www-form-urlencoded"}
    elif wire == "multipart":
        form = aiohttp.FormData()
        form.add_field("file", GIF, filename="a.gif")
        sent = {"data": form}
    async with desk.http.post(announced["upload_url"], **sent) as answer:
        assert answer.status == 200
    assert desk.sandbox.world.files[announced["file_id"]].content == GIF


async def test_an_upload_is_shared_a_little_later_and_never_with_alt_txt(desk: Desk) -> None:
    direct = await desk.direct_message("ada")
    file = await upload(desk, "a.gif", GIF, direct)
    assert desk.sandbox.world.files[file].slack["shares"] == {}
    await desk.settled()
    shown = (await desk.call("files.info", file=file))["file"]
    assert list(shown["shares"]["private"]) == [direct]
    image = {"type": "image", "alt_text": "x", "slack_file": {"id": file}}
    assert (await desk.call("chat.postMessage", channel=direct, text="x", blocks=[image]))["ok"]
    described = await desk.call(
        "files.getUploadURLExternal", filename="b.gif", length=len(GIF), alt_txt="what it shows"
    )
    uploads.receive(desk.sandbox.world, desk.sandbox.world.files[described["file_id"]], GIF)
    await desk.call("files.completeUploadExternal", files=[{"id": described["file_id"]}], channel_id=direct)
    await desk.settled()
    assert (await desk.call("files.info", file=described["file_id"]))["file"]["shares"] == {}


async def test_scheduled_messages_come_when_their_time_comes_and_not_with_metadata(desk: Desk) -> None:
    direct = await desk.direct_message("ada")
    at = int(desk.sandbox.world.clock.timestamp()) + 600
    metadata = {"event_type": "kind", "event_payload": {}}
    await desk.call("chat.scheduleMessage", channel=direct, text="later", post_at=at)
    await desk.call("chat.scheduleMessage", channel=direct, text="dropped", post_at=at, metadata=metadata)
    await desk.post("clock", advance_seconds=599)
    assert (await desk.call("conversations.history", channel=direct))["messages"] == []
    await desk.post("clock", advance_seconds=2)
    assert [one["text"] for one in (await desk.call("conversations.history", channel=direct))["messages"]] == ["later"]


async def test_posting_to_a_person_opens_the_direct_message(desk: Desk) -> None:
    posted = await desk.call("chat.postMessage", channel=desk.id_of("ada"), text="hello")
    assert posted["channel"] == await desk.direct_message("ada")


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"blocks": "{no json"}, "invalid_blocks_format"),
        ({"text": "x", "metadata": {"event_type": 1}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "k", "event_payload": {"x": "y" * 9_000}}}, "metadata_too_large"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"text": "x", "thread_ts": "1.1"}, "cannot_reply_to_message"),
        ({"text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
    ],
)
async def test_a_message_slack_would_refuse_is_refused_with_its_code(desk: Desk, args: Any, error: str) -> None:
    direct = await desk.direct_message("ada")
    assert (await desk.call("chat.postMessage", channel=direct, **args))["error"] == error


async def test_free_plans_have_no_user_groups(desk: Desk) -> None:
    next(iter(desk.sandbox.world.workspaces.values())).paid = False
    assert (await desk.call("usergroups.list"))["error"] == "plan_upgrade_required"


async def test_blocks_can_be_validated_without_being_posted(desk: Desk) -> None:
    refused = await desk.call("blocks.validate", token="", blocks=[{"type": "header", "text": {"type": "plain_text"}}])
    assert refused["error"] == "invalid_blocks"
    assert refused["errors"] == [
        {
            "code": "required",
            "message": "missing required field: text",
            "pointer": "/blocks/0/text",
            "constraint": "text",
        },
    ]
    assert (await desk.call("blocks.validate", view={"type": "home", "blocks": []}))["ok"]
