"""One workspace's Slack, as far as sending goes: the ``Messenger`` that the outbox uses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.content import Content
from bot.core.messages import Message
from bot.services.ports import Sent
from bot.slack import errors
from bot.slack.blocks.render import render
from bot.slack.words import Words

EVENT_TYPE = "rc_pulse"
PAGE = 200
LEEWAY_SECONDS = 300.0
"""Slack's clock and ours may differ: a lookup begins this much earlier."""


class SlackMessenger:
    """Posts once and says truthfully what is known of it. Nothing is repeated in here: the outbox decides."""

    def __init__(self, client: AsyncWebClient, content: Content) -> None:
        self._client = client
        self._content = content

    async def open_dm(self, slack_user: str) -> str:
        try:
            answer = await self._client.conversations_open(users=slack_user)
        except errors.TROUBLE as error:
            raise errors.problem(error, sends=False) from error
        return str(answer["channel"]["id"])

    async def send(self, channel: str, message: Message, metadata: Mapping[str, Any], *, language: str = "en") -> Sent:
        rendered = render(message, Words(self._content, language))
        try:
            answer = await self._client.chat_postMessage(
                channel=channel,
                text=rendered.text,
                blocks=rendered.blocks,
                metadata={"event_type": EVENT_TYPE, "event_payload": dict(metadata)},
                unfurl_links=False,
                unfurl_media=False,
            )
        except errors.TROUBLE as error:
            raise errors.problem(error, sends=True) from error
        return Sent(str(answer["channel"]), str(answer["ts"]))

    async def update(self, channel: str, ts: str, message: Message, *, language: str = "en") -> None:
        rendered = render(message, Words(self._content, language))
        try:
            await self._client.chat_update(channel=channel, ts=ts, text=rendered.text, blocks=rendered.blocks)
        except errors.TROUBLE as error:
            raise errors.problem(error, sends=False) from error

    async def find(self, channel: str, delivery: str, since: datetime) -> Sent | None:
        oldest = f"{since.timestamp() - LEEWAY_SECONDS:.6f}"
        cursor: str | None = None
        while True:
            try:
                answer = await self._client.conversations_history(
                    channel=channel, oldest=oldest, limit=PAGE, cursor=cursor, include_all_metadata=True
                )
            except errors.TROUBLE as error:
                raise errors.problem(error, sends=False) from error
            for message in answer["messages"]:
                if _delivery_of(message) == delivery:
                    return Sent(channel, str(message["ts"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None


def _delivery_of(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    delivery = (metadata.get("event_payload") or {}).get("delivery")
    return None if delivery is None else str(delivery)
