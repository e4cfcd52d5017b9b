"""How a world comes to be: seeds, manifests, installations, saved states, the program itself."""

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import snapshot
from bot.sandbox.manifest import ManifestError, read_manifest
from bot.sandbox.seed import SeedError
from bot.sandbox.server import Sandbox
from tests.sandbox.desk import Desk, Json, actions, button, modal, section
from tests.sandbox.exercise import GIF, upload
from tests.sandbox.listener import Listener

ROOT = Path(__file__).resolve().parents[2]
SEED = """
team: {name: St. Anne's, domain: st-annes}
people:
  - {name: ada, real_name: Ada Moreau, email: ada@example.org, tz: Europe/Berlin, locale: de-DE, title: Nurse}
  - {name: guest, is_restricted: true, tz: null}
  - {name: gone, deleted: true}
channels:
  - {name: ward, members: [ada, guest], is_private: true}
usergroups:
  - {handle: nurses, members: [ada]}
"""


async def test_a_seed_in_yaml_becomes_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text(SEED, encoding="utf-8")
    sandbox = await Sandbox.start(seed=tmp_path / "people.yaml")
    world = sandbox.world
    ada, guest, gone = (world.person(name) for name in ("ada", "guest", "gone"))
    assert ada is not None
    assert guest is not None
    assert gone is not None
    assert ada.slack["profile"]["title"] == "Nurse"
    assert (ada.slack["tz"], ada.slack["locale"]) == ("Europe/Berlin", "de-DE")
    assert (guest.slack["tz"], guest.slack["is_restricted"], gone.deleted) == (None, True, True)
    ward = world.conversation("ward")
    assert ward is not None
    assert (ward.kind, list(ward.members)) == ("private_channel", [ada.id, guest.id])
    assert [group.slack["handle"] for group in world.usergroups.values()] == ["nurses"]
    slackbot = world.users["USLACKBOT"]
    assert slackbot.is_bot is False
    await sandbox.stop()


@pytest.mark.parametrize(
    ("seed", "words"),
    [
        ({"people": [{"real_name": "x"}]}, "/people/0 has no name"),
        ({"channels": [{"name": "c", "members": ["nobody"]}]}, "/channels/0/members: nobody is called 'nobody'"),
        ({"usergroups": [{"handle": "g", "members": ["nobody"]}]}, "/usergroups/0/members"),
        ("- a list", "must be a mapping"),
        ("{unfinished", "neither YAML nor JSON"),
    ],
)
async def test_a_seed_that_cannot_be_used_says_why(seed: Any, words: str) -> None:
    with pytest.raises(SeedError, match=words):
        await Sandbox.start(seed=seed)


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ({}, "/display_information/name is missing"),
        ("just text", "must be a mapping"),
        ("{unfinished", "neither YAML nor JSON"),
        (
            {"display_information": {"name": "x"}, "features": {"slash_commands": [{"command": "hello"}]}},
            "/features/slash_commands/0/command must start with a slash",
        ),
    ],
)
def test_a_manifest_that_cannot_be_used_says_why(manifest: Any, words: str) -> None:
    with pytest.raises(ManifestError, match=words):
        read_manifest(manifest)


async def test_the_sandbox_listens_on_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback only"):
        await Sandbox.start(host="0.0.0.0")  # noqa: S104 - that this is refused is the point


async def test_the_same_seed_of_chance_gives_the_same_identifiers() -> None:
    tokens = []
    for _ in range(2):
        sandbox = await Sandbox.start(random_seed=7)
        tokens.append((sandbox.bot.bot_token, sandbox.app.signing_secret, sorted(sandbox.world.users)))
        await sandbox.stop()
    assert tokens[0] == tokens[1]


async def test_an_app_is_installed_from_a_manifest_in_yaml(desk: Desk) -> None:
    manifest = "display_information: {name: From YAML}\noauth_config: {scopes: {bot: [chat:write]}}\n"
    headers = {"Content-Type": "application/yaml"}
    url = f"{desk.sandbox.base_url}/_sandbox/apps?install=true"
    async with desk.http.post(url, data=manifest, headers=headers) as answer:
        made = await answer.json()
    assert (made["name"], made["installations"][0]["scopes"]) == ("From YAML", ["chat:write"])
    assert (await desk.call("auth.test", token=made["bot_token"]))["user"] == "from-yaml"


async def test_a_person_who_cancels_gives_no_code(desk: Desk) -> None:
    query = {"client_id": desk.sandbox.app.client_id, "redirect_uri": "http://127.0.0.1:9/done?x=1", "state": "s"}
    page = f"{desk.sandbox.base_url}/oauth/v2/authorize"
    async with desk.http.post(page, params=query, data={"decision": "deny"}, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "http://127.0.0.1:9/done?x=1&state=s&error=access_denied"


async def test_a_code_works_once_and_only_for_its_app(desk: Desk) -> None:
    app = desk.sandbox.app
    page = f"{desk.sandbox.base_url}/oauth/v2/authorize"
    query = {"client_id": app.client_id, "redirect_uri": "http://127.0.0.1:9/done", "scope": "chat:write,not:declared"}
    form = {"user": desk.id_of("ada"), "decision": "allow"}
    async with desk.http.post(page, params=query, data=form, allow_redirects=False) as answer:
        code = answer.headers["Location"].partition("code=")[2]
    keys: Json = {"client_id": app.client_id, "client_secret": app.client_secret}
    assert (await desk.call("oauth.v2.access", token="", **keys, code="other"))["error"] == "invalid_code"
    wrong = {**keys, "client_secret": "wrong"}
    assert (await desk.call("oauth.v2.access", token="", **wrong, code=code))["error"] == "bad_client_secret"
    granted = await desk.call("oauth.v2.access", token="", **keys, code=code)
    assert (granted["ok"], granted["scope"], granted["token_type"]) == (True, "chat:write", "bot")
    assert (await desk.call("oauth.v2.access", token="", **keys, code=code))["error"] == "invalid_code"


async def test_an_uninstalled_app_hears_of_it_and_its_token_dies(desk: Desk, listener: Listener) -> None:
    token = desk.sandbox.bot.bot_token
    await desk.post(f"apps/{desk.sandbox.app.id}/uninstall")
    await listener.event("tokens_revoked")
    await listener.event("app_uninstalled")
    assert (await desk.call("auth.test", token=token))["error"] == "token_revoked"


async def test_a_saved_state_comes_back_as_it_was(desk: Desk, listener: Listener) -> None:
    direct = await desk.direct_message("ada")
    posted = await desk.call("chat.postMessage", channel=direct, text="kept", blocks=[actions(button("go"))])
    await desk.call("chat.postMessage", channel=direct, text="a reply", thread_ts=posted["ts"])
    file = await upload(desk, "a.gif", GIF, direct)
    await desk.settled()
    await desk.post("commands", user="ada", channel="general", command="/hello")
    await desk.call("views.open", trigger_id=listener.frames[-1]["payload"]["trigger_id"], view=modal(section("x")))
    await desk.call("views.publish", user_id=desk.id_of("ada"), view={"type": "home", "blocks": [section("home")]})
    at = int(desk.sandbox.world.clock.timestamp()) + 60
    await desk.call("chat.scheduleMessage", channel=direct, text="later", post_at=at)
    saved = json.loads(json.dumps(await desk.get("snapshot")))

    other = await Sandbox.start(random_seed=99)
    snapshot.load(other.platform, json.loads(json.dumps(saved)))
    again = json.loads(json.dumps(snapshot.dump(other.world)))
    assert {**again, "now": ""} == {**saved, "now": ""}
    elsewhere = Desk(other, desk.http)
    history = await elsewhere.call("conversations.history", channel=direct)
    assert {"kept"} <= {message["text"] for message in history["messages"]}
    assert other.world.files[file].content == GIF
    await elsewhere.post("clock", advance_seconds=61)
    history = await elsewhere.call("conversations.history", channel=direct)
    assert history["messages"][0]["text"] == "later"
    await other.stop()


async def test_a_state_of_another_version_is_refused(desk: Desk) -> None:
    async with desk.http.put(f"{desk.sandbox.base_url}/_sandbox/snapshot", json={"version": 99}) as answer:
        assert answer.status == 400
        assert "version 99" in (await answer.json())["error"]


async def test_changes_are_told_to_whoever_listens(desk: Desk) -> None:
    async with desk.http.get(f"{desk.sandbox.base_url}/_sandbox/events") as stream:
        assert (await stream.content.readline()) == b": connected\n"
        await stream.content.readline()
        await desk.post("messages", user="ada", channel="general", text="hello")
        change = json.loads((await stream.content.readline()).removeprefix(b"data: "))
    assert change["kind"] == "message"
    assert change["channel"] == desk.channel()


async def test_a_listener_who_goes_away_disturbs_nobody(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    async with desk.http.get(f"{desk.sandbox.base_url}/_sandbox/events") as stream:
        assert (await stream.content.readline()) == b": connected\n"
        stream.close()
    for _ in range(3):
        await desk.post("messages", user="ada", channel="general", text="hello")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("messages", {"user": "nobody", "channel": "general"}, 404, "no user 'nobody'"),
        ("messages", {"user": "ada", "channel": "nowhere"}, 404, "no channel 'nowhere'"),
        ("actions", {"user": "ada", "channel": "general"}, 400, "message_ts is missing"),
        ("actions", {"user": "ada", "channel": "general", "message_ts": "1.1", "action_id": "x"}, 404, "no message"),
        ("views/V0/submit", {"user": "ada"}, 404, "no open view"),
        ("clock", {"advance_seconds": -1}, 400, "advance_seconds"),
        ("clock", {"set": "yesterday"}, 400, "no ISO 8601 instant"),
        ("clock/next", {"at": None}, 400, "follower is missing"),
        ("apps", {"features": {}}, 400, "display_information"),
    ],
)
async def test_what_makes_no_sense_is_answered_with_a_sentence(
    desk: Desk, path: str, body: Json, status: int, words: str
) -> None:
    assert words in (await desk.post(path, status, **body))["error"]


async def _program(*lines: str) -> asyncio.subprocess.Process:
    code = "\n".join(("from pathlib import Path", "from bot.sandbox.command import run", *lines))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_the_program_prints_how_to_connect_keeps_its_state_and_ends_at_a_signal(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    process = await _program(f"raise SystemExit(run(state=Path({str(state)!r}), faults=['reply_lost']))")
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode() for _ in range(9)]
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert "http://127.0.0.1:" in lines[0]
    assert any("xoxb-" in line for line in lines)
    assert any("xapp-" in line for line in lines)
    assert json.loads(state.read_text(encoding="utf-8"))["version"] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("manifest=Path('nowhere.yaml')", "Cannot read nowhere.yaml"),
        ("faults=['earthquake']", "There is no fault called 'earthquake'"),
    ],
)
async def test_a_program_that_cannot_start_says_so_in_one_sentence(arguments: str, words: str) -> None:
    process = await _program(f"raise SystemExit(run({arguments}))")
    _out, error = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert words in error.decode()
    assert len(error.decode().strip().splitlines()) == 1


async def test_a_port_that_is_taken_is_named_and_its_owner_left_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await _program(f"raise SystemExit(run(port={port}))")
        _out, error = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert f"Port {port} is taken" in error.decode()
