from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.ui.routes import add_routes
from tests.sandbox.ui.rooms import QUESTION, Ward, ward

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def here() -> Ward:
    return ward()


@pytest.fixture
async def client(here: Ward) -> AsyncIterator[Client]:
    application = web.Application()
    add_routes(application, here.world)
    async with TestClient(TestServer(application)) as opened:
        yield opened


async def test_the_front_door_leads_to_the_first_person_and_their_conversation_with_the_app(client: Client) -> None:
    answer = await client.get("/", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, "/as/UNIA/DNIA")


async def test_a_person_is_named_by_id_or_by_name(client: Client) -> None:
    assert (await client.get("/as/nia")).url.path == "/as/UNIA/DNIA"
    assert (await client.get("/as/ada")).url.path.startswith("/as/UADA/home-")
    assert (await client.get("/as/nobody")).status == 404


async def test_a_page_shows_the_conversation_and_forbids_foreign_scripts(client: Client, here: Ward) -> None:
    here.say(here.room, "UTOM", "<script>alert(1)</script> hello")
    answer = await client.get("/as/nia/ward-3")
    text = await answer.text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; hello" in text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_a_direct_message_is_not_shown_to_somebody_else(client: Client, here: Ward) -> None:
    here.say(here.talk, here.bot.bot_user_id, "Only for Nia", blocks=QUESTION)
    assert "How often do" in await (await client.get("/as/nia/DNIA")).text()
    text = await (await client.get("/as/tomas/DNIA")).text()
    assert "How often do" not in text
    assert "not yours" in text


async def test_parts_are_given_by_name_and_unknown_ones_left_out(client: Client, here: Ward) -> None:
    here.say(here.room, "UTOM", "Morning")
    query = {"user": "UNIA", "place": "CWARD", "names": "main,sidebar,nonsense"}
    parts = await (await client.get("/_sandbox/ui/parts", params=query)).json()
    assert parts.keys() == {"main", "sidebar"}
    assert "Morning" in parts["main"]


async def test_looking_marks_as_read_only_when_the_page_says_it_is_seen(client: Client, here: Ward) -> None:
    bar = {"user": "UNIA", "place": "CQUIET", "names": "sidebar"}
    await client.get("/_sandbox/ui/parts", params=bar)
    here.say(here.room, "UTOM", "Morning")
    looking = {"user": "UNIA", "place": "CWARD", "names": "main"}
    await client.get("/_sandbox/ui/parts", params=looking)
    assert "unread" in (await (await client.get("/_sandbox/ui/parts", params=bar)).json())["sidebar"]
    await client.get("/_sandbox/ui/parts", params={**looking, "seen": "1"})
    assert "unread" not in (await (await client.get("/_sandbox/ui/parts", params=bar)).json())["sidebar"]


async def test_a_notice_is_set_shown_announced_and_taken_away(client: Client, here: Ward) -> None:
    async with here.world.feed.listen() as changes:
        answer = await client.post("/_sandbox/notice", json={"text": "Playing history", "progress": 0.25})
        assert answer.status == 200
        assert (await changes.get())["kind"] == "notice"
    assert 'value="0.25"' in await (await client.get("/as/nia/ward-3")).text()
    await client.post("/_sandbox/notice", json={"text": "", "progress": None})
    assert await (await client.get("/_sandbox/notice")).json() == {"text": "", "progress": None}
    assert "<progress" not in await (await client.get("/as/nia/ward-3")).text()


async def test_a_guides_steps_lead_to_the_person_the_place_and_the_command(client: Client) -> None:
    steps = [
        {"text": "Answer the pulse", "user": "nia"},
        {"text": "Look", "user": "ada", "channel": "ward-3", "command": "/rc-report"},
        {"text": "See your Home tab", "user": "nia", "channel": "home"},
        {"text": "Breathe"},
    ]
    assert (await client.post("/_sandbox/guide", json={"title": "Try", "steps": steps})).status == 200
    text = await (await client.get("/as/nia/ward-3")).text()
    for address in ("/as/UNIA/DNIA", "/as/UADA/CWARD?draft=%2Frc-report", "/as/UNIA/home"):
        assert f'href="{address}"' in text
    assert "As Ada Moreau, Team lead" in text


@pytest.mark.parametrize("path", ["/_sandbox/notice", "/_sandbox/guide"])
@pytest.mark.parametrize("body", ["nonsense", "[1]", "{}"])
async def test_what_cannot_be_shown_is_refused_with_a_sentence(client: Client, path: str, body: str) -> None:
    answer = await client.post(path, data=body)
    assert answer.status == 400
    assert (await answer.json())["error"].endswith(".")


async def test_the_draft_stands_in_the_composer(client: Client) -> None:
    text = await (await client.get("/as/nia/ward-3", params={"draft": "/rc-report </textarea><b>"})).text()
    assert "/rc-report &lt;/textarea&gt;&lt;b&gt;</textarea>" in text


async def test_a_file_chosen_in_a_form_is_kept_for_the_submission(client: Client, here: Ward) -> None:
    answer = await client.post("/_sandbox/ui/files", params={"user": "nia", "name": "plan.txt"}, data=b"bed 4")
    file = (await answer.json())["file"]
    assert (file["name"], file["size"], file["user"]) == ("plan.txt", 5, "UNIA")
    assert here.world.files[file["id"]].content == b"bed 4"
    assert (await client.post("/_sandbox/ui/files", params={"user": "nobody"}, data=b"x")).status == 404


async def test_a_draft_for_a_home_tab_goes_to_the_conversation_with_the_app(client: Client, here: Ward) -> None:
    answer = await client.get("/as/ada/home", params={"draft": "/rc-report"})
    talk = here.world.im_between("UADA", here.bot.bot_user_id)
    assert talk is not None
    assert answer.url.path == f"/as/UADA/{talk.id}"
    assert "/rc-report</textarea>" in await answer.text()


async def test_the_home_tab_of_an_app_that_is_not_here_is_nowhere(client: Client) -> None:
    assert "does not exist" in await (await client.get("/as/nia/home-ANOBODY")).text()


@pytest.mark.parametrize("name", ["style.css", "app.js", "theme.js", "icon.svg"])
async def test_static_files_are_served(client: Client, name: str) -> None:
    assert (await client.get(f"/_sandbox/static/{name}")).status == 200


async def test_the_gallery_shows_every_block(client: Client) -> None:
    text = await (await client.get("/_sandbox/gallery")).text()
    assert "Carousel" in text
    assert "Pie chart" in text
