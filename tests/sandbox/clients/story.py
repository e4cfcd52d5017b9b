"""The story every client must live through: the same acts of people, whatever the app is written in.

The app under test installs itself with a code from the authorise page, then answers `/hello` with a modal, `/count`
with the number of people, `/upload` with a picture; repeats messages and corrects itself; shows a Home tab.
"""

import asyncio
from typing import Any

from bot.sandbox.limits import Limits
from bot.sandbox.manifest import DEFAULT_MANIFEST, uses_socket_mode
from bot.sandbox.server import Sandbox
from tests.sandbox.desk import Desk, Json, field_block, modal

PEOPLE = 1_005
SEED: Json = {
    "team": {"name": "Clients", "domain": "clients"},
    "people": [{"name": f"person-{number}", "email": f"{number}@clients.example"} for number in range(PEOPLE)],
    "channels": [{"name": "general", "members": ["person-0", "person-1"]}],
}
COMMANDS = ("/hello", "/count", "/upload")
FORM = modal(field_block())
HOME: Json = {"type": "home", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "At home"}}]}
PERSON = "person-0"


def manifest() -> Json:
    commands = [{"command": name, "description": name} for name in COMMANDS]
    features = {**DEFAULT_MANIFEST["features"], "slash_commands": commands}
    return {**DEFAULT_MANIFEST, "features": features}


async def authorise(desk: Desk) -> str:
    """A person presses Allow; the answer is the code the app will exchange."""
    query = {"client_id": desk.sandbox.app.client_id, "redirect_uri": "http://127.0.0.1:9/done", "state": "s"}
    page = f"{desk.sandbox.base_url}/oauth/v2/authorize"
    async with desk.http.get(page, params=query) as shown:
        assert desk.sandbox.app.name in await shown.text()
    form = {"user": desk.id_of(PERSON), "decision": "allow"}
    async with desk.http.post(page, params=query, data=form, allow_redirects=False) as answer:
        location = answer.headers["Location"]
    assert "state=s" in location
    return location.partition("code=")[2]


async def live_through(desk: Desk) -> None:
    """All acts, once the app is connected."""
    direct = await desk.direct_message(PERSON)
    await _a_message_is_repeated_and_corrected(desk, direct)
    await _a_form_is_refused_and_then_taken(desk)
    await _the_home_tab_is_shown(desk)
    await _all_people_are_counted(desk, direct)
    await _a_picture_arrives(desk, direct)
    await desk.post("faults", fault="disconnect")
    await _a_command_works_again(desk)


async def _a_command_works_again(desk: Desk) -> None:
    """Once it has reconnected: some clients take five seconds before they try."""
    app = desk.sandbox.app
    if uses_socket_mode(app.manifest):
        assert await desk.sandbox.platform.hub.wait_for_connection(app.id, 20) is not None
    assert (await desk.post("commands", user=PERSON, channel="general", command="/hello"))["acked"]


async def _a_message_is_repeated_and_corrected(desk: Desk, direct: str) -> None:
    await desk.post("messages", user=PERSON, channel=direct, text="good morning")
    await _text_in(desk, direct, "you said: good morning")


async def _a_form_is_refused_and_then_taken(desk: Desk) -> None:
    outcome = await desk.post("commands", user=PERSON, channel="general", command="/hello")
    assert outcome["acked"]
    view = (await _until(desk, f"views?user={PERSON}", lambda shown: shown["views"]))[0]
    refused = await desk.post(f"views/{view['id']}/submit", user=PERSON, values={"b": {"a": "bad"}})
    assert refused["response"] == {"response_action": "errors", "errors": {"b": "not this"}}
    assert (await desk.get(f"views?user={PERSON}"))["views"][0]["errors"] == {"b": "not this"}
    taken = await desk.post(f"views/{view['id']}/submit", user=PERSON, values={"b": {"a": "good"}})
    assert taken["acked"]
    assert (await desk.get(f"views?user={PERSON}"))["views"] == []


async def _the_home_tab_is_shown(desk: Desk) -> None:
    await desk.post(f"home/{PERSON}/open")
    view = await _until(desk, f"home/{PERSON}", lambda shown: shown["view"])
    assert view["blocks"][0]["text"]["text"] == "At home"


async def _all_people_are_counted(desk: Desk, direct: str) -> None:
    outcome = await desk.post("commands", user=PERSON, channel="general", command="/count")
    assert outcome["acked"]
    await _text_in(desk, direct, f"{len(desk.sandbox.world.users)} people")


async def _a_picture_arrives(desk: Desk, direct: str) -> None:
    assert (await desk.post("commands", user=PERSON, channel="general", command="/upload"))["acked"]

    def picture(shown: Json) -> Any:
        return [file for message in shown["messages"] for file in message.get("files", [])]

    file = (await _until(desk, f"channels/{direct}/messages", picture))[0]
    assert file["title"] == "A picture"
    async with desk.http.get(f"{desk.sandbox.base_url}/_sandbox/files/{file['id']}") as answer:
        assert (await answer.read()).startswith(b"GIF")


async def _text_in(desk: Desk, channel: str, text: str) -> None:
    def said(shown: Json) -> bool:
        return any(message["text"] == text for message in shown["messages"])

    await _until(desk, f"channels/{channel}/messages", said)


async def _until(desk: Desk, path: str, wanted: Any, seconds: float = 10) -> Any:
    """Ask again at every change until the answer is wanted: the app works in the background."""
    async with asyncio.timeout(seconds), desk.sandbox.world.feed.listen() as changes:
        while not (found := wanted(await desk.get(path))):
            await changes.get()
        return found


async def start() -> Sandbox:
    return await Sandbox.start(seed=SEED, manifest=manifest(), limits=Limits(enabled=False))
