"""One thing that a person did in Slack, and the ways to answer them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.core.errors import RcPulseError
from bot.slack import errors
from bot.slack.blocks.kit import Block, Rendered, section
from bot.slack.desk import Desk
from bot.slack.explain import explain
from bot.slack.words import Words

log = logging.getLogger(__name__)


@dataclass
class Turn:
    """``body`` is Slack's payload: read for ids and form values, never logged."""

    desk: Desk
    user: str
    body: Mapping[str, Any]
    words: Words
    ack: AsyncAck

    @property
    def action(self) -> Mapping[str, Any]:
        action: Mapping[str, Any] = self.body["actions"][0]
        return action

    @property
    def view(self) -> Mapping[str, Any] | None:
        """The modal that this came from, if it came from one."""
        view: Mapping[str, Any] | None = self.body.get("view")
        return view if view and view.get("type") == "modal" else None

    async def tell(self, text: str, blocks: list[Block] | None = None) -> None:
        """Answer privately, where the person is looking: in place, or else in their direct messages."""
        message = Rendered(text, blocks or [section(text)])
        if not await self._answer({"response_type": "ephemeral", "replace_original": False, **_content(message)}):
            await self.post(message)

    async def replace(self, message: Rendered) -> None:
        """Let the message that was clicked show something else."""
        if await self._answer({"replace_original": True, **_content(message)}):
            return
        container = self.body.get("container") or {}
        if container.get("type") != "message" or container.get("is_ephemeral"):
            await self.post(message)
            return
        # The address of the click is spent or gone; the message itself can still be reached.
        channel, ts = container["channel_id"], container["message_ts"]
        try:
            await self.desk.client.chat_update(channel=channel, ts=ts, text=message.text, blocks=message.blocks)
        except errors.TROUBLE as error:
            log.warning("message.not_replaced channel=%s reason=%s", channel, errors.problem(error, sends=False).reason)

    async def post(self, message: Rendered) -> str:
        """A new direct message to the person; returns the channel. Raises SlackProblem."""
        channel = await self.desk.messenger.open_dm(self.user)
        try:
            await self.desk.client.chat_postMessage(channel=channel, text=message.text, blocks=message.blocks)
        except errors.TROUBLE as error:
            raise errors.problem(error, sends=True) from error
        return channel

    async def open(self, view: dict[str, Any]) -> Mapping[str, Any]:
        """Open a modal; returns it as Slack has it. A trigger lives for three seconds. Raises SlackProblem."""
        try:
            answer = await self.desk.client.views_open(trigger_id=self.body["trigger_id"], view=view)
        except errors.TROUBLE as error:
            raise errors.problem(error, sends=False) from error
        opened: Mapping[str, Any] = answer["view"]
        return opened

    async def fill(self, loading: dict[str, Any], view: Awaitable[dict[str, Any]]) -> None:
        """Open a light form within the trigger's three seconds, then show the real one, or why there is none."""
        opened = await self.open(loading)
        try:
            shown = await view
        except RcPulseError as problem:
            shown = {**loading, "blocks": [section(explain(problem, self.words))]}
        await self.redraw(opened, shown)

    async def redraw(self, opened: Mapping[str, Any], view: dict[str, Any]) -> None:
        """Change an open modal, unless something newer has changed it or it was closed. Raises SlackProblem."""
        try:
            await self.desk.client.views_update(view_id=opened["id"], hash=opened["hash"], view=view)
        except errors.TROUBLE as error:
            found = errors.problem(error, sends=False)
            if found.reason not in {"hash_conflict", "not_found", "view_not_found"}:
                raise found from error

    async def _answer(self, message: dict[str, Any]) -> bool:
        """Post to the click's own address, which is new with each click and outside every tier."""
        address = self.body.get("response_url")
        if not address:
            return False
        try:
            async with self.desk.session.post(address, json=message) as answer:
                return answer.ok
        except (aiohttp.ClientError, TimeoutError):
            return False


def user_of(body: Mapping[str, Any]) -> str:
    """Whose turn it is, in each of Slack's shapes; empty for events without a person."""
    if "user_id" in body:
        return str(body["user_id"])
    user = body.get("user") or (body.get("event") or {}).get("user") or ""
    return str(user["id"] if isinstance(user, dict) else user)


def _content(message: Rendered) -> dict[str, Any]:
    return {"text": message.text, "blocks": message.blocks}
