from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.content import Content
from bot.core.messages import FollowUp
from bot.sandbox.server import Sandbox
from bot.services.ports import Disconnected, Refused, SlowDown, TryLater, Unconfirmed
from bot.slack.messenger import SlackMessenger
from tests.cast import MONDAY

NOTE = FollowUp(7, "Ward 3", "A call at two", "", date(2026, 3, 2), "on_the_day")
METADATA = {"kind": "follow_up", "delivery": "abc123"}


@pytest.fixture
def messenger(client: AsyncWebClient, content: Content) -> SlackMessenger:
    return SlackMessenger(client, content)


@pytest.fixture
def fault(sandbox: Sandbox) -> Callable[..., object]:
    return lambda **rule: sandbox.platform.faults.add(rule)


async def test_a_message_arrives_once_with_its_metadata(messenger: SlackMessenger, client: AsyncWebClient) -> None:
    channel = await messenger.open_dm("UNUR0")
    sent = await messenger.send(channel, NOTE, METADATA)
    (message,) = (await client.conversations_history(channel=channel, include_all_metadata=True))["messages"]

    assert message["ts"] == sent.ts
    assert message["metadata"] == {"event_type": "rc_pulse", "event_payload": METADATA}
    assert message["text"]


async def test_a_lost_reply_is_unconfirmed_never_repeated_and_found_by_its_delivery(
    messenger: SlackMessenger, client: AsyncWebClient, fault: Callable[..., object]
) -> None:
    channel = await messenger.open_dm("UNUR0")
    fault(fault="reply_lost", method="chat.postMessage")
    with pytest.raises(Unconfirmed):
        await messenger.send(channel, NOTE, METADATA)

    found = await messenger.find(channel, "abc123", MONDAY)
    (message,) = (await client.conversations_history(channel=channel))["messages"]
    assert found is not None
    assert found.ts == message["ts"]


async def test_what_was_never_sent_is_not_found(messenger: SlackMessenger) -> None:
    channel = await messenger.open_dm("UNUR0")
    await messenger.send(channel, NOTE, METADATA)

    assert await messenger.find(channel, "another", MONDAY) is None


async def test_a_message_is_found_on_a_later_page(messenger: SlackMessenger, client: AsyncWebClient) -> None:
    channel = await messenger.open_dm("UNUR0")
    first = await messenger.send(channel, NOTE, METADATA)
    for _ in range(230):
        await client.chat_postMessage(channel=channel, text="later")

    assert await messenger.find(channel, "abc123", MONDAY) == first


async def test_too_slow_a_reply_counts_as_lost(messenger: SlackMessenger, fault: Callable[..., object]) -> None:
    channel = await messenger.open_dm("UNUR0")
    fault(fault="slow_reply", method="chat.postMessage", seconds=4)

    with pytest.raises(Unconfirmed):
        await messenger.send(channel, NOTE, METADATA)


async def test_a_limit_says_how_long_to_wait(messenger: SlackMessenger, fault: Callable[..., object]) -> None:
    channel = await messenger.open_dm("UNUR0")
    fault(fault="ratelimited", method="chat.postMessage", retry_after=17)
    with pytest.raises(SlowDown) as slow:
        await messenger.send(channel, NOTE, METADATA)

    assert slow.value.seconds == 17


async def test_a_server_error_may_have_been_accepted_when_posting_and_not_when_opening(
    messenger: SlackMessenger, fault: Callable[..., object]
) -> None:
    channel = await messenger.open_dm("UNUR0")
    fault(fault="http_503", times=2)
    with pytest.raises(Unconfirmed):
        await messenger.send(channel, NOTE, METADATA)
    with pytest.raises(TryLater):
        await messenger.open_dm("UNUR1")


async def test_a_revoked_token_is_a_disconnected_workspace(
    messenger: SlackMessenger, fault: Callable[..., object]
) -> None:
    fault(fault="token_revoked", method="conversations.open")
    with pytest.raises(Disconnected):
        await messenger.open_dm("UNUR0")


async def test_nobody_and_nowhere_are_refused_for_good(messenger: SlackMessenger) -> None:
    with pytest.raises(Refused):
        await messenger.open_dm("UNOBODY")
    with pytest.raises(Refused):
        await messenger.send("C404", NOTE, METADATA)


async def test_a_message_is_repaired_in_its_place(messenger: SlackMessenger, client: AsyncWebClient) -> None:
    channel = await messenger.open_dm("UNUR0")
    sent = await messenger.send(channel, NOTE, METADATA)
    await messenger.update(channel, sent.ts, FollowUp(7, "Ward 3", "Another call", "", date(2026, 3, 2), "day_before"))
    (message,) = (await client.conversations_history(channel=channel))["messages"]

    assert "Another call" in str(message["blocks"])


async def test_nothing_of_slack_is_found_before_it_was_sent(messenger: SlackMessenger) -> None:
    channel = await messenger.open_dm("UNUR0")
    await messenger.send(channel, NOTE, METADATA)

    assert await messenger.find(channel, "abc123", datetime.now(UTC) + timedelta(days=4000)) is None
