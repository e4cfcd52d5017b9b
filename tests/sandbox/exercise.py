"""One walk through everything the sandbox can say: each method, event and interaction, well used and badly used."""

from datetime import timedelta
from typing import Any

from bot.sandbox.web.specs import SPECS
from tests.sandbox.desk import Desk, Json, actions, button, field_block, modal, section
from tests.sandbox.listener import Listener

GIF = b"GIF89a" + (176).to_bytes(2, "little") + (226).to_bytes(2, "little") + b"\0" * 20


async def walk_everywhere(desk: Desk, listener: Listener) -> None:
    """Leaves its trace in the journal: that is what conformance tests read."""
    ada = desk.id_of("ada")
    await desk.patch(f"channels/{desk.channel()}", add=[desk.sandbox.bot.bot_user_id])
    await _about_the_workspace(desk)
    direct = await _conversations(desk, ada)
    message = await _messages(desk, direct, ada)
    await _threads_and_schedules(desk, direct, message)
    await _files(desk, direct)
    await _interactions(desk, listener, direct, message)
    await _administration(desk)
    await _refusals(desk)
    await _installations(desk)
    await desk.settled()


async def _about_the_workspace(desk: Desk) -> None:
    ada, app_token = desk.id_of("ada"), desk.sandbox.app.app_token
    await desk.call("api.test", token="")
    await desk.call("auth.test")
    await desk.call("apps.connections.open", token=app_token)
    await desk.call("team.info")
    await desk.call("bots.info", bot=desk.sandbox.bot.bot_id)
    await desk.call("users.list", limit=2)
    await desk.call("users.info", user=ada, include_locale=True)
    await desk.call("users.lookupByEmail", email="ada@sandbox.example")
    await desk.call("users.profile.get", user=ada)
    await desk.call("users.getPresence", user=ada)
    await desk.call("users.conversations", user=ada)
    await desk.call("dnd.info", user=ada)
    await desk.call("dnd.teamInfo", users=ada)
    await desk.call("usergroups.list", include_users=True, include_count=True)
    group = next(iter(desk.sandbox.world.usergroups))
    await desk.call("usergroups.users.list", usergroup=group)
    await desk.call("bookmarks.list", channel_id=desk.channel())
    await desk.call("blocks.validate", blocks=[section("fine")])


async def _conversations(desk: Desk, ada: str) -> str:
    channel = desk.channel()
    await desk.call("conversations.list", limit=1, types="public_channel,private_channel,im,mpim")
    await desk.call("conversations.info", channel=channel, include_num_members=True)
    await desk.call("conversations.members", channel=channel)
    made = await desk.call("conversations.create", name="made-by-bot")
    await desk.call("conversations.invite", channel=made["channel"]["id"], users=ada)
    await desk.call("conversations.join", channel=channel)
    direct = str((await desk.call("conversations.open", users=ada, return_im=True))["channel"]["id"])
    await desk.call("conversations.info", channel=direct)
    await desk.call("conversations.close", channel=direct)
    await desk.call("conversations.open", users=ada)
    await desk.call("conversations.list", types="im")
    return direct


async def _messages(desk: Desk, direct: str, ada: str) -> str:
    metadata = {"event_type": "kind", "event_payload": {"number": 1}}
    blocks = [section("hello"), actions(button("press"))]
    posted = await desk.call("chat.postMessage", channel=direct, text="hello", blocks=blocks, metadata=metadata)
    ts = str(posted["ts"])
    attachments = [{"text": "an attachment", "fallback": "an attachment"}]
    await desk.call("chat.postMessage", channel=direct, text="more", attachments=attachments, username="another")
    await desk.call("chat.update", channel=direct, ts=ts, text="changed")
    await desk.call("chat.postEphemeral", channel=desk.channel(), user=ada, text="between us")
    await desk.call("chat.getPermalink", channel=direct, message_ts=ts)
    await desk.call("reactions.add", channel=direct, timestamp=ts, name="thumbsup")
    await desk.call("reactions.get", channel=direct, timestamp=ts)
    await desk.call("conversations.history", channel=direct, include_all_metadata=True, limit=1)
    await desk.call("reactions.remove", channel=direct, timestamp=ts, name="thumbsup")
    await desk.call("pins.add", channel=direct, timestamp=ts)
    await desk.call("pins.remove", channel=direct, timestamp=ts)
    gone = await desk.call("chat.postMessage", channel=direct, text="gone soon")
    await desk.call("chat.delete", channel=direct, ts=gone["ts"])
    await desk.post("messages", user="ada", channel=direct, text="a person speaks")
    bot = desk.sandbox.bot.bot_user_id
    await desk.post("messages", user="ada", channel="general", text=f"<@{bot}> are you there?")
    return ts


async def _threads_and_schedules(desk: Desk, direct: str, ts: str) -> None:
    await desk.call("chat.postMessage", channel=direct, text="a reply", thread_ts=ts)
    await desk.call("chat.postMessage", channel=direct, text="a loud reply", thread_ts=ts, reply_broadcast=True)
    await desk.call("conversations.replies", channel=direct, ts=ts, limit=1)
    soon = int((desk.sandbox.world.clock.now() + timedelta(hours=1)).timestamp())
    held = await desk.call(
        "chat.scheduleMessage", channel=direct, text="later", post_at=soon, attachments=[{"text": "x", "fallback": "x"}]
    )
    await desk.call("chat.scheduledMessages.list", channel=direct)
    await desk.call("chat.deleteScheduledMessage", channel=direct, scheduled_message_id=held["scheduled_message_id"])
    stream = await desk.call("chat.startStream", channel=direct, markdown_text="one ")
    await desk.call("chat.appendStream", channel=direct, ts=stream["ts"], markdown_text="two")
    await desk.call("chat.stopStream", channel=direct, ts=stream["ts"])
    await desk.call("assistant.threads.setStatus", channel_id=direct, thread_ts=ts, status="thinking")
    await desk.call("assistant.threads.setTitle", channel_id=direct, thread_ts=ts, title="A title")
    prompts = [{"title": "Ask", "message": "What now?"}]
    await desk.call("assistant.threads.setSuggestedPrompts", channel_id=direct, thread_ts=ts, prompts=prompts)


async def _files(desk: Desk, direct: str) -> None:
    shared = [await upload(desk, "tedair.gif", GIF, channel) for channel in (direct, desk.channel())]
    await desk.settled()  # sharing happens a little later
    await desk.call("files.info", file=shared[1])
    await desk.call("files.list")
    await desk.call("conversations.history", channel=direct, limit=1)
    await desk.call("files.delete", file=shared[0])


async def upload(desk: Desk, name: str, content: bytes, channel: str) -> str:
    announced = await desk.call("files.getUploadURLExternal", filename=name, length=len(content))
    async with desk.http.post(announced["upload_url"], data=content) as answer:
        assert answer.status == 200
    entry = {"id": announced["file_id"], "title": name}
    await desk.call("files.completeUploadExternal", files=[entry], channel_id=channel, initial_comment="look")
    return str(announced["file_id"])


async def _interactions(desk: Desk, listener: Listener, direct: str, ts: str) -> None:
    menu = {
        "type": "static_select",
        "action_id": "menu",
        "placeholder": {"type": "plain_text", "text": "Choose"},
        "options": [{"text": {"type": "plain_text", "text": "One"}, "value": "1"}],
    }
    blocks = [actions(button("press"), menu)]
    posted = await desk.call("chat.postMessage", channel=direct, text="press", blocks=blocks)
    place = {"user": "ada", "channel": direct, "message_ts": posted["ts"]}
    await desk.post("actions", **place, action_id="press")
    await desk.post("actions", **place, action_id="menu", selected="1")
    await desk.post("shortcuts", user="ada", channel=direct, message_ts=ts, callback_id="greet_back")
    await desk.post("commands", user="ada", channel=direct, command="/hello", text="there")
    trigger = listener.frames[-1]["payload"]["trigger_id"]
    view = modal(field_block(), actions(button("in_view"), block_id="x"), notify_on_close=True, external_id="mine")
    opened = await desk.call("views.open", trigger_id=trigger, view=view)
    view_id = opened["view"]["id"]
    await desk.post("actions", user="ada", view_id=view_id, action_id="in_view")
    trigger = listener.frames[-1]["payload"]["trigger_id"]
    pushed = await desk.call("views.push", trigger_id=trigger, view=modal(field_block(), notify_on_close=True))
    await desk.call("views.update", view_id=view_id, view=modal(field_block(), notify_on_close=True))
    await desk.post(f"views/{pushed['view']['id']}/submit", user="ada", values={"b": {"a": "said"}})
    await desk.post(f"views/{view_id}/close", user="ada")
    home = {"type": "home", "blocks": [section("home"), actions(button("at_home"))]}
    shown = await desk.call("views.publish", user_id=desk.id_of("ada"), view=home)
    await desk.post("home/ada/open")
    await desk.post("actions", user="ada", view_id=shown["view"]["id"], action_id="at_home")


async def _administration(desk: Desk) -> None:
    await desk.post("users", name="dora", real_name="Dora Lind", email="dora@sandbox.example")
    await desk.patch("users/dora", title="Nurse", dnd={"dnd_enabled": True})
    made = await desk.post("channels", name="ward", members=["ada", "ben"])
    await desk.patch(f"channels/{made['channel']['id']}", add=["chen"], remove=["ben"], name="ward-3", archived=True)
    group = await desk.post("usergroups", handle="nurses", members=["ada"])
    await desk.patch(f"usergroups/{group['usergroup']['id']}", members=["ben"], disabled=True)


async def _refusals(desk: Desk) -> None:
    """Every method without a token, with a wrong one, without arguments, with senseless ones."""
    nonsense: Json = {"channel": "C0NOTHERE", "channel_id": "C0NOTHERE", "ts": "1.1", "timestamp": "1.1", "user": "U0"}
    nonsense |= {"file": "F0", "view_id": "V0", "trigger_id": "1.2.3", "usergroup": "S0", "users": "U0", "email": "x"}
    nonsense |= {"message_ts": "1.1", "thread_ts": "1.1", "name": "no!", "length": 1, "filename": "x", "files": []}
    nonsense |= {"post_at": 1, "scheduled_message_id": "Q0", "text": "x", "cursor": "!", "view": {"type": "modal"}}
    nonsense |= {"client_id": "0", "client_secret": "0", "code": "0", "bot": "B0", "team": "T0", "types": "nothing"}
    nonsense |= {"user_id": "U0", "status": "x", "title": "x", "prompts": [], "markdown_text": "x", "blocks": "{"}
    for method in SPECS:
        if method in {"auth.revoke", "apps.uninstall"}:
            continue
        await desk.call(method, token="")
        await desk.call(method, token="xoxb-unknown")
        await desk.call(method, token=desk.sandbox.app.app_token)
        await desk.call(method)
        await desk.call(method, **nonsense)
    await desk.call("apps.uninstall")
    await desk.call("apps.uninstall", client_id="0", client_secret="0")


async def _installations(desk: Desk) -> None:
    app = desk.sandbox.app
    query = {
        "client_id": app.client_id,
        "scope": "chat:write",
        "user_scope": "chat:write",
        "redirect_uri": "http://127.0.0.1:9/done",
    }
    form = {"user": desk.id_of("ben"), "decision": "allow"}
    page = f"{desk.sandbox.base_url}/oauth/v2/authorize"
    async with desk.http.post(page, params=query, data=form, allow_redirects=False) as answer:
        code = answer.headers["Location"].partition("code=")[2]
    exchange: dict[str, Any] = {"client_id": app.client_id, "client_secret": app.client_secret, "code": code}
    await desk.call("oauth.v2.access", token="", **exchange)
    await desk.call("auth.revoke", test=True)
    await desk.call("auth.revoke")
    await desk.post(f"apps/{app.id}/install")
    await desk.call("apps.uninstall", client_id=app.client_id, client_secret=app.client_secret)
