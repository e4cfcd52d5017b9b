"""Faults strike what they name, as often as they say, the same way for the same seed, and leave a trace."""

import aiohttp
import pytest

from bot.sandbox.errors import ControlError
from bot.sandbox.faults import Faults
from bot.sandbox.feed import Feed
from tests.sandbox.desk import Desk, section
from tests.sandbox.exercise import GIF, upload
from tests.sandbox.listener import Listener


def struck(rule: dict[str, object], calls: int = 10, method: str = "chat.postMessage") -> list[int]:
    faults = Faults(Feed())
    faults.add(rule)
    name = str(rule["fault"])
    return [number for number in range(1, calls + 1) if faults.strike(method, (name,)) is not None]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"fault": "reply_lost"}, [1]),
        ({"fault": "reply_lost", "times": 3}, [1, 2, 3]),
        ({"fault": "reply_lost", "nth": 4}, [4]),
        ({"fault": "reply_lost", "nth": 4, "times": 2}, [4, 5]),
        ({"fault": "reply_lost", "method": "chat.postMessage"}, [1]),
        ({"fault": "reply_lost", "method": "chat.update"}, []),
        ({"fault": "reply_lost", "probability": 1.0}, list(range(1, 11))),
        ({"fault": "reply_lost", "probability": 0.0}, []),
        ({"fault": "reply_lost", "probability": 1.0, "times": 2}, [1, 2]),
    ],
)
def test_a_fault_strikes_the_calls_it_names(rule: dict[str, object], expected: list[int]) -> None:
    assert struck(rule) == expected


def test_chance_is_reproducible_from_its_seed() -> None:
    rule = {"fault": "http_500", "probability": 0.5, "seed": 7}
    faults = [Faults(Feed()), Faults(Feed())]
    for one in faults:
        one.add(rule)
    first, second = ([one.strike("x", ("http_5xx",)) is not None for _ in range(50)] for one in faults)
    assert first == second
    assert 5 < sum(first) < 45


@pytest.mark.parametrize("rule", [{"fault": "earthquake"}, {"fault": "http_404"}, {"fault": "reply_lost", "often": 1}])
def test_a_fault_that_does_not_exist_is_refused_with_a_sentence(rule: dict[str, object]) -> None:
    with pytest.raises(ControlError, match=r"(There is no fault called|A fault has no)"):
        Faults(Feed()).add(rule)


async def test_a_lost_reply_posts_the_message_and_the_journal_keeps_its_ts(desk: Desk) -> None:
    direct = await desk.direct_message("ada")
    await desk.post("faults", fault="reply_lost", method="chat.postMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await desk.call("chat.postMessage", channel=direct, text="lost and found")
    entry = (await desk.get("journal?method=chat.postMessage"))["journal"][-1]
    shown = (await desk.get(f"channels/{direct}/messages"))["messages"]
    assert entry["fault"] == "reply_lost"
    assert [message["ts"] for message in shown] == [entry["response"]["ts"]]


async def test_a_lost_request_does_nothing(desk: Desk) -> None:
    direct = await desk.direct_message("ada")
    await desk.post("faults", fault="request_lost", method="chat.postMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await desk.call("chat.postMessage", channel=direct, text="never")
    assert (await desk.get(f"channels/{direct}/messages"))["messages"] == []


async def test_a_429_says_how_long_to_wait_and_a_500_is_one(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.sandbox.bot.bot_token}"}
    await desk.post("faults", fault="ratelimited", method="auth.test", retry_after=17)
    async with desk.http.post(f"{desk.sandbox.api_url}auth.test", headers=headers) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "17")
        assert await answer.json() == {"ok": False, "error": "ratelimited"}
    await desk.post("faults", fault="http_503")
    async with desk.http.post(f"{desk.sandbox.api_url}auth.test", headers=headers) as answer:
        assert answer.status == 503
    assert (await desk.call("auth.test"))["ok"]


async def test_clearing_ends_every_fault(desk: Desk) -> None:
    await desk.post("faults", fault="http_500", probability=1.0)
    assert not (await desk.call("auth.test"))["ok"]
    assert await desk.post("faults", clear=True) == {"ok": True, "faults": []}
    assert (await desk.call("auth.test"))["ok"]


async def test_a_missing_scope_says_what_is_needed_and_provided(desk: Desk) -> None:
    await desk.post("faults", fault="missing_scope", method="users.info")
    refused = await desk.call("users.info", user=desk.id_of("ada"))
    assert (refused["error"], refused["needed"]) == ("missing_scope", "users:read")
    assert "chat:write" in refused["provided"]


async def test_a_revoked_token_stays_dead_where_the_fault_has_no_end(desk: Desk) -> None:
    await desk.post("faults", fault="token_revoked", method="auth.test", probability=1.0)
    assert (await desk.call("auth.test"))["error"] == "token_revoked"
    await desk.post("faults", clear=True)
    assert (await desk.call("users.list"))["error"] == "token_revoked"


async def test_a_deactivated_user_still_takes_messages(desk: Desk) -> None:
    await desk.post("faults", fault="user_deactivated", user="ada")
    assert (await desk.call("users.info", user=desk.id_of("ada")))["user"]["deleted"] is True
    assert (await desk.call("chat.postMessage", channel=desk.id_of("ada"), text="hello"))["ok"]


async def test_uploads_can_stay_unshared_and_blocks_can_be_refused(desk: Desk) -> None:
    direct = await desk.direct_message("ada")
    await desk.post("faults", fault="share_dropped", method="files.completeUploadExternal")
    file = await upload(desk, "a.gif", GIF, direct)
    await desk.settled()
    assert (await desk.call("files.info", file=file))["file"]["shares"] == {}
    block = {"type": "image", "alt_text": "x", "slack_file": {"id": file}}
    refused = await desk.call("chat.postMessage", channel=direct, text="x", blocks=[block])
    assert refused["error"] == "invalid_blocks"
    assert "/blocks/0/slack_file" in refused["response_metadata"]["messages"][0]


async def test_a_chart_that_is_right_can_be_refused_while_it_is_rolled_out(desk: Desk) -> None:
    direct = await desk.direct_message("ada")
    chart = {"type": "pie", "segments": [{"label": "one", "value": 1}]}
    blocks = [{"type": "data_visualization", "title": "A chart", "chart": chart}]
    await desk.post("faults", fault="chart_refused", method="chat.postMessage")
    refused = await desk.call("chat.postMessage", channel=direct, text="x", blocks=blocks)
    assert refused["error"] == "invalid_blocks"
    assert (await desk.call("chat.postMessage", channel=direct, text="x", blocks=blocks))["ok"]


async def test_an_event_can_come_again_and_under_another_id(desk: Desk, listener: Listener) -> None:
    direct = await desk.direct_message("ada")
    await desk.post("faults", fault="redelivery", method="message")
    await desk.post("faults", fault="duplicate", method="message", nth=1)
    await desk.post("messages", user="ada", channel=direct, text="once")
    await desk.settled()
    told = [frame for frame in listener.frames if frame["type"] == "events_api"]
    assert sorted(frame["retry_attempt"] for frame in told) == [0, 0, 1]
    assert len({frame["payload"]["event_id"] for frame in told}) == 2
    assert len({frame["payload"]["event"]["ts"] for frame in told}) == 1


async def test_events_can_arrive_in_the_wrong_order(desk: Desk, listener: Listener) -> None:
    direct = await desk.direct_message("ada")
    await desk.post("faults", fault="reorder", method="message")
    for text in ("first", "second"):
        await desk.post("messages", user="ada", channel=direct, text=text)
    await desk.settled()
    told = [frame["payload"]["event"]["text"] for frame in listener.frames if frame["type"] == "events_api"]
    assert told == ["second", "first"]


async def test_a_dropped_socket_is_dropped_at_once(desk: Desk, listener: Listener) -> None:
    await desk.post("faults", fault="socket_drop")
    async with desk.sandbox.world.feed.listen():
        message = await listener.socket.receive() if listener.socket.closed else None
    assert message is None or message.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING}
    assert (await desk.get("journal?kind=fault"))["journal"][-1]["fault"] == "socket_drop"


async def test_a_disconnect_frame_names_its_reason(desk: Desk, listener: Listener) -> None:
    await desk.post("faults", fault="disconnect", reason="warning")
    frame = await listener.wait_for(lambda one: one["type"] == "disconnect")
    assert frame["reason"] == "warning"
    assert (await desk.post("commands", user="ada", channel="general", command="/hello"))["acked"]


async def test_a_slow_reply_is_late_but_right(desk: Desk) -> None:
    await desk.post("faults", fault="slow_reply", method="chat.postMessage", seconds=0.05)
    posted = await desk.call("chat.postMessage", channel=desk.id_of("ada"), text="x", blocks=[section("x")])
    assert posted["ok"]
    assert (await desk.get("journal?method=chat.postMessage"))["journal"][-1]["fault"] == "slow_reply"


async def test_a_clock_jump_moves_the_clock(desk: Desk) -> None:
    before = desk.sandbox.world.clock.now()
    await desk.post("faults", fault="clock_jump", seconds=86_400)
    assert (desk.sandbox.world.clock.now() - before).total_seconds() >= 86_400
