"""Rate limits as Slack sets them, on the sandbox's clock."""

from tests.sandbox.desk import Desk


async def test_a_channel_takes_one_message_a_second(desk: Desk) -> None:
    await desk.patch("limits", enabled=True)
    direct = await desk.direct_message("ada")
    assert (await desk.call("chat.postMessage", channel=direct, text="one"))["ok"]
    assert (await desk.call("chat.postMessage", channel=direct, text="two"))["error"] == "ratelimited"
    other = await desk.direct_message("ben")
    assert (await desk.call("chat.postMessage", channel=other, text="elsewhere"))["ok"]
    await desk.post("clock", advance_seconds=1)
    assert (await desk.call("chat.postMessage", channel=direct, text="two"))["ok"]


async def test_a_tier_refuses_the_call_that_is_one_too_many_and_says_when_to_come_back(desk: Desk) -> None:
    await desk.patch("limits", enabled=True)
    answers = [await desk.call("users.list", limit=1) for _ in range(21)]
    assert [answer["ok"] for answer in answers] == [True] * 20 + [False]
    headers = {"Authorization": f"Bearer {desk.sandbox.bot.bot_token}"}
    async with desk.http.post(f"{desk.sandbox.api_url}users.list", headers=headers) as answer:
        wait = int(answer.headers["Retry-After"])
    assert 1 <= wait <= 60
    await desk.post("clock", advance_seconds=wait)
    assert (await desk.call("users.list", limit=1))["ok"]


async def test_a_workspace_has_a_ceiling_for_posting_that_the_app_is_not_told(desk: Desk) -> None:
    await desk.patch("limits", enabled=True, workspace_posts=3, channel_burst=100)
    direct = await desk.direct_message("ada")
    answers = [await desk.call("chat.postMessage", channel=direct, text="x") for _ in range(4)]
    assert [answer["ok"] for answer in answers] == [True, True, True, False]


async def test_setting_the_clock_back_never_locks_a_channel_for_long(desk: Desk) -> None:
    await desk.patch("limits", enabled=True)
    direct = await desk.direct_message("ada")
    assert (await desk.call("chat.postMessage", channel=direct, text="one"))["ok"]
    await desk.post("clock", set="2020-01-01T00:00:00+00:00")
    assert (await desk.call("chat.postMessage", channel=direct, text="two"))["ok"]


async def test_an_unknown_limit_is_refused(desk: Desk) -> None:
    assert "no limit called" in (await desk.patch("limits", status=400, patience=1))["error"]
